"""A working person's own calendar: 3,000 events, about 150 a month, like those that web calendars and phones keep.

Mostly short meetings on weekdays, a choir on Tuesdays; each with what people write beside the time. The same at every
run. Not here: the strange calendars that readers must survive (make_big_calendar).
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.data.make_big_calendar import WORDS

EVENTS = 3000
FIRST = date(2025, 6, 2)
_A_WEEKDAY = (7, 7, 7, 7, 6, 0, 0)  # meetings
_CHOIR = 1


@dataclass(frozen=True, slots=True)
class Appointment:
    """Instants are UTC."""

    uid: str
    starts_at: datetime
    ends_at: datetime
    title: str
    notes: str
    guests: tuple[str, ...]

    def ics(self) -> bytes:
        """As one object of a calendar server."""
        return _object(self.lines())

    def lines(self) -> list[str]:
        """The event alone."""
        people = [f"ATTENDEE;CN={one};PARTSTAT=ACCEPTED:mailto:{one}@example.org" for one in self.guests]
        return [
            "BEGIN:VEVENT", f"UID:{self.uid}@example.org", "DTSTAMP:20261101T080000Z", f"SUMMARY:{self.title}",
            f"DTSTART:{self.starts_at:%Y%m%dT%H%M%SZ}", f"DTEND:{self.ends_at:%Y%m%dT%H%M%SZ}",
            "LOCATION:Room 4", f"DESCRIPTION:{self.notes}", *people, "END:VEVENT",
        ]  # fmt: skip

    def fields(self) -> dict[str, Any]:
        """What stands beside the time at Google."""
        people = [{"email": f"{one}@example.org", "responseStatus": "accepted"} for one in self.guests]
        return {"location": "Room 4", "description": self.notes, **({"attendees": people} if people else {})}


def whole(many: Iterable[Appointment]) -> bytes:
    """All of them as one file."""
    return _object([line for one in many for line in one.lines()])


def _object(lines: list[str]) -> bytes:
    head = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//example.org//calendar//EN")
    return "\r\n".join((*head, *lines, "END:VCALENDAR", "")).encode()


def appointments(owner: str, zone: ZoneInfo) -> list[Appointment]:
    """In the order of their days."""
    chance = random.Random(owner)
    return [
        _made(f"{owner}-{number}", times, chance)
        for number, times in zip(range(EVENTS), _times(zone, chance), strict=False)
    ]


def _times(zone: ZoneInfo, chance: random.Random) -> Iterator[tuple[datetime, datetime]]:
    day = FIRST
    while True:
        for minute in sorted(chance.sample(range(8 * 60, 17 * 60, 15), _A_WEEKDAY[day.weekday()])):
            yield _on(day, minute, chance.choice((15, 30, 30, 45, 60)), zone)
        if day.weekday() == _CHOIR:
            yield _on(day, 19 * 60 + 30, 90, zone)
        day += timedelta(days=1)


def _on(day: date, minute: int, length: int, zone: ZoneInfo) -> tuple[datetime, datetime]:
    start = datetime.combine(day, time(*divmod(minute, 60)), zone).astimezone(UTC)
    return start, start + timedelta(minutes=length)


def _made(uid: str, times: tuple[datetime, datetime], chance: random.Random) -> Appointment:
    notes = " ".join(chance.choices(WORDS, k=chance.randint(12, 52)))
    guests = tuple(f"person{number}" for number in range(chance.randint(0, 3)))
    return Appointment(uid, *times, notes[:30], notes, guests)
