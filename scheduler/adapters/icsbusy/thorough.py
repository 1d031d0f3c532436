"""The instances of a series by recurring-ical-events. Not here: which series need it (series).

It decides which instances there are; we decide how long they last, because it adds lengths on the wall clock:
an event over a clock change would be an hour wrong (RFC 5545 §3.8.5.3).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, tzinfo

from icalendar import Calendar, Event
from icalendar.prop import vDDDLists, vDDDTypes, vRecur
from recurring_ical_events import CalendarQuery

from scheduler.adapters.icsbusy.parts import Part
from scheduler.adapters.icsbusy.values import epoch, on_the_wall, span_from
from scheduler.domain.spans import Span

_MARGIN = timedelta(days=2)  # the library compares dates and wall times; the caller cuts exactly
_NUMBER = "X-PART"


def instances(series: Sequence[Part], window: tuple[datetime, datetime], zone: tzinfo) -> Iterator[Span]:
    """Busy instances that touch the window, and some beside it; ``zone`` is that of dates."""
    calendar = Calendar()
    for number, part in enumerate(series):
        calendar.add_component(_event(part, number))
    for found in CalendarQuery(calendar).between(window[0] - _MARGIN, window[1] + _MARGIN):
        part, start = series[int(found[_NUMBER])], found["DTSTART"].dt
        if part.busy:
            periods = {epoch(begin, zone): length for begin, length in part.extra if length}
            length = periods.get(epoch(start, zone), part.length)
            yield span_from(start, length, zone)


def _event(part: Part, number: int) -> Event:
    event = Event()
    event["UID"], event["SEQUENCE"], event[_NUMBER] = "series", part.sequence, str(number)
    lengths = (part.length, *(length for _, length in part.extra if length))
    longest = max(map(on_the_wall, lengths))
    event["DTSTART"], event["DTEND"] = vDDDTypes(part.start), vDDDTypes(part.start + longest)
    if part.replaces is not None:
        event["RECURRENCE-ID"] = vDDDTypes(part.replaces, {"RANGE": "THISANDFUTURE"} if part.onwards else {})
    if part.rules:
        event["RRULE"] = [vRecur.from_ical(rule.text) for rule in part.rules]
    if part.extra:
        event["RDATE"] = vDDDLists([start for start, _ in part.extra])
    if part.gone:
        event["EXDATE"] = vDDDLists(list(part.gone))
    return event
