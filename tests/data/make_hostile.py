"""Calendars made to harm their reader, each with its reason and, where there is room, a sane event beside the harm.

Usage: echo NAME | python -m tests.data.make_hostile FILE. Not here: what must come of them (tests/edge/test_hostile).
"""

from __future__ import annotations

import gzip
import hashlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

SANE = "BEGIN:VEVENT\nUID:sane\nDTSTART:20261020T090000Z\nDTEND:20261020T100000Z\nEND:VEVENT\n"
START = "DTSTART:20160101T000000Z\n"
HOUR = START + "DURATION:PT1H\n"
DAILY = HOUR + "RRULE:FREQ=DAILY"
STANDARD = "BEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0100\nEND:STANDARD\n"


@dataclass(frozen=True, slots=True)
class Hostile:
    """One calendar; ``why`` is what it hopes for."""

    name: str
    why: str
    make: Callable[[], str | bytes]

    def data(self) -> bytes:
        made = self.make()
        return made if isinstance(made, bytes) else made.encode()


def calendar(body: str) -> str:
    return f"BEGIN:VCALENDAR\n{SANE}{body}END:VCALENDAR\n"


def event(lines: str, uid: object = "hostile") -> str:
    return f"BEGIN:VEVENT\nUID:{uid}\n{lines}\nEND:VEVENT\n"


def events(count: int, lines: str = HOUR) -> str:
    """Many, each with a UID of its own; "%d" in the lines is its number."""
    return calendar("".join(event(lines.replace("%d", str(n)), n) for n in range(count)))


def zone(lines: str, tzid: str = "Own") -> str:
    used = event(f"DTSTART;TZID={tzid}:20261021T090000\nDURATION:PT1H\nRRULE:FREQ=DAILY")
    return calendar(f"BEGIN:VTIMEZONE\nTZID:{tzid}\n{lines}END:VTIMEZONE\n{used}")


def named_zone(tzid: str) -> str:
    return calendar(event(f"DTSTART;TZID={tzid}:20261021T090000\nDURATION:PT1H"))


def days(count: int, joint: str = ",", tail: str = "") -> str:
    """Instants of as many different minutes, from 2016 on."""
    return joint.join(f"20{16 + n // 500_000 % 80:02}{1 + n // 41_760 % 12:02}{1 + n // 1440 % 28:02}"
                      f"T{n // 60 % 24:02}{n % 60:02}00Z{tail}" for n in range(count))  # fmt: skip


Lines = dict[str, tuple[str, Callable[[], str]]]

NOTED: Lines = {  # those that were measured before there was a reader, and what other calendars fell to
    "secondly": ("kept a reader busy for over a minute", lambda: HOUR + "RRULE:FREQ=SECONDLY"),
    "minutely": ("took 35 s and 426 MB", lambda: HOUR + "RRULE:FREQ=MINUTELY"),
    "hourly-for-3000-weeks": ("60,648 hits", lambda: START + "DURATION:P3000W\nRRULE:FREQ=HOURLY"),
    "secondly-30-february": ("13 s, and never a hit", lambda: HOUR + "RRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30"),
    "hourly-for-ten-years": ("9.5 s", lambda: HOUR + "RRULE:FREQ=HOURLY;UNTIL=20270101T000000Z"),
    "exdates-in-one-line": ("100,000 take 2.8 s", lambda: DAILY + "\nEXDATE:" + days(100_000)),
    "exdates-in-many-lines": ("100,000 properties", lambda: DAILY + "\nEXDATE:" + days(100_000, "\nEXDATE:")),
    "rdates-in-one-line": ("100,000 instances", lambda: HOUR + "RDATE:" + days(100_000)),
    "three-thousand-million": ("instances of one event", lambda: HOUR + "RRULE:FREQ=SECONDLY;COUNT=3000000000"),
    "alarm-that-repeats": ("REPEAT times", lambda: HOUR + f"BEGIN:VALARM\nTRIGGER:-PT1S\nREPEAT:{10**9}\nEND:VALARM"),
}
RULES: Lines = {
    "30-february-daily": ("looks for ever", lambda: HOUR + "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"),
    "31-in-short-months": ("looks for ever", lambda: HOUR + "RRULE:FREQ=MONTHLY;BYMONTH=2,4,6,9,11;BYMONTHDAY=31"),
    "week-53-in-february": ("looks for ever", lambda: HOUR + "RRULE:FREQ=YEARLY;BYWEEKNO=53;BYMONTH=2"),
    "day-366-in-july": ("looks for ever", lambda: HOUR + "RRULE:FREQ=YEARLY;BYYEARDAY=366;BYMONTH=7"),
    "fifth-monday-before-the-8th": (
        "never comes",
        lambda: HOUR + "RRULE:FREQ=MONTHLY;BYDAY=5MO;BYMONTHDAY=1,2,3,4,5,6,7",
    ),
    "position-366-of-a-week": ("never comes", lambda: HOUR + "RRULE:FREQ=WEEKLY;BYDAY=MO;BYSETPOS=366"),
    "position-366-of-a-month": ("never comes", lambda: HOUR + "RRULE:FREQ=MONTHLY;BYDAY=MO;BYSETPOS=366"),
    "every-1000-years-on-leap-days": (
        "next in 4000",
        lambda: HOUR + "RRULE:FREQ=YEARLY;INTERVAL=1000;BYMONTHDAY=29;BYMONTH=2",
    ),
    "every-second-of-the-day": (
        "a product of lists",
        lambda: (
            HOUR + f"RRULE:FREQ=DAILY;BYHOUR={','.join(map(str, range(24)))};BYMINUTE={','.join(map(str, range(60)))}"
            f";BYSECOND={','.join(map(str, range(60)))}"
        ),
    ),
    "weekday-list": ("100,000 long", lambda: HOUR + "RRULE:FREQ=WEEKLY;BYDAY=" + ",".join(["MO", "TU"] * 50_000)),
    "position-list": (
        "100,000 long",
        lambda: HOUR + "RRULE:FREQ=MONTHLY;BYDAY=MO;BYSETPOS=" + ",".join(["1"] * 100_000),
    ),
    "month-day-list": (
        "100,000 long",
        lambda: HOUR + "RRULE:FREQ=MONTHLY;BYMONTHDAY=" + ",".join(["1", "-1"] * 50_000),
    ),
    "count-a-thousand-million": ("counts them all", lambda: HOUR + f"RRULE:FREQ=DAILY;COUNT={10**9}"),
    "count-of-5000-digits": ("int() refuses", lambda: HOUR + "RRULE:FREQ=DAILY;COUNT=" + "9" * 5000),
    "month-day-of-5000-digits": ("int() refuses", lambda: HOUR + "RRULE:FREQ=MONTHLY;BYMONTHDAY=" + "9" * 5000),
    "interval-0": ("stays where it is", lambda: HOUR + "RRULE:FREQ=DAILY;INTERVAL=0"),
    "interval-negative": ("walks back", lambda: HOUR + "RRULE:FREQ=DAILY;INTERVAL=-1"),
    "interval-huge": ("leaves the calendar", lambda: HOUR + f"RRULE:FREQ=YEARLY;INTERVAL={10**9}"),
    "until-before-start": ("ends before it begins", lambda: HOUR + "RRULE:FREQ=DAILY;UNTIL=19000101T000000Z"),
    "until-year-1": ("ends before time zones", lambda: HOUR + "RRULE:FREQ=DAILY;UNTIL=00010101"),
    "since-year-1": ("740,000 days", lambda: "DTSTART:00010101T000000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY"),
    "since-1600": ("155,000 days", lambda: "DTSTART:16000101T000000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY"),
    "year-9999": ("overflows", lambda: "DTSTART:99991231T235959Z\nDURATION:P1W\nRRULE:FREQ=DAILY"),
    "another-calendar-system": ("RSCALE", lambda: HOUR + "RRULE:RSCALE=HEBREW;FREQ=YEARLY;BYMONTH=5L;SKIP=FORWARD"),
    "parts-of-its-own": ("X-", lambda: HOUR + "RRULE:FREQ=DAILY;" + ";".join(f"X-{n}={n}" for n in range(100_000))),
    "semicolons": ("a million empty parts", lambda: HOUR + "RRULE:FREQ=DAILY" + ";" * 1_000_000),
    "rule-lines": ("100,000 of them", lambda: DAILY + "\nRRULE:FREQ=WEEKLY" * 100_000),
    "rdates-in-many-lines": ("100,000 properties", lambda: HOUR + "RDATE:" + days(100_000, "\nRDATE:")),
    "periods": ("100,000 of them", lambda: HOUR + "RDATE;VALUE=PERIOD:" + days(100_000, tail="/P3000W")),
    "commas": ("two million empty dates", lambda: DAILY + "\nEXDATE:" + "," * 2_000_000),
    "daily-for-3000-weeks": ("all over each other", lambda: START + "DURATION:P3000W\nRRULE:FREQ=DAILY"),
}
VALUES: Lines = {
    "duration-negative": ("ends before it begins", lambda: START + "DURATION:-P3000W\nRRULE:FREQ=DAILY"),
    "duration-of-100000-digits": ("int() refuses", lambda: START + f"DURATION:P{'9' * 100_000}W"),
    "duration-of-many-zeros": ("a regular expression's food", lambda: START + f"DURATION:PT{'0' * 1_000_000}S"),
    "sequence-of-5000-digits": ("int() refuses", lambda: HOUR + "SEQUENCE:" + "9" * 5000),
    "start-of-a-million-digits": ("a date", lambda: f"DTSTART:{'2' * 1_000_000}"),
    "start-in-other-digits": ("int() reads them", lambda: "DTSTART:٢٠٢٦١٠٢١T٠٩٠٠٠٠Z\nDURATION:PT1H"),
    "end-in-year-9999": (
        "busy for good",
        lambda: "DTSTART:20261021T090000Z\nDTEND:99991231T235959Z\nRRULE:FREQ=YEARLY",
    ),
    "uid-of-a-megabyte": ("a key", lambda: HOUR + "UID:" + "u" * 1_000_000),
    "quotes-in-tzid": ("backtracking", lambda: "DTSTART;TZID=" + '"' * 200_000 + ":20261021T090000"),
    "tzids-in-one-line": ("backtracking", lambda: "DTSTART" + ";TZID=" * 100_000 + "x:20261021T090000"),
    "tzid-of-lower-case-parts": ("backtracking", lambda: "DTSTART;TZID=" + ";a" * 500_000 + ":20261021T090000"),
    "parameters-of-start": ("a million", lambda: "DTSTART" + ";" * 1_000_000 + ":20261021T090000"),
    "quotes-in-attendee": (
        "backtracking",
        lambda: HOUR + "ATTENDEE;PARTSTAT=DECLINED" + ';CN="' * 500_000 + ":mailto:x",
    ),
    "emails-in-attendee": ("backtracking", lambda: HOUR + "ATTENDEE;PARTSTAT=DECLINED;" + "EMAIL=mailto:" * 100_000),
    "attendees": (
        "100,000 who declined",
        lambda: HOUR + "ATTENDEE;PARTSTAT=DECLINED:mailto:x@example.org\n" * 100_000 + "CLASS:PUBLIC",
    ),
    "colons": ("a million", lambda: HOUR + "DTEND" + ":" * 1_000_000),
    "no-colon": ("a name without an end", lambda: HOUR + "X" * 1_000_000),
    "zeros-between": ("ends a string", lambda: HOUR.replace("T", "T\0") + "RRULE:FREQ=\0DAILY"),
    "lines-of-one-kind": ("500,000 times STATUS", lambda: HOUR + "STATUS:BUSY\n" * 500_000 + "CLASS:PUBLIC"),
}


def _single() -> Iterator[Hostile]:
    for name, (why, lines) in (NOTED | RULES | VALUES).items():
        yield Hostile(name, why, lambda lines=lines: calendar(event(lines())))  # type: ignore[misc]


def _masses() -> Iterator[Hostile]:
    yield Hostile("300-events-of-hours", "2 GB in another server", lambda: events(300, HOUR + "RRULE:FREQ=HOURLY"))
    yield Hostile("5001-events", "more than anybody's", lambda: events(5001, DAILY))
    yield Hostile("4900-daily-series", "just below what is refused", lambda: events(4900, DAILY))
    yield Hostile("4900-series-of-200-days", "just below what is refused", lambda: events(
        4900, "DTSTART:20260415T%d0000Z\nDURATION:PT1S\nRRULE:FREQ=DAILY".replace("%d", "09")))  # fmt: skip
    yield Hostile("series-since-1900", "5,000 times 46,000 days", lambda: events(5000, DAILY.replace("2016", "1900")))
    yield Hostile("counted-by-position-since-1600", "4,900 of them", lambda: events(
        4900, "DTSTART:16000103T090000Z\nRRULE:FREQ=MONTHLY;BYDAY=MO;BYSETPOS=1;COUNT=9999"))  # fmt: skip
    yield Hostile("two-rules-each", "500 for the library", lambda: events(500, DAILY + "\nRRULE:FREQ=WEEKLY"))
    yield Hostile("two-rules-of-1900", "one for the library", lambda: events(
        1, DAILY.replace("2016", "1900") + "\nRRULE:FREQ=WEEKLY"))  # fmt: skip
    yield Hostile("this-and-future-1000-times", "for the library", lambda: calendar(event(DAILY) + "".join(
        event(f"RECURRENCE-ID;RANGE=THISANDFUTURE:{day}\n{HOUR}") for day in days(1000).split(","))))  # fmt: skip
    yield Hostile("this-and-future-4900-times", "for the library", lambda: calendar(event(DAILY) + "".join(
        event(f"RECURRENCE-ID;RANGE=THISANDFUTURE:{day}\n{HOUR}") for day in days(4900).split(","))))  # fmt: skip
    yield Hostile("this-and-future-in-each", "2,450 for the library", lambda: calendar("".join(
        event(DAILY, n) + event(f"RECURRENCE-ID;RANGE=THISANDFUTURE:20261001T000000Z\n{HOUR}", n)
        for n in range(2450))))  # fmt: skip
    yield Hostile("far-events-of-one-uid", "one near, 100,000 far", lambda: calendar(
        event("DTSTART:20261021T090000Z") + "".join(
            event(f"DTSTART:{day}") for day in days(100_000).split(","))))  # fmt: skip
    yield Hostile("overrides-of-one-event", "100,000", lambda: calendar(event(DAILY) + "".join(
        event(f"RECURRENCE-ID:{day}\n{HOUR}") for day in days(100_000).split(","))))  # fmt: skip
    yield Hostile("this-and-future", "9,999 of them", lambda: calendar(event(DAILY) + "".join(
        event(f"RECURRENCE-ID;RANGE=THISANDFUTURE:{day}\n{HOUR}") for day in days(9999).split(","))))  # fmt: skip
    yield Hostile("masters-of-one-uid", "10,000", lambda: calendar(event(DAILY + ";COUNT=9") * 10_000))
    yield Hostile("masters-of-one-uid-that-differ", "10,000", lambda: calendar("".join(
        event(f"{DAILY};COUNT={n}") for n in range(10_000))))  # fmt: skip
    yield Hostile("one-event-200000-times", "20 MB of the same", lambda: calendar(event(HOUR) * 200_000))
    yield Hostile("events-without-a-line", "600,000", lambda: calendar("BEGIN:VEVENT\nEND:VEVENT\n" * 600_000))
    yield Hostile("events-in-the-window", "150,000 that all count", lambda: events(
        150_000, "DTSTART:20261021T090000Z\nDTEND:20261021T100000Z"))  # fmt: skip
    yield Hostile("separate-times", "40,000 that nothing joins", lambda: calendar("".join(
        event(f"DTSTART:202610{20 + n // 5000:02}T{n // 3600 % 24:02}{n // 60 % 60:02}{n % 60:02}Z\nDURATION:PT1S", n)
        for n in range(0, 86_400, 2))))  # fmt: skip
    yield Hostile("a-thousand-exdates-each", "1,000 events", lambda: events(1000, f"{DAILY}\nEXDATE:{days(1000)}"))
    yield Hostile("a-thousand-rdates-each", "1,000 events", lambda: events(1000, f"{HOUR}RDATE:{days(1000)}"))


def _zones() -> Iterator[Hostile]:
    secondly = STANDARD.replace("END:S", "RRULE:FREQ=SECONDLY\nEND:S")
    yearly = STANDARD.replace("1970", "1601").replace("END:S", "RRULE:FREQ=YEARLY\nEND:S")
    for name, lines in {
        "secondly-zone": secondly,
        "zone-of-30-february": STANDARD.replace("END:S", "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30\nEND:S"),
        "zone-with-300-yearly-changes": yearly * 300,
        "zone-with-100000-changes": STANDARD * 100_000,
        "zone-with-1900-dates": STANDARD.replace("END:S", "RDATE:19800101T000000\n" * 1900 + "END:S"),
        "zone-with-dates-in-one-line": STANDARD.replace("END:S", f"RDATE:{days(100_000).replace('Z', '')}\nEND:S"),
        "zone-without-offsets": "BEGIN:STANDARD\nDTSTART:19700101T000000\nEND:STANDARD\n",
        "zone-at-99-99": STANDARD.replace("+0100", "+9999"),
        "zone-at-24": STANDARD.replace("+0100", "-2400"),
        "zone-without-a-part": "",
        "zone-in-a-zone": "BEGIN:VTIMEZONE\n" * 1000 + STANDARD + "END:VTIMEZONE\n" * 1000,
        "zone-from-year-1": STANDARD.replace("1970", "0001"),
        "zone-of-its-own-zone": STANDARD.replace("DTSTART:", "DTSTART;TZID=Own:"),
    }.items():
        yield Hostile(name, "a zone is walked at each look-up", lambda lines=lines: zone(lines))  # type: ignore[misc]
    yield Hostile("zone-that-lies", "a known name", lambda: zone(STANDARD.replace("+01", "-11"), "Europe/Berlin"))
    yield Hostile("50000-zones", "each defined", lambda: calendar("".join(
        f"BEGIN:VTIMEZONE\nTZID:{n}\n{STANDARD}END:VTIMEZONE\n" for n in range(50_000))))  # fmt: skip
    yield Hostile("2000-zones-in-use", "each defined and used", lambda: calendar("".join(
        f"BEGIN:VTIMEZONE\nTZID:{n}\n{STANDARD}END:VTIMEZONE\n" for n in range(2000)) + "".join(
        event(f"DTSTART;TZID={n}:20261021T090000\nDURATION:PT1H", n) for n in range(2000))))  # fmt: skip
    yield Hostile("50000-unknown-zones", "each looked for", lambda: events(
        50_000, "DTSTART;TZID=Own %d:20261021T090000\nDURATION:PT1H"))  # fmt: skip
    for name, tzid in (
        ("above", "../../etc/passwd"), ("absolute", "/etc/passwd"), ("without-end", "/dev/zero"), ("zero", "\0"),
        ("parent", ".."), ("a-dot", "."), ("a-folder", "Europe"), ("a-table", "zone.tab"), ("module", "__init__.py"),
    ):  # fmt: skip
        yield Hostile(f"zone-name-{name}", "a path that leads astray", lambda tzid=tzid: named_zone(tzid))  # type: ignore[misc]
    yield Hostile("zone-name-of-a-megabyte", "a file name", lambda: named_zone("Z" * 1_000_000))
    yield Hostile("zone-name-of-slashes", "a million folders", lambda: named_zone("a/" * 500_000 + "b"))
    yield Hostile("calendar-zones", "300,000", lambda: calendar("X-WR-TIMEZONE:../x\n" * 300_000))


def _structure() -> Iterator[Hostile]:
    yield Hostile("nested-100000-deep", "recursion", lambda: calendar("BEGIN:X\n" * 100_000 + "END:X\n" * 100_000))
    yield Hostile("nested-in-an-event", "recursion", lambda: calendar(
        event("BEGIN:VALARM\n" * 300_000 + "END:VALARM\n" * 300_000)))  # fmt: skip
    yield Hostile("events-that-stay-open", "100,000", lambda: calendar("BEGIN:VEVENT\n" * 100_000))
    yield Hostile("ends-without-beginnings", "100,000", lambda: calendar("END:VEVENT\n" * 100_000))
    yield Hostile("calendars-in-one-file", "10,000", lambda: calendar("") * 10_000)
    yield Hostile("a-beginning-of-a-megabyte", "a name", lambda: calendar(f"BEGIN:{'X' * 10**6}\nEND:{'X' * 10**6}\n"))
    yield Hostile("folds", "a million in one line", lambda: calendar(event(HOUR + "SUMMARY:" + "x\n " * 1_000_000)))
    yield Hostile("folds-in-a-date", "a million", lambda: calendar(event("DTSTART:2026" + "\n " * 1_000_000 + "1021")))
    yield Hostile("one-line-of-19-mb", "a title", lambda: calendar(event(HOUR + "SUMMARY:" + "x" * 19_000_000)))
    yield Hostile("19-mb-of-emoji", "four bytes of memory each", lambda: calendar(event("SUMMARY:" + "🌵" * 4_700_000)))
    yield Hostile("19-mb-of-short-lines", "a million objects", lambda: calendar(event(HOUR + "X:\n" * 6_300_000)))


def _no_calendars() -> Iterator[Hostile]:
    whole = calendar("").encode()
    noise = hashlib.shake_256(b"noise").digest(1_000_000)
    noisy = SANE.encode().replace(b"20261020T09", noise)
    for name, why, make in (
        ("zeros", "19 MB of them", lambda: b"\0" * 19_000_000),
        ("noise", "random bytes", lambda: noise),
        ("noise-in-a-calendar", "random bytes", lambda: whole.replace(b"END:VC", noise + b"\nEND:VC")),
        ("noise-in-a-date", "random bytes", lambda: whole.replace(b"END:VC", noisy + b"END:VC")),
        ("utf-16", "every second byte is zero", lambda: whole.decode().encode("utf-16")),
        ("utf-16-without-mark", "every second byte is zero", lambda: whole.decode().encode("utf-16-le")),
        ("utf-32", "three of four bytes are zero", lambda: whole.decode().encode("utf-32")),
        ("zipped", "to be unpacked", lambda: gzip.compress(whole, mtime=0)),
        ("zipped-bomb", "200 MB in 200 kB", lambda: gzip.compress(b"\0" * 200_000_000, mtime=0)),
        ("marks", "a million byte-order marks", lambda: b"\xef\xbb\xbf" * 1_000_000 + whole),
        ("newlines", "20 MB of nothing", lambda: b"\n" * 20_000_000),
        ("returns", "20 MB of nothing", lambda: b"\r" * 20_000_000),
        ("folded-nothing", "10 MB of folds", lambda: b"\n " * 5_000_000),
        ("odd-line-ends", "what else ends a line", lambda: whole.replace(b"\n", "\u2028".encode())),
        (
            "broken-utf-8",
            "19 MB of half letters",
            lambda: whole.replace(b"BEGIN:VE", b"X:" + b"\xf0\x9f" * 9_500_000 + b"\nBEGIN:VE"),
        ),
        ("a-web-page", "log in first", lambda: b"<!DOCTYPE html><html>" + b"<p>" * 1_000_000),
        ("too-large", "over 20 MB", lambda: whole + b"\n" * 20_000_000),
    ):
        yield Hostile(name, why, make)


def hostile() -> tuple[Hostile, ...]:
    """Every calendar, by unique names; the bytes are made only when they are asked for."""
    found = (*_single(), *_masses(), *_zones(), *_structure(), *_no_calendars())
    if len({one.name for one in found}) != len(found):
        raise ValueError("two hostile calendars have one name")
    return found


def main(path: Path) -> None:
    """Each name on stdin becomes the calendar in the file; its reason is the answer."""
    by_name = {one.name: one for one in hostile()}
    for line in sys.stdin:
        one = by_name[line.strip()]
        path.write_bytes(one.data())
        print(one.why, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
