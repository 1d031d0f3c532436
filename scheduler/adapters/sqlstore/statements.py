"""Every SQL statement of the store, built once. Not here: running them (transaction) or the tables' shape (tables).

A parameter is called as its column; where it is compared instead of written, it ends in an underscore.
"""

from __future__ import annotations

from dataclasses import fields
from itertools import product

from sqlalchemy import Table, and_, bindparam, case, delete, func, insert, literal_column, null, select, update
from sqlalchemy.dialects.sqlite import insert as insert_or
from sqlalchemy.sql import ColumnElement, Insert, Select

from scheduler.adapters.tables import (
    Instant,
    busy,
    calendar_entries,
    draws,
    links,
    memberships,
    notes,
    outbox,
    placements,
    salts,
    sealed,
)
from scheduler.domain.couple import Membership
from scheduler.domain.deck import Draw
from scheduler.domain.event import CalendarEntry, Event
from scheduler.domain.link import Link
from scheduler.domain.occurrence import Placement
from scheduler.domain.outbox import EffectKind, OutboxEntry, State
from scheduler.ports import BusyRecord


def names(kind: type, *without: str) -> tuple[str, ...]:
    """The fields of a domain value, in the order in which it is made."""
    return tuple(one.name for one in fields(kind) if one.name not in without)


EVENT = names(Event)
ENTRY = names(CalendarEntry, "event")


def _columns(table: Table, named: tuple[str, ...]) -> list[ColumnElement[object]]:
    return [table.c[name] for name in named]


def _of_couple(table: Table, named: tuple[str, ...]) -> Select[*tuple[object, ...]]:
    return select(*_columns(table, named)).where(table.c.couple == bindparam("couple_"))


def _upsert(table: Table) -> Insert:
    keys = [column.name for column in table.primary_key]
    statement = insert_or(table)
    changed = {column.name: statement.excluded[column.name] for column in table.c if column.name not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=changed)


def _insert_new(table: Table) -> Insert:
    return insert_or(table).on_conflict_do_nothing()


def _ends_after(table: Table) -> ColumnElement[bool]:
    return table.c.ends_at > bindparam("ending_after_")


SALT = select(salts.c.salt).where(salts.c.couple == bindparam("couple_"))
ADD_SALT = insert(salts)

NOTE = select(notes.c.value).where(notes.c.couple == bindparam("couple_"), notes.c.name == bindparam("name_"))
SET_NOTE = _upsert(notes)

MEMBERSHIPS = _of_couple(memberships, names(Membership)).order_by(memberships.c.partner)
SAVE_MEMBERSHIP = _upsert(memberships)

PLACEMENTS = _of_couple(placements, names(Placement)).order_by(placements.c.key)
PLACEMENTS_ENDING_AFTER = PLACEMENTS.where(_ends_after(placements))
SAVE_PLACEMENT = _upsert(placements)

_newer = calendar_entries.alias("newer")
CALENDAR_ENTRIES = (
    _of_couple(calendar_entries, EVENT + ENTRY)
    .where(
        ~select(_newer.c.couple)
        .where(
            _newer.c.couple == calendar_entries.c.couple,
            _newer.c.partner == calendar_entries.c.partner,
            _newer.c.occurrence == calendar_entries.c.occurrence,
            _newer.c.generation > calendar_entries.c.generation,
        )
        .exists()
    )
    .order_by(calendar_entries.c.starts_at, calendar_entries.c.partner, calendar_entries.c.occurrence)
)
CALENDAR_ENTRIES_ENDING_AFTER = CALENDAR_ENTRIES.where(_ends_after(calendar_entries))
CALENDAR_ENTRY = _of_couple(calendar_entries, EVENT + ENTRY).where(
    calendar_entries.c.partner == bindparam("partner_"),
    calendar_entries.c.occurrence == bindparam("occurrence_"),
    calendar_entries.c.generation == bindparam("generation_"),
)
SAVE_CALENDAR_ENTRY = _upsert(calendar_entries)

BUSY = _of_couple(busy, names(BusyRecord)).order_by(busy.c.partner, busy.c.source)
SAVE_BUSY = _upsert(busy)

SEALED = select(sealed.c.value).where(
    sealed.c.couple == bindparam("couple_"),
    sealed.c.partner == bindparam("partner_"),
    sealed.c.name == bindparam("name_"),
)
SAVE_SEALED = _upsert(sealed)
DROP_SEALED = delete(sealed).where(
    sealed.c.couple == bindparam("couple_"),
    sealed.c.partner == bindparam("partner_"),
    sealed.c.name == bindparam("name_"),
)

LINK = _of_couple(links, names(Link)).where(links.c.digest == bindparam("digest_"))
ADD_LINK = insert(links)
USE_LINK = (
    update(links)
    .where(links.c.couple == bindparam("couple_"), links.c.digest == bindparam("digest_"), links.c.used_at.is_(None))
    .values(used_at=bindparam("used_at", type_=Instant))
)
DROP_LINKS = delete(links).where(
    links.c.couple == bindparam("couple_"),
    links.c.partner == bindparam("partner_"),
    links.c.purpose == bindparam("purpose_"),
)

DRAWS = _of_couple(draws, names(Draw)).order_by(draws.c.week, draws.c.slot)
ADD_DRAW = _insert_new(draws)

WANT = _insert_new(outbox)
_ENTRY_COLUMNS = _columns(outbox, names(OutboxEntry))


ENTRY_OF_KEY = select(*_ENTRY_COLUMNS).where(outbox.c.key == bindparam("key_"))


def _outbox(*narrowed: bool) -> Select[*tuple[object, ...]]:
    by_couple, by_states, by_ref = narrowed
    found = select(*_ENTRY_COLUMNS).order_by(outbox.c.due_at, outbox.c.wanted_at, outbox.c.key)
    if by_couple:
        found = found.where(outbox.c.couple == bindparam("couple_"))
    if by_states:
        found = found.where(outbox.c.state.in_(bindparam("states_", expanding=True)))
    if by_ref:
        found = found.where(outbox.c.ref >= bindparam("ref_"), outbox.c.ref < bindparam("ref_end_"))
    return found


OUTBOX = {narrowed: _outbox(*narrowed) for narrowed in product((True, False), repeat=3)}
"""By whether they are narrowed to a couple, to states, to a prefix of ref (whose end is the prefix + LAST_LETTER)."""

LAST_LETTER = "\U0010ffff"
MAILS_DONE = (
    _of_couple(outbox, names(OutboxEntry))
    .where(
        outbox.c.partner == bindparam("partner_"),
        outbox.c.kind == EffectKind.MAIL,
        outbox.c.state.in_((State.DONE, State.UNCERTAIN)),
        outbox.c.done_at >= bindparam("since_"),
    )
    .order_by(outbox.c.done_at, outbox.c.key)
)

_waiting = outbox.c.state == literal_column("'waiting'")
NEXT_DUE_OF_ALL = select(func.min(outbox.c.due_at)).where(_waiting)
NEXT_DUE = NEXT_DUE_OF_ALL.where(outbox.c.couple == bindparam("couple_"))

TAKE_BACK_ALL = (
    update(outbox)
    .where(outbox.c.lease_until.is_not(None))
    .values(
        state=State.WAITING,
        lease_until=null(),
        cut_off=outbox.c.cut_off + case((outbox.c.state == State.SENDING, 1), else_=0),
    )
)
TAKE_BACK = TAKE_BACK_ALL.where(outbox.c.lease_until <= bindparam("now_"))
_leased = outbox.alias("leased")
_due = (
    select(outbox.c.key)
    .where(
        _waiting,
        outbox.c.due_at <= bindparam("now_"),
        outbox.c.couple.not_in(select(_leased.c.couple).where(_leased.c.lease_until.is_not(None))),
    )
    .order_by(outbox.c.due_at, outbox.c.wanted_at, outbox.c.key)
    .limit(bindparam("limit_"))
)
CLAIM = (
    update(outbox)
    .where(outbox.c.key.in_(_due))
    .values(state=State.CLAIMED, epoch=outbox.c.epoch + 1, lease_until=bindparam("lease_until_", type_=Instant))
    .returning(outbox.c.couple, outbox.c.due_at, outbox.c.wanted_at, outbox.c.key, outbox.c.epoch)
)

_ours = and_(outbox.c.key == bindparam("key_"), outbox.c.epoch == bindparam("epoch_"))
BEGIN = (
    update(outbox)
    .where(_ours, outbox.c.state == State.CLAIMED)
    .values(
        state=State.SENDING,
        attempts=outbox.c.attempts + 1,
        payload=func.coalesce(bindparam("payload_", type_=outbox.c.payload.type), outbox.c.payload),
    )
    .returning(*_ENTRY_COLUMNS)
)
_ours_in_hand = and_(_ours, outbox.c.state.in_((State.CLAIMED, State.SENDING)))
_LET_GO = update(outbox).where(_ours_in_hand).values(lease_until=null())
# What was sent is the partner's alone now; only a mail in doubt keeps its bytes, for a repeat that must equal them.
FINISH = _LET_GO.values(payload=null())
FINISH_IN_DOUBT = _LET_GO
# After an attempt that ended in the dark a copy may be out: all later ones must be the same bytes.
POSTPONE = _LET_GO.values(state=State.WAITING, payload=case((outbox.c.cut_off > 0, outbox.c.payload)))
REPEAT = _LET_GO.values(state=State.WAITING, cut_off=outbox.c.cut_off + 1)
HURRY = (
    update(outbox)
    .where(
        _waiting,
        outbox.c.couple == bindparam("couple_"),
        outbox.c.partner == bindparam("partner_"),
        outbox.c.kind == bindparam("kind_", type_=outbox.c.kind.type),
        outbox.c.due_at > bindparam("now_", type_=Instant),
    )
    .values(due_at=bindparam("now_", type_=Instant))
)
RELEASE = (
    update(outbox)
    .where(
        outbox.c.key == bindparam("key_"),
        outbox.c.state.in_((State.REFUSED, State.UNCERTAIN, State.DROPPED)),
    )
    .values(state=State.WAITING, attempts=0, cut_off=0, fresh_until=null(), done_at=null())
)
DROP = (
    update(outbox)
    .where(
        outbox.c.key == bindparam("key_"),
        outbox.c.state.in_((State.WAITING, State.REFUSED, State.UNCERTAIN)),
    )
    .values(state=State.DROPPED)
)
