"""Placing beside the exact optimum: 330 generated couples, whose calendars are loose, busy or packed."""

from __future__ import annotations

from functools import lru_cache
from statistics import mean

import pytest

from tests.quality.couples import make_life
from tests.quality.gaps import Gap, gap_of
from tests.quality.lives import CLASSES

COUPLES = 110
MEAN_GAP, WORST_GAP = 0.003, 0.03
EXCESS_EACH = 4  # units of a slot's cost: on average no more than 20 minutes beside the hour the optimum has found

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("name", CLASSES)]


@lru_cache
def gaps(name: str) -> tuple[Gap, ...]:
    return tuple(gap_of(make_life(name, seed).question()) for seed in range(COUPLES))


def test_plans_are_worth_nearly_what_the_optimum_is_worth(name: str) -> None:
    assert mean(gap.share for gap in gaps(name)) <= MEAN_GAP


def test_no_plan_is_far_from_the_optimum(name: str) -> None:
    assert [gap for gap in gaps(name) if gap.share > WORST_GAP] == []


def test_never_more_than_one_occurrence_goes_without_its_place(name: str) -> None:
    assert [gap for gap in gaps(name) if gap.fewer > 1] == []


def test_the_hours_chosen_are_about_as_well_liked(name: str) -> None:
    assert mean(gap.excess_each for gap in gaps(name) if gap.lost == 0) <= EXCESS_EACH


def test_the_classes_differ_by_how_full_the_calendars_are(name: str) -> None:
    low, high = {"loose": (50, 70), "busy": (20, 32), "packed": (4, 9)}[name]
    assert low <= mean(gap.candidates for gap in gaps(name)) <= high
