"""The words around an event that comes by mail, as plain values. Not here: sentences (templates), the event (imip)."""

from __future__ import annotations

from typing import Any

from scheduler.content.wording import (
    LONGEST_ADDRESS,
    LONGEST_NAME,
    LONGEST_TEXT,
    day_and_clock,
    locale_of,
    long_day,
    plain,
    short_month,
)
from scheduler.domain.digest import Notice

_MOST_LINES = 12


def notice_words(notice: Notice) -> dict[str, Any]:
    """Everything the templates of a notice can see, in the reader's own zone and language; discreet: no name.

    ``month`` and ``number`` are for a leaf of a calendar ("Nov", "24"); ``day`` and ``clock`` say the same in words.
    """
    event, reader = notice.event, notice.partner
    start, end = event.starts_at.astimezone(reader.zone), event.ends_at.astimezone(reader.zone)
    lines = [line for line in event.description.splitlines() if line.strip()]
    return {
        "discreet": reader.discreet,
        "name": "" if reader.discreet else plain(reader.name, LONGEST_NAME),
        "contact": plain(notice.contact, LONGEST_ADDRESS) or "the person who runs this",
        "title": plain(event.title),
        "when": day_and_clock(start, reader.language),
        "day": long_day(start.date(), locale_of(reader.language)),
        "clock": f"{start:%H:%M}–{end:%H:%M}",
        "month": short_month(start.date(), reader.language),
        "number": str(start.day),
        "lines": tuple(plain(line, LONGEST_TEXT) for line in lines[:_MOST_LINES]),
    }
