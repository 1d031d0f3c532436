"""One partner's calendar cut into weeks and days as that partner's own wall shows them. Not here: markup (album).

Positions are minutes after local midnight, so on the day of a clock change a column still reads like the wall.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from scheduler.app.days import clock_shift
from scheduler.domain.freebusy import Spans, instant, union
from scheduler.domain.localtime import DAY_MINUTES, days, local_date
from scheduler.domain.occurrence import Fate, monday_of

HUES = 10
_EARLY, _LATE = 7 * 60, 22 * 60
_LONG = 10 * 60
_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class RitualSlot:
    """One ritual on a calendar: UTC instants, ``ritual`` its id, ``why`` one line on why this time.

    ``words`` are what else there is to know ("15 min", "short"); ``was`` is the start before it moved, if it did.
    """

    ritual: str
    title: str
    starts_at: datetime
    ends_at: datetime
    why: str = ""
    fate: Fate = Fate.PLACED
    words: tuple[str, ...] = ()
    was: datetime | None = None


@dataclass(frozen=True, slots=True)
class Side:
    """One partner's calendar as it is shown; ``busy`` is when, never why, and need not be sorted or disjoint."""

    partner: str
    name: str
    zone: ZoneInfo
    busy: Spans = ()
    rituals: tuple[RitualSlot, ...] = ()

    @property
    def place(self) -> str:
        """The last word of the zone's name: "Lisbon"."""
        return self.zone.key.rpartition("/")[2].replace("_", " ")

    def shown(self) -> list[RitualSlot]:
        """The rituals that have a slot or had one, by start."""
        return sorted((one for one in self.rituals if one.fate is not Fate.WITHDRAWN), key=lambda one: one.starts_at)


@dataclass(frozen=True, slots=True)
class Block:
    """A part of one local day, in minutes after midnight (0-1440); ``slot`` None means that it is busy time.

    ``times`` is the whole interval in local words, also where the block is only a part of it.
    """

    start: int
    end: int
    times: str
    slot: RitualSlot | None = None
    hue: int = 0
    continued: bool = False

    @property
    def lines(self) -> int:
        """How many lines of text fit, at the height that days.css gives a minute (0.75 px, 14 px a line)."""
        return max(1, (self.end - self.start) * 3 // 4 // 14)

    @property
    def declined(self) -> bool:
        return self.slot is not None and self.slot.fate is Fate.DECLINED


@dataclass(frozen=True, slots=True)
class Day:
    """One column: ``now`` is the minute of the now-line, ``shift`` the minutes that clocks jump on this date."""

    date: date
    rituals: tuple[Block, ...]
    busy: tuple[Block, ...]
    now: int | None = None
    shift: int = 0

    @property
    def busy_words(self) -> str:
        return ", ".join("all day" if block.end - block.start == DAY_MINUTES else block.times for block in self.busy)


@dataclass(frozen=True, slots=True)
class SideWeek:
    """Seven days of one partner, Monday first."""

    side: Side
    days: tuple[Day, ...]

    @property
    def count(self) -> int:
        """How many rituals start in the week and were not taken away."""
        blocks = (block for day in self.days for block in day.rituals)
        return sum(not block.continued and not block.declined for block in blocks)


@dataclass(frozen=True, slots=True)
class Week:
    """One page of both calendars; ``opens`` and ``closes`` bound the hours drawn, in minutes, even hours."""

    monday: date
    sides: tuple[SideWeek, ...]
    opens: int
    closes: int

    @property
    def hours(self) -> range:
        return range(self.opens // 60, self.closes // 60, 2)

    def drawn(self, block: Block) -> Block | None:
        """The part of a block inside the hours drawn; None where nothing of it is."""
        start, end = max(block.start, self.opens), min(block.end, self.closes)
        return replace(block, start=start, end=end) if start < end else None


def hues_of(sides: Iterable[Side]) -> dict[str, int]:
    """A hue number 0-9 for each ritual id, by title and id, so that both sides and every run agree."""
    known = sorted({(slot.title.casefold(), slot.ritual) for side in sides for slot in side.shown()})
    return {ritual: number % HUES for number, ritual in enumerate(dict.fromkeys(ritual for _, ritual in known))}


def cut_weeks(sides: tuple[Side, ...], first: date, last: date, now: datetime | None) -> list[Week]:
    """The weeks that hold first to last, both local dates; Monday to Sunday, in order."""
    hues = hues_of(sides)
    columns = [(side, _ritual_blocks(side, hues), _busy_blocks(side)) for side in sides]
    return [
        _week(monday, [_side_week(monday, side, rituals, busy, now) for side, rituals, busy in columns])
        for monday in days(monday_of(first), last)
        if monday.weekday() == 0
    ]


Blocks = Mapping[date, list[Block]]


def _ritual_blocks(side: Side, hues: Mapping[str, int]) -> Blocks:
    found: dict[date, list[Block]] = defaultdict(list)
    for slot in side.shown():
        for day, block in _pieces(slot.starts_at, slot.ends_at, side.zone):
            found[day].append(replace(block, slot=slot, hue=hues[slot.ritual]))
    return found


def _busy_blocks(side: Side) -> Blocks:
    found: dict[date, list[Block]] = defaultdict(list)
    for start, end in union(side.busy):
        for day, block in _pieces(instant(start), instant(end), side.zone):
            found[day].append(block)
    return found


def _pieces(starts_at: datetime, ends_at: datetime, zone: ZoneInfo) -> Iterator[tuple[date, Block]]:
    """An interval as one block for each local date it touches."""
    start, end = starts_at.astimezone(zone), ends_at.astimezone(zone)
    first, last = start.date(), local_date(ends_at - _INSTANT, zone)
    times = _times(start, end)
    for day in days(first, last):
        top = _minute(start) if day == first else 0
        bottom = _minute(end) if day == end.date() else DAY_MINUTES
        if bottom <= top:  # the hour that comes twice in autumn: the wall goes back, the length stays true
            bottom = min(DAY_MINUTES, top + max(1, (ends_at - starts_at) // timedelta(minutes=1)))
        yield day, Block(top, bottom, times, continued=day > first)


def _times(start: datetime, end: datetime) -> str:
    if end - start < timedelta(days=1):
        return f"{start:%H:%M}–{end:%H:%M}"
    return f"{start:%a %H:%M} – {end:%a %H:%M}"


def _minute(local: datetime) -> int:
    return local.hour * 60 + local.minute


def _side_week(monday: date, side: Side, rituals: Blocks, busy: Blocks, now: datetime | None) -> SideWeek:
    return SideWeek(
        side,
        tuple(
            Day(
                date=day,
                rituals=tuple(rituals.get(day, ())),
                busy=tuple(busy.get(day, ())),
                now=_minute(now.astimezone(side.zone)) if now and local_date(now, side.zone) == day else None,
                shift=clock_shift(day, side.zone),
            )
            for day in days(monday, monday + timedelta(days=6))
        ),
    )


def _week(monday: date, sides: list[SideWeek]) -> Week:
    """Fit the hours drawn to what both sides hold; a long absence does not stretch them, it is cut."""
    both = [day for side in sides for day in side.days]
    blocks = [block for day in both for block in (*day.rituals, *day.busy)]
    telling = [block for block in blocks if block.slot or block.end - block.start < _LONG]
    opens = min([_EARLY, *(block.start for block in telling)]) // 120 * 120
    closes = -(-max([_LATE, *(block.end for block in telling)]) // 120) * 120
    return Week(monday, tuple(sides), opens, closes)
