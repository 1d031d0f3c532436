"""One partner's rituals at Google, on a calendar that we made there. Not here: the bodies (event), the asking (api).

Ids are chosen by us and Google never gives one out again, so a repeated create shows itself (409); a deleted event
keeps its id, and is a person's no: it is never brought back.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from threading import Lock
from typing import Any
from zoneinfo import ZoneInfo

from scheduler.adapters.google.answers import Changed, NotThere, Rejected, Taken, only_looking, unreachable
from scheduler.adapters.google.api import GoogleApi
from scheduler.adapters.google.event import body_of, event_id, says, seen_in, stands, tag_of
from scheduler.adapters.google.mirror import Mirror
from scheduler.domain.errors import Conflict, Gone, Unavailable
from scheduler.domain.event import Event, SeenEvent
from scheduler.domain.pace import Pace
from scheduler.ports import Vault

_WHERE = "google calendar"


class GoogleCalendar:
    """Fulfils Calendar. The calendar's id is kept in the vault: our scopes cannot list any."""

    pace = Pace.SPARING

    def __init__(self, api: GoogleApi, vault: Vault, *, title: str, zone: ZoneInfo) -> None:
        self._api, self._vault, self._title, self._zone = api, vault, title, zone
        self._mirror = Mirror(api)
        self._lock = Lock()

    def put(self, event: Event, tag: str | None) -> str:
        """See Calendar. Raises Gone also where the event that ``tag`` names went away with its calendar."""
        with self._lock:
            item = self._create(self._made(), event) if tag is None else self._change(self._known(), event, tag)
            self._mirror.learn(item)
            return tag_of(item)

    def remove(self, event: Event, _tag: str | None) -> None:
        """See Calendar. Where there is no calendar, there is nothing to take away."""
        with self._lock:
            calendar, name = self._vault.get(_WHERE), event_id(event.uid)
            if calendar is None:
                return
            try:
                self._api.call(self._events().delete(calendarId=calendar, eventId=name, sendUpdates="none"))
            except NotThere:
                item = self._fetched(calendar, name)
                if item and stands(item):
                    raise unreachable() from None
            self._mirror.drop(name)

    def seen(self, uids: Collection[str]) -> Mapping[str, SeenEvent | None]:
        """See Calendar. An event dragged to all-day has no times that could be read."""
        if not uids:
            return {}
        with self._lock, only_looking():
            calendar = self._known()
            try:
                self._mirror.catch_up(calendar)
            except NotThere:
                self._look_for(calendar)
                raise
            known = {uid: self._looked_up(calendar, event_id(uid)) for uid in uids}
            if len(known) > 1 and not any(known.values()) and None in known.values():
                raise Unavailable("none of our events is left in the calendar at Google; was it emptied?")
            return {uid: seen_in(uid, item) for uid, item in known.items() if item}

    def _looked_up(self, calendar: str, id: str) -> dict[str, Any] | None:
        """The event; {} where Google tells that it was deleted, None where even itself it is not there."""
        item = self._mirror.get(id)
        if item is None:
            item = self._fetched(calendar, id)
            if item and stands(item):
                self._mirror.forget()
                raise Unavailable("Google's list lacks an event that is there; it is read anew next time")
        return {} if item and not stands(item) else item

    def _create(self, calendar: str, event: Event) -> dict[str, Any]:
        body = {"id": event_id(event.uid), **body_of(event, self._zone)}
        try:
            return self._api.call(self._events().insert(calendarId=calendar, body=body, sendUpdates="none"))
        except Taken:
            standing = self._fetched(calendar, body["id"])
        except NotThere:
            self._look_for(calendar)
            raise
        if standing is None:
            raise unreachable()
        if not says(standing, body):
            raise Conflict("a person changed or deleted this event at Google")
        return standing

    def _change(self, calendar: str, event: Event, tag: str) -> dict[str, Any]:
        name, body = event_id(event.uid), body_of(event, self._zone)
        request = self._events().patch(calendarId=calendar, eventId=name, body=body, sendUpdates="none")
        request.headers["If-Match"] = tag
        try:
            return self._api.call(request)
        except NotThere:
            self._look_for(calendar)
            item = self._fetched(calendar, name)
            if item and stands(item):
                raise unreachable() from None
            raise Conflict("the event is no longer at Google") from None
        except (Changed, Rejected) as err:
            # Google refuses a sequence below the one that stands there (400): then a person was faster, too.
            standing = self._fetched(calendar, name)
            if standing and says(standing, body):
                return standing
            if standing is None or tag_of(standing) != tag:
                raise Conflict("a person changed or deleted this event at Google") from None
            raise err

    def _fetched(self, calendar: str, id: str) -> dict[str, Any] | None:
        try:
            return self._api.call(self._events().get(calendarId=calendar, eventId=id))
        except NotThere:
            return None

    def _known(self) -> str:
        """The calendar's id. Raises Gone where there is none, or none any more."""
        calendar = self._vault.get(_WHERE)
        if calendar is None:
            raise Gone("our calendar at Google is not there")
        return calendar

    def _made(self) -> str:
        """The calendar's id, of a new calendar where none is known.

        An id that is lost is lost: if we are cut off before it is in the vault, an empty calendar of our title stays
        behind for the person to delete, one for each such accident. No event is ever in it.
        """
        calendar = self._vault.get(_WHERE)
        if calendar is None:
            body = {"summary": self._title, "timeZone": self._zone.key}
            calendar = self._api.call(self._api.service.calendars().insert(body=body)).get("id")
            if not isinstance(calendar, str) or not calendar:
                raise unreachable()
            self._vault.put(_WHERE, calendar)
        return calendar

    def _look_for(self, calendar: str) -> None:
        """Raises Gone, and forgets the calendar, where it is really no longer there."""
        try:
            self._api.call(self._api.service.calendars().get(calendarId=calendar))
        except NotThere:
            self._vault.forget(_WHERE)
            self._mirror.forget()
            raise Gone("our calendar at Google was deleted") from None

    def _events(self) -> Any:
        return self._api.service.events()
