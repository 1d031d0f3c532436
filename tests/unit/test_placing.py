"""Choosing among several wishes: never worse than trying everything, the same every time, within all limits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations
from random import Random

import pytest

from scheduler.domain.occurrence import Occurrence
from scheduler.domain.placing import Limits, Stand, clash, place, stand_of, strain, total
from scheduler.domain.ritual import Ritual
from scheduler.domain.slots import LOSS, SHORTER, Slot, Wish
from scheduler.domain.tangle import Entry, blocked
from tests.build import make_ritual

MONDAY = date(2026, 11, 23)
DAY_S, HOUR_S = 86_400, 3600
MANY = Limits(9)


def slot(hour: float, hours: float = 1, *, day: int = 0, cost: int = 0) -> Slot:
    """On the Monday and so many days later, in UTC."""
    ordinal = MONDAY.toordinal() + day
    start = (ordinal - date(1970, 1, 1).toordinal()) * DAY_S + int(hour * HOUR_S)
    return Slot(cost, start, start + int(hours * HOUR_S), ordinal)


def wish(ritual: Ritual, *slots: Slot, number: int = 1, loss: int = LOSS) -> Wish:
    first = MONDAY + timedelta(days=7 * number - 7)
    occurrence = Occurrence(ritual.id, f"2026-W{47 + number}", first, first + timedelta(days=6))
    return Wish(occurrence, ritual, tuple(sorted(slots)), loss=loss)


COFFEE, WALK = make_ritual("coffee"), make_ritual("walk")


def stand(ritual: Ritual, one: Slot) -> Stand:
    return stand_of(wish(ritual, one), one)


@pytest.mark.parametrize(
    ("left", "right", "minutes", "is_clash"),
    [
        (slot(9), slot(9), 0, True),
        (slot(9), slot(9.5), 0, True),
        (slot(9, 3), slot(10, 0.5), 0, True),
        (slot(9), slot(10), 0, False),
        (slot(9), slot(10), 10, True),
        (slot(9), slot(10.25), 15, False),
        (slot(9), slot(10.25), 16, True),
        (slot(9), slot(9, day=1), 0, False),
    ],
)
def test_two_clash_where_they_overlap_with_the_larger_buffer(
    left: Slot, right: Slot, minutes: int, is_clash: bool
) -> None:
    wide = replace(COFFEE, buffer=timedelta(minutes=minutes))
    for one, other in ((stand(wide, left), stand(WALK, right)), (stand(WALK, left), stand(wide, right))):
        assert clash(one, other) is clash(other, one) is is_clash


@pytest.mark.parametrize(("days", "is_clash"), [(0, True), (1, True), (2, True), (3, False)])
def test_two_of_one_ritual_clash_where_they_are_nearer_than_its_spacing(days: int, is_clash: bool) -> None:
    spaced = replace(COFFEE, spacing=3)
    early, late = slot(9), slot(18, day=days)
    assert clash(stand(spaced, early), stand(spaced, late)) is is_clash
    assert not clash(stand(spaced, early), stand(replace(WALK, spacing=3), late))


def test_strain_begins_with_the_first_day_too_late_and_has_an_end() -> None:
    assert [strain(7, 0, gap) for gap in (1, 7, 8, 9, 10, 18, 19, 400)] == [0, 0, 300, 360, 420, 900, 900, 900]
    assert strain(0, 0, 400) == 0


def test_a_total_counts_slots_losses_and_gaps() -> None:
    often = replace(COFFEE, at_least=7)
    first, second, other = (
        wish(often, slot(9, cost=5)),
        wish(often, slot(9, day=9, cost=7), number=2),
        wish(WALK, slot(9)),
    )
    found = {first.key: first.slots[0], second.key: second.slots[0]}
    assert total([first, second, other], [], found) == 5 + 7 + LOSS + strain(7, 0, 9)
    assert total([first, second, other], [], {}) == 3 * LOSS


def test_a_gap_from_what_has_been_is_counted() -> None:
    often = replace(COFFEE, at_least=7)
    been = replace(stand(often, slot(9, day=-8)), key="coffee/2026-W46")
    one = wish(often, slot(9))
    assert total([one], [been], {one.key: one.slots[0]}) == strain(7, 0, 8)


def test_each_takes_its_best_slot_where_none_is_in_the_way() -> None:
    wishes = [wish(COFFEE, slot(9), slot(10, cost=3)), wish(WALK, slot(12), slot(9, cost=3))]
    assert place(wishes, [], MANY) == {one.key: one.slots[0] for one in wishes}


def test_two_that_want_the_same_hour_share_at_the_least_cost() -> None:
    wishes = [wish(COFFEE, slot(9), slot(10, cost=30)), wish(WALK, slot(9), slot(10, cost=3))]
    found = place(wishes, [], MANY)
    assert {key: (one.start - slot(9).start) // HOUR_S for key, one in found.items()} == {
        "coffee/2026-W48": 0,
        "walk/2026-W48": 1,
    }


def test_what_is_fixed_keeps_its_place_and_its_buffer() -> None:
    fixed = stand(replace(WALK, buffer=timedelta(minutes=15)), slot(9))
    one = wish(COFFEE, slot(9.5), slot(10, cost=1), slot(10.25, cost=2))
    assert place([one], [fixed], MANY) == {one.key: one.slots[2]}


def test_a_wish_without_a_place_is_absent() -> None:
    assert place([wish(COFFEE, slot(9))], [stand(WALK, slot(9))], MANY) == {}
    assert place([wish(COFFEE)], [], MANY) == {}
    assert place([], [stand(WALK, slot(9))], MANY) == {}


def test_what_is_fixed_counts_towards_the_day_and_the_week() -> None:
    fixed = [stand(WALK, slot(9))]
    one = wish(COFFEE, slot(12), slot(12, day=1, cost=5), slot(12, day=7, cost=50))
    assert place([one], fixed, Limits(1))[one.key] == one.slots[1]
    assert place([one], fixed, Limits(5, 1))[one.key] == one.slots[2]


def test_a_week_begins_on_monday() -> None:
    fixed = [stand(WALK, slot(9, day=6))]
    one = wish(COFFEE, slot(12, day=7), number=2)
    assert place([one], fixed, Limits(5, 1)) == {one.key: one.slots[0]}


class Case:
    """A few wishes with a few slots each, drawn from a small stretch of time, so that much is in the way."""

    def __init__(self, seed: int, *, a_week: int = 0) -> None:
        chance = Random(seed)
        rituals = [
            make_ritual(
                f"r{number}",
                buffer=timedelta(minutes=chance.choice([0, 0, 15])),
                spacing=(spacing := chance.choice([0, 0, 2, 3])),
                at_least=chance.choice([0, max(spacing, 3)]),
            )
            for number in range(3)
        ]
        self.wishes: list[Wish] = []
        for number in range(chance.randint(2, 4)):
            ritual = chance.choice(rituals)
            slots = {self._slot(chance) for _ in range(chance.randint(1, 5))}
            loss = LOSS + 2 * LOSS // (1 + rituals.index(ritual))
            self.wishes.append(wish(ritual, *slots, number=number + 1, loss=loss))
        been = [stand(chance.choice(rituals), self._slot(chance)) for _ in range(chance.randint(0, 2))]
        self.fixed = [replace(one, key=f"{one.ritual}/been.{number}") for number, one in enumerate(been)]
        self.limits = Limits(chance.randint(1, 3), a_week or chance.randint(2, 6))

    def _slot(self, chance: Random) -> Slot:
        length = chance.choice([0.25, 1, 2])
        return slot(17 + chance.randrange(16) / 4, length, day=chance.randrange(9), cost=chance.choice([0, 3, 20, 400]))

    def is_allowed(self, found: Mapping[str, Slot]) -> bool:
        """The rules, written out plainly."""
        stands = [stand_of(one, found[one.key]) for one in self.wishes if one.key in found]
        if any(clash(*pair) for pair in combinations(stands, 2)):
            return False
        if any(clash(one, other) for one in stands for other in self.fixed):
            return False
        days = Counter(one.slot.day for one in (*stands, *self.fixed))
        weeks = Counter(date.fromordinal(one.slot.day).isocalendar()[:2] for one in (*stands, *self.fixed))
        here = {one.slot.day for one in stands}
        over = any(days[day] > self.limits.a_day for day in here)
        return not over and all(weeks[date.fromordinal(day).isocalendar()[:2]] <= self.limits.a_week for day in here)

    def least(self) -> int:
        """The least total of all placings there are."""
        best = total(self.wishes, self.fixed, {})
        stack: list[tuple[int, dict[str, Slot]]] = [(0, {})]
        while stack:
            index, found = stack.pop()
            if index == len(self.wishes):
                best = min(best, total(self.wishes, self.fixed, found))
                continue
            stack.append((index + 1, found))
            one = self.wishes[index]
            more = ({**found, one.key: option} for option in one.slots)
            stack += [(index + 1, one_more) for one_more in more if self.is_allowed(one_more)]
        return best


def gap(case: Case) -> int:
    """How much dearer the placing is than the best there is."""
    found = place(case.wishes, case.fixed, case.limits)
    assert case.is_allowed(found)
    return total(case.wishes, case.fixed, found) - case.least()


def test_small_knots_are_placed_as_well_as_by_trying_everything() -> None:
    """Nearly always the very best, never a wish left out for nothing."""
    worse = [more for seed in range(300) if (more := gap(Case(seed, a_week=99)))]
    assert len(worse) <= 6
    assert max(worse, default=0) <= SHORTER


def test_small_knots_are_placed_as_well_where_a_week_is_full() -> None:
    worse = [more for seed in range(100) if (more := gap(Case(seed)))]
    assert len(worse) <= 2
    assert max(worse, default=0) <= SHORTER


def test_in_a_full_week_the_one_further_down_in_the_file_makes_room() -> None:
    top = wish(COFFEE, slot(9, day=2), slot(10, day=2), loss=3 * LOSS)
    below = wish(WALK, slot(9, day=1), loss=2 * LOSS)
    assert place([top, below], [], Limits(3, 1)) == {top.key: top.slots[0]}


def test_the_same_question_has_the_same_answer() -> None:
    for seed in range(40):
        case, again = Case(seed), Case(seed)
        assert place(case.wishes, case.fixed, case.limits) == place(again.wishes, again.fixed, again.limits)


def test_every_place_is_one_that_was_wished_for() -> None:
    for seed in range(60):
        case = Case(seed)
        found = place(case.wishes, case.fixed, case.limits)
        wished = {one.key: one.slots for one in case.wishes}
        assert all(slot in wished[key] for key, slot in found.items())


@pytest.mark.parametrize("seed", range(20))
def test_what_a_slot_blocks_is_what_it_clashes_with(seed: int) -> None:
    chance = Random(seed)
    for _ in range(20):
        spacing = chance.choice([0, 1, 2, 5])
        ritual = make_ritual(spacing=spacing, buffer=timedelta(minutes=chance.choice([0, 10, 30])))
        is_kin = chance.random() < 0.5
        other = replace(ritual if is_kin else WALK, buffer=timedelta(minutes=chance.choice([0, 10, 45])))
        wished = wish(ritual, *{_any_slot(chance) for _ in range(12)})
        by = stand(other, _any_slot(chance))
        mask = blocked(Entry(wished), by.slot, by.buffer_s, spacing if is_kin else 0)
        plain = [clash(stand_of(wished, option), by) for option in wished.slots]
        assert [bool(mask >> bit & 1) for bit in range(len(wished.slots))] == plain


def _any_slot(chance: Random) -> Slot:
    return slot(chance.randrange(96) / 4, chance.choice([1 / 12, 0.25, 1, 3]), day=chance.randrange(7))
