"""Listings of the fake: pages, sync tokens, tombstones, filters. Not here: one event."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from googleapiclient.errors import HttpError

from tests.build import at
from tests.contract.google_driver import Driver, ids, instant, refusal

pytestmark = pytest.mark.slow

SIX = [f"coffee{number}" for number in range(6)]


@pytest.fixture
def driver() -> Iterator[Driver]:
    with Driver() as one:
        yield one


@pytest.fixture
def six(driver: Driver) -> Driver:
    """Six events, the second of them deleted by hand."""
    for one in SIX:
        driver.insert(id=one)
    driver.sam.deletes("coffee1")
    return driver


def weekly(driver: Driver, **changes: Any) -> None:
    driver.insert(id="series1", recurrence=["RRULE:FREQ=WEEKLY;COUNT=3"], **changes)


def test_a_full_listing_has_what_lives_and_a_token(six: Driver) -> None:
    listing = six.list()
    assert ids(listing) == [one for one in SIX if one != "coffee1"]
    assert (listing["kind"], listing["summary"], listing["timeZone"]) == (
        "calendar#events", "Rituals", "Europe/Berlin",
    )  # fmt: skip
    assert listing["nextSyncToken"]


def test_the_token_stands_on_the_last_page_only(six: Driver) -> None:
    first = six.list(maxResults=3)
    last = six.list(maxResults=3, pageToken=first["nextPageToken"])
    assert ids(first) + ids(last) == [one for one in SIX if one != "coffee1"]
    assert ("nextSyncToken" in first, "nextPageToken" in last, "nextSyncToken" in last) == (False, False, True)


def test_a_page_may_be_shorter_than_was_asked_for(six: Driver) -> None:
    six.fake.settings.page_size = 2
    assert len(six.list(maxResults=250)["items"]) == 2


def test_the_pages_of_one_listing_are_of_one_moment(six: Driver) -> None:
    first = six.list(maxResults=3)
    six.sam.deletes("coffee5")
    last = six.list(maxResults=3, pageToken=first["nextPageToken"])
    assert ids(last) == ["coffee4", "coffee5"]
    assert ids(six.list(syncToken=last["nextSyncToken"])) == ["coffee5"]


@pytest.mark.parametrize("query", [{"maxResults": 2}, {"maxResults": 3, "singleEvents": True}])
def test_a_page_token_goes_with_its_own_query(six: Driver, query: Any) -> None:
    token = six.list(maxResults=3)["nextPageToken"]
    with pytest.raises(HttpError) as raised:
        six.list(pageToken=token, **query)
    assert refusal(raised.value) == (400, "invalid")


def test_a_sync_shows_only_what_changed(six: Driver) -> None:
    token = six.list()["nextSyncToken"]
    assert ids(six.list(syncToken=token)) == []
    six.sam.moves("coffee4", at("2026-11-24 07:00"))
    six.insert(id="tea11")
    six.sam.deletes("coffee2")
    assert ids(six.list(syncToken=token)) == ["coffee4", "tea11", "coffee2"]


def test_a_sync_token_can_be_used_again(six: Driver) -> None:
    token = six.list()["nextSyncToken"]
    six.sam.moves("coffee4", at("2026-11-24 07:00"))
    once = six.list(syncToken=token)
    assert six.list(syncToken=token)["items"] == once["items"]
    assert ids(six.list(syncToken=once["nextSyncToken"])) == []


def test_a_tombstone_in_a_sync_has_only_its_id(six: Driver) -> None:
    token = six.list()["nextSyncToken"]
    six.sam.deletes("coffee4")
    (tombstone,) = six.list(syncToken=token)["items"]
    assert {name: tombstone[name] for name in ("id", "status")} == {"id": "coffee4", "status": "cancelled"}
    assert set(tombstone) == {"kind", "etag", "id", "status"}


def test_what_came_and_went_in_between_leaves_a_tombstone(six: Driver) -> None:
    token = six.list()["nextSyncToken"]
    six.insert(id="tea11")
    six.delete("tea11")
    assert [(one["id"], one["status"]) for one in six.list(syncToken=token)["items"]] == [("tea11", "cancelled")]


def test_a_full_listing_shows_tombstones_when_asked(six: Driver) -> None:
    deleted = [one for one in six.list(showDeleted=True)["items"] if one["status"] == "cancelled"]
    assert [(one["id"], one["summary"]) for one in deleted] == [("coffee1", "Coffee date")]


def test_a_long_sync_has_pages_too(six: Driver) -> None:
    token = six.list()["nextSyncToken"]
    for one in ("coffee2", "coffee3", "coffee4"):
        six.sam.retitles(one, "Tea")
    first = six.list(syncToken=token, maxResults=2)
    last = six.list(syncToken=token, maxResults=2, pageToken=first["nextPageToken"])
    assert (ids(first), ids(last)) == (["coffee2", "coffee3"], ["coffee4"])
    assert "nextSyncToken" in last


@pytest.mark.parametrize(
    "query",
    [
        {"iCalUID": "coffee1@google.com"},
        {"orderBy": "updated"},
        {"privateExtendedProperty": "a=1"},
        {"q": "coffee"},
        {"sharedExtendedProperty": "a=1"},
        {"timeMin": "2026-11-23T00:00:00Z"},
        {"timeMax": "2026-11-23T00:00:00Z"},
        {"updatedMin": "2026-11-20T00:00:00Z"},
        {"showDeleted": False},
        {"singleEvents": True},
    ],
    ids=lambda query: next(iter(query)),
)
def test_beside_a_sync_token_some_parameters_may_not_stand(six: Driver, query: Any) -> None:
    token = six.list()["nextSyncToken"]
    with pytest.raises(HttpError) as raised:
        six.list(syncToken=token, **query)
    assert refusal(raised.value) == (400, "badRequest")


@pytest.mark.parametrize(
    "query",
    [{"orderBy": "updated"}, {"q": "coffee"}, {"privateExtendedProperty": "a=1"}, {"iCalUID": "x@example.org"}],
    ids=lambda query: next(iter(query)),
)
def test_a_listing_with_a_filter_gives_no_token(six: Driver, query: Any) -> None:
    assert "nextSyncToken" not in six.list(**query)


def test_a_listing_of_a_window_gives_a_token_that_keeps_to_it(six: Driver) -> None:
    window = {"timeMin": "2026-11-20T00:00:00Z", "timeMax": "2026-11-30T00:00:00Z"}
    token = six.list(**window)["nextSyncToken"]
    six.sam.retitles("coffee2", "Tea")
    six.sam.moves("coffee3", at("2027-01-04 07:00"))
    assert ids(six.list(syncToken=token)) == ["coffee2"]


def test_an_expired_sync_token_is_gone(six: Driver) -> None:
    token = six.list()["nextSyncToken"]
    six.fake.expire_sync_tokens()
    with pytest.raises(HttpError) as raised:
        six.list(syncToken=token)
    assert refusal(raised.value) == (410, "fullSyncRequired")
    assert six.list(syncToken=six.list()["nextSyncToken"])["items"] == []


def test_a_sync_token_expires_with_time(six: Driver) -> None:
    token = six.list()["nextSyncToken"]
    six.clock.advance(six.fake.settings.sync_token_life + timedelta(seconds=1))
    six.fake.settings.access_token_life = timedelta(days=1)
    with pytest.raises(HttpError) as raised:
        six.list(syncToken=token)
    assert refusal(raised.value) == (410, "fullSyncRequired")


def test_a_sync_token_of_another_calendar_is_invalid(six: Driver) -> None:
    other = six.api.calendars().insert(body={"summary": "More"}).execute()["id"]
    token = six.events.list(calendarId=other).execute()["nextSyncToken"]
    with pytest.raises(HttpError) as raised:
        six.list(syncToken=token)
    assert refusal(raised.value) == (400, "invalid")


def test_changes_too_long_ago_are_gone(six: Driver) -> None:
    with pytest.raises(HttpError) as raised:
        six.list(updatedMin="2026-09-01T00:00:00Z")
    assert refusal(raised.value) == (410, "updatedMinTooLongAgo")


def test_changes_since_an_instant_include_deletions(six: Driver) -> None:
    six.clock.advance(timedelta(hours=1))
    six.sam.deletes("coffee2")
    six.sam.retitles("coffee3", "Tea")
    assert ids(six.list(updatedMin="2026-11-20T08:30:00Z")) == ["coffee2", "coffee3"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "PANCAKES"}, ["tea11"]),
        ({"privateExtendedProperty": "a=1"}, ["tea11"]),
        ({"privateExtendedProperty": "a=2"}, []),
        ({"sharedExtendedProperty": "a=1"}, []),
        ({"iCalUID": "tea11@google.com"}, ["tea11"]),
        ({"timeMin": "2026-11-24T18:00:00Z"}, ["tea11"]),
        ({"timeMin": "2026-11-24T19:00:00Z"}, []),
        ({"timeMax": "2026-11-24T18:00:00Z"}, ["coffee1"]),
        ({"eventTypes": ["focusTime"]}, []),
        ({"orderBy": "updated"}, ["tea11", "coffee1"]),
        ({"orderBy": "startTime", "singleEvents": True}, ["coffee1", "tea11"]),
    ],
    ids=str,
)
def test_a_filter_keeps_what_fits(driver: Driver, query: Any, found: list[str]) -> None:
    start, end = ({"dateTime": f"2026-11-24T{hour}:00:00Z"} for hour in ("18", "19"))
    driver.insert(id="tea11", summary="Pancakes", start=start, end=end, extendedProperties={"private": {"a": "1"}})
    driver.clock.advance(timedelta(minutes=1))
    driver.insert(id="coffee1")
    assert ids(driver.list(**query)) == found


def test_no_order_by_start_without_single_events(driver: Driver) -> None:
    with pytest.raises(HttpError) as raised:
        driver.list(orderBy="startTime")
    assert refusal(raised.value) == (400, "badRequest")


def test_a_window_begins_before_it_ends(driver: Driver) -> None:
    with pytest.raises(HttpError) as raised:
        driver.list(timeMin="2026-11-24T18:00:00Z", timeMax="2026-11-24T18:00:00Z")
    assert refusal(raised.value) == (400, "badRequest")


def test_two_properties_at_once_are_not_modelled(driver: Driver) -> None:
    with pytest.raises(HttpError) as raised:
        driver.list(privateExtendedProperty=["a=1", "b=2"])
    assert refusal(raised.value) == (501, "notModelled")


def test_a_series_is_one_event_or_its_instances(driver: Driver) -> None:
    weekly(driver)
    assert ids(driver.list()) == ["series1"]
    instances = driver.list(singleEvents=True)["items"]
    assert [instant(one) for one in instances] == [at(f"2026-{day} 17:00") for day in ("11-23", "11-30", "12-07")]
    assert {one["recurringEventId"] for one in instances} == {"series1"}


def test_a_listing_has_an_etag_that_moves_with_its_content(six: Driver) -> None:
    path = f"calendars/{six.calendar}/events"
    etag = six.raw("GET", path).headers["ETag"]
    assert six.raw("GET", path, headers={"If-None-Match": etag}).status_code == 304
    six.sam.retitles("coffee2", "Tea")
    assert six.raw("GET", path, headers={"If-None-Match": etag}).status_code == 200


def test_a_listing_may_lag_behind_but_loses_nothing(six: Driver) -> None:
    six.fake.settings.listing_lag = timedelta(seconds=30)
    six.clock.advance(timedelta(minutes=1))
    token = six.list()["nextSyncToken"]
    six.sam.retitles("coffee2", "Tea")
    late = six.list(syncToken=token)
    assert (ids(late), six.get("coffee2")["summary"]) == ([], "Tea")
    six.clock.advance(timedelta(seconds=30))
    assert ids(six.list(syncToken=late["nextSyncToken"])) == ["coffee2"]
