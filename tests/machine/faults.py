"""What goes wrong in front of a calendar server. Not here: what local calendars suffer (flaky)."""

from __future__ import annotations

from random import Random

from tests.servers.proxy import Fault, FaultProxy

WRITES = ("PUT", "POST", "PATCH", "DELETE", "MKCALENDAR")
READS = ("GET", "REPORT", "PROPFIND")
STATUSES = (401, 403, 404, 409, 410, 412, 429, 500, 502, 503, 504)
REFUSING = ("400", "403", "507", "forbidden")
"""Names of faults that a server may mean for good: what they met waits for the host."""

_PAGE = Fault(200, headers={"Content-Type": "text/html"}, body=b"<html><body>Please log in</body></html>")
_PAUSE = Fault(503, headers={"Retry-After": "2400"})
_PATIENCE = Fault(429, headers={"Retry-After": "900"})


class CountingProxy(FaultProxy):
    """``met`` counts the faults that met a request."""

    met = 0

    def take(self, method: str) -> Fault | None:
        fault = super().take(method)
        self.met += fault is not None
        return fault


def over_http(proxy: FaultProxy, empty: Fault, chance: Random) -> str:
    """Put a fault, or a few of the same, in front of the server; its name."""
    kind = chance.choice(("status", "status", "status", "dropped", "empty listing", "login page", "pause", "patience"))
    named = {"empty listing": empty, "login page": _PAGE, "pause": _PAUSE, "patience": _PATIENCE}
    if kind in named:
        fault = named[kind]
    else:
        status = chance.choice(STATUSES) if kind == "status" else None
        fault = Fault(status, chance.random() < 0.5, chance.choice(((), READS, WRITES, WRITES, WRITES)))
        which = {(): "any", READS: "reads", WRITES: "writes"}[fault.methods]
        kind = f"{status or kind} {'after' if fault.after else 'before'} {which}"
    proxy.fail_next(*[fault] * chance.choice((1, 1, 1, 2, 3, 8)))
    return kind
