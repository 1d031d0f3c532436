"""What hostile calendars cost: the slowest, our own memory, and how late another couple's ticks are meanwhile.

Usage: python tests/bench/hostile.py [NAME ...] reads only those.
"""

from __future__ import annotations

import resource
import subprocess
import sys
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, perf_counter
from typing import IO
from zoneinfo import ZoneInfo

import psutil

sys.path.insert(0, str(Path(__file__).parents[2]))

from scheduler.adapters.icsbusy.source import IcsFile
from scheduler.adapters.system import SystemClock, use_packaged_zones
from scheduler.adapters.ticker import IntervalTicker
from scheduler.domain.errors import Unavailable
from scheduler.domain.freebusy import AllDay
from tests.build import at
from tests.data.make_hostile import hostile
from tests.world import world

WINDOW = (at("2026-10-19 00:00"), at("2026-11-16 00:00"))
TARGET_S, TARGET_MB, TARGET_LATE_S, EVERY_S, SHOWN = 5, 20, 1, 0.25, 25


def main(names: list[str]) -> None:
    use_packaged_zones()
    done: list[tuple[float, str, str]] = []
    with TemporaryDirectory() as folder, world() as other:
        path, ticks = Path(folder) / "busy.ics", [monotonic()]
        command = [sys.executable, "-m", "tests.data.make_hostile", str(path)]
        maker = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
        )

        def tick() -> None:
            ticks.append(monotonic())
            other.service.tick()

        ticker = IntervalTicker(SystemClock(), lambda name, err: print(f"{name} failed: {err}"))
        ticker.every(timedelta(seconds=EVERY_S), "another couple", tick)
        other.service.tick()
        read(path)  # what both need to begin with is no growth
        memory, late = rss_mb(), 0.0
        ticker.start()
        for name in names or [one.name for one in hostile()]:
            made(maker.stdin, maker.stdout, name)
            ticks[:] = [monotonic()]
            began = perf_counter()
            ending = read(path)
            done.append((perf_counter() - began, name, ending))
            late = max([late, *(later - earlier - EVERY_S for earlier, later in pairwise((*ticks, monotonic())))])
        ticker.stop()
        grown = rss_mb() - memory
        maker.communicate()
    show(done)
    print(f"our memory grew by {grown:.1f} MB over all; target {TARGET_MB} MB")
    print(f"another couple's tick was late by {late:.2f} s at most; target {TARGET_LATE_S} s")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"the largest process of all, maker included, had {peak:.0f} MB")


def made(stdin: IO[str] | None, stdout: IO[str] | None, name: str) -> None:
    print(name, file=stdin, flush=True)
    if stdout and not stdout.readline():
        sys.exit(f"there is no hostile calendar called {name}")


def read(path: Path) -> str:
    source = IcsFile(path, all_day=AllDay.BUSY, zone=ZoneInfo("Europe/Berlin"))
    try:
        reading = source.read(*WINDOW, None)
    except Unavailable as err:
        return str(err).removeprefix(f"{path} ")
    return f"{len(reading.spans)} busy times" if reading else "unchanged"


def rss_mb() -> float:
    return float(psutil.Process().memory_info().rss / 2**20)


def show(done: list[tuple[float, str, str]]) -> None:
    done.sort(reverse=True)
    read_at_all = sum("busy times" in ending for _, _, ending in done)
    print(f"{len(done)} hostile calendars, {read_at_all} read, the others refused; the slowest (target {TARGET_S} s):")
    for spent, name, ending in done[:SHOWN]:
        print(f"  {spent:5.2f} s  {name}: {ending}")


if __name__ == "__main__":
    main(sys.argv[1:])
