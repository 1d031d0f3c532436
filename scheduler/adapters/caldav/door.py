"""The way to one calendar server and to no other, in our words. Not here: connections (what is handed in), CalDAV."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import quote, urlsplit

from caldav.lib.http_sync import CaseInsensitiveDict

from scheduler.adapters.caldav.account import Account
from scheduler.domain.errors import Unavailable

PLAIN = "the calendar's address must begin with https"
ELSEWHERE = "the calendar server leads on to another server"

# A space in an address that a server gave is meant; a backslash is read in two ways unless it is quoted.
_AS_IT_IS = "".join(map(chr, range(0x21, 0x7F))).replace("\\", "")


class Exchange(Protocol):
    """One request on a connection of its own: no redirects, cookies, proxies or second tries."""

    def __call__(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes, inside: bool
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Status, headers by lower-case name, and the whole body.

        ``inside`` lets it lead into the host's own network. Raises Unavailable, whose words lack their subject.
        """


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer, read to its end: what DAVClient wants of one."""

    status_code: int
    headers: Mapping[str, str]
    content: bytes
    reason = ""

    @property
    def text(self) -> str:
        return self.content.decode(errors="replace")


class Door:
    """Stands where DAVClient keeps its session; carries the password to the account's own server alone."""

    def __init__(self, account: Account, exchange: Exchange) -> None:
        self._origin, self._inside, self._exchange = origin(account.url), account.inside, exchange
        login = f"{account.user}:{account.password}".encode()  # in UTF-8 (RFC 7617 §2.1), where requests has Latin 1
        self._login = f"Basic {base64.b64encode(login).decode()}"

    def request(self, method: str, url: str, *, data: bytes, headers: Mapping[str, str], **_: Any) -> Heard:
        """Raises Unavailable."""
        if origin(url) != self._origin:
            raise Unavailable(ELSEWHERE)
        if not (self._inside or self._origin[0] == "https"):
            raise Unavailable(PLAIN)
        named = {**headers, "Authorization": self._login}
        try:
            return _tidied(*self._exchange(method, _quoted(url), headers=named, body=data, inside=self._inside))
        except Unavailable as err:
            raise Unavailable(f"the calendar server {err}", err.retry_after) from None

    def close(self) -> None:
        """DAVClient closes what it has; here nothing stays open."""


def _quoted(url: str) -> str:
    return quote(url, safe=_AS_IT_IS)


def _tidied(status: int, headers: Mapping[str, str], body: bytes) -> Heard:
    """As an answer that promises no XML, which is parsed all the same: of one that breaks its promise the library
    writes every word into the log."""
    if status == 403 and "www-authenticate" in headers:
        status = 401  # whoever asks for a password means this
    return Heard(status, CaseInsensitiveDict({**headers, "content-type": "application/octet-stream"}), body)


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port of an address. Raises Unavailable where it has none."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"https": 443, "http": 80}[parts.scheme]
    except (ValueError, KeyError):
        raise Unavailable(PLAIN) from None
    return parts.scheme, (parts.hostname or "").lower(), port
