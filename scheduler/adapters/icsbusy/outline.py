"""Reduces the bytes of an .ics file to what scheduling needs. Not here: what the values mean (parts).

Titles, descriptions, places, links and people end here: no other line of a file is ever kept.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

Property = tuple[str, str]  # what stands before the last colon, and the value after it
Block = Mapping[str, tuple[Property, ...]]

_MARGIN = timedelta(days=2)  # covers every UTC offset and a flight across them
_KEPT = re.compile(
    r"(DTSTART|DTEND|DURATION|RRULE|RDATE|EXDATE|RECURRENCE-ID|UID|SEQUENCE|TRANSP|STATUS|ATTENDEE"
    r"|X-MICROSOFT-CDO-BUSYSTATUS|X-MICROSOFT-CDO-ALLDAYEVENT)[;:]",
    re.IGNORECASE,
)
_KEPT_OF_ZONE = re.compile(r"(BEGIN|END|TZID|DTSTART|TZOFFSETFROM|TZOFFSETTO|RRULE|RDATE)[;:]", re.IGNORECASE)
_RECURRING = ("RRULE", "RDATE", "EXDATE", "RECURRENCE-ID")


class UnusableError(Exception):
    """The file as a whole tells us nothing; the message says what to do and quotes nothing."""


@dataclass(slots=True)
class Outline:
    """The scheduling lines of a file, in file order. ``zones`` are VTIMEZONE lines by TZID."""

    events: list[Block] = field(default_factory=list)
    zones: dict[str, tuple[str, ...]] = field(default_factory=dict)
    own_zone: str = ""


def read_outline(data: bytes) -> Outline:
    """Sort the lines of a file; Raises UnusableError where it is no calendar or not all of one."""
    lines = _unfolded(data)
    if not lines or lines[0].upper() != "BEGIN:VCALENDAR":
        raise UnusableError("is not an iCalendar file; export the calendar again as .ics")
    reader = _Reader()
    for line in lines:
        reader.take(line)
    if reader.open:
        raise UnusableError("stops in the middle; it may still be being written, else export the calendar again")
    return reader.outline


def _unfolded(data: bytes) -> list[str]:
    # Only ASCII matters to us, so a wrong encoding of somebody's title is no reason to refuse the file.
    text = data.decode("utf-8-sig", errors="replace").replace("\r\n", "\n").replace("\r", "\n")
    lines = re.sub(r"\n[ \t]", "", text).split("\n")
    return [line for raw in lines if (line := raw.strip())]


class _Reader:
    """Follows BEGIN and END; a line belongs to the innermost component that is open."""

    def __init__(self) -> None:
        self.outline = Outline()
        self.open: list[str] = []
        self.event: dict[str, tuple[Property, ...]] = {}
        self.zone: list[str] = []

    def take(self, line: str) -> None:
        verb, _, name = line.partition(":")
        match verb.upper():
            case "BEGIN":
                self.open.append(name.upper())
                self._began()
            case "END":
                self._ended(name.upper())
            case _:
                self._keep(line)
        if self.open[1:2] == ["VTIMEZONE"] and _KEPT_OF_ZONE.match(line):
            self.zone.append(line)

    def _began(self) -> None:
        match self.open:
            case ["VCALENDAR", "VEVENT"]:
                self.event = {}
            case ["VCALENDAR", "VTIMEZONE"]:
                self.zone = []

    def _ended(self, name: str) -> None:
        if self.open[-1:] != [name]:
            raise UnusableError("has parts that do not end where they should; export the calendar again")
        match self.open:
            case ["VCALENDAR", "VEVENT"]:
                self.outline.events.append(self.event)
            case ["VCALENDAR", "VTIMEZONE"]:
                tzid = next((line for line in self.zone if line.upper().startswith("TZID")), ":")
                self.outline.zones[tzid.partition(":")[2].strip('"')] = (*self.zone, "END:VTIMEZONE")
        self.open.pop()

    def _keep(self, line: str) -> None:
        match self.open:
            case ["VCALENDAR", "VEVENT"]:
                self._keep_of_event(line)
            case ["VCALENDAR"] if line.upper().startswith("X-WR-TIMEZONE"):
                self.outline.own_zone = line.partition(":")[2]
            case []:
                raise UnusableError("goes on after its end; export the calendar again")

    def _keep_of_event(self, line: str) -> None:
        if not (found := _KEPT.match(line)):
            return
        name = found[1].upper()
        if name == "ATTENDEE" and "DECLINED" not in line.upper():
            return
        head, _, value = line.rpartition(":")
        kept = (head, value) if name != "UID" else ("", line[4:])
        self.event[name] = (*self.event.get(name, ()), kept)


def near_window(events: Iterable[Block], starts_at: datetime, ends_at: datetime) -> list[Block]:
    """The events that may matter between the two: all that recur or share a UID, and singles near the window.

    Judged by the digits of their dates alone: real calendars are mostly past, and parsing is the dear part.
    """
    events = list(events)
    shared = Counter(event.get("UID") for event in events)
    first, last = ((starts_at - _MARGIN).strftime("%Y%m%d"), (ends_at + _MARGIN).strftime("%Y%m%d"))
    return [
        event
        for event in events
        if any(name in event for name in _RECURRING)
        or (shared[event.get("UID")] > 1 and "UID" in event)
        or _touches(event, first, last)
    ]


def _touches(event: Block, first: str, last: str) -> bool:
    start = _digits(event, "DTSTART")
    end = last if "DURATION" in event else _digits(event, "DTEND") or start
    return start <= last and end >= first


def _digits(event: Block, name: str) -> str:
    return event[name][0][1][:8] if name in event else ""
