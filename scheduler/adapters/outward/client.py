"""One GET and its redirects, each checked anew → the bytes, or words about what is wrong. Not here: calendars (ics).

Never sent: cookies, logins, the address we came from. Every text here lacks its subject, as in line.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import BinaryIO

import httpcore

from scheduler.adapters.outward.address import Address, read_address, redirected
from scheduler.adapters.outward.body import unpacked
from scheduler.adapters.outward.connection import Resolve, addresses_of
from scheduler.adapters.outward.limits import USUAL, Limits
from scheduler.adapters.outward.line import Headers, Line, encoding_of, header, text
from scheduler.domain.errors import Unavailable
from scheduler.domain.netplace import is_public
from scheduler.ports import Clock

_MOVED = {301, 302, 303, 307, 308}
_ALWAYS = (
    (b"User-Agent", b"couple-rituals"),
    (b"Accept", b"text/calendar, */*;q=0.1"),
    (b"Accept-Encoding", b"gzip"),
)
_LONGEST_MARK = 500  # bytes
_LATEST = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Mark:
    """What a server calls the state that it sent; it means something at that very address only."""

    address: Address
    etag: bytes
    modified: bytes


@dataclass(frozen=True, slots=True)
class Fetched:
    """``mark`` is None where the server gave none; ``kind`` is the Content-Type in lower case."""

    file: BinaryIO
    kind: str
    mark: Mark | None


class Outward:
    """Fetches from public addresses. ``trusted``, ``resolve`` and ``tls`` are others in tests only."""

    def __init__(
        self,
        clock: Clock,
        *,
        limits: Limits = USUAL,
        trusted: Callable[[str], bool] = is_public,
        resolve: Resolve = addresses_of,
        tls: Callable[[], ssl.SSLContext] = ssl.create_default_context,
    ) -> None:
        self.limits, self._clock = limits, clock
        self._line = Line(clock, limits, trusted=trusted, resolve=resolve, tls=tls)

    def get(self, address: str, known: Mark | None = None) -> Fetched | None:
        """What stands at the address; None when it still is what ``known`` marks. Raises Unavailable."""
        here = read_address(address, self.limits)
        with self._line.opened() as pool:
            for _ in range(1 + self.limits.redirects):
                asked = known if known and known.address == here else None
                with self._line.asked(pool, "GET", here, _headers(asked)) as answer:
                    if answer.status not in _MOVED:
                        return self._taken(answer, here, asked)
                    there = header(answer, b"location")
                here = redirected(here, text(there), self.limits)
        raise Unavailable("leads on and on to other addresses; copy the calendar's own address")

    def _taken(self, answer: httpcore.Response, here: Address, asked: Mark | None) -> Fetched | None:
        if answer.status == 304 and asked:
            return None
        if answer.status != 200:
            raise self._refusal(answer)
        file = unpacked(answer.iter_stream(), encoding_of(answer), self.limits)
        return Fetched(file, text(header(answer, b"content-type")).lower(), _mark(answer, here))

    def _refusal(self, answer: httpcore.Response) -> Unavailable:
        later = _retry_after(text(header(answer, b"retry-after")), self._clock.now())
        match answer.status:
            case 401 | 403:
                return Unavailable("asks for a login; publish the calendar and use that address", later)
            case 404 | 410:
                return Unavailable("is no longer published there; publish it again and use the new address", later)
            case _:
                return Unavailable("cannot be had just now; it is tried again", later)


def _headers(asked: Mark | None) -> Headers:
    headers = [*_ALWAYS]
    if asked and asked.etag:
        headers.append((b"If-None-Match", asked.etag))
    if asked and asked.modified:
        headers.append((b"If-Modified-Since", asked.modified))
    return headers


def _mark(answer: httpcore.Response, here: Address) -> Mark | None:
    given = (header(answer, b"etag"), header(answer, b"last-modified"))
    etag, modified = (one if len(one) < _LONGEST_MARK else b"" for one in given)
    return Mark(here, etag, modified) if etag or modified else None


def _retry_after(text: str, now: datetime) -> timedelta | None:
    """Seconds or a date (RFC 9110 §10.2.3); never more than a day, whatever it says."""
    if text.isascii() and text.isdigit():
        return min(timedelta(seconds=int(text[:9])), _LATEST)
    try:
        moment = parsedate_to_datetime(text)
        later = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now
    except (ValueError, OverflowError):
        return None
    return max(timedelta(0), min(later, _LATEST))
