"""A partner's busy times from one .ics file. Not here: reading its bytes (a process of its own, see fence)."""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO
from zoneinfo import ZoneInfo

from scheduler.adapters.icsbusy.fence import NotNowError, read_apart
from scheduler.adapters.icsbusy.outline import UnusableError
from scheduler.adapters.icsbusy.wire import Answer, Order
from scheduler.domain.errors import Unavailable
from scheduler.domain.pace import Pace
from scheduler.domain.spans import AllDay
from scheduler.ports import BusyReading

Parse = Callable[[Order, Iterable[bytes]], Answer]

_LARGEST_FILE = 20_000_000
_CHUNK = 2**16
_REVISION = "3"  # raise it when the same bytes come to mean other spans


class IcsFile:
    """A BusySource. ``zone`` is that of floating and all-day times unless the file names one (X-WR-TIMEZONE).

    Events that one of ``declined_as``, the partner's own addresses, declined are not busy.
    """

    pace = Pace.EVERY_TICK

    def __init__(
        self,
        path: Path,
        *,
        all_day: AllDay,
        zone: ZoneInfo,
        declined_as: tuple[str, ...] = (),
        parse: Parse = read_apart,
    ) -> None:
        self._path = path
        self._zone = zone
        self._all_day = all_day
        self._declined_as = tuple(sorted(declined_as))
        self._parse = parse
        self._refused = ("", "")  # the version that was refused last, and why: it costs its seconds once

    def read(self, starts_at: datetime, ends_at: datetime, known: str | None) -> BusyReading | None:
        """See BusySource. The bytes themselves are compared: their time stamp can lie, and hashing is cheap."""
        window = (starts_at.astimezone(UTC), ends_at.astimezone(UTC))
        order = Order(window, self._zone.key, self._all_day, self._declined_as)
        try:
            with _opened(self._path) as file:
                version = _version(order, _chunks(file))
                if version == known:
                    return None
                spans, skipped = self._read(order, file, version)
                return BusyReading(spans, version, skipped)
        except (UnusableError, NotNowError) as err:
            raise Unavailable(f"{self._path} {err}") from None
        except FileNotFoundError as err:
            raise Unavailable(f"{self._path} is not there; put the file back or change its path") from err
        except OSError as err:
            raise Unavailable(f"{self._path} cannot be read ({err.strerror}); check its permissions") from err

    def _read(self, order: Order, file: BinaryIO, version: str) -> Answer:
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


def _opened(path: Path) -> BinaryIO:
    if not stat.S_ISREG(path.stat().st_mode):  # a folder, or a pipe that would keep us waiting
        raise UnusableError("is not a file; give the path of an .ics file")
    return path.open("rb")


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    """The file from its start, never all of it in memory: what a large one took there would not be given back."""
    file.seek(0)
    size = 0
    while chunk := file.read(_CHUNK):
        size += len(chunk)
        if size > _LARGEST_FILE:
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
