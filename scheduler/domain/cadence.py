"""The rhythm of a ritual, and how people write it. Not here: which dates that gives (occurrence)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from scheduler.domain.dates import parse_yearly, yearly_text
from scheduler.domain.localtime import WEEKDAY_NAMES, parse_weekday

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


@dataclass(frozen=True, slots=True)
class EveryDays:
    """Once in each stretch of so many days, counted from ``anchor``."""

    days: int
    anchor: date = FIRST_MONDAY

    def __post_init__(self) -> None:
        if not 2 <= self.days <= 120:
            raise ValueError("every 2 to 120 days")


@dataclass(frozen=True, slots=True)
class Yearly:
    """Once a year on a date; 29 February is kept on the 28th in years that have none."""

    month: int
    day: int


Cadence = Daily | Weekly | Monthly | Quarterly | EveryDays | Yearly

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
    "every 10 days",
    "yearly on 14 june",
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
_DAYS = re.compile(r"every (\d{1,3}) days")
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
    if found := _DAYS.fullmatch(words):
        return EveryDays(int(found[1]))
    if words.startswith("yearly on "):
        return Yearly(*parse_yearly(words.removeprefix("yearly on ")))
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
    for words, fixed in _FIXED.items():
        if cadence == fixed:
            return words
    match cadence:
        case Daily():
            return "weekdays"
        case Weekly(times, every):
            return f"{times} a week" if times > 1 else f"every {every} weeks"
        case Monthly():
            return _monthly_text(cadence)
        case EveryDays(days):
            return f"every {days} days"
        case Yearly(month, day):
            return f"yearly on {yearly_text(month, day)}"
        case _:
            return "quarterly"


def _monthly_text(monthly: Monthly) -> str:
    if monthly.nth is None or monthly.weekday is None:
        return f"monthly on {monthly.day}"
    ordinal = next(word for word, number in _ORDINALS.items() if number == monthly.nth)
    return f"monthly on {ordinal} {WEEKDAY_NAMES[monthly.weekday]}"
