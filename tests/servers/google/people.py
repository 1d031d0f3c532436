"""What an account's owner does by hand, and what a test may look at. Not here: what a client does (service)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from tests.servers.google.events import reschedules
from tests.servers.google.oauth import Client, Consent
from tests.servers.google.service import Service
from tests.servers.google.state import CalendarState, Json
from tests.servers.google.times import moment_of, stamp, stored


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a consent gave; ``scopes`` are whole addresses."""

    access_token: str
    refresh_token: str
    scopes: tuple[str, ...]
    client: Client


class Person:
    """One Google account. Where no calendar is named, an event is looked for in those the app made, then in primary."""

    def __init__(self, service: Service, email: str, client: Client) -> None:
        self.email = email
        self._service, self._client = service, client

    # What they see.

    def app_calendars(self) -> list[str]:
        """Ids of the calendars that some client made, oldest first; those that were deleted are not there."""
        with self._service.lock:
            return [one.id for one in self._calendars() if one.made_by is not None]

    def events(self, calendar_id: str | None = None) -> list[Json]:
        """Live events as they are kept, by start; of every calendar of the app's where none is named."""
        with self._service.lock:
            mine = self._app_calendars() if calendar_id is None else [self._calendar(calendar_id)]
            found = [(moment_of(one["start"], calendar.zone), one) for calendar in mine for one in calendar.live()]
        return [one for _, one in sorted(found, key=lambda pair: (pair[0], pair[1]["id"]))]

    def event(self, event_id: str) -> Json:
        """Also one that is cancelled. Raises KeyError where there never was such an event."""
        with self._service.lock:
            return self._find(event_id)[1]

    def standing(self) -> int:
        """How many live events clients made."""
        with self._service.lock:
            return sum(one["id"] not in mine.by_hand for mine in self._app_calendars() for one in mine.live())

    def foreign(self) -> dict[str, bytes]:
        """Every event that was made by hand, cancelled ones too, whole and byte for byte."""
        with self._service.lock:
            return {
                f"{calendar.id}/{one.resource['id']}": json.dumps(one.resource, sort_keys=True).encode()
                for calendar in self._calendars()
                for one in calendar.as_of(calendar.revision)
                if one.resource["id"] in calendar.by_hand
            }

    # What they do with events.

    def adds(self, starts_at: datetime, ends_at: datetime, title: str = "Dentist", calendar_id: str = "primary",
             **more: Any) -> str:  # fmt: skip
        """A new event of their own; ``more`` are fields as the API names them. Returns its id."""
        times = {which: {"dateTime": stamp(at)} for which, at in (("start", starts_at), ("end", ends_at))}
        return self._add(calendar_id, {"summary": title, **times, **more})

    def adds_all_day(self, day: date, title: str = "Holiday", calendar_id: str = "primary", **more: Any) -> str:
        return self._add(calendar_id, {"summary": title, **_all_day(day), **more})

    def adds_foreign(self) -> None:
        """Two events on primary and one on each calendar of the app's."""
        now = self._service.world.now()
        for where in ["primary", "primary", *self.app_calendars()]:
            self.adds(now + timedelta(hours=3), now + timedelta(hours=4), "Choir", where)

    def moves(self, event_id: str, starts_at: datetime) -> None:
        """The length stays."""
        with self._service.lock:
            calendar, event = self._find(event_id)
            length = moment_of(event["end"], calendar.zone) - moment_of(event["start"], calendar.zone)
        zone = {"timeZone": event["start"]["timeZone"]} if "timeZone" in event["start"] else {}
        self.edits(
            event_id,
            start={"dateTime": stamp(starts_at), **zone},
            end={"dateTime": stamp(starts_at + length), **zone},
        )

    def resizes(self, event_id: str, ends_at: datetime) -> None:
        self.edits(event_id, end={"dateTime": stamp(ends_at)})

    def retitles(self, event_id: str, title: str) -> None:
        self.edits(event_id, summary=title)

    def makes_all_day(self, event_id: str, day: date) -> None:
        self.edits(event_id, **_all_day(day))

    def edits(self, event_id: str, **fields: Any) -> None:
        """Any fields, as the API names them; None takes one away."""
        with self._service.lock:
            calendar, before = self._find(event_id)
            after = {name: one for name, one in {**before, **fields}.items() if one is not None}
            self._write(calendar, before, after)

    def deletes(self, event_id: str) -> None:
        """The id stays taken; what is left of it is a tombstone."""
        self.edits(event_id, status="cancelled")

    def restores(self, event_id: str) -> None:
        """Out of the bin."""
        self.edits(event_id, status="confirmed")

    def forgets_deleted(self) -> None:
        """Tombstones eventually go away (discovery document, Event.status); then the ids are free again."""
        with self._service.lock:
            for calendar in self._calendars():
                gone = [name for name in calendar.events if _status(calendar, name) == "cancelled"]
                for name in gone:
                    del calendar.events[name]

    # What they do with calendars and with access.

    def deletes_calendar(self, calendar_id: str | None = None) -> None:
        """Every calendar of the app's where none is named."""
        with self._service.lock:
            for name in [calendar_id] if calendar_id else self.app_calendars():
                del self._service.world.calendars[name]

    def moves_calendar_to(self, zone: str, calendar_id: str = "primary") -> None:
        """Gives a calendar another time zone."""
        with self._service.lock:
            self._calendar(calendar_id).fields["timeZone"] = zone

    def breaks_freebusy(self, reason: str = "internalError", calendar_id: str = "primary") -> None:
        """From now on free/busy holds this error for the calendar, inside a 200; "" mends it."""
        with self._service.lock:
            self._calendar(calendar_id).broken = reason

    def connects(self, *scopes: str, client: Client | None = None) -> Tokens:
        """Consents to all, without the browser; scopes are whole addresses, and a client other than the first may be
        named."""
        with self._service.lock:
            used = client or self._client
            grant, access = self._service.oauth.connect(self.email, used, frozenset(scopes))
            return Tokens(access, grant.refresh_token, tuple(sorted(scopes)), used)

    def revokes(self) -> None:
        """Takes access away from every client: all tokens are dead at once."""
        with self._service.lock:
            self._service.oauth.end(self.email)

    def sits_down(self, *, denies: bool = False, unticks: Iterable[str] = ()) -> None:
        """Is at the browser from now on when a consent page opens, and accepts all, or less, or nothing."""
        with self._service.lock:
            self._service.oauth.at_browser = self.email
            self._service.oauth.consents[self.email] = Consent(denies, frozenset(unticks))

    def _calendars(self) -> list[CalendarState]:
        return [one for one in self._service.world.calendars.values() if one.owner == self.email]

    def _app_calendars(self) -> list[CalendarState]:
        return [one for one in self._calendars() if one.made_by is not None]

    def _calendar(self, calendar_id: str) -> CalendarState:
        return self._service.world.calendars[self.email if calendar_id == "primary" else calendar_id]

    def _find(self, event_id: str) -> tuple[CalendarState, Json]:
        for calendar in [*self._app_calendars(), *self._calendars()]:
            event = calendar.current(event_id)
            if event is not None:
                return calendar, event
        raise KeyError(event_id)

    def _add(self, calendar_id: str, fields: Mapping[str, Any]) -> str:
        with self._service.lock:
            calendar, world = self._calendar(calendar_id), self._service.world
            name = world.new_id("by hand")
            me = {"email": self.email, "self": True}
            born = {"kind": "calendar#event", "id": name, "status": "confirmed", "created": stamp(world.now()),
                    "creator": me, "organizer": me, "iCalUID": f"{name}@google.com", "sequence": 0,
                    "reminders": {"useDefault": True}, "eventType": "default"}  # fmt: skip
            calendar.by_hand.add(name)
            self._write(calendar, {}, {**born, **fields})
            return name

    def _write(self, calendar: CalendarState, before: Json, after: Json) -> None:
        times = {which: stored(after[which], which, calendar.zone) for which in ("start", "end")}
        after = {**after, **times}
        if before:
            after["sequence"] = before["sequence"] + reschedules(before, after)
        self._service.world.write(calendar, after)


def _status(calendar: CalendarState, event_id: str) -> str:
    return str((calendar.current(event_id) or {})["status"])


def _all_day(day: date) -> Json:
    return {"start": {"date": day.isoformat()}, "end": {"date": (day + timedelta(days=1)).isoformat()}}
