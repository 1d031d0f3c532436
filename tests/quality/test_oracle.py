"""The oracle itself, against every placing there is of questions small enough to try them all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from random import Random

import pytest

from scheduler.domain.occurrence import Occurrence
from scheduler.domain.placing import Limits, Stand, clash, stand_of, total
from scheduler.domain.ritual import Ritual
from scheduler.domain.slots import Slot, Wish
from tests.build import make_ritual
from tests.quality.gaps import Open, broken
from tests.quality.optimum import most, optimum

MONDAY = date(2026, 11, 23).toordinal()


def small_question(chance: Random) -> Open:
    """Three to five wishes of two rituals within eight days, so near each other that everything is in the way."""
    rituals = [_small_ritual("coffee", chance), _small_ritual("walk", chance)]
    wishes = [_small_wish(chance.choice(rituals), number, chance) for number in range(chance.randrange(3, 6))]
    fixed = [
        stand_of(_small_wish(chance.choice(rituals), 9 + number, chance), _slot(chance))
        for number in range(chance.randrange(3))
    ]
    return wishes, fixed, Limits(chance.randrange(1, 4), chance.randrange(2, 6))


def _small_ritual(id: str, chance: Random) -> Ritual:
    spacing = chance.randrange(4)
    at_least = chance.choice((0, max(spacing, 1), 3))
    return make_ritual(id, buffer=timedelta(minutes=chance.choice((0, 15, 45))), spacing=spacing, at_least=at_least)


def _small_wish(ritual: Ritual, number: int, chance: Random) -> Wish:
    day = date.fromordinal(MONDAY + number)
    slots = sorted({_slot(chance) for _ in range(chance.randrange(5))})
    return Wish(Occurrence(ritual.id, str(number), day, day), ritual, tuple(slots), loss=chance.randrange(20, 900))


def _slot(chance: Random) -> Slot:
    day = MONDAY + chance.randrange(8)
    start = day * 86_400 + 18 * 3600 + 900 * chance.randrange(8)
    return Slot(chance.randrange(60), start, start + 900 * chance.randrange(1, 6), day)


def every_placing(asked: Open) -> Iterator[dict[str, Slot]]:
    wishes, fixed, _ = asked
    for found in _without_clashes(wishes, fixed):
        if broken(found, asked) == []:
            yield found


def _without_clashes(wishes: Sequence[Wish], stands: Sequence[Stand]) -> Iterator[dict[str, Slot]]:
    if not wishes:
        yield {}
        return
    wish, *others = wishes
    yield from _without_clashes(others, stands)
    for slot in wish.slots:
        stand = stand_of(wish, slot)
        if not any(clash(stand, other) for other in stands):
            for found in _without_clashes(others, [*stands, stand]):
                yield found | {wish.key: slot}


@pytest.mark.parametrize("part", range(10))
def test_the_oracle_finds_what_trying_everything_finds(part: int) -> None:
    for seed in range(20 * part, 20 * part + 20):
        asked = small_question(Random(seed))
        wishes, fixed, _ = asked
        placings = list(every_placing(asked))
        best = optimum(*asked)
        assert broken(best.found, asked) == []
        assert total(wishes, fixed, best.found) == best.total
        assert best.total == min(total(wishes, fixed, found) for found in placings)
        assert most(*asked) == max(map(len, placings))
