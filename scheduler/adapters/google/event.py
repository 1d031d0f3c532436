"""Our event as Google writes it, and Google's as we see it. Not here: sending and fetching (calendar, mirror).

Texts are JSON strings, so nothing in them becomes a property. Google shows a description as HTML, so nothing in
it may begin a tag (discovery document, Event.description). Nothing personal stands in the private mark.
"""

from __future__ import annotations

import re
from base64 import b32hexencode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from scheduler.adapters.google.answers import instant, unreachable
from scheduler.domain.event import Event, SeenEvent

_LEGAL_ID = re.compile("[a-v0-9]{5,1024}")
_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_TOLD = ("summary", "description", "reminders")


def event_id(uid: str) -> str:
    """The id at Google: the UID before its "@", or base32hex of that where Google would not take it.

    Source: developers.google.com/workspace/calendar/api/v3/reference/events/insert ("id").

    >>> event_id("l4gkggt1@couple-rituals"), event_id("walk1")
    ('l4gkggt1', 'ritualetgmoqph')
    """
    name = uid.partition("@")[0]
    if _LEGAL_ID.fullmatch(name):
        return name
    return "ritual" + b32hexencode(name.encode()).decode().lower().rstrip("=")


def body_of(event: Event, zone: ZoneInfo) -> dict[str, Any]:
    """All that we say of an event; what a person added beside it stays theirs."""
    return {
        "summary": event.title,
        "description": _TAG.sub("‹", event.description),
        "start": _moment(event.starts_at, zone),
        "end": _moment(event.ends_at, zone),
        "reminders": _reminders(event.reminder),
        "sequence": event.sequence,
        "visibility": "private",
        "transparency": "opaque",
        "eventType": "default",
        "extendedProperties": {"private": {"ritual": "1"}},
    }


def _moment(at: datetime, zone: ZoneInfo) -> dict[str, str]:
    return {"dateTime": f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}", "timeZone": zone.key}


def _reminders(before: timedelta | None) -> dict[str, Any]:
    """``useDefault`` False without overrides means none at all."""
    if before is None:
        return {"useDefault": False}
    return {"useDefault": False, "overrides": [{"method": "popup", "minutes": before // timedelta(minutes=1)}]}


def stands(item: Mapping[str, Any]) -> bool:
    """False for an event that was deleted: Google keeps its id."""
    return item.get("status") != "cancelled"


def says(item: Mapping[str, Any], body: Mapping[str, Any]) -> bool:
    """Whether the event stands there as the body wants it; people's programs may have counted its sequence up."""
    return (
        stands(item)
        and _times(item) == _times(body)
        and all((item.get(name) or "") == body[name] for name in _TOLD)
        and _sequence(item) >= body["sequence"]
    )


def tag_of(item: Mapping[str, Any]) -> str:
    """Raises Unavailable for what is no event of Google's."""
    tag = item.get("etag")
    if not isinstance(tag, str) or not tag:
        raise unreachable()
    return tag


def seen_in(uid: str, item: Mapping[str, Any]) -> SeenEvent | None:
    """None for an event without times of day: a person dragged it to all-day."""
    starts_at, ends_at = _times(item)
    if starts_at is None or ends_at is None or ends_at <= starts_at:
        return None
    return SeenEvent(uid, _sequence(item), starts_at, ends_at, tag_of(item), title=str(item.get("summary") or ""))


def _times(item: Mapping[str, Any]) -> tuple[datetime | None, datetime | None]:
    return _time(item.get("start")), _time(item.get("end"))


def _time(moment: object) -> datetime | None:
    return instant(moment.get("dateTime")) if isinstance(moment, dict) else None


def _sequence(item: Mapping[str, Any]) -> int:
    found = item.get("sequence")
    return found if isinstance(found, int) and found > 0 else 0
