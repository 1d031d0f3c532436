"""A partner as the machine knows one: a person's hands, trouble on the way, and what really stands on the calendar.

Not here: the four kinds of them (by_memory, by_folder, by_google, by_caldav).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Protocol

from scheduler.engine.plan import UID_HOST
from scheduler.ports import Calendar


@dataclass(frozen=True, slots=True)
class Stands:
    """One live event of ours, read past our own adapters; all-day where it has no instants."""

    uid: str
    title: str
    starts_at: datetime | None
    ends_at: datetime | None


class MachinePartner(Protocol):
    """``can`` holds what this route lets a person do besides: "all-day", "calendar", "access"."""

    route: str
    can: frozenset[str]

    @property
    def calendar(self) -> Calendar: ...
    def restarts(self) -> None:
        """``calendar`` becomes a new object with the same vault."""

    def stands(self) -> list[Stands]:
        """Every live event of ours, copies too."""

    def foreign(self) -> Mapping[str, bytes]:
        """Other people's events, byte for byte."""

    def adds_foreign(self) -> None: ...
    def moves(self, uid: str, starts_at: datetime) -> None: ...
    def retitles(self, uid: str, title: str) -> None: ...
    def deletes(self, uid: str) -> None: ...
    def touches(self, uid: str) -> None:
        """Changes something that is not ours to know: a colour, an alarm; the server gives another ETag."""

    def makes_all_day(self, uid: str, day: datetime) -> None: ...
    def deletes_calendar(self) -> None: ...
    def revokes(self) -> None: ...
    def reconnects(self) -> None: ...
    def trouble(self, chance: Random) -> str:
        """Put a fault in front of the calendar; its name."""

    def mends(self) -> None:
        """All trouble that ``trouble`` made is over."""

    @property
    def met(self) -> int:
        """How many faults met a call so far."""


def is_ours(uid: str) -> bool:
    return uid.endswith(f"@{UID_HOST}")


def uid_of(name: str) -> str:
    """The UID of ours whose part before the "@" this is."""
    return f"{name}@{UID_HOST}"
