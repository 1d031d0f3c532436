"""Reads and writes of one unit of work. Not here: its begin and end (sqlstore), the SQL itself (statements)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row
from sqlalchemy.sql import Executable

from scheduler.adapters.sqlstore import statements as sql
from scheduler.domain.couple import Membership
from scheduler.domain.deck import Draw
from scheduler.domain.event import CalendarEntry, Event
from scheduler.domain.link import Link, Purpose
from scheduler.domain.occurrence import Placement
from scheduler.domain.outbox import OPEN, EffectKind, OutboxEntry, State
from scheduler.ports import BusyRecord, Claim


class SqlTransaction:
    """Fulfils ports.Transaction on one open connection."""

    def __init__(self, connection: Connection, secret: Callable[[], bytes]) -> None:
        self._connection = connection
        self._secret = secret

    def salt(self, couple: str) -> bytes:
        if kept := self._rows(sql.SALT, couple_=couple):
            return bytes(kept[0][0])
        made = self._secret()
        self._change(sql.ADD_SALT, couple=couple, salt=made)
        return made

    def note(self, couple: str, name: str) -> str | None:
        found = self._rows(sql.NOTE, couple_=couple, name_=name)
        return found[0][0] if found else None

    def set_note(self, couple: str, name: str, value: str) -> None:
        self._change(sql.SET_NOTE, couple=couple, name=name, value=value)

    def memberships(self, couple: str) -> dict[str, Membership]:
        return {row[0]: Membership(*row) for row in self._rows(sql.MEMBERSHIPS, couple_=couple)}

    def save_membership(self, couple: str, membership: Membership) -> None:
        self._change(sql.SAVE_MEMBERSHIP, couple=couple, **_values(membership))

    def placements(self, couple: str, ending_after: datetime | None = None) -> list[Placement]:
        if ending_after is None:
            found = self._rows(sql.PLACEMENTS, couple_=couple)
        else:
            found = self._rows(sql.PLACEMENTS_ENDING_AFTER, couple_=couple, ending_after_=ending_after)
        return [Placement(*row) for row in found]

    def save_placement(self, couple: str, placement: Placement) -> None:
        self._change(sql.SAVE_PLACEMENT, couple=couple, **_values(placement))

    def calendar_entries(self, couple: str, ending_after: datetime | None = None) -> list[CalendarEntry]:
        if ending_after is None:
            found = self._rows(sql.CALENDAR_ENTRIES, couple_=couple)
        else:
            found = self._rows(sql.CALENDAR_ENTRIES_ENDING_AFTER, couple_=couple, ending_after_=ending_after)
        return [_calendar_entry(row) for row in found]

    def calendar_entry(self, couple: str, partner: str, occurrence: str, generation: int) -> CalendarEntry | None:
        key = {"partner_": partner, "occurrence_": occurrence, "generation_": generation}
        found = self._rows(sql.CALENDAR_ENTRY, couple_=couple, **key)
        return _calendar_entry(found[0]) if found else None

    def save_calendar_entry(self, couple: str, entry: CalendarEntry) -> None:
        values = _values(entry)
        event = _values(values.pop("event"))
        self._change(sql.SAVE_CALENDAR_ENTRY, couple=couple, **event, **values)

    def busy(self, couple: str) -> list[BusyRecord]:
        return [BusyRecord(*row) for row in self._rows(sql.BUSY, couple_=couple)]

    def save_busy(self, couple: str, record: BusyRecord) -> None:
        self._change(sql.SAVE_BUSY, couple=couple, **_values(record))

    def sealed(self, couple: str, partner: str, name: str) -> bytes | None:
        found = self._rows(sql.SEALED, couple_=couple, partner_=partner, name_=name)
        return bytes(found[0][0]) if found else None

    def save_sealed(self, couple: str, partner: str, name: str, value: bytes | None) -> None:
        if value is None:
            self._change(sql.DROP_SEALED, couple_=couple, partner_=partner, name_=name)
        else:
            self._change(sql.SAVE_SEALED, couple=couple, partner=partner, name=name, value=value)

    def link(self, couple: str, digest: str) -> Link | None:
        found = self._rows(sql.LINK, couple_=couple, digest_=digest)
        return Link(*found[0]) if found else None

    def add_link(self, couple: str, link: Link) -> None:
        self._change(sql.ADD_LINK, couple=couple, **_values(link))

    def use_link(self, couple: str, digest: str, now: datetime) -> bool:
        return self._change(sql.USE_LINK, couple_=couple, digest_=digest, used_at=now) == 1

    def drop_links(self, couple: str, partner: str, purpose: Purpose) -> None:
        self._change(sql.DROP_LINKS, couple_=couple, partner_=partner, purpose_=purpose)

    def draws(self, couple: str) -> list[Draw]:
        return [Draw(*row) for row in self._rows(sql.DRAWS, couple_=couple)]

    def add_draw(self, couple: str, draw: Draw) -> None:
        self._change(sql.ADD_DRAW, couple=couple, **_values(draw))

    def want(self, entry: OutboxEntry) -> bool:
        return self._change(sql.WANT, **_values(entry)) == 1

    def outbox(self, couple: str | None = None, states: Iterable[State] = (), ref: str = "") -> list[OutboxEntry]:
        wanted = tuple(states)
        statement = sql.OUTBOX[couple is not None, bool(wanted), bool(ref)]
        found = self._rows(statement, couple_=couple, states_=wanted, ref_=ref, ref_end_=ref + sql.LAST_LETTER)
        return [OutboxEntry(*row) for row in found]

    def entry(self, key: str) -> OutboxEntry | None:
        found = self._rows(sql.ENTRY_OF_KEY, key_=key)
        return OutboxEntry(*found[0]) if found else None

    def mails_done(self, couple: str, partner: str, since: datetime) -> list[OutboxEntry]:
        found = self._rows(sql.MAILS_DONE, couple_=couple, partner_=partner, since_=since)
        return [OutboxEntry(*row) for row in found]

    def next_due(self, couple: str | None = None) -> datetime | None:
        if couple is None:
            found = self._rows(sql.NEXT_DUE_OF_ALL)
        else:
            found = self._rows(sql.NEXT_DUE, couple_=couple)
        earliest: datetime | None = found[0][0]
        return earliest

    def take_back_all(self) -> int:
        return self._change(sql.TAKE_BACK_ALL)

    def hand_out(self, now: datetime, lease: timedelta, limit: int) -> list[Claim]:
        self._change(sql.TAKE_BACK, now_=now)
        claimed = self._rows(sql.CLAIM, now_=now, lease_until_=now + lease, limit_=limit)
        return [Claim(row.key, row.couple, row.epoch) for row in sorted(claimed, key=tuple)]

    def begin(self, key: str, epoch: int, payload: bytes | None) -> OutboxEntry | None:
        found = self._rows(sql.BEGIN, key_=key, epoch_=epoch, payload_=payload)
        return OutboxEntry(*found[0]) if found else None

    def finish(self, key: str, epoch: int, state: State, note: str, now: datetime) -> bool:
        if state in OPEN:
            raise ValueError(f'"{state.value}" is no outcome')
        statement = sql.FINISH_IN_DOUBT if state is State.UNCERTAIN else sql.FINISH
        return self._change(statement, key_=key, epoch_=epoch, state=state, note=note, done_at=now) == 1

    def postpone(self, key: str, epoch: int, due_at: datetime, note: str, keep_payload: bool = False) -> bool:
        statement = sql.REPEAT if keep_payload else sql.POSTPONE
        return self._change(statement, key_=key, epoch_=epoch, due_at=due_at, note=note) == 1

    def hurry(self, couple: str, partner: str, kind: EffectKind, now: datetime) -> None:
        self._change(sql.HURRY, couple_=couple, partner_=partner, kind_=kind, now_=now)

    def release(self, key: str, due_at: datetime) -> bool:
        return self._change(sql.RELEASE, key_=key, due_at=due_at) == 1

    def drop(self, key: str, note: str, now: datetime) -> bool:
        return self._change(sql.DROP, key_=key, note=note, done_at=now) == 1

    def _rows(self, statement: Executable, **values: Any) -> list[Row[*tuple[Any, ...]]]:
        return list(self._connection.execute(statement, values).all())

    def _change(self, statement: Executable, **values: Any) -> int:
        """Returns the number of rows that were written."""
        return int(self._connection.execute(statement, values).rowcount)


def _values(kept: Any) -> dict[str, Any]:
    return {name: getattr(kept, name) for name in sql.names(type(kept))}


def _calendar_entry(row: Row[*tuple[Any, ...]]) -> CalendarEntry:
    event, rest = row[: len(sql.EVENT)], row[len(sql.EVENT) :]
    return CalendarEntry(event=Event(*event), **dict(zip(sql.ENTRY, rest, strict=True)))
