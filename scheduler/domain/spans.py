"""Arithmetic on half-open intervals, and what a whole day means. Not here: what is known of a partner (freebusy).

A ``Span`` is (start, end) in UTC epoch seconds; a ``Spans`` is sorted and disjoint. Back-to-back is no clash.
Who reads a calendar in a process of its own loads this at each start: no import here may be dear.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from datetime import UTC, datetime
from enum import Enum

Span = tuple[int, int]
Spans = tuple[Span, ...]


class AllDay(Enum):
    """What an all-day event of a source means for the day."""

    IGNORE = "ignore"
    BUSY = "busy"
    IF_MARKED = "if marked busy"  # only where the event itself says OPAQUE


def span_of(starts_at: datetime, ends_at: datetime) -> Span:
    return int(starts_at.timestamp()), int(ends_at.timestamp())


def instant(epoch_s: int) -> datetime:
    return datetime.fromtimestamp(epoch_s, UTC)


def union(spans: Iterable[Span]) -> Spans:
    """Sorted and disjoint; touching spans become one, empty ones vanish.

    >>> union([(5, 9), (1, 3), (3, 4), (8, 12)])
    ((1, 4), (5, 12))
    """
    merged: list[Span] = []
    for start, end in sorted(spans):
        if start >= end:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def intersection(left: Spans, right: Spans) -> Spans:
    """What lies in both.

    >>> intersection(((0, 5), (8, 12)), ((3, 9),))
    ((3, 5), (8, 9))
    """
    found: list[Span] = []
    i = j = 0
    while i < len(left) and j < len(right):
        start, end = max(left[i][0], right[j][0]), min(left[i][1], right[j][1])
        if start < end:
            found.append((start, end))
        if left[i][1] <= right[j][1]:
            i += 1
        else:
            j += 1
    return tuple(found)


def subtract(spans: Spans, taken: Spans) -> Spans:
    """What is left of spans outside taken.

    >>> subtract(((0, 10),), ((2, 3), (5, 6)))
    ((0, 2), (3, 5), (6, 10))
    """
    left: list[Span] = []
    j = 0
    for start, end in spans:
        while j and taken[j - 1][1] > start:
            j -= 1
        while j < len(taken) and taken[j][0] < end:
            if taken[j][1] > start:
                if start < taken[j][0]:
                    left.append((start, taken[j][0]))
                start = max(start, taken[j][1])
            j += 1
        if start < end:
            left.append((start, end))
    return tuple(left)


def overlaps(spans: Spans, span: Span) -> bool:
    """Whether any of the spans shares a moment with the span."""
    start, end = span
    index = bisect_right(spans, (start, start))
    return (index < len(spans) and spans[index][0] < end) or (index > 0 and spans[index - 1][1] > start)


def contains(spans: Spans, span: Span) -> bool:
    """Whether one of the spans covers the whole span."""
    start, end = span
    index = bisect_right(spans, (start, end))
    return any(low <= start and end <= high for low, high in spans[max(index - 1, 0) : index + 1])
