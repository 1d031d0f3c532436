"""A busy person's calendar of four years as one file, and when it is busy by a walk over the days.

3,000 events and 1.8 MB like those that phones, web calendars and office programs export: mostly past, long
descriptions, odd zone names. The truth knows no recurrence library and none of our own reading code.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from tests.build import at

Falls = Callable[[date], bool]
Span = tuple[int, int]

EVENTS, SERIES = 3000, 119
ME = "mara@example.org"
HOME = ZoneInfo("Europe/Berlin")
WINDOWS = {
    "autumn": (at("2026-10-12 00:00"), at("2026-11-09 00:00")),
    "spring": (at("2026-03-16 00:00"), at("2026-04-13 00:00")),
    "summer": (at("2026-07-06 00:00"), at("2026-08-03 00:00")),
}
FIRST, LAST = date(2023, 1, 2), date(2026, 12, 31)
CHANGE_NIGHT = 150  # 02:30, which clocks skip and double
ZONES = (  # as it stands in the file, and where the person is
    (";TZID=Europe/Berlin", "Europe/Berlin"),
    (";TZID=W. Europe Standard Time", "Europe/Berlin"),
    (";TZID=America/New_York", "America/New_York"),
    (";TZID=Customized Time Zone", "Europe/Berlin"),
    (';TZID="(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna"', "Europe/Berlin"),
    (";TZID=/freeassociation.sourceforge.net/Europe/London", "Europe/London"),
    (";TZID=Pacific Standard Time", "America/Los_Angeles"),
    ("", "Europe/Berlin"),
    ("Z", "UTC"),
)
DEFINED = ("W. Europe Standard Time", "Customized Time Zone", ZONES[4][0][6:].strip('"'))
VTIMEZONE = """BEGIN:VTIMEZONE
TZID:{}
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE"""
WORDS = (
    "agenda",
    "minutes",
    "budget",
    "review",
    "garden",
    "choir",
    "school",
    "notes",
    "please",
    "bring",
    "the usual",
    "and",
)


@dataclass(frozen=True)
class Item:
    """Some VEVENTs, and every time at which they make the person busy."""

    lines: tuple[str, ...]
    busy: tuple[Span, ...]


def calendar() -> tuple[bytes, list[Span]]:
    """The bytes of the file, and its busy occurrences of all years, sorted."""
    chance = random.Random(20261122)
    items = [series(number, chance) for number in range(SERIES)]
    singles = EVENTS - sum(item.lines.count("BEGIN:VEVENT") for item in items)
    items += [single(number, chance) for number in range(singles)]
    chance.shuffle(items)
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//example.org//calendar//EN", "X-WR-TIMEZONE:Europe/Berlin"]
    zones = [line for name in DEFINED for line in VTIMEZONE.format(name).splitlines()]
    lines = [*head, *zones, *(line for item in items for line in item.lines), "END:VCALENDAR"]
    text = "".join(f"{piece}\r\n" for line in lines for piece in folded(line))
    return text.encode(), sorted(span for item in items for span in item.busy)


def within(busy: Sequence[Span], window: tuple[datetime, datetime]) -> list[Span]:
    """The occurrences that touch the window, uncut."""
    first, last = (int(moment.timestamp()) for moment in window)
    return [span for span in busy if span[0] < last and span[1] > first]


def folded(line: str) -> Iterator[str]:
    yield line[:74]
    yield from (" " + line[start : start + 73] for start in range(74, len(line), 73))


def wall(day: date, minute: int) -> datetime:
    return datetime(day.year, day.month, day.day) + timedelta(minutes=minute)  # noqa: DTZ001 - wall time


def stamp(moment: datetime) -> str:
    return f"{moment:%Y%m%dT%H%M%S}"


@dataclass(frozen=True)
class Place:
    head: str
    zone: ZoneInfo

    def epoch(self, moment: datetime) -> int:
        return int(moment.replace(tzinfo=self.zone).timestamp())

    def line(self, name: str, *moments: datetime) -> str:
        head, suffix = ("", "Z") if self.head == "Z" else (self.head, "")
        return f"{name}{head}:{','.join(stamp(moment) + suffix for moment in moments)}"

    def in_utc(self, name: str, moment: datetime) -> str:
        return f"{name}:{stamp(datetime.fromtimestamp(self.epoch(moment), UTC))}Z"


def around(uid: str, lines: Sequence[str], chance: random.Random, attendees: Sequence[str] = ()) -> tuple[str, ...]:
    """The event with all that calendars write beside the times."""
    text = " ".join(chance.choices(WORDS, k=chance.randint(12, 52)))
    people = [
        f"ATTENDEE;CN=Person {n};PARTSTAT=ACCEPTED:mailto:person{n}@example.org" for n in range(chance.randint(0, 3))
    ]
    alarm = ["BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-PT15M", "DESCRIPTION:Reminder", "END:VALARM"]
    head = [f"UID:{uid}@example.org", "DTSTAMP:20261001T120000Z", f"SUMMARY:{text[:30]}"]
    tail = [f"DESCRIPTION:{text}", "LOCATION:Room 4", "CLASS:PUBLIC", *people, *attendees]
    return ("BEGIN:VEVENT", *head, *lines, *tail, *(alarm if chance.random() < 0.3 else []), "END:VEVENT")


def single(number: int, chance: random.Random) -> Item:
    day = FIRST + timedelta(days=chance.randrange((LAST - FIRST).days))
    kind = chance.choices(("busy", "free", "cancelled", "declined", "days", "free days"), (80, 4, 4, 4, 4, 4))[0]
    marks = {"free": ["TRANSP:TRANSPARENT"], "free days": ["TRANSP:TRANSPARENT"], "cancelled": ["STATUS:CANCELLED"]}
    declined = [f"ATTENDEE;PARTSTAT=DECLINED;CN=Mara:mailto:{ME}"] if kind == "declined" else []
    head, zone = chance.choice(ZONES)
    place = Place(head, ZoneInfo(zone))
    if kind.endswith("days"):
        last = day + timedelta(days=chance.randint(1, 9))
        times = [f"DTSTART;VALUE=DATE:{day:%Y%m%d}", f"DTEND;VALUE=DATE:{last:%Y%m%d}"]
        span = Place("", HOME).epoch(wall(day, 0)), Place("", HOME).epoch(wall(last, 0))
    else:
        start = wall(day, chance.choice((CHANGE_NIGHT, *range(420, 1320, 15))))
        length = timedelta(minutes=chance.choice((15, 30, 60, 90, 600)))
        if chance.random() < 0.5:
            times = [place.line("DTSTART", start), place.line("DTEND", start + length)]
            span = place.epoch(start), place.epoch(start + length)
        else:
            times = [place.line("DTSTART", start), f"DURATION:PT{length // timedelta(minutes=1)}M"]
            span = place.epoch(start), place.epoch(start) + int(length.total_seconds())
    lines = around(f"single-{number}", [*times, *marks.get(kind, [])], chance, declined)
    return Item(lines, (span,) if kind in ("busy", "days") and span[0] < span[1] else ())


def weeks(day: date, since: date, begin: int) -> int:
    """How many weeks later, where weeks begin on that weekday."""
    monday, first = (one - timedelta(days=(one.weekday() - begin) % 7) for one in (day, since))
    return (monday - first).days // 7


def month_end(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def working_days(day: date) -> list[date]:
    days = (day.replace(day=number) for number in range(1, month_end(day).day + 1))
    return [one for one in days if one.weekday() < 5]


# Each rule, how often among the series, and when a day is one of its days, given the day of the start.
RULES: tuple[tuple[str, int, Callable[[date], Falls]], ...] = (
    ("FREQ=WEEKLY", 5, lambda s: lambda d: d.weekday() == s.weekday()),
    ("FREQ=WEEKLY;BYDAY=MO,WE,FR", 2, lambda s: lambda d: d.weekday() in (0, 2, 4)),
    ("FREQ=WEEKLY;INTERVAL=2", 3, lambda s: lambda d: (d - s).days % 14 == 0),
    (
        "FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=SU,TU",
        1,
        lambda s: lambda d: d.weekday() in (6, 1) and weeks(d, s, 6) % 2 == 0,
    ),
    ("FREQ=WEEKLY;INTERVAL=3;BYDAY=SA,TH", 1, lambda s: lambda d: d.weekday() in (3, 5) and weeks(d, s, 0) % 3 == 0),
    ("FREQ=DAILY;INTERVAL=9", 1, lambda s: lambda d: (d - s).days % 9 == 0),
    ("FREQ=DAILY;BYDAY=SA,SU;BYMONTH=3,10,11", 1, lambda s: lambda d: d.weekday() > 4 and d.month in (3, 10, 11)),
    ("FREQ=MONTHLY", 2, lambda s: lambda d: d.day == s.day),
    ("FREQ=MONTHLY;BYMONTHDAY=31", 1, lambda s: lambda d: d.day == 31),
    ("FREQ=MONTHLY;BYMONTHDAY=-1", 1, lambda s: lambda d: d == month_end(d)),
    ("FREQ=MONTHLY;BYDAY=2TU", 1, lambda s: lambda d: d.weekday() == 1 and 8 <= d.day <= 14),
    ("FREQ=MONTHLY;BYDAY=-1SU", 1, lambda s: lambda d: d.weekday() == 6 and (month_end(d) - d).days < 7),
    ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1", 1, lambda s: lambda d: d == working_days(d)[0]),
    ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", 1, lambda s: lambda d: d == working_days(d)[-1]),
    (
        "FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=15,20",
        1,
        lambda s: lambda d: d.day in (15, 20) and (d.year * 12 + d.month - s.year * 12 - s.month) % 3 == 0,
    ),
    ("FREQ=YEARLY", 1, lambda s: lambda d: (d.month, d.day) == (s.month, s.day)),
    ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", 1, lambda s: lambda d: (d.month, d.day) == (2, 29)),
    (
        "FREQ=YEARLY;BYMONTH=3,10;BYDAY=-1SU",
        1,
        lambda s: lambda d: d.month in (3, 10) and d.weekday() == 6 and d.day > 24,
    ),
    ("FREQ=YEARLY;BYMONTH=7,10;BYMONTHDAY=20", 1, lambda s: lambda d: d.month in (7, 10) and d.day == 20),
)
OFTEN = tuple((text, falls) for text, often, falls in RULES for _ in range(often))


def series(number: int, chance: random.Random) -> Item:
    text, factory = OFTEN[number % len(OFTEN)]
    head, zone = ZONES[number // 2 % len(ZONES)]
    place = Place(head, ZoneInfo(zone))
    earliest = FIRST + timedelta(days=chance.randrange(900))
    first = next(day for day in days_from(earliest) if factory(day)(day))
    minute = CHANGE_NIGHT if number % 11 == 0 else chance.randrange(420, 1320, 15)
    minutes = 8 * 60 if number % 7 == 0 else chance.choice((15, 30, 45, 60, 90))
    walls = [wall(day, minute) for day in days_from(first) if factory(first)(day)]
    ending, walls = limited(number, walls, place, chance)
    gone = [one for one in walls[1:] if number % 3 and chance.random() < 0.04]
    end = walls[0] + timedelta(minutes=minutes)
    length = place.epoch(end) - place.epoch(walls[0]) if number % 2 else 60 * minutes
    lines = [place.line("DTSTART", walls[0]), f"RRULE:{text}{ending}"]
    lines += [place.line("DTEND", end) if number % 2 else f"DURATION:PT{minutes}M"]
    if gone:
        lines += [place.line("EXDATE", *gone)] if number % 2 else [place.line("EXDATE", one) for one in gone]
    lengths = {one: length for one in walls if one not in gone}
    if number % 8 == 5:
        extra = [wall(first + timedelta(days=day), minute + 75) for day in range(100, 1400, 100)]
        lines += [place.line("RDATE", *extra)] if number % 16 == 5 else periods(place, extra)
        lengths |= dict.fromkeys(extra, length if number % 16 == 5 else 3 * 3600)
    whole = around(f"series-{number}", lines, chance)
    moved: list[Span] = []
    for one in changeable(list(lengths)) if number % 3 == 0 else []:
        del lengths[one]
        change, spans = changed(place, one, chance)
        whole, moved = whole + around(f"series-{number}", change, chance), moved + spans
    busy = [(place.epoch(one), place.epoch(one) + seconds) for one, seconds in lengths.items()]
    return Item(whole, tuple(busy + moved))


def days_from(first: date) -> Iterator[date]:
    day = first
    while day <= LAST or day < first + timedelta(days=1500):
        yield day
        day += timedelta(days=1)


def limited(number: int, walls: list[datetime], place: Place, chance: random.Random) -> tuple[str, list[datetime]]:
    """Every other series ends by itself: by number or by date."""
    last = chance.randrange(len(walls) // 2, len(walls))
    match number % 4:
        case 1:
            return f";COUNT={last + 1}", walls[: last + 1]
        case 3:
            until = stamp(walls[last]) if not place.head else place.in_utc("UNTIL", walls[last])[6:]
            return f";UNTIL={until}", walls[: last + 1]
        case _:
            return "", walls


def periods(place: Place, starts: Sequence[datetime]) -> list[str]:
    return [place.line("RDATE", one).replace("RDATE", "RDATE;VALUE=PERIOD", 1) + "/PT3H" for one in starts]


def changeable(walls: Sequence[datetime]) -> list[datetime]:
    """One time in each window, where there is one: most changes are of the weeks around today."""
    spans = [(moment[0].replace(tzinfo=None), moment[1].replace(tzinfo=None)) for moment in WINDOWS.values()]
    inside = [[one for one in walls if first < one < last] for first, last in spans]
    return [found[len(found) // 2] for found in inside if found]


def changed(place: Place, one: datetime, chance: random.Random) -> tuple[list[str], list[Span]]:
    """The lines of a VEVENT that replaces that time, and when the person is busy instead."""
    kind = chance.choice(("moved", "named in UTC", "cancelled", "free"))
    start = one + timedelta(hours=5)
    name = place.in_utc("RECURRENCE-ID", one) if kind == "named in UTC" else place.line("RECURRENCE-ID", one)
    lines = [name, place.line("DTSTART", start), "DURATION:PT45M"]
    if kind == "cancelled":
        return [*lines, "STATUS:CANCELLED"], []
    if kind == "free":
        return [*lines, "TRANSP:TRANSPARENT"], []
    return lines, [(place.epoch(start), place.epoch(start) + 45 * 60)]
