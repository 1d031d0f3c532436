"""A couple whose partners reach us from outside, Google's stand-in, and a browser. Not here: any claim."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from starlette.types import ASGIApp

from scheduler.adapters.google.access import GoogleApp
from scheduler.adapters.memory import MemoryClock
from scheduler.adapters.sqlstore import SqlStore
from scheduler.adapters.system import new_secret
from scheduler.adapters.vault import KeyFile, SealedVault
from scheduler.app.connecting import BACK, Connecting
from scheduler.app.doors import Doors
from scheduler.app.feeding import feed_for
from scheduler.content.assets import Assets
from scheduler.settings import FeedRoute, GoogleRoute, Route
from scheduler.settings.model import Look
from scheduler.web.public import Rooms, application
from tests.build import at
from tests.servers.google import FakeGoogle, Person

ADDRESS = "https://rituals.example.org"
NOW = at("2026-11-23 09:00")
LOOK = Look("Together", "#c2603f")


@dataclass
class Browser:
    """One person's browser; ``origin`` is whose page its forms are on, ``where`` its own address."""

    app: ASGIApp
    address: str
    origin: str
    where: str = "192.0.2.7"
    cookies: httpx.Cookies = field(default_factory=httpx.Cookies)

    def get(self, path: str, **given: Any) -> httpx.Response:
        return self.ask("GET", path, **given)

    def post(self, path: str, **given: Any) -> httpx.Response:
        return self.ask("POST", path, **{"headers": {"origin": self.origin}, **given})

    def ask(self, method: str, path: str, **given: Any) -> httpx.Response:
        return asyncio.run(self._ask(method, path, given))

    async def _ask(self, method: str, path: str, given: dict[str, Any]) -> httpx.Response:
        way = httpx.ASGITransport(self.app, client=(self.where, 1))
        async with httpx.AsyncClient(transport=way, base_url=self.address, cookies=self.cookies) as client:
            answer = await client.request(method, path, **given)
            self.cookies = client.cookies
            return answer


@dataclass
class House:
    """Sam and Kim have Google, Lee has a feed; ``file`` is the couple's state."""

    file: Path
    store: SqlStore
    doors: Doors
    keys: KeyFile
    vaults: dict[str, SealedVault]
    clock: MemoryClock
    google: FakeGoogle
    connecting: Connecting
    address: str

    def link(self, partner: str = "sam", *, feed: bool = False) -> str:
        """A new address for the partner, without what stands before the path."""
        with self.store.transaction() as tx:
            make = self.doors.feed if feed else self.doors.connect
            return make(tx, partner, self.clock.now()).removeprefix(self.address)

    @property
    def rooms(self) -> Rooms:
        feed = partial(feed_for, self.store, self.doors)
        return Rooms(feed, lambda: self.connecting, self.clock.now)

    def browser(self) -> Browser:
        """One with no cookies yet, on our own pages; each has pages, and so limits, of its own."""
        app = application(self.rooms, Assets(), self.address, self.google.url)
        return Browser(app, self.address, self.address)

    def kept(self, partner: str = "sam") -> str | None:
        return self.vaults[partner].get("google")

    def everything(self) -> bytes:
        """The whole state, as one would copy it."""
        return b"".join(one.read_bytes() for one in sorted(self.file.parent.rglob("*")) if one.is_file())

    def note(self, name: str) -> str | None:
        with self.store.transaction() as tx:
            return tx.note("home", name)


@contextmanager
def house(folder: Path, *, address: str = ADDRESS) -> Iterator[House]:
    clock = MemoryClock(NOW)
    keys = KeyFile(folder / "keys.json", new_secret)
    with (
        pytest.MonkeyPatch.context() as patch,
        FakeGoogle(clock) as google,
        closing(SqlStore.open(folder / "rituals.db", secret=new_secret)) as store,
    ):
        patch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")  # the stand-in has no certificate
        routes: dict[str, Route] = {
            "sam": GoogleRoute(LOOK),
            "kim": GoogleRoute(LOOK),
            "lee": FeedRoute(replace(LOOK, title="Calendar")),
        }
        doors = Doors("home", routes, address, new_secret)
        vaults = {who: SealedVault(store, keys, "home", who) for who in routes}
        client = google.registers("web.apps.googleusercontent.com", "web-client-secret", address + BACK)
        app = GoogleApp(client.id, client.secret, auth_uri=google.auth_uri, token_uri=google.token_uri)
        connecting = Connecting(store, doors, vaults, app)
        yield House(folder / "rituals.db", store, doors, keys, vaults, clock, google, connecting, address)


def consent_page(home: House, browser: Browser, link: str = "") -> str:
    """Press the button of a link's page; returns where at Google the browser is sent."""
    answer = browser.post(link or home.link())
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def at_google(url: str, person: Person, *, denies: bool = False, unticks: tuple[str, ...] = ()) -> dict[str, str]:
    """What the person's browser is sent back with, once they have answered there."""
    person.sits_down(denies=denies, unticks=unticks)
    answer = httpx.get(url)
    assert answer.status_code == 302, answer.text
    return dict(parse_qsl(urlsplit(answer.headers["location"]).query))
