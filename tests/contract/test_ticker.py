"""What a ticker promises: every job is woken again and again, never twice at once, until stop."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo

import apscheduler.schedulers.base
import pytest

from scheduler.adapters.system import SystemClock
from scheduler.adapters.ticker import IntervalTicker
from scheduler.ports import Ticker

OFTEN = timedelta(milliseconds=20)
SELDOM = timedelta(hours=1)
PATIENCE_S = 10


class Counted:
    """A job that can be waited for."""

    def __init__(self) -> None:
        self.runs = threading.Semaphore(0)

    def __call__(self) -> None:
        self.runs.release()

    def has_run(self, times: int = 1) -> bool:
        return all(self.runs.acquire(timeout=PATIENCE_S) for _ in range(times))


@pytest.fixture
def errors() -> list[tuple[str, Exception]]:
    return []


@pytest.fixture
def ticker(errors: list[tuple[str, Exception]]) -> Iterator[Ticker]:
    made = IntervalTicker(SystemClock(), lambda name, error: errors.append((name, error)))
    yield made
    made.stop()


def test_the_first_tick_comes_at_once(ticker: Ticker) -> None:
    job = Counted()
    ticker.every(SELDOM, "plan", job)
    ticker.start()
    assert job.has_run()


def test_a_job_added_while_running_is_woken_too(ticker: Ticker) -> None:
    job = Counted()
    ticker.start()
    ticker.every(SELDOM, "plan", job)
    assert job.has_run()


def test_ticks_come_again_and_again(ticker: Ticker) -> None:
    job = Counted()
    ticker.every(OFTEN, "deliver", job)
    ticker.start()
    assert job.has_run(times=3)


def test_nothing_runs_before_start(ticker: Ticker) -> None:
    job = Counted()
    ticker.every(OFTEN, "deliver", job)
    ticker.stop()
    assert not job.runs.acquire(blocking=False)


def test_an_error_is_told_by_name_and_stops_nothing(ticker: Ticker, errors: list[tuple[str, Exception]]) -> None:
    failing, other = Counted(), Counted()

    def fail() -> None:
        failing()
        raise KeyError("oops")

    ticker.every(OFTEN, "plan", fail)
    ticker.every(OFTEN, "deliver", other)
    ticker.start()
    assert failing.has_run(times=3)
    assert other.has_run(times=3)
    ticker.stop()
    assert {name for name, _ in errors} == {"plan"}
    assert all(isinstance(error, KeyError) for _, error in errors)


def test_a_slow_job_never_runs_twice_at_once_and_delays_nobody(ticker: Ticker) -> None:
    entered, may_leave, other = threading.Semaphore(0), threading.Event(), Counted()

    def slow() -> None:
        entered.release()
        may_leave.wait(PATIENCE_S)

    ticker.every(OFTEN, "plan", slow)
    ticker.every(OFTEN, "deliver", other)
    ticker.start()
    assert entered.acquire(timeout=PATIENCE_S)
    assert other.has_run(times=5)
    assert not entered.acquire(blocking=False)
    may_leave.set()


def test_stop_waits_for_the_running_job_and_no_other_begins(ticker: Ticker) -> None:
    entered, may_leave, ended = threading.Event(), threading.Event(), threading.Event()

    def slow() -> None:
        entered.set()
        may_leave.wait(PATIENCE_S)
        ended.set()

    ticker.every(OFTEN, "plan", slow)
    ticker.start()
    assert entered.wait(PATIENCE_S)
    threading.Timer(0.05, may_leave.set).start()
    ticker.stop()
    assert ended.is_set()
    entered.clear()
    assert not entered.wait(0.1)


def test_stop_may_come_twice(ticker: Ticker) -> None:
    ticker.start()
    ticker.stop()
    ticker.stop()


class MovedClock(datetime):
    """APScheduler's own clock, and ours, set by hand like a computer's."""

    ahead = timedelta(0)

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        return datetime.now(tz) + cls.ahead


class MovedSystemClock:
    def now(self) -> datetime:
        return MovedClock.now(UTC)


@pytest.mark.parametrize("ahead", [timedelta(days=-2), timedelta(days=3650)], ids=["set back", "set forward"])
def test_a_clock_set_while_we_run_stops_no_ticks(ahead: timedelta, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apscheduler.schedulers.base, "datetime", MovedClock)
    monkeypatch.setattr(MovedClock, "ahead", timedelta(0))
    job = Counted()
    ticker = IntervalTicker(MovedSystemClock(), lambda _, __: None)
    ticker.every(OFTEN, "deliver", job)
    ticker.start()
    assert job.has_run(times=2)
    MovedClock.ahead = ahead
    assert job.has_run(times=5)
    ticker.stop()
