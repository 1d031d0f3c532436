"""One request to a calendar server, and what goes wrong with it in our words. Not here: what is asked (collection).

Foreign errors end here, and with them the addresses, names and bodies that they carry.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from caldav.davclient import DAVClient
from caldav.lib import error

from scheduler.adapters.caldav.account import Account
from scheduler.adapters.caldav.door import Door, Exchange
from scheduler.domain.errors import Disconnected, Refused, RitualsError, Unavailable

XML = {"Content-Type": "application/xml; charset=utf-8"}
_LONGEST_PAUSE = timedelta(days=1)
_CHANGES = ("PUT", "DELETE", "MKCALENDAR")
_MOVED = frozenset((301, 302, 303, 307, 308))
_LATER = frozenset((408, 409, 412, 423, 425, 429))

ENDED = "the calendar server no longer takes the password; connect it again, with an app password where it has those"
BUSY = "the calendar server asks for patience"
LOCKED = "the calendar is locked for the moment"
DOWN = "the calendar server has trouble of its own"
FULL = "the calendar account is full; make room there, then retry"
PAGE = "the calendar server answers with a web page; is it the right address, and is nothing in between?"
GARBLED = "the calendar server's answer cannot be read"
MOVED = "the calendar server has moved; connect it again at its new address"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said: ``data``, and as a ``tree`` where it is XML.

    ``reasons`` are the names of the conditions that a refusal was built on (RFC 4918 §16), without namespaces.
    """

    status: int
    headers: Mapping[str, str]
    tree: Any = None
    data: bytes = b""
    reasons: frozenset[str] = frozenset()

    @property
    def is_good(self) -> bool:
        return 200 <= self.status < 300

    @property
    def etag(self) -> str:
        return strong(self.headers.get("ETag") or "")


class Client:
    """Speaks as one account to one server. ``ended`` is told when the server does not take the password."""

    def __init__(self, account: Account, ended: Callable[[], object], exchange: Exchange) -> None:
        for name in ("caldav", "caldav.response"):
            logging.getLogger(name).setLevel(logging.INFO)  # at DEBUG they tell addresses and what was answered
        self._ended = ended
        door = Door(account, exchange)
        # Without a name and password, so that it never answers a 401 by itself: the door has them.
        dav: Any = DAVClient(account.url, enable_rfc6764=False, rate_limit_handle=False)
        dav.session.close()
        dav.session = door
        self._dav = dav

    def ask(
        self, method: str, url: str, body: bytes = b"", *, headers: Mapping[str, str] = XML, take: Collection[int] = ()
    ) -> Answer:
        """The answer, where it is a success or its status is in ``take``.

        Raises: Disconnected; Unavailable; Refused, for good, where something was to be changed.
        """
        answer = self._ask(method, url, body, headers)
        if answer.is_good and _is_page(answer):
            raise Unavailable(PAGE)
        if answer.is_good and answer.tree is None and answer.data.lstrip().startswith(b"<"):
            raise Unavailable(GARBLED)
        if answer.is_good or answer.status in take:
            return answer
        raise self._trouble(method, answer)

    def _ask(self, method: str, url: str, sent: bytes, headers: Mapping[str, str]) -> Answer:
        try:
            heard = self._dav.request(url, method, sent or "", headers)
            body = heard.raw.encode()
            return Answer(heard.status, heard.headers, heard.tree, body, _names(error.parse_preconditions(body)))
        except error.RateLimitError as err:
            raise Unavailable(BUSY, _pause(err.retry_after)) from None
        except error.AuthorizationError as err:
            body = err.body.encode() if isinstance(err.body, str) else err.body or b""
            return Answer(err.status or 403, {}, None, body, _names(err.preconditions))
        except OverflowError:  # the library's word for a pause longer than any calendar
            raise Unavailable(BUSY, _LONGEST_PAUSE) from None
        except ValueError:  # an address or a header that nobody can say
            raise Unavailable(GARBLED) from None

    def _trouble(self, method: str, answer: Answer) -> RitualsError:
        status, pause = answer.status, _pause(answer.headers.get("Retry-After"))
        if status == 401:
            self._ended()
            return Disconnected(ENDED)
        if status == 507:
            return Refused(FULL)
        if status in _LATER or status >= 500:
            return Unavailable(LOCKED if status == 423 else BUSY if status == 429 else DOWN, pause)
        if status in _MOVED:
            return Unavailable(MOVED)
        said = f"the calendar server says no ({status})"
        return Refused(said) if method in _CHANGES else Unavailable(said, pause)


def strong(tag: str) -> str:
    """An ETag as ``If-Match`` takes it; some servers call theirs weak, which never matches (RFC 9110 §8.8.3.2)."""
    return tag.strip().removeprefix("W/")


def _is_page(answer: Answer) -> bool:
    """PHP says text/html of an empty body, too; and an HTML page may be well-formed XML."""
    if answer.tree is not None:
        return str(answer.tree.tag).lower().endswith("html")
    return answer.data.lstrip()[:15].lower().startswith((b"<!doctype html", b"<html"))


def _names(tags: Collection[str]) -> frozenset[str]:
    return frozenset(tag.rpartition("}")[2] for tag in tags)


def _pause(header: str | None) -> timedelta | None:
    """What ``Retry-After`` asks for, in seconds or as a date (RFC 9110 §10.2.3); a day at most."""
    try:
        seconds = error.parse_retry_after(header) if header else None
        return None if seconds is None else min(max(timedelta(seconds=seconds), timedelta(0)), _LONGEST_PAUSE)
    except OverflowError:
        return _LONGEST_PAUSE
