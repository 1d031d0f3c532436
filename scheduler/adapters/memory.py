"""Fakes of the ports that live in memory: for tests, and for whatever must not reach the world. Not here: the store.

For a store that lasts as long as the process, open SqlStore on ":memory:".
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from scheduler.domain.errors import Conflict, Disconnected, Gone, Unavailable, Uncertain
from scheduler.domain.event import Event, SeenEvent
from scheduler.domain.freebusy import Spans, intersection, span_of, union
from scheduler.domain.pace import Pace
from scheduler.ports import BusyReading, Envelope


class MemoryClock:
    """Stands still until it is told otherwise."""

    def __init__(self, now: datetime) -> None:
        self.set(now)

    def now(self) -> datetime:
        return self._now

    def set(self, now: datetime) -> None:
        """Raises ValueError for a naive datetime."""
        if now.utcoffset() is None:
            raise ValueError("a naive datetime names no instant")
        self._now = now

    def advance(self, by: timedelta) -> None:
        self.set(self._now + by)


class MemoryMailer:
    """Keeps what it took in ``sent``; each error given to ``fail_next`` meets one send.

    A mail that ends Uncertain was taken: the worst case, and the one that a second copy comes from.
    """

    def __init__(self) -> None:
        self.sent: list[Envelope] = []
        self._errors: deque[Exception] = deque()

    def fail_next(self, *errors: Exception) -> None:
        self._errors.extend(errors)

    def send(self, envelope: Envelope) -> str:
        error = self._errors.popleft() if self._errors else None
        if error is None or isinstance(error, Uncertain):
            self.sent.append(envelope)
        if error is not None:
            raise error
        return "250 taken"

    def close(self) -> None:
        """There is nothing to let go of."""


@dataclass(frozen=True, slots=True)
class _Standing:
    event: Event
    tag: str


class MemoryCalendar:
    """One partner's calendar; ``person_...`` is what the partner does to it by hand.

    While ``down`` is True, every call of a port's method raises Unavailable; while ``cut`` is, Disconnected; while
    there is a ``pause``, it asks for so much patience.
    ``looks`` counts what was asked with ``seen``.
    """

    def __init__(self, pace: Pace = Pace.EVERY_TICK) -> None:
        self.down = self.cut = False
        self.pause: timedelta | None = None
        self.pace = pace
        self.looks = 0
        self._is_gone = False
        self._standing: dict[str, _Standing] = {}
        self._deleted: set[str] = set()
        self._writes = 0

    @property
    def events(self) -> list[Event]:
        """What stands there, by start."""
        return sorted((one.event for one in self._standing.values()), key=lambda event: (event.starts_at, event.uid))

    def put(self, event: Event, tag: str | None) -> str:
        self._answer()
        self._is_gone &= tag is not None
        standing = self._standing.get(event.uid)
        if standing and standing.event == event:
            return standing.tag
        if (standing.tag if standing else None) != tag:
            raise Conflict("what stands there is not what was last written")
        return self._write(event)

    def remove(self, event: Event, _tag: str | None, /) -> None:
        self._answer()
        self._standing.pop(event.uid, None)

    def seen(self, uids: Collection[str]) -> Mapping[str, SeenEvent | None]:
        self.looks += 1
        self._answer()
        if uids and self._is_gone:
            raise Gone("the calendar is not there any more")
        if len(uids) > 1 and not self._standing and not self._deleted.issuperset(uids):
            raise Unavailable("the calendar is suddenly empty")
        return {uid: _seen(self._standing[uid]) for uid in uids if uid in self._standing}

    def stand(self, event: Event, tag: str) -> None:
        """Begin with an event that was written earlier."""
        self._standing[event.uid] = _Standing(event, tag)

    def person_moves(self, uid: str, starts_at: datetime) -> None:
        """The length stays; Raises KeyError where no such event stands."""
        event = self._standing[uid].event
        self._write(replace(event, starts_at=starts_at, ends_at=starts_at + (event.ends_at - event.starts_at)))

    def person_retitles(self, uid: str, title: str) -> None:
        """As calendar programs do it, with a higher SEQUENCE; Raises KeyError where no such event stands."""
        event = self._standing[uid].event
        self._write(replace(event, title=title, sequence=event.sequence + 1))

    def person_deletes(self, uid: str) -> None:
        """It is remembered that a person did; Raises KeyError where no such event stands."""
        del self._standing[uid]
        self._deleted.add(uid)

    def person_deletes_calendar(self) -> None:
        self._standing.clear()
        self._is_gone = True

    def _answer(self) -> None:
        if self.cut:
            raise Disconnected("the partner's access has ended")
        if self.down or self.pause:
            raise Unavailable("the calendar does not answer", self.pause)

    def _write(self, event: Event) -> str:
        self._writes += 1
        self._standing[event.uid] = _Standing(event, f"tag-{self._writes}")
        return f"tag-{self._writes}"


def _seen(standing: _Standing) -> SeenEvent:
    event = standing.event
    return SeenEvent(event.uid, event.sequence, event.starts_at, event.ends_at, standing.tag, title=event.title)


class MemoryBusy:
    """Busy times as given; while ``down`` is True it cannot be read, while ``cut`` is, access has ended."""

    def __init__(self, spans: Spans = (), pace: Pace = Pace.EVERY_TICK) -> None:
        self.down = self.cut = False
        self.pace = pace
        self.readings = 0
        self._version = 0
        self.set(spans)

    def set(self, spans: Spans) -> None:
        self._spans = union(spans)
        self._version += 1

    def read(self, starts_at: datetime, ends_at: datetime, known: str | None) -> BusyReading | None:
        self.readings += 1
        if self.cut:
            raise Disconnected("the partner's access has ended")
        if self.down:
            raise Unavailable("the busy times cannot be read")
        window = span_of(starts_at, ends_at)
        version = f"{self._version}/{window[0]}/{window[1]}"
        return None if version == known else BusyReading(intersection(self._spans, (window,)), version)


class MemoryVault:
    """Keeps what it is given, unsealed, in ``kept``."""

    def __init__(self, **kept: str) -> None:
        self.kept = kept

    def get(self, name: str) -> str | None:
        return self.kept.get(name)

    def put(self, name: str, value: str) -> None:
        self.kept[name] = value

    def forget(self, name: str) -> None:
        self.kept.pop(name, None)


class MemoryTicker:
    """Runs a job when ``fire`` names it, and never by itself; an error in a job reaches the caller of ``fire``."""

    def __init__(self) -> None:
        self.jobs: dict[str, Callable[[], object]] = {}
        self.intervals: dict[str, timedelta] = {}
        self.running = False

    def every(self, interval: timedelta, name: str, job: Callable[[], object]) -> None:
        self.jobs[name], self.intervals[name] = job, interval

    def start(self) -> None:
        self.running = True

    def stop(self) -> None:
        self.running = False

    def fire(self, name: str) -> None:
        """Raises KeyError where no job is called so."""
        self.jobs[name]()
