"""The weeks as one picture: a row for each ritual, a dot for each time. Not here: markup (album)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from scheduler.domain.localtime import days, local_date
from scheduler.domain.occurrence import Fate, monday_of
from scheduler.web.weeks import RitualSlot, Side, hues_of

_MONTH_LABELS = 9
_LEAD = 12  # percent: room for the name of a month that began before the picture


@dataclass(frozen=True, slots=True)
class Dot:
    """One occurrence: ``x`` in percent from left to right, ``weekday`` 0 = Monday at the top of its row."""

    x: float
    weekday: int
    declined: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One ritual over all weeks; ``words`` say what the dots show."""

    title: str
    hue: int
    dots: tuple[Dot, ...]
    words: str


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Rows by hue; ``months`` are (x in percent, name), ``weeks`` the left edge of each week in percent."""

    rows: tuple[Row, ...]
    months: tuple[tuple[float, str], ...]
    weeks: tuple[float, ...]


def draw_rhythm(sides: tuple[Side, ...], first: date, last: date) -> Rhythm:
    """The picture of both calendars from first to last; dates are those of the first side's wall."""
    start, end = monday_of(first), monday_of(last) + timedelta(days=7)
    scale = 100 / (end - start).days
    zone = sides[0].zone
    found: dict[str, dict[object, RitualSlot]] = {}
    for slot in _within(sides, start, end, zone):
        found.setdefault(slot.ritual, {}).setdefault(slot.starts_at, slot)
    hues = hues_of(sides)
    rows = [_row([*slots.values()], hues[ritual], start, zone, scale) for ritual, slots in found.items()]
    return Rhythm(
        rows=tuple(sorted(rows, key=lambda row: (row.title.casefold(), row.hue))),
        months=_months(start, end, scale),
        weeks=tuple(round(7 * week * scale, 3) for week in range((end - start).days // 7)),
    )


def _within(sides: Iterable[Side], start: date, end: date, zone: ZoneInfo) -> list[RitualSlot]:
    slots = [slot for side in sides for slot in side.shown() if start <= local_date(slot.starts_at, zone) < end]
    return sorted(slots, key=lambda slot: (slot.starts_at, slot.fate is Fate.PLACED))


def _row(slots: list[RitualSlot], hue: int, start: date, zone: ZoneInfo, scale: float) -> Row:
    dates = {slot.starts_at: local_date(slot.starts_at, zone) for slot in slots}
    dots = tuple(
        Dot(
            x=round(((day := dates[slot.starts_at]) - start).days * scale + scale / 2, 3),
            weekday=day.weekday(),
            declined=slot.fate is Fate.DECLINED,
        )
        for slot in slots
    )
    placed = [dates[slot.starts_at] for slot in slots if slot.fate is Fate.PLACED]
    return Row(slots[-1].title, hue, dots, _words(placed))


def _words(placed: list[date]) -> str:
    """Plain words for the dots: "26 times, Sunday 24, Saturday 2"."""
    if not placed:
        return "no time for now"
    named: Mapping[str, int] = Counter(f"{day:%A}" for day in sorted(placed, key=date.weekday))
    count = "once" if len(placed) == 1 else f"{len(placed)} times"
    if len(named) == 1:
        return f"{count}, on {'a ' if len(placed) == 1 else ''}{next(iter(named))}{'s' * (len(placed) > 1)}"
    return f"{count}: " + ", ".join(f"{name} {number}" for name, number in named.items())


def _months(start: date, end: date, scale: float) -> tuple[tuple[float, str], ...]:
    firsts = [day for day in days(start, end - timedelta(days=1)) if day.day == 1]
    step = -(-len(firsts) // _MONTH_LABELS) or 1
    named = [(round((day - start).days * scale, 3), f"{day:%b}") for day in firsts[::step]]
    lead = [(0.0, f"{start:%b}")] if not named or named[0][0] > _LEAD else []
    return tuple(lead + named)
