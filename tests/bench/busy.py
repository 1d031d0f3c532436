"""What the busy times of a calendar of 3,000 events cost, against icalendar and recurring-ical-events on all of it.

CPU time of this process and of those it starts, the least of some rounds that take turns: both readings warm in
this process, both in a process of its own with its start and its imports, and, unequal, ours apart against
theirs warm: that is what the service pays against what it would pay if it trusted every file.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from scheduler.adapters.icsbusy.read import spans_in
from scheduler.adapters.icsbusy.source import IcsFile
from scheduler.adapters.icsbusy.wire import Order
from scheduler.adapters.system import use_packaged_zones
from scheduler.domain.freebusy import AllDay, Span, Spans, intersection, span_of, union
from tests.data.by_libraries import busy_of, events_near
from tests.data.make_big_calendar import HOME, ME, WINDOWS, calendar, within

ROUNDS, TARGET, TARGET_UNCHANGED = 7, 20, 500
ROOT = Path(__file__).parents[2]
THEIRS = """
import sys, warnings
from datetime import datetime
warnings.simplefilter("ignore")
from tests.data.by_libraries import events_near
events_near(sys.stdin.buffer.read(), tuple(map(datetime.fromisoformat, sys.argv[1:])))
"""
PEAK = """
import sys
from scheduler.adapters.icsbusy.read import spans_in
from scheduler.adapters.icsbusy.wire import Order
def most():  # not ru_maxrss: that begins with what the starting process had
    return int(open("/proc/self/status").read().partition("VmHWM:")[2].split()[0])
idle, order = most(), Order.from_line(sys.stdin.buffer.readline())
spans_in(sys.stdin.buffer.read(), order)
print(most() - idle)
"""


def main() -> None:
    warnings.simplefilter("ignore")  # the peer's, about names of zones
    use_packaged_zones()
    sys.dont_write_bytecode = False  # both as they are installed: compiled
    data, truth = calendar()
    order = _order("autumn")
    print(f"{data.count(b'BEGIN:VEVENT')} events, {len(data) / 1e6:.2f} MB, least CPU time of {ROUNDS} rounds")
    with TemporaryDirectory() as folder:
        path = Path(folder, "busy.ics")
        path.write_bytes(data)
        source = IcsFile(path, all_day=AllDay.BUSY, zone=HOME, declined_as=(ME,))
        known = source.read(*order.window, None)
        assert known is not None
        _show(
            _least(
                {
                    "their warm": lambda: events_near(data, order.window),
                    "their fresh": lambda: _run(THEIRS, data, *(moment.isoformat() for moment in order.window)),
                    "warm": lambda: spans_in(data, order),
                    "fresh": lambda: source.read(*order.window, None),
                    "unchanged": lambda: source.read(*order.window, known.version),
                }
            )
        )
        print(f"  the service grew by {_growth(source, path, data, order):.1f} MB over 20 readings of a changed file")
    peak = int(_run(PEAK, order.to_line() + data)) / 1024
    print(f"  peak memory of our reading over idle: {peak:.1f} MB")
    for name, one in WINDOWS.items():
        _wrong(name, data, truth, one)


def _order(name: str) -> Order:
    return Order(WINDOWS[name], HOME.key, AllDay.BUSY, (ME,))


def _show(spent: dict[str, float]) -> None:
    for what, ours, theirs, target in (
        ("(a) both warm in one process", "warm", "their warm", TARGET),
        ("(b) both in a process of its own", "fresh", "their fresh", TARGET),
        ("(c) ours in its own, theirs warm", "fresh", "their warm", TARGET),
        ("    ours unchanged, theirs warm", "unchanged", "their warm", TARGET_UNCHANGED),
    ):
        mine, other = spent[ours] * 1000, spent[theirs] * 1000
        print(f"  {what:34} ours {mine:7.2f} ms, theirs {other:7.1f} ms: 1/{other / mine:.1f} (target 1/{target})")


def _run(program: str, data: bytes, *words: str) -> bytes:
    command = [sys.executable, "-c", program, *words]
    return subprocess.run(command, input=data, capture_output=True, check=True, cwd=ROOT).stdout


def _growth(source: IcsFile, path: Path, data: bytes, order: Order) -> float:
    """MB."""
    process = psutil.Process()
    before = process.memory_info().rss
    for number in range(20):
        path.write_bytes(data + b"\n" * number)
        source.read(*order.window, None)
    return float((process.memory_info().rss - before) / 2**20)


def _least(tasks: dict[str, Callable[[], object]]) -> dict[str, float]:
    times: dict[str, list[float]] = {name: [] for name in tasks}
    for _ in range(ROUNDS):
        for name, task in tasks.items():
            before = _cpu()
            task()
            times[name].append(_cpu() - before)
    return {name: min(found) for name, found in times.items()}


def _cpu() -> float:
    """Seconds of this process and of those it started that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _wrong(name: str, data: bytes, truth: Sequence[Span], window: tuple[datetime, datetime]) -> None:
    theirs = busy_of(events_near(data, window), HOME, ME, whole_days=True)
    expected, found = (
        Counter(within(truth, window)),
        Counter(within([one for one in theirs if one[0] < one[1]], window)),
    )
    missing, extra = (expected - found).total(), (found - expected).total()
    ours = spans_in(data, _order(name))[0]
    print(f"  {name}: {expected.total()} busy occurrences; theirs: {missing} missing, {extra} extra,")
    wrong = [_minutes(one, union(truth), window) for one in (union(theirs), ours)]
    print(f"    {wrong[0]} minutes wrong; ours: {wrong[1]} minutes wrong")


def _minutes(found: Spans, expected: Spans, window: tuple[datetime, datetime]) -> int:
    """How long one says busy and the other free."""
    found, expected = (intersection(one, (span_of(*window),)) for one in (found, expected))
    both = _length(intersection(found, expected))
    return (_length(found) + _length(expected) - 2 * both) // 60


def _length(spans: Spans) -> int:
    return sum(end - start for start, end in spans)


if __name__ == "__main__":
    main()
