"""Writing one event: from what we want, what we wrote and what stands there. Not here: when (hold), the rest of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from scheduler.domain.errors import Conflict, Gone, Unavailable, Uncertain
from scheduler.domain.event import CalendarEntry, Event, thawed
from scheduler.domain.notes import looks_note
from scheduler.domain.outbox import OutboxEntry
from scheduler.domain.pace import Pace
from scheduler.domain.reconcile import Verdict, noted, verdict
from scheduler.engine.deliver.hands import Hands
from scheduler.ports import Calendar


def write_event(hands: Hands, entry: OutboxEntry, wanted: CalendarEntry) -> str:
    """Put what was begun; where nothing was, take the event away. Raises as Calendar does."""
    calendar = hands.calendars[wanted.partner]
    begun = thawed(entry.payload) if entry.payload else None
    if begun is None:
        calendar.remove(wanted.event, wanted.tag)
        _note(hands, wanted, lambda known: replace(known, written=None, tag=None))
        return "taken away"
    if not wanted.live:  # the entry that takes it away comes after this one
        if entry.cut_off:
            _note(hands, wanted, _maybe_there)
        return "no longer wanted"
    if wanted.written is not None and begun.sequence <= wanted.written:
        return "known to stand there, or overtaken by a newer one"
    if wanted.tag is None:
        _look_first(hands, wanted.partner, calendar)
        _take_older_away(hands, calendar, wanted)
    try:
        tag = calendar.put(begun, wanted.tag)
    except Conflict:
        begun, tag = _put_on_top(hands, calendar, wanted, begun)
    except Uncertain:
        _note(hands, wanted, _maybe_there)
        raise
    _note(hands, wanted, lambda known: _written(known, begun, tag))
    return "written"


def _maybe_there(entry: CalendarEntry) -> CalendarEntry:
    """With a tag: something of ours may stand there, so it must be taken away as well."""
    return replace(entry, tag=entry.tag or "")


def _put_on_top(hands: Hands, calendar: Calendar, wanted: CalendarEntry, begun: Event) -> tuple[Event, str]:
    """What a person changed besides the time stays, and ours goes on top. Raises Conflict where it is theirs to say."""
    if wanted.written is None:  # ours after all: it was cut off, and then a person changed it; collect must hear
        _note(hands, wanted, lambda known: _written(known, begun, ""))
        raise Conflict
    seen = calendar.seen([wanted.event.uid]).get(wanted.event.uid)
    if seen is None or verdict(wanted, seen) is not Verdict.UPDATE:
        raise Conflict
    title = noted(wanted, seen).event.title
    event = replace(begun, title=title, sequence=max(begun.sequence, seen.sequence + 1))
    _note(hands, wanted, lambda known: noted(known, seen))
    try:
        return event, calendar.put(event, seen.tag)
    except Conflict as err:
        raise Unavailable("the event keeps changing while we write it") from err


def _note(hands: Hands, wanted: CalendarEntry, change: Callable[[CalendarEntry], CalendarEntry]) -> None:
    """Keep what stands there now, beside whatever may be wanted by now."""
    hands.at("calendar changed")
    with hands.store.transaction() as tx:
        current = tx.calendar_entry(hands.couple.id, wanted.partner, wanted.occurrence, wanted.generation) or wanted
        tx.save_calendar_entry(hands.couple.id, change(current))


def _look_first(hands: Hands, partner: str, calendar: Calendar) -> None:
    """Raises Unavailable where our other events are all gone: a new one there would make them look deleted by hand.

    Once for all that is due together: over a network each look has its price.
    """
    if calendar.pace is Pace.NEVER or partner in hands.looked:
        return
    with hands.store.transaction() as tx:
        entries = tx.calendar_entries(hands.couple.id, ending_after=hands.clock.now())
    try:
        calendar.seen(
            [one.event.uid for one in entries if one.partner == partner and one.live and one.written is not None]
        )
    except Gone:
        with hands.store.transaction() as tx:
            tx.set_note(hands.couple.id, looks_note(partner), "")  # collect must hear of it at the next tick
        raise
    if calendar.pace is Pace.SPARING:
        hands.looked.add(partner)


def _take_older_away(hands: Hands, calendar: Calendar, wanted: CalendarEntry) -> None:
    """What was called off before must be gone first: two of the same never stand there at once."""
    if calendar.pace is Pace.NEVER:
        return
    place = (hands.couple.id, wanted.partner, wanted.occurrence)
    with hands.store.transaction() as tx:
        older = [tx.calendar_entry(*place, generation) for generation in range(wanted.generation)]
    for one in older:
        if one and one.tag is not None:
            calendar.remove(one.event, one.tag)
            _note(hands, one, lambda known: replace(known, written=None, tag=None))


def _written(entry: CalendarEntry, event: Event, tag: str) -> CalendarEntry:
    """The entry once the event stands there; what is wanted by now keeps its own number, or a higher one."""
    sequence = max(entry.event.sequence, event.sequence)
    return replace(
        entry,
        event=replace(entry.event, sequence=sequence),
        written=event.sequence,
        tag=tag,
        written_starts_at=event.starts_at,
        written_ends_at=event.ends_at,
        written_title=event.title if entry.own_title is None else entry.written_title,
    )
