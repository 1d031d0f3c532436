"""What effects are done with, and how one entry ended. Not here: doing any (the package itself, events)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from scheduler.domain.couple import Couple
from scheduler.domain.event import CalendarEntry
from scheduler.domain.outbox import EffectKind, OutboxEntry, State
from scheduler.ports import Calendar, Clock, Mailer, Store, Transaction


@dataclass(frozen=True, slots=True)
class Hands:
    """What effects are done with. ``write`` gives the bytes of a mail, or None when nothing is left to say;
    ``by_mail`` are the partners whose events go out as mails; ``looked`` those whose calendar was found sound;
    ``at`` is called at every step boundary with its name (a crash test stops the process there)."""

    store: Store
    clock: Clock
    couple: Couple
    calendars: Mapping[str, Calendar]
    mailer: Mailer
    sender: str
    write: Callable[[Transaction, OutboxEntry, datetime], bytes | None]
    by_mail: Collection[str] = ()
    looked: set[str] = field(default_factory=set)
    at: Callable[[str], None] = lambda _: None


@dataclass(frozen=True, slots=True)
class Delivered:
    """How one entry ended this time; ``state`` WAITING means that it was put off."""

    key: str
    kind: EffectKind
    state: State
    note: str


def end(tx: Transaction, entry: OutboxEntry, state: State, note: str, now: datetime) -> Delivered:
    tx.finish(entry.key, entry.epoch, state, note, now)
    return Delivered(entry.key, entry.kind, state, note)


def put_off(tx: Transaction, entry: OutboxEntry, due_at: datetime, note: str, *, dark: bool = False) -> Delivered:
    tx.postpone(entry.key, entry.epoch, due_at, note, keep_payload=dark)
    return Delivered(entry.key, entry.kind, State.WAITING, note)


def wanted_by(tx: Transaction, hands: Hands, entry: OutboxEntry) -> CalendarEntry | None:
    occurrence, _, generation = entry.ref.rpartition("#")
    return tx.calendar_entry(hands.couple.id, entry.partner, occurrence, int(generation))
