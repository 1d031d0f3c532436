"""A partner whose calendar lives in memory."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from random import Random

from scheduler.adapters.memory import MemoryCalendar
from scheduler.domain.pace import Pace
from scheduler.ports import Calendar
from tests.machine.flaky import FlakyCalendar
from tests.machine.partner import Stands


class ByMemory:
    """Fulfils MachinePartner. A new adapter object would lose what stands there, so it stays the same one."""

    route = "memory"
    can = frozenset({"calendar", "access"})

    def __init__(self, pace: Pace) -> None:
        self._kept = MemoryCalendar(pace)
        self._flaky = FlakyCalendar(self._kept)

    @property
    def calendar(self) -> Calendar:
        return self._flaky

    def restarts(self) -> None:
        """There is nothing to forget."""

    def stands(self) -> list[Stands]:
        return [Stands(one.uid, one.title, one.starts_at, one.ends_at) for one in self._kept.events]

    def foreign(self) -> Mapping[str, bytes]:
        return {}

    def adds_foreign(self) -> None:
        """A calendar in memory holds nothing else."""

    def moves(self, uid: str, starts_at: datetime) -> None:
        self._kept.person_moves(uid, starts_at)

    def retitles(self, uid: str, title: str) -> None:
        self._kept.person_retitles(uid, title)

    def deletes(self, uid: str) -> None:
        self._kept.person_deletes(uid)

    def touches(self, uid: str) -> None:
        event = next(one for one in self._kept.events if one.uid == uid)
        self._kept.person_moves(uid, event.starts_at)

    def makes_all_day(self, uid: str, day: datetime) -> None:
        raise NotImplementedError

    def deletes_calendar(self) -> None:
        self._kept.person_deletes_calendar()

    def revokes(self) -> None:
        self._kept.cut = True

    def reconnects(self) -> None:
        self._kept.cut = False

    def trouble(self, chance: Random) -> str:
        return self._flaky.trouble(chance)

    def mends(self) -> None:
        self._flaky.mends()

    @property
    def met(self) -> int:
        return self._flaky.met
