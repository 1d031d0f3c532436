"""When two people may meet at all: their windows, in instants. Not here: what they have on (freebusy, slots).

A ``Span`` is in UTC epoch seconds. Everything is worked out once for a plan, for a stretch of local dates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from functools import lru_cache
from zoneinfo import ZoneInfo

from scheduler.domain.couple import Couple, HolidayRule, Partner
from scheduler.domain.freebusy import Span, Spans, intersection, subtract, union
from scheduler.domain.localtime import DAY_MINUTES, WallSpan, Windows, to_utc
from scheduler.domain.ritual import Ritual

_DAY_S = 86_400
_SUNDAY = 6
_EVENING = 17 * 60  # a window that ends sooner says nothing about bedtime
Holidays = tuple[frozenset[date], frozenset[date]]
NO_HOLIDAYS: Holidays = (frozenset(), frozenset())


class Days:
    """The instants of wall times in one zone, for a stretch of dates that are told by their ordinals.

    A day without a clock change needs no zone arithmetic beyond its midnight.
    """

    def __init__(self, zone: ZoneInfo, first: int, last: int) -> None:
        self.first, self.last = first, last
        self._zone = zone
        self._midnights = [int(to_utc(date.fromordinal(day), 0, zone).timestamp()) for day in range(first, last + 3)]

    def at(self, day: int, minute: int) -> int:
        """The instant of a wall time; ``minute`` is after midnight and may pass 1440."""
        if not self.first <= day <= self.last:
            return int(to_utc(date.fromordinal(day), minute, self._zone).timestamp())
        index = day - self.first
        before, midnight = self._midnights[index : index + 2]
        if midnight - before != _DAY_S or (minute > DAY_MINUTES and self._midnights[index + 2] - midnight != _DAY_S):
            return int(to_utc(date.fromordinal(day), minute, self._zone).timestamp())
        return before + 60 * minute

    def day_of(self, instant: int) -> int:
        """The ordinal of the local date at an instant inside the stretch, or the nearest one."""
        day = self.first + (instant - self._midnights[0]) // _DAY_S
        day = min(max(day, self.first), self.last)
        if instant < self._midnights[day - self.first]:
            return max(day - 1, self.first)
        return day + 1 if day < self.last and instant >= self._midnights[day + 1 - self.first] else day


@lru_cache(maxsize=64)
def days_in(zone: ZoneInfo, first: int, last: int) -> Days:
    return Days(zone, first, last)


def _spans(windows_of: Callable[[int], Iterable[WallSpan]], days: Days) -> Spans:
    found: list[Span] = []
    for day in range(days.first, days.last + 1):
        weekday = (day - 1) % 7
        found += [
            (days.at(day, one.start), days.at(day, one.end)) for one in windows_of(day) if weekday in one.weekdays
        ]
    return union(found)


@lru_cache(maxsize=64)  # the same few windows, for every plan of the day
def wall_spans(windows: Windows, zone: ZoneInfo, first: int, last: int) -> Spans:
    """Every interval of the windows that starts on the dates first..last (ordinals) in that zone."""
    return _spans(lambda _: windows, days_in(zone, first, last))


class Hours:
    """The hours that the file leaves open to the two, for local dates first..last.

    ``shut`` are the days on which nothing may stand: days away, rest days and tender dates.
    """

    def __init__(self, couple: Couple, holidays: Holidays, first: date, last: date) -> None:
        self.couple = couple
        self._holidays = holidays
        self.first, self.last = first.toordinal(), last.toordinal()
        shut = [self._shut(partner, feasts) for partner, feasts in zip(couple.partners, holidays, strict=True)]
        self.shut: Spans = union(span for spans in shut for span in spans)
        free = [self._free(partner, feasts) for partner, feasts in zip(couple.partners, holidays, strict=True)]
        self._both = intersection(*free)
        self._open: dict[tuple[Windows, str | None], tuple[Spans, Spans]] = {}

    def days(self, zone: ZoneInfo) -> Days:
        return days_in(zone, self.first - 1, self.last + 1)

    def open(self, ritual: Ritual) -> Spans:
        """Where the free windows of both and the ritual's own windows meet, on days that are not shut."""
        return self._hours(ritual)[0]

    def open_at_all(self, ritual: Ritual) -> Spans:
        """The same with the days that are shut."""
        return self._hours(ritual)[1]

    def _hours(self, ritual: Ritual) -> tuple[Spans, Spans]:
        key = (ritual.windows, ritual.clock_of)
        if key not in self._open:
            zones = {partner.zone for partner in self.couple.partners}
            spans = self._both
            for zone in {self.couple.clock(ritual)} if ritual.clock_of else zones:
                spans = intersection(spans, self._wall(ritual.windows, zone))
            self._open[key] = (subtract(spans, self.shut), spans)
        return self._open[key]

    def bedtime(self, day: int, opening: int) -> int | None:
        """The earlier bedtime of the two after that day's opening; None where neither is known."""
        found = [self._next_bedtime(index, day, opening) for index in (0, 1)]
        return min((one for one in found if one is not None), default=None)

    def hard(self, index: int) -> Spans:
        """The hours that are awkward for one of the partners, by position; none where no easy hours are named."""
        partner = self.couple.partners[index]
        if partner.easy is None:
            return ()
        easy = self._wall((partner.easy,), partner.zone)
        return subtract(((easy[0][0], easy[-1][1]),), easy)

    def _wall(self, windows: Windows, zone: ZoneInfo) -> Spans:
        return wall_spans(windows, zone, self.first - 1, self.last + 1)

    def _free(self, partner: Partner, feasts: frozenset[date]) -> Spans:
        if not feasts or partner.on_holidays is not HolidayRule.AS_SUNDAY:
            return self._wall(partner.free, partner.zone)
        ordinals = {feast.toordinal() for feast in feasts}
        sunday = tuple(WallSpan(one.start, one.end) for one in partner.free if _SUNDAY in one.weekdays)
        return _spans(lambda day: sunday if day in ordinals else partner.free, self.days(partner.zone))

    def _shut(self, partner: Partner, feasts: frozenset[date]) -> Spans:
        dates = partner.away | self.couple.rules.away | self.couple.tender
        days = self.days(partner.zone)
        ordinals = range(days.first, days.last + 1)
        shut = {day for day in ordinals if date.fromordinal(day) in dates} if dates else set()
        if partner.on_holidays is HolidayRule.NOTHING:
            shut |= {feast.toordinal() for feast in feasts} & set(ordinals)
        return union((days.at(day, 0), days.at(day + 1, 0)) for day in shut)

    def _next_bedtime(self, index: int, day: int, opening: int) -> int | None:
        """Beyond the date line the bedtime of the same date may be over before the day begins."""
        found = self._bedtime(index, day)
        return self._bedtime(index, day + 1) if found is not None and found <= opening else found

    def _bedtime(self, index: int, day: int) -> int | None:
        partner = self.couple.partners[index]
        is_feast = partner.on_holidays is HolidayRule.AS_SUNDAY and date.fromordinal(day) in self._holidays[index]
        weekday = _SUNDAY if is_feast else (day - 1) % 7
        ends = [one.end for one in partner.free if weekday in one.weekdays and one.end > _EVENING]
        minute = partner.bedtime if partner.bedtime is not None else max(ends, default=None)
        return self.days(partner.zone).at(day, minute) if minute is not None else None
