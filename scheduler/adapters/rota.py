"""A shift plan as busy times: the way there and back, and the sleep after a night. Not here: reading the plan."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

from scheduler.domain.freebusy import Span, instant, intersection, span_of, union
from scheduler.domain.localtime import DAY_MINUTES, local_date, to_utc
from scheduler.domain.pace import Pace
from scheduler.ports import BusyReading, BusySource

_A_DAY = timedelta(days=1)  # no shift is longer: its start is seen, too
_EARLY = 4 * 60  # one who begins later than that has slept
_NOON = DAY_MINUTES // 2


class Rota:
    """A BusySource around another one whose busy times are shifts.

    ``way`` is taken before and after each. ``sleep`` follows one that began before 04:00 and ends between midnight
    and noon on the clock of ``zone``.
    """

    def __init__(self, source: BusySource, *, way: timedelta, sleep: timedelta, zone: ZoneInfo) -> None:
        self._source = source
        self._way, self._sleep, self._zone = way, sleep, zone
        self._mark = sha256(f"1 {way} {sleep} {zone.key}".encode()).hexdigest()[:16]

    @property
    def pace(self) -> Pace:
        return self._source.pace

    def read(self, starts_at: datetime, ends_at: datetime, known: str | None) -> BusyReading | None:
        """See BusySource. The plan is read beyond the window, as far as a shift outside it can reach in."""
        mark, _, inner = (known or "").partition(":")
        before = self._way + self._sleep + _A_DAY
        found = self._source.read(starts_at - before, ends_at + self._way, inner if mark == self._mark else None)
        if found is None:
            return None
        taken = union(self._around(shift) for shift in found.spans)
        return BusyReading(intersection(taken, (span_of(starts_at, ends_at),)), f"{self._mark}:{found.version}")

    def _around(self, shift: Span) -> Span:
        start, end = shift
        way = int(self._way.total_seconds())
        rest = int(self._sleep.total_seconds()) if self._ends_a_night(shift) else 0
        return start - way, end + way + rest

    def _ends_a_night(self, shift: Span) -> bool:
        starts_at, ends_at = map(instant, shift)
        day = local_date(ends_at, self._zone)
        return starts_at < to_utc(day, _EARLY, self._zone) and ends_at < to_utc(day, _NOON, self._zone)
