"""events.list: filters, pages, sync tokens, tombstones. Not here: one event (events)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from tests.servers.google import events
from tests.servers.google.answers import (
    Answer,
    bad_request,
    full_sync_required,
    invalid,
    not_modelled,
    updated_min_too_long_ago,
)
from tests.servers.google.recurrence import FOREVER, times_of
from tests.servers.google.request import Request
from tests.servers.google.state import CalendarState, Json, Page, SyncPoint
from tests.servers.google.times import in_zone, instant, stamp

# Source: discovery document, events.list, syncToken.
_EXCLUDED = ("iCalUID", "orderBy", "privateExtendedProperty", "q", "sharedExtendedProperty", "timeMin", "timeMax",
             "updatedMin")  # fmt: skip
# A listing that asked for one of these gives no token to go on from (public reports; see rules.md).
_NO_TOKEN = ("iCalUID", "orderBy", "privateExtendedProperty", "q", "sharedExtendedProperty", "updatedMin")
_FORM = frozenset({"pageToken", "fields", "alt", "prettyPrint"})
_MAY_DIFFER = _FORM | {"syncToken", "maxResults", "timeZone", "showDeleted"}
_TOO_LONG_AGO = timedelta(days=28)


def list_events(request: Request) -> Answer:
    calendar = request.calendar()
    _check_combination(request.query, request.world.now())
    token = request.query.get("pageToken")
    if token is None:
        page = _first_page(request, calendar)
    else:
        page = _next_page(request, calendar, token)
    size = min(request.query.get("maxResults", 250), 2500, request.world.settings.page_size)
    return _answer(request, calendar, page, size)


def _check_combination(query: Mapping[str, Any], now: datetime) -> None:
    """Source: discovery document, events.list, each parameter's own text."""
    _check_beside_sync_token(query)
    if query.get("orderBy") == "startTime" and not query.get("singleEvents"):
        raise bad_request("The requested ordering is not available for the particular query.")
    for side in ("privateExtendedProperty", "sharedExtendedProperty"):
        if len(query.get(side, ())) > 1:
            # The document says that all must match, the guide "Extended properties" that one is enough.
            raise not_modelled(f"a repeated {side}")
    low, high = (instant(query.get(name, "")) for name in ("timeMin", "timeMax"))
    if low and high and low >= high:
        raise bad_request("timeMin must be smaller than timeMax.")
    updated_min = instant(query.get("updatedMin", ""))
    if updated_min and updated_min < now - _TOO_LONG_AGO:
        raise updated_min_too_long_ago()


def _check_beside_sync_token(query: Mapping[str, Any]) -> None:
    if "syncToken" not in query:
        return
    for name in _EXCLUDED:
        if name in query:
            raise bad_request(f"{name} may not stand beside a sync token.")
    if query.get("showDeleted") is False:
        raise bad_request("showDeleted may not be false beside a sync token.")


def _signature(query: Any, but: frozenset[str] = _MAY_DIFFER) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((name, str(value)) for name, value in query.items() if name not in but))


def _next_page(request: Request, calendar: CalendarState, token: str) -> Page:
    page = request.world.pages.get(token)
    if page is None or page.calendar != calendar.id or page.query != _signature(request.query, _FORM):
        raise invalid("Invalid page token value.", "pageToken")
    return page


def _first_page(request: Request, calendar: CalendarState) -> Page:
    world, query = request.world, dict(request.query)
    horizon = world.horizon(calendar)
    since = 0
    signature = _signature(query)
    if "syncToken" in query:
        point = _sync_point(request, calendar)
        since, query = point.revision, {**dict(point.query), **query, "changes": True}
        signature = point.query
    found = [one.resource for one in calendar.as_of(horizon) if one.revision > since]
    items = [shown for one in found for shown in _shown(calendar, one, query)]
    token = None if set(_NO_TOKEN) & set(query) else _new_token(request, calendar, max(horizon, since), signature)
    return Page(calendar.id, _signature(request.query, _FORM), _ordered(items, query), token)


def _sync_point(request: Request, calendar: CalendarState) -> SyncPoint:
    world = request.world
    point = world.sync_points.get(request.query["syncToken"])
    if point is None or point.calendar != calendar.id:
        raise invalid("Invalid sync token value.", "syncToken")
    if point.revision < 0 or world.now() - point.issued_at > world.settings.sync_token_life:
        raise full_sync_required()
    window = {"timeMin", "timeMax"}
    if _signature(request.query) != tuple(pair for pair in point.query if pair[0] not in window):
        raise bad_request("The other parameters are not those of the first listing.")
    return point


def _new_token(request: Request, calendar: CalendarState, revision: int, query: tuple[tuple[str, str], ...]) -> str:
    token = f"C{request.world.new_id('sync')}="
    request.world.sync_points[token] = SyncPoint(calendar.id, revision, request.world.now(), query)
    return token


def _shown(calendar: CalendarState, event: Json, query: Any) -> Iterator[Json]:
    """The event, its instances, its tombstone, or nothing."""
    if event["status"] == "cancelled":
        if query.get("showDeleted"):
            yield events.resource(calendar, event, query)
        elif query.get("changes") or ("updatedMin" in query and _changed_since(event, query)):
            # Source: discovery document, Event.status: without showDeleted only the id is sure to be there.
            yield {name: event[name] for name in ("kind", "etag", "id", "status")}
    elif _fits(calendar, event, query):
        yield from (
            _instances(calendar, event, query)
            if query.get("singleEvents")
            else [events.resource(calendar, event, query)]
        )


def _fits(calendar: CalendarState, event: Json, query: Any) -> bool:
    texts = " ".join(str(event.get(name, "")) for name in ("summary", "description", "location")).lower()
    return (
        query.get("q", "").lower() in texts
        and query.get("iCalUID") in (None, event["iCalUID"])
        and event["eventType"] in query.get("eventTypes", [event["eventType"]])
        and _changed_since(event, query)
        and all(_has_property(event, side, pair) for side in ("private", "shared") for pair in
                query.get(f"{side}ExtendedProperty", ()))
        and any(True for _ in times_of(event, calendar.zone, _window(query)))
    )  # fmt: skip


def _changed_since(event: Json, query: Any) -> bool:
    return stamp(_moment(query, "updatedMin", "1970-01-01T00:00:00Z")) <= str(event["updated"])


def _has_property(event: Json, side: str, pair: str) -> bool:
    name, _, value = pair.partition("=")
    return bool(event.get("extendedProperties", {}).get(side, {}).get(name) == value)


def _window(query: Any) -> tuple[datetime, datetime]:
    return _moment(query, "timeMin", "1970-01-01T00:00:00Z"), _moment(query, "timeMax", "2100-01-01T00:00:00Z")


def _moment(query: Any, name: str, default: str) -> datetime:
    return instant(query.get(name, default)) or FOREVER[1]


def _instances(calendar: CalendarState, event: Json, query: Any) -> Iterator[Json]:
    if not event.get("recurrence"):
        yield events.resource(calendar, event, query)
        return
    whole = {name: value for name, value in event.items() if name != "recurrence"}
    zone = event["start"].get("timeZone", calendar.zone)
    for start, end in times_of(event, calendar.zone, _window(query)):
        times = {
            "start": {"dateTime": stamp(start), "timeZone": zone},
            "end": {"dateTime": stamp(end), "timeZone": zone},
        }
        if "date" in event["start"]:
            times = {which: {"date": in_zone(at, calendar.zone)[:10]} for which, at in (("start", start), ("end", end))}
        name = f"{event['id']}_{start:%Y%m%dT%H%M%SZ}"
        one = {**whole, **times, "id": name, "recurringEventId": event["id"], "originalStartTime": times["start"]}
        yield events.resource(calendar, one, query)


def _ordered(items: list[Json], query: Any) -> list[Json]:
    if query.get("orderBy") == "startTime":
        return sorted(items, key=_start_text)
    if query.get("orderBy") == "updated":
        return sorted(items, key=lambda one: str(one.get("updated", "")))
    return items


def _start_text(item: Json) -> str:
    start = item.get("start", {})
    moment = instant(start.get("dateTime", f"{start.get('date')}T00:00:00Z"))
    return stamp(moment) if moment else ""


def _etag(items: list[Json]) -> str:
    return f'"p{hashlib.sha256(json.dumps(items, sort_keys=True).encode()).hexdigest()[:16]}"'


def _answer(request: Request, calendar: CalendarState, page: Page, size: int) -> Answer:
    rest = page.items[size:]
    body: Json = {
        "kind": "calendar#events",
        "etag": _etag(page.items[:size]),
        "summary": calendar.fields.get("summary", ""),
        "updated": max((one["updated"] for one in calendar.live()), default=stamp(request.world.now())),
        "timeZone": request.query.get("timeZone") or calendar.zone,
        "accessRole": "owner",
        "defaultReminders": [],
        "items": page.items[:size],
    }
    if rest:
        token = request.world.new_id("page")
        request.world.pages[token] = Page(page.calendar, page.query, rest, page.sync_token)
        body["nextPageToken"] = token
    elif page.sync_token:
        body["nextSyncToken"] = page.sync_token
    return request.answer(body)
