"""The only way out: looks a name up once, checks every answer, connects to the one that was checked.

Looking first and leaving the connecting to a library would look the name up twice, and a hostile name server gives
two answers (Miniflux fe2bfb27, Dayotter #138). Not here: which addresses are public (domain/netplace).
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from itertools import zip_longest
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

import httpcore

from scheduler.domain.errors import Unavailable
from scheduler.ports import Clock

SLOW = "takes too long to answer; it is tried again"
_MOST_TRIED = 4
_LONGEST_LOOK_UP_S = 10

Resolve = Callable[[str, int], Sequence[str]]


def addresses_of(host: str, port: int) -> Sequence[str]:
    """Every address of the host, as sockets name them. Raises OSError."""
    found = socket.getaddrinfo(host.encode("ascii"), port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(one[4][0]) for one in found))


class Watch:
    """Gives each wait its share of the time that is left for all of them."""

    def __init__(self, clock: Clock, total_s: float) -> None:
        self._clock = clock
        self._ends_at = clock.now() + timedelta(seconds=total_s)

    def left_s(self, at_most_s: float | None) -> float:
        """Raises Unavailable when the time is over."""
        left = (self._ends_at - self._clock.now()).total_seconds()
        if left <= 0:
            raise Unavailable(SLOW)
        return left if at_most_s is None else min(left, at_most_s)


class CheckedBackend(httpcore.NetworkBackend):
    """What httpcore opens sockets by. One errand has one. ``shut`` is said where an address is not trusted."""

    def __init__(self, watch: Watch, *, trusted: Callable[[str], bool], resolve: Resolve, shut: str) -> None:
        self._watch, self._trusted, self._resolve, self._shut = watch, trusted, resolve, shut
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Raises Unavailable where one answer is not public: such a name is set up wrongly, or to deceive."""
        addresses = self._looked_up(host, port)
        if not all(map(self._trusted, addresses)):
            raise Unavailable(self._shut)
        for address in _by_turns(addresses)[:_MOST_TRIED]:
            try:
                stream = self._sockets.connect_tcp(
                    address, port, self._watch.left_s(timeout), local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
            return _WatchedStream(stream, self._watch)
        raise httpcore.ConnectError

    def _looked_up(self, host: str, port: int) -> Sequence[str]:
        """In a thread, for the system's resolver knows no time limit."""
        answers: SimpleQueue[Sequence[str]] = SimpleQueue()

        def look_up() -> None:
            try:
                answers.put(self._resolve(host, port))
            except OSError:
                answers.put(())

        try:
            Thread(target=look_up, name="look up", daemon=True).start()
            return answers.get(timeout=self._watch.left_s(_LONGEST_LOOK_UP_S))
        except (Empty, RuntimeError):  # RuntimeError: no room for a thread more
            raise httpcore.ConnectTimeout from None


class _WatchedStream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, watch: Watch) -> None:
        self._stream, self._watch = stream, watch

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._watch.left_s(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._watch.left_s(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        try:
            stream = self._stream.start_tls(ssl_context, server_hostname, self._watch.left_s(timeout))
        except httpcore.ConnectError as err:
            if isinstance(err.__cause__, ssl.SSLCertVerificationError):
                raise Unavailable("has no valid certificate for its name; check the address") from None
            raise
        return _WatchedStream(stream, self._watch)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _by_turns(addresses: Sequence[str]) -> list[str]:
    """Both families early: where one of them leads nowhere, its many addresses must not eat up the time."""
    six, four = ([one for one in addresses if (":" in one) is is_six] for is_six in (True, False))
    return [one for pair in zip_longest(six, four) for one in pair if one]
