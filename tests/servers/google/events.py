"""events.insert, get, patch, update and delete. Not here: listings, and what an event's fields may hold (fields)."""

from __future__ import annotations

import re
from typing import Any

from tests.servers.google.answers import Answer, deleted, duplicate, invalid, not_found
from tests.servers.google.discovery import read_only, without_nulls
from tests.servers.google.fields import checked
from tests.servers.google.request import Request
from tests.servers.google.state import CalendarState, Json
from tests.servers.google.times import shown, stamp

_EVENT_ID = re.compile(r"[a-v0-9]{5,1024}")
# Fixed once the event exists, whatever a body says.
_FIXED = frozenset({"id", "iCalUID", "eventType"})
_DEFAULTS = {"status": "confirmed", "reminders": {"useDefault": True}, "sequence": 0}
_RESCHEDULES = ("start", "end", "recurrence", "location")


def insert(request: Request) -> Answer:
    calendar, given = request.calendar(), _settable(request.body)
    if "id" in given and "iCalUID" in given:
        raise invalid("Only one of id and iCalUID may be given.", "iCalUID")
    event_id = given.get("id") or request.world.new_id("event")
    if not _EVENT_ID.fullmatch(event_id):
        raise invalid("Invalid resource id value.", "id")
    if event_id in calendar.events or _has_uid(calendar, given.get("iCalUID")):
        raise duplicate()
    if given.get("status") == "cancelled":
        raise invalid("Invalid value for: status", "status")
    made = {**_born(request, calendar, event_id), **checked(given, calendar.zone, request.query)}
    return _written(request, calendar, made)


def _has_uid(calendar: CalendarState, uid: str | None) -> bool:
    return uid is not None and any(versions[-1].resource["iCalUID"] == uid for versions in calendar.events.values())


def _born(request: Request, calendar: CalendarState, event_id: str) -> Json:
    """What the service adds to every new event."""
    organizer: Json = {"email": calendar.id, "self": True}
    if not calendar.primary:
        organizer["displayName"] = calendar.fields["summary"]
    return {
        "kind": "calendar#event",
        "id": event_id,
        **_DEFAULTS,
        "htmlLink": f"https://www.google.com/calendar/event?eid={event_id}",
        "created": stamp(request.world.now()),
        "creator": {"email": request.person, **({"self": True} if calendar.primary else {})},
        "organizer": organizer,
        "iCalUID": f"{event_id}@google.com",
        "eventType": "default",
    }


def get(request: Request) -> Answer:
    calendar = request.calendar()
    return request.answer(resource(calendar, _found(request, calendar), request.query))


def patch(request: Request) -> Answer:
    """Objects are merged, arrays replaced, null takes away. Source: the guide "Performance tips", section on patch."""
    calendar = request.calendar()
    before = _found(request, calendar)
    request.check_if_match(before["etag"])
    given = {name: value for name, value in _settable(request.body).items() if name not in _FIXED}
    # Reminders are an object too, but are replaced whole (observed; see fields).
    after = without_nulls(merged({**before, "reminders": None}, {"reminders": before["reminders"], **given}))
    return _changed(request, calendar, before, {**_DEFAULTS, **after})


def update(request: Request) -> Answer:
    """What the body does not say is cleared. Source: discovery document, events.update."""
    calendar = request.calendar()
    before = _found(request, calendar)
    request.check_if_match(before["etag"])
    given = {name: value for name, value in _settable(request.body).items() if name not in _FIXED}
    kept = {name: before[name] for name in read_only("Event") | _FIXED if name in before}
    return _changed(request, calendar, before, {**_DEFAULTS, **kept, **given})


def delete(request: Request) -> Answer:
    """Leaves a tombstone: the id stays taken. Source: google-api-python-client issues #210 and #846."""
    calendar = request.calendar()
    before = _found(request, calendar)
    if before["status"] == "cancelled":
        raise deleted()
    request.check_if_match(before["etag"])
    request.world.write(calendar, {**before, "status": "cancelled"})
    return Answer(204)


def _changed(request: Request, calendar: CalendarState, before: Json, after: Json) -> Answer:
    after = checked(after, calendar.zone, request.query)
    given = request.body.get("sequence")
    if given is not None and given < before["sequence"]:
        # Source: the answer as several public repositories quote it.
        raise invalid(
            "Invalid sequence value. The specified sequence number is below the current sequence number of the "
            "resource. Re-fetch the resource and use its sequence number on the following request."
        )
    if given is None or given == before["sequence"]:
        after["sequence"] = before["sequence"] + reschedules(before, after)
    return _written(request, calendar, after, touch=differs_beyond_reminders(before, after))


def reschedules(before: Json, after: Json) -> bool:
    """Whether the change is one for which RFC 5546 §2.1.4 wants a higher SEQUENCE."""
    return any(before.get(name) != after.get(name) for name in _RESCHEDULES)


def differs_beyond_reminders(before: Json, after: Json) -> bool:
    """Source: discovery document, Event.updated: changing only reminders leaves it as it was."""
    if before.get("reminders") == after.get("reminders"):
        return True
    names = (before.keys() | after.keys()) - {"reminders", "etag", "updated"}
    return any(before.get(name) != after.get(name) for name in names)


def merged(before: Any, given: Any) -> Any:
    if not isinstance(before, dict) or not isinstance(given, dict):
        return given
    return {**before, **{name: merged(before.get(name), value) for name, value in given.items()}}


def _settable(body: Json) -> Json:
    return {name: value for name, value in body.items() if name not in read_only("Event")}


def _found(request: Request, calendar: CalendarState) -> Json:
    found = calendar.current(request.path["eventId"])
    if found is None:
        raise not_found()
    return found


def _written(request: Request, calendar: CalendarState, event: Json, *, touch: bool = True) -> Answer:
    return request.answer(resource(calendar, request.world.write(calendar, event, touch=touch), request.query))


def resource(calendar: CalendarState, event: Json, query: Any) -> Json:
    """The event as it goes out, in the asked time zone or the calendar's."""
    zone = query.get("timeZone") or calendar.zone
    return {**event, "start": shown(event["start"], zone), "end": shown(event["end"], zone)}
