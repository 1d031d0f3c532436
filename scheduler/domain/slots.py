"""Where an occurrence could stand, and how good each place is. Not here: choosing among several wishes (placing).

A cost is in units of five minutes away from the ideal; a day off the best day weighs as much as half an hour or
more. A shorter version costs more than any hour of the day, and no place at all far more than that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import NamedTuple

from scheduler.domain.anchors import OnDate, anchored
from scheduler.domain.cadence import Daily, Weekly
from scheduler.domain.freebusy import Spans
from scheduler.domain.ground import Ground, between
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
_UNSTEADY = 200


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


@dataclass(frozen=True, slots=True)
class Search:
    """How to look: not before an instant, for one partner's turn at an awkward hour.

    ``again``: it had a place and lost it, so a steady hour counts too.
    Not ``widely``: only the longest version that has a place at all, and its best FEW slots.
    """

    earliest: int
    turn: int = 0
    again: bool = False
    widely: bool = False
    loss: int = LOSS


def wish_for(occurrence: Occurrence, ritual: Ritual, ground: Ground, search: Search) -> Wish:
    """Every slot that the occurrence could take, best first.

    Shorter versions are left out while a longer one has a place, and slots far from the best ones, unless it is
    searched ``widely``.
    """
    dates = list(_dates(occurrence, ritual, ground, search))
    found: list[Slot] = []
    for size in Size:
        if found and not search.widely:
            break
        for on in dates:
            if size < len(on.versions):
                found += _on_day(on, on.versions[size], ground)
    reason = None if found else _reason(occurrence, ritual, ground, dates, search.earliest)
    if ritual.anchor and ritual.anchor.point is Point.BEFORE_BED and not isinstance(ritual.cadence, Daily):
        found = _on_own_dates(found, ritual, ground)
    slots = sorted(_priced(found, ritual, ground, search))
    is_cut = not search.widely and not ritual.at_least  # a long gap may cost more than any hour
    return Wish(occurrence, ritual, tuple(slots[:FEW] if is_cut else slots), reason, search.loss)


def _dates(occurrence: Occurrence, ritual: Ritual, ground: Ground, search: Search) -> Iterator[OnDate]:
    days = ground.days(ritual)
    first = max(occurrence.first.toordinal(), days.day_of(search.earliest))
    for day in range(first, min(occurrence.last, ground.last).toordinal() + 1):
        if versions := ground.couple.versions_on(ritual, date.fromordinal(day)):
            bounds = (max(days.at(day, 0), search.earliest), days.at(day + 1, 0) - 1)
            ideal = days.at(day, ritual.ideal) if ritual.ideal is not None else None
            on = OnDate(ritual, day, versions, _day_cost(occurrence, ritual, day), bounds, ideal)
            yield anchored(on, ground) if ritual.anchor else on


def _on_day(on: OnDate, version: Version, ground: Ground) -> Iterator[Slot]:
    length = int(version.length.total_seconds())
    step = STEP_S if length >= STEP_S else FINE_STEP_S
    low, high = on.starts_s
    if on.until_s is not None:
        high = min(high, on.until_s - length)
    cost, ideal, day = on.cost + SHORTER * on.versions.index(version), on.ideal_s, on.day
    for start, end in between(ground.free(on.ritual), low, high + 1):
        latest = min(end - length, high)
        starts = range(-(-start // step) * step, latest + 1, step)
        if ideal is None:
            yield from [Slot(cost, at, at + length, day) for at in starts]
            continue
        yield from [Slot(cost + abs(at - ideal) // _UNIT_S, at, at + length, day) for at in starts]
        nearest = max(ideal, -(-start // FINE_STEP_S) * FINE_STEP_S)  # the very minute, or the first free one after it
        if nearest <= latest and nearest % step and (nearest == ideal or on.ritual.anchor):
            yield Slot(cost + abs(nearest - ideal) // _UNIT_S, nearest, nearest + length, day)


def _on_own_dates(slots: list[Slot], ritual: Ritual, ground: Ground) -> list[Slot]:
    """The slots by the dates on which they begin: past midnight that is not the date of the evening."""
    days = ground.days(ritual)
    dated = [slot._replace(day=days.day_of(slot.start)) for slot in slots]
    return [slot for slot in dated if ground.couple.versions_on(ritual, date.fromordinal(slot.day))]


def _priced(slots: list[Slot], ritual: Ritual, ground: Ground, search: Search) -> list[Slot]:
    """The slots with the price of awkward hours, and of those at which one of the two often has something else.

    Where the couple said which hour it likes, that counts alone, until it had to move once.
    """
    is_told = ritual.anchor is not None or (ritual.ideal is not None and not search.again)
    habits = None if is_told else ground.habits(ritual)
    is_fair = ritual.clock_of is None and ground.has_awkward_hours
    if habits is None and not is_fair:
        return slots
    found = []
    for cost, start, end, day in slots:
        more = round(_UNSTEADY * habits.share(day, start, end)) if habits else 0
        if is_fair:
            more += _awkward_cost(ground.awkward_s(start, end), search.turn)
        found.append(Slot(cost + more, start, end, day))
    return found


def _awkward_cost(awkward_s: tuple[int, int], turn: int) -> int:
    """Low for the one whose turn it is; high for the other, and where it is as bad for both."""
    if not any(awkward_s):
        return 0
    return _AWKWARD if awkward_s[turn] > awkward_s[1 - turn] else _OUT_OF_TURN


def _reason(occurrence: Occurrence, ritual: Ritual, ground: Ground, dates: Sequence[OnDate], earliest: int) -> Reason:
    days, hours = ground.days(ritual), ground.hours
    first, last = (max(one.toordinal(), days.first) for one in (occurrence.first, min(occurrence.last, ground.last)))
    every = range(first, last + 1)
    allowed = [day for day in every if ground.couple.versions_on(ritual, date.fromordinal(day))]
    shortest = int(ritual.versions[-1].length.total_seconds())

    def has_room(spans: Spans, on: Iterable[int], since: int = 0) -> bool:
        stretches = ((max(days.at(day, 0), since), days.at(day + 1, 0)) for day in on)
        return any(end - start >= shortest for low, high in stretches for start, end in between(spans, low, high))

    if not has_room(hours.open_at_all(ritual), every):
        return Reason.SOON if first > occurrence.first.toordinal() else Reason.WINDOWS
    ahead = [day for day in every if day >= days.day_of(earliest)]
    if not has_room(hours.open(ritual), allowed) or (ahead and not set(ahead) & set(allowed)):
        return Reason.RESTING
    if not has_room(ground.free(ritual), allowed):
        return Reason.TAKEN
    is_late = not has_room(ground.free(ritual), allowed, earliest)
    return Reason.ANCHOR if ritual.anchor and dates and not is_late else Reason.SOON


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
