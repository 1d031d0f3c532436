"""Whatever people, servers and the machine do: once all is quiet, both calendars hold exactly the plan."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.machine.places import places
from tests.machine.runs import live, live_all
from tests.machine.tally import table

pytestmark = pytest.mark.slow


@pytest.fixture
def seeds(request: pytest.FixtureRequest) -> list[int]:
    one = request.config.getoption("--machine-seed")
    return list(range(int(request.config.getoption("--machine-runs")))) if one is None else [int(one)]


@pytest.mark.timeout(36_000)
def test_both_calendars_hold_exactly_the_plan_whatever_happens(seeds: list[int]) -> None:
    counts = live_all(seeds)
    print(f"\n{table(counts)}")
    if len(seeds) >= 20:
        _much_happened(counts, len(seeds))


def _much_happened(counts: Counter[str], runs: int) -> None:
    """A run in which nothing happens proves nothing."""
    each = {
        "faults met": 2.0,
        "killed": 0.5,
        "hand: what was being written": 0.5,
        "deletion known": 0.5,
        "verdict: move heard": 0.3,
        "verdict: deletion heard": 0.3,
        "says: occurrence_moved_by_person": 0.5,
        "says: occurrence_declined": 0.5,
        "says: occurrence_moved": 0.1,
        "says: calendar_renewed": 0.05,
        "says: effects waiting": 0.5,
    }
    scarce = {name: counts[name] for name, least in each.items() if counts[name] < least * runs}
    assert not scarce
    kinds = {name for name in counts if name.startswith("fault: ")}
    assert len(kinds) >= 40


def test_a_seed_lives_the_same_life_again(tmp_path: Path) -> None:
    with places() as where:
        assert live(where, 0) == live(where, 0)
