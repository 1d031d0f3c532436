"""What stands in our own collection, kept up to date with as few questions as can be. Not here: writing (calendar).

An event is known by the UID inside it: servers may store it under any name. Objects are read once and again only
under a new ETag; what is kept of one that is not ours is its UID.
"""

from __future__ import annotations

from collections.abc import Collection as Some
from collections.abc import Iterable
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from scheduler.adapters.caldav.collection import Body, Changes, Collection, StaleTokenError
from scheduler.adapters.caldav.multistatus import path_of
from scheduler.content.amend import meaning
from scheduler.content.ics import read_event, uids_in
from scheduler.domain.errors import Unavailable
from scheduler.domain.event import SeenEvent


@dataclass(frozen=True, slots=True)
class Standing:
    """One object; ``uids`` is None until it was read, ``event`` None where its times cannot be."""

    href: str
    etag: str
    uids: frozenset[str] | None = None
    event: SeenEvent | None = None


class Mirror:
    """``zone`` is where times without any zone are meant."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self.forget()

    def turn_to(self, url: str) -> None:
        """Begin anew where the collection is another one than it was."""
        if url != self._url:
            self.forget(url)

    def forget(self, url: str = "") -> None:
        """Begin anew with the next look."""
        self._url = url
        self._standing: dict[str, Standing] = {}  # by path
        self._token = ""
        self._syncs = True
        self._last: dict[str, str] = {}  # UID → where it stood last
        self._absent: set[str] = set()  # asked for themselves and not found, since the collection last changed

    def find(self, uid: str) -> Standing | None:
        return next((one for one in self._standing.values() if one.uids and uid in one.uids), None)

    def href_of(self, uid: str, collection: Collection) -> str:
        """Where the event stands, or stood, or would be put."""
        return self._last.get(uid) or f"{collection.url.rstrip('/')}/{file_name(uid)}"

    def learn(self, body: Body) -> None:
        """Take in an object as it stands now. What it means is the tag of its event, not the ETag: see calendar."""
        found = read_event(body.data, self._zone)
        uids = uids_in(body.data)
        event = replace(found, tag=meaning(body.data)) if found and found.uid in uids else None
        self._standing[path_of(body.href)] = Standing(body.href, body.etag, uids, event)
        self._last |= dict.fromkeys(uids, body.href)
        self._absent -= uids

    def drop(self, href: str) -> None:
        """It is known to be gone."""
        self._standing.pop(path_of(href), None)

    def refresh(self, collection: Collection, uids: Some[str]) -> None:
        """Hear what changed, and read what may be one of the events. Raises Gone, Unavailable."""
        self._apply(self._changes(collection))
        self._read(collection, [one for one in self._unread() if one.href.endswith(tuple(map(file_name, uids)))])
        if any(self.find(uid) is None and uid not in self._absent for uid in uids):
            self._read(collection, self._unread())

    def believe_absent(self, collection: Collection, uids: Iterable[str]) -> None:
        """Ask for each by itself. Raises Unavailable where one still stands: the listing was not whole."""
        for uid in uids:
            if uid in self._absent:
                continue
            body = collection.body(self.href_of(uid, collection))
            if body and uid in uids_in(body.data):
                self.forget()
                raise Unavailable("the calendar's listing lacks an event that still stands there")
            self._absent.add(uid)

    def _changes(self, collection: Collection) -> Changes:
        for token in dict.fromkeys((self._token, "")):
            try:
                if self._syncs:
                    return collection.changes(token)
            except StaleTokenError:
                self._syncs = bool(token)
        return collection.listing()

    def _apply(self, changes: Changes) -> None:
        before, now = self._standing, {path_of(href): (href, etag) for href, etag in changes.there.items()}
        kept = {} if changes.is_all else {path: one for path, one in before.items() if path not in changes.away}
        for path, (href, etag) in now.items():
            known = before.get(path)
            kept[path] = known if known and etag and known.etag == etag else Standing(href, etag)
        if kept != before:
            self._absent = set()
        self._standing, self._token = kept, changes.token

    def _unread(self) -> list[Standing]:
        return [one for one in self._standing.values() if one.uids is None]

    def _read(self, collection: Collection, wanted: list[Standing]) -> None:
        for body in collection.bodies([one.href for one in wanted]):
            self.learn(body)
        for one in wanted:
            if self._standing[path_of(one.href)].uids is not None:
                continue
            alone = collection.body(one.href)  # listed, and yet not handed out with the others
            if alone:
                self.learn(alone)
            else:
                self.drop(one.href)


def file_name(uid: str) -> str:
    """What a new event's object is called: without the "@" and what follows, which servers spell in two ways."""
    return f"{uid.partition('@')[0]}.ics"
