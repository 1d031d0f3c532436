"""A time zone as the file itself defines it (RFC 5545 §3.6.5). Not here: when that is asked for (zones).

Libraries walk such a definition from its first year, 1601 with Outlook, at every look-up; here a year is
worked out once. Onsets that skip or double an hour are treated as zoneinfo treats them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, timedelta, timezone, tzinfo
from itertools import chain

from scheduler.adapters.icsbusy.rules import Rule, read_rule
from scheduler.adapters.icsbusy.values import read_when
from scheduler.adapters.icsbusy.walk import wall_times

_MOST_LINES, _MOST_DATES = 2000, 1000
_YEARS_BACK = 10  # no yearly rule pauses longer
_OFFSET = re.compile(r"([+-])(\d\d)([0-5]\d)([0-5]\d)?")

# Instant as naive UTC; offset before it and from it on; the wall times from which that holds, with fold 0 and 1.
_Onset = tuple[datetime, timedelta, timedelta, datetime, datetime]


class _Observance:
    """One STANDARD or DAYLIGHT: from its onsets on the clock shows ``to``. Onsets are wall times before them."""

    __slots__ = ("before", "onsets", "rules", "to")

    def __init__(self, part: dict[str, list[str]]) -> None:
        self.before, self.to = _offset(part["TZOFFSETFROM"][0]), _offset(part["TZOFFSETTO"][0])
        dates = part.get("RDATE", [])
        if sum(date.count(",") + 1 for date in dates) > _MOST_DATES:
            raise ValueError("is not how clocks are changed")
        values = (part["DTSTART"][0], *",".join(dates).split(","))
        self.onsets = [_wall(value, self.before) for value in values if value]
        start = self.onsets[0].replace(tzinfo=timezone(self.before))
        self.rules = [_yearly(rule, start) for rule in part.get("RRULE", ())]

    def in_year(self, year: int) -> list[datetime]:
        """Its instants in that year, as naive UTC."""
        found = [onset - self.before for onset in self.onsets if onset.year == year]
        for rule in self.rules:
            months = rule.numbers.get("BYMONTH", (1, 12))
            first, last = date(year, min(months), 1), date(year, max(months), 28) + timedelta(days=3)
            moments = [wall - self.before for wall in wall_times(rule, self.onsets[0], first, last)]
            until = rule.until.replace(tzinfo=None) if isinstance(rule.until, datetime) else None
            found += [moment for moment in moments if until is None or moment <= until]
        return found

    def last_before(self, year: int) -> list[datetime]:
        """The last of its instants before that year, where there is one, and perhaps some earlier ones."""
        found = [onset - self.before for onset in self.onsets if onset.year < year]
        for rule in self.rules:
            end = min(year, rule.until.year + 1) if rule.until else year
            years = range(end - 1, max(end - _YEARS_BACK, MINYEAR) - 1, -1)
            found += next((some for one in years if (some := self.in_year(one))), [])
        return found


class FileZone(tzinfo):
    """See the module. Before the first onset the standard time holds."""

    def __init__(self, observances: tuple[_Observance, ...], first: timedelta) -> None:
        self._observances = observances
        self._first = first
        self._years: dict[int, list[_Onset]] = {}
        self._tables: dict[int, list[_Onset]] = {}

    def utcoffset(self, moment: datetime | None) -> timedelta:
        offset = self._first
        if moment is None:
            return offset
        wall, fold = moment.replace(tzinfo=None), moment.fold
        for _, _, after, late, early in self._onsets(wall.year):
            if wall < (early if fold else late):
                break
            offset = after
        return offset

    def fromutc(self, moment: datetime) -> datetime:
        utc, offset, doubled = moment.replace(tzinfo=None), self._first, timedelta(0)
        since = utc
        for onset, before, after, _, _ in self._onsets(utc.year):
            if utc < onset:
                break
            offset, doubled, since = after, before - after, onset
        return (utc + offset).replace(tzinfo=self, fold=int(utc - since < doubled))

    def dst(self, _: datetime | None) -> None:
        return None

    def tzname(self, _: datetime | None) -> None:
        return None

    def _onsets(self, year: int) -> list[_Onset]:
        """What decides about a time in that year, sorted."""
        if year not in self._tables:
            years = [self._in_year(one) for one in range(max(year - 1, MINYEAR), min(year + 1, MAXYEAR) + 1)]
            found = [] if years[0] else self._sorted(lambda one: one.last_before(year - 1))
            self._tables[year] = [*found, *chain.from_iterable(years)]
        return self._tables[year]

    def _in_year(self, year: int) -> list[_Onset]:
        if year not in self._years:
            self._years[year] = self._sorted(lambda one: one.in_year(year))
        return self._years[year]

    def _sorted(self, moments: Callable[[_Observance], list[datetime]]) -> list[_Onset]:
        return sorted(
            (moment, one.before, one.to, moment + max(one.before, one.to), moment + min(one.before, one.to))
            for one in self._observances
            for moment in moments(one)
        )


def zone_from(lines: Iterable[str]) -> FileZone | None:
    """The zone of these VTIMEZONE lines; None where they make none that people could live by."""
    lines = list(lines)
    if len(lines) > _MOST_LINES:
        return None
    try:
        parts = list(_parts(lines))
        observances = tuple(_Observance(part) for _, part in parts)
    except (ValueError, OverflowError, KeyError):
        return None
    standard = [one.to for (kind, _), one in zip(parts, observances, strict=True) if kind == "STANDARD"]
    return FileZone(observances, (standard or [observances[0].to])[0]) if observances else None


def _parts(lines: Iterable[str]) -> Iterator[tuple[str, dict[str, list[str]]]]:
    part: dict[str, list[str]] = {}
    for line in lines:
        head, _, value = line.upper().rpartition(":")
        name = head.partition(";")[0]
        if name == "BEGIN":
            part = {}
        elif name == "END" and value in ("STANDARD", "DAYLIGHT"):
            yield value, part
        else:
            part.setdefault(name, []).append(value)


def _yearly(text: str, start: datetime) -> Rule:
    if {"UNTIL", "COUNT"} <= {part.partition("=")[0] for part in text.split(";")}:
        raise ValueError("ends twice")
    rule = read_rule(text, start, UTC)
    if rule.freq != "YEARLY" or rule.interval != 1:
        raise ValueError("is not how clocks are changed")
    return rule


def _offset(text: str) -> timedelta:
    found = _OFFSET.fullmatch(text.strip())
    if not found:
        raise ValueError("not an offset")
    hours, minutes, seconds = (int(part or 0) for part in found.groups()[1:])
    offset = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return -offset if found[1] == "-" else offset


def _wall(text: str, before: timedelta) -> datetime:
    when = read_when(text.partition("/")[0])
    if not isinstance(when, datetime):
        return datetime.combine(when, datetime.min.time())
    return when.replace(tzinfo=None) + before if when.tzinfo else when
