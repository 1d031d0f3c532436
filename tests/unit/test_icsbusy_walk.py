"""Where libraries part from RFC 5545 §3.3.10, and what is counted when a rule is not followed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from scheduler.adapters.icsbusy.read import spans_in
from scheduler.adapters.icsbusy.rules import read_rule
from scheduler.adapters.icsbusy.values import read_when
from scheduler.adapters.icsbusy.walk import wall_times
from scheduler.adapters.icsbusy.wire import Order
from scheduler.domain.freebusy import AllDay, instant
from tests.build import at
from tests.unit.test_icsbusy_zones import BERLIN

WINDOW = (at("2026-10-19 00:00"), at("2026-11-16 00:00"))


def times(rule: str, start: str, first: str, last: str) -> list[str]:
    begin = read_when(start)
    found = wall_times(read_rule(rule, begin, UTC), begin, date.fromisoformat(first), date.fromisoformat(last))
    return [f"{one:%m-%d %H:%M}" for one in found]


def busy(*lines: str, window: tuple[datetime, datetime] = WINDOW) -> tuple[list[str], int]:
    text = "\n".join(["BEGIN:VCALENDAR", "BEGIN:VEVENT", *lines, "END:VEVENT", "END:VCALENDAR", ""])
    spans, skipped = spans_in(text.encode(), Order(window, "Europe/Berlin", AllDay.BUSY))
    return [f"{instant(start):%m-%d %H:%M}" for start, _ in spans], skipped


def test_setpos_counts_in_the_whole_of_the_first_week() -> None:
    # Friday is the third of that week's days although the series begins with it
    found = times("FREQ=WEEKLY;BYDAY=MO,WE,FR;BYSETPOS=1", "20261009T090000", "2026-10-01", "2026-10-20")
    assert found == ["10-12 09:00", "10-19 09:00"]


def test_a_day_of_every_week_and_one_of_a_certain_week_are_both_meant() -> None:
    found = times("FREQ=MONTHLY;BYDAY=SU,2TU", "20261001T090000", "2026-10-01", "2026-10-31")
    assert [one[3:5] for one in found] == ["04", "11", "13", "18", "25"]


def test_a_week_of_the_year_alone_keeps_the_weekday_of_the_start() -> None:
    assert times("FREQ=YEARLY;BYWEEKNO=43", "20251023T090000", "2026-10-01", "2026-10-31") == ["10-22 09:00"]


def test_a_rule_of_days_knows_no_hours() -> None:
    found = times("FREQ=DAILY;BYHOUR=9,10;COUNT=3", "20261019", "2026-10-01", "2026-10-31")
    assert found == ["10-19 00:00", "10-20 00:00", "10-21 00:00"]


@pytest.mark.timeout(5)  # libraries look for it until the year 9999
@pytest.mark.parametrize(
    "rule",
    ["FREQ=DAILY;INTERVAL=7;BYDAY=TU", "FREQ=YEARLY;BYWEEKNO=53;BYMONTH=6", "FREQ=MONTHLY;INTERVAL=12;BYMONTH=3"],
)
def test_a_rule_that_never_matches_ends_with_the_days_asked_for(rule: str) -> None:
    assert times(rule, "20160104T090000", "2026-01-01", "2026-12-31") == []


@pytest.mark.parametrize("rule", ["FREQ=SECONDLY", "FREQ=MONTHLY;BYDAY=0MO", "FREQ=YEARLY;BYWEEKNO=0", "nonsense"])
def test_a_series_that_is_not_followed_is_counted_and_its_first_time_is_busy(rule: str) -> None:
    found = busy("DTSTART:20261020T090000Z", "DURATION:PT1H", f"RRULE:{rule}")
    assert found == (["10-20 09:00"], 1)


@pytest.mark.parametrize(
    ("first", "gone", "left"),
    [
        ("20261024", "20261025T013000Z", ["10-24 00:30", "10-26 01:30"]),  # the second 02:30 of that night
        ("20270327", "20270328T013000Z", ["03-27 01:30", "03-29 00:30"]),  # 02:30, which that night has not
    ],
)
def test_an_exception_on_the_night_of_a_clock_change_may_be_named_by_instant_or_wall(
    first: str, gone: str, left: list[str]
) -> None:
    start = f"DTSTART;TZID=Europe/Berlin:{first}T023000"
    lines = [start, "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=3", f"EXDATE:{gone}"]
    day = at(f"{first[:4]}-{first[4:6]}-{first[6:]} 00:00")
    assert busy(*lines, window=(day, day + timedelta(days=7)))[0] == left


@pytest.mark.parametrize("until", ["99991231T235959Z", "99991231T235959", "99991231", "20991231T235959Z"])
def test_a_series_until_the_end_of_time_goes_on(until: str) -> None:
    start = "DTSTART;TZID=America/New_York:20260101T090000"
    found = busy(start, "DURATION:PT1H", f"RRULE:FREQ=MONTHLY;BYMONTHDAY=20;UNTIL={until}")
    assert found == (["10-20 13:00"], 0)


def test_a_later_revision_far_from_the_window_takes_the_event_out_of_it() -> None:
    def event(*lines: str) -> list[str]:
        return ["END:VEVENT", "BEGIN:VEVENT", *lines, "DURATION:PT1H"]

    near, far = "DTSTART:20261020T090000Z", "DTSTART:20270520T090000Z"
    moved = event("UID:a", "SEQUENCE:1", far)
    other = event("DTSTART:20261021T090000Z")  # without a UID
    assert busy("UID:a", near, "DURATION:PT1H", *moved, *other) == (["10-21 09:00"], 0)


def test_a_series_that_is_followed_is_not_counted() -> None:
    found = busy("DTSTART:20261020T090000Z", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;COUNT=2")
    assert found == (["10-20 09:00", "10-27 09:00"], 0)


def test_a_change_of_all_that_follows_is_read_in_a_zone_of_the_file_too() -> None:
    series = [
        "UID:a",
        "DTSTART;TZID=x:20261020T090000",
        "DURATION:PT1H",
        "RRULE:FREQ=WEEKLY",
        "END:VEVENT",
        "BEGIN:VEVENT",
        "UID:a",
        "RECURRENCE-ID;TZID=x;RANGE=THISANDFUTURE:20261103T090000",
        "DTSTART;TZID=x:20261103T110000",
        "DURATION:PT1H",
        "END:VEVENT",
        *BERLIN,
        "BEGIN:VEVENT",
    ]
    assert busy(*series)[0] == ["10-20 07:00", "10-27 08:00", "11-03 10:00", "11-10 10:00"]
