"""A practice the couple repeats. Not here: its rhythm (cadence), which dates that gives (occurrence)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum, IntEnum

from scheduler.domain.cadence import Cadence
from scheduler.domain.localtime import ANY_TIME, Windows


class Size(IntEnum):
    """Which of its lengths a ritual has; where it has fewer, the last one stands for the rest."""

    FULL = 0
    SHORT = 1
    TINY = 2


@dataclass(frozen=True, slots=True)
class Version:
    """A length of a ritual with how it goes then; ``how_to`` has one to five lines."""

    length: timedelta
    how_to: tuple[str, ...]

    def __post_init__(self) -> None:
        if not timedelta(minutes=1) <= self.length <= timedelta(hours=12):
            raise ValueError("a ritual lasts 1 minute to 12 hours")
        if not 1 <= len(self.how_to) <= 5:
            raise ValueError("how_to has one to five lines")


class Point(Enum):
    """What a ritual can be tied to, from free and busy alone."""

    AFTER_WORK = "after work"  # the later of both partners' last busy block of the day
    BEFORE_BED = "before bed"  # the earlier of both bedtimes
    FIRST_FREE = "first free"  # the first stretch of the day that is free for both


@dataclass(frozen=True, slots=True)
class Anchor:
    """A ritual's tie to the day.

    ``within``: it starts at most so long after work, or before bed; the first free stretch lasts at least so long.
    """

    point: Point
    within: timedelta

    def __post_init__(self) -> None:
        if not timedelta(minutes=5) <= self.within <= timedelta(hours=4):
            raise ValueError("an anchor holds for 5 minutes to 4 hours")


ANCHORS = ("45 min after work", "30 min before bed", "first free hour")
_ANCHOR = re.compile(r"(\d{1,3}) ?min(?:utes)? (after work|before bed)")
_FIRST = re.compile(r"first free (?:(\d{1,3}) ?min(?:utes)?|hour)")


def parse_anchor(text: str) -> Anchor:
    """A tie to the day as people write it (see ANCHORS for every form); Raises ValueError.

    >>> parse_anchor("45 min after work").point
    <Point.AFTER_WORK: 'after work'>
    """
    words = " ".join(text.lower().split())
    if found := _ANCHOR.fullmatch(words):
        return Anchor(Point(found[2]), timedelta(minutes=int(found[1])))
    if found := _FIRST.fullmatch(words):
        return Anchor(Point.FIRST_FREE, timedelta(minutes=int(found[1] or 60)))
    raise ValueError(f'"{text}" is not an anchor')


@dataclass(frozen=True, slots=True)
class Ritual:
    """What the couple repeats. ``id`` is a slug, unique in the couple, and never changes.

    ``windows`` are wall time in each partner's own zone, or in that of ``clock_of`` (a partner's id).
    ``ideal`` is minutes after midnight; ``spacing`` the least number of days from one date to the next,
    ``at_least`` the most that should go by, 0 for no such wish. ``reminder`` is before the start, None for no
    alarm. ``how_to`` has one to five lines; ``shorter`` are up to two versions for full weeks, longest first.
    ``takes_turns``: the two plan it in turn. ``only_in`` names the kinds of season that have it; empty: any time.
    ``versions`` are all its lengths, longest first.
    """

    id: str
    title: str
    cadence: Cadence
    length: timedelta
    how_to: tuple[str, ...]
    windows: Windows = ANY_TIME
    clock_of: str | None = None
    ideal: int | None = None
    ideal_weekday: int | None = None
    anchor: Anchor | None = None
    buffer: timedelta = timedelta(0)
    spacing: int = 0
    at_least: int = 0
    shorter: tuple[Version, ...] = ()
    takes_turns: bool = False
    only_in: tuple[str, ...] = ()
    reminder: timedelta | None = None
    with_card: bool = False
    discreet_title: str = "Time together"
    versions: tuple[Version, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "versions", (Version(self.length, self.how_to), *self.shorter))
        lengths = [version.length for version in self.versions]
        if len(lengths) > len(Size) or lengths != sorted(set(lengths), reverse=True):
            raise ValueError("a ritual has up to three lengths, each shorter than the one before")
        if not self.windows:
            raise ValueError("a ritual needs at least one window")
        if self.at_least and self.at_least < self.spacing:
            raise ValueError("at_least is no less than spacing")

    def version_of(self, length: timedelta) -> Version:
        """What to do in so much time: the longest version that fits, else the shortest."""
        return next((one for one in self.versions if one.length <= length), self.versions[-1])
