"""When a partner is taken, as Google's free/busy answers it. Not here: whose times count (settings).

The scope shows intervals only; titles cannot be read. Our own calendar is not asked for, so rituals are no busy time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from scheduler.adapters.google.answers import instant, only_looking
from scheduler.adapters.google.api import GoogleApi
from scheduler.domain.errors import Unavailable
from scheduler.domain.freebusy import Spans, intersection, span_of, union
from scheduler.domain.pace import Pace
from scheduler.ports import BusyReading

# Google refuses long windows and names no limit; four weeks were never reported as too long.
_AT_ONCE = timedelta(days=28)


class GoogleBusy:
    """Fulfils BusySource. ``calendars`` are Google's ids; "primary" is the partner's own."""

    pace = Pace.SPARING

    def __init__(self, api: GoogleApi, calendars: Sequence[str] = ("primary",)) -> None:
        self._api, self._calendars = api, tuple(calendars)

    def read(self, starts_at: datetime, ends_at: datetime, known: str | None) -> BusyReading | None:
        """See BusySource."""
        window = span_of(starts_at, ends_at)
        with only_looking():
            found = [span for piece in _pieces(starts_at, ends_at) for span in self._asked(*piece)]
        spans = intersection(union(found), (window,))
        version = hashlib.sha256(repr((window, spans)).encode()).hexdigest()
        return None if version == known else BusyReading(spans, version)

    def _asked(self, starts_at: datetime, ends_at: datetime) -> Spans:
        body = {
            "timeMin": _text(starts_at),
            "timeMax": _text(ends_at),
            "timeZone": "UTC",
            "items": [{"id": name} for name in self._calendars],
        }
        answer = self._api.call(self._api.service.freebusy().query(body=body)).get("calendars")
        calendars = answer if isinstance(answer, dict) else {}
        return union(span for name in self._calendars for span in _spans(calendars.get(name)))


def _pieces(starts_at: datetime, ends_at: datetime) -> Iterator[tuple[datetime, datetime]]:
    while starts_at < ends_at:
        yield starts_at, min(starts_at + _AT_ONCE, ends_at)
        starts_at += _AT_ONCE


def _text(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _spans(calendar: Any) -> Iterator[tuple[int, int]]:
    """Raises Unavailable for anything but a plain list: errors come inside a success, and are no free time."""
    if not isinstance(calendar, dict) or calendar.get("errors") or not isinstance(calendar.get("busy"), list):
        raise Unavailable("Google does not tell the busy times of a calendar that it was asked for")
    for one in calendar["busy"]:
        start, end = (instant(one.get(name)) if isinstance(one, dict) else None for name in ("start", "end"))
        if start is None or end is None:
            raise Unavailable("Google tells busy times that cannot be read")
        if start < end:
            yield span_of(start, end)
