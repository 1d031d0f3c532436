"""How good first plans are beside the exact optimum, and how calm plans stay while calendars change.

The peer is HiGHS, which solves the same question exactly, in the same run. Give the number of couples a class, and
how many of them are walked through eight weeks, to have other numbers than the tests.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from statistics import mean, median
from time import perf_counter
from typing import TypeVar

from scheduler.domain.planning import open_question, plan
from tests.quality.churn import Walk, walk
from tests.quality.couples import make_life
from tests.quality.gaps import Gap, compare
from tests.quality.lives import CLASSES
from tests.quality.optimum import optimum

COUPLES, WALKS, WORST = 110, 12, 5
T = TypeVar("T")


def main() -> None:
    given = [int(word) for word in sys.argv[1:]]
    couples, walks = given if len(given) == 2 else (COUPLES, WALKS)
    for name in CLASSES:
        _tell_gaps(name, couples)
        if walks:
            _tell_walks(name, walks)


def _tell_gaps(name: str, couples: int) -> None:
    rows = [_measured(name, seed) for seed in range(couples)]
    gaps = [gap for gap, _, _ in rows]
    ours, theirs = (median(column) * 1000 for column in ([row[1] for row in rows], [row[2] for row in rows]))
    placed = sum(gap.placed for gap in gaps)
    print(f"{name}: {len(gaps)} couples, {mean(gap.candidates for gap in gaps):.1f} candidates an occurrence")
    print(f"  gap: mean {mean(gap.share for gap in gaps):.3%}, worst {max(gap.share for gap in gaps):.3%}")
    even = [gap for gap in gaps if gap.lost == 0]
    print(f"  where the same is placed ({len(even)}): {mean(gap.excess_each for gap in even):.2f} dearer an occurrence")
    print(f"  placed {placed}, optimum {placed + sum(gap.fewer for gap in gaps)}")
    print(
        f"    at most {max(gap.fewer for gap in gaps)} fewer, {sum(gap.fewer > 0 for gap in gaps)} couples have fewer"
    )
    print(f"  plan {ours:.1f} ms, peer {theirs:.1f} ms, ratio {ours / theirs:.3f}")
    for gap in sorted(gaps, key=lambda gap: -gap.share)[:WORST]:
        print(f"    {gap.couple}: {gap.share:.2%}, {gap.excess} dearer, {gap.placed} placed, {gap.fewer} fewer")


def _measured(name: str, seed: int) -> tuple[Gap, float, float]:
    """The gap, and the seconds of our plan and of the optimum."""
    question = make_life(name, seed).question()
    answer, ours = _timed(lambda: plan(question))
    asked = open_question(question)
    best, theirs = _timed(lambda: optimum(*asked))
    return compare(question, asked, answer, best), ours, theirs


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    began = perf_counter()
    found = work()
    return found, perf_counter() - began


def _tell_walks(name: str, walks: int) -> None:
    for crowded in (False, True):
        _tell(name, [walk(name, seed, crowded=crowded) for seed in range(walks)], crowded=crowded)


def _tell(name: str, found: list[Walk], *, crowded: bool) -> None:
    moves, occurrences = sum(one.moves for one in found), sum(one.occurrences for one in found)
    placed, placeable = sum(one.placed for one in found), sum(one.placeable for one in found)
    clashing = sum(one.clashing for one in found)
    how = "where new things take free hours alone" if crowded else "where things change without a look at each other"
    print(f"  eight weeks of {len(found)} {name} couples, {how}:")
    print(f"    {moves / occurrences:.3f} moves an occurrence ({occurrences})")
    print(f"    placed {placed / placeable:.1%} of what the optimum of the day places; {clashing / placed:.1%} clash")


if __name__ == "__main__":
    main()
