"""One event on the fake: ids, tombstones, ETags, patching, times. Not here: listings."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from googleapiclient.errors import HttpError

from tests.build import at
from tests.contract.google_driver import NOW, Driver, body, instant, refusal

pytestmark = pytest.mark.slow

HOUR = timedelta(hours=1)


@pytest.fixture
def driver() -> Iterator[Driver]:
    with Driver() as one:
        yield one


def test_an_event_comes_back_with_what_the_service_adds(driver: Driver) -> None:
    made = driver.insert()
    assert made == driver.get()
    assert (made["id"], made["iCalUID"], made["status"]) == ("coffee1", "coffee1@google.com", "confirmed")
    assert (made["sequence"], made["eventType"], made["reminders"]) == (0, "default", {"useDefault": True})
    assert made["created"] == made["updated"] == "2026-11-20T08:00:00.000Z"
    assert made["creator"] == {"email": "sam@example.org"}
    assert made["organizer"] == {"email": driver.calendar, "displayName": "Rituals", "self": True}


def test_an_event_without_an_id_is_given_one(driver: Driver) -> None:
    assert driver.insert(id=None)["id"] != driver.insert(id=None)["id"]


@pytest.mark.parametrize("id", ["abcd", "walk1", "Coffee1", "coffee-1", "a" * 1025])
def test_an_id_is_base32hex_of_5_to_1024_characters(driver: Driver, id: str) -> None:
    with pytest.raises(HttpError) as raised:
        driver.insert(id=id)
    assert refusal(raised.value) == (400, "invalid")


def test_the_longest_id_is_taken(driver: Driver) -> None:
    assert driver.insert(id="v" * 1024)["id"] == "v" * 1024


def test_an_id_and_an_ical_uid_exclude_each_other(driver: Driver) -> None:
    with pytest.raises(HttpError) as raised:
        driver.insert(iCalUID="x@example.org")
    assert refusal(raised.value) == (400, "invalid")
    assert driver.insert(id=None, iCalUID="x@example.org")["iCalUID"] == "x@example.org"


def test_an_id_is_taken_while_its_event_lives(driver: Driver) -> None:
    driver.insert()
    with pytest.raises(HttpError) as raised:
        driver.insert(summary="Another")
    assert refusal(raised.value) == (409, "duplicate")
    assert driver.get()["summary"] == "Coffee date"


def test_an_id_stays_taken_when_its_event_was_deleted(driver: Driver) -> None:
    driver.insert()
    driver.sam.deletes("coffee1")
    with pytest.raises(HttpError) as raised:
        driver.insert()
    assert refusal(raised.value) == (409, "duplicate")


def test_another_calendar_may_use_the_id_again(driver: Driver) -> None:
    driver.insert()
    other = driver.api.calendars().insert(body={"summary": "More"}).execute()["id"]
    assert driver.events.insert(calendarId=other, body=body()).execute()["id"] == "coffee1"


def test_a_deleted_event_is_still_shown_as_cancelled(driver: Driver) -> None:
    driver.insert()
    driver.delete()
    assert (driver.get()["status"], driver.get()["summary"]) == ("cancelled", "Coffee date")


def test_an_event_is_deleted_once(driver: Driver) -> None:
    driver.insert()
    driver.delete()
    with pytest.raises(HttpError) as raised:
        driver.delete()
    assert refusal(raised.value) == (410, "deleted")


def test_a_tombstone_goes_away_in_time_and_frees_the_id(driver: Driver) -> None:
    driver.insert()
    driver.delete()
    driver.sam.forgets_deleted()
    with pytest.raises(HttpError) as raised:
        driver.get()
    assert refusal(raised.value) == (404, "notFound")
    assert driver.insert()["status"] == "confirmed"


@pytest.mark.parametrize("act", [Driver.get, Driver.delete, lambda one: one.patch({}), lambda one: one.put(body())])
def test_an_event_that_never_was_is_not_found(driver: Driver, act: Any) -> None:
    with pytest.raises(HttpError) as raised:
        act(driver)
    assert refusal(raised.value) == (404, "notFound")


def test_a_patch_brings_a_deleted_event_back(driver: Driver) -> None:
    driver.insert()
    driver.delete()
    assert driver.patch({"summary": "Tea"})["status"] == "cancelled"
    assert driver.patch({"status": "confirmed"})["status"] == "confirmed"
    assert driver.sam.standing() == 1


def test_a_patch_to_cancelled_is_a_deletion(driver: Driver) -> None:
    driver.insert()
    driver.patch({"status": "cancelled"})
    with pytest.raises(HttpError) as raised:
        driver.delete()
    assert refusal(raised.value) == (410, "deleted")


@pytest.mark.parametrize(
    "write",
    [
        lambda one, etag: one.patch({"summary": "Tea"}, if_match=etag),
        lambda one, etag: one.put(body(summary="Tea"), if_match=etag),
        lambda one, etag: one.delete(if_match=etag),
    ],
    ids=["patch", "update", "delete"],
)
def test_a_write_with_an_old_etag_meets_no_condition(driver: Driver, write: Any) -> None:
    etag = driver.insert()["etag"]
    driver.sam.retitles("coffee1", "Pancakes")
    with pytest.raises(HttpError) as raised:
        write(driver, etag)
    assert refusal(raised.value) == (412, "conditionNotMet")
    assert driver.get()["summary"] == "Pancakes"
    write(driver, driver.get()["etag"])


def test_any_etag_will_do_for_a_star(driver: Driver) -> None:
    driver.insert()
    assert driver.patch({"summary": "Tea"}, if_match="*")["summary"] == "Tea"


def test_a_tombstone_has_another_etag(driver: Driver) -> None:
    etag = driver.insert()["etag"]
    driver.sam.deletes("coffee1")
    with pytest.raises(HttpError) as raised:
        driver.patch({"status": "confirmed"}, if_match=etag)
    assert refusal(raised.value) == (412, "conditionNotMet")


def test_a_patch_merges_objects_and_leaves_the_rest(driver: Driver) -> None:
    driver.insert(description="Sit down.", extendedProperties={"private": {"a": "1", "b": "2"}})
    after = driver.patch({"extendedProperties": {"private": {"b": "3", "c": "4"}}})
    assert after["extendedProperties"] == {"private": {"a": "1", "b": "3", "c": "4"}}
    assert (after["description"], after["start"]) == ("Sit down.", driver.get()["start"])


def test_a_patch_replaces_arrays(driver: Driver) -> None:
    driver.insert(attendees=[{"email": "a@example.org"}, {"email": "b@example.org"}])
    assert driver.patch({"attendees": [{"email": "c@example.org"}]})["attendees"] == [{"email": "c@example.org"}]


def test_a_null_in_a_patch_takes_away(driver: Driver) -> None:
    driver.insert(description="Sit down.", extendedProperties={"private": {"a": "1", "b": "2"}})
    after = driver.patch({"description": None, "extendedProperties": {"private": {"a": None}}})
    assert "description" not in after
    assert after["extendedProperties"] == {"private": {"b": "2"}}


def test_a_null_brings_back_what_an_event_cannot_be_without(driver: Driver) -> None:
    driver.insert(status="tentative", reminders={"useDefault": False})
    after = driver.patch({"status": None, "reminders": None})
    assert (after["status"], after["reminders"]) == ("confirmed", {"useDefault": True})


def test_an_update_clears_what_it_does_not_say(driver: Driver) -> None:
    before = driver.insert(description="Sit down.", location="Kitchen", extendedProperties={"private": {"a": "1"}})
    after = driver.put(body(id=None))
    assert {"description", "location", "extendedProperties"} & set(after) == set()
    for name in ("id", "iCalUID", "created", "creator", "organizer", "htmlLink"):
        assert after[name] == before[name]


def test_what_is_read_only_is_not_written(driver: Driver) -> None:
    before = driver.insert(creator={"email": "eve@example.org"}, htmlLink="https://example.org")
    after = driver.put({**before, "created": "2020-01-01T00:00:00Z", "etag": '"1"', "id": "tea11", "summary": "Tea"})
    assert (after["id"], after["summary"], after["created"]) == ("coffee1", "Tea", before["created"])
    assert after["creator"] == {"email": "sam@example.org"}


def test_a_stale_sequence_is_refused(driver: Driver) -> None:
    driver.insert(sequence=3)
    with pytest.raises(HttpError) as raised:
        driver.patch({"sequence": 2, "summary": "Tea"})
    assert refusal(raised.value) == (400, "invalid")
    assert raised.value.error_details[0]["message"].startswith("Invalid sequence value.")
    assert driver.patch({"sequence": 4})["sequence"] == 4


def test_a_new_time_raises_the_sequence_and_a_new_title_does_not(driver: Driver) -> None:
    driver.insert(sequence=3)
    assert driver.patch({"summary": "Tea"})["sequence"] == 3
    driver.sam.moves("coffee1", at("2026-11-24 07:00"))
    assert driver.get()["sequence"] == 4
    assert driver.patch({"end": {"dateTime": "2026-11-24T09:00:00Z"}})["sequence"] == 5
    assert driver.patch({"end": {"dateTime": "2026-11-24T10:00:00Z"}, "sequence": 9})["sequence"] == 9


def test_every_write_moves_the_etag_and_the_time_of_the_last_change(driver: Driver) -> None:
    before = driver.insert()
    driver.clock.advance(HOUR)
    after = driver.patch({"summary": "Tea"})
    assert (before["updated"], after["updated"]) == ("2026-11-20T08:00:00.000Z", "2026-11-20T09:00:00.000Z")
    assert before["etag"] != after["etag"]


def test_a_change_of_reminders_alone_moves_only_the_etag(driver: Driver) -> None:
    before = driver.insert()
    driver.clock.advance(HOUR)
    after = driver.patch({"reminders": {"useDefault": False, "overrides": [{"method": "popup", "minutes": 5}]}})
    assert before["updated"] == after["updated"]
    assert before["etag"] != after["etag"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"useDefault": False}, {"useDefault": False}),
        ({"useDefault": False, "overrides": []}, {"useDefault": False}),
        ({"overrides": [{"method": "popup", "minutes": -5}]}, [("popup", 0)]),
        ({"overrides": [{"method": "popup", "minutes": 50_000}]}, [("popup", 40_320)]),
        ({"overrides": [{"method": "sms", "minutes": 5}]}, {"useDefault": False}),
        ({"overrides": [{"method": "popup", "minutes": 5}] * 2}, [("popup", 5)]),
    ],
)
def test_odd_reminders_are_mended_in_silence(driver: Driver, given: Any, kept: Any) -> None:
    if isinstance(kept, list):
        kept = {"useDefault": False, "overrides": [{"method": how, "minutes": when} for how, when in kept]}
    assert driver.insert(reminders=given)["reminders"] == kept


@pytest.mark.parametrize(
    ("reminders", "reason"),
    [
        ([{"method": "popup", "minutes": one} for one in range(6)], "eventRemindersCountExceedsLimit"),
        ([{"method": "popup", "minutes": 5}], "cannotUseDefaultRemindersAndSpecifyOverride"),
    ],
)
def test_too_many_or_contrary_reminders_are_refused(driver: Driver, reminders: Any, reason: str) -> None:
    with pytest.raises(HttpError) as raised:
        driver.insert(reminders={"useDefault": len(reminders) == 1, "overrides": reminders})
    assert refusal(raised.value) == (400, reason)


def test_a_patch_replaces_all_reminders(driver: Driver) -> None:
    driver.insert(reminders={"useDefault": False, "overrides": [{"method": "popup", "minutes": 5}]})
    assert driver.patch({"reminders": {"useDefault": True}})["reminders"] == {"useDefault": True}


def test_long_keys_of_properties_are_dropped_and_long_values_cut(driver: Driver) -> None:
    given = {"k" * 44: "v" * 1024, "k" * 45: "v", "long": "v" * 1025}
    made = driver.insert(extendedProperties={"private": given})
    assert made["extendedProperties"]["private"] == {"k" * 44: "v" * 1024, "long": "v" * 1024}


@pytest.mark.parametrize(
    ("start", "end", "reason"),
    [
        ({"dateTime": "2026-11-23T18:00:00"}, None, "required"),
        ({"dateTime": "2026-11-23 18:00:00Z"}, None, "invalid"),
        ({"dateTime": "2026-11-31T18:00:00Z"}, None, "invalid"),
        ({"dateTime": "2026-11-23T18:00:00", "timeZone": "Europe/Bonn"}, None, "invalid"),
        ({"date": "2026-11-23"}, None, "invalid"),
        ({"date": "2026-11-23", "dateTime": "2026-11-23T18:00:00Z"}, None, "invalid"),
        ({"date": "23.11.2026"}, {"date": "2026-11-24"}, "invalid"),
        ({"timeZone": "Europe/Berlin"}, None, "invalid"),
        ({"dateTime": "2026-11-23T18:00:00Z"}, {"dateTime": "2026-11-23T18:00:00Z"}, "timeRangeEmpty"),
        ({"date": "2026-11-23"}, {"date": "2026-11-23"}, "timeRangeEmpty"),
        ({"dateTime": "2026-11-23T19:30:00+01:00"}, {"dateTime": "2026-11-23T18:30:00Z"}, "timeRangeEmpty"),
    ],
)
def test_times_that_make_no_event_are_refused(driver: Driver, start: Any, end: Any, reason: str) -> None:
    with pytest.raises(HttpError) as raised:
        driver.insert(start=start, end=end or {"dateTime": "2026-11-23T20:00:00Z"})
    assert refusal(raised.value) == (400, reason)


@pytest.mark.parametrize(
    "start",
    [
        {"dateTime": "2026-11-23T18:00:00", "timeZone": "Europe/Berlin"},
        {"dateTime": "2026-11-23T17:00:00.000Z"},
        {"dateTime": "2026-11-23T17:00:00Z", "timeZone": "America/New_York"},
        {"dateTime": "2026-11-23T18:00:00+01:00", "timeZone": "UTC"},
    ],
)
def test_a_time_is_one_instant_however_it_is_written(driver: Driver, start: Any) -> None:
    assert instant(driver.insert(start=start)) == at("2026-11-23 17:00")


def test_times_are_shown_in_the_calendar_s_zone_or_the_asked_one(driver: Driver) -> None:
    driver.insert(start={"dateTime": "2026-11-23T17:00:00Z", "timeZone": "America/New_York"})
    assert driver.get()["start"] == {"dateTime": "2026-11-23T18:00:00+01:00", "timeZone": "America/New_York"}
    assert driver.get(timeZone="UTC")["start"]["dateTime"] == "2026-11-23T17:00:00Z"


def test_an_all_day_event_becomes_timed_only_when_its_date_goes(driver: Driver) -> None:
    driver.insert()
    driver.sam.makes_all_day("coffee1", date(2026, 11, 24))
    assert driver.get()["start"] == {"date": "2026-11-24"}
    start, end = ({"dateTime": f"2026-11-24T{hour}:00:00Z"} for hour in ("18", "19"))
    with pytest.raises(HttpError) as raised:
        driver.patch({"start": start, "end": end})
    assert refusal(raised.value) == (400, "invalid")
    driver.patch({"start": {**start, "date": None}, "end": {**end, "date": None}})
    assert instant(driver.get()) == at("2026-11-24 18:00")


def test_conference_data_is_ignored_without_its_version(driver: Driver) -> None:
    assert "conferenceData" not in driver.insert(conferenceData={"notes": "x"})


def test_a_guest_needs_an_address(driver: Driver) -> None:
    with pytest.raises(HttpError) as raised:
        driver.insert(attendees=[{"displayName": "Kim"}])
    assert refusal(raised.value) == (400, "required")


def test_a_new_event_is_not_cancelled(driver: Driver) -> None:
    with pytest.raises(HttpError) as raised:
        driver.insert(status="cancelled")
    assert refusal(raised.value) == (400, "invalid")


def test_events_of_a_special_kind_are_not_modelled(driver: Driver) -> None:
    with pytest.raises(HttpError) as raised:
        driver.insert(eventType="focusTime")
    assert refusal(raised.value) == (501, "notModelled")


def test_the_fake_reads_the_time_from_the_clock_it_is_given(driver: Driver) -> None:
    driver.clock.set(NOW + 2 * HOUR)
    assert driver.insert()["created"] == "2026-11-20T10:00:00.000Z"
