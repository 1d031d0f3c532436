"""What stands in a calendar, with only our lines of it made anew. Not here: an event of ours as a whole (ics)."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar

from scheduler.content.ics import FOLDED, UNREADABLE, content_tag, event_in, event_lines, fold, seen_of, to_ics
from scheduler.domain.event import Event

_OUR_LINES = ("SEQUENCE", "DTSTAMP", "LAST-MODIFIED", "DTSTART", "DTEND", "SUMMARY", "DESCRIPTION")
_REPLACED = frozenset((*_OUR_LINES, "DURATION", "STATUS"))
_REPEATS = frozenset(("RRULE", "RDATE", "RECURRENCE-ID"))
_IN_EVENT = 2  # VCALENDAR, VEVENT


def meaning(data: bytes) -> str:
    """A tag that differs when the event's times, title or description do, however they are spelled.

    Servers rewrite what they are given, and an alarm, a colour or a SEQUENCE more is no other event. Bytes whose
    event cannot be read mean themselves.
    """
    try:
        gist = _gist(data)
    except UNREADABLE:
        gist = None
    return content_tag(repr(gist).encode() if gist else data)


def amended(data: bytes, event: Event) -> bytes:
    """What stands there, with only our own lines made anew: a person's alarms, colours and notes stay as they are.

    Bytes that hold more than the one event, or a repetition, are not kept: there a line of ours would mean another
    thing than what we mean.
    """
    anew, bare = to_ics(event), event_lines(replace(event, reminder=None))
    kept = _kept(data, [f"{name}:{value}" for name, value in bare if name in _OUR_LINES])
    result = b"".join(map(fold, kept))
    return result if meaning(result) == meaning(anew) and _is_one_event(result) else anew


def _kept(data: bytes, ours: list[str]) -> list[str]:
    """Every line but those that ours replace; none where it repeats."""
    kept, depth = [], 0
    for line in filter(None, re.split("\r?\n", FOLDED.sub(b"", data).decode(errors="replace"))):
        name = re.split("[;:]", line, maxsplit=1)[0].upper()
        depth += (name == "BEGIN") - (name == "END")
        if depth == _IN_EVENT - 1 and line.upper().startswith("END:VEVENT"):
            kept += ours
        if depth == _IN_EVENT and name in _REPEATS:
            return []
        if depth != _IN_EVENT or name not in _REPLACED:
            kept.append(line)
    return kept


def _is_one_event(data: bytes) -> bool:
    return len(Calendar.from_ical(data).walk("VEVENT")) == 1


def _gist(data: bytes) -> tuple[Any, ...] | None:
    event = event_in(data)
    seen = seen_of(event, "", ZoneInfo("UTC")) if event else None
    if event is None or seen is None:
        return None
    words = [" ".join(str(event.get(name, "")).split()) for name in ("SUMMARY", "DESCRIPTION")]
    return seen.uid, seen.starts_at.isoformat(), seen.ends_at.isoformat(), seen.cancelled, *words
