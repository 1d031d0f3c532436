"""What the service and the process that reads a calendar say to each other. Not here: starting it (fence).

Both ends are this module; the answer is checked as a stranger's, for the process may have gone astray.
"""

from __future__ import annotations

import struct
from datetime import datetime

from scheduler.domain.spans import AllDay, Spans

Answer = tuple[Spans, int]  # busy times, and how many series count by their first time alone

MOST_SPANS = 20_000
LONGEST_ANSWER = (2 + MOST_SPANS * 2) * 8
REFUSED, NO_MEMORY = 3, 4  # exit codes; the answer is then the refusal's text, or nothing
_BETWEEN = "\x1f"


class Order:
    """What is to be read out of a file. ``zone`` is the IANA name for floating and all-day times."""

    __slots__ = ("all_day", "declined_as", "window", "zone")

    def __init__(
        self, window: tuple[datetime, datetime], zone: str, all_day: AllDay, declined_as: tuple[str, ...] = ()
    ) -> None:
        self.window = window
        self.zone = zone
        self.all_day = all_day
        self.declined_as = declined_as

    def to_line(self) -> bytes:
        starts_at, ends_at = (moment.isoformat() for moment in self.window)
        fields = (starts_at, ends_at, self.zone, self.all_day.value, *self.declined_as)
        return _BETWEEN.join(fields).encode() + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> Order:
        starts_at, ends_at, zone, all_day, *declined_as = line.decode().removesuffix("\n").split(_BETWEEN)
        window = (datetime.fromisoformat(starts_at), datetime.fromisoformat(ends_at))
        return cls(window, zone, AllDay(all_day), tuple(declined_as))


def packed(answer: Answer) -> bytes:
    """The number of spans and of series, then each start and end: half an answer must not pass for free time."""
    spans, skipped = answer
    numbers = (len(spans), skipped, *(second for span in spans for second in span))
    return struct.pack(f"{len(numbers)}q", *numbers)


def unpacked(sent: bytes) -> Answer:
    """Raises ValueError where this is no answer: cut off, not sorted, or not even numbers."""
    if len(sent) % 8 or len(sent) < 2 * 8:
        raise ValueError("not spans")
    count, skipped, *seconds = struct.unpack(f"{len(sent) // 8}q", sent)
    if len(seconds) != 2 * count or skipped < 0 or any(map(int.__ge__, seconds, seconds[1:])):
        raise ValueError("not spans")
    return tuple(zip(seconds[::2], seconds[1::2], strict=True)), skipped
