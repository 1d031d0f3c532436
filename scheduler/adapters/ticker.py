"""Wakes jobs at intervals, through APScheduler. Not here: what a job does, or any memory of it.

Its stored jobs and cron triggers stay unused: they lose or double work when the process dies or the clock changes.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from scheduler.ports import Clock

OnError = Callable[[str, Exception], None]


class IntervalTicker:
    """Fulfils ports.Ticker with threads. A job never runs twice at once; late ticks become one."""

    def __init__(self, clock: Clock, on_error: OnError) -> None:
        """``clock`` is the computer's; ``on_error`` is called with the job's name, in the job's thread."""
        # That a tick found its job still running is no news.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        self._scheduler = _Scheduler(clock)
        self._on_error = on_error

    def every(self, interval: timedelta, name: str, job: Callable[[], object]) -> None:
        """Run the job at once (or at start), then at every interval."""
        self._scheduler.add_job(
            partial(_guarded, name, job, self._on_error),
            _Every(interval),
            id=name,
            name=name,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        """Returns when the running jobs have ended; before start, or a second time, it does nothing."""
        if self._scheduler.running:
            self._scheduler.pause()
            self._scheduler.shutdown(wait=True)


class _Every(BaseTrigger):  # type: ignore[misc]
    """The next tick counts from now: APScheduler's own walks through every tick that a sleep or a clock skipped."""

    def __init__(self, interval: timedelta) -> None:
        self.interval = interval

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        return now if previous is None else now + self.interval


class _Scheduler(BackgroundScheduler):  # type: ignore[misc]
    """Keeps ticking when the clock is set back: APScheduler's own waits until the old time comes round again."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(timezone=UTC)
        self._clock = clock

    def _process_jobs(self) -> float | None:
        now = self._clock.now()
        for job in self.get_jobs():
            if job.next_run_time > now + job.trigger.interval:
                job.modify(next_run_time=now)
        seconds: float | None = super()._process_jobs()
        return seconds


def _guarded(name: str, job: Callable[[], object], on_error: OnError) -> None:
    try:
        job()
    except Exception as err:  # noqa: BLE001 - one bad job must not stop the others, nor its own next tick
        on_error(name, err)
