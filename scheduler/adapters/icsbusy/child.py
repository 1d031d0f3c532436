"""Reads one calendar in a process of its own, under limits that nothing in the file can lift.

Not here: who starts it and for how long (fence), what the lines mean (read). Our own code is loaded before the
limits are set, so that Python may still store it compiled.
"""

from __future__ import annotations

import os
import resource
import signal
import sys

from scheduler.adapters.icsbusy.outline import UnusableError
from scheduler.adapters.icsbusy.read import spans_in
from scheduler.adapters.icsbusy.wire import NO_MEMORY, REFUSED, Order, packed

_MOST_FILES = 32  # time zones and late imports; one at a time
_LEFT_ALONE_S = 3


def main() -> None:
    """The whole life of the process: limits, order and calendar from stdin, answer to stdout."""
    shut_in()
    try:
        order = Order.from_line(sys.stdin.buffer.readline())
        answer, code = packed(spans_in(sys.stdin.buffer.read(), order)), 0
    except UnusableError as err:
        answer, code = str(err).encode(), REFUSED
    except MemoryError:
        answer, code = b"", NO_MEMORY
    sys.stdout.buffer.write(answer)
    sys.stdout.buffer.flush()
    os._exit(code)  # taking a large heap apart by hand only costs time


def shut_in() -> None:
    """Limit this process for good: CPU seconds and bytes of memory are its first two arguments."""
    cpu_s, memory = int(sys.argv[1]), int(sys.argv[2])
    _offer_as_first_victim()
    _limit(resource.RLIMIT_CPU, cpu_s, cpu_s + 1)
    _limit(resource.RLIMIT_AS, memory)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_NPROC, 0)
    _limit(resource.RLIMIT_NOFILE, _MOST_FILES)
    signal.alarm(cpu_s + _LEFT_ALONE_S)  # whoever started us may be gone by then


def _offer_as_first_victim() -> None:
    """Where memory runs out, the kernel is to end this process rather than the service."""
    try:
        file = os.open("/proc/self/oom_score_adj", os.O_WRONLY)
    except OSError:  # only Linux knows it
        return
    os.write(file, b"1000")
    os.close(file)


def _limit(kind: int, most: int, at_last: int | None = None) -> None:
    """Never above what is allowed already."""
    soft, hard = most, most if at_last is None else at_last
    allowed = resource.getrlimit(kind)[1]
    if allowed != resource.RLIM_INFINITY:
        soft, hard = min(soft, allowed), min(hard, allowed)
    try:
        resource.setrlimit(kind, (soft, hard))
    except (ValueError, OSError):  # some systems know no limit of memory: there time alone ends it
        return
