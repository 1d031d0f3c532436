"""Whoever takes another calendar finds everything there, and nothing of ours in the old one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from scheduler.adapters.memory import MemoryCalendar
from tests.world import World, world

MINUTE = timedelta(minutes=1)


@pytest.fixture
def home() -> Iterator[World]:
    with world() as made:
        made.service.parts = replace(made.service.parts, routes={"sam": "folder /srv/sam", "kim": "google"})
        made.service.tick()
        yield made


def switched(home: World, old: MemoryCalendar, new: MemoryCalendar) -> World:
    """Sam's file names another calendar, and the service starts again."""
    routes = {"sam": "caldav", "kim": "google"}
    return home.restarted(
        calendars={**home.calendars, "sam": new},
        routes=routes,
        former=lambda partner, named: old if (partner.id, named) == ("sam", "folder /srv/sam") else None,
    )


def test_another_calendar_gets_all_and_the_old_one_is_left_clean(home: World) -> None:
    old, new = home.calendars["sam"], MemoryCalendar()
    before = {(one.title, one.starts_at) for one in old.events}
    assert before
    home.clock.advance(MINUTE)
    switched(home, old, new).service.tick()
    assert old.events == []
    assert {(one.title, one.starts_at) for one in new.events} == before


def test_the_other_partner_notices_nothing(home: World) -> None:
    before = home.calendars["kim"].events
    home.clock.advance(MINUTE)
    switched(home, home.calendars["sam"], MemoryCalendar()).service.tick()
    assert home.calendars["kim"].events == before


def test_an_old_calendar_that_is_out_of_reach_does_not_hold_up_the_new_one(home: World) -> None:
    old, new = home.calendars["sam"], MemoryCalendar()
    old.down = True
    home.clock.advance(MINUTE)
    switched(home, old, new).service.tick()
    assert len(new.events) == len(old.events)


def test_what_stands_in_the_new_one_is_not_taken_for_deleted(home: World) -> None:
    new = MemoryCalendar()
    again = switched(home, home.calendars["sam"], new)
    for _ in range(3):
        home.clock.advance(MINUTE)
        again.service.tick()
    assert len(new.events) == len(home.calendars["kim"].events)
