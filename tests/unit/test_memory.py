"""The fakes keep the promises of the ports that they stand in for."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from scheduler.adapters.memory import MemoryBusy, MemoryCalendar, MemoryClock, MemoryMailer, MemoryTicker
from scheduler.domain.errors import Conflict, Refused, Unavailable, Uncertain
from scheduler.domain.event import Event
from scheduler.domain.freebusy import span_of
from scheduler.ports import BusySource, Calendar, Clock, Envelope, Mailer, Ticker
from tests.build import at, read

NOON = at("2026-11-23 12:00")
HOUR = timedelta(hours=1)
MAIL = Envelope("k1", "sam", "rituals@example.org", "sam@example.org", b"Subject: Hello\r\n\r\n")


def make_event(uid: str = "uid0", hour: int = 0) -> Event:
    starts_at = NOON + hour * HOUR
    return Event(uid, 0, "Coffee", "", starts_at, starts_at + HOUR, NOON)


def test_every_fake_fulfils_its_port() -> None:
    fakes: tuple[Clock, Mailer, Calendar, BusySource, Ticker] = (
        MemoryClock(NOON),
        MemoryMailer(),
        MemoryCalendar(),
        MemoryBusy(),
        MemoryTicker(),
    )
    assert len(fakes) == 5  # the claim is the annotation: mypy holds it


def test_the_clock_stands_until_it_is_moved() -> None:
    clock = MemoryClock(NOON)
    clock.advance(HOUR)
    assert clock.now() == NOON + HOUR
    clock.set(NOON)
    assert clock.now() == NOON


def test_the_clock_takes_no_naive_time() -> None:
    with pytest.raises(ValueError, match="naive"):
        MemoryClock(datetime(2026, 11, 23))  # noqa: DTZ001


def test_the_mailer_keeps_the_exact_mail() -> None:
    mailer = MemoryMailer()
    assert mailer.send(MAIL).startswith("250")
    assert mailer.sent == [MAIL]


@pytest.mark.parametrize(("error", "copies"), [(Refused("no"), 0), (Unavailable("later"), 0), (Uncertain("cut"), 1)])
def test_only_an_uncertain_mail_was_taken(error: Exception, copies: int) -> None:
    mailer = MemoryMailer()
    mailer.fail_next(error)
    with pytest.raises(type(error)):
        mailer.send(MAIL)
    assert len(mailer.sent) == copies
    mailer.send(MAIL)
    assert len(mailer.sent) == copies + 1


def test_a_put_that_already_happened_is_a_success() -> None:
    calendar = MemoryCalendar()
    tag = calendar.put(make_event(), None)
    assert calendar.put(make_event(), None) == tag
    assert calendar.put(make_event(), "older") == tag


def test_a_put_with_the_right_tag_replaces_and_gives_a_new_tag() -> None:
    calendar = MemoryCalendar()
    tag = calendar.put(make_event(), None)
    later = replace(make_event(hour=2), sequence=1)
    assert calendar.put(later, tag) != tag
    assert calendar.events == [later]


def test_an_event_that_a_person_touched_is_a_conflict() -> None:
    calendar = MemoryCalendar()
    tag = calendar.put(make_event(), None)
    calendar.person_moves("uid0", NOON + 3 * HOUR)
    for known in (tag, None):
        with pytest.raises(Conflict):
            calendar.put(make_event(hour=1), known)
    calendar.person_deletes("uid0")
    with pytest.raises(Conflict):
        calendar.put(make_event(hour=1), tag)
    assert calendar.events == []


def test_what_a_person_moved_is_seen_with_another_tag() -> None:
    calendar = MemoryCalendar()
    tag = calendar.put(make_event(), None)
    calendar.person_moves("uid0", NOON + 3 * HOUR)
    seen = read(calendar, "uid0", "uid1")
    assert list(seen) == ["uid0"]
    assert (seen["uid0"].starts_at, seen["uid0"].ends_at) == (NOON + 3 * HOUR, NOON + 4 * HOUR)
    assert seen["uid0"].tag != tag


def test_removing_what_is_gone_is_a_success() -> None:
    calendar = MemoryCalendar()
    calendar.put(make_event(), None)
    calendar.remove(make_event("uid0"), None)
    calendar.remove(make_event("uid0"), None)
    assert calendar.events == []


def test_a_suddenly_empty_calendar_is_an_error_and_not_a_wish_to_delete() -> None:
    calendar = MemoryCalendar()
    assert calendar.seen(["uid0"]) == {}
    with pytest.raises(Unavailable, match="empty"):
        calendar.seen(["uid0", "uid1"])


def test_a_calendar_that_is_down_does_nothing() -> None:
    calendar = MemoryCalendar()
    calendar.down = True
    with pytest.raises(Unavailable):
        calendar.put(make_event(), None)
    with pytest.raises(Unavailable):
        calendar.remove(make_event("uid0"), None)
    with pytest.raises(Unavailable):
        calendar.seen([])
    assert calendar.events == []


def test_busy_times_are_cut_to_the_window_and_read_once_for_each_version() -> None:
    whole = span_of(NOON, NOON + 4 * HOUR)
    busy = MemoryBusy((whole,))
    reading = busy.read(NOON + HOUR, NOON + 2 * HOUR, None)
    assert reading is not None
    assert reading.spans == (span_of(NOON + HOUR, NOON + 2 * HOUR),)
    assert busy.read(NOON + HOUR, NOON + 2 * HOUR, reading.version) is None
    assert busy.read(NOON, NOON + 2 * HOUR, reading.version) is not None
    busy.set(())
    again = busy.read(NOON + HOUR, NOON + 2 * HOUR, reading.version)
    assert again is not None
    assert again.spans == ()


def test_busy_times_that_cannot_be_read_are_an_error() -> None:
    busy = MemoryBusy()
    busy.down = True
    with pytest.raises(Unavailable):
        busy.read(NOON, NOON + HOUR, None)


def test_the_ticker_fires_only_by_hand() -> None:
    runs: list[str] = []
    ticker = MemoryTicker()
    ticker.every(HOUR, "plan", lambda: runs.append("plan"))
    ticker.start()
    assert runs == []
    ticker.fire("plan")
    assert runs == ["plan"]
    assert ticker.running
    ticker.stop()
    assert not ticker.running
