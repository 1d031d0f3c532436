"""A partner's calendar that is fetched from us: whoever renders it reads the state, so nothing is written.

Not here: the bytes (content/feed), the address (web).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from scheduler.domain.event import Event, SeenEvent
from scheduler.domain.pace import Pace


class FeedCalendar:
    """Fulfils Calendar: what is wanted stands there as soon as it is wanted; a tag is the event's SEQUENCE."""

    pace = Pace.NEVER

    def put(self, event: Event, _tag: str | None) -> str:
        """See Calendar; it never conflicts, since nobody else can write to it."""
        return str(event.sequence)

    def remove(self, event: Event, _tag: str | None) -> None:
        """See Calendar."""

    def seen(self, uids: Collection[str]) -> Mapping[str, SeenEvent | None]:
        """None for each: what a person's own program makes of the feed is not known, and nothing follows from it."""
        return dict.fromkeys(uids)
