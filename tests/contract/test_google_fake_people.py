"""What the owner of an account does by hand, as a client then finds it. Not here: the rules of the API."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from googleapiclient.errors import HttpError

from tests.build import at
from tests.contract.google_driver import Driver, ids, instant, refusal

pytestmark = pytest.mark.slow


@pytest.fixture
def driver() -> Iterator[Driver]:
    with Driver() as one:
        yield one


def test_a_move_by_hand_keeps_the_length_and_the_zone(driver: Driver) -> None:
    before = driver.insert()
    driver.sam.moves("coffee1", at("2026-11-24 07:30"))
    after = driver.get()
    assert (instant(after), instant(after, "end")) == (at("2026-11-24 07:30"), at("2026-11-24 08:30"))
    assert after["start"]["timeZone"] == before["start"]["timeZone"]
    assert after["etag"] != before["etag"]


def test_an_event_can_be_made_longer_by_hand(driver: Driver) -> None:
    driver.insert()
    driver.sam.resizes("coffee1", at("2026-11-23 20:00"))
    assert (instant(driver.get()), instant(driver.get(), "end")) == (at("2026-11-23 17:00"), at("2026-11-23 20:00"))


def test_a_title_changed_by_hand_changes_nothing_else(driver: Driver) -> None:
    before = driver.insert()
    driver.sam.retitles("coffee1", "Pancakes")
    after = driver.get()
    assert {name for name in after if after[name] != before.get(name)} == {"summary", "etag"}


def test_an_event_made_all_day_by_hand_has_dates(driver: Driver) -> None:
    driver.insert()
    driver.sam.makes_all_day("coffee1", date(2026, 11, 24))
    assert (driver.get()["start"], driver.get()["end"]) == ({"date": "2026-11-24"}, {"date": "2026-11-25"})


def test_any_field_can_be_changed_or_taken_away_by_hand(driver: Driver) -> None:
    driver.insert(description="Sit down.")
    driver.sam.edits("coffee1", description=None, location="Kitchen")
    after = driver.get()
    assert ("description" in after, after["location"]) == (False, "Kitchen")


def test_a_deletion_by_hand_can_be_taken_back(driver: Driver) -> None:
    driver.insert()
    driver.sam.deletes("coffee1")
    assert driver.get()["status"] == "cancelled"
    driver.sam.restores("coffee1")
    assert driver.get()["status"] == "confirmed"


def test_whatever_is_done_by_hand_is_in_the_next_sync(driver: Driver) -> None:
    driver.insert()
    token = driver.list()["nextSyncToken"]
    driver.sam.retitles("coffee1", "Pancakes")
    theirs = driver.adds("2026-11-24 09:00", "2026-11-24 10:00", calendar_id=driver.calendar)
    assert ids(driver.list(syncToken=token)) == ["coffee1", theirs]


def test_only_what_clients_made_and_lives_is_counted(driver: Driver) -> None:
    for name in ("coffee1", "coffee2", "coffee3"):
        driver.insert(id=name)
    driver.sam.deletes("coffee2")
    driver.sam.adds_foreign()
    assert driver.sam.standing() == 2


def test_events_made_by_hand_are_kept_apart_byte_for_byte(driver: Driver) -> None:
    driver.insert()
    driver.sam.adds_foreign()
    before = driver.sam.foreign()
    driver.patch({"summary": "Tea"})
    driver.delete()
    assert len(before) == 3
    assert driver.sam.foreign() == before


def test_a_client_that_touches_a_foreign_event_is_found_out(driver: Driver) -> None:
    theirs = driver.adds("2026-11-24 09:00", "2026-11-24 10:00", calendar_id=driver.calendar)
    before = driver.sam.foreign()
    driver.patch({"summary": "Dentist"}, id=theirs)
    assert driver.sam.foreign() != before
    assert driver.sam.foreign().keys() == before.keys()


def test_events_are_found_by_start(driver: Driver) -> None:
    driver.insert()
    driver.adds("2026-11-20 09:00", "2026-11-20 10:00", title="Early", calendar_id=driver.calendar)
    assert [one["summary"] for one in driver.sam.events()] == ["Early", "Coffee date"]


def test_an_event_that_never_was_cannot_be_touched(driver: Driver) -> None:
    with pytest.raises(KeyError):
        driver.sam.deletes("never1")


def test_one_calendar_can_go_while_another_stays(driver: Driver) -> None:
    other = driver.api.calendars().insert(body={"summary": "More"}).execute()["id"]
    driver.sam.deletes_calendar(driver.calendar)
    assert driver.sam.app_calendars() == [other]
    with pytest.raises(HttpError) as raised:
        driver.list()
    assert refusal(raised.value) == (404, "notFound")


def test_two_people_have_nothing_in_common(driver: Driver) -> None:
    kim = driver.fake.person("kim@example.org", zone="Europe/London")
    kim.adds(at("2026-11-24 09:00"), at("2026-11-24 10:00"))
    driver.insert()
    kim.revokes()
    assert (kim.app_calendars(), kim.standing(), len(kim.foreign())) == ([], 0, 1)
    assert driver.sam.foreign() == {}
    assert driver.get()["status"] == "confirmed"


def test_a_person_is_found_again_by_address(driver: Driver) -> None:
    driver.insert()
    assert driver.fake.person("sam@example.org").standing() == 1


def test_a_new_calendar_zone_moves_no_timed_event(driver: Driver) -> None:
    driver.insert()
    driver.sam.moves_calendar_to("Asia/Tokyo", driver.calendar)
    assert driver.get()["start"]["dateTime"] == "2026-11-24T02:00:00+09:00"


def test_broken_free_busy_can_be_mended(driver: Driver) -> None:
    window = ("2026-11-24T00:00:00Z", "2026-11-25T00:00:00Z")
    driver.sam.breaks_freebusy()
    assert "errors" in driver.freebusy(*window)["calendars"]["primary"]
    driver.sam.breaks_freebusy("")
    assert "errors" not in driver.freebusy(*window)["calendars"]["primary"]


def test_what_is_done_by_hand_takes_no_quota_and_meets_no_fault(driver: Driver) -> None:
    driver.insert()
    asked = len(driver.fake.calls)
    driver.clock.advance(timedelta(hours=1))
    driver.sam.retitles("coffee1", "Pancakes")
    assert len(driver.fake.calls) == asked
    assert driver.sam.event("coffee1")["updated"] == "2026-11-20T09:00:00.000Z"
