"""How often a calendar is looked at and busy times are read: often enough to follow people, seldom enough for quotas.

A day in which nothing changes costs at most 24 looks by the hour, EXTRA_A_DAY between them, and READING's four
readings of busy times. Not here: looking (engine/collect).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum

from scheduler.domain.occurrence import Fate, Placement

SOON = timedelta(minutes=10)
SELDOM = timedelta(hours=1)
NEAR = timedelta(minutes=90)  # before a ritual people still shift it
AFTERWARDS = timedelta(hours=1)  # what just changed is often changed again
FAR = timedelta(days=5)  # each night finds a place for what lies weeks ahead, while nobody is up to move it
EXTRA_A_DAY = 24
READING = timedelta(hours=6)
READING_AGAIN = timedelta(hours=1)  # after one that told nothing
FRESH = timedelta(minutes=10)  # older busy times are read again before anything is placed by them
_LONGEST_PAUSE = timedelta(days=1)
_SLACK = timedelta(seconds=30)  # ticks come a little early or late


class Pace(Enum):
    """What one look costs."""

    EVERY_TICK = "every tick"  # on this machine: nothing
    SPARING = "sparing"  # over the network, against somebody's quota
    NEVER = "never"  # there is nothing to see: an invitation, a feed


@dataclass(frozen=True, slots=True)
class Looks:
    """What is remembered of the looks at one calendar: the last one, how many came between the hours on its UTC date,
    and until when its server asked for patience. In words: "2026-11-23T09:00:00+00:00 3"; "" before the first."""

    last: datetime | None = None
    extra: int = 0
    not_before: datetime | None = None

    @classmethod
    def from_words(cls, words: str) -> Looks:
        last, extra, until, *_ = [*words.split(" "), "", ""]
        return cls(datetime.fromisoformat(last), int(extra), _instant(until)) if last else cls()

    def words(self) -> str:
        if self.last is None:
            return ""
        until = f" {self.not_before.isoformat()}" if self.not_before else ""
        return f"{self.last.isoformat()} {self.extra}{until}"

    def after(self, now: datetime, pause: timedelta | None = None) -> Looks:
        """What is remembered once there was a look now; ``pause`` is what the server asked for."""
        until = now + min(pause, _LONGEST_PAUSE) if pause else None
        if self.last is None or _day(self.last) != _day(now):
            return Looks(now, 0, until)
        return Looks(now, self.extra + (now - self.last < SELDOM - _SLACK), until)

    def is_due(self, placements: Iterable[Placement], now: datetime) -> bool:
        """Every SOON while a ritual is near or something just changed, as far as EXTRA_A_DAY goes; else SELDOM."""
        if self.last is None or now < self.last:  # the clock was set back
            return True
        if self.not_before and now < self.not_before:
            return False
        spent = self.extra if _day(self.last) == _day(now) else 0
        often = spent < EXTRA_A_DAY and any(_calls_for_a_look(one, now) for one in placements)
        return now - self.last >= (SOON if often else SELDOM) - _SLACK


def _instant(words: str) -> datetime | None:
    return datetime.fromisoformat(words) if words else None


def _day(instant: datetime) -> object:
    return instant.astimezone(UTC).date()


def _calls_for_a_look(one: Placement, now: datetime) -> bool:
    is_near = one.fate is Fate.PLACED and now <= one.starts_at < now + NEAR
    is_first = one.previous is None and not one.held and one.fate is Fate.PLACED
    is_news = now - AFTERWARDS < one.decided_at <= now and not (is_first and one.starts_at >= now + FAR)
    return is_near or is_news


def reading_is_due(last: datetime | None, now: datetime, *, well: bool) -> bool:
    """Whether busy times that cost something are to be read; ``well``: the last reading told something."""
    wait = READING if well else READING_AGAIN
    return last is None or now < last or now - last >= wait - _SLACK
