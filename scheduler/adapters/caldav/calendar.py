"""A partner's own calendar on a CalDAV server: Calendar in terms of ours. Not here: HTTP (client), XML (multistatus).

Every write carries its condition: ``If-None-Match: *`` to create, ``If-Match`` to change. Where a condition fails,
what stands there is read: if it says what we want, a reply was lost; else a person was here.

The tag of an event is what it means, not its ETag: servers give new ETags when they rewrite an object, when a proxy
packs it, or when a person chooses a colour, and none of that is a change of ours or theirs.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from threading import Lock
from zoneinfo import ZoneInfo

from scheduler.adapters.caldav.access import Access
from scheduler.adapters.caldav.account import Account
from scheduler.adapters.caldav.client import Answer
from scheduler.adapters.caldav.collection import TAKEN_AWAY, Body, made
from scheduler.adapters.caldav.collection import Collection as Shelf
from scheduler.adapters.caldav.door import Exchange
from scheduler.adapters.caldav.mirror import Mirror, file_name
from scheduler.content.amend import amended, meaning
from scheduler.content.ics import to_ics
from scheduler.domain.errors import Conflict, Gone, Refused, Unavailable
from scheduler.domain.event import Event, SeenEvent
from scheduler.domain.pace import Pace
from scheduler.ports import Vault

_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")
_CHANGED = "an event in the calendar is not what was written last"
_TAKEN = "the event was written before, and a person took it away"


class CaldavCalendar:
    """Fulfils Calendar. ``title`` and ``colour`` ("#rrggbb") are given to the collection when it is made."""

    pace = Pace.SPARING

    def __init__(self, vault: Vault, *, title: str, colour: str, zone: ZoneInfo, exchange: Exchange) -> None:
        self._access = Access(vault, exchange)
        self._title, self._colour = title, colour
        self._mirror = Mirror(zone)
        self._lock = Lock()

    def put(self, event: Event, tag: str | None) -> str:
        """See Calendar. What a person added to the event (alarms, a colour, a place) outlives our changes to it."""
        data = to_ics(event)
        with self._lock:
            account = self._access.account()
            if tag is not None:
                return self._replace(self._shelf(account), event, tag)
            try:
                return self._create(self._shelf(account), event, data)
            except Gone:
                return self._create(self._made(account), event, data)

    def remove(self, event: Event, _tag: str | None) -> None:
        """See Calendar."""
        with self._lock:
            try:
                shelf = self._shelf(self._access.account())
                href = self._mirror.href_of(event.uid, shelf)
                if not shelf.delete(href):
                    href = self._still_there(shelf, event.uid)
            except Gone:
                return
            self._mirror.drop(href)

    def seen(self, uids: Collection[str]) -> Mapping[str, SeenEvent | None]:
        """See Calendar."""
        asked = frozenset(uids)
        if not asked:
            return {}
        with self._lock:
            shelf = self._shelf(self._access.account())
            self._mirror.refresh(shelf, asked)
            found = {uid: one.event for uid in asked if (one := self._mirror.find(uid))}
            self._mirror.believe_absent(shelf, sorted(asked - found.keys()))
            return found

    def _shelf(self, account: Account) -> Shelf:
        """Raises Gone where no collection was made yet."""
        if account.collection is None:
            raise Gone("no calendar of ours was made in this account yet")
        self._mirror.turn_to(account.collection)
        return Shelf(self._access.client(account), account.collection, account.url)

    def _made(self, account: Account) -> Shelf:
        self._mirror.forget()
        client = self._access.client(account)
        url = made(client, account.url, title=self._title, colour=self._colour)
        return self._shelf(self._access.learn(account, collection=url))

    def _create(self, shelf: Shelf, event: Event, data: bytes) -> str:
        if not _FILE_NAME.fullmatch(file_name(event.uid)):
            raise Refused("this UID cannot be the name of an event on a server")
        href = self._mirror.href_of(event.uid, shelf)
        answer = shelf.put(href, data, {"If-None-Match": "*"})
        if answer.is_good:
            return self._written(Body(href, answer.etag, data))
        standing = self._standing(shelf, event.uid)
        if standing is None:
            if not shelf.is_there():
                raise Gone(TAKEN_AWAY)
            raise _refusal(answer)
        if meaning(standing.data) != meaning(data):
            raise Conflict(_CHANGED)
        return self._written(standing)

    def _replace(self, shelf: Shelf, event: Event, tag: str) -> str:
        standing = self._standing(shelf, event.uid)
        if standing is None:
            raise Conflict(_TAKEN)
        now, wanted = meaning(standing.data), meaning(to_ics(event))
        if now == wanted:
            return self._written(standing)
        if now != tag:
            raise Conflict(_CHANGED)
        if not standing.etag:
            raise Unavailable("the calendar server names no version of an event, so that it cannot be changed safely")
        data = amended(standing.data, event)
        answer = shelf.put(standing.href, data, {"If-Match": standing.etag})
        if answer.is_good:
            return self._written(Body(standing.href, answer.etag, data))
        if answer.status == 412:  # somebody was quicker by moments: what they did is judged next time
            raise Unavailable("the event was changed while it was written")
        raise _refusal(answer)

    def _standing(self, shelf: Shelf, uid: str) -> Body | None:
        """The event as it stands now, under whichever name. Raises Gone."""
        body = shelf.body(self._mirror.href_of(uid, shelf))
        if body is None:
            self._mirror.refresh(shelf, [uid])
            found = self._mirror.find(uid)
            body = shelf.body(found.href) if found else None
        return body

    def _written(self, body: Body) -> str:
        self._mirror.learn(body)
        return meaning(body.data)

    def _still_there(self, shelf: Shelf, uid: str) -> str:
        """Take the event away where the listing has it all the same, perhaps under a name that the server gave it."""
        self._mirror.refresh(shelf, [uid])
        found = self._mirror.find(uid)
        if found and not shelf.delete(found.href):
            raise Unavailable("the calendar server lists an event that it says it does not have")
        return found.href if found else self._mirror.href_of(uid, shelf)


def _refusal(answer: Answer) -> Conflict | Refused | Unavailable:
    """Why a write failed although nothing of the event stands in our calendar.

    A UID that is taken all the same is one that a person moved to another calendar or to the bin (Nextcloud), for
    we never use one twice.
    """
    if "no-uid-conflict" in answer.reasons or b"uid already exists" in answer.data:
        return Conflict(_TAKEN)
    if answer.status in (404, 409, 410, 412):
        return Unavailable("the calendar server neither takes the event nor has it")
    return Refused(f"the calendar server does not take the event ({answer.status})")
