"""The example couple's busy calendars: made by their generator, full enough, and not too full."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from statistics import median
from zoneinfo import ZoneInfo

import pytest

from scheduler.adapters.icsbusy.source import IcsFile
from scheduler.domain.freebusy import AllDay, Spans, intersection, span_of, subtract, union
from scheduler.domain.localtime import days, parse_window
from tests.build import at
from tests.data.make_example_busy import FOLDER, jon, mara

LISBON, BERLIN = ZoneInfo("Europe/Lisbon"), ZoneInfo("Europe/Berlin")
PEOPLE = pytest.mark.parametrize(("name", "make"), [("mara", mara), ("jon", jon)])
WEEK = timedelta(weeks=1)


def busy(name: str, start: str, weeks: int) -> Spans:
    zone = LISBON if name == "mara" else BERLIN
    address = f"{name}@example.org"
    source = IcsFile(FOLDER / f"{name}.ics", all_day=AllDay.IF_MARKED, zone=zone, declined_as=(address,))
    reading = source.read(at(start), at(start) + weeks * WEEK, None)
    assert reading is not None
    return reading.spans


@PEOPLE
def test_the_file_is_what_the_generator_writes(name: str, make: Callable[[], bytes]) -> None:
    assert Path(FOLDER / f"{name}.ics").read_bytes() == make()


@PEOPLE
def test_the_calendar_is_of_a_real_size_and_names_nobody_real(name: str, make: Callable[[], bytes]) -> None:
    text = make().decode().replace("\r\n ", "")
    assert text.count("BEGIN:VEVENT") >= 300
    assert {address.rpartition("@")[2] for address in re.findall(r"[\w.-]+@[\w.-]+", text)} == {"example.org"}
    assert max(len(line) for line in make().split(b"\r\n")) <= 75


@PEOPLE
def test_a_typical_week_is_as_full_as_a_working_persons(name: str, make: Callable[[], bytes]) -> None:
    start = at("2026-09-07 00:00")
    weeks = [span_of(start + number * WEEK, start + (number + 1) * WEEK) for number in range(66)]
    taken = busy(name, "2026-09-07 00:00", 66)
    hours = [sum(end - begin for begin, end in intersection(taken, (week,))) / 3600 for week in weeks]
    assert 35 <= median(hours) <= 50
    assert sum(35 <= one <= 53 for one in hours) >= 0.75 * len(hours)


def test_the_two_share_evenings_and_weekend_mornings_but_not_all_of_them() -> None:
    evenings, mornings = shared_hours("19:00-22:30"), shared_hours("weekend 09:00-13:00")
    assert 15 <= sum(hours >= 1.5 for hours in evenings) < len(evenings)
    assert sum(hours >= 2 for hours in mornings) >= 4
    assert min(evenings) < 1
    assert min(mornings) < 4


def shared_hours(text: str) -> list[float]:
    """Hours free for both in each of the windows of four weeks, on Berlin's clock."""
    window, start = parse_window(text), at("2026-11-23 00:00").date()
    taken = union((*busy("mara", "2026-11-22 00:00", 5), *busy("jon", "2026-11-22 00:00", 5)))
    spans = [span_of(*found) for day in days(start, start + 4 * WEEK) if (found := window.on(day, BERLIN))]
    return [sum(end - begin for begin, end in subtract((span,), taken)) / 3600 for span in spans]
