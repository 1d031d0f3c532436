"""Which slots of one wish another's slot takes away, as bits of a number. Not here: what to do about it (placing).

Bit n of a mask stands for the wish's n-th best slot. What a stretch of time blocks is then two look-ups and an
``&``, however many slots there are.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import accumulate
from operator import or_

from scheduler.domain.slots import Slot, Wish


class Entry:
    """A wish with its slots in the orders that questions about time need."""

    def __init__(self, wish: Wish) -> None:
        self.wish = wish
        self.ritual = wish.ritual.id
        self.buffer_s = int(wish.ritual.buffer.total_seconds())
        self.spacing = wish.ritual.spacing
        self.all = (1 << len(wish.slots)) - 1
        self.low = min([slot.start for slot in wish.slots], default=0)
        self.high = max([slot.end for slot in wish.slots], default=0)

    @cached_property
    def by_start(self) -> tuple[list[int], list[int]]:
        """(starts in order, masks: the k-th has the first k slots in that order)."""
        return _rising((slot.start, bit) for bit, slot in enumerate(self.wish.slots))

    @cached_property
    def by_end(self) -> tuple[list[int], list[int]]:
        return _rising((slot.end, bit) for bit, slot in enumerate(self.wish.slots))

    @cached_property
    def days(self) -> dict[int, int]:
        """The slots of each local date."""
        found: dict[int, int] = {}
        for bit, slot in enumerate(self.wish.slots):
            found[slot.day] = found.get(slot.day, 0) | 1 << bit
        return found


def bits(mask: int) -> Iterator[int]:
    """The positions of the bits that are set, lowest first.

    >>> list(bits(0b1101))
    [0, 2, 3]
    """
    while mask:
        yield (mask & -mask).bit_length() - 1
        mask &= mask - 1


def _rising(pairs: Iterable[tuple[int, int]]) -> tuple[list[int], list[int]]:
    ordered = sorted(pairs)
    return [key for key, _ in ordered], list(accumulate((1 << bit for _, bit in ordered), or_, initial=0))


def blocked(entry: Entry, slot: Slot, buffer_s: int, spacing: int) -> int:
    """The slots of the entry that overlap the slot, with the larger buffer, or are nearer than so many days."""
    buffer_s = max(buffer_s, entry.buffer_s)
    starts, until = entry.by_start
    mask = until[bisect_left(starts, slot.end + buffer_s)]
    if mask:
        ends, ended = entry.by_end
        mask &= ~ended[bisect_right(ends, slot.start - buffer_s)]
    if spacing > 0:
        for day, on_day in entry.days.items():
            if abs(day - slot.day) < spacing:
                mask |= on_day
    return mask
