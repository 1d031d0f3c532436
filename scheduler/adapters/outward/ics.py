"""A partner's busy times from a calendar published by address. Not here: the way there (client), what lines mean."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from scheduler.adapters.outward.address import read_address
from scheduler.adapters.outward.client import Fetched, Mark, Outward
from scheduler.domain.errors import Unavailable
from scheduler.domain.pace import Pace
from scheduler.ports import BusyReading

Read = Callable[[BinaryIO, datetime, datetime, str | None], BusyReading | None]
Window = tuple[datetime, datetime]

_HEAD = 500


@dataclass(frozen=True, slots=True)
class _Held:
    """All that is kept of a calendar that was read."""

    window: Window
    version: str
    mark: Mark


class IcsAddress:
    """A BusySource. ``read`` makes busy times of bytes and names their version; its Unavailable lacks the subject.

    How often it is asked follows from its pace alone: a calendar's own REFRESH-INTERVAL (RFC 7986 §5.7) has no say.
    """

    pace = Pace.SPARING

    def __init__(self, address: str, *, read: Read, outward: Outward) -> None:
        self._address, self._read, self._outward = address, read, outward
        self._held: _Held | None = None

    def read(self, starts_at: datetime, ends_at: datetime, known: str | None) -> BusyReading | None:
        """See BusySource. The calendar is sent again only where it, the window or what is known has changed."""
        window = (starts_at, ends_at)
        held = self._held if self._held and (self._held.window, self._held.version) == (window, known) else None
        try:
            fetched = self._outward.get(self._address, held.mark if held else None)
            return self._taken(fetched, window, known) if fetched else None
        except Unavailable as err:
            raise Unavailable(f"{self._subject()} {err}", err.retry_after) from None

    def _taken(self, fetched: Fetched, window: Window, known: str | None) -> BusyReading | None:
        with fetched.file as file:
            if _is_web_page(file, fetched.kind):
                raise Unavailable("is a web page, not a calendar; copy the address that ends in .ics")
            reading = self._read(file, *window, known)
        version = reading.version if reading else known
        self._held = _Held(window, version, fetched.mark) if fetched.mark and version else None
        return reading

    def _subject(self) -> str:
        """The host's name and no more: the rest is a secret, and a numeric address may be one of our own network."""
        try:
            host = read_address(self._address, self._outward.limits).host
        except Unavailable:
            return "the calendar's address"
        named = ":" not in host and host[-1:].isalpha()
        return f"the calendar at {host}" if named else "the calendar's address"


def _is_web_page(file: BinaryIO, kind: str) -> bool:
    """By its first letters: many servers call a calendar text/html, and many a login page nothing at all."""
    file.seek(0)
    head = file.read(_HEAD).removeprefix(b"\xef\xbb\xbf").lstrip()
    return head.startswith(b"<") or ("html" in kind and not head[:6].upper().startswith(b"BEGIN:"))
