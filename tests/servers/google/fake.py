"""The fake as a test holds it: start, accounts, clients, faults, ledger. Not here: what it answers (service)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from tests.servers.google.oauth import Client
from tests.servers.google.people import Person
from tests.servers.google.server import Server
from tests.servers.google.service import API, AUTH, REVOKE, TOKEN, Call, Service
from tests.servers.google.state import ReadsTime, Settings, World
from tests.servers.google.trouble import Fault


class FakeGoogle:
    """A context manager; ``clock`` is a Clock, a callable, or None for the machine's own time."""

    def __init__(self, clock: ReadsTime | Callable[[], datetime] | None = None) -> None:
        self._world = World(clock)
        self._service = Service(self._world)
        self._server = Server(self._service)
        self.client = self.registers("rituals.apps.googleusercontent.com", "fake-client-secret", desktop=True)

    @property
    def url(self) -> str:
        """Without a slash at its end."""
        return f"http://127.0.0.1:{self._server.port}"

    @property
    def api_endpoint(self) -> str:
        """For build(..., client_options={"api_endpoint": ...})."""
        return self.url + API

    @property
    def auth_uri(self) -> str:
        return self.url + AUTH

    @property
    def token_uri(self) -> str:
        return self.url + TOKEN

    @property
    def revoke_uri(self) -> str:
        return self.url + REVOKE

    @property
    def settings(self) -> Settings:
        """Turn them at any time: limits, page size, lag of listings, lives of tokens, testing mode."""
        return self._world.settings

    @property
    def calls(self) -> list[Call]:
        """The ledger: every request so far, in the order of their answers."""
        with self._service.lock:
            return list(self._service.calls)

    def person(self, email: str = "sam@example.org", zone: str = "Europe/Berlin") -> Person:
        """A new account with its primary calendar, who now sits at the browser; an existing one is found again."""
        with self._service.lock:
            if email not in self._world.zones:
                self._world.zones[email] = zone
                self._world.make_calendar(email, {"summary": email, "timeZone": zone})
            self._service.oauth.at_browser = email
        return Person(self._service, email, self.client)

    def registers(self, client_id: str, secret: str, *redirect_uris: str, desktop: bool = False) -> Client:
        """An OAuth client; redirect addresses must match exactly, or for a desktop client be on this machine."""
        with self._service.lock:
            client = Client(client_id, secret, redirect_uris, desktop)
            self._service.oauth.clients[client_id] = client
            return client

    def fail_next(self, *faults: Fault) -> None:
        """Each meets the next request that it fits, once, in order."""
        with self._service.lock:
            self._service.trouble.add(faults)

    @property
    def faults(self) -> list[Fault]:
        """Those that have met no request yet."""
        with self._service.lock:
            return self._service.trouble.left()

    def clear(self) -> None:
        """No more of the faults that are left."""
        with self._service.lock:
            self._service.trouble.clear()

    def expire_sync_tokens(self) -> None:
        """Every token given so far is answered with 410 fullSyncRequired."""
        with self._service.lock:
            points = self._world.sync_points
            points.update({token: replace(point, revision=-1) for token, point in points.items()})

    def expire_access_tokens(self) -> None:
        """Every access token given so far is answered with 401; refresh tokens live on."""
        with self._service.lock:
            self._service.oauth.expire_access_tokens()

    def __enter__(self) -> FakeGoogle:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()
