"""When a partner is taken, by the calendars of their account: BusySource. Not here: what the events mean (the reader
that is handed in), our own calendar.

Only the dates of events are ever used; the text passes through to the reader and is not kept.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from threading import Lock
from typing import BinaryIO
from urllib.parse import urljoin, urlsplit

from scheduler.adapters.caldav import multistatus
from scheduler.adapters.caldav.access import Access
from scheduler.adapters.caldav.account import Account
from scheduler.adapters.caldav.client import XML, Client
from scheduler.adapters.caldav.door import Exchange
from scheduler.adapters.caldav.multistatus import CAL, DATA, DAV, OF_A_CALENDAR, Found, component_names, path_of
from scheduler.domain.errors import Unavailable
from scheduler.domain.pace import Pace
from scheduler.ports import BusyReading, Vault

Reader = Callable[[BinaryIO, datetime, datetime, str | None], BusyReading | None]

# Servers take all-day and floating times as UTC (measured on Radicale and Xandikos): ask for what is near, too.
_MARGIN = timedelta(days=1)
_SIGNS_OF_CHANGE = ("{http://calendarserver.org/ns/}getctag", f"{DAV}sync-token")
_BETWEEN = "|"


class CaldavBusy:
    """``calendars`` are display names; none means every calendar of the account that holds events, but our own."""

    pace = Pace.SPARING

    def __init__(self, vault: Vault, read: Reader, calendars: Iterable[str] = (), *, exchange: Exchange) -> None:
        self._access = Access(vault, exchange)
        self._read = read
        self._names = frozenset(calendars)
        self._lock = Lock()

    def read(self, starts_at: datetime, ends_at: datetime, known: str | None) -> BusyReading | None:
        """See BusySource. One question where the server tells that nothing changed, else one more a calendar."""
        with self._lock:
            account = self._access.account()
            client = self._access.client(account)
            chosen = self._chosen(client, account)
            state = _state(chosen, starts_at, ends_at)
            before, _, content = (known or "").partition(_BETWEEN)
            if state and state == before:
                return None
            objects = [data for one in chosen for data in _objects(client, account, one, (starts_at, ends_at))]
        # A state that is new needs a reading even of the same content: it is what the next question is spared by.
        reading = self._read(_joined(objects), starts_at, ends_at, None if state else content or None)
        if reading is None:
            return None
        return BusyReading(reading.spans, f"{state}{_BETWEEN}{reading.version}", reading.skipped)

    def names(self) -> list[str]:
        """What those that count are called in the account. Raises Unavailable as ``read`` does."""
        with self._lock:
            account = self._access.account()
            return [_name(one) for one in self._chosen(self._access.client(account), account)]

    def _chosen(self, client: Client, account: Account) -> list[Found]:
        """By path. Raises Unavailable where one that the settings name is not there: unknown, never free."""
        wanted = multistatus.propfind(OF_A_CALENDAR)
        answer = client.ask("PROPFIND", account.url, wanted, headers={**XML, "Depth": "1"})
        own = path_of(account.collection or "").rstrip("/")
        there = [one for one in multistatus.read(answer) if _holds_events(one) and one.path.rstrip("/") != own]
        if self._names:
            there = [one for one in there if _name(one) in self._names]
            if self._names - {_name(one) for one in there}:
                raise Unavailable("a calendar that the settings name is not in the account; is it spelled as there?")
        else:
            there = [one for one in there if "transparent" not in one.inside(f"{CAL}schedule-calendar-transp")]
        return sorted(there, key=lambda one: one.path)


def _name(calendar: Found) -> str:
    return calendar.text(f"{DAV}displayname")


def _holds_events(one: Found) -> bool:
    kinds = one.inside(f"{DAV}resourcetype")
    takes = component_names(one) or {"VEVENT"}
    return one.status == 200 and "calendar" in kinds and "deleted-calendar" not in kinds and "VEVENT" in takes


def _state(chosen: Iterable[Found], starts_at: datetime, ends_at: datetime) -> str:
    """A hash of what the calendars and the window are now; empty where one of them does not tell."""
    digest = hashlib.sha256(f"{starts_at.isoformat()} {ends_at.isoformat()}".encode())
    for one in chosen:
        sign = next(filter(None, map(one.text, _SIGNS_OF_CHANGE)), "")
        if not sign:
            return ""
        digest.update(f"\x1e{one.path}\x1f{sign}".encode())
    return digest.hexdigest()


def _objects(client: Client, account: Account, calendar: Found, window: tuple[datetime, datetime]) -> Iterator[bytes]:
    """The objects of a calendar that touch the window."""
    url = urljoin(account.url, urlsplit(calendar.href).path)
    wanted = multistatus.query(window[0] - _MARGIN, window[1] + _MARGIN)
    answer = client.ask("REPORT", url, wanted, headers={**XML, "Depth": "1"})
    for one in sorted(multistatus.read(answer), key=lambda one: one.path):
        if one.status == 200 and one.text(DATA):
            yield one.text(DATA).encode()


def _joined(objects: Iterable[bytes]) -> BinaryIO:
    """One after the other, behind an empty one: no objects are free time, an empty file would be a broken one."""
    return io.BytesIO(b"".join((b"BEGIN:VCALENDAR\nEND:VCALENDAR\n", *(data.rstrip() + b"\n" for data in objects))))
