"""What other calendar programs do to a folder of .ics files. Not here: our own reading and writing."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar

BERLIN = ZoneInfo("Europe/Berlin")


def file_of(path: Path, uid: str) -> Path:
    return next(file for file in path.glob("*.ics") if f"UID:{uid}".encode() in file.read_bytes())


def drag(file: Path, starts_at: datetime) -> None:
    """What a calendar program writes: local times, the zone's definition, the next SEQUENCE."""
    calendar = Calendar.from_ical(file.read_bytes())
    event: Any = calendar.walk("VEVENT")[0]
    length = event["DTEND"].dt - event["DTSTART"].dt
    start = starts_at.astimezone(BERLIN)
    for name, value in (("DTSTART", start), ("DTEND", start + length), ("SEQUENCE", int(event["SEQUENCE"]) + 1)):
        del event[name]
        event.add(name, value)
    calendar.add_missing_timezones()
    file.write_bytes(calendar.to_ical())
