"""What an event's fields may hold, beyond their types. Not here: the document's own types and enums (discovery)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.servers.google.answers import ApiError, invalid, not_modelled, required, time_range_empty
from tests.servers.google.state import Json
from tests.servers.google.times import moment_of, stored

_MAX_REMINDERS, _MAX_REMINDER_MINUTES = 5, 40_320
_MAX_KEY, _MAX_VALUE = 44, 1024


def checked(event: Json, calendar_zone: str, query: Mapping[str, Any]) -> Json:
    """The event as it is kept: times normalised, what Google drops dropped. Raises: ApiError 400 or 501."""
    if event.get("eventType", "default") != "default":
        raise not_modelled("events that are not of the default type")
    kept = {**event, **_times(event, calendar_zone)}
    if not query.get("conferenceDataVersion"):
        # Source: discovery document: version 0 ignores conference data in the body.
        kept.pop("conferenceData", None)
    elif "conferenceData" in event:
        raise not_modelled("conferences")
    _check_reminders(event.get("reminders", {}))
    for attendee in event.get("attendees", ()):
        if "email" not in attendee:
            raise required("Missing attendee email.", "attendees")
    if "extendedProperties" in event:
        kept["extendedProperties"] = _properties(event["extendedProperties"])
    return kept


def _times(event: Json, calendar_zone: str) -> Json:
    """Source: discovery document, Event.start, end and EventDateTime; the errors guide for timeRangeEmpty."""
    for which in ("start", "end"):
        if which not in event:
            raise required(f"Missing {which} time.", which)
    start, end = (stored(event[which], which, calendar_zone) for which in ("start", "end"))
    if ("date" in start) != ("date" in end):
        raise invalid("Start and end times must either both be date or both be dateTime.", "end")
    if event.get("recurrence") and "date" not in start and "timeZone" not in event["start"]:
        raise required("Missing time zone definition for start time.", "start")
    if moment_of(end, calendar_zone) <= moment_of(start, calendar_zone):
        raise time_range_empty()
    return {"start": start, "end": end}


def _check_reminders(reminders: Json) -> None:
    """Source: discovery document, Event.reminders.overrides and EventReminder.minutes."""
    overrides = reminders.get("overrides", ())
    if overrides and reminders.get("useDefault"):
        message = "Cannot specify both default reminders and overrides at the same time."
        raise ApiError(400, "cannotUseDefaultRemindersAndSpecifyOverride", message)
    if len(overrides) > _MAX_REMINDERS:
        raise invalid("At most 5 reminders may be set.", "reminders")
    for one in overrides:
        if "method" not in one or "minutes" not in one:
            raise required("A reminder needs its method and minutes.", "reminders")
        if not 0 <= one["minutes"] <= _MAX_REMINDER_MINUTES:
            raise invalid("A reminder's minutes are 0 to 40320.", "reminders")


def _properties(given: Json) -> Json:
    """Source: the guide "Extended properties": longer keys are silently dropped, longer values cut."""
    return {
        side: {name: value[:_MAX_VALUE] for name, value in properties.items() if len(name) <= _MAX_KEY}
        for side, properties in given.items()
    }
