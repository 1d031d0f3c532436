"""Turns what people write about dates, bedtimes and holidays into domain values. Not here: all other values (fields).

As in fields, a ValueError raised here reads on from ``key = "value" …``.
"""

from __future__ import annotations

from datetime import date, datetime

from scheduler.domain.dates import Stretch, parse_stretch
from scheduler.domain.localtime import DAY_MINUTES, EVERY_DAY, WallSpan, parse_weekdays, parse_window
from scheduler.settings import places
from scheduler.settings.fields import clock, text

_NOON = DAY_MINUTES // 2
_FORMS = '"2026-12-24", "2026-12-20 to 2027-01-03", or for every year "24 december"'


def stretch(value: object) -> Stretch:
    """A date of TOML, or a date or stretch of dates in quotes."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return Stretch(value, value)
    try:
        return parse_stretch(text(value))
    except ValueError as err:
        told = str(err)
    if "ends after" in told:
        raise ValueError("ends before it begins; the earlier date comes first")
    if "quotes" in told:
        raise ValueError(f"must be a date; write it as {_FORMS}")
    raise ValueError(f"is no date of the calendar; write it as {_FORMS}")


def day(value: object) -> date:
    """One date of one year, as TOML writes it or in quotes."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(text(value))
    except ValueError:
        raise ValueError("is no date of the calendar; write it as 2026-12-24") from None


def rest_days(value: object) -> frozenset[int]:
    """Weekdays in words ("saturday", "sat, sun"), or as a list of them; none for "" and []."""
    words = value if isinstance(value, list) else [value]
    found = frozenset[int]().union(*(_weekdays(text(word)) for word in words if word != ""))
    if found == EVERY_DAY:
        raise ValueError("leaves no day of the week")
    return found


def _weekdays(words: str) -> frozenset[int]:
    try:
        return parse_weekdays(words)
    except ValueError:
        raise ValueError('is not a weekday; write it as "saturday", "sat, sun" or "weekend"') from None


def bedtime_or_none(value: object) -> int | None:
    """Minutes after the midnight before that evening: "00:30" is 1470; None for ""."""
    if value == "":
        return None
    try:
        minute = clock(value)
    except ValueError:
        raise ValueError('is not a time of day; write it as "22:30"') from None
    return minute if minute >= _NOON else minute + DAY_MINUTES


def easy_or_none(value: object) -> WallSpan | None:
    """Hours of every day, or None for false."""
    if value is False:
        return None
    if not isinstance(value, str):
        raise ValueError('must be hours like "08:00-22:00", or false')
    try:
        span = parse_window(value)
    except ValueError:
        raise ValueError('is no stretch of hours; write it as "08:00-22:00"') from None
    if span.weekdays != EVERY_DAY:
        raise ValueError('is meant for every day; write it as "08:00-22:00"')
    return span


def place(value: object) -> str:
    """A country or one of its regions, or empty text."""
    written = text(value)
    if written and (complaint := places.check(written)):
        raise ValueError(complaint)
    return written
