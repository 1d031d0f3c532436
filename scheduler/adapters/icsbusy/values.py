"""Dates, times and lengths as iCalendar writes them. Not here: time zones by name (zones), recurrence (rules).

A ``When`` is a date (all-day), a naive datetime (floating: its zone is decided later) or an aware datetime.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

When = date | datetime

_WHEN = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?")
_LENGTH = re.compile(r"([+-]?)P(?:(\d{1,5})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,7})M)?(?:(\d{1,8})S)?)?")


@dataclass(frozen=True, slots=True)
class Length:
    """Days follow the wall clock, seconds are exact (RFC 5545 §3.3.6)."""

    days: int
    seconds: int

    def after(self, start: When, zone: tzinfo) -> int:
        """The end of what begins at start, in UTC epoch seconds; ``zone`` is that of dates."""
        return epoch(start + timedelta(days=self.days), zone) + self.seconds

    def on_the_wall(self) -> timedelta:
        return timedelta(days=self.days, seconds=self.seconds)


NO_LENGTH = Length(0, 0)
ONE_DAY = Length(1, 0)


def read_when(text: str) -> When:
    """The value of one DATE or DATE-TIME; Raises ValueError.

    >>> read_when("20261123")
    datetime.date(2026, 11, 23)
    """
    found = _WHEN.fullmatch(text.strip().upper())
    if not found:
        raise ValueError("not a date or time")
    year, month, day = (int(part) for part in found.groups()[:3])
    if found[4] is None:
        return date(year, month, day)
    zone = UTC if found[7] else None
    return datetime(year, month, day, int(found[4]), int(found[5]), min(int(found[6]), 59), tzinfo=zone)


def read_length(text: str) -> Length:
    """The value of one DURATION; a negative one has negative parts; Raises ValueError.

    >>> read_length("P1DT2H")
    Length(days=1, seconds=7200)
    """
    found = _LENGTH.fullmatch(text.strip().upper())
    if not found or text.strip()[-1:] in "PpTt":
        raise ValueError("not a duration")
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups()[1:])
    sign = -1 if found[1] == "-" else 1
    return Length(sign * (7 * weeks + days), sign * (3600 * hours + 60 * minutes + seconds))


def is_all_day(when: When) -> bool:
    return not isinstance(when, datetime)


def at_midnight(when: When, zone: tzinfo | None) -> datetime:
    """A date as the local midnight in the zone; a floating time in the zone; an aware one as it is."""
    moment = when if isinstance(when, datetime) else datetime.combine(when, time())
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def epoch(when: When, zone: tzinfo) -> int:
    """UTC epoch seconds. A time that a clock change skips means the offset before it (RFC 5545 §3.3.5)."""
    return int(at_midnight(when, zone).timestamp())


def alike(when: When, model: When, zone: tzinfo) -> When:
    """The same moment as the model is written: a date for a date, else in the model's zone.

    Exceptions and the rule that they except must compare equal; files mix UTC, floating, local and dates.
    """
    if not isinstance(model, datetime):
        return _local_date(when, zone)
    if not isinstance(when, datetime):
        return datetime.combine(when, model.timetz())
    if when.tzinfo is None:
        return when.replace(tzinfo=model.tzinfo)
    return when.astimezone(model.tzinfo)


def _local_date(when: When, zone: tzinfo) -> date:
    if not isinstance(when, datetime):
        return when
    return (when.astimezone(zone) if when.tzinfo is UTC else when).date()
