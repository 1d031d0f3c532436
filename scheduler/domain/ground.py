"""What a search for places works on: open hours, busy times and what follows from them. Not here: slots, prices."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

from scheduler.domain.couple import Couple
from scheduler.domain.freebusy import Span, Spans, subtract, union
from scheduler.domain.habits import Habits
from scheduler.domain.hours import Days, Hours
from scheduler.domain.ritual import Ritual


def widened(spans: Spans, by_s: int) -> Spans:
    """The spans with a buffer on both sides."""
    return union((start - by_s, end + by_s) for start, end in spans) if by_s else spans


class Ground:
    """What a search works on: open hours less busy times, each worked out once.

    ``last`` is the last local date on which a slot may begin.
    """

    def __init__(self, hours: Hours, busy: tuple[Spans, Spans], last: date) -> None:
        self.couple: Couple = hours.couple
        self.hours, self.busy, self.last = hours, busy, last
        self.taken: Spans = union([*busy[0], *busy[1]])
        self._free: dict[str, Spans] = {}
        self._habits: dict[ZoneInfo, Habits] = {}
        self._ends = tuple([end for _, end in spans] for spans in busy)
        self._hard = (hours.hard(0), hours.hard(1))

    def free(self, ritual: Ritual) -> Spans:
        if ritual.id not in self._free:
            taken = widened(self.taken, int(ritual.buffer.total_seconds()))
            self._free[ritual.id] = subtract(self.hours.open(ritual), taken)
        return self._free[ritual.id]

    def habits(self, ritual: Ritual) -> Habits:
        zone = self.couple.clock(ritual)
        if zone not in self._habits:
            self._habits[zone] = Habits(self.taken, self.days(ritual), self.hours.first + 2, self.hours.last - 2)
        return self._habits[zone]

    def days(self, ritual: Ritual) -> Days:
        return self.hours.days(self.couple.clock(ritual))

    def work_ends(self, day: int, closes: int) -> int | None:
        """The later of both partners' last busy blocks that end on their local day, before the windows close."""
        found = []
        for partner, ends in zip(self.couple.partners, self._ends, strict=True):
            midnight = self.hours.days(partner.zone).at(day, 0)
            index = bisect_right(ends, closes) - 1
            if index >= 0 and ends[index] > midnight:
                found.append(ends[index])
        return max(found, default=None)

    @property
    def has_awkward_hours(self) -> bool:
        return any(self._hard)

    def awkward_s(self, start: int, end: int) -> tuple[int, int]:
        """How many seconds of the stretch are awkward for each of the partners."""
        first, second = (shared(spans, start, end) for spans in self._hard)
        return first, second


def shared(spans: Spans, start: int, end: int) -> int:
    """How many seconds of the stretch lie in the spans."""
    index, found = max(bisect_right(spans, (start, start)) - 1, 0), 0
    while index < len(spans) and spans[index][0] < end:
        found += max(0, min(spans[index][1], end) - max(spans[index][0], start))
        index += 1
    return found


def between(spans: Spans, low: int, high: int) -> Sequence[Span]:
    """The spans that begin in the half-open stretch, and one that reaches into it, cut at its start."""
    index = max(bisect_right(spans, (low, low)) - 1, 0)
    found = []
    while index < len(spans) and spans[index][0] < high:
        if spans[index][1] > low:
            found.append((max(spans[index][0], low), spans[index][1]))
        index += 1
    return found
