"""A partner's feed shows their own rituals as they stand now, and in the words that they chose."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from icalendar import Calendar

from scheduler.adapters.system import new_secret
from scheduler.app.doors import Doors
from scheduler.app.feeding import SHOWN_AFTER, feed_for
from scheduler.settings import FeedRoute, FolderRoute, Route
from scheduler.settings.model import Look
from tests.build import make_partner
from tests.world import START, World, usual_couple, world

HOUR = timedelta(hours=1)
PARTNERS = (make_partner("sam"), make_partner("kim", discreet=True))
ROUTES: dict[str, Route] = {
    "sam": FeedRoute(Look("Together", "#c2603f")),
    "kim": FeedRoute(Look("Calendar", "#3f7c85")),
}
DOORS = Doors("home", ROUTES, "https://rituals.example.org", new_secret)


@pytest.fixture
def home() -> Iterator[World]:
    with world(usual_couple(partners=PARTNERS)) as made:
        made.until(START + HOUR)
        yield made


def address(home: World, partner: str) -> str:
    with home.store.transaction() as tx:
        return DOORS.feed(tx, partner, home.clock.now()).rpartition("/")[2].removesuffix(".ics")


def shown(home: World, token: str, doors: Doors = DOORS) -> bytes:
    found = feed_for(home.store, doors, token, home.clock.now())
    assert found is not None
    return found


def titles(data: bytes) -> set[str]:
    return {str(one["SUMMARY"]) for one in Calendar.from_ical(data).walk("VEVENT")}


def test_the_feed_holds_every_coming_ritual_of_its_partner_and_no_other_s(home: World) -> None:
    found = Calendar.from_ical(shown(home, address(home, "sam"))).walk("VEVENT")
    assert {str(one["UID"]) for one in found} == {event.uid for event in home.calendars["sam"].events}


def test_discreet_titles_hold_in_the_feed_and_in_its_name(home: World) -> None:
    open_one, discreet = (shown(home, address(home, who)) for who in ("sam", "kim"))
    assert "Coffee" in titles(open_one)
    for word in (b"Coffee", b"Check-in", b"Together", b"Sit down"):
        assert word not in discreet
    assert b"X-WR-CALNAME:Calendar\r\n" in discreet


def test_the_feed_says_how_often_to_ask(home: World) -> None:
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n" in shown(home, address(home, "sam"))


def test_the_same_state_gives_the_same_bytes(home: World) -> None:
    token = address(home, "sam")
    before = shown(home, token)
    home.clock.advance(HOUR)
    assert shown(home, token) == before


def test_an_event_stays_for_a_week_after_its_end(home: World) -> None:
    token = address(home, "sam")
    first = home.calendars["sam"].events[0]
    home.clock.set(first.ends_at + SHOWN_AFTER - timedelta(seconds=1))
    assert first.uid.encode() in shown(home, token)
    home.clock.advance(timedelta(seconds=1))
    assert first.uid.encode() not in shown(home, token)


def test_a_pause_empties_the_feed_as_soon_as_it_is_said(home: World) -> None:
    token = address(home, "sam")
    home.service.pause("sam", until=date(2027, 3, 1))
    assert titles(shown(home, token)) == set()


def test_a_rotated_address_opens_nothing_from_that_moment(home: World) -> None:
    old, new = address(home, "sam"), address(home, "sam")
    assert feed_for(home.store, DOORS, old, home.clock.now()) is None
    assert titles(shown(home, new))


def test_whoever_changed_to_another_calendar_has_no_feed_beside_it(home: World) -> None:
    token = address(home, "sam")
    changed = {**ROUTES, "sam": FolderRoute(Path("sam"), ROUTES["sam"].look)}
    doors = Doors("home", changed, DOORS.address, new_secret)
    assert feed_for(home.store, doors, token, home.clock.now()) is None
