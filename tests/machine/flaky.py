"""A calendar on this machine, with trouble in front of it. Not here: what a person does to it (by_...)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import TypeVar

from scheduler.domain.errors import RitualsError, Unavailable, Uncertain
from scheduler.domain.event import Event, SeenEvent
from scheduler.domain.pace import Pace
from scheduler.ports import Calendar

T = TypeVar("T")
_TROUBLE: dict[str, Callable[[], RitualsError]] = {
    "unavailable": lambda: Unavailable("the calendar does not answer"),
    "pause": lambda: Unavailable("the calendar asks for patience", timedelta(minutes=50)),
    "uncertain": lambda: Uncertain("cut off"),
}


@dataclass(frozen=True, slots=True)
class _Fault:
    verb: str
    after: bool
    kind: str


class FlakyCalendar:
    """Fulfils Calendar with another one behind it; each fault meets one call of its verb, before or after the work."""

    def __init__(self, inner: Calendar) -> None:
        self.inner = inner
        self.met = 0
        self._faults: deque[_Fault] = deque()

    @property
    def pace(self) -> Pace:
        return self.inner.pace

    def trouble(self, chance: Random) -> str:
        verb, after = chance.choice(("put", "put", "remove", "seen")), chance.random() < 0.5
        kind = chance.choice(
            ("unavailable", "pause", "uncertain") if after and verb == "put" else ("unavailable", "pause")
        )
        self._faults += [_Fault(verb, after, kind)] * chance.randint(1, 3)
        return f"{kind} {'after' if after else 'before'} {verb}"

    def mends(self) -> None:
        self._faults.clear()

    def put(self, event: Event, tag: str | None) -> str:
        return self._with_trouble("put", lambda: self.inner.put(event, tag))

    def remove(self, event: Event, tag: str | None, /) -> None:
        return self._with_trouble("remove", lambda: self.inner.remove(event, tag))

    def seen(self, uids: Collection[str]) -> Mapping[str, SeenEvent | None]:
        return self._with_trouble("seen", lambda: self.inner.seen(uids))

    def _with_trouble(self, verb: str, work: Callable[[], T]) -> T:
        fault = next((one for one in self._faults if one.verb == verb), None)
        if fault:
            self._faults.remove(fault)
            self.met += 1
            if fault.after:
                work()
            error = _TROUBLE[fault.kind]()
            raise error
        return work()
