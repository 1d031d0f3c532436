"""What a partner's feed shows now. Not here: its bytes (content/feed), its address (doors), serving it (web)."""

from __future__ import annotations

from datetime import datetime, timedelta

from scheduler.app.doors import Doors
from scheduler.content.feed import feed
from scheduler.domain.link import Purpose
from scheduler.ports import Store

SHOWN_AFTER = timedelta(days=7)


def feed_for(store: Store, doors: Doors, token: str, now: datetime) -> bytes | None:
    """The events that are still to come or ended less than SHOWN_AFTER ago; None where the token opens no feed."""
    with store.transaction() as tx:
        link = doors.partner_for(tx, token, Purpose.FEED, now)
        if link is None:
            return None
        entries = tx.calendar_entries(doors.couple, ending_after=now - SHOWN_AFTER)
    events = [one.event for one in entries if one.live and one.partner == link.partner]
    return feed(events, doors.title(link.partner))
