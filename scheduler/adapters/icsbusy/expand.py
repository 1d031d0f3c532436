"""Turns parts into busy spans. Not here: reading files (source) or values (parts).

recurring-ical-events decides which instances there are; we decide how long they last, because it adds
lengths on the wall clock: an event over a clock change would be an hour wrong (RFC 5545 §3.8.5.3).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo

from icalendar import Calendar, Event
from icalendar.prop import vDDDLists, vDDDTypes, vRecur
from recurring_ical_events import CalendarQuery

from scheduler.adapters.icsbusy.outline import UnusableError
from scheduler.adapters.icsbusy.parts import Part
from scheduler.adapters.icsbusy.rules import steps
from scheduler.adapters.icsbusy.values import alike, epoch
from scheduler.domain.freebusy import Span, Spans, intersection, span_of, union

_MARGIN = timedelta(days=2)  # the library compares dates and wall times; we cut exactly afterwards
_MOST_PARTS = 5000
_MOST_STEPS = 1_000_000
_NUMBER = "X-PART"
_BAD_SERIES = (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError)


def busy_spans(parts: Sequence[Part], starts_at: datetime, ends_at: datetime, zone: tzinfo) -> Spans:
    """Busy intervals in the half-open window; ``zone`` is that of dates.

    Raises UnusableError when expanding would take longer than any honest calendar needs.
    """
    dear = sum(steps(rule, part.start, ends_at) for part in parts for rule in part.rules)
    if len(parts) > _MOST_PARTS or dear > _MOST_STEPS:
        raise UnusableError("repeats far more than a person's calendar does; split it or remove the oldest series")
    found = union(span for series in _series(parts) for span in _series_spans(series, starts_at, ends_at, zone))
    return intersection(found, (span_of(starts_at, ends_at),))


def _series(parts: Iterable[Part]) -> Iterator[list[Part]]:
    """Parts that belong together: a master, if there is one, with what replaces its instances.

    Of several masters the newest revision counts. Where several share that too, the UID was not unique: each
    counts, for a busy time must not get lost.
    """
    by_uid: dict[str, list[Part]] = defaultdict(list)
    for part in parts:
        by_uid[part.uid].append(part)
    for group in by_uid.values():
        changes = [part for part in group if part.replaces is not None]
        masters = [part for part in group if part.replaces is None]
        newest = max((part.sequence for part in masters), default=0)
        masters = [part for part in masters if part.sequence == newest]
        yield [*masters[:1], *changes]
        yield from ([part] for part in masters[1:])


def _series_spans(series: Sequence[Part], starts_at: datetime, ends_at: datetime, zone: tzinfo) -> list[Span]:
    if len(series) == 1 and not series[0].repeats:
        return _own_times(series, zone)
    try:
        aligned = _aligned(series, zone)
        return list(_instances(aligned, starts_at - _MARGIN, ends_at + _MARGIN, zone))
    except _BAD_SERIES:
        return _own_times(series, zone)


def _own_times(series: Iterable[Part], zone: tzinfo) -> list[Span]:
    return [(epoch(part.start, zone), part.length.after(part.start, zone)) for part in series if part.busy]


def _aligned(series: Sequence[Part], zone: tzinfo) -> list[Part]:
    """Every date that names an instance, written as its master writes its start."""
    master = series[0]
    if master.replaces is not None:
        return list(series)
    extra = tuple((alike(start, master.start, zone), length) for start, length in master.extra)
    # A bare date as exception of a timed series excepts that whole day.
    gone = tuple(when if not isinstance(when, datetime) else alike(when, master.start, zone) for when in master.gone)
    changes = [
        replace(part, replaces=alike(part.replaces, master.start, zone))
        for part in series[1:]
        if part.replaces is not None
    ]
    return [replace(master, extra=extra, gone=gone), *changes]


def _instances(series: Sequence[Part], first: datetime, last: datetime, zone: tzinfo) -> Iterator[Span]:
    calendar = Calendar()
    for number, part in enumerate(series):
        calendar.add_component(_event(part, number))
    for found in CalendarQuery(calendar).between(first, last):
        part, start = series[int(found[_NUMBER])], found["DTSTART"].dt
        if part.busy:
            periods = {epoch(begin, zone): length for begin, length in part.extra if length}
            length = periods.get(epoch(start, zone), part.length)
            yield epoch(start, zone), length.after(start, zone)


def _event(part: Part, number: int) -> Event:
    event = Event()
    event["UID"], event["SEQUENCE"], event[_NUMBER] = "series", part.sequence, str(number)
    longest = max(
        (length.on_the_wall() for length in (part.length, *(length for _, length in part.extra)) if length),
        default=timedelta(0),
    )
    event["DTSTART"], event["DTEND"] = vDDDTypes(part.start), vDDDTypes(part.start + longest)
    if part.replaces is not None:
        event["RECURRENCE-ID"] = vDDDTypes(part.replaces, {"RANGE": "THISANDFUTURE"} if part.onwards else {})
    if part.rules:
        event["RRULE"] = [vRecur.from_ical(rule) for rule in part.rules]
    if part.extra:
        event["RDATE"] = vDDDLists([start for start, _ in part.extra])
    if part.gone:
        event["EXDATE"] = vDDDLists(list(part.gone))
    return event
