"""What a partner said on the host takes effect at once, whether or not the service runs. Not here: asking them."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from scheduler.adapters.lock import only_instance
from scheduler.app.service import Service
from scheduler.domain.errors import Unavailable
from scheduler.domain.outbox import OPEN, EffectKind


class By(Enum):
    """Who carries it out."""

    US = "us"
    THE_SERVICE = "the running service"


@dataclass(frozen=True, slots=True)
class Effect:
    """How far a partner's word has come: ``left`` events of theirs could not be written or taken away yet."""

    by: By
    left: int


def carry_out(service: Service, state: Path, partner: str) -> Effect:
    """Deliver what is due now, unless a running service does so within the minute anyway."""
    with ExitStack() as stack:
        try:
            stack.enter_context(only_instance(state))
        except Unavailable:
            return Effect(By.THE_SERVICE, 0)
        service.recover()  # else what a killed service had in hand holds everything up until its lease ends
        service.deliver()
    with service.parts.store.transaction() as tx:
        waiting = [one for one in tx.outbox(service.couple.id, OPEN) if one.kind is EffectKind.EVENT]
    now = service.parts.clock.now()
    return Effect(By.US, sum(one.partner == partner and (one.due_at <= now or one.attempts > 0) for one in waiting))
