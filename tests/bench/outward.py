"""What a day of looking at one published calendar costs: requests, bytes, time, and what it leaves in memory.

The peers are clients that fetch all of it every ten minutes, packed (httpx) and unpacked (urllib). Ours asks six
times, the most that its pace stands for, of a server that marks what it sends and of one that does not.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from time import perf_counter
from typing import Any
from urllib.request import ProxyHandler, build_opener
from zoneinfo import ZoneInfo

import httpx
import psutil

from scheduler.adapters.icsbusy.reader import IcsReader
from scheduler.adapters.outward.client import Outward
from scheduler.adapters.outward.ics import IcsAddress
from scheduler.adapters.outward.limits import Limits
from scheduler.adapters.system import SystemClock, use_packaged_zones
from scheduler.domain.spans import AllDay
from tests.build import at
from tests.servers.published import Asked, Published, answer

OURS, THEIRS, TARGET = 6, 144, 20
EVENTS, CHANGES = 400, (1 / 3, 2 / 3)  # when in the day somebody edits the calendar
WINDOW = (at("2026-11-22 00:00"), at("2026-12-31 00:00"))
EVENT = """BEGIN:VEVENT
UID:040000008200E00074C5B7101A82E00800000000{mark}
SUMMARY:Busy
DTSTART:{start:%Y%m%dT%H%M%SZ}
DTEND:{end:%Y%m%dT%H%M%SZ}
CLASS:PUBLIC
PRIORITY:5
DTSTAMP:20261122T201512Z
TRANSP:OPAQUE
STATUS:CONFIRMED
SEQUENCE:0
X-MICROSOFT-CDO-BUSYSTATUS:BUSY
X-MICROSOFT-CDO-ALLDAYEVENT:FALSE
END:VEVENT
"""


class Day:
    """A server whose calendar is edited as the day goes on; ``now`` is the part of the day that is over."""

    def __init__(self, *, marks: bool) -> None:
        self.now, self._marks = 0.0, marks
        self._versions = [published(number) for number in range(len(CHANGES) + 1)]

    def __call__(self, asked: Asked) -> list[bytes]:
        version = sum(self.now >= one for one in CHANGES)
        headers: dict[str, Any] = {"ETag": f'"{version}"'} if self._marks else {}
        if self._marks and asked.headers.get("if-none-match") == headers["ETag"]:
            return answer(304, **headers)
        body = self._versions[version]
        if "gzip" in asked.headers.get("accept-encoding", ""):
            body, headers["Content-Encoding"] = gzip.compress(body), "gzip"
        return answer(200, body, **headers)


def published(version: int) -> bytes:
    first = at("2026-06-01 08:00") + timedelta(minutes=version)
    events = [event(first + timedelta(hours=12 * number), number) for number in range(EVENTS)]
    return f"BEGIN:VCALENDAR\n{''.join(events)}END:VCALENDAR\n".replace("\n", "\r\n").encode()


def event(start: datetime, number: int) -> str:
    mark = sha256(str(number).encode()).hexdigest()
    return EVENT.format(mark=mark, start=start, end=start + timedelta(hours=1))


def main() -> None:
    use_packaged_zones()
    print(f"{EVENTS} events, {len(published(0)) / 1e3:.0f} kB, edited {len(CHANGES)} times in the day")
    packed = spent("all of it every ten minutes, packed", THEIRS, httpx_get)
    spent("all of it every ten minutes, unpacked", THEIRS, urllib_get)
    for marks in (True, False):
        name = f"ours, of a server that {'marks' if marks else 'does not mark'} what it sends"
        requests, sent = spent(name, OURS, our_get, marks=marks)
        ratio = packed[1] / sent
        print(
            f"    1/{packed[0] / requests:.0f} of the requests, 1/{ratio:.0f} of the packed bytes (target 1/{TARGET})"
        )


def spent(
    name: str, looks: int, make: Callable[[Published], Callable[[], object]], *, marks: bool = True
) -> tuple[int, int]:
    """Requests, and bytes that the server sent."""
    day, process = Day(marks=marks), psutil.Process()
    with Published(day) as server:
        look = make(server)
        look()
        server.asked.clear()
        server.sent = 0
        memory, began = process.memory_info().rss, perf_counter()
        for number in range(looks):
            day.now = number / looks
            look()
        took = (perf_counter() - began) / looks * 1000
    grown = (process.memory_info().rss - memory) / 2**20
    counted = f"{len(server.asked)} requests, {server.sent / 1e3:.1f} kB"
    print(f"  {name}: {counted}, {took:.0f} ms a look, {grown:.1f} MB grown")
    return len(server.asked), server.sent


def our_get(server: Published) -> Callable[[], object]:
    limits = Limits(ports=frozenset({server.port}), plain=True)
    outward = Outward(SystemClock(), limits=limits, trusted=lambda address: address == "127.0.0.1")
    source = IcsAddress(server.url(), read=IcsReader(AllDay.BUSY, ZoneInfo("Europe/Berlin")).read, outward=outward)
    known: str | None = None

    def look() -> None:
        nonlocal known
        reading = source.read(*WINDOW, known)
        known = reading.version if reading else known

    return look


def httpx_get(server: Published) -> Callable[[], object]:
    return lambda: httpx.get(server.url(), trust_env=False).content


def urllib_get(server: Published) -> Callable[[], object]:
    opener = build_opener(ProxyHandler({}))

    def look() -> bytes:
        with opener.open(server.url()) as found:
            return bytes(found.read())

    return look


if __name__ == "__main__":
    main()
