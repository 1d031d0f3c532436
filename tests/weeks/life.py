"""A week of a couple on one route: they move two events, delete one, keep their own calendars; one thing clashes.

Not here: what it costs (bench/calendars).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from scheduler.adapters.memory import MemoryClock, MemoryMailer
from scheduler.adapters.sqlstore import SqlStore
from scheduler.app.service import Parts, Sender, Service
from scheduler.domain.couple import Couple
from scheduler.domain.event import CalendarEntry
from tests.build import at
from tests.weeks.sides import Side
from tests.world import cards, templates

CONNECTED, MONDAY, SUNDAY = at("2026-11-22 09:00"), at("2026-11-23 00:00"), at("2026-11-30 00:00")
TICK, DAY, HOUR = timedelta(minutes=10), timedelta(days=1), timedelta(hours=1)


@dataclass
class Week:
    """``sides`` are by partner id; the mails beside the calendar go to ``letters``."""

    couple: Couple
    sides: Mapping[str, Side]
    clock: MemoryClock
    ahead: Mapping[str, timedelta] = field(default_factory=dict)
    letters: MemoryMailer = field(default_factory=MemoryMailer)

    def __post_init__(self) -> None:
        self.clock.set(CONNECTED)
        self._store = SqlStore.open(":memory:", secret=lambda: b"a secret of thirty-two bytes here")
        self._service = Service(
            Parts(
                couple=self.couple,
                store=self._store,
                clock=self.clock,
                calendars={who: side.calendar for who, side in self.sides.items()},
                sources={who: {f"{who}'s own": side.busy} for who, side in self.sides.items()},
                mailer=self.letters,
                templates=templates(),
                cards=cards(),
                ahead=self.ahead,
                sender=Sender("Rituals", "rituals@example.org", "host@example.org"),
            )
        )

    def live(self, after_tick: Callable[[], None]) -> None:
        """From saying yes to the Sunday after the next, a tick every ten minutes."""
        first, second = (one.id for one in self.couple.partners)
        for one in (first, second):
            self._service.join(one, shown="the text of a bench")
        acts = {
            MONDAY + DAY + 18 * HOUR: lambda: self._moves(first),
            MONDAY + 2 * DAY + 12 * HOUR: lambda: self._deletes(second),
            MONDAY + 3 * DAY + 12 * HOUR: lambda: self._clashes(first),
            MONDAY + 4 * DAY + 8 * HOUR: lambda: self._moves(second),
        }
        while self.clock.now() < SUNDAY:
            now = self.clock.now()
            if now.hour == 12 and now.minute == 0 and now.weekday() < 5:
                self._write_down(now + DAY)
            acts.get(now, lambda: None)()
            self._service.tick()
            after_tick()
            self.clock.advance(TICK)

    def close(self) -> None:
        self._store.close()

    def events(self, partner: str) -> list[CalendarEntry]:
        """What stands on the partner's calendar for us, or stood a week ago."""
        with self._store.transaction() as tx:
            found = tx.calendar_entries(self.couple.id, ending_after=self.clock.now() - 7 * DAY)
        return [one for one in found if one.partner == partner and one.live]

    def _write_down(self, near: datetime) -> None:
        """Each notes an appointment in the hours of work, where it is in nobody's way."""
        for side in self.sides.values():
            side.adds(near, near + HOUR / 2)

    def _moves(self, partner: str) -> None:
        event = self._coming(partner).event
        self.sides[partner].moves(event.uid, event.starts_at + HOUR)

    def _deletes(self, partner: str) -> None:
        self.sides[partner].deletes(self._coming(partner).event.uid)

    def _clashes(self, partner: str) -> None:
        event = self._coming(partner).event
        self.sides[partner].adds(event.starts_at, event.ends_at)

    def _coming(self, partner: str) -> CalendarEntry:
        """The first event that is neither today nor so near that it could not move any more."""
        soon = self.clock.now() + 30 * HOUR
        later = [one for one in self.events(partner) if one.written is not None and one.event.starts_at > soon]
        return min(later, key=lambda one: one.event.starts_at)
