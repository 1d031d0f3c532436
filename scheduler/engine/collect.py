"""What people did: busy times, and the edits they made to our events. Not here: what follows from it (plan)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from scheduler.domain.couple import Couple, Standing
from scheduler.domain.drag import adopted_time
from scheduler.domain.errors import Unavailable
from scheduler.domain.event import CalendarEntry, SeenEvent
from scheduler.domain.occurrence import Fate, Placement
from scheduler.domain.planning import LOOK_BACK, Question
from scheduler.ports import BusyReading, BusyRecord, BusySource, Calendar, Store, Transaction

EMPTY_IN_DOUBT = timedelta(days=1)
_AFTER_HORIZON = timedelta(days=11)


def read_busy(
    store: Store, couple: Couple, sources: Mapping[str, Mapping[str, BusySource]], now: datetime
) -> list[BusyRecord]:
    """Read the sources of whoever takes part; one that fails keeps its last good times and says so."""
    window = _window(couple, now)
    with store.transaction() as tx:
        known = {record.source: record for record in tx.busy(couple.id)}
        joined = [one.partner for one in tx.memberships(couple.id).values() if one.standing is Standing.JOINED]
    changed = []
    for partner, named in sources.items():
        if partner not in joined:
            continue
        for name, source in named.items():
            old = known.get(name, BusyRecord(name, partner))
            new = _read_one(source, old, window, now)
            if new != old:
                changed.append(new)
    if changed:
        with store.transaction() as tx:
            for record in changed:
                tx.save_busy(couple.id, record)
    return changed


def _window(couple: Couple, now: datetime) -> tuple[datetime, datetime]:
    """From before this week to after the horizon; the same all week, so that an unchanged file is not read anew."""
    monday = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=now.weekday())
    return monday - timedelta(days=1), monday + couple.rules.horizon + _AFTER_HORIZON


def _read_one(source: BusySource, old: BusyRecord, window: tuple[datetime, datetime], now: datetime) -> BusyRecord:
    try:
        reading: BusyReading | None = source.read(*window, old.version if not old.error else None)
    except Unavailable as err:
        return replace(old, error=str(err))
    if reading is None:
        return old
    if old.spans and not reading.spans and now - (old.emptied_at or now) < EMPTY_IN_DOUBT:
        text = "is suddenly empty; it counts as unknown for a day, unless something comes back"
        return replace(old, emptied_at=old.emptied_at or now, error=text)
    return replace(old, spans=reading.spans, version=reading.version, good_at=now, emptied_at=None, error="")


def read_calendars(
    store: Store, couple: Couple, calendars: Mapping[str, Calendar], question: Question
) -> list[tuple[str, str]]:
    """Adopt what people did to our events; returns (event name, occurrence key) of each."""
    found: list[tuple[str, str]] = []
    for partner in couple.partners:
        calendar = calendars[partner.id]
        with store.transaction() as tx:
            entries = tx.calendar_entries(couple.id, ending_after=question.now)
        entries = [one for one in entries if one.partner == partner.id and one.live and one.written is not None]
        try:
            seen, trouble = calendar.seen([one.event.uid for one in entries]), ""
        except Unavailable as err:
            seen, entries, trouble = {}, [], str(err)
        with store.transaction() as tx:
            if (tx.note(couple.id, f"calendar {partner.id}") or "") != trouble:
                tx.set_note(couple.id, f"calendar {partner.id}", trouble)
            names = [(_reconcile(tx, question, one, seen), one.occurrence) for one in entries]
        found += [(name, occurrence) for name, occurrence in names if name]
    return found


def _reconcile(
    tx: Transaction, question: Question, entry: CalendarEntry, standing: Mapping[str, SeenEvent | None]
) -> str:
    """One row of: what we wrote against what stands there; the name of what happened, or ""."""
    couple, seen = question.couple, standing.get(entry.event.uid)
    if seen is None and entry.event.uid in standing:
        return ""  # dragged to all-day, say: it stands, and nothing can be made of it
    if seen is None or seen.cancelled:
        _decline(tx, couple, entry, question.now)
        return "occurrence_declined"
    known = _known(entry, seen)
    if known is None:
        return _adopt(tx, question, entry, seen)
    if known != entry:
        tx.save_calendar_entry(couple.id, known)
    return ""


def _known(entry: CalendarEntry, seen: SeenEvent) -> CalendarEntry | None:
    """The entry with what stands there noted, where its time is one of ours; None where a person chose the time."""
    times, event = (seen.starts_at, seen.ends_at), entry.event
    if times == (entry.written_starts_at, entry.written_ends_at):
        if entry.written != event.sequence:
            return replace(entry, tag=seen.tag)  # a newer write of ours is under way: it keeps its number
        sequence = max(seen.sequence, event.sequence)  # programs raise it with each edit; ours goes on from there
        return replace(entry, tag=seen.tag, written=sequence, event=replace(event, sequence=sequence))
    if times == (event.starts_at, event.ends_at):
        # A write of ours was cut off before it was noted: later on its time would look like a person's.
        starts_at, ends_at = times
        return replace(
            entry, tag=seen.tag, written=event.sequence, written_starts_at=starts_at, written_ends_at=ends_at
        )
    return None


def _placement(tx: Transaction, couple: Couple, entry: CalendarEntry, now: datetime) -> Placement | None:
    return next((one for one in _placements(tx, couple, now) if one.key == entry.occurrence), None)


def _placements(tx: Transaction, couple: Couple, now: datetime) -> list[Placement]:
    return tx.placements(couple.id, ending_after=now - LOOK_BACK)


def _decline(tx: Transaction, couple: Couple, entry: CalendarEntry, now: datetime) -> None:
    tx.save_calendar_entry(couple.id, replace(entry, live=False, written=None, tag=None))
    placement = _placement(tx, couple, entry, now)
    if placement and placement.fate is Fate.PLACED:
        tx.save_placement(couple.id, replace(placement, fate=Fate.DECLINED, decided_at=now))


def _adopt(tx: Transaction, question: Question, entry: CalendarEntry, seen: SeenEvent) -> str:
    """The person's time holds where it suits both; else the next slot free for both is offered to both."""
    couple, sequence = question.couple, max(seen.sequence, entry.event.sequence)
    event = replace(entry.event, starts_at=seen.starts_at, ends_at=seen.ends_at, sequence=sequence)
    tx.save_calendar_entry(
        couple.id,
        replace(
            entry,
            event=event,
            written=sequence,
            tag=seen.tag,
            written_starts_at=seen.starts_at,
            written_ends_at=seen.ends_at,
        ),
    )
    placement = _placement(tx, couple, entry, question.now)
    if placement is None or placement.fate is not Fate.PLACED:
        return ""
    others = [one for one in _placements(tx, couple, question.now) if one.key != placement.key]
    tx.save_placement(
        couple.id,
        adopted_time(replace(question, placed=others), placement, (seen.starts_at, seen.ends_at), entry.partner),
    )
    return "occurrence_moved_by_person"
