"""Where an occurrence could stand, and how good each place is. Not here: choosing among several wishes (placing).

A cost is in units of five minutes away from the ideal; a day off the best day weighs as much as half an hour or
more. A shorter version costs more than any hour of the day, and no place at all far more than that.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from typing import NamedTuple

from scheduler.domain.cadence import Weekly
from scheduler.domain.couple import Couple
from scheduler.domain.freebusy import Spans, subtract, union
from scheduler.domain.hours import NO_HOLIDAYS, Days, Hours
from scheduler.domain.occurrence import Occurrence
from scheduler.domain.ritual import Point, Ritual, Size, Version

STEP_S = 15 * 60
FINE_STEP_S = 5 * 60
SHORTER = 400
LOSS = 3000
_UNIT_S = 300
FEW = 160
_AWKWARD = 6
_OUT_OF_TURN = 60
_DAY = timedelta(days=1)


class Reason(Enum):
    """Why an occurrence has no place; the value is the line that people read."""

    UNKNOWN = "one calendar cannot be read just now"
    WINDOWS = "the windows of the two of you never meet"
    RESTING = "these days are kept free of rituals"
    TAKEN = "nothing long enough is free for you both"
    ANCHOR = "nothing is free at that moment of the day"
    SOON = "what is free begins too soon"
    CROWDED = "other rituals stand in its way"
    NEAR = "it would come too close to the one before or after it"
    DAY_FULL = "those days hold as many rituals as a day may"
    WEEK_FULL = "that week holds as many rituals as a week may"


class Slot(NamedTuple):
    """One possible place: half-open, UTC epoch seconds; ``day`` is its local date's ordinal; lower cost is better."""

    cost: int
    start: int
    end: int
    day: int


@dataclass(frozen=True, slots=True)
class Wish:
    """An occurrence that wants a place, with its possible slots, best first; ``reason`` says why there are none.

    ``loss`` is what leaving it out costs, more for rituals that stand first in the file.
    """

    occurrence: Occurrence
    ritual: Ritual
    slots: tuple[Slot, ...]
    reason: Reason | None = None
    loss: int = LOSS

    @property
    def key(self) -> str:
        return self.occurrence.key


def open_spans(couple: Couple, ritual: Ritual, first: date, last: date) -> Spans:
    """Where the free windows of both and the ritual's own windows meet, for local dates first..last."""
    return Hours(couple, NO_HOLIDAYS, first - _DAY, last + _DAY).open(ritual)


def widened(spans: Spans, by_s: int) -> Spans:
    """The spans with a buffer on both sides."""
    return union((start - by_s, end + by_s) for start, end in spans) if by_s else spans


class Ground:
    """What a search works on: open hours less busy times, each worked out once.

    ``last`` is the last local date on which a slot may begin.
    """

    def __init__(self, hours: Hours, busy: tuple[Spans, Spans], last: date) -> None:
        self.couple: Couple = hours.couple
        self.hours, self.busy, self.last = hours, busy, last
        self.taken: Spans = union([*busy[0], *busy[1]])
        self._free: dict[str, Spans] = {}
        self._ends = tuple([end for _, end in spans] for spans in busy)
        self._hard = (hours.hard(0), hours.hard(1))
        self.is_even = self._hard[0] == self._hard[1]

    def free(self, ritual: Ritual) -> Spans:
        if ritual.id not in self._free:
            taken = widened(self.taken, int(ritual.buffer.total_seconds()))
            self._free[ritual.id] = subtract(self.hours.open(ritual), taken)
        return self._free[ritual.id]

    def days(self, ritual: Ritual) -> Days:
        return self.hours.days(self.couple.clock(ritual))

    def work_ends(self, day: int, closes: int) -> int | None:
        """The later of both partners' last busy blocks that end on their local day, before the windows close."""
        found = []
        for partner, ends in zip(self.couple.partners, self._ends, strict=True):
            midnight = self.hours.days(partner.zone).at(day, 0)
            index = bisect_right(ends, closes) - 1
            if index >= 0 and ends[index] > midnight:
                found.append(ends[index])
        return max(found, default=None)

    def bearer(self, start: int, end: int) -> int | None:
        """The position of the partner for whom the hour is the more awkward one; None where it is for neither."""
        if self.is_even:
            return None
        first, second = (shared(spans, start, end) for spans in self._hard)
        return None if first == second else int(second > first)


def shared(spans: Spans, start: int, end: int) -> int:
    """How many seconds of the stretch lie in the spans."""
    index, found = max(bisect_right(spans, (start, start)) - 1, 0), 0
    while index < len(spans) and spans[index][0] < end:
        found += max(0, min(spans[index][1], end) - max(spans[index][0], start))
        index += 1
    return found


@dataclass(frozen=True, slots=True)
class Search:
    """How to look: not before an instant, for one partner's turn at an awkward hour.

    Not ``widely``: only the longest version that has a place at all, and its best FEW slots.
    """

    earliest: int
    turn: int = 0
    widely: bool = False
    loss: int = LOSS


def wish_for(occurrence: Occurrence, ritual: Ritual, ground: Ground, search: Search) -> Wish:
    """Every slot that the occurrence could take, best first.

    Shorter versions are left out while a longer one has a place, and slots far from the best ones, unless it is
    searched ``widely``.
    """
    dates = _dates(occurrence, ritual, ground, search)
    slots: list[Slot] = []
    for size in Size:
        if slots and not search.widely:
            break
        for on in dates:
            if size < len(on.versions):
                slots += _on_day(on, on.versions[size], ground)
    reason = None if slots else _reason(occurrence, ritual, ground, dates)
    if ritual.clock_of is None:
        slots = _fairly(slots, ground, search.turn)
    slots.sort()
    return Wish(occurrence, ritual, tuple(slots if search.widely else slots[:FEW]), reason, search.loss)


@dataclass(frozen=True, slots=True)
class _Date:
    """One local date of a search: ``starts_s`` bounds the start, ``ideal_s`` is where it costs nothing."""

    ritual: Ritual
    day: int
    versions: tuple[Version, ...]
    cost: int
    starts_s: tuple[int, int]
    ideal_s: int | None


def _dates(occurrence: Occurrence, ritual: Ritual, ground: Ground, search: Search) -> list[_Date]:
    days, couple, found = ground.days(ritual), ground.couple, []
    first = max(occurrence.first.toordinal(), days.day_of(search.earliest))
    for day in range(first, min(occurrence.last, ground.last).toordinal() + 1):
        versions = couple.versions_on(ritual, date.fromordinal(day)) if couple.seasons else ritual.versions
        if not versions or (ritual.only_in and not couple.seasons):
            continue
        bounds = (max(days.at(day, 0), search.earliest), days.at(day + 1, 0) - 1)
        ideal = days.at(day, ritual.ideal) if ritual.ideal is not None else None
        one = _Date(ritual, day, versions, _day_cost(occurrence, ritual, day), bounds, ideal)
        found.append(_anchored(one, ground, days) if ritual.anchor else one)
    return found


def _anchored(one: _Date, ground: Ground, days: Days) -> _Date:
    """The date with its starts bound to the anchor; as it was on a day that gives nothing to hold on to."""
    anchor, (low, high) = one.ritual.anchor, one.starts_s
    assert anchor is not None
    spans = _between(ground.hours.open(one.ritual), days.at(one.day, 0), days.at(one.day + 1, 0))
    if not spans:
        return one
    within = int(anchor.within.total_seconds())
    shortest = int(one.versions[-1].length.total_seconds())
    match anchor.point:
        case Point.AFTER_WORK:
            ends = ground.work_ends(one.day, spans[-1][1] - shortest)
            if ends is None:
                return one
            at = max(ends, spans[0][0])
            bounds = (max(low, at), min(high, at + within))
        case Point.BEFORE_BED:
            bed = ground.hours.bedtime(one.day)
            if bed is None:
                return one
            at = bed - max(within, shortest)
            bounds = (max(low, at), min(high + within, bed - shortest))
        case Point.FIRST_FREE:
            free = _between(ground.free(one.ritual), days.at(one.day, 0), days.at(one.day + 1, 0))
            stretch = next((span for span in free if span[1] - span[0] >= within), None)
            if stretch is None:
                return _Date(one.ritual, one.day, (), one.cost, one.starts_s, None)
            at = stretch[0]
            bounds = (max(low, at), min(high, stretch[1]))
    return _Date(one.ritual, one.day, one.versions, one.cost, bounds, at)


def _between(spans: Spans, low: int, high: int) -> Sequence[tuple[int, int]]:
    """The spans that begin in the half-open stretch, and one that reaches into it, cut at its start."""
    index = max(bisect_right(spans, (low, low)) - 1, 0)
    found = []
    while index < len(spans) and spans[index][0] < high:
        if spans[index][1] > low:
            found.append((max(spans[index][0], low), spans[index][1]))
        index += 1
    return found


def _on_day(on: _Date, version: Version, ground: Ground) -> Iterator[Slot]:
    length = int(version.length.total_seconds())
    step = STEP_S if length >= STEP_S else FINE_STEP_S
    low, high = on.starts_s
    cost = on.cost + SHORTER * on.versions.index(version)
    ideal, day = on.ideal_s, on.day
    for start, end in _between(ground.free(on.ritual), low, high + 1):
        latest = min(end - length, high)
        starts = range(-(-start // step) * step, latest + 1, step)
        if ideal is None:
            yield from [Slot(cost, at, at + length, day) for at in starts]
            continue
        yield from [Slot(cost + abs(at - ideal) // _UNIT_S, at, at + length, day) for at in starts]
        nearest = max(ideal, -(-start // FINE_STEP_S) * FINE_STEP_S)  # the very minute, or the first free one after it
        if nearest <= latest and nearest % step and (nearest == ideal or on.ritual.anchor):
            yield Slot(cost + abs(nearest - ideal) // _UNIT_S, nearest, nearest + length, day)


def _fairly(slots: list[Slot], ground: Ground, turn: int) -> list[Slot]:
    """The slots with the price of an awkward hour: low for the one whose turn it is, high for the other."""
    if ground.is_even:
        return slots
    found = []
    for slot in slots:
        bearer = ground.bearer(slot.start, slot.end)
        more = 0 if bearer is None else _AWKWARD if bearer == turn else _OUT_OF_TURN
        found.append(slot._replace(cost=slot.cost + more) if more else slot)
    return found


def _reason(occurrence: Occurrence, ritual: Ritual, ground: Ground, dates: Sequence[_Date]) -> Reason:
    days, couple = ground.days(ritual), ground.couple
    first, last = (max(one.toordinal(), days.first) for one in (occurrence.first, min(occurrence.last, ground.last)))
    if last < first or not any(couple.versions_on(ritual, date.fromordinal(day)) for day in range(first, last + 1)):
        return Reason.RESTING
    shortest = int(ritual.versions[-1].length.total_seconds())
    low, high = days.at(first, 0), days.at(last + 1, 0)
    if not _has_room(_between(ground.hours.open(ritual), low, high), shortest):
        if first > occurrence.first.toordinal():
            return Reason.SOON
        whole = _between(ground.hours.open_at_all(ritual), low, high)
        return Reason.RESTING if _has_room(whole, shortest) else Reason.WINDOWS
    if not _has_room(_between(ground.free(ritual), low, high), shortest):
        return Reason.TAKEN
    soon = not any(_has_room(_between(ground.free(ritual), *one.starts_s), shortest) for one in dates)
    return Reason.ANCHOR if ritual.anchor and dates and not soon else Reason.SOON


def _has_room(spans: Sequence[tuple[int, int]], length: int) -> bool:
    return any(end - start >= length for start, end in spans)


def _day_cost(occurrence: Occurrence, ritual: Ritual, day: int) -> int:
    cost, weekday = 0, (day - 1) % 7
    if occurrence.target is not None:
        cost += 6 * abs(day - occurrence.target.toordinal())
    if ritual.ideal_weekday is not None:
        cost += 12 * abs(weekday - ritual.ideal_weekday)
    elif isinstance(ritual.cadence, Weekly) and ritual.cadence.times > 1:
        number = int(occurrence.period.rpartition(".")[2])
        cost += 6 * abs(weekday - (2 * number - 1) * 7 // (2 * ritual.cadence.times))
    return cost
