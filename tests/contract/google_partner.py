"""A partner whose calendar stands on the Google fake, with a FaultProxy in between. Not here: any claim."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from zoneinfo import ZoneInfo

from scheduler.adapters.google.access import GoogleApp, keep
from scheduler.adapters.google.api import GoogleApi
from scheduler.adapters.google.busy import GoogleBusy
from scheduler.adapters.google.calendar import GoogleCalendar
from scheduler.adapters.google.consent import SCOPES
from scheduler.adapters.google.event import event_id
from scheduler.adapters.memory import MemoryClock, MemoryVault
from tests.build import at
from tests.servers.google import FakeGoogle
from tests.servers.proxy import Fault, FaultProxy

BERLIN = ZoneInfo("Europe/Berlin")
JSON = {"Content-Type": "application/json"}


class GooglePartner:
    """Connected from the beginning; ``api``, ``calendar`` and ``busy`` share one vault."""

    def __init__(self, fake: FakeGoogle, proxy: FaultProxy, clock: MemoryClock, email: str) -> None:
        self.fake, self.proxy, self.clock = fake, proxy, clock
        self.person = fake.person(email)
        self.vault = MemoryVault()
        self.app = GoogleApp(
            fake.client.id,
            fake.client.secret,
            auth_uri=fake.auth_uri,
            token_uri=f"{proxy.url}/token",
            api_root=f"{proxy.url}/calendar/v3/",
        )
        self.connects()
        self.restarts()

    empty_listing = Fault(
        200,
        methods=("GET",),
        headers=JSON,
        body=b'{"kind": "calendar#events", "items": [], "nextSyncToken": "Cnew="}',
    )

    def connects(self, *scopes: str) -> None:
        tokens = self.person.connects(*(scopes or SCOPES))
        kept = {"refresh_token": tokens.refresh_token, "scopes": list(tokens.scopes)}
        keep(self.vault, json.dumps(kept))

    def restarts(self) -> None:
        self.api = GoogleApi(self.app, self.vault, self.clock, timeout_s=5)
        self.calendar = GoogleCalendar(self.api, self.vault, title="Rituals", zone=BERLIN)
        self.busy = GoogleBusy(self.api)

    def moves(self, uid: str, starts_at: datetime) -> None:
        self.person.moves(event_id(uid), starts_at)

    def retitles(self, uid: str, title: str) -> None:
        self.person.retitles(event_id(uid), title)

    def deletes(self, uid: str) -> None:
        self.person.deletes(event_id(uid))

    def deletes_calendar(self) -> None:
        self.person.deletes_calendar()

    def unplugs(self) -> None:
        self.proxy.fail_next(*[Fault()] * 100)

    def revokes(self) -> None:
        self.person.revokes()

    def adds_foreign(self) -> None:
        self.person.adds_foreign()

    def foreign(self) -> Mapping[str, bytes]:
        return self.person.foreign()

    def standing(self) -> int:
        return self.person.standing()


@contextmanager
def google_partners(*emails: str) -> Iterator[list[GooglePartner]]:
    """Partners with accounts at the same Google."""
    clock = MemoryClock(at("2026-11-20 09:00"))
    with FakeGoogle(clock) as fake, FaultProxy(fake.url) as proxy:
        yield [GooglePartner(fake, proxy, clock, email) for email in emails]


@contextmanager
def google_partner() -> Iterator[GooglePartner]:
    with google_partners("sam@example.org") as (one,):
        yield one
