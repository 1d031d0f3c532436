"""The real clock and real chance; nothing else may read either. Not here: anything that decides by them."""

from __future__ import annotations

import secrets
import zoneinfo
from datetime import UTC, datetime


class SystemClock:
    """The computer's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


def new_secret() -> bytes:
    """32 bytes that nobody can guess."""
    return secrets.token_bytes(32)


def use_packaged_zones() -> None:
    """Read time zones from the tzdata package only.

    The operating system's copy may be years older: one wall time would then mean two instants on two machines.
    """
    zoneinfo.reset_tzpath(to=[])
    zoneinfo.ZoneInfo.clear_cache()
