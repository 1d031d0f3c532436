"""Wall-clock intentions and the instants they mean. Not here: which zone data is used (adapters/system).

Instants are aware datetimes in UTC. A wall time is minutes after local midnight and may pass 1440:
"22:00 to 01:00" is (1320, 1500) on the day on which it starts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DAY_MINUTES = 1440
WEEKDAY_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
EVERY_DAY = frozenset(range(7))


def zone_named(name: str) -> ZoneInfo:
    """The IANA zone; Raises ValueError when there is none of that name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError, ValueError) as err:
        raise ValueError(f'"{name}" is not an IANA time zone') from err


@lru_cache(maxsize=2**12)  # a plan asks for the same few midnights and windows again and again
def to_utc(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """The instant of a wall time. Gap: the first valid minute after it. Fold: the first of the two.

    >>> to_utc(date(2026, 3, 29), 150, ZoneInfo("Europe/Berlin")).isoformat()  # 02:30 does not exist
    '2026-03-29T01:00:00+00:00'
    """
    wall = datetime(day.year, day.month, day.day) + timedelta(minutes=minute)  # noqa: DTZ001 - a wall time has no zone yet
    first = wall.replace(tzinfo=zone).astimezone(UTC)
    if first.astimezone(zone).replace(tzinfo=None) == wall:
        return first
    return _end_of_gap(wall.replace(tzinfo=zone, fold=1).astimezone(UTC), first, zone)


def _end_of_gap(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    offset = after.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if middle.astimezone(zone).utcoffset() == offset:
            after = middle
        else:
            before = middle
    return after


def local_date(instant: datetime, zone: ZoneInfo) -> date:
    """The date on that zone's wall at the instant."""
    return instant.astimezone(zone).date()


def days(first: date, last: date) -> Iterator[date]:
    """Every date from first to last, both included."""
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)


@dataclass(frozen=True, slots=True)
class WallSpan:
    """A stretch of wall time on certain weekdays (0 = Monday): start 0-1439, start < end <= start + 1440."""

    start: int
    end: int
    weekdays: frozenset[int] = EVERY_DAY

    def __post_init__(self) -> None:
        if not (0 <= self.start < DAY_MINUTES and self.start < self.end <= self.start + DAY_MINUTES):
            raise ValueError("a window starts inside its day and lasts at most 24 hours")
        if not self.weekdays or not self.weekdays <= EVERY_DAY:
            raise ValueError("a window needs at least one weekday")

    def on(self, day: date, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
        """The half-open UTC interval of the span that starts on that local day; None where it has none."""
        if day.weekday() not in self.weekdays:
            return None
        starts_at, ends_at = to_utc(day, self.start, zone), to_utc(day, self.end, zone)
        return (starts_at, ends_at) if starts_at < ends_at else None


Windows = tuple[WallSpan, ...]
ANY_TIME: Windows = (WallSpan(0, DAY_MINUTES),)

_CLOCK = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)")
_WINDOW = re.compile(
    r"(?:(?P<days>[A-Za-z][A-Za-z ,-]*?)\s+)?(?P<start>\d{1,2}:\d\d)\s*(?:-|–|to)\s*(?P<end>\d{1,2}:\d\d)"
)


def parse_clock(text: str) -> int:
    """Minutes after midnight of "HH:MM", 0-1440; Raises ValueError.

    >>> parse_clock("18:30")
    1110
    """
    found = _CLOCK.fullmatch(text.strip())
    minute = int(found[1]) * 60 + int(found[2]) if found else DAY_MINUTES + 1
    if minute > DAY_MINUTES:
        raise ValueError(f'"{text}" is not a time of day; write it as "18:30"')
    return minute


def parse_weekday(text: str) -> int:
    """0-6 of a weekday's English name or its first three letters; Raises ValueError."""
    word = text.strip().lower()
    for number, name in enumerate(WEEKDAY_NAMES):
        if word in (name, name[:3], name + "s"):
            return number
    raise ValueError(f'"{text}" is not a weekday; write it as "sunday" or "sun"')


def parse_weekdays(text: str) -> frozenset[int]:
    """Weekdays of "mon-thu, sat", "weekdays", "weekend" or "daily"; Raises ValueError."""
    named = {
        "weekdays": frozenset(range(5)),
        "weekend": frozenset((5, 6)),
        "weekends": frozenset((5, 6)),
        "daily": EVERY_DAY,
    }
    found: set[int] = set()
    for part in re.split(r"\s*,\s*|\s+and\s+", text.strip().lower()):
        first, dash, last = part.partition("-")
        if part in named:
            found |= named[part]
        elif dash:
            start, count = parse_weekday(first), (parse_weekday(last) - parse_weekday(first)) % 7
            found |= {(start + step) % 7 for step in range(count + 1)}
        else:
            found.add(parse_weekday(part))
    return frozenset(found)


def parse_window(text: str) -> WallSpan:
    """One window as people write it: "mon-thu 18:00-21:30", "weekend 09:00-12:00", "22:00-01:00"; Raises ValueError.

    >>> parse_window("sat 09:00-12:00")
    WallSpan(start=540, end=720, weekdays=frozenset({5}))
    """
    found = _WINDOW.fullmatch(text.strip())
    if not found:
        raise ValueError(f'"{text}" is not a window; write it as "mon-thu 18:00-21:30"')
    start, end = parse_clock(found["start"]), parse_clock(found["end"])
    weekdays = parse_weekdays(found["days"]) if found["days"] else EVERY_DAY
    return WallSpan(start % DAY_MINUTES, end if end > start else end + DAY_MINUTES, weekdays)


def clock_text(minute: int) -> str:
    """ "HH:MM" of minutes after midnight; past midnight it starts again at 00."""
    return f"{minute // 60 % 24:02d}:{minute % 60:02d}"


def spans_between(
    windows: Iterable[WallSpan], first: date, last: date, zone: ZoneInfo
) -> list[tuple[datetime, datetime]]:
    """Every interval of the windows that starts on first..last in that zone; unsorted, may overlap."""
    return [span for day in days(first, last) for window in windows if (span := window.on(day, zone))]
