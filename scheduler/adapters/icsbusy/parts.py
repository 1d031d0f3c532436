"""What one VEVENT says about time. Not here: which lines it has (outline), which instances it has (series).

What people did to an event decides whether it counts: transparent, cancelled, marked free or declined is not
busy; tentative is. An event whose start cannot be read is left out. A recurrence that cannot be read or is
absurd is left out too, but the event's first time still counts.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta, tzinfo

from scheduler.adapters.icsbusy.outline import TOO_MANY, Block, Property, UnusableError
from scheduler.adapters.icsbusy.rules import Rule, read_rule
from scheduler.adapters.icsbusy.values import (
    NO_LENGTH,
    ONE_DAY,
    Length,
    When,
    at_midnight,
    epoch,
    is_all_day,
    on_the_wall,
    read_length,
    read_when,
    span_from,
)
from scheduler.adapters.icsbusy.wire import Order
from scheduler.adapters.icsbusy.zones import Zones
from scheduler.domain.spans import AllDay

_EMAIL = re.compile(r'EMAIL="?(?:mailto:)?([^;:"]+)', re.IGNORECASE)
_MOST_RULES = 10
_MOST_DATES, _MOST_DATES_OF_ALL = 1000, 20_000
_LONGEST_REPEATED = timedelta(days=366)


class Part:
    """One VEVENT. ``extra`` are RDATEs with the length of a PERIOD, ``gone`` EXDATEs.

    ``replaces`` is the RECURRENCE-ID, ``onwards`` RANGE=THISANDFUTURE. A part that is not ``busy`` still
    replaces what it replaces. One that is ``cut_short`` recurs in the file, but in no way that we follow.
    """

    __slots__ = (
        "busy", "cut_short", "extra", "gone", "length", "onwards", "replaces", "rules", "sequence", "start", "uid",
    )  # fmt: skip

    def __init__(self, uid: str, start: When, length: Length) -> None:
        self.uid = uid
        self.start = start
        self.length = length
        self.sequence = 0
        self.busy = True
        self.rules: tuple[Rule, ...] = ()
        self.extra: tuple[tuple[When, Length | None], ...] = ()
        self.gone: tuple[When, ...] = ()
        self.replaces: When | None = None
        self.onwards = False
        self.cut_short = False

    @property
    def repeats(self) -> bool:
        return bool(self.rules or self.extra or self.gone or self.replaces is not None)


def read_parts(events: Iterable[Block], zones: Zones, order: Order) -> list[Part]:
    """Every event that has a readable start, in file order; Raises UnusableError where they have too many dates."""
    parts: list[Part] = []
    mine = frozenset(address.casefold() for address in order.declined_as)
    dates = 0
    for number, event in enumerate(events):
        own = _count_of_dates(event)
        dates += own if own <= _MOST_DATES else 0
        if dates > _MOST_DATES_OF_ALL:
            raise UnusableError(TOO_MANY)
        try:
            part = _read(event, zones, nameless=f"no UID {number}")
            part.busy = _takes_time(event, part.start, order.all_day) and not _is_declined(event, mine)
            _add_recurrence(part, event, zones, own)
        except (ValueError, OverflowError):
            continue
        parts.append(part)
    return parts


def _count_of_dates(event: Block) -> int:
    return sum(values.count(",") + 1 for name in ("RDATE", "EXDATE") for _, values in event.get(name, ()))


def _read(event: Block, zones: Zones, *, nameless: str) -> Part:
    start = _when(_one(event, "DTSTART"), zones)
    if isinstance(start, datetime):
        start = at_midnight(start, zones.default)
    length = _length(event, start, zones)
    if is_all_day(start) and length[1]:
        start = at_midnight(start, zones.default)
    span_from(start, length, zones.default)  # an end beyond the last year of all is no appointment
    part = Part(_value(event, "UID") or nameless, start, length if on_the_wall(length) >= timedelta(0) else NO_LENGTH)
    part.sequence = int(_value(event, "SEQUENCE") or 0)
    return part


def _add_recurrence(part: Part, event: Block, zones: Zones, dates: int) -> None:
    if "RECURRENCE-ID" in event:
        head, value = event["RECURRENCE-ID"][0]
        part.onwards = "RANGE=THISANDFUTURE" in head.upper()
        part.replaces = _when((head, value), zones)
        return
    rules = event.get("RRULE", ())
    if not (rules or dates):
        return
    part.cut_short = dates > _MOST_DATES or len(rules) > _MOST_RULES or on_the_wall(part.length) > _LONGEST_REPEATED
    if part.cut_short:
        return
    try:
        extra, gone = tuple(_extra(event, zones)), tuple(_gone(event, zones))
        part.rules = tuple(read_rule(value, part.start, zones.default) for _, value in rules)
        part.extra, part.gone = extra, gone
    except (ValueError, OverflowError):
        part.cut_short = True


def _extra(event: Block, zones: Zones) -> Iterable[tuple[When, Length | None]]:
    for head, values in event.get("RDATE", ()):
        for value in values.split(","):
            first, _, second = value.partition("/")
            start = _when((head, first), zones)
            yield start, _period_length(start, (head, second), zones) if second else None


def _period_length(start: When, end: Property, zones: Zones) -> Length:
    if "P" in end[1].upper():
        return read_length(end[1])
    return 0, epoch(_when(end, zones), zones.default) - epoch(start, zones.default)


def _gone(event: Block, zones: Zones) -> Iterable[When]:
    for head, values in event.get("EXDATE", ()):
        for value in values.split(","):
            yield _when((head, value), zones)


def _when(prop: Property, zones: Zones) -> When:
    head, value = prop
    when = read_when(value)
    if isinstance(when, datetime) and when.tzinfo is None and (zone := zones.meant_by(head)):
        return when.replace(tzinfo=zone)
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
        return (end.toordinal() - start.toordinal(), 0) if end != start else ONE_DAY
    floats_in = start.tzinfo if isinstance(start, datetime) and not is_all_day(end) else None
    return 0, epoch(end, floats_in or zone) - epoch(start, zone)


def _takes_time(event: Block, start: When, all_day: AllDay) -> bool:
    transparency, marked = _value(event, "TRANSP"), _value(event, "X-MICROSOFT-CDO-BUSYSTATUS")
    if transparency == "TRANSPARENT" or marked == "FREE" or _value(event, "STATUS") == "CANCELLED":
        return False
    if not is_all_day(start) and _value(event, "X-MICROSOFT-CDO-ALLDAYEVENT") != "TRUE":
        return True
    is_marked = transparency == "OPAQUE" or marked in ("BUSY", "OOF")
    return all_day is AllDay.BUSY or (all_day is AllDay.IF_MARKED and is_marked)


def _is_declined(event: Block, mine: Collection[str]) -> bool:
    for head, address in event.get("ATTENDEE", ()):
        unquoted = re.sub(r'"[^"]*"', "", head).upper()
        named = {address.strip().casefold(), *(email.strip().casefold() for email in _EMAIL.findall(head))}
        if "PARTSTAT=DECLINED" in unquoted and not named.isdisjoint(mine):
            return True
    return False


def _one(event: Block, name: str) -> Property:
    if name not in event:
        raise ValueError("is not there")
    return event[name][0]


def _value(event: Block, name: str) -> str:
    value = event[name][0][1].strip() if name in event else ""
    return value if name == "UID" else value.upper()
