"""Busy times as icalendar and recurring-ical-events read them out of a whole file. Not here: how we read them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import recurring_ical_events
from icalendar import Calendar

from scheduler.domain.freebusy import Span


def events_near(data: bytes, window: tuple[datetime, datetime]) -> list[Any]:
    """Every instance that may touch the window, busy or not."""
    query = recurring_ical_events.of(Calendar.from_ical(data), skip_bad_series=True)
    found: list[Any] = query.between(window[0] - timedelta(days=2), window[1] + timedelta(days=2))
    return found


def busy_of(events: Iterable[Any], zone: ZoneInfo, address: str, *, whole_days: bool) -> list[Span]:
    """What the person is busy with; ``whole_days``: also days that are not marked so."""
    return [
        (_epoch(event["DTSTART"].dt, zone), _epoch(event["DTEND"].dt, zone))
        for event in events
        if _takes_time(event, address, whole_days)
    ]


def _takes_time(event: Any, address: str, whole_days: bool) -> bool:
    people = event.get("ATTENDEE", [])
    declined = any(
        str(one).lower() == f"mailto:{address}" and one.params.get("PARTSTAT") == "DECLINED"
        for one in (people if isinstance(people, list) else [people])
    )
    free = event.get("TRANSP") == "TRANSPARENT" or event.get("X-MICROSOFT-CDO-BUSYSTATUS") == "FREE"
    marked = event.get("TRANSP") == "OPAQUE" or event.get("X-MICROSOFT-CDO-BUSYSTATUS") in ("BUSY", "OOF")
    counts = whole_days or marked or isinstance(event["DTSTART"].dt, datetime)
    return counts and not (free or declined or event.get("STATUS") == "CANCELLED")


def _epoch(when: date, zone: ZoneInfo) -> int:
    moment = when if isinstance(when, datetime) else datetime.fromisoformat(when.isoformat())
    return int((moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp())
