"""The real Google client, pointed at the fake, for claims about the fake. Not here: our adapter."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from datetime import datetime
from functools import cached_property
from typing import Any

import httpx
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

from scheduler.adapters.memory import MemoryClock
from tests.build import at
from tests.servers.google import SCOPE, FakeGoogle, Person, Tokens

OURS = ("calendar.app.created", "calendar.freebusy")
NOW = at("2026-11-20 08:00")


def body(id: str | None = "coffee1", **changes: Any) -> dict[str, Any]:
    """An event as a client sends it; a change to None leaves the field out."""
    whole = {
        "id": id,
        "summary": "Coffee date",
        "start": {"dateTime": "2026-11-23T18:00:00", "timeZone": "Europe/Berlin"},
        "end": {"dateTime": "2026-11-23T19:00:00", "timeZone": "Europe/Berlin"},
        **changes,
    }
    return {name: value for name, value in whole.items() if value is not None}


class Driver:
    """Sam's account, connected with our two scopes or others; ``calendar`` is the id of one that the client made."""

    def __init__(self, *scopes: str) -> None:
        self.clock = MemoryClock(NOW)
        self.fake = FakeGoogle(self.clock)
        self.sam: Person = self.fake.person("sam@example.org")
        self._scopes = scopes or OURS
        self._closing = ExitStack()

    def __enter__(self) -> Driver:
        self._closing.enter_context(self.fake)
        self.tokens = self.connect()
        self.api = self._closing.enter_context(self.service(self.tokens))
        self.calendar = "primary"
        if "calendar.app.created" in self._scopes:
            made = self.api.calendars().insert(body={"summary": "Rituals", "timeZone": "Europe/Berlin"}).execute()
            self.calendar = made["id"]
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.close()

    def connect(self, *scopes: str, person: Person | None = None) -> Tokens:
        return (person or self.sam).connects(*(f"{SCOPE}{one}" for one in scopes or self._scopes))

    def credentials(self, tokens: Tokens) -> Credentials:
        return Credentials(
            tokens.access_token,
            refresh_token=tokens.refresh_token,
            token_uri=self.fake.token_uri,
            client_id=tokens.client.id,
            client_secret=tokens.client.secret,
        )  # type: ignore[no-untyped-call]  # google-auth has hints, but this constructor has none

    def service(self, tokens: Tokens) -> Any:
        options = {"api_endpoint": self.fake.api_endpoint}
        credentials = self.credentials(tokens)
        return build("calendar", "v3", credentials=credentials, static_discovery=True, client_options=options)

    @cached_property
    def events(self) -> Any:
        """Kept, because the client makes all its methods anew each time."""
        return self.api.events()

    def insert(self, **changes: Any) -> dict[str, Any]:
        return dict(self.events.insert(calendarId=self.calendar, body=body(**changes)).execute())

    def get(self, id: str = "coffee1", **query: Any) -> dict[str, Any]:
        return dict(self.events.get(calendarId=self.calendar, eventId=id, **query).execute())

    def patch(self, changes: Mapping[str, Any], id: str = "coffee1", if_match: str = "") -> dict[str, Any]:
        request = self.events.patch(calendarId=self.calendar, eventId=id, body=changes)
        return dict(_on(request, if_match).execute())

    def put(self, whole: Mapping[str, Any], id: str = "coffee1", if_match: str = "") -> dict[str, Any]:
        request = self.events.update(calendarId=self.calendar, eventId=id, body=whole)
        return dict(_on(request, if_match).execute())

    def delete(self, id: str = "coffee1", if_match: str = "") -> None:
        _on(self.events.delete(calendarId=self.calendar, eventId=id), if_match).execute()

    def list(self, **query: Any) -> dict[str, Any]:
        return dict(self.events.list(calendarId=self.calendar, **query).execute())

    def freebusy(self, starts: str, ends: str, *ids: str, **more: Any) -> dict[str, Any]:
        items = [{"id": one} for one in ids or ("primary",)]
        asked = {"timeMin": starts, "timeMax": ends, "items": items, **more}
        return dict(self.api.freebusy().query(body=asked).execute())

    def raw(self, verb: str, path: str, **more: Any) -> httpx.Response:
        """What the client would not send; ``path`` begins behind /calendar/v3/."""
        headers = {"Authorization": f"Bearer {self.tokens.access_token}", **more.pop("headers", {})}
        return self.http.request(verb, self.fake.api_endpoint + path, headers=headers, **more)

    @cached_property
    def http(self) -> httpx.Client:
        """Follows no redirects."""
        return self._closing.enter_context(httpx.Client(verify=False))

    def adds(self, starts: str, ends: str, **more: Any) -> str:
        return self.sam.adds(at(starts), at(ends), **more)


def _on(request: Any, if_match: str) -> Any:
    if if_match:
        request.headers["If-Match"] = if_match
    return request


def refusal(error: HttpError) -> tuple[int, str]:
    """The status and Google's first reason."""
    return error.resp.status, error.error_details[0]["reason"]


def ids(listing: Mapping[str, Any]) -> list[str]:
    return [one["id"] for one in listing["items"]]


def instant(event: Mapping[str, Any], which: str = "start") -> datetime:
    return datetime.fromisoformat(event[which]["dateTime"])
