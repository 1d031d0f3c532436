"""The bytes of one calendar, wherever they come from → BusyReading. Not here: getting them (source, other adapters).

A process of its own reads them (fence); ``read`` fits any adapter that has a calendar's bytes and wants busy times.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import BinaryIO
from zoneinfo import ZoneInfo

from scheduler.adapters.icsbusy.fence import NotNowError, read_apart
from scheduler.adapters.icsbusy.outline import UnusableError
from scheduler.adapters.icsbusy.wire import Answer, Order
from scheduler.domain.errors import Unavailable
from scheduler.domain.spans import AllDay
from scheduler.ports import BusyReading

Parse = Callable[[Order, Iterable[bytes]], Answer]

_MOST_BYTES = 20_000_000
_CHUNK = 2**16
_REVISION = "3"  # raise it when the same bytes come to mean other spans


class IcsReader:
    """``zone`` is that of floating and all-day times unless the calendar names one (X-WR-TIMEZONE).

    Events that one of ``declined_as``, the partner's own addresses, declined are not busy. One reader a source: it
    remembers what it refused last.
    """

    def __init__(
        self, all_day: AllDay, zone: ZoneInfo, declined_as: tuple[str, ...] = (), *, parse: Parse = read_apart
    ) -> None:
        self._all_day = all_day
        self._zone = zone
        self._declined_as = tuple(sorted(declined_as))
        self._parse = parse
        self._refused = ("", "")  # the version that was refused last, and why: it costs its seconds once

    def read(self, file: BinaryIO, starts_at: datetime, ends_at: datetime, known: str | None) -> BusyReading | None:
        """As BusySource.read, of a file that can be read again from its start; its own OSErrors pass.

        Raises Unavailable, whose text lacks the subject: "is not an iCalendar file; …".
        """
        window = (starts_at.astimezone(UTC), ends_at.astimezone(UTC))
        order = Order(window, self._zone.key, self._all_day, self._declined_as)
        try:
            version = _version(order, _chunks(file))
            if version == known:
                return None
            spans, skipped = self._parsed(order, file, version)
        except (UnusableError, NotNowError) as err:
            raise Unavailable(str(err)) from None
        return BusyReading(spans, version, skipped)

    def _parsed(self, order: Order, file: BinaryIO, version: str) -> Answer:
        refused, why = self._refused
        if version == refused:
            raise UnusableError(why)
        try:
            digest = _begun(order)
            answer = self._parse(order, _hashed(_chunks(file), digest))
        except UnusableError as err:
            self._refused = (version, str(err))
            raise
        if digest.hexdigest() != version:
            raise NotNowError("changed while it was read; it is read again")
        return answer


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    """The file from its start, never all of it in memory: what a large one took there would not be given back."""
    file.seek(0)
    size = 0
    while chunk := file.read(_CHUNK):
        size += len(chunk)
        if size > _MOST_BYTES:
            raise UnusableError("is larger than 20 MB; export fewer years or only one calendar")
        yield chunk


def _version(order: Order, chunks: Iterable[bytes]) -> str:
    digest = _begun(order)
    for chunk in chunks:
        digest.update(chunk)
    return digest.hexdigest()


def _begun(order: Order) -> hashlib._Hash:
    return hashlib.sha256(_REVISION.encode() + b"\x1e" + order.to_line())


def _hashed(chunks: Iterable[bytes], digest: hashlib._Hash) -> Iterator[bytes]:
    for chunk in chunks:
        digest.update(chunk)
        yield chunk
