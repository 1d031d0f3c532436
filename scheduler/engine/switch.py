"""A partner's calendar is another one than before: leave the old one clean, and begin anew in the new one.

Not here: which calendar the file names (app), writing into the new one (plan, deliver).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from scheduler.domain.couple import Couple
from scheduler.domain.errors import RitualsError
from scheduler.domain.event import CalendarEntry
from scheduler.domain.notes import PLANNED_NOTE, cut_note, looks_note, renewed_note, route_note, trouble_note
from scheduler.ports import Calendar, Store


@dataclass(frozen=True, slots=True)
class Way:
    """One partner's calendar of today by its name, and how to come by one that had another name (None: no more)."""

    partner: str
    name: str
    former: Callable[[str], Calendar | None]


def follow_route(store: Store, couple: Couple, way: Way, now: datetime) -> int | None:
    """Take the coming events out of the calendar that was used until now.

    Returns how many could not be taken out, None where nothing has changed. Being stopped halfway is harmless: it
    begins again, and what is gone already is a success.
    """
    partner, route = way.partner, way.name
    with store.transaction() as tx:
        before = tx.note(couple.id, route_note(partner)) or ""
        if not before:
            tx.set_note(couple.id, route_note(partner), route)
        if before in (route, ""):
            return None
        standing = [one for one in tx.calendar_entries(couple.id, ending_after=now) if one.partner == partner]
    standing = [one for one in standing if one.live]
    left = _take_out(way.former(before), [one for one in standing if one.written is not None])
    with store.transaction() as tx:
        for entry in standing:
            tx.save_calendar_entry(couple.id, replace(entry, live=False, written=None, tag=None))
        for name in (trouble_note, looks_note, cut_note, renewed_note):
            tx.set_note(couple.id, name(partner), "")
        tx.set_note(couple.id, PLANNED_NOTE, "")
        tx.set_note(couple.id, route_note(partner), route)
    return left


def _take_out(calendar: Calendar | None, standing: Sequence[CalendarEntry]) -> int:
    left = 0
    for entry in standing:
        try:
            if calendar is None:
                left += 1
            else:
                calendar.remove(entry.event, entry.tag)
        except RitualsError:
            left += 1
    return left
