"""Whose turn it is: to plan a ritual, or to take the awkward hour. Not here: giving turns a price (slots).

A turn is told, never a tally: it follows from the row of occurrences alone.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from zlib import crc32

from scheduler.domain.couple import Couple, Partner
from scheduler.domain.freebusy import Span, Spans, span_of
from scheduler.domain.ground import shared
from scheduler.domain.localtime import local_date, spans_between
from scheduler.domain.occurrence import number_of
from scheduler.domain.ritual import Ritual

_DAY = timedelta(days=1)


def leader(couple: Couple, ritual: Ritual, period: str) -> Partner | None:
    """Who plans the occurrence of that period; None where the ritual takes no turns."""
    if not ritual.takes_turns:
        return None
    return couple.partners[(number_of(ritual, period) + crc32(ritual.id.encode())) % 2]


def bearer(couple: Couple, starts_at: datetime, ends_at: datetime) -> Partner | None:
    """For whom the hour is the more awkward one; None where it is for neither, or for both alike."""
    span = span_of(starts_at, ends_at)
    first, second = (_awkward_s(partner, span, starts_at) for partner in couple.partners)
    return None if first == second else couple.partners[int(second > first)]


def _awkward_s(partner: Partner, span: Span, starts_at: datetime) -> int:
    """How many seconds of the span lie outside the partner's easy hours."""
    easy, local = partner.easy, starts_at.astimezone(partner.zone)
    if easy is None:
        return 0
    minute, minutes = 60 * local.hour + local.minute, (span[1] - span[0]) // 60
    if easy.start <= minute and minute + minutes <= easy.end and local.weekday() in easy.weekdays:
        return 0  # nearly always, and told without a look at clock changes
    day = local_date(starts_at, partner.zone)
    spans: Spans = tuple(span_of(*one) for one in spans_between((easy,), day - _DAY, day + _DAY, partner.zone))
    return span[1] - span[0] - shared(spans, *span)
