"""What one VEVENT says about time. Not here: which lines it has (outline), when it recurs (expand).

What people did to an event decides whether it counts: transparent, cancelled, marked free or declined is not
busy; tentative is. An event whose start cannot be read is left out. A recurrence that cannot be read or is
absurd is left out too, but the event's first time still counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import assert_never

from scheduler.adapters.icsbusy.outline import Block, Property
from scheduler.adapters.icsbusy.rules import sane_rule
from scheduler.adapters.icsbusy.values import (
    NO_LENGTH,
    ONE_DAY,
    Length,
    When,
    at_midnight,
    epoch,
    is_all_day,
    read_length,
    read_when,
)
from scheduler.adapters.icsbusy.zones import Zones
from scheduler.domain.freebusy import AllDay

_TZID = re.compile(r';TZID=("[^"]*"|.*?)(?=;[A-Z-]+=|$)', re.IGNORECASE)
_EMAIL = re.compile(r'EMAIL="?(?:mailto:)?([^;:"]+)', re.IGNORECASE)
_MOST_DATES = 1000
_LONGEST_REPEATED = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Part:
    """One VEVENT. ``extra`` are RDATEs with the length of a PERIOD, ``gone`` EXDATEs.

    ``replaces`` is the RECURRENCE-ID, ``onwards`` RANGE=THISANDFUTURE. A part that is not ``busy`` still
    replaces what it replaces.
    """

    uid: str
    sequence: int
    start: When
    length: Length
    busy: bool
    rules: tuple[str, ...] = ()
    extra: tuple[tuple[When, Length | None], ...] = ()
    gone: tuple[When, ...] = ()
    replaces: When | None = None
    onwards: bool = False

    @property
    def repeats(self) -> bool:
        return bool(self.rules or self.extra or self.gone or self.replaces is not None)


@dataclass(frozen=True, slots=True)
class Reading:
    """The owner's rules for a source: what all-day events mean, and under which addresses they decline."""

    all_day: AllDay
    declined_as: tuple[str, ...] = ()


def read_parts(events: Iterable[Block], zones: Zones, reading: Reading) -> list[Part]:
    """Every event that has a readable start, in file order; exact repetitions once."""
    parts: dict[Part, None] = {}
    for number, event in enumerate(events):
        try:
            parts[_read(event, zones, reading, nameless=f"no UID {number}")] = None
        except (ValueError, OverflowError):
            continue
    return list(parts)


def _read(event: Block, zones: Zones, reading: Reading, *, nameless: str) -> Part:
    start = _when(_one(event, "DTSTART"), zones)
    if isinstance(start, datetime):
        start = at_midnight(start, zones.default)
    length = _length(event, start, zones)
    if is_all_day(start) and length.seconds:
        start = at_midnight(start, zones.default)
    length.after(start, zones.default)  # an end beyond the last year of all is no appointment
    part = Part(
        uid=_value(event, "UID") or nameless,
        sequence=int(_value(event, "SEQUENCE") or 0),
        start=start,
        length=length if _is_forward(length) else NO_LENGTH,
        busy=_takes_time(event, start, reading),
    )
    return _with_recurrence(part, event, zones)


def _with_recurrence(part: Part, event: Block, zones: Zones) -> Part:
    fixed = (part.uid, part.sequence, part.start, part.length, part.busy)
    if "RECURRENCE-ID" in event:
        head, value = event["RECURRENCE-ID"][0]
        onwards = "RANGE=THISANDFUTURE" in head.upper()
        return Part(*fixed, replaces=_when((head, value), zones), onwards=onwards)
    try:
        extra, gone = tuple(_extra(event, zones)), tuple(_gone(event, zones))
        rules = tuple(sane_rule(value, part.start, zones.default) for _, value in event.get("RRULE", ()))
        if len(extra) + len(gone) > _MOST_DATES or part.length.on_the_wall() > _LONGEST_REPEATED:
            return part
    except (ValueError, OverflowError):
        return part
    return Part(*fixed, rules=rules, extra=extra, gone=gone)


def _extra(event: Block, zones: Zones) -> Iterable[tuple[When, Length | None]]:
    for head, values in event.get("RDATE", ()):
        for value in values.split(","):
            first, _, second = value.partition("/")
            start = _when((head, first), zones)
            yield start, _period_length(start, (head, second), zones) if second else None


def _period_length(start: When, end: Property, zones: Zones) -> Length:
    if "P" in end[1].upper():
        return read_length(end[1])
    return Length(0, epoch(_when(end, zones), zones.default) - epoch(start, zones.default))


def _gone(event: Block, zones: Zones) -> Iterable[When]:
    for head, values in event.get("EXDATE", ()):
        for value in values.split(","):
            yield _when((head, value), zones)


def _when(prop: Property, zones: Zones) -> When:
    head, value = prop
    when = read_when(value)
    if isinstance(when, datetime) and when.tzinfo is None and (found := _TZID.search(head)):
        return when.replace(tzinfo=zones.named(found[1].strip('" ')))
    return when


def _length(event: Block, start: When, zones: Zones) -> Length:
    if "DTEND" in event:
        return _length_until(_when(_one(event, "DTEND"), zones), start, zones.default)
    if "DURATION" in event:
        return read_length(_one(event, "DURATION")[1])
    return ONE_DAY if is_all_day(start) else NO_LENGTH


def _length_until(end: When, start: When, zone: tzinfo) -> Length:
    if is_all_day(start) and is_all_day(end):
        # Some programs write the last day, not the day after it; nobody means a day of no length.
        return Length(end.toordinal() - start.toordinal(), 0) if end != start else ONE_DAY
    floats_in = start.tzinfo if isinstance(start, datetime) and not is_all_day(end) else None
    return Length(0, epoch(end, floats_in or zone) - epoch(start, zone))


def _is_forward(length: Length) -> bool:
    return length.on_the_wall() >= timedelta(0)


def _takes_time(event: Block, start: When, reading: Reading) -> bool:
    transparency, marked = _value(event, "TRANSP"), _value(event, "X-MICROSOFT-CDO-BUSYSTATUS")
    if transparency == "TRANSPARENT" or marked == "FREE" or _value(event, "STATUS") == "CANCELLED":
        return False
    if _is_declined(event.get("ATTENDEE", ()), reading.declined_as):
        return False
    if not is_all_day(start) and _value(event, "X-MICROSOFT-CDO-ALLDAYEVENT") != "TRUE":
        return True
    match reading.all_day:
        case AllDay.IGNORE:
            return False
        case AllDay.BUSY:
            return True
        case AllDay.IF_MARKED:
            return transparency == "OPAQUE" or marked in ("BUSY", "OOF")
        case _ as never:
            assert_never(never)


def _is_declined(attendees: Sequence[Property], mine: tuple[str, ...]) -> bool:
    own = {address.casefold() for address in mine}
    for head, address in attendees:
        unquoted = re.sub(r'"[^"]*"', "", head).upper()
        named = {address.strip().casefold(), *(email.strip().casefold() for email in _EMAIL.findall(head))}
        if "PARTSTAT=DECLINED" in unquoted and named & own:
            return True
    return False


def _one(event: Block, name: str) -> Property:
    if name not in event:
        raise ValueError("is not there")
    return event[name][0]


def _value(event: Block, name: str) -> str:
    value = event[name][0][1].strip() if name in event else ""
    return value if name == "UID" else value.upper()
