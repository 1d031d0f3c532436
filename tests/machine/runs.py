"""Many runs, each with its seed; a finding says how to live it again. Not here: one run (life)."""

from __future__ import annotations

import os
import zoneinfo
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from random import Random

from tests.machine.home import home
from tests.machine.ledger import Ledger
from tests.machine.life import Life
from tests.machine.places import Places, places

_MIX = (
    (("memory", "folder"), 6),
    (("memory", "google"), 5),
    (("folder", "google"), 3),
    (("memory", "caldav"), 1),
    (("google", "caldav"), 2),
    (("folder", "caldav"), 1),
    (("google", "xandikos"), 1),
    (("caldav", "xandikos"), 1),
)
_CYCLE = tuple(pair for pair, times in _MIX for _ in range(times))
_MOST_PROCESSES = 4


def routes_of(seed: int) -> tuple[str, str]:
    """Every pair of different routes comes in turn, the fast ones more often."""
    return _CYCLE[seed % len(_CYCLE)]


class FindingError(AssertionError):
    """A claim that did not hold, and how to see it again."""


def live(where: Places, seed: int) -> Counter[str]:
    """One run; what occurred in it. Raises FindingError."""
    chance, ledger, routes = Random(seed), Ledger(), " + ".join(routes_of(seed))
    try:
        with home(where, routes_of(seed), chance) as made:
            Life(made, ledger, chance).run()
            ledger.tally.update({f"says: {name}": count for name, count in made.log.items()})
            ledger.tally["faults met"] += sum(one.met for one in made.partners.values())
    except Exception as err:
        last = "\n".join(ledger.lines)
        raise FindingError(
            f"seed {seed} on {routes}: {type(err).__name__}: {err}\n{last}\n"
            f"again: python -m tests.machine --seed {seed}"
        ) from err
    ledger.tally[f"routes: {routes}"] += 1
    return ledger.tally


def live_these(seeds: Sequence[int]) -> Counter[str]:
    """One after the other, on the same servers."""
    zoneinfo.reset_tzpath(to=[])
    total: Counter[str] = Counter()
    with places() as where:
        for seed in seeds:
            total.update(live(where, seed))
    return total


def live_all(seeds: Sequence[int]) -> Counter[str]:
    """Each processor takes its share."""
    at_once = min(os.cpu_count() or 1, _MOST_PROCESSES, len(seeds))
    if at_once == 1:
        return live_these(seeds)
    with ProcessPoolExecutor(at_once, mp_context=get_context("spawn")) as pool:
        shares = [seeds[first::at_once] for first in range(at_once)]
        return sum(pool.map(live_these, shares), Counter())
