"""What goes wrong on purpose, and the rate limits. Not here: errors that a request earns by itself."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from tests.servers.google.answers import Answer, ApiError
from tests.servers.google.state import World


@dataclass(frozen=True, slots=True)
class Fault:
    """What meets one request; by default a 503 before anything is done.

    ``status`` None gives no error (for ``latency_s`` and ``keep`` alone); ``drop`` ends the connection without an
    answer, ``reset`` does so harshly: httplib2 sends a request again by itself after the one, not after the other.
    With ``after`` the work is done first. ``method`` narrows it to one ("calendar.events.insert", "token",
    "events.list" does too); empty is any request. ``body`` is sent instead of Google's error body. ``keep`` is the
    share of a listing's items that is left in it (0 to 1), with all else as if nothing lacked.
    """

    status: int | None = 503
    reason: str = "backendError"
    after: bool = False
    drop: bool = False
    reset: bool = False
    method: str = ""
    retry_after: str = ""
    latency_s: float = 0
    body: bytes | None = None
    keep: float = 1

    def meets(self, method: str) -> bool:
        return not self.method or f".{method}".endswith(f".{self.method}")

    def answer(self, done: Answer | None) -> Answer:
        """``done`` is the true answer where there is one already."""
        headers = {"Retry-After": self.retry_after} if self.retry_after else {}
        if self.status is None and done is not None:
            return replace(done, body=self._thinned(done.body), headers={**done.headers, **headers})
        if self.body is not None:
            return Answer(self.status or 200, self.body, {"Content-Type": "text/html", **headers})
        error = ApiError(self.status or 500, self.reason)
        error.headers.update(headers)
        return error.answer

    def _thinned(self, body: Any) -> Any:
        if self.keep == 1 or not isinstance(body, dict) or "items" not in body:
            return body
        return {**body, "items": body["items"][: int(len(body["items"]) * self.keep)]}


@dataclass(frozen=True, slots=True)
class Silence:
    """No answer at all."""

    reset: bool


class Trouble:
    """The faults still to come, and who asked how often in the last minute."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._faults: deque[Fault] = deque()
        self._asked: deque[tuple[datetime, str]] = deque()

    def add(self, faults: Iterable[Fault]) -> None:
        self._faults.extend(faults)

    def left(self) -> list[Fault]:
        return list(self._faults)

    def clear(self) -> None:
        self._faults.clear()

    def take(self, method: str) -> Fault | None:
        """The first fault that fits, for good."""
        for fault in self._faults:
            if fault.meets(method):
                self._faults.remove(fault)
                return fault
        return None

    def count(self, person: str) -> None:
        """Raises: ApiError when the person or the project asked too often. Source: the quota guide: sliding minutes."""
        now, settings = self._world.now(), self._world.settings
        while self._asked and self._asked[0][0] <= now - timedelta(minutes=1):
            self._asked.popleft()
        if sum(who == person for _, who in self._asked) >= settings.per_user_a_minute:
            reason = "userRateLimitExceeded" if settings.rate_status == 403 else "rateLimitExceeded"
            raise ApiError(settings.rate_status, reason)
        if len(self._asked) >= settings.per_project_a_minute:
            raise ApiError(settings.rate_status, "rateLimitExceeded")
        self._asked.append((now, person))
