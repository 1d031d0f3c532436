"""The .ics text: what we write is what a parser reads, and what others write back is understood."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from scheduler.content import ics
from scheduler.content.ics import content_tag, read_event, to_ics, uids_in
from scheduler.domain.errors import Refused
from scheduler.domain.event import Event
from tests.build import at

BERLIN = ZoneInfo("Europe/Berlin")
PIECES = [
    " ",
    ":",
    ";",
    ",",
    "\\",
    '"',
    "\\n",
    "é",
    "☕",
    "a" * 74,
    "END:VCALENDAR",
    "BEGIN:VEVENT",
    "ATTENDEE:mailto:x@example.org",
]
CONTROLS = ["\r", "\n", "\r\n", "\x85", "\u2028", "\u202e", "\x00", "\x0b", "\ud800"]
NASTY = st.one_of(st.text(), st.lists(st.sampled_from(PIECES + CONTROLS)).map("".join))


def make_event(**changes: Any) -> Event:
    defaults: dict[str, Any] = {
        "uid": "l4gkggt1",
        "sequence": 2,
        "title": "Coffee date",
        "description": "Sit down together.\nPhones away.",
        "starts_at": at("2026-11-23 18:00"),
        "ends_at": at("2026-11-23 19:00"),
        "revised_at": at("2026-11-20 08:00"),
        "reminder": timedelta(minutes=15),
    }
    return Event(**{**defaults, **changes})


def written_by_someone(*lines: str, head: str = "", end: str = "\r\n") -> bytes:
    event = ["BEGIN:VEVENT", "UID:l4gkggt1", "DTSTAMP:20261120T080000Z", *lines, "END:VEVENT"]
    return end.join(["BEGIN:VCALENDAR", "VERSION:2.0", *head.splitlines(), *event, "END:VCALENDAR", ""]).encode()


def times(data: bytes) -> tuple[str, str] | None:
    seen = read_event(data, BERLIN)
    return (f"{seen.starts_at:%d %H:%M}", f"{seen.ends_at:%d %H:%M}") if seen else None


def test_the_bytes_are_these_for_ever() -> None:
    assert to_ics(make_event()).decode().split("\r\n") == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//couple-rituals//couple-rituals//EN",
        "BEGIN:VEVENT",
        "UID:l4gkggt1",
        "SEQUENCE:2",
        "DTSTAMP:20261120T080000Z",
        "LAST-MODIFIED:20261120T080000Z",
        "DTSTART:20261123T180000Z",
        "DTEND:20261123T190000Z",
        "SUMMARY:Coffee date",
        "DESCRIPTION:Sit down together.\\nPhones away.",
        "CLASS:PRIVATE",
        "TRANSP:OPAQUE",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        "DESCRIPTION:Coffee date",
        "TRIGGER:-PT15M",
        "END:VALARM",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]


def test_without_a_reminder_there_is_no_alarm() -> None:
    assert b"VALARM" not in to_ics(make_event(reminder=None))


def test_an_event_that_says_nothing_has_no_description() -> None:
    assert b"\r\nDESCRIPTION" not in to_ics(make_event(description=" \n", reminder=None))


def test_what_we_write_reads_back_as_it_was_meant() -> None:
    data = to_ics(make_event())
    seen = read_event(data, BERLIN)
    assert seen is not None
    assert (seen.uid, seen.sequence, seen.tag) == ("l4gkggt1", 2, content_tag(data))
    assert (seen.starts_at, seen.ends_at, seen.cancelled) == (at("2026-11-23 18:00"), at("2026-11-23 19:00"), False)


def test_the_times_of_an_event_must_carry_a_zone() -> None:
    with pytest.raises(ValueError, match="zone"):
        to_ics(make_event(revised_at=at("2026-11-20 08:00").replace(tzinfo=None)))


@given(title=NASTY, description=NASTY)
def test_no_text_ever_adds_a_property(title: str, description: str) -> None:
    data = to_ics(make_event(title=title, description=f"Words: {description}"))
    read = [name for name, _ in Calendar.from_ical(data).property_items()]
    assert read == [name for name, _ in Calendar.from_ical(to_ics(make_event())).property_items()]


@given(title=NASTY, description=NASTY)
def test_every_line_is_whole_characters_in_75_octets(title: str, description: str) -> None:
    lines = to_ics(make_event(title=title, description=description)).split(b"\r\n")
    assert all(len(line) <= 75 and len(line.decode()) <= 75 for line in lines)
    assert not any(b"\r" in line or b"\n" in line for line in lines)


@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Cf", "Zl", "Zp", "Zs"]), min_size=1))
def test_a_title_without_control_characters_arrives_unchanged(title: str) -> None:
    assert str(Calendar.from_ical(to_ics(make_event(title=title))).walk("VEVENT")[0]["SUMMARY"]) == title


def test_line_ends_survive_in_a_description_and_not_in_a_title() -> None:
    event = Calendar.from_ical(to_ics(make_event(title="A\r\nB\tC\rD", description="A\r\nB\u2028C\rD"))).walk("VEVENT")[
        0
    ]
    assert (str(event["SUMMARY"]), str(event["DESCRIPTION"])) == ("A B CD", "A\nB\nCD")


def test_no_control_character_and_no_direction_mark_gets_through() -> None:
    everything = "".join(
        map(chr, [*range(0x20), *range(0x7F, 0xA0), 0x61C, *range(0x200E, 0x2010), *range(0x2028, 0x202F)])
    )
    everything += "".join(map(chr, range(0x2066, 0x206A)))
    data = to_ics(make_event(title=f"A{everything}B", description=f"C{everything}D"))
    assert b"\r\nSUMMARY:A B\r\n" in data
    assert not set(data.decode().replace("\r\n", "")) & set(everything.replace(" ", ""))


def test_text_is_escaped_as_the_standard_says() -> None:
    data = to_ics(make_event(title='a, b; c\\d: "e"', description="x,\ny"))
    assert b'SUMMARY:a\\, b\\; c\\\\d: "e"\r\n' in data
    assert b"DESCRIPTION:x\\,\\ny\r\n" in data


@pytest.mark.parametrize("letter", ["a", "é", "☕", "𝄞", ","])
def test_a_long_line_is_folded_between_characters(letter: str) -> None:
    lines = to_ics(make_event(title=letter * 300)).decode().split("\r\n")
    assert {len(line.encode()) <= 75 for line in lines} == {True}
    assert len(lines) < 60


def test_an_event_that_would_read_otherwise_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ics, "text_value", str)  # as if the escaping were lost
    with pytest.raises(Refused, match="nobody meant"):
        to_ics(make_event(description="A\nATTENDEE:mailto:x@example.org"))


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("DTSTART;TZID=Europe/London:20261124T180000", "DTEND;TZID=Europe/London:20261124T190000"),
        ("DTSTART;TZID=GMT Standard Time:20261124T180000", "DTEND;TZID=GMT Standard Time:20261124T190000"),
        ("DTSTART;TZID=/x.example.org/Europe/London:20261124T180000", "DURATION:PT1H"),
        ("DTSTART:20261124T180000Z", "DURATION:PT60M"),
        ("DTSTART:20261124T190000", "DTEND:20261124T200000"),
        ("DTSTART;TZID=Nowhere:20261124T190000", "DTEND;TZID=Nowhere:20261124T200000"),
        ("DTSTART;X-A=1;TZID=Europe/Berlin:20261124T190000", "DTEND:20261124T190000Z"),
    ],
)
@pytest.mark.filterwarnings("ignore::icalendar.error.GloballyUniqueTZIDGuessed")
@pytest.mark.parametrize("end_of_line", ["\r\n", "\n"])
def test_a_time_is_understood_however_it_was_written(start: str, end: str, end_of_line: str) -> None:
    assert times(written_by_someone(start, end, end=end_of_line)) == ("24 18:00", "24 19:00")


def test_a_zone_that_nobody_knows_is_read_from_its_definition() -> None:
    zone = """BEGIN:VTIMEZONE
TZID:Our Own Clock
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:-0300
TZOFFSETTO:-0300
END:STANDARD
END:VTIMEZONE"""
    start, end = "DTSTART;TZID=Our Own Clock:20261124T150000", "DTEND;TZID=Our Own Clock:20261124T160000"
    assert times(written_by_someone(start, end, head=zone)) == ("24 18:00", "24 19:00")


def test_the_hour_that_comes_twice_is_the_first_of_the_two() -> None:
    data = written_by_someone("DTSTART;TZID=Europe/Berlin:20261025T023000", "DURATION:PT1H")
    assert times(data) == ("25 00:30", "25 01:30")


@pytest.mark.parametrize(
    "lines",
    [
        ("DTSTART;VALUE=DATE:20261124", "DTEND;VALUE=DATE:20261125"),
        ("DTSTART:20261124T180000Z",),
        ("DTSTART:20261124T180000Z", "DTEND:20261124T170000Z"),
        ("DTSTART:nonsense", "DTEND:20261124T170000Z"),
        ("DTSTART:20261124T180000Z", "DURATION:20261124"),
        ("DTSTART:99991231T235959Z", "DURATION:P9999999W"),
        ("DTEND:20261124T170000Z",),
    ],
)
def test_an_event_without_instants_is_not_readable(lines: tuple[str, ...]) -> None:
    assert read_event(written_by_someone(*lines), BERLIN) is None


@pytest.mark.parametrize("cut", range(0, 420, 7))
def test_half_a_file_is_never_an_event(cut: int) -> None:
    data = to_ics(make_event())
    assert read_event(data[: min(cut, len(data) - 20)], BERLIN) is None


@given(st.binary())
def test_no_bytes_break_the_reader(data: bytes) -> None:
    read_event(data, BERLIN)
    read_event(to_ics(make_event()).replace(b"20261123T180000Z", data), BERLIN)
    uids_in(data)


def test_two_events_in_one_file_are_not_one_of_ours() -> None:
    two = to_ics(make_event()).replace(b"END:VEVENT\r\n", b"END:VEVENT\r\nBEGIN:VEVENT\r\nUID:other\r\nEND:VEVENT\r\n")
    assert read_event(two, BERLIN) is None
    assert uids_in(two) == {"l4gkggt1", "other"}


def test_an_exception_to_a_series_is_not_its_time() -> None:
    exception = (
        b"BEGIN:VEVENT\r\nUID:l4gkggt1\r\nRECURRENCE-ID:20261130T180000Z\r\nDTSTART:20261201T180000Z\r\nEND:VEVENT\r\n"
    )
    assert times(to_ics(make_event()).replace(b"BEGIN:VEVENT\r\n", exception + b"BEGIN:VEVENT\r\n")) == (
        "23 18:00",
        "23 19:00",
    )


@pytest.mark.parametrize(("line", "sequence"), [("SEQUENCE:7", 7), ("SEQUENCE:x", 0), ("SEQUENCE:-3", 0), ("X-A:1", 0)])
def test_a_sequence_is_a_number_or_nought(line: str, sequence: int) -> None:
    seen = read_event(written_by_someone("DTSTART:20261124T180000Z", "DURATION:PT1H", line), BERLIN)
    assert seen is not None
    assert seen.sequence == sequence


def test_a_cancelled_event_is_seen_as_cancelled() -> None:
    seen = read_event(written_by_someone("DTSTART:20261124T180000Z", "DURATION:PT1H", "STATUS:Cancelled"), BERLIN)
    assert seen is not None
    assert seen.cancelled


@pytest.mark.parametrize("line", [b"UID:l4gkggt1", b"uid;X-A=b:l4gkggt1", b"UID:l4gk\r\n ggt1", b"UID: l4gkggt1 "])
def test_a_uid_is_found_without_a_parse(line: bytes) -> None:
    data = to_ics(make_event()).replace(b"UID:l4gkggt1", line)
    data = data.replace(b"ACTION:DISPLAY", b"ACTION:DISPLAY\r\nUID:an-alarm-s-own")
    assert uids_in(data) == {"l4gkggt1"}
    assert uids_in(data.replace(b"\r\n", b"\n")) == {"l4gkggt1"}
