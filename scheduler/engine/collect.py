"""What people did: busy times, and the edits they made to our events. Not here: what follows from it (plan)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from scheduler.domain.couple import Couple, Standing
from scheduler.domain.drag import adopted_time
from scheduler.domain.errors import Disconnected, Gone, Unavailable
from scheduler.domain.event import CalendarEntry, SeenEvent
from scheduler.domain.notes import PLANNED_NOTE, cut_note, looks_note, reading_note, renewed_note, trouble_note
from scheduler.domain.occurrence import Fate, Placement
from scheduler.domain.pace import READING, Looks, Pace, reading_is_due
from scheduler.domain.planning import LOOK_BACK, Question
from scheduler.domain.reconcile import Absence, Verdict, adopted, noted, verdict
from scheduler.ports import BusyReading, BusyRecord, BusySource, Calendar, Store, Transaction

EMPTY_IN_DOUBT = timedelta(days=1)
RENEWED_FOR = timedelta(days=7)
HEARD_LATE = timedelta(days=7)
"""How long after its time a drag to a time still to come is heard: we, or the calendar, may have been away."""
_AFTER_HORIZON = timedelta(days=11)


def read_busy(
    store: Store,
    couple: Couple,
    sources: Mapping[str, Mapping[str, BusySource]],
    now: datetime,
    *,
    at_most: timedelta = READING,
) -> list[BusyRecord]:
    """Read the sources of whoever takes part; one that tells nothing keeps its last good times and says so.

    What costs something is read when it is due, or when it was read longer ago than ``at_most``.
    """
    window = _window(couple, now)
    with store.transaction() as tx:
        known = {record.source: record for record in tx.busy(couple.id)}
        joined = [one.partner for one in tx.memberships(couple.id).values() if one.standing is Standing.JOINED]
        read_at = {
            name: _instant(tx.note(couple.id, reading_note(name))) for named in sources.values() for name in named
        }
    changed, asked = [], []
    for partner, named in sources.items():
        for name, source in named.items() if partner in joined else ():
            old = known.get(name, BusyRecord(name, partner))
            if source.pace is not Pace.EVERY_TICK:
                if not _wants_reading(read_at[name], now, at_most, well=not old.error):
                    continue
                asked.append(name)
            new = _read_one(source, old, window, now)
            if new != old:
                changed.append(new)
    if changed or asked:
        with store.transaction() as tx:
            for record in changed:
                tx.save_busy(couple.id, record)
            for name in asked:
                tx.set_note(couple.id, reading_note(name), now.isoformat())
    return changed


def _instant(words: str | None) -> datetime | None:
    return datetime.fromisoformat(words) if words else None


def _wants_reading(last: datetime | None, now: datetime, at_most: timedelta, *, well: bool) -> bool:
    return reading_is_due(last, now, well=well) or (last is not None and now - last > at_most)


def _window(couple: Couple, now: datetime) -> tuple[datetime, datetime]:
    """From before this week to after the horizon; the same all week, so that an unchanged file is not read anew."""
    monday = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=now.weekday())
    return monday - timedelta(days=1), monday + couple.rules.horizon + _AFTER_HORIZON


def _read_one(source: BusySource, old: BusyRecord, window: tuple[datetime, datetime], now: datetime) -> BusyRecord:
    try:
        reading: BusyReading | None = source.read(*window, old.version if not old.error else None)
    except Unavailable as err:
        return replace(old, error=str(err), cut_at=(old.cut_at or now) if isinstance(err, Disconnected) else None)
    old = replace(old, cut_at=None)
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
            if not _is_due(tx, question, partner.id, calendar.pace):
                continue
            entries = tx.calendar_entries(couple.id, ending_after=question.now - HEARD_LATE)
        entries = [one for one in entries if one.partner == partner.id and one.live and one.written is not None]
        look = _look(calendar, entries)
        with store.transaction() as tx:
            _remember(tx, question, partner.id, calendar.pace, look)
            names = [(_reconcile(tx, question, one, standing), one.occurrence) for one, standing in look.standing]
            if look.is_gone and entries:
                names.append((_renew(tx, question, partner.id, entries), ""))
        found += [(name, occurrence) for name, occurrence in names if name]
    return found


def _is_due(tx: Transaction, question: Question, partner: str, pace: Pace) -> bool:
    if pace is not Pace.SPARING:
        return pace is Pace.EVERY_TICK
    looks = Looks.from_words(tx.note(question.couple.id, looks_note(partner)) or "")
    return looks.is_due(question.placed, question.now)


@dataclass(frozen=True, slots=True)
class _Look:
    """What a look at one calendar told: each entry with what stands for it, or the trouble."""

    standing: tuple[tuple[CalendarEntry, SeenEvent | Absence], ...] = ()
    trouble: str = ""
    is_gone: bool = False
    is_cut: bool = False
    pause: timedelta | None = None


def _look(calendar: Calendar, entries: Sequence[CalendarEntry]) -> _Look:
    try:
        seen = calendar.seen([one.event.uid for one in entries])
    except Unavailable as err:
        return _Look((), str(err), isinstance(err, Gone), isinstance(err, Disconnected), err.retry_after)
    return _Look(tuple((one, _standing(one.event.uid, seen)) for one in entries))


def _standing(uid: str, seen: Mapping[str, SeenEvent | None]) -> SeenEvent | Absence:
    if uid not in seen:
        return Absence.NOTHING
    return seen[uid] or Absence.ILLEGIBLE


def _remember(tx: Transaction, question: Question, partner: str, pace: Pace, look: _Look) -> None:
    """Note when there was a look, what stood in its way, and since when the partner's access is gone."""
    couple, now = question.couple.id, question.now
    if pace is Pace.SPARING:
        looks = Looks.from_words(tx.note(couple, looks_note(partner)) or "")
        tx.set_note(couple, looks_note(partner), looks.after(now, look.pause).words())
    since = (tx.note(couple, cut_note(partner)) or now.isoformat()) if look.is_cut else ""
    if look.is_cut or not look.trouble:
        _set(tx, couple, cut_note(partner), since)
    _set(tx, couple, trouble_note(partner), look.trouble)


def _set(tx: Transaction, couple: str, name: str, value: str) -> None:
    if (tx.note(couple, name) or "") != value:
        tx.set_note(couple, name, value)


def _renew(tx: Transaction, question: Question, partner: str, entries: Sequence[CalendarEntry]) -> str:
    """Let the plan write everything anew, into a new calendar; one that is taken away again soon stays away."""
    couple, now = question.couple.id, question.now
    last = _instant(tx.note(couple, renewed_note(partner)))
    is_missed = any(one.event.ends_at > now for one in entries)
    if is_missed and last and now - last < RENEWED_FOR:
        tx.set_note(couple, trouble_note(partner), "the calendar was taken away a second time, so it stays away")
        return ""
    for entry in entries:
        if verdict(entry, Absence.NO_CALENDAR) is Verdict.RENEW:
            tx.save_calendar_entry(couple, replace(entry, live=False, written=None, tag=None))
    if not is_missed:
        return ""
    tx.set_note(couple, renewed_note(partner), now.isoformat())
    tx.set_note(couple, PLANNED_NOTE, "")
    return "calendar_renewed"


def _reconcile(tx: Transaction, question: Question, entry: CalendarEntry, standing: SeenEvent | Absence) -> str:
    """Do what the table says; the name of what happened, or ""."""
    couple, decided = question.couple, verdict(entry, standing)
    if entry.event.ends_at <= question.now and not _is_put_off(decided, standing, question.now):
        if standing is Absence.NOTHING:  # cleared away after its time, and not asked for again
            tx.save_calendar_entry(couple.id, replace(entry, live=False, written=None, tag=None))
        return ""
    if decided is Verdict.DECLINE:
        _decline(tx, couple, entry, question.now)
        return "occurrence_declined"
    if isinstance(standing, Absence):
        return ""
    if decided is Verdict.ADOPT:
        return _adopt(tx, question, entry, standing)
    if (known := noted(entry, standing)) != entry:
        tx.save_calendar_entry(couple.id, known)
    return ""


def _is_put_off(decided: Verdict, standing: SeenEvent | Absence, now: datetime) -> bool:
    """Whether a person has moved it to a time that is still to come."""
    return decided is Verdict.ADOPT and isinstance(standing, SeenEvent) and standing.ends_at > now


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
    couple = question.couple
    tx.save_calendar_entry(couple.id, adopted(entry, seen))
    placement = _placement(tx, couple, entry, question.now)
    if placement is None or placement.fate is not Fate.PLACED:
        return ""
    others = [one for one in _placements(tx, couple, question.now) if one.key != placement.key]
    tx.save_placement(
        couple.id,
        adopted_time(replace(question, placed=others), placement, (seen.starts_at, seen.ends_at), entry.partner),
    )
    return "occurrence_moved_by_person"
