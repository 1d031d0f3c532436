"""Starts the real service again and again, each time as a process of its own. Not here: killing it from outside.

One process imports everything once and forks a child for each life: a start costs milliseconds instead of a second,
and the child still reads its file, opens its database, lock and sockets itself. Orders are JSON lines on stdin,
news are JSON lines on stdout; the service's own log is among them. With the end of stdin everything ends.
"""

from __future__ import annotations

import io
import json
import os
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

from scheduler.adapters.lock import only_instance
from scheduler.cli.opening import opened, read_settings
from scheduler.cli.run import keep_running

LIFE_S = 40
LATE = 99
FILE_CALLS = ("write", "flush", "fsync", "replace", "rename", "unlink", "mkdir", "truncate")


def tell(**news: Any) -> None:
    """One line in one write, so that a kill never leaves half of it."""
    os.write(1, (json.dumps(news) + "\n").encode())


class FixedClock:
    """Stands still at one instant of the scenario, so that a killed run can be compared with an undisturbed one.

    The first look at it is the first thing that the service's first step does: from then on it is at work.
    """

    def __init__(self, order: dict[str, Any]) -> None:
        self._now = datetime.fromisoformat(order["now"])
        self._file_call: int = order.get("file_call") or 0
        self._asked = False

    def now(self) -> datetime:
        if not self._asked:
            self._asked = True
            tell(event="ready")
            if self._file_call:
                sys.setprofile(death_before_file_call(self._file_call))
        return self._now


def death_at(name: str | None, nth: int) -> Callable[[str], None]:
    """A hook for step boundaries that ends this process by SIGKILL when it comes to ``name`` the nth time."""
    seen = 0

    def at(boundary: str) -> None:
        nonlocal seen
        tell(event="passed", name=boundary)
        seen += boundary == name
        if boundary == name and seen == nth:
            tell(event="boundary", name=name)
            os.kill(os.getpid(), signal.SIGKILL)

    return at


def death_before_file_call(nth: int) -> Callable[[FrameType, str, Any], None]:
    """A profile hook that ends this process before the nth call that changes a file or makes it durable."""
    seen = 0

    def profile(frame: FrameType, what: str, called: Any) -> None:
        nonlocal seen
        of_a_file = what == "c_call" and isinstance(getattr(called, "__self__", None), (ModuleType, io.IOBase))
        if of_a_file and called.__name__ in FILE_CALLS:
            seen += 1
            if seen == nth:
                os.kill(os.getpid(), signal.SIGKILL)

    return profile


def live(order: dict[str, Any]) -> None:
    """One life of the service, or one word of a partner."""
    file, clock = Path(order["config"]), FixedClock(order)
    if order["do"] == "serve":
        settings = read_settings(file)
        keep_running(settings, lambda: read_settings(file), clock=clock, at=death_at(order.get("at"), order["nth"]))
        return
    with opened(file) as (settings, service), only_instance(settings.state):
        service.parts = replace(service.parts, clock=clock)
        if order["do"] == "join":
            service.join(order["partner"], shown="the text of the kill test")
        else:
            service.leave(order["partner"])


def child(order: dict[str, Any]) -> None:
    """Never returns."""
    code = 1
    try:
        live(order)
        code = 0
    except BaseException:  # noqa: BLE001 - whatever it was, the test must hear of it
        tell(event="crashed", text=traceback.format_exc())
    finally:
        os._exit(code)


def wait_for(pid: int) -> int | None:
    """How the child ended; it is ended after LIFE_S, and when our own order giver has gone (None)."""
    last = time.monotonic() + LIFE_S
    while True:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        gone = select.select([0], [], [], 0.005)[0]  # no order comes during a life, so this is the end of stdin
        if gone or time.monotonic() > last:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            return None if gone else LATE


def main() -> None:
    while line := os.read(0, 65536):
        if (pid := os.fork()) == 0:
            child(json.loads(line))
        tell(event="started", pid=pid)
        status = wait_for(pid)
        if status is None:
            return
        tell(event="ended", status=status)


if __name__ == "__main__":
    sys.stdout.flush()
    main()
