"""A partner's busy times from one .ics file on this machine. Not here: what its bytes mean (reader)."""

from __future__ import annotations

import stat
from datetime import datetime
from pathlib import Path
from typing import BinaryIO
from zoneinfo import ZoneInfo

from scheduler.adapters.icsbusy.fence import read_apart
from scheduler.adapters.icsbusy.reader import IcsReader, Parse
from scheduler.domain.errors import Unavailable
from scheduler.domain.pace import Pace
from scheduler.domain.spans import AllDay
from scheduler.ports import BusyReading


class IcsFile:
    """A BusySource. ``zone``, ``all_day`` and ``declined_as`` are an IcsReader's."""

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
        self._reader = IcsReader(all_day, zone, declined_as, parse=parse)

    def read(self, starts_at: datetime, ends_at: datetime, known: str | None) -> BusyReading | None:
        """See BusySource. The bytes themselves are compared: their time stamp can lie, and hashing is cheap."""
        try:
            with _opened(self._path) as file:
                return self._reader.read(file, starts_at, ends_at, known)
        except Unavailable as err:
            raise Unavailable(f"{self._path} {err}", err.retry_after) from None
        except FileNotFoundError as err:
            raise Unavailable(f"{self._path} is not there; put the file back or change its path") from err
        except OSError as err:
            raise Unavailable(f"{self._path} cannot be read ({err.strerror}); check its permissions") from err


def _opened(path: Path) -> BinaryIO:
    if not stat.S_ISREG(path.stat().st_mode):  # a folder, or a pipe that would keep us waiting
        raise Unavailable("is not a file; give the path of an .ics file")
    return path.open("rb")
