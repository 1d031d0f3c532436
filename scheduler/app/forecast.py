"""What the coming weeks would hold if they were planned now, from busy times read now. Not here: drawing it (cli)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from scheduler.app.days import is_private, seasons_between
from scheduler.app.report import occurrence_document
from scheduler.app.service import Service
from scheduler.app.snapshot import looking
from scheduler.domain.couple import Standing
from scheduler.domain.localtime import local_date, to_utc
from scheduler.domain.occurrence import Fate, Placement
from scheduler.domain.planning import Cancel, Change, Move, Plan, Question, Unplaced, plan
from scheduler.domain.relax import Relaxation, relaxations
from scheduler.domain.slots import Reason
from scheduler.ports import Clock
from scheduler.settings import Settings

_DAY = timedelta(days=1)
Helps = Mapping[str, tuple[Relaxation, ...]]


@dataclass(frozen=True, slots=True)
class Forecast:
    """The weeks from ``first`` to ``last``, local dates of the first partner, both included.

    ``standing`` is by start; ``changes`` are by key: what differs from what stands until now. ``helps`` says what
    would give the first of each group of ``unplaced`` a place, smallest first. ``waiting`` are partners who never
    said yes; ``unreadable`` is by source, why.
    """

    question: Question
    first: date
    last: date
    standing: tuple[Placement, ...]
    changes: Mapping[str, Change]
    unplaced: tuple[Unplaced, ...]
    helps: Helps
    waiting: tuple[str, ...] = ()
    unreadable: Mapping[str, str] = field(default_factory=dict)

    @property
    def going(self) -> tuple[Placement, ...]:
        """What stands until now and would not after this plan."""
        return tuple(one.old for one in self.changes.values() if isinstance(one, Cancel))

    @property
    def is_first(self) -> bool:
        """Whether nothing is planned yet, so that everything is new and nothing need be called so."""
        return not any(one.fate is Fate.PLACED for one in self.question.placed)


def forecast(settings: Settings, clock: Clock, *, weeks: int | None = None, helping: bool = True) -> Forecast:
    """Plan on a copy of the state; ``weeks`` None means the horizon, and fewer than that only show less.

    Without ``helping`` it is not worked out what would give the unplaced a place.
    """
    horizon = settings.couple.rules.horizon
    shown = timedelta(weeks=weeks) if weeks else horizon
    rules = replace(settings.couple.rules, horizon=max(shown, horizon))
    settings = replace(settings, couple=replace(settings.couple, rules=rules))
    with looking(settings, clock) as service:
        waiting = tuple(who for who, one in service.memberships().items() if one.standing is Standing.INVITED)
        unreadable = _read(service, waiting)
        question = service.question()
    return replace(foresee(question, shown, helping=helping), waiting=waiting, unreadable=unreadable)


def foresee(question: Question, shown: timedelta, *, helping: bool = True) -> Forecast:
    """The answer to a question, as far as it is shown: that many whole days from today on."""
    answer, zone = plan(question), question.couple.clock()
    first = local_date(question.now, zone)
    last = first + shown - _DAY
    until = to_utc(last + _DAY, 0, zone)
    unplaced = told(question, (one for one in answer.unplaced if one.occurrence.first <= last))
    return Forecast(
        question=question,
        first=first,
        last=last,
        standing=tuple(one for one in answer.standing if one.starts_at < until),
        changes={one.placement.key: one for one in answer.changes if one.placement.starts_at < until},
        unplaced=unplaced,
        helps=what_would_help(question, answer, unplaced) if helping else {},
    )


def _read(service: Service, waiting: tuple[str, ...]) -> dict[str, str]:
    """Read all busy times now; returns which cannot be, and why."""
    # Before a yes nothing of a partner is read: their free windows stand for them.
    sources = {who: {} if who in waiting else named for who, named in service.parts.sources.items()}
    service.parts = replace(service.parts, sources=sources)
    service.collect()
    with service.parts.store.transaction() as tx:
        records = {one.source: one.error for one in tx.busy(service.couple.id)}
    return {name: error for named in sources.values() for name in named if (error := records.get(name))}


def told(question: Question, unplaced: Iterable[Unplaced]) -> tuple[Unplaced, ...]:
    """Those that may be spoken of."""
    return tuple(one for one in unplaced if not is_private(question, one))


def grouped(unplaced: Iterable[Unplaced]) -> list[tuple[Unplaced, int]]:
    """The first of each (ritual, reason), with how many there are."""
    found: dict[tuple[str, str], list[Unplaced]] = {}
    for one in unplaced:
        found.setdefault((one.occurrence.ritual, one.reason.name), []).append(one)
    return [(several[0], len(several)) for several in found.values()]


def count_words(one: Unplaced, number: int) -> str:
    """Which of them, or how many: "Tue 24 Nov", "3 days"."""
    first, last = one.occurrence.first, one.occurrence.last
    if number > 1:
        return f"{number} {'days' if first == last else 'times'}"
    start = f"{first:%a} {first.day} {first:%b}"
    return start if first == last else f"{start} to {last:%a} {last.day} {last:%b}"


def what_would_help(question: Question, answer: Plan, unplaced: Iterable[Unplaced]) -> Helps:
    """For the first of each group, by key, each change tried by planning with it; days kept free stay so."""
    return {
        one.occurrence.key: relaxations(question, answer, one)
        for one, _ in grouped(unplaced)
        if one.reason is not Reason.RESTING
    }


def forecast_document(settings: Settings, found: Forecast) -> dict[str, Any]:
    """The forecast as plain values."""
    couple = settings.couple
    return {
        "couple": couple.id,
        "first": found.first.isoformat(),
        "last": found.last.isoformat(),
        "partners": [{"id": one.id, "name": one.name, "zone": one.zone.key} for one in couple.partners],
        "seasons": [
            {"kind": one.kind, "first": one.first.isoformat(), "last": one.last.isoformat()}
            for one in seasons_between(couple, found.first, found.last)
        ],
        "waiting_for_a_yes": list(found.waiting),
        "unreadable": dict(found.unreadable),
        "occurrences": [
            {**occurrence_document(couple, one), "change": _change_word(found.changes.get(one.key))}
            for one in found.standing
        ],
        "going": [occurrence_document(couple, one) for one in found.going],
        "unplaced": [_unplaced_document(found, one) for one in found.unplaced],
    }


def _change_word(change: Change | None) -> str | None:
    return None if change is None else "move" if isinstance(change, Move) else "add"


def _unplaced_document(found: Forecast, one: Unplaced) -> dict[str, Any]:
    helps, zone = found.helps.get(one.occurrence.key), found.question.couple.clock()
    return {
        "ritual": one.occurrence.ritual,
        "title": one.title,
        "period": one.occurrence.period,
        "first": one.occurrence.first.isoformat(),
        "last": one.occurrence.last.isoformat(),
        "reason": one.reason.value,
        "relaxations": None
        if helps is None
        else [
            {
                "text": one.text,
                "starts_at": one.starts_at.astimezone(zone).isoformat(),
                "ends_at": one.ends_at.astimezone(zone).isoformat(),
            }
            for one in helps
        ],
    }
