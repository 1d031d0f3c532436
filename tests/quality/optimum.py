"""The exact optimum that placing is measured against, from the solver HiGHS. Not here: which couples (couples).

One binary variable says that a wish takes a slot. What excludes one another becomes sums of at most one (a clique
each), far tighter than pairs: the slots that cover one moment, the slots of one ritual in as many days as its spacing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise, product
from typing import NamedTuple, TypeVar

import numpy as np
from highspy import Highs, HighsLp, HighsModelStatus, HighsVarType, MatrixFormat

from scheduler.domain.placing import Limits, Stand, clash, stand_of, strain
from scheduler.domain.slots import Slot, Wish

K = TypeVar("K")
V = TypeVar("V")
NOWHERE = 0  # the day of a wish that is left out


class Best(NamedTuple):
    """What the least total is, and one placing that reaches it."""

    total: int
    found: dict[str, Slot]


class _Choice(NamedTuple):
    """One slot of one wish, and the number of its variable."""

    wish: Wish
    stand: Stand
    column: int


@dataclass
class _Program:
    """Minimise costs over columns from 0 to 1, each row's sum between its bounds."""

    costs: list[float] = field(default_factory=list)
    whole: list[bool] = field(default_factory=list)
    rows: dict[tuple[tuple[int, float], ...], tuple[float, float]] = field(default_factory=dict)

    def column(self, cost: float, *, whole: bool = True) -> int:
        self.costs.append(cost)
        self.whole.append(whole)
        return len(self.costs) - 1

    def at_most(self, columns: Iterable[int], count: int) -> None:
        terms = tuple((column, 1.0) for column in sorted(columns))
        if len(terms) > count:
            _, before = self.rows.get(terms, (0, count))
            self.rows[terms] = (-np.inf, min(before, count))

    def is_zero(self, terms: Iterable[tuple[int, float]], constant: float = 0) -> None:
        """The sum of the terms and the constant is nought."""
        self.rows[tuple(sorted(terms))] = (-constant, -constant)

    def solve(self) -> tuple[float, list[bool]]:
        """(the least cost, which columns are 1); costs of whole solutions are whole numbers."""
        if not self.costs:
            return 0, []
        highs = Highs()  # type: ignore[no-untyped-call]
        for name, value in (("output_flag", False), ("threads", 1), ("mip_rel_gap", 0.0), ("mip_abs_gap", 0.9)):
            highs.setOptionValue(name, value)
        highs.passModel(self._lp())
        highs.run()
        assert highs.getModelStatus() == HighsModelStatus.kOptimal
        return highs.getInfo().objective_function_value, [value > 0.5 for value in highs.getSolution().col_value]

    def _lp(self) -> HighsLp:
        lp = HighsLp()
        lp.num_col_, lp.num_row_ = len(self.costs), len(self.rows)
        lp.col_cost_ = np.array(self.costs, dtype=np.float64)
        lp.col_lower_, lp.col_upper_ = np.zeros(lp.num_col_), np.ones(lp.num_col_)
        lp.row_lower_ = np.array([low for low, _ in self.rows.values()], dtype=np.float64)
        lp.row_upper_ = np.array([high for _, high in self.rows.values()], dtype=np.float64)
        lp.a_matrix_.format_ = MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.cumsum([0, *(len(terms) for terms in self.rows)], dtype=np.int32)
        lp.a_matrix_.index_ = np.array([column for terms in self.rows for column, _ in terms], dtype=np.int32)
        lp.a_matrix_.value_ = np.array([value for terms in self.rows for _, value in terms], dtype=np.float64)
        lp.integrality_ = [HighsVarType.kInteger if one else HighsVarType.kContinuous for one in self.whole]
        return lp


def optimum(wishes: Sequence[Wish], fixed: Sequence[Stand], limits: Limits) -> Best:
    """The placing of the least total."""
    program = _Program()
    choices = _choices(program, wishes, fixed)
    for choice in choices:
        program.costs[choice.column] = choice.stand.slot.cost - choice.wish.loss
    _exclude(program, choices, fixed, limits)
    certain = _strain(program, choices, wishes, fixed)
    least, chosen = program.solve()
    found = {one.wish.key: one.stand.slot for one in choices if chosen[one.column]}
    return Best(round(least) + certain + sum(wish.loss for wish in wishes), found)


def most(wishes: Sequence[Wish], fixed: Sequence[Stand], limits: Limits) -> int:
    """How many of the wishes can be placed at once, whatever it costs."""
    program = _Program()
    choices = _choices(program, [replace(wish, slots=_innermost(wish.slots)) for wish in wishes], fixed)
    for choice in choices:
        program.costs[choice.column] = -1
    _exclude(program, choices, fixed, limits)
    return -round(program.solve()[0])


def _innermost(slots: Sequence[Slot]) -> tuple[Slot, ...]:
    """Without those that hold another one of the same date: whoever may take these may take the inner one."""
    found: dict[int, Slot] = {}  # by date, the one of the earliest end among those that start later
    kept = []
    for slot in sorted(slots, key=lambda one: (-one.start, one.end)):
        if slot.day not in found or slot.end < found[slot.day].end:
            kept.append(slot)
            found[slot.day] = slot
    return tuple(kept)


def _choices(program: _Program, wishes: Sequence[Wish], fixed: Sequence[Stand]) -> list[_Choice]:
    """Every slot that can stand beside what is fixed."""
    stands = ((wish, stand_of(wish, slot)) for wish in wishes for slot in wish.slots)
    return [
        _Choice(wish, stand, program.column(0))
        for wish, stand in stands
        if not any(clash(stand, other) for other in fixed)
    ]


def _exclude(program: _Program, choices: Sequence[_Choice], fixed: Sequence[Stand], limits: Limits) -> None:
    """One slot a wish, nothing at once or too near, no more than the limits allow."""
    for own in _groups((one.wish.key, one.column) for one in choices).values():
        program.at_most(own, 1)
    for front in (True, False):
        for moment in _moments(choices, front=front):
            program.at_most(moment, 1)
    for ritual in _groups((one.stand.ritual, one) for one in choices).values():
        _space_out(program, ritual)
    for unit, limit in ((1, limits.a_day), (7, limits.a_week)):
        loads = _groups(((one.stand.slot.day - 1) // unit, one.column) for one in choices)
        taken = _groups(((one.slot.day - 1) // unit, one) for one in fixed)
        for stretch, columns in loads.items():
            program.at_most(columns, max(limit - len(taken.get(stretch, ())), 0))


def _moments(choices: Sequence[_Choice], *, front: bool) -> Iterator[list[int]]:
    """The largest sets of slots that share a moment, each slot with its own buffer before it or after it.

    Two that clash by the larger buffer share a moment in one of the two ways: the later one's buffer is the larger,
    or the earlier one's.
    """
    spans = []
    for one in choices:
        slot, buffer_s = one.stand.slot, one.stand.buffer_s
        spans.append((slot.start - buffer_s * front, slot.end + buffer_s * (not front), one.column))
    ends = sorted((end, column) for _, end, column in spans)
    here: set[int] = set()
    grown = False
    for start, _, column in sorted(spans):
        while ends and ends[0][0] <= start:
            if grown:
                yield list(here)
                grown = False
            here.discard(ends.pop(0)[1])
        here.add(column)
        grown = True
    yield list(here)


def _space_out(program: _Program, ritual: Sequence[_Choice]) -> None:
    """At most one in every stretch of as many days as the spacing."""
    spacing = ritual[0].stand.spacing
    days = _groups((one.stand.slot.day, one.column) for one in ritual)
    for first in days if spacing else ():
        near = range(first, first + spacing)
        program.at_most((column for day in near for column in days.get(day, ())), 1)


def _strain(program: _Program, choices: Sequence[_Choice], wishes: Sequence[Wish], fixed: Sequence[Stand]) -> int:
    """Put a price on neighbours that stand far apart; what those that are both fixed cost in any case."""
    certain = 0
    days: dict[str, dict[int, list[int]]] = {wish.key: {} for wish in wishes}
    for one in choices:
        days[one.wish.key].setdefault(one.stand.slot.day, []).append(one.column)
    stands = {stand.key: stand.slot.day for stand in fixed}
    for at_least, before, after in _neighbours(wishes, fixed):
        if before in stands and after in stands:
            certain += strain(at_least, stands[before], stands[after])
        elif before in stands:
            _raise(program, days[after], {day: strain(at_least, stands[before], day) for day in days[after]})
        elif after in stands:
            _raise(program, days[before], {day: strain(at_least, day, stands[after]) for day in days[before]})
        else:
            _strain_of_two(program, at_least, days[before], days[after])
    return certain


def _raise(program: _Program, days: dict[int, list[int]], prices: dict[int, int]) -> None:
    for day, columns in days.items():
        for column in columns:
            program.costs[column] += prices[day]


def _strain_of_two(program: _Program, at_least: int, before: dict[int, list[int]], after: dict[int, list[int]]) -> None:
    """A table of shares whose rows and columns sum to where each of the two stands: exact for any price."""
    prices = {pair: strain(at_least, *pair) for pair in product(before, after)}
    if not any(prices.values()):
        return
    shares = {
        pair: program.column(prices.get(pair, 0), whole=False)
        for pair in product([NOWHERE, *before], [NOWHERE, *after])
    }
    for side, days in ((0, before), (1, after)):
        everything = [column for columns in days.values() for column in columns]
        for day in (NOWHERE, *days):
            terms = [(column, 1.0) for pair, column in shares.items() if pair[side] == day]
            if day == NOWHERE:  # what is not placed anywhere
                program.is_zero([*terms, *((column, 1.0) for column in everything)], constant=-1)
            else:
                program.is_zero([*terms, *((column, -1.0) for column in days[day])])


def _neighbours(wishes: Sequence[Wish], fixed: Sequence[Stand]) -> Iterator[tuple[int, str, str]]:
    """(at_least, key, key of the next) of the rituals that wish for no long gaps."""
    rituals = {wish.ritual.id: wish.ritual for wish in wishes}
    marks = [(wish.ritual.id, wish.occurrence.first.toordinal(), wish.key) for wish in wishes]
    marks += [(stand.ritual, stand.slot.day, stand.key) for stand in fixed if stand.ritual in rituals]
    for one, other in pairwise(sorted(marks)):
        if one[0] == other[0] and rituals[one[0]].at_least:
            yield rituals[one[0]].at_least, one[2], other[2]


def _groups(pairs: Iterable[tuple[K, V]]) -> dict[K, list[V]]:
    found: dict[K, list[V]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return found
