"""Lives many runs, or one again. Not here: the runs themselves."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence

from tests.machine.places import places
from tests.machine.runs import FindingError, live, live_all, routes_of
from tests.machine.tally import table


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.machine", description=__doc__)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--first", type=int, default=0, help="the seed of the first run")
    parser.add_argument("--seed", type=int, help="live only this run")
    parser.add_argument("--keep-going", action="store_true", help="list every finding by its first line")
    parser.add_argument("--stop", action="store_true", help="the same, up to the first finding")
    parser.add_argument("--only", default="", help="live only the runs on this route")
    chosen = parser.parse_args()
    asked = [chosen.seed] if chosen.seed is not None else range(chosen.first, chosen.first + chosen.runs)
    seeds = [seed for seed in asked if not chosen.only or chosen.only in routes_of(seed)]
    began = time.perf_counter()
    if chosen.keep_going or chosen.stop:
        return _keep_going(seeds, stop=chosen.stop)
    print(table(live_all(seeds)))
    print(f"{len(seeds)} runs in {time.perf_counter() - began:.1f} s")
    return 0


def _keep_going(seeds: Sequence[int], *, stop: bool) -> int:
    found = 0
    with places() as where:
        for seed in seeds:
            began = time.perf_counter()
            try:
                live(where, seed)
            except FindingError as err:
                found += 1
                print(str(err).partition("\n")[0], flush=True)
                if stop:
                    return 1
            took = time.perf_counter() - began
            if took > 3:
                print(f"seed {seed} on {routes_of(seed)} took {took:.1f} s")
    print(f"{found} of {len(seeds)} runs with a finding")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
