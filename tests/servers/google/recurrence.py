"""When an event takes place inside a window: once, or as often as its RRULE says. Not here: changed single instances.

Expansion is in wall time of start.timeZone. Source: discovery document, EventDateTime.timeZone.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import takewhile
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

from tests.servers.google.state import Json
from tests.servers.google.times import moment_of

Interval = tuple[datetime, datetime]
FOREVER = (datetime(1970, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))


def times_of(event: Json, calendar_zone: str, window: Interval = FOREVER) -> Iterator[Interval]:
    """UTC, by start; those that overlap the half-open window."""
    start, end = (moment_of(event[which], calendar_zone) for which in ("start", "end"))
    for at in [start] if not event.get("recurrence") else _starts(event, calendar_zone, window[1]):
        if at < window[1] and at + (end - start) > window[0]:
            yield at, at + (end - start)


def _starts(event: Json, calendar_zone: str, until: datetime) -> Iterator[datetime]:
    zone = ZoneInfo(event["start"].get("timeZone", calendar_zone))
    first = moment_of(event["start"], calendar_zone).astimezone(zone)
    rules = rrulestr("\n".join(event["recurrence"]), dtstart=first, forceset=True)
    return takewhile(lambda at: at < until, (one.astimezone(UTC) for one in rules))
