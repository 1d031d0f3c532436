"""A partner whose calendar is reached by mail lives like everyone else: one mail a change, none for a look."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser

from icalendar import Calendar

from scheduler.adapters.invite import InviteCalendar
from scheduler.adapters.memory import MemoryMailer
from scheduler.domain.errors import Uncertain
from scheduler.domain.freebusy import span_of
from tests.build import at
from tests.world import World, templates, world


@contextmanager
def by_mail() -> Iterator[tuple[World, MemoryMailer]]:
    """Sam is asked by mail; Kim has a calendar that can be read."""
    with world() as w:
        post = MemoryMailer()
        calendar = InviteCalendar(
            post,
            partner=w.service.couple.partner("sam"),
            contact="host@example.org",
            write=lambda notice, key: templates().notice(notice, "Rituals", "rituals@example.org", key),
        )
        yield w.restarted(calendars={**w.calendars, "sam": calendar}), post


def asked(post: MemoryMailer) -> list[tuple[str, str, int]]:
    """(UID, method, SEQUENCE) of each mail, in order."""
    return [_asked(BytesParser(policy=policy.default).parsebytes(one.data)) for one in post.sent]


def _asked(mail: EmailMessage) -> tuple[str, str, int]:
    part = next(one for one in mail.walk() if one.get_content_type() == "text/calendar")
    calendar = Calendar.from_ical(part.get_content())
    (event,) = calendar.walk("VEVENT")
    return str(event["UID"]), str(calendar["METHOD"]), int(str(event["SEQUENCE"]))


def test_a_quiet_week_sends_each_event_once() -> None:
    with by_mail() as (w, post):
        w.until(at("2026-11-28 20:00"))
        assert len(asked(post)) == len({uid for uid, _, _ in asked(post)}) > 4
        assert {(method, sequence) for _, method, sequence in asked(post)} == {("REQUEST", 0)}
        with w.store.transaction() as tx:
            entries = [one for one in tx.calendar_entries("home") if one.partner == "sam"]
        assert all(one.live and one.tag == "0" for one in entries)


def test_a_time_that_no_longer_suits_is_one_more_mail() -> None:
    with by_mail() as (w, post):
        w.until(at("2026-11-23 10:00"))
        before = len(post.sent)
        coffee = next(one for one in w.calendars["kim"].events if one.title == "Coffee")
        w.busy["kim"].set((span_of(coffee.starts_at, coffee.ends_at),))
        w.until(at("2026-11-23 12:00"))
        new = asked(post)[before:]
        assert [(method, sequence) for _, method, sequence in new] == [("REQUEST", 1)]
        assert new[0][0] in {uid for uid, _, _ in asked(post)[:before]}


def test_who_leaves_gets_each_coming_event_taken_back_once() -> None:
    with by_mail() as (w, post):
        w.until(at("2026-11-23 12:00"))
        standing = {uid for uid, _, _ in asked(post)}
        w.service.leave("sam")
        w.until(at("2026-11-24 12:00"))
        cancelled = Counter(uid for uid, method, _ in asked(post) if method == "CANCEL")
        assert len(cancelled) > 4
        assert set(cancelled) <= standing
        assert set(cancelled.values()) == {1}


def test_a_mail_cut_off_goes_out_again_as_it_was() -> None:
    with by_mail() as (w, post):
        post.fail_next(Uncertain("cut off"))
        w.until(at("2026-11-23 12:00"))
        copies = Counter(one.key for one in post.sent)
        doubled = [one.data for one in post.sent if copies[one.key] > 1]
        assert len(doubled) == 2
        assert doubled[0] == doubled[1]
