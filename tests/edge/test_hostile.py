"""Whatever a calendar holds, reading it ends: busy times, or "unknown" and the last good ones; never "free"."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import psutil
import pytest

from scheduler.adapters.icsbusy.fence import READ, Limits, read_apart
from scheduler.adapters.icsbusy.source import IcsFile
from scheduler.adapters.icsbusy.wire import Answer, Order
from scheduler.domain.errors import Unavailable
from scheduler.domain.freebusy import AllDay, overlaps, span_of
from scheduler.engine.collect import read_busy
from scheduler.ports import BusyRecord
from tests.build import at
from tests.data.make_hostile import SANE, hostile
from tests.world import World, world

pytestmark = pytest.mark.slow

START, END = at("2026-10-19 00:00"), at("2026-11-16 00:00")
NINE = span_of(at("2026-10-20 09:00"), at("2026-10-20 10:00"))
WHOLE = f"BEGIN:VCALENDAR\n{SANE}END:VCALENDAR\n"
GROWTH = 20 * 2**20
BERLIN = ZoneInfo("Europe/Berlin")
REFUSED = ("noise", "zeros", "newlines", "utf-16", "zipped-bomb", "events-that-stay-open", "too-large")
SHUT_IN = "import os; from scheduler.adapters.icsbusy.child import shut_in; shut_in()\n"

Make = Callable[[str], Path]


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Make]:
    """Writes the calendar of that name. Another process makes them, so that our own memory tells of reading alone."""
    path = tmp_path_factory.mktemp("hostile") / "busy.ics"
    command = [sys.executable, "-m", "tests.data.make_hostile", str(path)]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root) as maker:
        assert maker.stdin
        assert maker.stdout

        def make(name: str) -> Path:
            print(name, file=maker.stdin, flush=True)
            assert maker.stdout
            assert maker.stdout.readline()
            return path

        before = psutil.Process().memory_info().rss
        yield make
        assert psutil.Process().memory_info().rss - before < GROWTH
        maker.stdin.close()
    path.unlink()


@pytest.fixture(autouse=True)
def nothing_stays_behind(make: Make) -> Iterator[None]:
    before = traces()
    yield
    assert traces() == before


def traces() -> tuple[set[int], int, int]:
    """Processes (those that ended but were not waited for too), open files, threads."""
    us = psutil.Process()
    return {one.pid for one in us.children(recursive=True)}, us.num_fds(), threading.active_count()


@pytest.mark.parametrize("name", [one.name for one in hostile()])
def test_a_hostile_calendar_is_read_or_unknown_but_never_free(make: Make, name: str) -> None:
    source = IcsFile(make(name), all_day=AllDay.BUSY, zone=BERLIN)
    with suppress(Unavailable):
        reading = source.read(START, END, None)
        assert reading is not None
        assert overlaps(reading.spans, NINE)


@pytest.mark.parametrize("name", REFUSED)
def test_the_last_good_times_stay_in_force(make: Make, name: str) -> None:
    path = make("secondly")
    source = IcsFile(path, all_day=AllDay.BUSY, zone=BERLIN)
    with world(start=START) as home:
        good = record_after(home, source)
        make(name)
        for _ in range(2):
            bad = record_after(home, source)
            assert bad == replace(good, error=bad.error)
            assert "busy.ics" in bad.error
        path.write_text(WHOLE)
        again = record_after(home, source)
    assert (again.spans, again.error) == ((NINE,), "")


@pytest.mark.parametrize(
    "program", ["while True: pass", "bytes(10**10)", "os.abort()", "while True: os.write(1, b'x')"]
)
def test_the_last_good_times_outlive_whoever_reads_the_calendar(tmp_path: Path, program: str) -> None:
    path = tmp_path / "busy.ics"
    path.write_text(WHOLE)
    programs = [READ, SHUT_IN + program]

    def parse(order: Order, chunks: Iterable[bytes]) -> Answer:
        return read_apart(order, chunks, limits=Limits(cpu_s=1), program=programs.pop(0))

    source = IcsFile(path, all_day=AllDay.BUSY, zone=BERLIN, parse=parse)
    with world(start=START) as home:
        good = record_after(home, source)
        path.write_text(WHOLE + "\n")
        bad = record_after(home, source)
        again = record_after(home, source)  # from memory: there is no third program
    assert good.spans == (NINE,)
    assert bad == again == replace(good, error=bad.error)
    assert "busy.ics" in bad.error


def record_after(home: World, source: IcsFile) -> BusyRecord:
    """What is known of the partner after the source was read once more."""
    read_busy(home.store, home.service.couple, {"sam": {"sam's file": source}}, START + timedelta(days=1))
    with home.store.transaction() as tx:
        (record,) = tx.busy(home.service.couple.id)
    return record


def test_another_couple_goes_on_while_a_calendar_takes_all_its_time(tmp_path: Path) -> None:
    path = tmp_path / "busy.ics"
    path.write_text(WHOLE)
    parse = partial(read_apart, limits=Limits(cpu_s=2), program=SHUT_IN + "while True: pass")
    source = IcsFile(path, all_day=AllDay.BUSY, zone=BERLIN, parse=parse)
    order: list[str] = []
    with world(start=START) as theirs, world(start=START) as ours:

        def read() -> None:
            record_after(theirs, source)
            order.append("theirs ended")

        reader = threading.Thread(target=read)
        reader.start()
        ours.until(START + timedelta(days=1), lambda: order.append("ours ticked"))
        order.append("ours lived a day")
        reader.join()
    assert order[-1] == "theirs ended"
    assert order[-2] == "ours lived a day"
