"""One request of any kind to a server that the host or a partner named, and its whole answer. Not here: what is said.

A redirect is an answer like any other, and a cookie is forgotten with it.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from itertools import chain
from typing import NamedTuple

import httpcore

from scheduler.adapters.outward.address import Address, read_address
from scheduler.adapters.outward.body import unpacked
from scheduler.adapters.outward.connection import Resolve, addresses_of
from scheduler.adapters.outward.limits import NAMED, Limits
from scheduler.adapters.outward.line import Line, encoding_of
from scheduler.domain.errors import Unavailable
from scheduler.domain.netplace import is_public
from scheduler.ports import Clock

# Unpacked, since proxies that pack change the ETag.
_ALWAYS = ((b"Accept-Encoding", b"identity"), (b"Connection", b"close"))
_BARE = ("GET", "HEAD")  # what needs no word about a body that is not there (RFC 9110 §8.6)


class Reply(NamedTuple):
    """``headers`` are by lower-case name; of several with one name the values stand together (RFC 9110 §5.3)."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Exchange:
    """A callable. ``trusted``, ``resolve`` and ``tls`` are others in tests only."""

    def __init__(
        self,
        clock: Clock,
        *,
        limits: Limits = NAMED,
        trusted: Callable[[str], bool] = is_public,
        resolve: Resolve = addresses_of,
        tls: Callable[[], ssl.SSLContext] = ssl.create_default_context,
    ) -> None:
        self._limits = limits
        self._line = Line(clock, limits, trusted=trusted, resolve=resolve, tls=tls)

    def __call__(self, method: str, url: str, *, headers: Mapping[str, str], body: bytes, inside: bool) -> Reply:
        """The answer, whatever its status. ``inside`` lets plain http and addresses of the host's own network through.

        Raises Unavailable, without a subject.
        """
        here = _address(url, replace(self._limits, plain=True) if inside else self._limits)
        sent = [*_ALWAYS, *((name.encode(), _bytes(value)) for name, value in headers.items())]
        given = body if body or method not in _BARE else None
        with self._line.opened(inside=inside) as pool, self._line.asked(pool, method, here, sent, given) as answer:
            return Reply(answer.status, _heard(answer.headers), self._whole(answer))

    def _whole(self, answer: httpcore.Response) -> bytes:
        """An answer without a body may yet say how it is packed."""
        chunks = iter(answer.iter_stream())
        first = next(chunks, b"")
        return unpacked(chain([first], chunks), encoding_of(answer), self._limits).getvalue() if first else b""


def _address(url: str, limits: Limits) -> Address:
    try:
        return read_address(url, limits)
    except Unavailable:
        raise Unavailable("has an address that is not asked; it must begin with https, and hold no login") from None


def _heard(headers: Iterable[tuple[bytes, bytes]]) -> Mapping[str, str]:
    heard: dict[str, str] = {}
    for name, value in headers:
        key, said = name.decode("ascii").lower(), value.decode("utf-8", errors="surrogateescape")
        heard[key] = f"{heard[key]}, {said}" if key in heard else said
    return heard


def _bytes(value: str) -> bytes:
    """As ``_heard`` took it: an ETag goes back as it came, whatever its letters."""
    return value.encode("utf-8", errors="surrogateescape")
