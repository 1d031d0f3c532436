"""Outbox entries as a host looks at them, and a host's word on one of them. Not here: doing them (engine/deliver)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from enum import Enum
from typing import Any

from scheduler.app.wiring import DATABASE, open_store
from scheduler.domain.couple import Couple
from scheduler.domain.errors import Conflict, Refused
from scheduler.domain.outbox import OPEN, EffectKind, OutboxEntry, State
from scheduler.ports import Clock, Transaction
from scheduler.settings import Settings

SHORT_KEY = 8
BY_HAND = "dropped by the host"


class Shown(Enum):
    """Which entries to list."""

    DUE = "due"
    SENT = "sent"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    DROPPED = "dropped"
    ALL = "all"


_STATES: dict[Shown, Sequence[State]] = {
    Shown.DUE: OPEN,
    Shown.SENT: (State.DONE,),
    Shown.FAILED: (State.REFUSED,),
    Shown.UNCERTAIN: (State.UNCERTAIN,),
    Shown.DROPPED: (State.DROPPED,),
    Shown.ALL: (),
}
_WORDS = {state: shown.value for shown, states in _STATES.items() for state in states}


def state_word(state: State) -> str:
    """The word by which people see a state: "due", "sent", "failed", "uncertain" or "dropped"."""
    return _WORDS[state]


def listed(tx: Transaction, couple: Couple, shown: Shown | None) -> list[OutboxEntry]:
    """By due_at; None means what is still to do or needs a person."""
    states = _STATES[shown] if shown else (*OPEN, State.REFUSED, State.UNCERTAIN)
    return tx.outbox(couple.id, states)


def about(couple: Couple, entry: OutboxEntry) -> str:
    """What an entry is about: "mail: question" or "Coffee date, 2026-W48"; never its text."""
    if entry.kind is EffectKind.MAIL:
        return f"mail: {entry.mail_kind.replace('_', ' ')}"
    ritual_id, _, period = entry.ref.partition("#")[0].partition("/")
    ritual = couple.ritual(ritual_id)
    return f"{ritual.title if ritual else ritual_id}, {period}"


def entry_document(couple: Couple, entry: OutboxEntry) -> dict[str, Any]:
    """One entry as plain values, without what it says."""
    return {
        "key": entry.key,
        "partner": entry.partner,
        "kind": entry.kind.value,
        "ref": entry.ref,
        "about": about(couple, entry),
        "due_at": entry.due_at.isoformat(),
        "state": state_word(entry.state),
        "attempts": entry.attempts,
        "note": entry.note,
        "done_at": entry.done_at.isoformat() if entry.done_at else None,
    }


def retry(settings: Settings, clock: Clock, prefix: str) -> OutboxEntry:
    """Let a failed, uncertain or dropped entry wait again, due now; returns it as it was.

    Raises: Refused, no such key or more than one; Conflict, it is not in such a state.
    """
    return _decided(settings, prefix, lambda tx, key: tx.release(key, clock.now()), "nothing to retry")


def drop(settings: Settings, clock: Clock, prefix: str) -> OutboxEntry:
    """Give up a due, failed or uncertain entry; returns it as it was. Raises as ``retry``."""
    return _decided(settings, prefix, lambda tx, key: tx.drop(key, BY_HAND, clock.now()), "nothing to drop")


def _decided(settings: Settings, prefix: str, act: Callable[[Transaction, str], bool], otherwise: str) -> OutboxEntry:
    if not (settings.state / DATABASE).exists():
        raise Refused("the outbox is empty: the service has not run yet")
    with closing(open_store(settings)) as store, store.transaction() as tx:
        entry = _only(tx.outbox(settings.couple.id), prefix)
        if not act(tx, entry.key):
            raise Conflict(f"{otherwise}: entry {entry.key[:SHORT_KEY]} is {state_word(entry.state)}")
        return entry


def _only(entries: Sequence[OutboxEntry], prefix: str) -> OutboxEntry:
    found = [one for one in entries if prefix and one.key.startswith(prefix.lower())]
    if not found:
        raise Refused(f'no entry begins with "{prefix[:40]}"; rituals outbox --state all lists every one')
    if len(found) > 1:
        raise Refused(f'{len(found)} entries begin with "{prefix[:40]}"; give more letters of the key')
    return found[0]
