"""The feed that a calendar subscribes to: the same bytes for the same state, read by strangers, revealing nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from scheduler.adapters.feed import FeedCalendar
from scheduler.content.feed import feed, feed_etag
from scheduler.domain.event import Event
from scheduler.domain.pace import Pace
from tests.build import at, make_couple, make_partner, make_ritual
from tests.contract.calendar_contract import later, make_event
from tests.judges import complaints_of_libical, read_by_ical_js
from tests.world import usual_couple, world

COFFEE, WALK = make_event(), make_event("walk1", title="Walk", starts_at=at("2026-11-23 18:00"), reminder=None)
TALK = make_event("talk1", title="Talk", starts_at=at("2026-11-22 18:00"))


def about(data: bytes) -> dict[str, str]:
    """The calendar's own properties, as Python's parser reads them."""
    return {name: value.to_ical().decode() for name, value in Calendar.from_ical(data).items()}


@pytest.mark.slow
@pytest.mark.parametrize("title", ["Our times", "☕, 🕯️; and \\ \r\nATTENDEE:x", "\u202eקפה"])
@pytest.mark.parametrize("events", [(), (COFFEE,), (COFFEE, WALK, replace(TALK, title="a, b;\nc", description=""))])
def test_two_strangers_find_nothing_wrong_with_it(title: str, events: tuple[Event, ...]) -> None:
    data = feed(events, title)
    assert complaints_of_libical(data) == []
    (calendar,) = read_by_ical_js(data)
    assert len(calendar.inside) == len(events)


@pytest.mark.slow
def test_a_stranger_reads_each_event_as_it_was_meant_and_nobody_invited() -> None:
    (calendar,) = read_by_ical_js(feed((COFFEE, TALK), "Our times"))
    assert [(one.values("uid"), one.values("dtstart")) for one in calendar.inside] == [
        (["talk1"], ["2026-11-22T18:00:00Z"]),
        (["coffee1"], ["2026-11-23T18:00:00Z"]),
    ]
    assert {name for one in calendar.walk() for name, _, _ in one.properties} & {
        "attendee",
        "organizer",
        "method",
    } == set()


def test_it_says_its_name_its_colour_and_when_to_come_again() -> None:
    assert about(feed((COFFEE,), "Our times")) == {
        "VERSION": "2.0",
        "PRODID": "-//couple-rituals//couple-rituals//EN",
        "NAME": "Our times",
        "X-WR-CALNAME": "Our times",
        "COLOR": "sienna",
        "REFRESH-INTERVAL": "PT1H",
        "X-PUBLISHED-TTL": "PT1H",
    }


@pytest.mark.parametrize(
    ("refresh", "said"),
    [
        (timedelta(seconds=1), "PT15M"),
        (timedelta(minutes=90), "PT90M"),
        (timedelta(hours=6), "PT6H"),
        (timedelta(days=2), "PT48H"),
    ],
)
def test_it_never_asks_to_be_fetched_more_often_than_every_quarter_of_an_hour(refresh: timedelta, said: str) -> None:
    data = feed((), "Our times", refresh).decode()
    assert f"\r\nREFRESH-INTERVAL;VALUE=DURATION:{said}\r\nX-PUBLISHED-TTL:{said}\r\n" in data


def test_the_order_of_the_events_makes_no_difference() -> None:
    assert len({feed_etag(feed(some, "Our times")) for some in permutations((COFFEE, WALK, TALK))}) == 1


def test_the_etag_is_a_quoted_hash_that_follows_every_change() -> None:
    tags = {feed_etag(feed(some, "Our times")) for some in ((), (COFFEE,), (later(COFFEE),), (COFFEE, WALK))}
    assert len(tags) == 4
    assert all(tag.strip('"').isalnum() and tag[0] == tag[-1] == '"' for tag in tags)


@settings(max_examples=100)
@given(title=st.text(), words=st.text())
def test_no_typed_words_ever_add_a_property(title: str, words: str) -> None:
    def names(data: bytes) -> list[str]:
        return [name for name, _ in Calendar.from_ical(data).property_items()]

    events = [make_event(title=words, description=f"Words: {words}"), WALK]
    assert names(feed(events, title)) == names(feed([COFFEE, WALK], "Our times"))


def lived(**partner: Any) -> bytes:
    """Sam's feed after a plan was made for both."""
    ritual = make_ritual("canary-ritual", title="Canary title", how_to=("Canary how-to.",))
    couple = make_couple(partners=(make_partner("sam", **partner), make_partner("kim")), rituals=(ritual,))
    with world(usual_couple(partners=couple.partners, rituals=couple.rituals)) as w:
        w.until(at("2026-11-24 09:00"))
        with w.store.transaction() as tx:
            entries = [one for one in tx.calendar_entries("home") if one.partner == "sam" and one.live]
    assert entries
    return feed([one.event for one in entries], "Time together")


def test_a_discreet_feed_holds_no_title_no_answer_no_name_and_no_key() -> None:
    data = lived(discreet=True).lower()
    assert [word for word in (b"canary", b"how-to", b"sam", b"kim", b"coffee", b"2026-w") if word in data] == []
    assert b"canary title" in lived().lower()


def test_a_uid_reveals_neither_ritual_nor_partner_nor_date() -> None:
    uids = [str(event["UID"]) for event in Calendar.from_ical(lived()).walk("VEVENT")]
    assert len(set(uids)) == len(uids) > 1
    locals_, hosts = zip(*(uid.split("@") for uid in uids), strict=True)
    assert set(hosts) == {"couple-rituals"}
    assert all(len(one) == 32 and set(one) <= set("0123456789abcdefghijklmnopqrstuv") for one in locals_)


def test_nothing_has_to_be_written_and_nothing_can_be_seen() -> None:
    calendar = FeedCalendar()
    assert calendar.put(COFFEE, None) == "0"
    assert calendar.put(later(COFFEE), "0") == "1"
    calendar.remove(COFFEE, "1")
    assert calendar.seen(["coffee1"]) == {"coffee1": None}
    assert calendar.pace is Pace.NEVER
