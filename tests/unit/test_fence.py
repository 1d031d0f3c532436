"""Whatever the process that reads a calendar does, it is ended, seen off, and told in plain words."""

from __future__ import annotations

import ast
import os
import resource
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from zoneinfo import ZoneInfo

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.adapters.icsbusy.fence import Limits, NotNowError, read_apart
from scheduler.adapters.icsbusy.outline import UnusableError
from scheduler.adapters.icsbusy.read import spans_in
from scheduler.adapters.icsbusy.source import IcsFile
from scheduler.adapters.icsbusy.wire import Answer, Order, packed, unpacked
from scheduler.domain.errors import Unavailable
from scheduler.domain.freebusy import AllDay, Spans, span_of
from tests.build import at

START, END = at("2026-10-19 00:00"), at("2026-11-16 00:00")
ORDER = Order((START, END), "Europe/Berlin", AllDay.BUSY)
EVENT = b"BEGIN:VEVENT\nUID:a\nDTSTART:20261020T090000Z\nDTEND:20261020T100000Z\nEND:VEVENT\n"
WHOLE = b"BEGIN:VCALENDAR\n" + EVENT + b"END:VCALENDAR\n"
NINE = span_of(at("2026-10-20 09:00"), at("2026-10-20 10:00"))
SHORT = Limits(cpu_s=1, wall_s=20.0, memory=128 * 2**20)
MORE_THAN_A_PIPE_HOLDS = b" " * 1_000_000
ADDRESSES = st.tuples(st.emails(domains=st.just("example.org")))

SHUT_IN = "import os, resource, signal, sys, time; from scheduler.adapters.icsbusy.child import shut_in; shut_in(); "
TOO_LONG, TOO_MUCH, CRASHED = "takes too long", "needs too much memory", "makes its reader crash"


def ended(program: str, limits: Limits = SHORT, data: bytes = WHOLE) -> Answer:
    return read_apart(ORDER, (data,), limits=limits, program=SHUT_IN + program)


@pytest.fixture(autouse=True)
def nothing_stays_behind() -> Iterator[None]:
    before = traces()
    yield
    assert traces() == before


def traces() -> tuple[set[int], int, int]:
    """Processes (those that ended but were not waited for too), open files, threads."""
    us = psutil.Process()
    return {one.pid for one in us.children(recursive=True)}, us.num_fds(), threading.active_count()


def test_a_sane_calendar_is_read_apart_as_in_one_s_own_process() -> None:
    assert read_apart(ORDER, (WHOLE[:9], WHOLE[9:])) == ((NINE,), 0)


def test_how_many_series_were_not_followed_comes_through() -> None:
    data = WHOLE.replace(b"END:VE", b"RRULE:FREQ=SECONDLY\nEND:VE")
    assert read_apart(ORDER, (data,)) == ((NINE,), 1)


def test_a_refusal_of_the_reader_comes_through_word_for_word() -> None:
    with pytest.raises(UnusableError, match=r"^is not an iCalendar file; export the calendar again as \.ics$"):
        read_apart(ORDER, (b"no calendar",))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("program", "reason"),
    [
        ("\nwhile True: pass", TOO_LONG),
        ("\nwhile True: os.getppid()", TOO_LONG),
        ("sys.stdin.buffer.read()\nwhile True: pass", TOO_LONG),
        ("signal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile True: pass", TOO_LONG),
        ("signal.alarm(1); time.sleep(60)", TOO_LONG),
        ("\ntry: bytes(10**9)\nexcept MemoryError: os._exit(4)", TOO_MUCH),
        ("os.kill(os.getpid(), signal.SIGKILL)", TOO_MUCH),
        ("bytes(10**9)", CRASHED),
        ("[open(os.devnull) for _ in range(100)]", CRASHED),
        ("\nwhile True: os.write(1, b'x' * 10_000)", CRASHED),
        ("os.write(1, bytes(8)); os._exit(1)", CRASHED),
        ("os._exit(0)", CRASHED),
        ("os.write(1, b'x' * 80)", CRASHED),
        ("os.write(1, b'x' * 81)", CRASHED),
        ("os.write(1, b'x' * 501); os._exit(3)", CRASHED),
        ("os._exit(3)", CRASHED),
        ("os._exit(1)", CRASHED),
        ("os.abort()", CRASHED),
        ("os.kill(os.getpid(), signal.SIGSEGV)", CRASHED),
    ],
)
def test_a_reader_that_misbehaves_is_ended_and_the_file_is_to_blame(program: str, reason: str) -> None:
    with pytest.raises(UnusableError, match=reason):
        ended(program)


@pytest.mark.slow
@pytest.mark.parametrize("program", ["time.sleep(60)", "os.close(0); os.close(1); time.sleep(60)"])
def test_a_reader_that_only_waits_is_ended_and_the_machine_is_to_blame(program: str) -> None:
    for data in (WHOLE, MORE_THAN_A_PIPE_HOLDS):
        with pytest.raises(NotNowError, match="tried again"):
            ended(program, Limits(wall_s=0.5), data)


@pytest.mark.timeout(30)
def test_an_interrupted_service_leaves_no_reader_behind() -> None:
    def interrupted() -> Iterator[bytes]:
        yield MORE_THAN_A_PIPE_HOLDS
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        read_apart(ORDER, interrupted(), program="import sys, time; sys.stdin.buffer.read(); time.sleep(99)")


def test_several_threads_may_read_at_once() -> None:
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda _: read_apart(ORDER, (WHOLE,)), range(8))) == {((NINE,), 0)}


def test_a_machine_that_can_start_no_process_is_to_blame_itself() -> None:
    allowed = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (psutil.Process().num_fds(), allowed[1]))
    try:
        with pytest.raises(NotNowError, match="no room for a process"):
            read_apart(ORDER, (WHOLE,))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, allowed)


@pytest.mark.slow
@pytest.mark.timeout(60)
def test_what_the_reader_started_ends_with_it(tmp_path: Path) -> None:
    child = f"\nif os.fork(): os._exit(0)\nos.mkdir(f'{tmp_path}/{{os.getpgrp()}}'); time.sleep(99)"
    with pytest.raises((NotNowError, UnusableError)):  # a fork is refused but to root
        ended(child, Limits(wall_s=1.5))
    groups = {int(group.name) for group in tmp_path.iterdir()}
    _, left = psutil.wait_procs([one for one in psutil.process_iter() if group_of(one) in groups], timeout=5)
    assert not any(map(is_alive, left))


def group_of(process: psutil.Process) -> int:
    with suppress(ProcessLookupError):
        return os.getpgid(process.pid)
    return 0


def is_alive(process: psutil.Process) -> bool:
    """Not for those that ended and that nobody has waited for yet."""
    with suppress(psutil.NoSuchProcess):
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    return False


@pytest.mark.slow
def test_a_reader_whose_service_is_gone_ends_by_itself() -> None:
    service = (
        "import os; from scheduler.adapters.icsbusy.fence import Limits, _started;"
        f"child = _started({SHUT_IN + 'time.sleep(99)'!r}, Limits(cpu_s=1));"
        "print(child.pid, flush=True); os._exit(0)"
    )
    pid = int(subprocess.run([sys.executable, "-c", service], capture_output=True, check=True).stdout)
    orphans = [one for one in psutil.process_iter() if one.pid == pid]
    psutil.wait_procs(orphans, timeout=15)
    assert not any(map(is_alive, orphans))


def test_the_reader_knows_no_variable_no_file_and_no_folder_of_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RITUALS_SMTP_PASSWORD", "hunter2")
    inherited = os.open(os.devnull, os.O_RDONLY)
    os.set_inheritable(inherited, True)
    program = (
        "told = sorted(os.environ), sorted(map(int, os.listdir('/proc/self/fd')))[3:-1], os.getcwd();"
        "os.write(1, repr(told).encode()); os._exit(3)"
    )
    with pytest.raises(UnusableError) as caught:
        ended(program)
    os.close(inherited)
    allowed = "'DYLD_LIBRARY_PATH', 'LC_CTYPE', 'LD_LIBRARY_PATH', 'PYTHONTZPATH'"
    names, files, folder = ast.literal_eval(str(caught.value))
    assert set(names) <= set(ast.literal_eval(f"[{allowed}]"))
    assert (files, folder) == ([], "/")


@pytest.mark.parametrize("limit", ["CPU", "AS", "FSIZE", "CORE", "NPROC", "NOFILE"])
def test_the_reader_is_limited_before_it_reads(limit: str) -> None:
    with pytest.raises(UnusableError, match=r"^\d+ \d+$") as caught:
        ended(f"os.write(1, '%d %d'.__mod__(resource.getrlimit(resource.RLIMIT_{limit})).encode()); os._exit(3)")
    soft, hard = map(int, str(caught.value).split())
    most = {"CPU": SHORT.cpu_s + 1, "AS": SHORT.memory, "NOFILE": 32}.get(limit, 0)
    assert 0 <= soft <= hard <= most


def test_the_kernel_ends_the_reader_before_the_service() -> None:
    with pytest.raises(UnusableError, match=r"^1000\s*$"):
        ended("os.write(1, open('/proc/self/oom_score_adj', 'rb').read()); os._exit(3)")


def test_a_refused_version_costs_its_seconds_once(tmp_path: Path) -> None:
    path, tries = tmp_path / "busy.ics", []

    def parse(order: Order, chunks: Iterable[bytes]) -> Answer:
        tries.append(b"".join(chunks))
        return ended("os._exit(1)")

    source = IcsFile(path, all_day=AllDay.BUSY, zone=ZoneInfo("Europe/Berlin"), parse=parse)
    said = set()
    for data in (b"one", b"one", b"two", b"two"):
        path.write_bytes(data)
        with pytest.raises(Unavailable, match=CRASHED) as caught:
            source.read(START, END, None)
        said.add(str(caught.value))
    assert tries == [b"one", b"two"]
    assert len(said) == 1


def test_what_is_not_the_file_s_fault_is_tried_again(tmp_path: Path) -> None:
    path, ways = tmp_path / "busy.ics", [NotNowError("cannot be read now"), None]
    path.write_bytes(WHOLE)

    def parse(order: Order, chunks: Iterable[bytes]) -> Answer:
        if trouble := ways.pop(0):
            raise trouble
        assert b"".join(chunks) == WHOLE
        return (NINE,), 1

    source = IcsFile(path, all_day=AllDay.BUSY, zone=ZoneInfo("Europe/Berlin"), parse=parse)
    with pytest.raises(Unavailable, match=f"{path} cannot be read now"):
        source.read(START, END, None)
    reading = source.read(START, END, None)
    assert reading is not None
    assert (reading.spans, reading.skipped) == ((NINE,), 1)


def test_no_process_is_started_for_an_unchanged_file(tmp_path: Path) -> None:
    path = tmp_path / "busy.ics"
    path.write_bytes(WHOLE)
    first = IcsFile(path, all_day=AllDay.BUSY, zone=ZoneInfo("Europe/Berlin")).read(START, END, None)
    assert first is not None

    def parse(order: Order, chunks: Iterable[bytes]) -> Answer:
        raise AssertionError("read anew")

    again = IcsFile(path, all_day=AllDay.BUSY, zone=ZoneInfo("Europe/Berlin"), parse=parse)
    assert again.read(START, END, first.version) is None


def test_a_file_that_changes_while_it_is_read_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "busy.ics"
    path.write_bytes(WHOLE)

    def parse(order: Order, chunks: Iterable[bytes]) -> Answer:
        path.write_bytes(WHOLE.replace(b"T09", b"T08"))
        return spans_in(b"".join(chunks), order)

    source = IcsFile(path, all_day=AllDay.BUSY, zone=ZoneInfo("Europe/Berlin"), parse=parse)
    with pytest.raises(Unavailable, match="changed while it was read"):
        source.read(START, END, None)
    assert source.read(START, END, None) is not None


@given(times=st.lists(st.integers(-(2**40), 2**40), unique=True).map(sorted), skipped=st.integers(0, 10**6))
def test_spans_pass_the_pipe_unchanged(times: list[int], skipped: int) -> None:
    spans = tuple(zip(times[::2], times[1::2], strict=False))
    assert unpacked(packed((spans, skipped))) == (spans, skipped)


@given(cut=st.integers(0, 47))
def test_half_an_answer_does_not_pass_for_free_time(cut: int) -> None:
    with pytest.raises(ValueError, match="not spans"):
        unpacked(packed((((1, 2), (3, 4)), 0))[:cut])


@pytest.mark.parametrize("spans", [((2, 1),), ((1, 1),), ((3, 4), (1, 2)), ((1, 3), (2, 4))])
def test_what_is_no_list_of_spans_is_not_taken_for_one(spans: Spans) -> None:
    with pytest.raises(ValueError, match="not spans"):
        unpacked(packed((spans, 0)))


@given(order=st.builds(Order, st.just((START, END)), st.just("Asia/Tokyo"), st.sampled_from(AllDay), ADDRESSES))
def test_an_order_passes_the_pipe_unchanged(order: Order) -> None:
    passed = Order.from_line(order.to_line())
    assert all(getattr(passed, name) == getattr(order, name) for name in Order.__slots__)
