"""What an event's fields may hold, beyond their types. Not here: the document's own types and enums (discovery)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.servers.google.answers import ApiError, invalid, not_modelled, required, time_range_empty
from tests.servers.google.state import Json
from tests.servers.google.times import moment_of, stored

_MAX_REMINDERS, _MAX_REMINDER_MINUTES = 5, 40_320
_REMINDER_METHODS = ("email", "popup")
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
    if "reminders" in event:
        kept["reminders"] = _reminders(event["reminders"])
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


def _reminders(given: Json) -> Json:
    """What is asked for is mended in silence, but for two refusals; the order is not kept.

    Source: observed on the live service by github.com/Echoes675/FamilyHQ (ReminderSemantics.cs).
    """
    overrides = given.get("overrides", ())
    if len(overrides) > _MAX_REMINDERS:
        raise ApiError(400, "eventRemindersCountExceedsLimit", "Too many override reminders.")
    if overrides and given.get("useDefault"):
        message = "Cannot specify both default reminders and overrides at the same time."
        raise ApiError(400, "cannotUseDefaultRemindersAndSpecifyOverride", message)
    mended = {
        (one.get("method", ""), min(max(one.get("minutes", 0), 0), _MAX_REMINDER_MINUTES))
        for one in overrides
        if one.get("method") in _REMINDER_METHODS
    }
    kept: Json = {"useDefault": bool(given.get("useDefault"))}
    if mended:
        kept["overrides"] = [{"method": method, "minutes": minutes} for method, minutes in sorted(mended)]
    return kept


def _properties(given: Json) -> Json:
    """Source: the guide "Extended properties": longer keys are silently dropped, longer values cut."""
    return {
        side: {name: value[:_MAX_VALUE] for name, value in properties.items() if len(name) <= _MAX_KEY}
        for side, properties in given.items()
    }
