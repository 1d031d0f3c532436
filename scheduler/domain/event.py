"""What stands in a partner's calendar. Not here: its bytes (content/ics) or its storage (adapters)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Event:
    """One event as we want it: times are UTC, ``revised_at`` becomes DTSTAMP and LAST-MODIFIED.

    ``uid`` is a keyed hash that reveals nothing; ``sequence`` is its revision (RFC 5545 §3.8.7.4).
    """

    uid: str
    sequence: int
    title: str
    description: str
    starts_at: datetime
    ends_at: datetime
    revised_at: datetime
    reminder: timedelta | None = None

    def __post_init__(self) -> None:
        if not self.starts_at < self.ends_at:
            raise ValueError("an event ends after it starts")


def frozen(event: Event) -> bytes:
    """The event as bytes that ``thawed`` understands: what an attempt began with is what its repeat must do."""
    reminder = None if event.reminder is None else event.reminder.total_seconds()
    times = [one.isoformat() for one in (event.starts_at, event.ends_at, event.revised_at)]
    return json.dumps([event.uid, event.sequence, event.title, event.description, *times, reminder]).encode()


def thawed(data: bytes) -> Event:
    uid, sequence, title, description, starts_at, ends_at, revised_at, reminder = json.loads(data)
    return Event(
        uid=uid,
        sequence=sequence,
        title=title,
        description=description,
        starts_at=datetime.fromisoformat(starts_at),
        ends_at=datetime.fromisoformat(ends_at),
        revised_at=datetime.fromisoformat(revised_at),
        reminder=None if reminder is None else timedelta(seconds=reminder),
    )


@dataclass(frozen=True, slots=True)
class SeenEvent:
    """One of our events as it stands in a calendar now; ``tag`` changes whenever anyone writes it.

    ``title`` is what a person may have made of ours.
    """

    uid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    tag: str
    cancelled: bool = False
    title: str = ""


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """What we want on one partner's calendar for one occurrence, and what we last wrote there.

    ``generation`` counts re-creations (a new UID each). ``live`` False means that it must not stand there.
    ``written`` is the sequence that we last wrote, ``tag`` what the calendar called it then; None: nothing of
    ours stands there. ``own_title`` is what a person called it instead of ``written_title``: it stays.
    """

    partner: str
    occurrence: str
    generation: int
    event: Event
    live: bool = True
    written: int | None = None
    tag: str | None = None
    written_starts_at: datetime | None = None
    written_ends_at: datetime | None = None
    written_title: str | None = None
    own_title: str | None = None
