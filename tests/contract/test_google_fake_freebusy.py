"""Free/busy and whole calendars on the fake. Not here: events (the other files)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from googleapiclient.errors import HttpError

from tests.contract.google_driver import Driver, refusal

pytestmark = pytest.mark.slow

DAY = ("2026-11-24T00:00:00Z", "2026-11-25T00:00:00Z")


@pytest.fixture
def driver() -> Iterator[Driver]:
    with Driver() as one:
        yield one


def busy(driver: Driver, **more: Any) -> list[str]:
    found = driver.freebusy(*DAY, **more)["calendars"]["primary"]["busy"]
    return [f"{one['start'][11:]} {one['end'][11:]}" for one in found]


def refused_query(driver: Driver, **asked: Any) -> tuple[int, str]:
    with pytest.raises(HttpError) as raised:
        driver.api.freebusy().query(body=asked).execute()
    return refusal(raised.value)


def test_busy_times_are_merged_and_say_no_more(driver: Driver) -> None:
    driver.adds("2026-11-24 09:00", "2026-11-24 10:00", title="Secret")
    driver.adds("2026-11-24 09:30", "2026-11-24 11:00")
    driver.adds("2026-11-24 11:00", "2026-11-24 12:00")
    driver.adds("2026-11-24 14:00", "2026-11-24 15:00")
    found = driver.freebusy(*DAY)
    assert found["calendars"]["primary"]["busy"] == [
        {"start": "2026-11-24T09:00:00Z", "end": "2026-11-24T12:00:00Z"},
        {"start": "2026-11-24T14:00:00Z", "end": "2026-11-24T15:00:00Z"},
    ]
    assert (found["kind"], found["timeMin"], found["timeMax"]) == ("calendar#freeBusy", *DAY)


def test_busy_times_are_cut_at_the_window(driver: Driver) -> None:
    driver.adds("2026-11-23 22:00", "2026-11-24 01:00")
    driver.adds("2026-11-24 23:00", "2026-11-25 01:00")
    driver.adds("2026-11-23 20:00", "2026-11-24 00:00")
    assert busy(driver) == ["00:00:00Z 01:00:00Z", "23:00:00Z 00:00:00Z"]


@pytest.mark.parametrize(
    "more",
    [
        {"transparency": "transparent"},
        {"status": "cancelled"},
        {"attendees": [{"email": "sam@example.org", "self": True, "responseStatus": "declined"}]},
    ],
    ids=lambda more: next(iter(more)),
)
def test_what_blocks_no_time_is_not_busy(driver: Driver, more: Any) -> None:
    driver.adds("2026-11-24 09:00", "2026-11-24 10:00", **more)
    assert busy(driver) == []


def test_tentative_events_are_busy(driver: Driver) -> None:
    driver.adds("2026-11-24 09:00", "2026-11-24 10:00", status="tentative")
    assert busy(driver) == ["09:00:00Z 10:00:00Z"]


def test_an_all_day_event_is_busy_from_midnight_in_the_calendar_s_zone(driver: Driver) -> None:
    driver.sam.adds_all_day(date(2026, 11, 24))
    assert busy(driver) == ["00:00:00Z 23:00:00Z"]
    driver.sam.moves_calendar_to("America/New_York")
    assert busy(driver) == ["05:00:00Z 00:00:00Z"]


def test_a_series_is_busy_at_the_same_time_on_the_wall(driver: Driver) -> None:
    monday = {"start": {"dateTime": "2026-10-19T09:00:00", "timeZone": "Europe/Berlin"},
              "end": {"dateTime": "2026-10-19T10:00:00", "timeZone": "Europe/Berlin"}}  # fmt: skip
    driver.adds("2026-10-19 07:00", "2026-10-19 08:00", recurrence=["RRULE:FREQ=WEEKLY"], **monday)
    found = driver.freebusy("2026-10-19T00:00:00Z", "2026-11-01T00:00:00Z")["calendars"]["primary"]["busy"]
    assert [one["start"] for one in found] == ["2026-10-19T07:00:00Z", "2026-10-26T08:00:00Z"]


def test_the_app_s_own_calendar_is_no_part_of_primary(driver: Driver) -> None:
    driver.insert()
    window = ("2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z")
    assert driver.freebusy(*window)["calendars"]["primary"]["busy"] == []
    assert len(driver.freebusy(*window, driver.calendar)["calendars"][driver.calendar]["busy"]) == 1


def test_times_come_in_the_asked_zone(driver: Driver) -> None:
    driver.adds("2026-11-24 09:00", "2026-11-24 10:00")
    assert busy(driver, timeZone="Europe/Berlin") == ["10:00:00+01:00 11:00:00+01:00"]


def test_trouble_with_one_calendar_stands_inside_the_answer(driver: Driver) -> None:
    driver.adds("2026-11-24 09:00", "2026-11-24 10:00")
    driver.sam.breaks_freebusy("internalError", driver.calendar)
    driver.fake.person("kim@example.org")
    asked = ("primary", "kim@example.org", "nobody@example.org", driver.calendar)
    found = driver.freebusy(*DAY, *asked)["calendars"]
    assert len(found["primary"]["busy"]) == 1
    for stranger in ("kim@example.org", "nobody@example.org"):
        assert found[stranger] == {"errors": [{"domain": "global", "reason": "notFound"}], "busy": []}
    assert found[driver.calendar]["errors"] == [{"domain": "global", "reason": "internalError"}]


def test_more_than_fifty_calendars_are_too_many(driver: Driver) -> None:
    names = [f"{number}@example.org" for number in range(50)]
    found = driver.freebusy(*DAY, *names, "primary")["calendars"]
    assert found["primary"]["errors"] == [{"domain": "global", "reason": "tooManyCalendarsRequested"}]


@pytest.mark.parametrize(
    ("asked", "refusal"),
    [
        ({"timeMin": DAY[0]}, (400, "required")),
        ({"timeMax": DAY[1]}, (400, "required")),
        ({"timeMin": "2026-11-24T00:00:00", "timeMax": DAY[1]}, (400, "badRequest")),
        ({"timeMin": DAY[1], "timeMax": DAY[0]}, (400, "timeRangeEmpty")),
        ({"timeMin": DAY[0], "timeMax": DAY[0]}, (400, "timeRangeEmpty")),
        ({"timeMin": DAY[0], "timeMax": "2027-02-22T00:00:01Z"}, (400, "timeRangeTooLong")),
        ({"timeMin": DAY[0], "timeMax": DAY[1], "timeZone": "Europe/Bonn"}, (400, "invalid")),
        ({"timeMin": DAY[0], "timeMax": DAY[1], "calendarExpansionMax": 51}, (400, "invalid")),
        ({"timeMin": DAY[0], "timeMax": DAY[1], "items": [{}]}, (400, "required")),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(driver: Driver, asked: Any, refusal: tuple[int, str]) -> None:
    assert refused_query(driver, **asked) == refusal


def test_the_longest_range_is_answered(driver: Driver) -> None:
    assert driver.freebusy("2026-11-24T00:00:00Z", "2027-02-22T00:00:00Z")["calendars"]


def test_a_calendar_is_made_as_asked_and_owned(driver: Driver) -> None:
    made = driver.api.calendars().insert(body={"summary": "More", "timeZone": "Europe/London"}).execute()
    assert (made["summary"], made["timeZone"], made["dataOwner"]) == ("More", "Europe/London", "sam@example.org")
    assert driver.api.calendars().get(calendarId=made["id"]).execute() == made
    assert driver.sam.app_calendars() == [driver.calendar, made["id"]]


def test_a_calendar_without_a_zone_is_in_utc(driver: Driver) -> None:
    assert driver.api.calendars().insert(body={"summary": "More"}).execute()["timeZone"] == "UTC"


@pytest.mark.parametrize(("fields", "reason"), [({}, "required"), ({"summary": "x", "timeZone": "Bonn"}, "invalid")])
def test_a_calendar_needs_a_name_and_a_true_zone(driver: Driver, fields: Any, reason: str) -> None:
    with pytest.raises(HttpError) as raised:
        driver.api.calendars().insert(body=fields).execute()
    assert refusal(raised.value) == (400, reason)


def test_a_calendar_can_be_renamed_and_moved_to_another_zone(driver: Driver) -> None:
    driver.insert()
    changes = {"summary": "Us", "timeZone": "America/New_York"}
    after = driver.api.calendars().patch(calendarId=driver.calendar, body=changes).execute()
    assert (after["summary"], driver.list()["timeZone"]) == ("Us", "America/New_York")
    assert driver.get()["start"]["dateTime"] == "2026-11-23T12:00:00-05:00"


def test_the_list_s_entry_shows_the_owner_s_role(driver: Driver) -> None:
    entry = driver.api.calendarList().get(calendarId=driver.calendar).execute()
    assert (entry["kind"], entry["accessRole"], entry["id"]) == (
        "calendar#calendarListEntry", "owner", driver.calendar,
    )  # fmt: skip


def test_a_deleted_calendar_is_not_found_and_its_events_neither(driver: Driver) -> None:
    driver.insert()
    driver.sam.deletes_calendar()
    for request in (driver.api.calendars().get(calendarId=driver.calendar), driver.events.list(
        calendarId=driver.calendar), driver.events.get(calendarId=driver.calendar, eventId="coffee1")):  # fmt: skip
        with pytest.raises(HttpError) as raised:
            request.execute()
        assert refusal(raised.value) == (404, "notFound")
    assert driver.sam.app_calendars() == []


def test_the_client_can_delete_what_it_made(driver: Driver) -> None:
    driver.api.calendars().delete(calendarId=driver.calendar).execute()
    assert driver.sam.app_calendars() == []


def test_the_primary_calendar_cannot_be_deleted() -> None:
    with Driver("calendar") as driver, pytest.raises(HttpError) as raised:
        driver.api.calendars().delete(calendarId="primary").execute()
    assert refusal(raised.value) == (400, "invalid")


def test_too_many_new_calendars_in_a_short_time_are_refused(driver: Driver) -> None:
    driver.fake.settings.calendars_a_day = 2
    driver.api.calendars().insert(body={"summary": "More"}).execute()
    with pytest.raises(HttpError) as raised:
        driver.api.calendars().insert(body={"summary": "Yet more"}).execute()
    assert refusal(raised.value) == (403, "quotaExceeded")


def test_a_private_event_of_the_partner_s_is_at_hand_for_the_test_only(driver: Driver) -> None:
    name = driver.adds("2026-11-24 09:00", "2026-11-24 10:00", title="Secret")
    assert driver.sam.event(name)["start"]["dateTime"] == "2026-11-24T09:00:00.000Z"
    assert driver.sam.events("primary")[0]["summary"] == "Secret"
