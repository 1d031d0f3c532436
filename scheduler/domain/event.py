"""What stands in a partner's calendar. Not here: its bytes (content/ics) or its storage (adapters)."""

from __future__ import annotations

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


@dataclass(frozen=True, slots=True)
class SeenEvent:
    """One of our events as it stands in a calendar now; ``tag`` changes whenever anyone writes it."""

    uid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    tag: str
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """What we want on one partner's calendar for one occurrence, and what we last wrote there.

    ``generation`` counts re-creations (a new UID each). ``live`` False means that it must not stand there.
    ``written`` is the sequence that we last wrote, ``tag`` what the calendar called it then; None: nothing of
    ours stands there.
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
