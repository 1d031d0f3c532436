"""What the state remembers, who is at work on it, and where the partners stand. Not here: its folder (machine)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from scheduler.adapters.lock import runner_of
from scheduler.app.checkup.finding import Finding, Level
from scheduler.app.snapshot import copied_store
from scheduler.domain.couple import Couple, Membership, Standing
from scheduler.domain.errors import RitualsError
from scheduler.domain.notes import connected_note, cut_note, trouble_note
from scheduler.engine import privacy
from scheduler.ports import Transaction
from scheduler.settings import Account, Settings


@dataclass(frozen=True, slots=True)
class Memory:
    """``latest`` is the last instant at which the service surely was at work; all else is by partner id.

    ``notes`` is what stood in the way of the last look, ``accounts`` what is connected, since ``connected``, and
    ``cut`` since when access is gone.
    """

    latest: datetime | None = None
    members: Mapping[str, Membership] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    accounts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    connected: Mapping[str, datetime] = field(default_factory=dict)
    cut: Mapping[str, datetime] = field(default_factory=dict)
    trouble: str = ""


def read_memory(settings: Settings) -> Memory:
    """What a copy of the state says; one that cannot be opened is ``trouble``."""
    couple = settings.couple
    try:
        with copied_store(settings) as store, store.transaction() as tx:
            return Memory(
                latest=_latest(tx, couple),
                members=privacy.standing_of(tx, couple),
                notes={one.id: tx.note(couple.id, trouble_note(one.id)) or "" for one in couple.partners},
                accounts={one.id: _accounts(tx, couple, one.id) for one in couple.partners},
                connected=_instants(tx, couple, connected_note),
                cut=_instants(tx, couple, cut_note),
            )
    except RitualsError as err:
        return Memory(trouble=str(err))


def _accounts(tx: Transaction, couple: Couple, partner: str) -> tuple[str, ...]:
    """Whether something is kept of each is seen without opening it."""
    return tuple(one.value for one in Account if tx.sealed(couple.id, partner, one.value) is not None)


def _instants(tx: Transaction, couple: Couple, name: Callable[[str], str]) -> dict[str, datetime]:
    found = {one.id: tx.note(couple.id, name(one.id)) for one in couple.partners}
    return {partner: datetime.fromisoformat(said) for partner, said in found.items() if said}


def _latest(tx: Transaction, couple: Couple) -> datetime | None:
    seen = [one.good_at for one in tx.busy(couple.id)]
    seen += [moment for one in tx.outbox(couple.id) for moment in (one.wanted_at, one.done_at)]
    seen += [one.joined_at for one in tx.memberships(couple.id).values()]
    return max((one for one in seen if one is not None), default=None)


def check_service(settings: Settings) -> Iterator[Finding]:
    runner = runner_of(settings.state)
    if runner is None:
        yield Finding("service", Level.OK, "not running; nothing holds the state folder", "start it: rituals run")
    else:
        yield Finding("service", Level.OK, f"running{f', process {runner.pid}' if runner.pid else ''}")


def check_people(settings: Settings, memory: Memory) -> Iterator[Finding]:
    """Where each stands; a partner who left is no fault."""
    for partner in settings.couple.partners:
        member = memory.members.get(partner.id) or Membership(partner.id)
        subject = f"consent, {partner.name}"
        match member.standing:
            case Standing.INVITED:
                told = "has not said yes; nothing is planned before both have"
                yield Finding(subject, Level.WARN, told, f"{partner.name} may say yes here: rituals join {partner.id}")
            case Standing.LEFT:
                yield Finding(subject, Level.OK, "has left; nothing goes there")
            case Standing.JOINED:
                paused = f"; paused until {member.paused_until}" if member.paused_until else ""
                yield Finding(subject, Level.OK, f"said yes{paused}")
