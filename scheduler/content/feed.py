"""One partner's events as a calendar to subscribe to. Not here: which events, the address, who may fetch it.

No METHOD: PUBLISH would make it an iTIP message, which must name an organizer (RFC 5546 §3.2.1) and which Outlook
imports once instead of following it. A calendar that is fetched again and again has none (RFC 5545 §3.7.2).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from scheduler.content.ics import Line, content_tag, event_lines, one_line, packed, text_value
from scheduler.domain.event import Event

REFRESH = timedelta(hours=1)
SOONEST_REFRESH = timedelta(minutes=15)
_COLOUR = "sienna"  # a name of CSS3, as RFC 7986 §5.9 wants; the nearest to our own


def feed(events: Iterable[Event], title: str, refresh: timedelta = REFRESH) -> bytes:
    """The events by start, whatever order they come in; equal events give equal bytes.

    ``refresh`` is how often to ask again, in whole minutes, at least SOONEST_REFRESH; the old names of the properties
    are for Outlook and Apple. Raises Refused as ``ics.packed`` does. Source: RFC 7986 §5.1, §5.7.
    """
    name, every = text_value(one_line(title)), _duration(max(refresh, SOONEST_REFRESH))
    about: list[Line] = [
        ("NAME", name),
        ("X-WR-CALNAME", name),
        ("COLOR", _COLOUR),
        ("REFRESH-INTERVAL;VALUE=DURATION", every),
        ("X-PUBLISHED-TTL", every),
    ]
    ordered = sorted(events, key=lambda event: (event.starts_at, event.uid))
    return packed((line for event in ordered for line in event_lines(event)), about)


def _duration(long: timedelta) -> str:
    hours, minutes = divmod(long // timedelta(minutes=1), 60)
    return f"PT{60 * hours + minutes}M" if minutes else f"PT{hours}H"


def feed_etag(data: bytes) -> str:
    """A strong validator, quoted as the header carries it. Source: RFC 9110 §8.8.3."""
    return f'"{content_tag(data)}"'
