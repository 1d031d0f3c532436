"""One authorised request, and which calendar it may touch. Not here: HTTP (server), tokens (oauth)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.servers.google.answers import (
    Answer,
    condition_not_met,
    insufficient_permissions,
    not_found,
    not_modelled,
)
from tests.servers.google.discovery import SCOPE, Method
from tests.servers.google.state import CalendarState, Json, World

APP_CREATED = f"{SCOPE}calendar.app.created"
_LESS_THAN_EVENTS = frozenset({f"{SCOPE}calendar.events.freebusy", f"{SCOPE}calendar.events.public.readonly"})


@dataclass(frozen=True, slots=True)
class Request:
    """``path`` and ``query`` are read by the document; ``scopes`` is what the person granted."""

    world: World
    method: Method
    person: str
    client: str
    scopes: frozenset[str]
    path: Mapping[str, str]
    query: Mapping[str, Any]
    body: Json
    if_match: str | None = None
    if_none_match: str | None = None

    def calendar(self) -> CalendarState:
        """The calendar of the path. Raises: ApiError 404 or 403."""
        calendar = self.world.calendars.get(named(self.path["calendarId"], self.person))
        if calendar is None or calendar.owner != self.person:
            raise not_found()
        usable = self.scopes & self.method.scopes
        if usable <= _LESS_THAN_EVENTS:
            raise not_modelled("events of which only the availability may be seen")
        # calendar.app.created reaches only what this very client made.
        if usable <= {APP_CREATED, *_LESS_THAN_EVENTS} and calendar.made_by != self.client:
            raise insufficient_permissions()
        return calendar

    def check_if_match(self, etag: str) -> None:
        if self.if_match not in (None, "*", etag):
            raise condition_not_met()

    def answer(self, resource: Json) -> Answer:
        """The resource with its ETag; 304 where the reader has it already."""
        if self.method.verb == "GET" and self.if_none_match == resource["etag"]:
            return Answer(304, None, {"ETag": resource["etag"]})
        return Answer(200, resource, {"ETag": resource["etag"]})


def named(calendar_id: str, person: str) -> str:
    return person if calendar_id == "primary" else calendar_id
