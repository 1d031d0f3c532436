"""How often anybody may knock in a minute, so that nobody can try addresses by the thousand. Not here: what they open.

The counts live in memory and begin anew with each minute and each start.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from ipaddress import IPv6Address, IPv6Network, ip_address
from threading import Lock

EACH, ALTOGETHER = 20, 200  # a minute; what partners' programs need is a handful an hour
A_MINUTE = timedelta(minutes=1)
_ONE_HOUSE = 64  # bits of an IPv6 address that one connection owns


class Gate:
    """Counts who knocked; any number of threads may ask."""

    def __init__(self, now: Callable[[], datetime], each: int = EACH, altogether: int = ALTOGETHER) -> None:
        self._now, self._each, self._altogether = now, each, altogether
        self._until: datetime | None = None
        self._knocks: Counter[str] = Counter()
        self._lock = Lock()

    def lets_in(self, address: str) -> bool:
        """Whether one more knock from there is heard; one that is not heard counts for nobody else."""
        who, now = _house(address), self._now()
        with self._lock:
            if self._until is None or not self._until - A_MINUTE <= now < self._until:
                self._until = now + A_MINUTE
                self._knocks.clear()
            if self._knocks[who] >= self._each or self._knocks.total() >= self._altogether:
                return False
            self._knocks[who] += 1
            return True


def _house(address: str) -> str:
    """Who may be behind an address; all that is none is one."""
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    if not isinstance(found, IPv6Address):
        return str(found)
    return str(found.ipv4_mapped or IPv6Network((int(found), _ONE_HOUSE), strict=False))
