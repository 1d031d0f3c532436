"""Dates, times and lengths as iCalendar writes them. Not here: time zones by name (zones), recurrence (rules).

A ``When`` is a date (all-day), a naive datetime (floating: its zone is decided later) or an aware datetime.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from scheduler.domain.spans import Span

When = date | datetime

_WHEN = re.compile(r"\d{8}(?:T\d{6}(Z?))?", re.ASCII)
_LENGTH = re.compile(
    r"([+-]?)P(?:(\d{1,5})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,7})M)?(?:(\d{1,8})S)?)?", re.ASCII
)

Length = tuple[int, int]  # days, which follow the wall clock, and seconds, which are exact (RFC 5545 §3.3.6)

NO_LENGTH: Length = (0, 0)
ONE_DAY: Length = (1, 0)


def span_from(start: When, length: Length, zone: tzinfo) -> Span:
    """From start on for so long; ``zone`` is that of dates."""
    begin, (days, seconds) = epoch(start, zone), length
    return begin, (epoch(start + timedelta(days=days), zone) if days else begin) + seconds


def on_the_wall(length: Length) -> timedelta:
    return timedelta(days=length[0], seconds=length[1])


def read_when(text: str) -> When:
    """The value of one DATE or DATE-TIME; Raises ValueError.

    >>> read_when("20261123")
    datetime.date(2026, 11, 23)
    """
    text = text.strip().upper()
    found = _WHEN.fullmatch(text)
    if not found:
        raise ValueError("not a date or time")
    if found[1] is None:
        return date.fromisoformat(text)
    if text[13:15] > "59":  # a leap second
        text = f"{text[:13]}59{found[1]}"
    return datetime.fromisoformat(text)


def read_length(text: str) -> Length:
    """The value of one DURATION; a negative one has negative parts; Raises ValueError.

    >>> read_length("P1DT2H")
    (1, 7200)
    """
    found = _LENGTH.fullmatch(text.strip().upper())
    if not found or text.strip()[-1:] in "PpTt":
        raise ValueError("not a duration")
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups()[1:])
    sign = -1 if found[1] == "-" else 1
    return sign * (7 * weeks + days), sign * (3600 * hours + 60 * minutes + seconds)


def is_all_day(when: When) -> bool:
    return not isinstance(when, datetime)


def at_midnight(when: When, zone: tzinfo | None) -> datetime:
    """A date as the local midnight in the zone; a floating time in the zone; an aware one as it is."""
    moment = when if isinstance(when, datetime) else datetime.combine(when, time())
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def epoch(when: When, zone: tzinfo) -> int:
    """UTC epoch seconds. A time that a clock change skips means the offset before it (RFC 5545 §3.3.5)."""
    aware = when if isinstance(when, datetime) and when.tzinfo else at_midnight(when, zone)
    return int(aware.timestamp())


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
