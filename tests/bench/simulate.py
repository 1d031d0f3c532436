"""How long `rituals simulate --weeks 26` takes on the example couple; the peer only reads the same two calendars."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from tempfile import TemporaryDirectory
from time import perf_counter

import recurring_ical_events
from icalendar import Calendar

EXAMPLE = Path(__file__).parents[2] / "config" / "example"
START, WEEKS, TARGET_S = datetime(2026, 11, 23, tzinfo=UTC), 26, 10.0


def main() -> None:
    with TemporaryDirectory(prefix="rituals-bench-") as desk:
        ours, computing = _simulate(Path(desk) / "out", WEEKS)
        short, _ = _simulate(Path(desk) / "short", 1)
    peer, events = _read_both()
    print(f"simulate --weeks {WEEKS}: {ours:.2f} s, target {TARGET_S:.0f} s ({ours / TARGET_S:.0%} of it)")
    print(f"  computing for {computing:.2f} s of it; the rest waits for the disk and for other programs")
    print(f"  start, words and page of one week: {short:.2f} s; each week more: {(ours - short) / (WEEKS - 1):.3f} s")
    print(f"  peer: icalendar + recurring-ical-events read both calendars ({events} events) once: {peer:.2f} s")
    print(f"  ratio {ours / peer:.2f}")


def _simulate(out: Path, weeks: int) -> tuple[float, float]:
    """Seconds on the wall, and seconds of the processor."""
    rituals = Path(sys.executable).with_name("rituals")
    words = ("--weeks", str(weeks), "--from", START.date().isoformat(), "--config", EXAMPLE / "couple.toml")
    began, before = perf_counter(), getrusage(RUSAGE_CHILDREN)
    subprocess.run([rituals, "simulate", *words, "--out", out], check=True, stdout=subprocess.DEVNULL)
    after = getrusage(RUSAGE_CHILDREN)
    return perf_counter() - began, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _read_both() -> tuple[float, int]:
    began, events = perf_counter(), 0
    for name in ("mara", "jon"):
        calendar = Calendar.from_ical((EXAMPLE / f"{name}.ics").read_bytes())
        events += len(recurring_ical_events.of(calendar).between(START, START + timedelta(weeks=WEEKS)))
    return perf_counter() - began, events


if __name__ == "__main__":
    main()
