"""Connections that are judged, timed and spoken of in our own words. Not here: what is asked (client, exchange).

Never read: proxies or logins from the environment. Every text lacks its subject, and holds nothing of an address and
nothing that the other side said.
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property

import httpcore

from scheduler.adapters.outward.address import Address
from scheduler.adapters.outward.connection import SLOW, CheckedBackend, Resolve, Watch
from scheduler.adapters.outward.limits import Limits
from scheduler.domain.errors import Unavailable
from scheduler.ports import Clock

Headers = Sequence[tuple[bytes, bytes]]


class Line:
    """``trusted`` says which numeric addresses may be connected to."""

    def __init__(
        self,
        clock: Clock,
        limits: Limits,
        *,
        trusted: Callable[[str], bool],
        resolve: Resolve,
        tls: Callable[[], ssl.SSLContext],
    ) -> None:
        logging.getLogger("httpcore").setLevel(logging.INFO)  # at DEBUG it quotes where a redirect leads to
        self._clock, self._limits = clock, limits
        self._trusted, self._resolve, self._make_tls = trusted, resolve, tls

    @contextmanager
    def opened(self, *, inside: bool = False) -> Iterator[httpcore.ConnectionPool]:
        """For one errand, whose requests share its time; ``inside`` lets it lead to any address.

        Raises Unavailable for whatever goes wrong until its end.
        """
        watch = Watch(self._clock, self._limits.total_s)
        trusted = _anywhere if inside else self._trusted
        backend = CheckedBackend(watch, trusted=trusted, resolve=self._resolve, shut=self._limits.shut)
        with _own_words(), httpcore.ConnectionPool(ssl_context=self._tls, network_backend=backend) as pool:
            yield pool

    def asked(
        self, pool: httpcore.ConnectionPool, method: str, here: Address, headers: Headers, body: bytes | None = None
    ) -> AbstractContextManager[httpcore.Response]:
        """The answer, to be read before its end. A body of b"" is said to be empty, None is not spoken of."""
        url = httpcore.URL(
            scheme=here.scheme.encode(), host=here.host.encode(), port=here.port, target=here.target.encode()
        )
        named = [(b"Host", here.netloc.encode()), *headers]
        wait_s = self._limits.wait_s
        waits = {"timeout": {"connect": self._limits.connect_s, "read": wait_s, "write": wait_s}}
        return pool.stream(method, url, headers=named, content=body, extensions=waits)

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return self._make_tls()  # reads the system's certificates: dear, and the same for every errand


def header(answer: httpcore.Response, name: bytes) -> bytes:
    """The first of that lower-case name; empty where there is none."""
    return next((value for key, value in answer.headers if key.lower() == name), b"")


def text(value: bytes) -> str:
    return value.decode("utf-8", errors="replace")


def encoding_of(answer: httpcore.Response) -> str:
    """How the body is packed, in lower case; empty where it is not."""
    return text(header(answer, b"content-encoding")).strip().lower()


def _anywhere(_: str) -> bool:
    return True


@contextmanager
def _own_words() -> Iterator[None]:
    """Their texts may quote what the other side sent."""
    try:
        yield
    except httpcore.TimeoutException:
        raise Unavailable(SLOW) from None
    except (httpcore.NetworkError, httpcore.ProtocolError):
        raise Unavailable("cannot be reached, or ended halfway; is the address right?") from None
