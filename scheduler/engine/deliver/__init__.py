"""Doing what the outbox holds: the intent is durable before the effect, the outcome is recorded after it.

Not here: what is wanted (plan, compose) or how a provider is spoken to (adapters).

hands   what effects are done with      hold   what must not go out now      events   writing one event

The same three functions serve a ticker and a distributed engine: claims come from ``hand_out``, ``perform`` does
one of them, and a retry is a new ``due_at``. A mail whose attempt ended in the dark is sent again with the same
bytes, at most MAX_MAIL_COPIES times in all; then a person decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from scheduler.domain.errors import Conflict, Refused, Unavailable, Uncertain
from scheduler.domain.event import frozen
from scheduler.domain.outbox import LEASE, EffectKind, OutboxEntry, State, wait_after
from scheduler.engine.deliver.events import write_event
from scheduler.engine.deliver.hands import Delivered, Hands, end, put_off, wanted_by
from scheduler.engine.deliver.hold import MAILS_A_DAY, held_back
from scheduler.ports import Claim, Envelope, Transaction

__all__ = ["MAILS_A_DAY", "Delivered", "Hands", "drain", "hand_out", "perform"]

_BATCH = 50


def hand_out(hands: Hands) -> list[Claim]:
    """Claim what is due."""
    with hands.store.transaction() as tx:
        claims = tx.hand_out(hands.clock.now(), LEASE, _BATCH)
    hands.at("claimed")
    return claims


def drain(hands: Hands, stopping: Callable[[], bool] = lambda: False) -> Iterator[Delivered]:
    """Claim and perform until nothing is due or we are asked to stop."""
    while not stopping() and (claims := hand_out(hands)):
        for claim in claims:
            if stopping():
                return
            if done := perform(hands, claim):
                yield done


def perform(hands: Hands, claim: Claim) -> Delivered | None:
    """Do one claimed entry; None when the claim is stale."""
    now = hands.clock.now()
    with hands.store.transaction() as tx:
        entry = tx.entry(claim.key)
        if entry is None or (entry.state, entry.epoch) != (State.CLAIMED, claim.epoch):
            return None
        if held := held_back(tx, hands, entry, now):
            return held
        begun = _begin(tx, hands, entry, now)
    hands.at("intent written")
    if begun is None or isinstance(begun, Delivered):
        return begun
    match begun.kind:
        case EffectKind.MAIL:
            return _mail(hands, begun)
        case EffectKind.EVENT:
            return _event(hands, begun)
        case _ as never:
            assert_never(never)


def _begin(tx: Transaction, hands: Hands, entry: OutboxEntry, now: datetime) -> OutboxEntry | Delivered | None:
    """Fix what this attempt will do; one that ended in the dark is repeated exactly, whatever is wanted by now."""
    payload = entry.payload
    if payload is None and entry.kind is EffectKind.EVENT:
        wanted = wanted_by(tx, hands, entry)
        payload = frozen(wanted.event) if wanted and wanted.live else None
    elif payload is None:
        try:
            payload = hands.write(tx, entry, now)
        except Refused as err:
            return end(tx, entry, State.REFUSED, str(err), now)
        if payload is None:
            return end(tx, entry, State.DROPPED, "nothing left to say", now)
    return tx.begin(entry.key, entry.epoch, payload)


@dataclass(frozen=True, slots=True)
class Ending:
    """How an attempt ended; ``wait`` is given where it is to be made again, ``dark`` where it may have worked."""

    state: State
    note: str
    wait: timedelta | None = None
    dark: bool = False


def _attempt(entry: OutboxEntry, effect: Callable[[], str]) -> Ending:
    """Do it, and put the port's errors into our words."""
    try:
        return Ending(State.DONE, effect())
    except Refused as err:
        return Ending(State.REFUSED, str(err))
    except Conflict:
        return Ending(State.DONE, "left as a person changed it")
    except Uncertain as err:
        return Ending(State.WAITING, str(err), wait_after(entry.attempts), dark=True)
    except Unavailable as err:
        return Ending(State.WAITING, str(err), err.retry_after or wait_after(entry.attempts))


def _mail(hands: Hands, entry: OutboxEntry) -> Delivered:
    partner = hands.couple.partner(entry.partner)
    envelope = Envelope(entry.key, partner.id, hands.sender, partner.address, entry.payload or b"")
    ending = _attempt(entry, lambda: hands.mailer.send(envelope))
    hands.at("mail handed over")
    return _record(hands, entry, ending)


def _event(hands: Hands, entry: OutboxEntry) -> Delivered:
    with hands.store.transaction() as tx:
        wanted = wanted_by(tx, hands, entry)
    if wanted is None:
        return _record(hands, entry, Ending(State.DROPPED, "no longer known"))
    return _record(hands, entry, _attempt(entry, lambda: write_event(hands, entry, wanted)))


def _record(hands: Hands, entry: OutboxEntry, ending: Ending) -> Delivered:
    now = hands.clock.now()
    with hands.store.transaction() as tx:
        if ending.wait is None:
            done = end(tx, entry, ending.state, ending.note, now)
        else:
            done = put_off(tx, entry, now + ending.wait, ending.note, dark=ending.dark)
    hands.at("outcome written")
    return done
