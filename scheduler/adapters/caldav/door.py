"""Where a connection may lead, how long it may take and how much it may bring. Not here: CalDAV (client).

The address is judged when it is connected to, each time: a name that was public a moment ago may lead inside now.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from threading import Timer
from typing import Any
from urllib.parse import urlsplit

from caldav.lib.http_sync import CaseInsensitiveDict, requests

from scheduler.domain.netplace import is_public

LARGEST_ANSWER = 20_000_000
_CHUNK = 2**16
_XML, _OTHER = "application/xml", "application/octet-stream"
niquests: Any = requests  # typed as whichever of two libraries is there; this is the one that caldav brings
_System = niquests.packages.urllib3.contrib.resolver.system.SystemResolver


SHUT = "the calendar's address leads inside the host's own network, and that is allowed only where the host says so"
PLAIN = "the calendar's address must begin with https"
ELSEWHERE = "the calendar server leads on to another server"


class ShutError(OSError):
    """The connection would have led where it may not; says why in our words."""


class TooMuchError(OSError):
    """The answer does not end."""


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


class _Door(_System):  # type: ignore[misc, valid-type] # a class that only the running library tells
    """Resolves names as the system does, and forgets every address that is not ``public``."""

    def __init__(self, public: Callable[[str], bool]) -> None:
        super().__init__()
        self._public = public
        self._line: socket.socket | None = None
        self.shut = False

    def getaddrinfo(self, *given: Any, **named: Any) -> list[Any]:
        found = super().getaddrinfo(*given, **named)
        let_through = [one for one in found if self._public(str(one[4][0]))]
        self.shut = bool(found) and not let_through
        if self.shut:
            raise ShutError(SHUT)
        return let_through

    def create_connection(self, *given: Any, **named: Any) -> socket.socket:
        opened: socket.socket = super().create_connection(*given, **named)
        self.hang_up()
        self._line = opened.dup()  # TLS takes the other one for itself
        return opened

    def cut(self) -> None:
        """End the connection under whoever waits for it."""
        if self._line:
            with suppress(OSError):
                self._line.shutdown(socket.SHUT_RDWR)

    def hang_up(self) -> None:
        """Let go of a connection that is done with."""
        if self._line:
            self._line.close()


class Wire:
    """Stands where DAVClient keeps its session: to one server only, no redirects, no cookies, no second tries.

    ``inside`` allows addresses of the host's own network, and http. Each request has a connection of its own, so
    that each is judged, and none meets one that went stale.
    """

    def __init__(
        self,
        url: str,
        *,
        inside: bool,
        public: Callable[[str], bool] = is_public,
        longest: timedelta = timedelta(minutes=1),
    ) -> None:
        self._origin, self._inside, self._longest = origin(url), inside, longest
        self._door = _Door((lambda _: True) if inside else public)
        self._session = niquests.Session(
            resolver=self._door,
            retries=0,
            disable_http2=True,
            disable_http3=True,
            revocation_configuration=None,  # it would fetch addresses that a certificate names
            allow_incoming_cookies=False,
            # Unpacked, since a bomb needs its wrapping, and proxies that pack change the ETag.
            headers={"Accept-Encoding": "identity", "Connection": "close"},
        )
        self._session.trust_env = False

    def request(self, method: str, url: str, **given: Any) -> Heard:
        """Raises ShutError, TooMuchError, or whatever niquests does."""
        if origin(url) != self._origin:
            raise ShutError(ELSEWHERE)
        if not (self._inside or self._origin[0] == "https"):
            raise ShutError(PLAIN)
        self._door.shut = False
        # An answer that drips for ever ends too: each of its reads alone is in time.
        watch = Timer(self._longest.total_seconds(), self._door.cut)
        watch.daemon = True
        watch.start()
        try:
            return self._heard(method, url, given)
        except Exception as err:
            if self._door.shut:
                raise ShutError(SHUT) from None
            raise err from None
        finally:
            watch.cancel()
            self._door.hang_up()
            self._session.close()  # its pool keeps what a server left half said, and opens anew when asked

    def _heard(self, method: str, url: str, given: Mapping[str, Any]) -> Heard:
        with self._session.request(method, url, stream=True, allow_redirects=False, **given) as answer:
            body = bytearray()
            for chunk in answer.iter_content(_CHUNK):
                body += chunk
                if len(body) > LARGEST_ANSWER:
                    raise TooMuchError("too much")
            return _tidied(answer.status_code or 0, answer.headers, bytes(body))

    def close(self) -> None:
        self._session.close()


def _tidied(status: int, headers: Mapping[str, str], body: bytes) -> Heard:
    """The answer with its kind told by its first letters: of a body that is not what its header says, the library
    writes every word into the log."""
    start = body.lstrip()[:15].lower()
    is_xml = start.startswith(b"<") and not start.startswith((b"<!doctype html", b"<html"))
    if status == 403 and "WWW-Authenticate" in headers:
        status = 401  # whoever asks for a password means this
    return Heard(status, CaseInsensitiveDict({**headers, "Content-Type": _XML if is_xml else _OTHER}), body)


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port of an address. Raises ShutError where it has none."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"https": 443, "http": 80}[parts.scheme]
    except (ValueError, KeyError):
        raise ShutError(PLAIN) from None
    return parts.scheme, (parts.hostname or "").lower(), port
