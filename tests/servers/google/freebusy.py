"""freebusy.query. Not here: reading the times of a series (recurrence)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from tests.servers.google.answers import Answer, ApiError, invalid, required, time_range_empty, time_range_too_long
from tests.servers.google.recurrence import times_of
from tests.servers.google.request import Request, named
from tests.servers.google.state import CalendarState, Json
from tests.servers.google.times import in_zone, instant, known_zone

Interval = tuple[datetime, datetime]


def query(request: Request) -> Answer:
    window = _window(request)
    zone = request.body.get("timeZone", "UTC")
    if not known_zone(zone):
        raise invalid("Invalid time zone.", "timeZone")
    limit = request.world.settings.freebusy_calendars
    if request.body.get("calendarExpansionMax", limit) > limit or request.body.get("groupExpansionMax", 100) > 100:
        raise invalid("An expansion is larger than its maximum.", "calendarExpansionMax")
    most = request.body.get("calendarExpansionMax", limit)
    asked = [_id_of(item) for item in request.body.get("items", ())]
    found = {name: _one(request, name, window, zone) for name in asked[:most]}
    late = {name: _broken("tooManyCalendarsRequested") for name in asked[most:]}
    starts, ends = (in_zone(moment, zone) for moment in window)
    calendars = {**late, **found}
    return Answer(200, {"kind": "calendar#freeBusy", "timeMin": starts, "timeMax": ends, "calendars": calendars})


def _id_of(item: Json) -> str:
    if "id" not in item:
        raise required("An item needs its id.", "items.id")
    return str(item["id"])


def _window(request: Request) -> Interval:
    """Source: errors guide (timeRangeEmpty); cal.diy #11696 and #11962 (too long)."""
    moments = []
    for name in ("timeMin", "timeMax"):
        if name not in request.body:
            raise required(f"Missing {name} parameter.", name)
        moment = instant(request.body[name])
        if moment is None:
            raise ApiError(400, "badRequest", "Bad Request")
        moments.append(moment)
    starts_at, ends_at = moments
    if ends_at <= starts_at:
        raise time_range_empty()
    if ends_at - starts_at > request.world.settings.freebusy_range:
        raise time_range_too_long()
    return starts_at, ends_at


def _one(request: Request, name: str, window: Interval, zone: str) -> Json:
    """Trouble with one calendar stands inside the 200. Source: discovery document, FreeBusyCalendar.errors."""
    calendar = request.world.calendars.get(named(name, request.person))
    if calendar is None or calendar.owner != request.person:
        return _broken("notFound")
    if calendar.broken:
        return _broken(calendar.broken)
    busy = _merged(_busy(calendar, window))
    return {"busy": [{"start": in_zone(start, zone), "end": in_zone(end, zone)} for start, end in busy]}


def _broken(reason: str) -> Json:
    return {"errors": [{"domain": "global", "reason": reason}], "busy": []}


def _busy(calendar: CalendarState, window: Interval) -> Iterator[Interval]:
    """Source: discovery document, Event.transparency and status: only opaque events that stand block time."""
    for event in calendar.live():
        if event.get("transparency", "opaque") == "transparent" or _declined(event):
            continue
        for start, end in times_of(event, calendar.zone, window):
            yield max(start, window[0]), min(end, window[1])


def _declined(event: Json) -> bool:
    return any(one.get("self") and one.get("responseStatus") == "declined" for one in event.get("attendees", ()))


def _merged(intervals: Iterable[Interval]) -> list[Interval]:
    found: list[Interval] = []
    for start, end in sorted(intervals):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return found
