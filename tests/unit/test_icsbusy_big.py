"""A calendar of 3,000 events: nothing in it is read wrongly, and nothing dear is loaded to read it."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from functools import cache
from importlib.resources import files
from pathlib import Path

import pytest

from scheduler.adapters.icsbusy.outline import read_outline
from scheduler.adapters.icsbusy.parts import read_parts
from scheduler.adapters.icsbusy.read import spans_in
from scheduler.adapters.icsbusy.series import busy_near, grouped
from scheduler.adapters.icsbusy.wire import Order
from scheduler.adapters.icsbusy.zones import Zones
from scheduler.domain.freebusy import AllDay, intersection, span_of, union
from tests.data.make_big_calendar import HOME, ME, WINDOWS, calendar, within

ROOT = Path(__file__).parents[2]
READS = """
import sys
before = set(sys.modules)
from scheduler.adapters.icsbusy.child import Order, spans_in
spans_in(sys.stdin.buffer.read(), Order.from_line(sys.argv[1].encode()))
print(*(set(sys.modules) - before))
"""
DEAR = {"icalendar", "recurring_ical_events", "dateutil", "pydantic", "scheduler.ports"}
DEAR |= {"dataclasses", "inspect", "typing", "calendar", "json", "importlib.resources"}

file = cache(calendar)


def order(name: str) -> Order:
    return Order(WINDOWS[name], HOME.key, AllDay.BUSY, (ME,))


@pytest.mark.slow
@pytest.mark.parametrize("name", WINDOWS)
def test_no_busy_time_of_a_big_calendar_is_wrong(name: str) -> None:
    (data, busy), window = file(), WINDOWS[name]
    outline = read_outline(data, *window)
    zones = Zones(outline.zones, outline.own_zone, HOME)
    parts = read_parts(outline.events, zones, order(name))
    found = [span for series in grouped(parts) for span in busy_near(series, window, zones.default)]
    truth = Counter(within(busy, window))
    assert Counter(within(found, window)) == truth
    assert truth.total() > 300


@pytest.mark.slow
@pytest.mark.parametrize("name", WINDOWS)
def test_what_is_told_of_a_big_calendar_is_the_union_of_its_busy_times(name: str) -> None:
    (data, busy), window = file(), WINDOWS[name]
    assert spans_in(data, order(name)) == (intersection(union(busy), (span_of(*window),)), 0)


@pytest.mark.slow
def test_reading_a_big_calendar_loads_no_library_that_is_dear_to_load() -> None:
    path = f"import sys; sys.path += {[str(ROOT), *sys.path]!r}"
    command = [sys.executable, "-I", "-S", "-c", f"{path}\n{READS}", order("autumn").to_line().decode()]
    zones = {"PYTHONTZPATH": str(files("tzdata") / "zoneinfo")}
    ran = subprocess.run(command, input=file()[0], capture_output=True, check=True, env=zones)
    loaded = set(ran.stdout.decode().split())
    assert "scheduler.adapters.icsbusy.walk" in loaded
    assert loaded.isdisjoint(DEAR)
