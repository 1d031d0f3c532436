"""Has a calendar read by a process of its own that is ended when it takes too much. Not here: its limits (child).

A file can make a reader loop, grow or crash in ways that no rule about files foresees: whatever it does, the
service is rid of it within seconds. Threads go on meanwhile; no process stays behind.
"""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import IO

from scheduler.adapters.icsbusy.outline import UnusableError
from scheduler.adapters.icsbusy.wire import LONGEST_ANSWER, NO_MEMORY, REFUSED, Answer, Order, unpacked

READ = "import gc; gc.disable(); from scheduler.adapters.icsbusy.child import main; main()"
_LONGEST_REFUSAL = 500
_KEPT_VARIABLES = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")  # without them some Pythons do not start
_ROOT = Path(__file__).parents[3]


class NotNowError(Exception):
    """It could not be read, and the file is not to blame: trying again may help."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one reading may take. ``wall_s`` also ends a reader that only waits; ``memory`` is in bytes."""

    cpu_s: int = 4
    wall_s: float = 4.5
    memory: int = 512 * 2**20


@dataclass(frozen=True, slots=True)
class _End:
    """How the process ended: ``code`` is negative for a signal."""

    answer: bytes
    code: int
    cpu_s: float
    late: bool


def read_apart(order: Order, chunks: Iterable[bytes], *, limits: Limits = Limits(), program: str = READ) -> Answer:
    """What is busy by the calendar whose bytes these are, as ``program`` in a process of its own makes them out.

    Raises UnusableError where the file is to blame, NotNowError where it is not.
    """
    try:
        end = _served(_started(program, limits), chain((order.to_line(),), chunks), limits.wall_s)
    except (OSError, RuntimeError) as err:  # too many processes, threads or open files
        raise NotNowError("cannot be read now: this machine has no room for a process more; it is tried again") from err
    if end.code == 0:
        with suppress(ValueError):
            return unpacked(end.answer)
    raise _reason(end, limits)


def _started(program: str, limits: Limits) -> subprocess.Popen[bytes]:
    """Nothing of ours goes along: no variables, no open files, no folder; only where to find the code."""
    paths = [str(_ROOT), *filter(os.path.isabs, sys.path)]
    return subprocess.Popen(  # noqa: S603 - our own program
        [
            sys.executable, "-I", "-S", *(["-B"] if sys.dont_write_bytecode else []),
            "-c", f"import sys; sys.path += {paths!r}; {program}", str(limits.cpu_s), str(limits.memory),
        ],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        env=_variables(), cwd="/", start_new_session=True,
    )  # fmt: skip


def _variables() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    package = importlib.util.find_spec("tzdata")
    if package and package.origin:  # the same data that adapters.system pins; by path it is found in half the time
        kept["PYTHONTZPATH"] = str(Path(package.origin).with_name("zoneinfo"))
    return kept


def _served(child: subprocess.Popen[bytes], given: Iterable[bytes], wall_s: float) -> _End:
    """Hand over, listen, and see the process off, whatever happens to either side."""
    late, answer = threading.Event(), b""

    def give_up() -> None:
        late.set()
        _end_group(child)

    timer = threading.Timer(wall_s, give_up)
    timer.daemon = True
    try:
        timer.start()
        _hand_over(child.stdin, given)
        answer = child.stdout.read(LONGEST_ANSWER + 1) if child.stdout else b""
        if len(answer) <= LONGEST_ANSWER:
            os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # how it ends by itself tells more
    finally:
        timer.cancel()
        if timer.ident:
            timer.join()  # until the process is waited for, its number cannot become another's
        _end_group(child)
        code, cpu_s = _waited_for(child)
    return _End(answer, code, cpu_s, late.is_set())


def _hand_over(pipe: IO[bytes] | None, given: Iterable[bytes]) -> None:
    if pipe is None:
        return
    with suppress(BrokenPipeError):  # it ended, or wants to hear no more: its answer tells
        for one in given:
            pipe.write(one)
    with suppress(BrokenPipeError):
        pipe.close()


def _end_group(child: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)


def _waited_for(child: subprocess.Popen[bytes]) -> tuple[int, float]:
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    for pipe in (child.stdin, child.stdout):
        if pipe:
            with suppress(BrokenPipeError):
                pipe.close()
    return child.returncode, used.ru_utime + used.ru_stime


def _reason(end: _End, limits: Limits) -> UnusableError | NotNowError:
    if end.late and end.cpu_s < limits.cpu_s / 2:
        return NotNowError("could not be read in time, for this machine is busy; it is tried again")
    if end.late or end.cpu_s >= limits.cpu_s or end.code in (-signal.SIGXCPU, -signal.SIGALRM):
        return UnusableError("takes too long to read; export fewer years or only one calendar")
    if end.code == REFUSED and 0 < len(end.answer) <= _LONGEST_REFUSAL:
        return UnusableError(end.answer.decode("ascii", errors="replace"))
    if len(end.answer) <= LONGEST_ANSWER and end.code in (NO_MEMORY, -signal.SIGKILL):  # a full machine kills too
        return UnusableError("needs too much memory to read; export fewer years or only one calendar")
    return UnusableError("makes its reader crash; export the calendar again, or leave it out")
