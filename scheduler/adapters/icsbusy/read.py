"""The bytes of one .ics file → its busy times in a window: a pure function. Not here: files, versions (source)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import tzinfo
from zoneinfo import ZoneInfo

from scheduler.adapters.icsbusy.outline import TOO_MANY, UnusableError, read_outline
from scheduler.adapters.icsbusy.parts import Part, read_parts
from scheduler.adapters.icsbusy.series import Window, busy_near, grouped, own_times, steps
from scheduler.adapters.icsbusy.wire import MOST_SPANS, Answer, Order
from scheduler.adapters.icsbusy.zones import Zones
from scheduler.domain.spans import Span, intersection, span_of, union

_MOST_STEPS = 1_000_000
_BAD_SERIES = (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError)


def spans_in(data: bytes, order: Order) -> Answer:
    """Busy times in the half-open window, and how many series count by their first time alone.

    Raises UnusableError where the file is no calendar, not all of one, or absurd as a whole.
    """
    outline = read_outline(data, *order.window)
    zones = Zones(outline.zones, outline.own_zone, ZoneInfo(order.zone))
    found, skipped = _expanded(read_parts(outline.events, zones, order), order.window, zones.default)
    spans = intersection(union(found), (span_of(*order.window),))
    if len(spans) > MOST_SPANS:
        raise UnusableError("has more separate times than anybody's days hold; export only one calendar")
    return spans, skipped


def _expanded(parts: Iterable[Part], window: Window, zone: tzinfo) -> tuple[list[Span], int]:
    found: list[Span] = []
    skipped = spent = 0
    for series in grouped(parts):
        skipped += sum(part.cut_short for part in series)
        spent += steps(series, window)
        if spent > _MOST_STEPS:
            raise UnusableError(TOO_MANY)
        try:
            found += list(busy_near(series, window, zone))
        except _BAD_SERIES:
            skipped += 1
            found += own_times(series, zone)
    return found, skipped
