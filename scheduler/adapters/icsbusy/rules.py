"""Which recurrence rules we follow, and what following one costs. Not here: following them (expand).

A rule that repeats within the day, can never match or says nonsense is refused: a 69-byte file can otherwise
keep a processor busy for minutes. Bounds on process time and memory are not here either.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, tzinfo

from scheduler.adapters.icsbusy.values import When, alike, is_all_day, read_when

_DAYS = {"DAILY": 1, "WEEKLY": 7, "MONTHLY": 28, "YEARLY": 365}
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
_WEEKDAYS = re.compile(r"[+-]?\d{0,2}(MO|TU|WE|TH|FR|SA|SU)(,[+-]?\d{0,2}(MO|TU|WE|TH|FR|SA|SU))*")
_MONTH_LENGTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_MOST_TIMES_A_DAY = 24
_YEAR_ONE_OF_CALENDARS = 1600  # Outlook starts birthdays in 1601


def sane_rule(text: str, start: When, zone: tzinfo) -> str:
    """The rule with UNTIL written as dateutil wants it beside that start; Raises ValueError where it is refused.

    >>> sane_rule("FREQ=DAILY;UNTIL=20261125", read_when("20261123T090000Z"), UTC)
    'FREQ=DAILY;UNTIL=20261125T235959Z'
    """
    parts = _checked(text)
    if start.year < _YEAR_ONE_OF_CALENDARS:
        raise ValueError("begins before there were calendars")
    if "UNTIL" in parts:
        parts["UNTIL"] = _until(read_when(parts["UNTIL"]), start, zone)
        parts.pop("COUNT", None)  # both are not allowed; the longer of two readings loses no busy time
    return ";".join(f"{key}={value}" for key, value in parts.items())


def steps(rule: str, start: When, end: datetime) -> int:
    """How many periods lie between start and end: what following a sane rule costs, roughly."""
    parts = _parts(rule)
    days = max(0, end.toordinal() - start.toordinal())
    return days * _times_a_day(parts) // _DAYS[parts["FREQ"]] // int(parts.get("INTERVAL", "1"))


def is_yearly(text: str) -> bool:
    """Whether a rule is sane and repeats by the year, as all honest zone definitions do."""
    try:
        parts = _checked(text)
    except ValueError:
        return False
    return parts["FREQ"] == "YEARLY" and not {"UNTIL", "COUNT"} <= parts.keys()


def _checked(text: str) -> dict[str, str]:
    parts = _parts(text)
    if parts.get("FREQ") not in _DAYS:
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
            fine = key in _NUMBERS and all(number in _NUMBERS[key] for number in _numbers(value))
    if not fine:
        raise ValueError("has a part that cannot be read")


def _numbers(value: str) -> list[int]:
    return [int(number) for number in value.split(",")] if value else []


def _times_a_day(parts: dict[str, str]) -> int:
    times = 1
    for key in ("BYHOUR", "BYMINUTE", "BYSECOND"):
        times *= 1 + parts.get(key, "").count(",")
    return times


def _can_match(parts: dict[str, str]) -> bool:
    months, days = _numbers(parts.get("BYMONTH", "")), _numbers(parts.get("BYMONTHDAY", ""))
    if days and not any(0 < abs(day) <= _MONTH_LENGTHS[month - 1] for day in days for month in months or [1]):
        return False
    if parts["FREQ"] != "WEEKLY":
        return True
    a_week = (1 + parts.get("BYDAY", "").count(",")) * _times_a_day(parts)
    return all(0 < abs(position) <= a_week for position in _numbers(parts.get("BYSETPOS", "")))


def _until(until: When, start: When, zone: tzinfo) -> str:
    if is_all_day(start):
        return f"{alike(until, start, zone):%Y%m%d}"
    if is_all_day(until):  # not allowed beside a time, yet common; the whole day is meant
        until = datetime.combine(until, time(23, 59, 59))
    moment = alike(until, start, zone)
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}" if isinstance(moment, datetime) else ""
