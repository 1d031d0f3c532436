"""What goes to one partner is byte for byte the same, whatever the other did."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.adapters.memory import MemoryMailer
from scheduler.domain.couple import Couple
from scheduler.domain.errors import Refused, Unavailable
from scheduler.domain.localtime import local_date, parse_window
from scheduler.ports import Envelope
from tests.build import at, make_partner
from tests.world import World, usual_couple, world

DAYS = 16
START = at("2026-11-23 09:00")
Log = list[tuple[datetime, bytes]]


class Fussy(MemoryMailer):
    """Refuses or cannot take what goes to kim, as told."""

    def __init__(self, error: Exception | None = None) -> None:
        super().__init__()
        self.error = error

    def send(self, envelope: Envelope) -> str:
        if envelope.partner == "kim" and self.error:
            raise self.error
        return super().send(envelope)


def pauses(w: World) -> None:
    today = local_date(w.clock.now(), ZoneInfo("Europe/London"))
    w.service.pause("kim", until=today + timedelta(days=5))


def leaves(w: World) -> None:
    w.service.leave("kim")


def comes_back(w: World) -> None:
    w.service.join("kim", shown="text")


def loses_the_calendar(w: World) -> None:
    w.calendars["kim"].down = True


def refuses_mail(w: World) -> None:
    if isinstance(w.mailer, Fussy):
        w.mailer.error = Refused("550")


def is_out_of_reach(w: World) -> None:
    if isinstance(w.mailer, Fussy):
        w.mailer.error = Unavailable("451")


def retitles_an_event(w: World) -> None:
    for event in w.calendars["kim"].events[-1:]:
        w.calendars["kim"].person_moves(event.uid, event.starts_at)


ACTS = (pauses, leaves, comes_back, loses_the_calendar, refuses_mail, is_out_of_reach, retitles_an_event)


def kim(**changes: object) -> Couple:
    return usual_couple(partners=(make_partner("sam"), make_partner("kim", zone=ZoneInfo("Europe/London"), **changes)))


def sams_mail(couple: Couple, acts: tuple[tuple[int, Callable[[World], None]], ...]) -> tuple[Log, list[object]]:
    """Everything that reaches sam in the days: mails with their instant, and the calendar at the end."""
    with world(couple, start=START) as w:
        w = replace(w, mailer=Fussy())
        w.service.parts = replace(w.service.parts, mailer=w.mailer)
        log: Log = []
        for day in range(DAYS):
            for _, act in filter(lambda one: one[0] == day, acts):
                act(w)
            w.until(START + timedelta(days=day + 1))
        done = {one.key: one.done_at for one in w.outbox()}
        log = [(done[one.key] or START, one.data) for one in w.mailer.sent if one.partner == "sam"]
        # The stepped clock wakes at other instants, so a plan has another stamp; the service wakes every minute.
        return log, [replace(event, revised_at=START) for event in w.calendars["sam"].events]


@cache
def usual() -> tuple[Log, list[object]]:
    return sams_mail(kim(), ())


@pytest.mark.slow
@settings(max_examples=25)
@given(st.lists(st.tuples(st.integers(0, DAYS - 1), st.sampled_from(ACTS)), max_size=4))
def test_whatever_the_other_did_ones_own_mails_and_calendar_are_the_same(
    acts: list[tuple[int, Callable[[World], None]]],
) -> None:
    assert len(usual()[0]) >= 7
    assert sams_mail(kim(), tuple(acts)) == usual()


def test_the_others_private_settings_leave_no_trace() -> None:
    for changes in ({"discreet": True}, {"quiet": parse_window("20:00-10:00")}, {"address": "new@example.org"}):
        assert sams_mail(kim(**changes), ()) == usual()
