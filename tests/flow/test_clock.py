"""The clock jumps, the house was dark for weeks, summer time comes and goes: the promises hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from scheduler.content.assets import Assets
from scheduler.content.render import MailTemplates
from scheduler.domain.cadence import Daily
from scheduler.domain.couple import PlanRules
from scheduler.domain.digest import Letter
from scheduler.domain.errors import Unavailable
from scheduler.domain.localtime import local_date, parse_window
from scheduler.domain.message import FRESHNESS, Every, MailKind, MailRule, Message
from scheduler.domain.outbox import EffectKind, OutboxEntry, State
from tests.build import at, make_partner, make_ritual
from tests.world import World, usual_couple, world

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def slow(value: object) -> Any:
    """One of several values of which the quick tests try another."""
    return pytest.param(value, marks=pytest.mark.slow)


class Noting(MailTemplates):
    """Remembers what each mail was made of."""

    letters: list[Letter]

    def render(self, letter: Letter, sender_name: str, sender_address: str, key: str) -> Message:
        self.letters.append(letter)
        return super().render(letter, sender_name, sender_address, key)


@cache
def noting() -> Noting:
    return Noting(Assets())


@contextmanager
def noted_world() -> Iterator[World]:
    noting().letters = []
    with world(start=at("2026-11-09 09:00")) as w:
        yield w.restarted(templates=noting())


def mails(w: World, *states: State) -> list[OutboxEntry]:
    return [one for one in w.outbox() if one.kind is EffectKind.MAIL and one.state in states]


def check(w: World) -> None:
    """Nothing is doubled, and no mail speaks of what is over."""
    assert len({one.key for one in w.mailer.sent}) == len(w.mailer.sent)
    for who in ("sam", "kim"):
        places = Counter((event.title, event.starts_at) for event in w.calendars[who].events)
        assert max(places.values()) == 1
    assert all(time.starts_at > letter.written_at for letter in noting().letters for time in letter.coming)
    assert all(time.ends_at <= letter.written_at for letter in noting().letters for time in letter.past)


def check_goes_on(w: World, weeks: list[str]) -> None:
    """Each of the weeks had its question and digest for each, once; both calendars hold what is planned."""
    for kind in ("question", "digest"):
        sent = Counter((one.partner, one.ref.split("/")[1]) for one in mails(w, State.DONE) if one.mail_kind == kind)
        assert {(who, week): sent[who, week] for who in ("sam", "kim") for week in weeks} == {
            (who, week): 1 for who in ("sam", "kim") for week in weeks
        }, kind
    coming = {(one.starts_at, one.ends_at) for one in w.service.outlook().standing}
    for who in ("sam", "kim"):
        events = {(one.starts_at, one.ends_at) for one in w.calendars[who].events if one.ends_at > w.clock.now()}
        assert events == coming


@pytest.mark.parametrize("back", [HOUR, slow(2 * DAY)], ids=str)
@pytest.mark.parametrize("moment", ["2026-11-22 17:01", slow("2026-11-18 12:30"), slow("2026-11-20 03:00")])
def test_a_clock_set_back_repeats_nothing_and_stops_nothing(back: timedelta, moment: str) -> None:
    with noted_world() as w:
        w.until(at(moment))
        w.clock.advance(-back)
        w.until(at("2026-12-01 12:00"), lambda: check(w))
        check_goes_on(w, ["2026-W47", "2026-W48"])


@pytest.mark.parametrize("ahead", [slow(HOUR), slow(2 * DAY), 10 * DAY], ids=str)
@pytest.mark.parametrize("stays", [HOUR, slow(2 * DAY)], ids=str)
def test_a_clock_that_ran_ahead_and_is_put_right_repeats_nothing_and_stops_nothing(
    ahead: timedelta, stays: timedelta
) -> None:
    with noted_world() as w:
        wrong_from = at("2026-11-16 08:00")
        w.until(wrong_from)
        w.clock.advance(ahead)
        w.until(wrong_from + ahead + stays, lambda: check(w))
        w.clock.set(wrong_from + stays)
        w.until(wrong_from + 21 * DAY, lambda: check(w))
        given_up = {one.ref.split("/")[1] for one in mails(w, State.DROPPED)}
        assert given_up == ({"2026-W47"} if ahead == 10 * DAY else set()), "its time seemed to be over"
        check_goes_on(w, [week for week in ("2026-W47", "2026-W48", "2026-W49") if week not in given_up])


# ── the house was dark ──

DOWN = [HOUR, 2 * DAY, timedelta(weeks=3)]


@pytest.mark.parametrize("down", DOWN, ids=str)
@pytest.mark.parametrize("hour", [58, slow(64), slow(160)])
def test_after_a_downtime_no_mail_is_stale_and_no_event_is_in_the_past(down: timedelta, hour: int) -> None:
    with noted_world() as w:
        w.until(at("2026-11-16 02:30") + timedelta(hours=hour))
        w.clock.advance(down)
        back, sent = w.clock.now(), len(w.mailer.sent)
        stood = {event.uid for who in ("sam", "kim") for event in w.calendars[who].events}
        w = w.restarted()
        w.until(back + 8 * DAY, lambda: check(w))
        new = [one for who in ("sam", "kim") for one in w.calendars[who].events if one.uid not in stood]
        assert new
        assert all(event.starts_at >= back for event in new)
        late_keys = {one.key for one in w.mailer.sent[sent:]}
        for one in mails(w, State.DONE):
            if one.key in late_keys:
                assert one.done_at
                assert one.fresh_until
                assert one.done_at <= one.fresh_until
        check_goes_on(w, ["2026-W47"] if (hour, down) == (58, HOUR) else [])


@pytest.mark.parametrize("down", DOWN, ids=str)
def test_what_has_grown_old_meanwhile_is_dropped_and_says_why(down: timedelta) -> None:
    with noted_world() as w:
        w.until(at("2026-11-18 12:00"))
        w.mailer.fail_next(Unavailable("451"))
        w.until(at("2026-11-18 12:15") + timedelta(seconds=30))
        waiting = [one for one in mails(w, State.WAITING) if one.mail_kind == "question"]
        assert waiting
        w.clock.advance(down)
        w.service.tick()
        with w.store.transaction() as tx:
            ended = [tx.entry(one.key) for one in waiting]
        for one in ended:
            assert one
            if down >= FRESHNESS[MailKind.QUESTION]:
                assert (one.state, one.note) == (State.DROPPED, "too late to be kind")
            else:
                assert one.state is State.DONE
        check(w)


def test_a_day_full_of_mails_that_was_never_lived_holds_nothing_back() -> None:
    with noted_world() as w:
        w.until(at("2026-11-16 08:00"))
        w.clock.set(at("2026-12-06 17:30"))
        w.service.tick()
        assert {one.mail_kind for one in mails(w, State.DONE)} >= {"digest", "reflection"}
        w.clock.set(at("2026-11-16 09:00"))
        w.until(at("2026-11-19 09:00"), lambda: check(w))
        sent = [one for one in mails(w, State.DONE) if one.ref.startswith("question/2026-W47")]
        assert [one.done_at == one.due_at for one in sent] == [True, True]


# ── summer time ──

# The minute of the day that does not exist in spring, or that comes twice in autumn where it is of that same date.
ZONES = {
    "Europe/London": (75, 75),
    "America/New_York": (135, 75),
    "Asia/Beirut": (15, 15),  # changes at midnight
    "Africa/Cairo": (15, 15),  # at midnight, on a Friday
    "Australia/Lord_Howe": (135, 105),  # by half an hour
    "Antarctica/Troll": (135, 135),  # by two hours
}


def changes(zone: ZoneInfo) -> list[date]:
    """The local dates of 2026 on which the clock of the zone changes."""
    noon = datetime(2026, 1, 2, 12, tzinfo=zone)
    days = [noon + DAY * number for number in range(362)]
    return [one.date() for one in days if one.utcoffset() != (one - DAY).utcoffset()]


@pytest.mark.parametrize("name", ["Africa/Cairo", *(slow(name) for name in ZONES if name != "Africa/Cairo")])
@pytest.mark.parametrize("which", [0, 1], ids=["spring", "autumn"])
def test_through_a_clock_change_every_date_and_every_hour_comes_once(name: str, which: int) -> None:
    zone, other = ZoneInfo(name), ZoneInfo("Asia/Kolkata")
    day, minute = changes(zone)[which], ZONES[name][which]
    rule = MailRule(True, day.weekday(), minute, Every.WEEK)
    call = make_ritual("call", cadence=Daily(), clock_of="sam", windows=(parse_window("00:00-24:00"),),
                       ideal=minute, length=timedelta(minutes=5))  # fmt: skip
    any_hour = (parse_window("00:00-24:00"),)
    couple = usual_couple(
        partners=(make_partner("sam", zone=zone, free=any_hour), make_partner("kim", zone=other, free=any_hour)),
        rituals=(call,),
        mail={MailKind.QUESTION: rule},
        rules=PlanRules(horizon=timedelta(weeks=1)),
    )
    start = datetime.combine(day - 3 * DAY, time(12), zone).astimezone(UTC)
    with world(couple, start=start) as w:
        w.until(start + 6 * DAY)
        dates = Counter(local_date(event.starts_at, zone) for event in w.calendars["kim"].events)
        questions = {one.partner: one for one in mails(w, State.DONE) if one.mail_kind == "question"}
        assert len([one for one in mails(w, State.DONE) if one.mail_kind == "question"]) == 2
    assert dates == Counter(day + DAY * offset for offset in range(-2, 11))
    for who, wall in (("sam", zone), ("kim", other)):
        done_at = questions[who].done_at
        assert done_at
        assert_at_the_wall_hour(done_at.astimezone(wall), datetime.combine(day, time(minute // 60, minute % 60)))


def assert_at_the_wall_hour(local: datetime, wanted: datetime) -> None:
    """At that hour of the wall, the first of two; where the hour does not exist, at the first that does after it."""
    before = (local.astimezone(UTC) - timedelta(seconds=1)).astimezone(local.tzinfo)
    assert local.fold == 0
    assert local.replace(tzinfo=None) >= wanted > before.replace(tzinfo=None)
