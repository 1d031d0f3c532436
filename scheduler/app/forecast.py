"""What the coming weeks would hold if they were planned now, from busy times read now. Not here: drawing it (cli)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from scheduler.app.report import occurrence_document
from scheduler.app.snapshot import looking
from scheduler.domain.couple import Standing
from scheduler.domain.occurrence import Placement
from scheduler.domain.planning import Unplaced
from scheduler.ports import Clock
from scheduler.settings import Settings


@dataclass(frozen=True, slots=True)
class Forecast:
    """``standing`` is by start; ``waiting`` are partners who never said yes; ``unreadable`` is by source, why."""

    standing: tuple[Placement, ...]
    unplaced: tuple[Unplaced, ...]
    waiting: tuple[str, ...]
    unreadable: Mapping[str, str]


def forecast(settings: Settings, clock: Clock, *, weeks: int | None = None) -> Forecast:
    """Plan on a copy of the state; ``weeks`` None means the horizon, and fewer than that only show less."""
    now, horizon = clock.now(), settings.couple.rules.horizon
    shown = timedelta(weeks=weeks) if weeks else horizon
    rules = replace(settings.couple.rules, horizon=max(shown, horizon))
    settings = replace(settings, couple=replace(settings.couple, rules=rules))
    with looking(settings, clock) as service:
        waiting = tuple(who for who, one in service.memberships().items() if one.standing is Standing.INVITED)
        # Before a yes nothing of a partner is read: their free windows stand for them.
        sources = {who: {} if who in waiting else named for who, named in service.parts.sources.items()}
        service.parts = replace(service.parts, sources=sources)
        service.collect()
        plan = service.outlook()
        with service.parts.store.transaction() as tx:
            records = {one.source: one.error for one in tx.busy(settings.couple.id)}
    names = [name for named in sources.values() for name in named]
    last = (now + shown).date()
    return Forecast(
        standing=tuple(one for one in plan.standing if one.starts_at < now + shown),
        unplaced=tuple(one for one in plan.unplaced if one.occurrence.first <= last),
        waiting=waiting,
        unreadable={name: records[name] for name in names if records.get(name)},
    )


def grouped(unplaced: Iterable[Unplaced]) -> list[tuple[Unplaced, int]]:
    """The first of each (ritual, reason), with how many there are."""
    found: dict[tuple[str, str], list[Unplaced]] = {}
    for one in unplaced:
        found.setdefault((one.occurrence.ritual, one.reason.name), []).append(one)
    return [(several[0], len(several)) for several in found.values()]


def forecast_document(settings: Settings, found: Forecast) -> dict[str, Any]:
    """The forecast as plain values."""
    return {
        "couple": settings.couple.id,
        "partners": [{"id": one.id, "name": one.name, "zone": one.zone.key} for one in settings.couple.partners],
        "waiting_for_a_yes": list(found.waiting),
        "unreadable": dict(found.unreadable),
        "occurrences": [occurrence_document(settings.couple, one) for one in found.standing],
        "unplaced": [
            {
                "ritual": one.occurrence.ritual,
                "title": one.title,
                "period": one.occurrence.period,
                "first": one.occurrence.first.isoformat(),
                "last": one.occurrence.last.isoformat(),
                "reason": one.reason.value,
            }
            for one in found.unplaced
        ],
    }
