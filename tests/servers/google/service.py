"""Which part answers a request, and the ledger of all. Not here: the answers themselves, HTTP (server)."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Event, RLock
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote

from tests.servers.google import calendars, discovery, events, freebusy, listing
from tests.servers.google.answers import (
    Answer,
    ApiError,
    insufficient_permissions,
    login_required,
    not_modelled,
)
from tests.servers.google.oauth import OAuth
from tests.servers.google.partial import selected
from tests.servers.google.request import Request
from tests.servers.google.state import World
from tests.servers.google.trouble import Fault, Silence, Trouble

API = "/calendar/v3/"
AUTH, TOKEN, REVOKE = "/o/oauth2/v2/auth", "/token", "/revoke"
HANDLERS: Mapping[str, Callable[[Request], Answer]] = {
    "calendar.calendars.insert": calendars.insert,
    "calendar.calendars.get": calendars.get,
    "calendar.calendars.patch": calendars.patch,
    "calendar.calendars.update": calendars.update,
    "calendar.calendars.delete": calendars.delete,
    "calendar.calendarList.get": calendars.list_entry,
    "calendar.events.insert": events.insert,
    "calendar.events.get": events.get,
    "calendar.events.list": listing.list_events,
    "calendar.events.patch": events.patch,
    "calendar.events.update": events.update,
    "calendar.events.delete": events.delete,
    "calendar.freebusy.query": freebusy.query,
}


@dataclass(frozen=True, slots=True)
class Raw:
    """A request as it came; header names are lower-case."""

    verb: str
    path: str
    query: str
    headers: Mapping[str, str]
    data: bytes


@dataclass(frozen=True, slots=True)
class Call:
    """One line of the ledger: ``method`` as the document names it, or "auth", "token", "revoke"; status 0: no answer.

    ``query`` and ``body`` are as sent; ``reason`` is Google's word for an error; ``person`` is the token's owner.
    """

    method: str
    verb: str
    path: str
    status: int
    query: Mapping[str, list[str]]
    body: Any = None
    reason: str = ""
    person: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


class Service:
    """Answers requests one at a time, and keeps the ledger. ``lock`` guards all state."""

    def __init__(self, world: World) -> None:
        self.lock = RLock()
        self.world, self.oauth, self.trouble = world, OAuth(world), Trouble(world)
        self.calls: list[Call] = []
        self._stopped = Event()

    def stop(self) -> None:
        self._stopped.set()

    def serve(self, raw: Raw) -> Answer | Silence:
        name = _name(raw)
        with self.lock:
            fault = self.trouble.take(name)
        if fault and fault.latency_s:
            self._stopped.wait(fault.latency_s)
        with self.lock:
            answer = self._troubled(raw, fault)
            self.calls.append(self._line(name, raw, answer))
        return answer

    def _troubled(self, raw: Raw, fault: Fault | None) -> Answer | Silence:
        if fault is None:
            return self._answer(raw)
        silent = fault.drop or fault.reset
        done = self._answer(raw) if fault.after or (fault.status is None and not silent) else None
        return Silence(fault.reset) if silent else fault.answer(done)

    def _answer(self, raw: Raw) -> Answer:
        try:
            if raw.path.startswith(API):
                return self._api(raw)
            if raw.path == AUTH and raw.verb == "GET":
                return self.oauth.authorize(dict(parse_qsl(raw.query)))
            if raw.path == TOKEN and raw.verb == "POST":
                return self.oauth.token(_form(raw))
            if raw.path == REVOKE and raw.verb == "POST":
                return self.oauth.revoke({**dict(parse_qsl(raw.query)), **_form(raw)})
            return not_modelled(f"{raw.verb} {raw.path}").answer
        except ApiError as error:
            return error.answer

    def _api(self, raw: Raw) -> Answer:
        method, path = discovery.route(raw.verb, raw.path.removeprefix(API))
        if "authorization" not in raw.headers:
            raise login_required()
        grant = self.oauth.holder(raw.headers["authorization"])
        self.trouble.count(grant.person)
        if not grant.scopes & method.scopes:
            raise insufficient_permissions()
        handler = HANDLERS.get(method.id)
        if handler is None:
            raise not_modelled(method.id)
        query = discovery.read_query(method, parse_qs(raw.query, keep_blank_values=True))
        body = discovery.read_body(method, raw.data)
        request = Request(
            self.world, method, grant.person, grant.client, grant.scopes, path, query, body,
            raw.headers.get("if-match"), raw.headers.get("if-none-match"),
        )  # fmt: skip
        return selected(handler(request), query.get("fields"))

    def _line(self, name: str, raw: Raw, answer: Answer | Silence) -> Call:
        body = None
        with suppress(ValueError):
            body = json.loads(raw.data)
        person = self.oauth.person_of(raw.headers.get("authorization", ""))
        status, reason = (answer.status, _reason(answer)) if isinstance(answer, Answer) else (0, "")
        return Call(name, raw.verb, raw.path, status, parse_qs(raw.query), body, reason, person, raw.headers)


def _reason(answer: Answer) -> str:
    error = answer.body.get("error", "") if isinstance(answer.body, dict) else ""
    return error if isinstance(error, str) else str(error["errors"][0]["reason"])


def _name(raw: Raw) -> str:
    if not raw.path.startswith(API):
        return {AUTH: "auth", TOKEN: "token", REVOKE: "revoke"}.get(raw.path, raw.path)
    try:
        return discovery.route(raw.verb, raw.path.removeprefix(API))[0].id
    except ApiError:
        return raw.path


def _form(raw: Raw) -> dict[str, str]:
    """The form; a client may name itself in a Basic header instead. Source: RFC 6749 §2.3.1."""
    form = dict(parse_qsl(raw.data.decode("ascii", "replace"), keep_blank_values=True))
    kind, _, word = raw.headers.get("authorization", "").partition(" ")
    if kind == "Basic":
        with suppress(binascii.Error, UnicodeDecodeError):
            name, _, secret = base64.b64decode(word).decode().partition(":")
            form |= {"client_id": unquote(name), "client_secret": unquote(secret)}
    return form
