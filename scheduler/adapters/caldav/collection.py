"""The verbs on our own collection: list, read, put, take away. Not here: what any of it means (mirror, calendar)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from scheduler.adapters.caldav import multistatus
from scheduler.adapters.caldav.client import GARBLED, XML, Answer, Client, strong
from scheduler.adapters.caldav.multistatus import DATA, ETAG, Found, path_of
from scheduler.domain.errors import Gone, Refused, Unavailable

OWN_NAME = "couple-rituals"
AWAY = (404, 410)
_ICS = {"Content-Type": "text/calendar; charset=utf-8"}
# A token that is not good any more, or a server that does not know this report: RFC 6578 §3.2 says 403, Xandikos 412.
_NO_SYNC = (400, 403, 405, 409, 412, 415, 422, 501)
_NOT_WRITTEN = (400, 403, 404, 405, 409, 410, 412)
_AT_ONCE = 50
TAKEN_AWAY = "our calendar was taken away from the account"
_MOST_PAGES = 100


class StaleTokenError(Exception):
    """The server cannot tell what changed since then: everything must be listed."""


@dataclass(frozen=True, slots=True)
class Body:
    """One object as it stands on the server."""

    href: str
    etag: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Changes:
    """``there`` is href → ETag, ``away`` are paths; ``is_all`` means that whatever is not in ``there`` is away."""

    there: Mapping[str, str]
    away: frozenset[str]
    token: str
    is_all: bool


class Collection:
    """``url`` is its address, ``home`` that of the calendars."""

    def __init__(self, client: Client, url: str, home: str) -> None:
        self._client, self.url, self._home = client, url, home

    def changes(self, token: str) -> Changes:
        """What changed since the token; everything for an empty one. Raises StaleTokenError, Gone."""
        there: dict[str, str] = {}
        away: set[str] = set()
        is_all = not token
        for _ in range(_MOST_PAGES):
            answer = self._client.ask("REPORT", self.url, multistatus.sync(token), headers=_deep(0), take=_NOISE)
            if answer.status in _NO_SYNC or (answer.status in AWAY and self._still_stands()):
                raise StaleTokenError
            found = self._here(answer)
            there |= _objects(found, self.url)
            away |= {one.path for one in found if one.status in AWAY}
            token = multistatus.token_of(answer)
            if not any(one.status == 507 for one in found):  # RFC 6578 §3.6: there is more
                return Changes(there, frozenset(away), token, is_all)
        raise Unavailable(GARBLED)

    def listing(self) -> Changes:
        """Everything, for servers that do not know sync-collection. Raises Gone."""
        answer = self._client.ask("PROPFIND", self.url, multistatus.propfind([ETAG]), headers=_deep(1), take=AWAY)
        return Changes(_objects(self._here(answer), self.url), frozenset(), "", is_all=True)

    def bodies(self, hrefs: Sequence[str]) -> Iterator[Body]:
        """Those of the objects that the server hands out. Raises Gone."""
        for first in range(0, len(hrefs), _AT_ONCE):
            wanted = multistatus.multiget(hrefs[first : first + _AT_ONCE])
            answer = self._client.ask("REPORT", self.url, wanted, headers=_deep(1), take=AWAY)
            for one in self._here(answer):
                if one.text(DATA):
                    yield Body(one.href, strong(one.text(ETAG)), one.text(DATA).encode())

    def body(self, href: str) -> Body | None:
        """One object, asked for by itself; None where the server says that it is not there."""
        answer = self._client.ask("GET", self._at(href), take=AWAY)
        if answer.status in AWAY:
            return None
        if not answer.etag:
            return next(iter(self.bodies([href])), None)
        return Body(href, answer.etag, answer.data)

    def put(self, href: str, data: bytes, condition: Mapping[str, str]) -> Answer:
        """An answer that is not good means that nothing was written."""
        return self._client.ask("PUT", self._at(href), data, headers={**_ICS, **condition}, take=_NOT_WRITTEN)

    def delete(self, href: str) -> bool:
        """False where it was gone already."""
        return self._client.ask("DELETE", self._at(href), headers={}, take=AWAY).is_good

    def is_there(self) -> bool:
        """Raises Unavailable where the whole home does not answer: then the server is wrong, not the collection.

        The home is asked first: a server that finds nothing for a moment must not end it between the two.
        """
        if not self._stands(self._home):
            raise Unavailable("the calendar server finds nothing of this account; is the address still right?")
        return self._stands(self.url)

    def _stands(self, url: str) -> bool:
        wanted = multistatus.propfind(["{DAV:}resourcetype"])
        answer = self._client.ask("PROPFIND", url, wanted, headers=_deep(0), take=AWAY)
        return answer.status not in AWAY and any(one.status == 200 for one in multistatus.read(answer))

    def _here(self, answer: Answer) -> list[Found]:
        """The parts of an answer about the collection. Raises Gone where the collection is not there."""
        found = [] if answer.status in AWAY else multistatus.read(answer)
        own = path_of(self.url)
        missing = answer.status in AWAY or any(one.path == own and one.status in AWAY for one in found)
        if missing and self._still_stands():
            raise Unavailable(GARBLED)
        return found

    def _still_stands(self) -> bool:
        """True. Raises Gone where the collection is not there."""
        if not self.is_there():
            raise Gone(TAKEN_AWAY)
        return True

    def _at(self, href: str) -> str:
        """Only the path of an href counts: nobody leads us to another server by one."""
        return urljoin(self.url, urlsplit(href).path)


_NOISE = (*_NO_SYNC, *AWAY)


def made(client: Client, home: str, *, title: str, colour: str) -> str:
    """The address of our own collection, which is made unless it stands there already. Raises Refused."""
    answer = client.ask("PROPFIND", home, multistatus.propfind(multistatus.OF_A_CALENDAR), headers=_deep(1))
    found = multistatus.read(answer)
    for one in found:
        if "calendar" in one.inside("{DAV:}resourcetype") and one.text("{DAV:}displayname") == title:
            return urljoin(home, urlsplit(one.href).path)
    taken = {one.path for one in found}
    for name in (OWN_NAME, f"{OWN_NAME}-2", f"{OWN_NAME}-3"):
        url = urljoin(home, f"{name}/")
        if path_of(url) in taken:
            continue
        answer = client.ask("MKCALENDAR", url, multistatus.mkcalendar(title, colour), take=_NOT_WRITTEN)
        if answer.is_good:
            return url
    raise Refused(
        "the calendar server lets nobody make a calendar from outside; make one there by hand, with the title that"
        " the settings give it, then retry"
    )


def _deep(depth: int) -> dict[str, str]:
    return {**XML, "Depth": str(depth)}


def _objects(found: Iterable[Found], url: str) -> dict[str, str]:
    own = path_of(url).rstrip("/")
    return {
        one.href: strong(one.text(ETAG))
        for one in found
        if one.status == 200 and one.path.rstrip("/") != own and not one.path.endswith("/")
    }
