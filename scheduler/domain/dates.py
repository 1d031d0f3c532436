"""Dates that people name: single ones, stretches, those of every year. Not here: public holidays (settings/places)."""

from __future__ import annotations

import re
from calendar import isleap
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

MONTH_NAMES = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_LONGEST_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_DAY_MONTH = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?(?: of)? ([a-z]{3,9})|([a-z]{3,9}) (\d{1,2})(?:st|nd|rd|th)?")


def on_year(month: int, day: int, year: int) -> date:
    """The date of a yearly day in that year; 29 February is kept on the 28th where there is none.

    >>> on_year(2, 29, 2027).isoformat()
    '2027-02-28'
    """
    return date(year, month, 28 if (month, day) == (2, 29) and not isleap(year) else day)


def parse_yearly(text: str) -> tuple[int, int]:
    """(month, day) of "14 june", "jun 14" or "06-14"; Raises ValueError."""
    words = " ".join(text.lower().split())
    if found := re.fullmatch(r"(\d\d)-(\d\d)", words):
        month, day = int(found[1]), int(found[2])
    elif found := _DAY_MONTH.fullmatch(words):
        month, day = _month(found[2] or found[3]), int(found[1] or found[4])
    else:
        month, day = 0, 0
    if not (1 <= month <= 12 and 1 <= day <= _LONGEST_MONTH[month - 1]):
        raise ValueError(f'"{text}" is not a day of the year; write it as "14 june"')
    return month, day


def _month(word: str) -> int:
    return next((number for number, name in enumerate(MONTH_NAMES, 1) if word in (name, name[:3])), 0)


def yearly_text(month: int, day: int) -> str:
    """
    >>> yearly_text(6, 14)
    '14 june'
    """
    return f"{day} {MONTH_NAMES[month - 1]}"


@dataclass(frozen=True, slots=True)
class Stretch:
    """Dates from first to last, both included; ``yearly`` ones return, whatever their years."""

    first: date
    last: date
    yearly: bool = False

    def __post_init__(self) -> None:
        if self.first > self.last and not self.yearly:
            raise ValueError("a stretch of dates ends after it begins")

    def __contains__(self, day: date) -> bool:
        if not self.yearly:
            return self.first <= day <= self.last
        low, high = (on_year(end.month, end.day, day.year) for end in (self.first, self.last))
        return low <= day <= high if low <= high else day >= low or day <= high


_LEAP_YEAR = 2024  # has every day of the year


def parse_stretch(text: str) -> Stretch:
    """ "2026-12-24", "2026-12-20 to 2027-01-03", or of every year: "24 december", "24 dec to 2 jan"; Raises ValueError.

    >>> date(2031, 1, 1) in parse_stretch("24 dec to 2 jan")
    True
    """
    first, _, last = (part.strip() for part in text.partition(" to "))
    try:
        return Stretch(date.fromisoformat(first), date.fromisoformat(last or first))
    except ValueError as err:
        if "ends after" in str(err):
            raise
    try:
        low, high = parse_yearly(first), parse_yearly(last or first)
    except ValueError:
        raise ValueError(f'"{text}" is no date; write it as "2026-12-24", "24 dec to 2 jan" or "14 june"') from None
    return Stretch(date(_LEAP_YEAR, *low), date(_LEAP_YEAR, *high), yearly=True)


@dataclass(frozen=True, slots=True)
class Dates:
    """A set of dates: stretches, and whole weekdays (0 = Monday).

    >>> date(2026, 11, 28) in Dates(weekdays=frozenset({5}))
    True
    """

    stretches: tuple[Stretch, ...] = ()
    weekdays: frozenset[int] = frozenset()

    def __contains__(self, day: date) -> bool:
        return day.weekday() in self.weekdays or any(day in one for one in self.stretches)

    def __bool__(self) -> bool:
        return bool(self.stretches or self.weekdays)

    def __or__(self, other: Dates) -> Dates:
        return Dates(self.stretches + other.stretches, self.weekdays | other.weekdays)

    def among(self, days: Iterable[date]) -> frozenset[date]:
        """Those of the days that belong to the set."""
        return frozenset(day for day in days if day in self) if self else frozenset()


NO_DATES = Dates()


def next_outside(day: date, dates: Dates) -> date:
    """The first date from that day on which is not in the set; the day itself after a year without any."""
    return next((later for n in range(366) if (later := day + timedelta(days=n)) not in dates), day)
