"""A partner with an account at the Google stand-in, a proxy in between."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

from scheduler.adapters.google.api import GoogleApi
from scheduler.adapters.google.calendar import GoogleCalendar
from scheduler.adapters.google.event import event_id
from scheduler.adapters.memory import MemoryClock
from tests.contract.google_partner import BERLIN, GooglePartner
from tests.machine.faults import CountingProxy, over_http
from tests.machine.partner import Stands, uid_of
from tests.servers.google import FakeGoogle, Fault
from tests.servers.google.times import moment_of

IMPATIENT_S = 1.0
_COLOURS = ("1", "2", "3")
_REASONS = ((404, "notFound"), (409, "duplicate"), (410, "deleted"), (412, "conditionNotMet"), (401, "authError"),
            (403, "rateLimitExceeded"), (403, "forbidden"), (403, "quotaExceeded"), (429, "rateLimitExceeded"),
            (500, "backendError"), (503, "backendError"))  # fmt: skip
_OF_EVENTS = ("events.insert", "events.patch", "events.delete", "events.get", "events.list")
"""Where all that is asked says "not there", the calendar is not there: that is no fault, that is how Google says so."""
_METHODS = ("events.list", "events.insert", "events.patch", "events.delete", "events.get", "calendars.get", "token", "")


class ByGoogle(GooglePartner):
    """Fulfils MachinePartner."""

    route = "google"
    can = frozenset({"all-day", "calendar", "access"})

    def __init__(self, fake: FakeGoogle, proxy: CountingProxy, clock: MemoryClock) -> None:
        self._counting = proxy
        self._touches = self._met_before = 0
        super().__init__(fake, proxy, clock, "sam@example.org")
        self._met_before = proxy.met
        self._put = 0

    def restarts(self) -> None:
        self.api = GoogleApi(self.app, self.vault, self.clock, timeout_s=IMPATIENT_S)
        self.calendar = GoogleCalendar(self.api, self.vault, title="Rituals", zone=BERLIN)

    def stands(self) -> list[Stands]:
        found = []
        for one in self.person.events():
            if "ritual" in one.get("extendedProperties", {}).get("private", {}):
                times = [moment_of(one[name], "UTC") if "dateTime" in one[name] else None for name in ("start", "end")]
                found.append(Stands(uid_of(one["id"]), one.get("summary", ""), times[0], times[1]))
        return found

    def touches(self, uid: str) -> None:
        self._touches += 1
        self.person.edits(event_id(uid), colorId=_COLOURS[self._touches % 3])

    def makes_all_day(self, uid: str, day: datetime) -> None:
        self.person.makes_all_day(event_id(uid), day.date())

    def reconnects(self) -> None:
        self.connects()

    def trouble(self, chance: Random) -> str:
        own: dict[str, Callable[[], None]] = {
            "expired sync token": self.fake.expire_sync_tokens,
            "expired access token": self.fake.expire_access_tokens,
            "lagging listing": self._lags,
            "half a listing": lambda: self._fails(Fault(None, method="events.list", keep=0.5)),
            "timeout": lambda: self._fails(Fault(None, latency_s=1.2 * IMPATIENT_S, after=chance.random() < 0.5)),
            "reset": lambda: self._fails(Fault(reset=True, after=chance.random() < 0.5)),
        }
        if chance.random() < 0.35:
            return over_http(self.proxy, self.empty_listing, chance)
        if chance.random() < 0.4:
            name = chance.choice(tuple(own))
            own[name]()
            return name
        status, reason = chance.choice(_REASONS)
        after, method = chance.random() < 0.4, chance.choice(_METHODS if status not in (404, 410) else _OF_EVENTS)
        self._fails(*[Fault(status, reason, after, method=method)] * chance.choice((1, 1, 2, 3)))
        return f"{status} {reason} {'after' if after else 'before'} {method or 'any'}"

    def mends(self) -> None:
        self._put -= len(self.fake.faults)
        self.fake.clear()
        self.proxy.clear()
        self.fake.settings.listing_lag = timedelta(0)

    @property
    def met(self) -> int:
        return self._counting.met - self._met_before + self._put - len(self.fake.faults)

    def _fails(self, *faults: Fault) -> None:
        self._put += len(faults)
        self.fake.fail_next(*faults)

    def _lags(self) -> None:
        self._put += 1
        self.fake.settings.listing_lag = timedelta(minutes=5)
