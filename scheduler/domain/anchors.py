"""The hours of one local date in which a ritual may begin, tied to what the day holds. Not here: slots in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from scheduler.domain.freebusy import Span
from scheduler.domain.ground import Ground, between
from scheduler.domain.ritual import Point, Ritual, Version


@dataclass(frozen=True, slots=True)
class OnDate:
    """One local date (by its ordinal) of a search.

    ``starts_s`` bounds the start, both ends included; ``ideal_s`` is where it costs nothing, ``until_s`` where it has
    to be over. ``versions`` are the lengths that the date allows, ``cost`` what the date itself costs.
    """

    ritual: Ritual
    day: int
    versions: tuple[Version, ...]
    cost: int
    starts_s: Span
    ideal_s: int | None = None
    until_s: int | None = None

    @property
    def shortest_s(self) -> int:
        return int(self.versions[-1].length.total_seconds())


def anchored(on: OnDate, ground: Ground) -> OnDate:
    """The date with its starts bound to the ritual's anchor; as it was on a day that gives nothing to hold on to."""
    anchor, days = on.ritual.anchor, ground.days(on.ritual)
    day = (days.at(on.day, 0), days.at(on.day + 1, 0))
    opening = between(ground.hours.open(on.ritual), *day)
    if anchor is None or not opening:
        return on
    within = int(anchor.within.total_seconds())
    match anchor.point:
        case Point.AFTER_WORK:
            return _after_work(on, ground, opening, within)
        case Point.BEFORE_BED:
            return _before_bed(on, ground.hours.bedtime(on.day, opening[0][0]), within)
        case Point.FIRST_FREE:
            return _first_free(on, between(ground.free(on.ritual), *day), within)


def _after_work(on: OnDate, ground: Ground, opening: Sequence[Span], within: int) -> OnDate:
    ends = ground.work_ends(on.day, opening[-1][1] - on.shortest_s)
    if ends is None:
        return on
    low, high = on.starts_s
    roomy = (max(ends, start) for start, end in opening if end - max(ends, start) >= on.shortest_s)
    at = next(roomy, ends)  # whoever is done before the windows open begins with them
    return replace(on, starts_s=(max(low, at), min(high, at + within)), ideal_s=at)


def _before_bed(on: OnDate, bed: int | None, within: int) -> OnDate:
    if bed is None:
        return on
    at = bed - max(within, on.shortest_s)
    return replace(on, starts_s=(max(on.starts_s[0], at), bed - on.shortest_s), ideal_s=at, until_s=bed)


def _first_free(on: OnDate, free: Sequence[Span], within: int) -> OnDate:
    low, high = on.starts_s
    stretch = next((span for span in free if span[1] - span[0] >= max(within, on.shortest_s)), None)
    if stretch is None:
        return replace(on, versions=())
    return replace(on, starts_s=(max(low, stretch[0]), min(high, stretch[1])), ideal_s=stretch[0])
