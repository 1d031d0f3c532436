"""Where an occurrence could stand, and how good each place is. Not here: choosing among several wishes (placing)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

from scheduler.domain.cadence import Weekly
from scheduler.domain.couple import Couple
from scheduler.domain.freebusy import Span, Spans, instant, intersection, span_of, subtract, union
from scheduler.domain.localtime import DAY_MINUTES, Windows, days, spans_between, to_utc
from scheduler.domain.occurrence import Occurrence
from scheduler.domain.ritual import Ritual

STEP_S = 15 * 60
_DAY = timedelta(days=1)


class Reason(Enum):
    """Why an occurrence has no place; the value is the line that people read."""

    UNKNOWN = "one calendar cannot be read just now"
    WINDOWS = "the windows of the two of you never meet"
    TAKEN = "nothing long enough is free for you both"
    SOON = "what is free begins too soon"
    CROWDED = "other rituals stand in its way"


@dataclass(frozen=True, slots=True)
class Slot:
    """One possible place: half-open, UTC epoch seconds; ``day`` is its local date's ordinal; lower cost is better."""

    cost: int
    start: int
    end: int
    day: int


@dataclass(frozen=True, slots=True)
class Wish:
    """An occurrence that wants a place, with its possible slots, best first; ``reason`` says why there are none."""

    occurrence: Occurrence
    ritual: Ritual
    slots: tuple[Slot, ...]
    reason: Reason | None = None

    @property
    def key(self) -> str:
        return self.occurrence.key


def open_spans(couple: Couple, ritual: Ritual, first: date, last: date) -> Spans:
    """Where the free windows of both and the ritual's own windows meet, for local dates first..last."""
    spans = _window_spans(couple, ritual, first, last)
    for partner in couple.partners:
        spans = intersection(spans, _spans(partner.free, first - 2 * _DAY, last + 2 * _DAY, partner.zone))
    return spans


def _window_spans(couple: Couple, ritual: Ritual, first: date, last: date) -> Spans:
    clock = couple.clock(ritual)
    spans = _spans(ritual.windows, first, last, clock)
    if ritual.clock_of is None:
        other = couple.partners[1].zone
        spans = intersection(spans, _spans(ritual.windows, first - _DAY, last + _DAY, other))
    return spans


def _spans(windows: Windows, first: date, last: date, zone: ZoneInfo) -> Spans:
    return union(span_of(*pair) for pair in spans_between(windows, first, last, zone))


def widened(spans: Spans, by_s: int) -> Spans:
    """The spans with a buffer on both sides."""
    return union((start - by_s, end + by_s) for start, end in spans) if by_s else spans


def clipped(spans: Spans, start: int, end: int) -> Spans:
    """What lies in the half-open stretch."""
    found = []
    for index in range(max(bisect_right(spans, (start, start)) - 1, 0), len(spans)):
        low, high = max(spans[index][0], start), min(spans[index][1], end)
        if spans[index][0] >= end:
            break
        if low < high:
            found.append((low, high))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Calendar:
    """What a plan is made against: busy times of either, and the stretch in which a slot may begin."""

    couple: Couple
    busy: Spans
    earliest: datetime
    last: date


def wish_for(occurrence: Occurrence, ritual: Ritual, calendar: Calendar) -> Wish:
    """Every slot that the occurrence could take, best first."""
    clock = calendar.couple.clock(ritual)
    last = min(occurrence.last, calendar.last)
    whole = open_spans(calendar.couple, ritual, occurrence.first, last)
    length = int(ritual.length.total_seconds())
    if not any(end - start >= length for start, end in whole):
        return Wish(occurrence, ritual, (), Reason.WINDOWS)
    bounds: Span = (whole[0][0], whole[-1][1])
    buffer = int(ritual.buffer.total_seconds())
    free = subtract(whole, widened(clipped(calendar.busy, bounds[0] - buffer, bounds[1] + buffer), buffer))
    if not any(end - start >= length for start, end in free):
        return Wish(occurrence, ritual, (), Reason.TAKEN)
    free = subtract(free, ((0, int(calendar.earliest.timestamp())),))
    slots = tuple(sorted(_slots(occurrence, ritual, free, clock), key=lambda slot: (slot.cost, slot.start)))
    return Wish(occurrence, ritual, slots, None if slots else Reason.SOON)


def _slots(occurrence: Occurrence, ritual: Ritual, free: Spans, clock: ZoneInfo) -> Iterable[Slot]:
    if not free:
        return
    first = max(occurrence.first, instant(free[0][0]).astimezone(clock).date())
    last = min(occurrence.last, instant(free[-1][1]).astimezone(clock).date())
    for day in days(first, last):
        midnight, following = to_utc(day, 0, clock), to_utc(day, DAY_MINUTES, clock)
        ideal = int(to_utc(day, ritual.ideal, clock).timestamp()) if ritual.ideal is not None else None
        off = _day_cost(occurrence, ritual, day)
        for start in _starts(clipped(free, *span_of(midnight, following + ritual.length)), ritual, ideal):
            if start < following.timestamp():
                away = abs(start - ideal) // 300 if ideal is not None else 0
                yield Slot(off + away, start, start + int(ritual.length.total_seconds()), day.toordinal())


def _starts(free: Spans, ritual: Ritual, ideal: int | None) -> Iterable[int]:
    length = int(ritual.length.total_seconds())
    for low, high in free:
        grid = range(-(-low // STEP_S) * STEP_S, high - length + 1, STEP_S)
        yield from grid
        if ideal is not None and low <= ideal <= high - length and ideal % STEP_S:
            yield ideal


def _day_cost(occurrence: Occurrence, ritual: Ritual, day: date) -> int:
    cost = 0
    if occurrence.target is not None:
        cost += 6 * abs((day - occurrence.target).days)
    if ritual.ideal_weekday is not None:
        cost += 12 * abs(day.weekday() - ritual.ideal_weekday)
    elif isinstance(ritual.cadence, Weekly) and ritual.cadence.times > 1:
        number = int(occurrence.period.rpartition(".")[2])
        cost += 6 * abs(day.weekday() - (2 * number - 1) * 7 // (2 * ritual.cadence.times))
    return cost
