"""A practice the couple repeats, and its rhythm. Not here: which dates that gives (occurrence)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from scheduler.domain.localtime import ANY_TIME, WEEKDAY_NAMES, Windows, parse_weekday

FIRST_MONDAY = date(1970, 1, 5)


@dataclass(frozen=True, slots=True)
class Daily:
    """Once on each of the weekdays (0 = Monday)."""

    weekdays: frozenset[int] = frozenset(range(7))


@dataclass(frozen=True, slots=True)
class Weekly:
    """``times`` in every ``every``-th ISO week, counted from the week of ``anchor``."""

    times: int = 1
    every: int = 1
    anchor: date = FIRST_MONDAY

    def __post_init__(self) -> None:
        if not (1 <= self.times <= 7 and 1 <= self.every <= 52):
            raise ValueError("1 to 7 times a week, every 1 to 52 weeks")
        if self.times > 1 and self.every > 1:
            raise ValueError("several times a week means every week")


@dataclass(frozen=True, slots=True)
class Monthly:
    """Once a month: on a date (31 means the last day), on the nth weekday (-1 = last), or on any day."""

    day: int | None = None
    nth: int | None = None
    weekday: int | None = None

    def __post_init__(self) -> None:
        if self.day is not None and not 1 <= self.day <= 31:
            raise ValueError("a day of the month is 1 to 31")


@dataclass(frozen=True, slots=True)
class Quarterly:
    """Once in each calendar quarter."""


Cadence = Daily | Weekly | Monthly | Quarterly

CADENCES = (
    "daily",
    "weekdays",
    "weekly",
    "2 a week",
    "every 2 weeks",
    "monthly",
    "monthly on 15",
    "monthly on first sunday",
    "quarterly",
)
_FIXED: dict[str, Cadence] = {
    "daily": Daily(),
    "weekdays": Daily(frozenset(range(5))),
    "weekly": Weekly(),
    "monthly": Monthly(),
    "quarterly": Quarterly(),
}
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": -1}
_A_WEEK = re.compile(r"([1-7])(?: times| x)? (?:a|per) week")
_WEEKS = re.compile(r"every (\d{1,2}) weeks?")
_MONTHLY_DATE = re.compile(r"monthly on (?:the )?(\d{1,2})(?:st|nd|rd|th)?")
_MONTHLY_DAY = re.compile(rf"monthly on (?:the )?({'|'.join(_ORDINALS)}) (\w+)")


def parse_cadence(text: str) -> Cadence:
    """A rhythm as people write it (see CADENCES for every form); Raises ValueError.

    >>> parse_cadence("monthly on first sunday")
    Monthly(day=None, nth=1, weekday=6)
    """
    words = " ".join(text.lower().split())
    if words in _FIXED:
        return _FIXED[words]
    if found := _A_WEEK.fullmatch(words):
        return Weekly(times=int(found[1]))
    if found := _WEEKS.fullmatch(words):
        return Weekly(every=int(found[1]))
    if found := _MONTHLY_DATE.fullmatch(words):
        return Monthly(day=int(found[1]))
    if found := _MONTHLY_DAY.fullmatch(words):
        return Monthly(nth=_ORDINALS[found[1]], weekday=parse_weekday(found[2]))
    raise ValueError(f'"{text}" is not a cadence')


def cadence_text(cadence: Cadence) -> str:
    """The rhythm in words, as it would be written in the file.

    >>> cadence_text(Weekly(times=3))
    '3 a week'
    """
    match cadence:
        case Daily(weekdays) if len(weekdays) == 7:
            return "daily"
        case Daily():
            return "weekdays"
        case Weekly(times, 1):
            return "weekly" if times == 1 else f"{times} a week"
        case Weekly(_, every):
            return f"every {every} weeks"
        case Monthly(day=int(day)):
            return f"monthly on {day}"
        case Monthly(nth=int(nth), weekday=int(weekday)):
            ordinal = next(word for word, number in _ORDINALS.items() if number == nth)
            return f"monthly on {ordinal} {WEEKDAY_NAMES[weekday]}"
        case Monthly():
            return "monthly"
        case Quarterly():
            return "quarterly"


@dataclass(frozen=True, slots=True)
class Ritual:
    """What the couple repeats. ``id`` is a slug, unique in the couple, and never changes.

    ``windows`` are wall time in each partner's own zone, or in that of ``clock_of`` (a partner's id).
    ``ideal`` is minutes after midnight; ``spacing`` the least number of days from one date to the next.
    ``reminder`` is before the start, None for no alarm. ``how_to`` has one to five lines.
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
    buffer: timedelta = timedelta(0)
    spacing: int = 0
    reminder: timedelta | None = None
    with_card: bool = False
    discreet_title: str = "Time together"

    def __post_init__(self) -> None:
        if not timedelta(minutes=1) <= self.length <= timedelta(hours=12):
            raise ValueError("a ritual lasts 1 minute to 12 hours")
        if not self.windows:
            raise ValueError("a ritual needs at least one window")
        if not 1 <= len(self.how_to) <= 5:
            raise ValueError("how_to has one to five lines")
