"""Which recurrence rules we follow. Not here: following them (walk).

A rule that repeats within the day, can never match or says nonsense is refused: a 69-byte file can otherwise
keep a processor busy for minutes. What following a rule costs is not here either (walk).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, tzinfo

from scheduler.adapters.icsbusy.values import When, alike, is_all_day, read_when

_FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_NUMBERS = {
    "INTERVAL": range(1, 1001),
    "COUNT": range(-1, 10**9),  # some programs write -1 for "no end"
    "BYMONTH": range(1, 13),
    "BYMONTHDAY": range(-31, 32),
    "BYYEARDAY": range(-366, 367),
    "BYWEEKNO": range(-53, 54),
    "BYSETPOS": range(-366, 367),
    "BYHOUR": range(24),
    "BYMINUTE": range(60),
    "BYSECOND": range(60),
}
_ONLY_WITH = {  # RFC 5545 §3.3.10
    "BYYEARDAY": ("YEARLY",),
    "BYWEEKNO": ("YEARLY",),
    "BYMONTHDAY": ("DAILY", "MONTHLY", "YEARLY"),
    "BYSETPOS": ("WEEKLY", "MONTHLY", "YEARLY"),
}
_COUNTED_FROM_ONE = ("BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYSETPOS")
_WEEKDAYS = re.compile(r"[+-]?\d{0,2}(MO|TU|WE|TH|FR|SA|SU)(,[+-]?\d{0,2}(MO|TU|WE|TH|FR|SA|SU))*")
_NAMES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_OF_THE_CLOCK = ("BYHOUR", "BYMINUTE", "BYSECOND")
MONTH_LENGTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_MOST_TIMES_A_DAY = 24
_MOST_WEEKS = 53
_YEAR_ONE_OF_CALENDARS = 1600  # Outlook starts birthdays in 1601


class Rule:
    """An RRULE that we follow. Empty or None: not said. ``weekdays`` are (which one of the month or year, 0 = Monday).

    ``count`` and ``until`` are never both there. ``until`` is a date where the start is one, else in UTC.
    """

    __slots__ = ("count", "freq", "interval", "numbers", "text", "until", "week_start", "weekdays")

    def __init__(self, parts: dict[str, str], until: When | None) -> None:
        count = int(parts.get("COUNT", "-1"))
        self.freq = parts["FREQ"]
        self.interval = int(parts.get("INTERVAL", "1"))
        self.count = count if count >= 0 else None
        self.until = until
        self.week_start = _NAMES.index(parts.get("WKST", "MO"))
        self.weekdays = tuple(map(_weekday, parts["BYDAY"].split(","))) if "BYDAY" in parts else ()
        self.numbers = {key: tuple(_numbers(value)) for key, value in parts.items() if key in _NUMBERS}
        self.text = ";".join(f"{key}={value}" for key, value in parts.items())  # UNTIL as dateutil wants it


def read_rule(text: str, start: When, zone: tzinfo) -> Rule:
    """The rule of a series with that start; Raises ValueError where it is refused.

    >>> read_rule("FREQ=DAILY;UNTIL=20261125", read_when("20261123T090000Z"), UTC).text
    'FREQ=DAILY;UNTIL=20261125T235959Z'
    """
    parts = _checked(text)
    if start.year < _YEAR_ONE_OF_CALENDARS:
        raise ValueError("begins before there were calendars")
    if parts.get("UNTIL", "").startswith("9999"):  # how some programs write "no end"; other zones have no such day
        del parts["UNTIL"]
    until = _until(read_when(parts["UNTIL"]), start, zone) if "UNTIL" in parts else None
    if until is not None:
        parts["UNTIL"] = f"{until:%Y%m%dT%H%M%SZ}" if isinstance(until, datetime) else f"{until:%Y%m%d}"
        parts.pop("COUNT", None)  # both are not allowed; the longer of two readings loses no busy time
    return Rule(parts, until)


def _checked(text: str) -> dict[str, str]:
    parts = _parts(text)
    if parts.get("FREQ") not in _FREQUENCIES:
        raise ValueError("repeats within the day, or not at all")
    for key, value in parts.items():
        _check_one(key, value, parts["FREQ"])
    if _times_a_day(parts) > _MOST_TIMES_A_DAY or not _can_match(parts):
        raise ValueError("is no appointment")
    return parts


def _parts(text: str) -> dict[str, str]:
    pairs = [pair.partition("=") for pair in text.upper().strip().rstrip(";").split(";")]
    parts = {key.strip(): value.strip() for key, _, value in pairs}
    if len(parts) != len(pairs):
        raise ValueError("says a thing twice")
    if parts.get("RSCALE") == "GREGORIAN":
        del parts["RSCALE"]
    return parts


def _check_one(key: str, value: str, freq: str) -> None:
    if freq not in _ONLY_WITH.get(key, (freq,)):
        raise ValueError("mixes what does not belong together")
    match key:
        case "FREQ" | "UNTIL":
            fine = True
        case "WKST":
            fine = len(value) == 2 and bool(_WEEKDAYS.fullmatch(value))
        case "BYDAY":
            fine = bool(_WEEKDAYS.fullmatch(value))
        case _:
            numbers = _numbers(value) if key in _NUMBERS else []
            fine = bool(numbers) and all(number in _NUMBERS[key] for number in numbers)
            fine = fine and (0 not in numbers or key not in _COUNTED_FROM_ONE)
    if not fine:
        raise ValueError("has a part that cannot be read")


def _numbers(value: str) -> list[int]:
    return [int(number) for number in value.split(",")]


def _times_a_day(parts: dict[str, str]) -> int:
    times = 1
    for key in _OF_THE_CLOCK:
        times *= 1 + parts.get(key, "").count(",")
    return times


def _can_match(parts: dict[str, str]) -> bool:
    months = _numbers(parts.get("BYMONTH", "1"))
    days = _numbers(parts.get("BYMONTHDAY", "1"))
    if not any(abs(day) <= MONTH_LENGTHS[month - 1] for day in days for month in months):
        return False
    if parts["FREQ"] != "WEEKLY":
        return True
    a_week = (1 + parts.get("BYDAY", "").count(",")) * _times_a_day(parts)
    return all(abs(position) <= a_week for position in _numbers(parts.get("BYSETPOS", "1")))


def _weekday(text: str) -> tuple[int, int]:
    which = int(text[:-2] or 0)
    if text[:-2] and not 1 <= abs(which) <= _MOST_WEEKS:
        raise ValueError("counts weeks that no year has")
    return which, _NAMES.index(text[-2:])


def _until(until: When, start: When, zone: tzinfo) -> When:
    if is_all_day(start):
        return alike(until, start, zone)
    if is_all_day(until):  # not allowed beside a time, yet common; the whole day is meant
        until = datetime.combine(until, time(23, 59, 59))
    moment = alike(until, start, zone)
    return moment.astimezone(UTC) if isinstance(moment, datetime) else moment
