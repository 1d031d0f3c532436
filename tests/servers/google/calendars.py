"""calendars.* and calendarList.get. Not here: events, and who may touch what (request)."""

from __future__ import annotations

from datetime import timedelta

from tests.servers.google.answers import Answer, ApiError, invalid
from tests.servers.google.discovery import read_only, without_nulls
from tests.servers.google.request import Request
from tests.servers.google.state import CalendarState, Json, World
from tests.servers.google.times import known_zone

MODELLED = {"summary", "description", "location", "timeZone"}


def insert(request: Request) -> Answer:
    _check_pace(request.world, request.person)
    fields = {"timeZone": "UTC", **_settable(request.body)}
    made = request.world.make_calendar(request.person, fields, request.client)
    request.world.calendars_made.append((request.person, request.world.now()))
    return request.answer(_resource(made))


def _check_pace(world: World, person: str) -> None:
    """Source: Google's page "Avoid Calendar use limits": more than 60 calendars in a short period are refused."""
    since = world.now() - timedelta(days=1)
    made = [at for owner, at in world.calendars_made if owner == person and at > since]
    if len(made) >= world.settings.calendars_a_day:
        raise ApiError(403, "quotaExceeded")


def get(request: Request) -> Answer:
    return request.answer(_resource(request.calendar()))


def patch(request: Request) -> Answer:
    calendar = request.calendar()
    request.check_if_match(calendar.etag)
    return _change(request, calendar, without_nulls({**calendar.fields, **_settable(request.body)}))


def update(request: Request) -> Answer:
    calendar = request.calendar()
    request.check_if_match(calendar.etag)
    return _change(request, calendar, _settable(request.body))


def _change(request: Request, calendar: CalendarState, fields: Json) -> Answer:
    calendar.fields = {"timeZone": calendar.zone, **fields}
    calendar.etag = request.world.new_etag()
    return request.answer(_resource(calendar))


def delete(request: Request) -> Answer:
    """Source: discovery document: calendars.delete deletes a secondary calendar; clear is for the primary one."""
    calendar = request.calendar()
    request.check_if_match(calendar.etag)
    if calendar.primary:
        raise invalid("The primary calendar cannot be deleted.", "calendarId")
    del request.world.calendars[calendar.id]
    return Answer(204)


def list_entry(request: Request) -> Answer:
    calendar = request.calendar()
    return request.answer(
        {
            **_resource(calendar),
            "kind": "calendar#calendarListEntry",
            "accessRole": "owner",
            "selected": True,
            "defaultReminders": [],
            **({"primary": True} if calendar.primary else {}),
        }
    )


def _settable(body: Json) -> Json:
    """What a client may set. Raises: ApiError 400 for a zone that is none, 501 for what is not modelled."""
    fields = {name: value for name, value in body.items() if name not in read_only("Calendar") | {"id"}}
    if set(fields) - MODELLED:
        raise ApiError(501, "notModelled", f"the fake does not model {sorted(set(fields) - MODELLED)} of a calendar")
    zone = fields.get("timeZone")
    if zone is not None and not known_zone(zone):
        raise invalid("Invalid time zone.", "timeZone")
    return fields


def _resource(calendar: CalendarState) -> Json:
    owner = {} if calendar.primary else {"dataOwner": calendar.owner}
    return {"kind": "calendar#calendar", "etag": calendar.etag, "id": calendar.id, **calendar.fields, **owner}
