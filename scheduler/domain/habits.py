"""At which hours the two are usually taken, told by the busy times at hand. Not here: whether an hour is free (slots).

What is usually free is likelier to stay free: a slot at such an hour has to move less often.
"""

from __future__ import annotations

from itertools import accumulate

from scheduler.domain.freebusy import Spans
from scheduler.domain.hours import Days

_BIN_S = 900
_BINS = 2 * 96  # a slot may begin late and end after midnight
_DAY_S = 86_400


class Habits:
    """Shares of days on which either of the two is taken, by quarter of an hour; weekends apart from weekdays."""

    def __init__(self, taken: Spans, days: Days, first: int, last: int) -> None:
        counts = ([0] * (_BINS + 1), [0] * (_BINS + 1))
        number = [0, 0]
        for day in range(first, last + 1):
            number[_kind(day)] += 1
        for start, end in taken:
            for day in range(max(days.day_of(start), first), min(days.day_of(end - 1), last) + 1):
                midnight = days.at(day, 0)
                low, high = max(start - midnight, 0), min(end - midnight, _DAY_S)
                counts[_kind(day)][low // _BIN_S] += 1
                counts[_kind(day)][-(-high // _BIN_S)] -= 1
        self._sums = [
            list(accumulate((min(taken / max(days_of, 1), 1.0) for taken in accumulate(column)), initial=0.0))
            for column, days_of in zip(counts, number, strict=True)
        ]
        self._days = days

    def share(self, day: int, start: int, end: int) -> float:
        """0 for an hour at which nobody ever had anything, 1 for one that is always taken."""
        midnight = self._days.at(day, 0)
        low = min((start - midnight) // _BIN_S, _BINS - 1)
        high = min(max(-(-(end - midnight) // _BIN_S), low + 1), _BINS)
        sums = self._sums[_kind(day)]
        return (sums[high] - sums[low]) / (high - low)


def _kind(day: int) -> int:
    return int((day - 1) % 7 >= 5)
