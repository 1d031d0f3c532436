"""How far a plan is from the optimum of the same question. Not here: the optimum (optimum), what is asked (couples)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from scheduler.domain.freebusy import span_of
from scheduler.domain.placing import Limits, Stand, clash, stand_of, total
from scheduler.domain.planning import Plan, Question, open_question, plan
from scheduler.domain.slots import Slot, Wish
from tests.quality.optimum import Best, optimum

Open = tuple[Sequence[Wish], Sequence[Stand], Limits]


class Gap(NamedTuple):
    """One couple's first plan beside the optimum.

    ``value`` is what the optimum is worth: the losses of all wishes, less its total. ``excess`` is by how much our
    total is higher, in units of a slot's cost, ``lost`` the part of it that is for wishes left out; ``fewer`` is how
    many more occurrences the optimum has placed.
    """

    couple: str
    value: int
    excess: int
    lost: int
    placed: int
    fewer: int
    candidates: float

    @property
    def share(self) -> float:
        return self.excess / self.value if self.value else 0.0

    @property
    def excess_each(self) -> float:
        """For each occurrence that we placed, by less liked hours alone."""
        return (self.excess - self.lost) / self.placed if self.placed else 0.0


def gap_of(question: Question) -> Gap:
    """Raises AssertionError where either answer breaks a rule, or ours is better than the optimum."""
    asked = open_question(question)
    return compare(question, asked, plan(question), optimum(*asked))


def compare(question: Question, asked: Open, answer: Plan, best: Best) -> Gap:
    wishes, fixed, _ = asked
    ours = slots_of(answer, wishes)
    for found in (ours, best.found):
        assert broken(found, asked) == []
    least = total(wishes, fixed, best.found)
    excess = total(wishes, fixed, ours) - least
    assert least == best.total, "the solver has added up otherwise"
    assert excess >= 0, "nothing is better than the optimum"
    value = sum(wish.loss for wish in wishes) - least
    candidates = sum(_longest(wish) for wish in wishes) / len(wishes)
    lost = _left_out(wishes, ours) - _left_out(wishes, best.found)
    return Gap(question.couple.id, value, excess, lost, len(ours), len(best.found) - len(ours), candidates)


def _left_out(wishes: Sequence[Wish], found: Mapping[str, Slot]) -> int:
    return sum(wish.loss for wish in wishes if wish.key not in found)


def _longest(wish: Wish) -> int:
    """How many places its longest version has that has any."""
    lengths = Counter(slot.end - slot.start for slot in wish.slots)
    return lengths[max(lengths)] if lengths else 0


def slots_of(answer: Plan, wishes: Sequence[Wish]) -> dict[str, Slot]:
    """Where the plan puts each of the wishes."""
    known = {(wish.key, slot.start, slot.end): slot for wish in wishes for slot in wish.slots}
    keys = {wish.key for wish in wishes}
    return {one.key: known[one.key, *span_of(one.starts_at, one.ends_at)] for one in answer.standing if one.key in keys}


def broken(found: Mapping[str, Slot], asked: Open) -> list[str]:
    """What is wrong with a placing, in plain Python: clashes, and days and weeks that have too much."""
    wishes, fixed, limits = asked
    ours = [stand_of(wish, found[wish.key]) for wish in wishes if wish.key in found]
    pairs = [*combinations(ours, 2), *((one, other) for one in ours for other in fixed)]
    faults = [f"{one.key} clashes with {other.key}" for one, other in pairs if clash(one, other)]
    for name, unit, limit in (("day", 1, limits.a_day), ("week", 7, limits.a_week)):
        loads = Counter((stand.slot.day - 1) // unit for stand in (*ours, *fixed))
        touched = {(stand.slot.day - 1) // unit for stand in ours}
        faults += [f"{loads[one]} in {name} {one}" for one in sorted(touched) if loads[one] > limit]
    return faults
