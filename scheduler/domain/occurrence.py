"""Which dates a ritual asks for. Not here: at what hour (planning).

An occurrence is known by its ritual and its **period label** ("2026-11-23", "2026-W48", "2026-W48.2",
"2026-11", "2026-Q4"), never by an instant: a clock change or a move cannot mint a second one.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from typing import assert_never

from scheduler.domain.cadence import Cadence, Daily, EveryDays, Monthly, Quarterly, Weekly, Yearly
from scheduler.domain.dates import on_year
from scheduler.domain.localtime import days
from scheduler.domain.ritual import Ritual

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One wished-for instance; it may stand on any local date from first to last, best on target."""

    ritual: str
    period: str
    first: date
    last: date
    target: date | None = None

    @property
    def key(self) -> str:
        return f"{self.ritual}/{self.period}"


class Fate(Enum):
    """What became of an occurrence once it had a slot."""

    PLACED = "placed"
    DECLINED = "declined"  # a person took it away: "not this one", never placed again
    WITHDRAWN = "withdrawn"  # the couple's file no longer asks for it


@dataclass(frozen=True, slots=True)
class Placement:
    """The slot chosen for an occurrence: a half-open UTC interval.

    ``moves`` counts moves of our own making; ``held`` means that a person chose the time.
    ``decided_at`` is when the slot was last chosen, ``previous`` the start before that.
    """

    key: str
    starts_at: datetime
    ends_at: datetime
    decided_at: datetime
    moves: int = 0
    held: bool = False
    fate: Fate = Fate.PLACED
    previous: datetime | None = None
    why: str = ""

    def __post_init__(self) -> None:
        if not self.starts_at < self.ends_at:
            raise ValueError("a slot ends after it starts")

    @property
    def ritual(self) -> str:
        return self.key.partition("/")[0]

    @property
    def period(self) -> str:
        return self.key.partition("/")[2]


def expand(ritual: Ritual, first: date, last: date) -> list[Occurrence]:
    """The occurrences of a ritual that are due for planning in first..last, by date.

    One enters when its target date, or else the end of its period, lies inside.
    """
    return [one for one in _all(ritual, first, last) if one.last >= first and (one.target or one.last) <= last]


def _all(ritual: Ritual, first: date, last: date) -> Iterator[Occurrence]:
    match ritual.cadence:
        case Daily(weekdays):
            on_time = (day for day in days(first, last) if day.weekday() in weekdays)
            yield from (Occurrence(ritual.id, day.isoformat(), day, day, day) for day in on_time)
        case Weekly() as weekly:
            yield from _weeks(ritual.id, weekly, first, last)
        case Monthly() as monthly:
            yield from _months(ritual.id, monthly, first, last)
        case Quarterly():
            yield from _quarters(ritual.id, first, last)
        case EveryDays() as every:
            yield from _stretches(ritual.id, every, first, last)
        case Yearly(month, number):
            dates = (on_year(month, number, year) for year in range(first.year, last.year + 1))
            yield from (Occurrence(ritual.id, str(day.year), day, day, day) for day in dates)
        case _ as never:
            assert_never(never)


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def week_label(day: date) -> str:
    """The ISO week of a date: "2026-W48"."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def _weeks(ritual: str, weekly: Weekly, first: date, last: date) -> Iterator[Occurrence]:
    monday, anchor = monday_of(first), monday_of(weekly.anchor)
    while monday <= last:
        if (monday - anchor) // WEEK % weekly.every == 0:
            for number in range(1, weekly.times + 1):
                label = week_label(monday) + (f".{number}" if weekly.times > 1 else "")
                yield Occurrence(ritual, label, monday, monday + timedelta(days=6))
        monday += WEEK


def _months(ritual: str, monthly: Monthly, first: date, last: date) -> Iterator[Occurrence]:
    start = first.replace(day=1)
    while start <= last:
        length = monthrange(start.year, start.month)[1]
        target = _monthly_target(monthly, start, length)
        if monthly.day is None and monthly.nth is None:
            yield Occurrence(ritual, f"{start:%Y-%m}", start, start.replace(day=length), target)
        else:
            yield Occurrence(ritual, f"{start:%Y-%m}", target, target, target)
        start += timedelta(days=length)


def _monthly_target(monthly: Monthly, start: date, length: int) -> date:
    if monthly.day is not None:
        return start.replace(day=min(monthly.day, length))
    if monthly.nth is None or monthly.weekday is None:
        return start.replace(day=15)
    if monthly.nth == -1:
        end = start.replace(day=length)
        return end - timedelta(days=(end.weekday() - monthly.weekday) % 7)
    return start + timedelta(days=(monthly.weekday - start.weekday()) % 7 + 7 * (monthly.nth - 1))


def _stretches(ritual: str, every: EveryDays, first: date, last: date) -> Iterator[Occurrence]:
    start = first - timedelta(days=(first - every.anchor).days % every.days)
    while start <= last:
        yield Occurrence(ritual, start.isoformat(), start, start + timedelta(days=every.days - 1))
        start += timedelta(days=every.days)


def _quarters(ritual: str, first: date, last: date) -> Iterator[Occurrence]:
    start = date(first.year, 3 * ((first.month - 1) // 3) + 1, 1)
    while start <= last:
        following = (start + timedelta(days=95)).replace(day=1)
        yield Occurrence(
            ritual,
            f"{start.year}-Q{start.month // 3 + 1}",
            start,
            following - timedelta(days=1),
            start + timedelta(days=45),
        )
        start = following


def number_of(ritual: Ritual, period: str) -> int:
    """Which one in the row of its occurrences a period label names, counted from long ago; 0 where it is not one."""
    try:
        return _number(ritual.cadence, period)
    except ValueError:
        return 0


def _number(cadence: Cadence, period: str) -> int:
    match cadence:
        case Daily():
            return date.fromisoformat(period).toordinal()
        case EveryDays(length, anchor):
            return (date.fromisoformat(period) - anchor).days // length
        case Weekly(times, every, anchor):
            week, _, nth = period.partition(".")
            monday = date.fromisocalendar(int(week[:4]), int(week[6:]), 1)
            return (monday - monday_of(anchor)) // WEEK // every * times + int(nth or 1) - 1
        case Monthly():
            return 12 * int(period[:4]) + int(period[5:])
        case Quarterly():
            return 4 * int(period[:4]) + int(period[6:])
        case Yearly():
            return int(period)
        case _ as never:
            assert_never(never)
