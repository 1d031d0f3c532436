"""Calm and thorough while life goes on: each day one in twenty of the busy times changes, for eight weeks."""

from __future__ import annotations

from functools import lru_cache

import pytest

from tests.quality.churn import Walk, walk
from tests.quality.lives import CLASSES

COUPLES = 12
MOVES_EACH = 0.3
PLACED = 0.95

pytestmark = pytest.mark.slow


@lru_cache
def walks(name: str) -> tuple[Walk, ...]:
    return tuple(walk(name, seed) for seed in range(COUPLES))


@pytest.mark.parametrize("name", CLASSES)
def test_an_occurrence_seldom_moves(name: str) -> None:
    moves, occurrences = (sum(one.moves for one in walks(name)), sum(one.occurrences for one in walks(name)))
    assert moves / occurrences <= MOVES_EACH


@pytest.mark.parametrize("name", CLASSES)
def test_what_the_optimum_of_the_day_can_place_is_placed(name: str) -> None:
    found = walks(name)
    assert sum(one.placed for one in found) / sum(one.placeable for one in found) >= PLACED
