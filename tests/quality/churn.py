"""Eight weeks in which calendars change every day, planned anew each morning. Not here: how they change (lives)."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import NamedTuple

from scheduler.domain.freebusy import overlaps, span_of, union
from scheduler.domain.occurrence import Placement
from scheduler.domain.planning import Move, Plan, Question, open_question, plan
from tests.quality.couples import Life, make_life
from tests.quality.optimum import most

WEEKS = 8


class Walk(NamedTuple):
    """What came of it: moves and the occurrences that ever had a place, and sums over the days.

    ``placed`` counts what stands free of clashes, of ``placeable``, which the optimum of that day reaches;
    ``clashing`` counts what stands in a clash. What is frozen or past counts nowhere.
    """

    moves: int
    occurrences: int
    placed: int
    placeable: int
    clashing: int


def walk(name: str, seed: int, *, crowded: bool = False) -> Walk:
    """The walk of the couple of that class and seed; see lives.changed for ``crowded``."""
    chance = Random(f"churn {name} {seed}")
    days = list(_days(make_life(name, seed, weeks=WEEKS + 6), chance, crowded=crowded))
    counts = [_counted(question, answer) for question, answer in days]
    changes = [change for _, answer in days for change in answer.changes]
    return Walk(
        sum(isinstance(change, Move) for change in changes),
        len({one.key for _, answer in days for one in answer.standing}),
        *(sum(column) for column in zip(*counts, strict=True)),
    )


def _days(life: Life, chance: Random, *, crowded: bool) -> Iterator[tuple[Question, Plan]]:
    """Each day's question, which has the former placements, and its answer."""
    placed: dict[str, Placement] = {}
    for _ in range(7 * WEEKS):
        question = life.question(tuple(placed.values()))
        answer = plan(question)
        placed |= {change.placement.key: change.placement for change in answer.changes}
        yield question, answer
        life = life.a_day_later(chance, crowded=crowded)


def _counted(question: Question, answer: Plan) -> tuple[int, int, int]:
    """(placed, placeable, clashing) among what was still open on that day."""
    afresh = _without_history(question)
    wishes, fixed, limits = open_question(afresh)
    taken = union(span for view in question.busy for span in view.spans)
    keys = {wish.key for wish in wishes}
    standing = [one for one in answer.standing if one.key in keys]
    clashing = sum(overlaps(taken, span_of(one.starts_at, one.ends_at)) for one in standing)
    placed = len(standing) - clashing
    if placed >= sum(bool(wish.slots) for wish in wishes):  # more is not possible: no need to ask the solver
        return placed, placed, clashing
    placeable = most(wishes, fixed, limits)
    return min(placed, placeable), placeable, clashing


def _without_history(question: Question) -> Question:
    """The question of somebody who knows only what is past or frozen."""
    frozen = question.now + question.couple.rules.freeze
    placed = tuple(one for one in question.placed if one.starts_at < frozen)
    return Question(question.couple, placed, question.busy, question.now)
