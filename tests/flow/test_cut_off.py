"""A process that dies between two steps, and people who act before it is back."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta

from scheduler.domain.event import Event
from scheduler.domain.freebusy import span_of
from scheduler.domain.localtime import parse_window
from tests.build import make_ritual
from tests.world import World, usual_couple, world

COFFEE = make_ritual("coffee", windows=(parse_window("sat 09:00-16:00"),), ideal=600)


class CrashError(BaseException):
    """The process is gone."""


def crash_at(name: str, nth: int = 1) -> Callable[[str], None]:
    left = [nth]

    def hear(boundary: str) -> None:
        left[0] -= boundary == name
        if boundary == name and left[0] == 0:
            raise CrashError

    return hear


def tick(w: World) -> None:
    with suppress(CrashError):
        w.service.tick()


def coffees(w: World, who: str) -> dict[date, Event]:
    return {event.starts_at.date(): event for event in w.calendars[who].events if event.title == "Coffee"}


def unharmed(_: str) -> None:
    """No crash this time."""


def test_a_drag_of_an_event_whose_creation_was_cut_off_is_still_heard() -> None:
    with world(usual_couple(rituals=(COFFEE,))) as w:
        w = w.restarted(at=crash_at("calendar changed"))
        tick(w)
        who = "sam" if coffees(w, "sam") else "kim"
        ((day, event),) = coffees(w, who).items()
        w.calendars[who].person_moves(event.uid, event.starts_at + timedelta(hours=4))
        w = w.restarted(at=unharmed)
        w.until(w.clock.now() + timedelta(hours=5))
        w.service.tick()
        assert coffees(w, "sam")[day].starts_at == coffees(w, "kim")[day].starts_at


def test_our_own_unrecorded_write_is_never_read_as_a_persons_drag() -> None:
    with world(usual_couple(rituals=(COFFEE,))) as w:
        tick(w)
        day = date(2026, 12, 5)
        first = coffees(w, "sam")[day].starts_at
        w.busy["sam"].set((span_of(first, first + timedelta(hours=1)),))
        w = w.restarted(at=crash_at("calendar changed", 2))
        tick(w)
        with w.store.transaction() as tx:
            entries = {one.partner: one for one in tx.calendar_entries("home") if one.occurrence == "coffee/2026-W49"}
        other = next(partner for partner, one in entries.items() if one.written == one.event.sequence)
        chosen = first + timedelta(hours=3)
        w.calendars[other].person_moves(entries[other].event.uid, chosen)
        w.clock.advance(timedelta(minutes=1))
        w = w.restarted(at=crash_at("plan committed"))
        tick(w)
        w.clock.advance(timedelta(minutes=1))
        w = w.restarted(at=unharmed)
        tick(w)
        tick(w)
        assert [coffees(w, who)[day].starts_at for who in ("sam", "kim")] == [chosen, chosen]


def test_an_older_write_that_was_cut_off_never_lands_after_a_newer_one() -> None:
    with world(usual_couple(rituals=(COFFEE,))) as w:
        tick(w)
        day = date(2026, 12, 5)
        first = coffees(w, "sam")[day].starts_at
        w.busy["sam"].set((span_of(first, first + timedelta(hours=1)),))
        w = w.restarted(at=crash_at("intent written"))
        tick(w)
        w.clock.advance(timedelta(minutes=1))
        w = w.restarted(at=unharmed)
        for calendar in w.calendars.values():
            calendar.down = True
        w.service.deliver()
        for calendar in w.calendars.values():
            calendar.down = False
        w.busy["sam"].set((span_of(first, first + timedelta(hours=2)),))
        w.until(w.clock.now() + timedelta(minutes=30))
        with w.store.transaction() as tx:
            placed = next(one for one in tx.placements("home") if one.key == "coffee/2026-W49")
        assert [coffees(w, who)[day].starts_at for who in ("sam", "kim")] == [placed.starts_at] * 2
