"""Whether two people can meet for a ritual at all, in any week of a year. Not here: one ritual by itself (checks).

Free times, rest days and both zones count, with all their clock changes; busy times and single dates do not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

from scheduler.domain.cadence import Daily, Monthly, Weekly, Yearly
from scheduler.domain.couple import Couple, Partner, PlanRules
from scheduler.domain.dates import NO_DATES, Dates
from scheduler.domain.freebusy import instant
from scheduler.domain.hours import NO_HOLIDAYS, Hours
from scheduler.domain.localtime import ANY_TIME, EVERY_DAY, WEEKDAY_NAMES
from scheduler.domain.ritual import Anchor, Point, Ritual
from scheduler.settings.report import literal
from scheduler.settings.rituals import Found

_MONDAY = date(2026, 1, 5)  # which year is asked does not matter: both clock changes of any zone come in each
_WEEKS = 53
_LEAST_S = 300
_DAY_S = 86_400


def with_room(partners: tuple[Partner, Partner], rest: frozenset[int], found: Sequence[Found]) -> list[Found]:
    """The rituals, without built-in anchors that can never hold; complains about those that can never be.

    ``rest`` are the couple's rest days. Rituals that the file does not name are never complained about.
    """
    first, second = (replace(one, away=Dates(weekdays=one.away.weekdays), tender=NO_DATES) for one in partners)
    year = _Year(Couple("any", (first, second), (), rules=PlanRules(away=Dates(weekdays=rest))))
    return [_checked(one, year) for one in found]


class _Room(NamedTuple):
    """A stretch in which the windows of both meet, in epoch seconds, with the earlier bedtime of its day."""

    start: int
    end: int
    bed: int | None
    ideals: tuple[int, ...]

    @property
    def length(self) -> int:
        return self.end - self.start


class _Year:
    """The weeks of a year, each worked out when it is first asked for: mostly the first one is enough."""

    def __init__(self, couple: Couple) -> None:
        self.couple = couple
        self._hours = cache(self._week)

    def _week(self, week: int) -> Hours:
        first = _MONDAY + timedelta(weeks=week)
        return Hours(self.couple, NO_HOLIDAYS, first - timedelta(days=1), first + timedelta(days=7))

    def rooms(self, ritual: Ritual) -> Iterator[_Room]:
        """Where the windows of both meet, day by day; a night stays in one piece."""
        weekdays = _asked(ritual)
        for hours in map(self._hours, range(_WEEKS)):
            days = hours.days(self.couple.clock(ritual))
            for day in range(hours.first + 1, hours.last):
                low, high = days.at(day, 0), days.at(day + 1, 0)
                if (day - 1) % 7 in weekdays:
                    # an ideal time in the small hours belongs to the evening before
                    ideals = () if ritual.ideal is None else (days.at(day, ritual.ideal), high + 60 * ritual.ideal)
                    meet = [span for span in hours.open(ritual) if span[0] < high and span[1] > low]
                    bed = hours.bedtime(day, max(meet[0][0], low)) if meet else None
                    yield from (_Room(max(start, low), end, bed, ideals) for start, end in meet)


def _asked(ritual: Ritual) -> frozenset[int]:
    match ritual.cadence:
        case Daily(weekdays):
            return weekdays
        case Monthly(weekday=int(weekday)):
            return frozenset({weekday})
        case _:
            return EVERY_DAY


def _checked(one: Found, year: _Year) -> Found:
    ritual, raw = one.ritual, one.place.raw
    if not any(room.length >= _least(ritual) for room in year.rooms(ritual)):
        if one.written:
            key = next((key for key in ("windows", "minutes", "clock_of") if key in raw), "kind")
            one.place.complain(key, _no_room(ritual, year))
    elif ritual.anchor and not _holds(ritual, year):
        if "anchor" not in raw:
            return replace(one, ritual=replace(ritual, anchor=None))
        one.place.complain("anchor", _never(ritual.anchor))
    elif ritual.anchor and raw.get("ideal") and not _agrees(ritual, ritual.anchor, year):
        said = "is never within the anchor; leave one of the two out"
        one.place.complain("ideal", f"ideal = {literal(raw['ideal'])} {said}")
    return one


def _least(ritual: Ritual) -> int:
    """The seconds of the shortest version: where that one fits, the ritual is there at least in small."""
    return int(ritual.versions[-1].length.total_seconds())


def _no_room(ritual: Ritual, year: _Year) -> str:
    minutes = _least(ritual) // 60
    told = f"has no room: its windows and the free times of both never meet for {minutes} minutes"
    inside = max((room.length for room in year.rooms(ritual)), default=0)
    if inside >= _LEAST_S:
        return f"{told}; minutes = {inside // 60} would fit, or give it longer windows"
    anyhow = replace(ritual, windows=ANY_TIME, clock_of=year.couple.partners[0].id)
    best = max(year.rooms(anyhow), key=lambda room: room.length, default=None)
    if best is None or best.length < _least(ritual):
        return f"{told}; widen free of one of the two: on no such day are both free for so long"
    return f"{told}; both are free in {_said(best, ritual, year.couple.partners[0])}"


def _said(room: _Room, ritual: Ritual, partner: Partner) -> str:
    """The room as the file would have it; a rhythm of several days gets no weekday, it would ask for the others."""
    start, end = (instant(one).astimezone(partner.zone) for one in (room.start, min(room.end, room.start + _DAY_S)))
    cadence = ritual.cadence
    is_any_day = isinstance(cadence, Daily | Yearly) or (isinstance(cadence, Weekly) and cadence.times > 1)
    day = "" if is_any_day else f"{WEEKDAY_NAMES[start.weekday()]} "
    return f'windows = ["{day}{start:%H:%M}-{end:%H:%M}"] with clock_of = "{partner.id}"'


def _holds(ritual: Ritual, year: _Year) -> bool:
    """Whether there is a day on which the anchor leaves room; after work cannot be told: it needs the busy times."""
    assert ritual.anchor is not None
    within = ritual.anchor.within.total_seconds()
    match ritual.anchor.point:
        case Point.AFTER_WORK:
            return True
        case Point.FIRST_FREE:
            return any(room.length >= within for room in year.rooms(ritual))
        case Point.BEFORE_BED:
            nights = ((room, room.bed) for room in year.rooms(ritual) if room.bed is not None)
            return any(max(room.start, bed - within) + _least(ritual) <= min(room.end, bed) for room, bed in nights)


def _agrees(ritual: Ritual, anchor: Anchor, year: _Year) -> bool:
    """Whether the ideal time is within the anchor on some day, as far as can be told without busy times."""
    if anchor.point is not Point.BEFORE_BED:
        return True
    within = anchor.within.total_seconds()
    nights = ((room.ideals, room.bed) for room in year.rooms(ritual) if room.bed is not None)
    return any(bed - within <= ideal < bed for ideals, bed in nights for ideal in ideals)


def _never(anchor: Anchor) -> str:
    if anchor.point is Point.BEFORE_BED:
        return 'anchor never meets the windows; set bedtime of both, widen windows or free, or set anchor = ""'
    return 'anchor asks for a longer stretch than the two ever have; make it shorter, or set anchor = ""'
