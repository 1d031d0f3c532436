"""Zones that only the file itself defines: what their clocks show, against the zone data of the same place."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from scheduler.adapters.icsbusy.vtimezone import FileZone, zone_from
from scheduler.adapters.icsbusy.zones import Zones

BERLIN = [
    "BEGIN:VTIMEZONE",
    "TZID:x",
    "BEGIN:STANDARD",
    "DTSTART:16010101T030000",
    "TZOFFSETFROM:+0200",
    "TZOFFSETTO:+0100",
    "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10",
    "END:STANDARD",
    "BEGIN:DAYLIGHT",
    "DTSTART:16010101T020000",
    "TZOFFSETFROM:+0100",
    "TZOFFSETTO:+0200",
    "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3",
    "END:DAYLIGHT",
    "END:VTIMEZONE",
]


def observance(kind: str, start: str, *more: str) -> list[str]:
    before, to = more[:2]
    times = [f"DTSTART:{start}", f"TZOFFSETFROM:{before}", f"TZOFFSETTO:{to}"]
    return [f"BEGIN:{kind}", *times, *more[2:], f"END:{kind}"]


ADELAIDE = [
    *observance("STANDARD", "20080406T030000", "+1030", "+0930", "RRULE:FREQ=YEARLY;BYMONTH=4;BYDAY=1SU"),
    *observance("DAYLIGHT", "20081005T020000", "+0930", "+1030", "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=1SU"),
]
ISTANBUL = [  # which changes its clocks no more since 2016
    *observance(
        "STANDARD", "20071028T040000", "+0300", "+0200", "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10;UNTIL=20141101"
    ),
    *observance("STANDARD", "20151108T040000", "+0300", "+0200"),
    *observance(
        "DAYLIGHT", "20070325T030000", "+0200", "+0300", "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3;UNTIL=20140331"
    ),
    *observance("DAYLIGHT", "20140331T030000", "+0200", "+0300", "RDATE:20150329T030000,20160327T030000"),
]
PLACES = {"Europe/Berlin": BERLIN, "Australia/Adelaide": ADELAIDE, "Europe/Istanbul": ISTANBUL}


def made(lines: list[str]) -> FileZone:
    zone = zone_from(lines)
    assert zone is not None
    return zone


@pytest.mark.parametrize(("name", "year"), [(name, year) for name in PLACES for year in (2015, 2026)])
def test_the_clocks_of_a_defined_zone_show_what_those_of_the_place_show(name: str, year: int) -> None:
    zone, place = made(PLACES[name]), ZoneInfo(name)
    for half_hour in (*range(75 * 48, 100 * 48), *range(270 * 48, 315 * 48)):  # spring and autumn
        instant = datetime(year, 1, 1, tzinfo=UTC) + timedelta(minutes=30 * half_hour)
        ours, theirs = instant.astimezone(zone), instant.astimezone(place)
        assert (ours.replace(tzinfo=None), ours.fold) == (theirs.replace(tzinfo=None), theirs.fold)
        for fold in (0, 1):
            wall = instant.replace(tzinfo=None, fold=fold)
            assert wall.replace(tzinfo=zone).timestamp() == wall.replace(tzinfo=place).timestamp()


def test_before_the_first_onset_standard_time_holds() -> None:
    long_ago = datetime(1990, 7, 1, tzinfo=made(ADELAIDE))
    assert long_ago.utcoffset() == timedelta(hours=9, minutes=30)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("TZOFFSETTO:+0100", "TZOFFSETTO:+99"),
        ("TZOFFSETTO:+0100", "COMMENT:none"),
        ("FREQ=YEARLY", "FREQ=SECONDLY"),
        ("FREQ=YEARLY", "FREQ=YEARLY;INTERVAL=7"),
        ("BYMONTH=10", "BYMONTH=10;UNTIL=20300101T000000Z;COUNT=3"),
        ("DTSTART:16010101T030000", "DTSTART:00010101T030000"),
        ("TZID:x", "TZID:x" + "\nRDATE:20260101T000000" * 2000),
        ("RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10", "RDATE:" + ",".join(["20260101T000000"] * 2001)),
    ],
)
def test_a_definition_that_nobody_could_live_by_is_none(old: str, new: str) -> None:
    assert zone_from("\n".join(BERLIN).replace(old, new).split("\n")) is None


def test_the_windows_names_are_those_of_the_library_though_it_is_not_loaded() -> None:
    zones = Zones({}, "", ZoneInfo("UTC"))
    names = WINDOWS_TO_OLSON.keys() - {"UTC"}  # a name that the rest of the world uses too
    assert {name: zones.named(name) for name in names} == {name: ZoneInfo(WINDOWS_TO_OLSON[name]) for name in names}
