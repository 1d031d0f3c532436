"""Turns an event into the bytes of one .ics file, and such bytes back into what was seen.

Not here: any storage, a person's own lines (amend), the words around an event (imip), or many in one file (feed).

Written by hand because the bytes must be the same for ever; read by icalendar because people's programs are many.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar
from icalendar.cal import Component

from scheduler.domain.errors import Refused
from scheduler.domain.event import Event, SeenEvent

PRODUCT = "-//couple-rituals//couple-rituals//EN"

Line = tuple[str, str]  # a property's name, with its parameters behind it, and its value as it is written

# Explicit direction marks reorder what a reader sees; U+2028 and U+2029 end a line for some parsers.
_BIDI = frozenset(map(chr, (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))))
_LINE_ENDS = re.compile("\r\n|[\x0b\x0c\x85\u2028\u2029]")
FOLDED = re.compile(rb"\r?\n[ \t]")
_UID = re.compile(rb"^UID(?:;[^:\r\n]*)?:[ \t]*([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
_ALARM = re.compile(rb"^BEGIN:VALARM\b.*?^END:VALARM\b", re.IGNORECASE | re.MULTILINE | re.DOTALL)
_PARAMETER = re.compile('="[^"]*"|=[^";]*')
_LINE_OCTETS = 75
UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError)
"""What icalendar raises for the calendars of this world."""


def to_ics(event: Event) -> bytes:
    """One VCALENDAR with one VEVENT: equal events give equal bytes; see ``packed``. Source: RFC 5545 §3.6.1."""
    return packed(event_lines(event))


def packed(components: Iterable[Line], about: Iterable[Line] = ()) -> bytes:
    """One VCALENDAR in CRLF lines of at most 75 octets; ``about`` are the properties of the calendar itself.

    Raises Refused when a parser would read anything but the properties that were meant. Source: RFC 5545 §3.1.
    """
    head = [("BEGIN", "VCALENDAR"), ("VERSION", "2.0"), ("PRODID", PRODUCT)]
    lines = [*head, *about, *components, ("END", "VCALENDAR")]
    data = b"".join(fold(f"{name}:{value}") for name, value in lines)
    if _names_read(data) != sorted(sorted(_PARAMETER.sub("", name).split(";")) for name, _ in lines):
        raise Refused("an event would carry properties that nobody meant; its title or description is to blame")
    return data


def event_lines(event: Event, more: Iterable[Line] = ()) -> list[Line]:
    """One VEVENT, its times in UTC; ``more`` are properties of its own. Source: RFC 5545 §3.6.1."""
    title = text_value(one_line(event.title))
    description = text_value(_clean(event.description).strip())
    revised = _utc(event.revised_at)
    return [
        ("BEGIN", "VEVENT"),
        ("UID", text_value(_clean(event.uid))),
        ("SEQUENCE", str(event.sequence)),
        ("DTSTAMP", revised),
        ("LAST-MODIFIED", revised),
        ("DTSTART", _utc(event.starts_at)),
        ("DTEND", _utc(event.ends_at)),
        ("SUMMARY", title),
        *([("DESCRIPTION", description)] if description else []),  # libical takes an empty one for a fault
        ("CLASS", "PRIVATE"),
        ("TRANSP", "OPAQUE"),
        *more,
        *_alarm(event.reminder, title),
        ("END", "VEVENT"),
    ]


def one_line(text: str) -> str:
    """The text without control characters or direction marks, its white space made single blanks."""
    return " ".join(_clean(text).split())


def text_value(clean: str) -> str:
    """Escape as RFC 5545 §3.3.11 says; the text holds no control character but "\\n"."""
    return clean.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def content_tag(data: bytes) -> str:
    """A tag that differs whenever the bytes do."""
    return hashlib.sha256(data).hexdigest()


def uids_in(data: bytes) -> frozenset[str]:
    """The UIDs of every event in the bytes, without a full parse: 20 µs instead of a millisecond."""
    events = _ALARM.sub(b"", FOLDED.sub(b"", data))  # some programs give alarms a UID of their own (RFC 9074 §5)
    return frozenset(found.strip().decode(errors="replace") for found in _UID.findall(events))


def read_event(data: bytes, zone_for_floating: ZoneInfo) -> SeenEvent | None:
    """The one event in the bytes, whoever wrote them; its tag is ``content_tag``.

    None when there is no event or more than one UID, or when it has no instants: unreadable, all-day or without
    length. ``zone_for_floating`` is where times without any known zone are meant.
    """
    try:
        event = event_in(data)
        return seen_of(event, content_tag(data), zone_for_floating) if event else None
    except UNREADABLE:
        return None


def event_in(data: bytes) -> Component | None:
    """The one event in the bytes, or the first of a series; None when there is none or more than one UID.

    Raises one of UNREADABLE for bytes that are no calendar.
    """
    events = [item for item in Calendar.from_ical(data).walk("VEVENT") if item.get("UID")]
    masters = [item for item in events if "RECURRENCE-ID" not in item]
    return masters[0] if masters and len({str(item["UID"]) for item in events}) == 1 else None


def _alarm(reminder: timedelta | None, title: str) -> list[Line]:
    if reminder is None:
        return []
    return [
        ("BEGIN", "VALARM"),
        ("ACTION", "DISPLAY"),
        ("DESCRIPTION", title),
        ("TRIGGER", f"-PT{reminder // timedelta(minutes=1)}M"),
        ("END", "VALARM"),
    ]


def _utc(instant: datetime) -> str:
    if instant.tzinfo is None:
        raise ValueError("an event's times carry their zone")
    return f"{instant.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _clean(text: str) -> str:
    """The text with "\\n" as its only control character; a lone CR, a bidi mark or half a character goes."""
    joined = _LINE_ENDS.sub("\n", text).replace("\t", " ")
    return "".join(c for c in joined if c == "\n" or (unicodedata.category(c) not in ("Cc", "Cs") and c not in _BIDI))


def fold(line: str) -> bytes:
    """The line in pieces of at most 75 octets, none of which cuts a character."""
    pieces, room = [bytearray()], _LINE_OCTETS
    for octets in map(str.encode, line):
        if len(pieces[-1]) + len(octets) > room:
            pieces.append(bytearray())
            room = _LINE_OCTETS - 1
        pieces[-1] += octets
    return b"\r\n ".join(pieces) + b"\r\n"


def _names_read(data: bytes) -> list[list[str]]:
    """Every property that an independent parser finds, BEGIN and END of components among them: the names of it and of
    its parameters."""
    names: list[list[str]] = []
    for component in Calendar.from_ical(data).walk():
        found = component.property_items(recursive=False)[1:-1]
        names += [["BEGIN"], ["END"], *(sorted([name, *getattr(value, "params", ())]) for name, value in found)]
    return sorted(names)


def seen_of(event: Component, tag: str, zone: ZoneInfo) -> SeenEvent | None:
    """As ``read_event``, of an event that was parsed. Raises one of UNREADABLE."""
    starts_at = _instant(event, "DTSTART", zone)
    ends_at = _instant(event, "DTEND", zone) if "DTEND" in event else None
    if starts_at and ends_at is None and "DURATION" in event:
        duration: Any = event["DURATION"]
        ends_at = starts_at + duration.dt
    if starts_at is None or ends_at is None or ends_at <= starts_at:
        return None
    return SeenEvent(
        uid=str(event["UID"]).strip(),
        sequence=_sequence(event),
        starts_at=starts_at,
        ends_at=ends_at,
        tag=tag,
        cancelled=str(event.get("STATUS", "")).upper() == "CANCELLED",
        title=str(event.get("SUMMARY", "")),
    )


def _sequence(event: Component) -> int:
    try:
        return max(0, int(event.get("SEQUENCE", 0)))
    except (ValueError, TypeError):
        return 0


def _instant(event: Component, name: str, default: ZoneInfo) -> datetime | None:
    """The property's time in UTC; None for a date. icalendar knows IANA and Windows names, prefixes and VTIMEZONEs."""
    found: Any = event[name]
    if not isinstance(found.dt, datetime):
        return None
    if found.dt.tzinfo is None:
        return found.dt.replace(tzinfo=default).astimezone(UTC)
    return found.dt.astimezone(UTC)
