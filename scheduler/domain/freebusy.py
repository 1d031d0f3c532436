"""When people are taken, without why. Not here: the arithmetic behind it (spans), reading calendars."""

from __future__ import annotations

from dataclasses import dataclass

from scheduler.domain.spans import (
    AllDay,
    Span,
    Spans,
    contains,
    instant,
    intersection,
    overlaps,
    span_of,
    subtract,
    union,
)

__all__ = [
    "AllDay",
    "BusyView",
    "Span",
    "Spans",
    "contains",
    "instant",
    "intersection",
    "overlaps",
    "span_of",
    "subtract",
    "union",
]


@dataclass(frozen=True, slots=True)
class BusyView:
    """What is known of one partner's busy times.

    ``trusted`` is False while a source cannot be read: the spans are then the last good ones and
    nothing new is placed on their word.
    """

    spans: Spans
    trusted: bool = True
