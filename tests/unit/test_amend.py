"""What other programs make of our event: what still means the same, and what of theirs outlives our changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.content.amend import amended, meaning
from scheduler.content.ics import read_event, to_ics
from scheduler.domain.event import Event
from tests.build import at


def make_event(**changes: Any) -> Event:
    defaults: dict[str, Any] = {
        "uid": "coffee1@couple-rituals",
        "sequence": 0,
        "title": "Coffee, date",
        "description": "Sit down together.\nPhones away; talk.",
        "starts_at": at("2026-11-23 18:00"),
        "ends_at": at("2026-11-23 19:00"),
        "revised_at": at("2026-11-20 08:00"),
        "reminder": timedelta(minutes=15),
    }
    return Event(**{**defaults, **changes})


MOVED = make_event(sequence=1, starts_at=at("2026-11-24 18:00"), ends_at=at("2026-11-24 19:00"))


def edited(*changes: tuple[str, str]) -> bytes:
    """Our event after another program's hands."""
    text = to_ics(make_event()).decode()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text.encode()


@pytest.mark.parametrize(
    "change",
    [
        ("DTSTART:20261123T180000Z", "DTSTART;TZID=Europe/Berlin:20261123T190000"),
        ("DTEND:20261123T190000Z", "DURATION:PT1H"),
        ("SEQUENCE:0", "SEQUENCE:7"),
        ("SUMMARY:Coffee", "SUMMARY;LANGUAGE=en:Coffee"),
        ("PRODID:", "CALSCALE:GREGORIAN\r\nPRODID:"),
        ("TRIGGER:-PT15M", "TRIGGER:-PT5M"),
        ("\r\n", "\n"),
        ("END:VEVENT", "COLOR:turquoise\r\nLOCATION:Kitchen\r\nEND:VEVENT"),
    ],
    ids=lambda change: change[1].split(":")[0].strip() or "line ends",
)
def test_another_spelling_means_the_same(change: tuple[str, str]) -> None:
    assert meaning(edited(change)) == meaning(to_ics(make_event()))


@pytest.mark.parametrize(
    "change",
    [
        ("DTSTART:20261123T180000Z", "DTSTART:20261123T181500Z"),
        ("DTEND:20261123T190000Z", "DTEND:20261123T193000Z"),
        ("SUMMARY:Coffee", "SUMMARY:Tea"),
        ("DESCRIPTION:Sit", "DESCRIPTION:Bring cake. Sit"),
        ("TRANSP:OPAQUE", "STATUS:CANCELLED"),
        ("UID:coffee1", "UID:coffee2"),
    ],
    ids=lambda change: change[1],
)
def test_other_times_or_words_mean_another_thing(change: tuple[str, str]) -> None:
    assert meaning(edited(change)) != meaning(to_ics(make_event()))


@pytest.mark.parametrize("data", [b"", b"<html>", b"BEGIN:VCALENDAR\r\n", b"\xff\x00"])
def test_what_cannot_be_read_means_itself(data: bytes) -> None:
    assert meaning(data) == meaning(data) != meaning(data + b" ")


def test_what_a_person_added_outlives_our_move() -> None:
    theirs = (
        "COLOR:turquoise\r\nLOCATION:Kitchen\r\nX-NOTE:bring the blue cups\\, please\r\n"
        "BEGIN:VALARM\r\nACTION:AUDIO\r\nTRIGGER:-P1D\r\nSUMMARY:Tomorrow!\r\nEND:VALARM\r\n"
    )
    result = amended(edited(("END:VEVENT", f"{theirs}END:VEVENT")), MOVED)
    assert all(line in result for line in theirs.encode().split(b"\r\n"))
    assert meaning(result) == meaning(to_ics(MOVED))
    assert read_event(result, ZoneInfo("UTC")) is not None


def test_our_lines_stand_there_once_after_a_move() -> None:
    zoned = edited(
        ("DTSTART:20261123T180000Z", "DTSTART;TZID=Europe/Berlin:20261123T190000"),
        ("DTEND:20261123T190000Z", "DURATION:PT1H"),
    )
    lines = amended(zoned, MOVED).split(b"\r\n")
    for name in (b"DTSTART", b"DTEND", b"DTSTAMP", b"SEQUENCE", b"SUMMARY", b"LAST-MODIFIED", b"UID"):
        assert sum(line.startswith(name) for line in lines) == 1
    assert not any(line.startswith(b"DURATION") for line in lines)


def test_a_cancelled_event_that_is_put_again_takes_place() -> None:
    assert b"CANCELLED" not in amended(edited(("TRANSP:OPAQUE", "STATUS:CANCELLED")), MOVED)


@pytest.mark.parametrize(
    "change",
    [
        ("END:VEVENT", "RRULE:FREQ=WEEKLY\r\nEND:VEVENT"),
        ("END:VEVENT", "END:VEVENT\r\nBEGIN:VEVENT\r\nUID:other\r\nDTSTART:20261123T180000Z\r\nEND:VEVENT"),
        ("END:VCALENDAR", ""),
        ("BEGIN:VEVENT", "BEGIN:VTODO"),
    ],
    ids=["series", "two events", "cut off", "something else"],
)
def test_what_is_no_single_event_of_ours_is_written_anew(change: tuple[str, str]) -> None:
    assert amended(edited(change), MOVED) == to_ics(MOVED)


def test_amending_what_we_wrote_ourselves_gives_what_we_would_write() -> None:
    ours = sorted(amended(to_ics(make_event()), MOVED).split(b"\r\n"))
    assert ours == sorted(to_ics(MOVED).split(b"\r\n"))


@pytest.mark.slow
@given(st.binary(max_size=200), st.text(max_size=60))
def test_whatever_stands_there_our_event_is_what_is_written(junk: bytes, title: str) -> None:
    wanted = replace(MOVED, title=f"Coffee {title}")
    base = to_ics(make_event())
    for data in (junk, base.replace(b"CLASS:PRIVATE", b"X-JUNK:" + junk), base[: len(junk) * 3]):
        assert meaning(amended(data, wanted)) == meaning(to_ics(wanted))
