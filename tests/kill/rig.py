"""Lets the real service live, and ends its life at a chosen moment. Not here: what it does (home), what is judged."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.kill.sink import Sink

PATIENCE_S = 45
LAUNCHER = Path(__file__).with_name("launcher.py")


@dataclass(frozen=True)
class End:
    """When a life ends: ``after`` an event of the launcher (or "running") and so many seconds; or the nth time at a
    step ``boundary``; or when the nth mail comes to a ``stage``; or before the ``file_call``th change of a file.
    Gentle means SIGTERM, else it is SIGKILL."""

    after: str = "running"
    delay_s: float = 0.0
    boundary: str | None = None
    stage: str | None = None
    file_call: int = 0
    nth: int = 1
    gentle: bool = False


GENTLE = End(delay_s=0.05, gentle=True)


@dataclass
class Life:
    """How a life went: ``passed`` counts boundaries, ``hit`` whether an aimed end came where it was aimed."""

    ready: bool = False
    hit: bool = False
    status: int | None = None
    work_s: float = 0.0
    passed: Counter[str] = field(default_factory=Counter)
    said: list[str] = field(default_factory=list)

    @property
    def counts(self) -> bool:
        """A kill counts only if the service was at work."""
        return self.ready and self.status == -signal.SIGKILL


class Rig:
    """One launcher process, from ``with`` to its end."""

    def __enter__(self) -> Rig:
        command = [sys.executable, str(LAUNCHER)]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT)
        self._news: queue.Queue[dict[str, Any]] = queue.Queue()
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, err: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._listener.join()
        self._process.stdout.close()

    def _listen(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            for news in _objects(line.decode(errors="replace")):
                self._news.put(news)

    def live(self, sink: Sink, end: End, **order: Any) -> Life:
        """One life of the service, to its very end."""
        life, clock, pids = Life(), _Countdown(), list[int]()
        if end.stage:
            sink.set_trap(end.stage, end.nth, lambda: _spring(life, pids[0]))
        self._order(at=end.boundary, nth=end.nth, file_call=end.file_call, **order)
        while life.status is None:
            news = self._next(clock, life)
            if news is None:
                _send(signal.SIGTERM if end.gentle else signal.SIGKILL, pids[0])
                continue
            if news["event"] == "started":
                pids.append(news["pid"])
            self._note(news, life)
            if news["event"] == end.after:
                clock.start(end.delay_s)
        sink.clear_trap()
        return life

    def _order(self, **order: Any) -> None:
        assert self._process.stdin
        self._process.stdin.write(json.dumps({"do": "serve", **order}).encode() + b"\n")
        self._process.stdin.flush()

    def _next(self, clock: _Countdown, life: Life) -> dict[str, Any] | None:
        """The next piece of news; None when the countdown is over."""
        try:
            return self._news.get(timeout=clock.left_s())
        except queue.Empty:
            if clock.ends_at is None:
                raise AssertionError(f"the service fell silent: {life.said[-20:]}") from None
            clock.ends_at = None
            return None

    @staticmethod
    def _note(news: dict[str, Any], life: Life) -> None:
        match news["event"]:
            case "ready":
                life.ready, life.work_s = True, -time.monotonic()
            case "running":
                life.work_s += time.monotonic()
            case "passed":
                life.passed[news["name"]] += 1
            case "boundary":
                life.hit = True
            case "crashed" | "tick_failed":
                raise AssertionError(f"the service broke by itself: {news}")
            case "text":
                life.said.append(news["line"])
            case "ended":
                life.status = news["status"]


def _objects(line: str) -> Iterator[dict[str, Any]]:
    """The JSON objects of a line: the log writes its line's end apart, so two threads may share one line."""
    start = line.find("{")
    if start < 0 and line.strip():
        yield {"event": "text", "line": line.rstrip()}
    while start >= 0:
        found, end = json.JSONDecoder().raw_decode(line, start)
        yield found
        start = line.find("{", end)


@dataclass
class _Countdown:
    ends_at: float | None = None

    def start(self, seconds: float) -> None:
        self.ends_at = time.monotonic() + seconds

    def left_s(self) -> float:
        return PATIENCE_S if self.ends_at is None else max(0.0, self.ends_at - time.monotonic())


def _spring(life: Life, pid: int) -> None:
    life.hit = True
    _send(signal.SIGKILL, pid)


def _send(number: int, pid: int) -> None:
    """Nothing happens where that child has ended by itself."""
    with suppress(ProcessLookupError):
        os.kill(pid, number)
