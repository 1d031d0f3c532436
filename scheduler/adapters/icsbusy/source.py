"""A partner's busy times from one .ics file. Not here: what the lines of the file mean (outline, parts, expand)."""

from __future__ import annotations

import hashlib
import stat
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from scheduler.adapters.icsbusy.expand import busy_spans
from scheduler.adapters.icsbusy.outline import Outline, UnusableError, near_window, read_outline
from scheduler.adapters.icsbusy.parts import Reading, read_parts
from scheduler.adapters.icsbusy.zones import Zones
from scheduler.domain.errors import Unavailable
from scheduler.domain.freebusy import AllDay, Spans
from scheduler.ports import BusyReading

_LARGEST_FILE = 20_000_000
_REVISION = "1"  # raise it when the same bytes come to mean other spans


class IcsFile:
    """A BusySource. ``zone`` is that of floating and all-day times unless the file names one (X-WR-TIMEZONE).

    Events that one of ``declined_as``, the partner's own addresses, declined are not busy.
    """

    def __init__(self, path: Path, *, all_day: AllDay, zone: ZoneInfo, declined_as: tuple[str, ...] = ()) -> None:
        self._path = path
        self._zone = zone
        self._reading = Reading(all_day, tuple(sorted(declined_as)))

    def read(self, starts_at: datetime, ends_at: datetime, known: str | None) -> BusyReading | None:
        """See BusySource. The bytes themselves are compared: their time stamp can lie, and hashing is cheap."""
        try:
            data = _bytes_of(self._path)
            version = self._version(data, starts_at, ends_at)
            if version == known:
                return None
            return BusyReading(self._spans(read_outline(data), starts_at, ends_at), version)
        except UnusableError as err:
            raise Unavailable(f"{self._path} {err}") from None
        except FileNotFoundError as err:
            raise Unavailable(f"{self._path} is not there; put the file back or change its path") from err
        except OSError as err:
            raise Unavailable(f"{self._path} cannot be read ({err.strerror}); check its permissions") from err

    def _version(self, data: bytes, starts_at: datetime, ends_at: datetime) -> str:
        window = f"{starts_at.astimezone(UTC).isoformat()}/{ends_at.astimezone(UTC).isoformat()}"
        rules = "\x1f".join((_REVISION, self._reading.all_day.value, self._zone.key, *self._reading.declined_as))
        return hashlib.sha256("\x1e".join((window, rules, "")).encode() + data).hexdigest()

    def _spans(self, outline: Outline, starts_at: datetime, ends_at: datetime) -> Spans:
        zones = Zones(outline.zones, outline.own_zone, self._zone)
        near = near_window(outline.events, starts_at, ends_at)
        return busy_spans(read_parts(near, zones, self._reading), starts_at, ends_at, zones.default)


def _bytes_of(path: Path) -> bytes:
    if not stat.S_ISREG(path.stat().st_mode):  # a folder, or a pipe that would keep us waiting
        raise UnusableError("is not a file; give the path of an .ics file")
    with path.open("rb") as file:
        data = file.read(_LARGEST_FILE + 1)
    if len(data) > _LARGEST_FILE:
        raise UnusableError("is larger than 20 MB; export fewer years or only one calendar")
    return data
