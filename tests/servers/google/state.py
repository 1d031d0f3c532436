"""What the fake remembers: accounts, calendars, every version of every event, tokens. Not here: any rule of the API."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from tests.servers.google.times import stamp

Json = dict[str, Any]


class ReadsTime(Protocol):
    def now(self) -> datetime: ...


@dataclass(slots=True)
class Settings:
    """What a test may turn at any time; each default is Google's, as far as rules.md can cite it."""

    page_size: int = 2500
    listing_lag: timedelta = timedelta(0)
    sync_token_life: timedelta = timedelta(days=28)
    freebusy_range: timedelta = timedelta(days=90)
    freebusy_calendars: int = 50
    per_user_a_minute: int = 600
    per_project_a_minute: int = 10_000
    rate_status: int = 403
    calendars_a_day: int = 60
    testing: bool = False
    access_token_life: timedelta = timedelta(seconds=3599)
    code_life: timedelta = timedelta(minutes=10)
    refresh_tokens_each: int = 100


@dataclass(frozen=True, slots=True)
class Version:
    """One write of one event."""

    revision: int
    written_at: datetime
    resource: Json


@dataclass(slots=True)
class CalendarState:
    """``made_by`` is the OAuth client that made it; None where its owner did. ``broken`` is a free/busy error."""

    id: str
    owner: str
    fields: Json
    etag: str
    made_by: str | None = None
    primary: bool = False
    revision: int = 0
    broken: str = ""
    events: dict[str, list[Version]] = field(default_factory=dict)
    by_hand: set[str] = field(default_factory=set)

    @property
    def zone(self) -> str:
        return str(self.fields["timeZone"])

    def current(self, event_id: str) -> Json | None:
        versions = self.events.get(event_id)
        return versions[-1].resource if versions else None

    def as_of(self, revision: int) -> list[Version]:
        """The newest version of each event that is not newer than the revision, oldest write first."""
        seen = [[one for one in versions if one.revision <= revision] for versions in self.events.values()]
        return sorted((versions[-1] for versions in seen if versions), key=lambda one: one.revision)

    def live(self) -> list[Json]:
        return [one.resource for one in self.as_of(self.revision) if one.resource["status"] != "cancelled"]


@dataclass(frozen=True, slots=True)
class SyncPoint:
    """What a sync token stands for."""

    calendar: str
    revision: int
    issued_at: datetime
    query: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Page:
    """What is left of a listing; ``query`` must come again unchanged."""

    calendar: str
    query: tuple[tuple[str, str], ...]
    items: list[Json]
    sync_token: str | None


class World:
    """All state of one fake. Callers hold the fake's lock."""

    def __init__(self, clock: ReadsTime | Callable[[], datetime] | None) -> None:
        self._read_time = clock if callable(clock) else clock.now if clock else lambda: datetime.now(UTC)
        self.settings = Settings()
        self.zones: dict[str, str] = {}
        self.calendars: dict[str, CalendarState] = {}
        self.sync_points: dict[str, SyncPoint] = {}
        self.pages: dict[str, Page] = {}
        self.calendars_made: list[tuple[str, datetime]] = []
        self._serial = 0

    def now(self) -> datetime:
        return self._read_time().astimezone(UTC)

    def serial(self) -> int:
        self._serial += 1
        return self._serial

    def new_id(self, kind: str) -> str:
        """40 characters of [0-9a-f]; never the same again."""
        return hashlib.sha256(f"{kind} {self.serial()}".encode()).hexdigest()[:40]

    def new_etag(self) -> str:
        return f'"{3_500_000_000_000_000 + 2 * self.serial()}"'

    def write(self, calendar: CalendarState, resource: Json, *, touch: bool = True) -> Json:
        """Keep a new version; ``touch`` False leaves ``updated`` as it was. Returns what now stands there."""
        kept = deepcopy(resource)
        kept["etag"] = self.new_etag()
        if touch:
            kept["updated"] = stamp(self.now())
        calendar.revision = self.serial()
        calendar.events.setdefault(kept["id"], []).append(Version(calendar.revision, self.now(), kept))
        return kept

    def horizon(self, calendar: CalendarState) -> int:
        """The newest revision that listings show by now."""
        until = self.now() - self.settings.listing_lag
        seen = (one.revision for versions in calendar.events.values() for one in versions if one.written_at <= until)
        return max(seen, default=0)

    def make_calendar(self, owner: str, fields: Json, made_by: str | None = None) -> CalendarState:
        primary = made_by is None and owner not in self.calendars
        name = owner if primary else f"c_{self.new_id('calendar')}@group.calendar.google.com"
        made = CalendarState(name, owner, deepcopy(fields), self.new_etag(), made_by, primary)
        self.calendars[name] = made
        return made
