"""One small file per incident (tests/data/busy): what it says is busy between 19 October and 16 November 2026.

Clocks go back in Berlin on 25 October. Spans are written in UTC.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from scheduler.adapters.icsbusy.outline import read_outline
from scheduler.adapters.icsbusy.read import spans_in
from scheduler.adapters.icsbusy.wire import Order
from scheduler.domain.freebusy import AllDay, instant
from tests.build import at

FILES = Path(__file__).parent.parent / "data" / "busy"
START = at("2026-10-19 00:00")
NINE = "10-20 07:00 10-20 08:00"  # 09:00 to 10:00 in Berlin on 20 October

CLAIMS = {
    "weekly-over-fall-back": [NINE, "10-27 08:00 10-27 09:00", "11-03 08:00 11-03 09:00"],
    "exdate-utc-and-local": [NINE, "10-24 07:00 10-24 08:00"],
    "exdate-floating-and-date": [NINE, "10-23 07:00 10-23 08:00"],
    "rdate-and-period": [NINE, "10-22 10:00 10-22 11:00", "10-23 10:00 10-23 13:00", "10-24 23:00 10-25 02:00"],
    "moved-override": [NINE, "10-29 14:00 10-29 15:30", "11-03 08:00 11-03 09:00"],
    "override-named-in-utc": [NINE, "10-27 10:00 10-27 11:00"],
    "cancelled-override": [NINE, "11-03 08:00 11-03 09:00"],
    "transparent-override": [NINE],
    "backwards-override": [NINE],
    "override-without-master": ["10-27 14:00 10-27 15:00"],
    "override-moved-into-window": ["10-27 08:00 10-27 09:00"],
    "this-and-future": [NINE, "10-27 08:00 10-27 09:00", "11-03 10:00 11-03 10:30", "11-10 10:00 11-10 10:30"],
    "this-and-future-twice-in-disorder": [
        NINE,
        "10-27 10:00 10-27 11:00",
        "11-03 14:00 11-03 15:00",
        "11-10 14:00 11-10 15:00",
    ],
    "this-and-future-cancelled": [NINE, "10-27 08:00 10-27 09:00"],
    "windows-zone-without-vtimezone": [NINE, "10-21 16:00 10-21 17:00", "10-27 08:00 10-27 09:00"],
    "own-vtimezone": ["10-27 13:00 10-27 14:00", "11-03 14:00 11-03 15:00"],
    "late-vtimezone": ["10-27 13:00 10-27 14:00"],
    "odd-zone-names": [
        "10-20 08:00 10-20 09:00",
        "10-21 12:00 10-21 13:00",
        "10-22 08:00 10-22 09:00",
        "10-23 07:00 10-23 08:00",
    ],
    "vtimezone-that-never-ends": [NINE],
    "vtimezone-with-until-and-count": [NINE],
    "floating-times": [NINE],
    "floating-times-of-another-calendar-zone": ["10-20 13:00 10-20 14:00", "10-27 04:00 10-28 04:00"],
    "utc-series-beside-x-wr-timezone": ["10-20 09:00 10-20 10:00", "10-27 09:00 10-27 10:00"],
    "all-day-over-fall-back": ["10-23 22:00 10-26 23:00"],
    "all-day-series-with-utc-until": ["10-19 22:00 10-20 22:00", "10-21 22:00 10-22 22:00"],
    "all-day-last-day-as-end": ["10-19 22:00 10-20 22:00"],
    "all-day-without-end": ["10-19 22:00 10-20 22:00"],
    "not-busy": [],
    "tentative": [NINE],
    "declined": ["10-21 07:00 10-21 08:00", "10-23 07:00 10-23 08:00"],
    "end-is-exact-over-fall-back": ["10-24 21:00 10-25 05:00", "10-31 22:00 11-01 06:00"],
    "duration-is-exact-in-hours": ["10-24 10:00 10-25 11:00"],
    "skipped-and-doubled-hour": ["10-25 00:30 10-25 02:30"],
    "bad-rule-beside-good-events": [
        NINE,
        "10-21 07:00 10-21 08:00",
        "10-22 07:00 10-22 08:00",
        "10-23 07:00 10-23 08:00",
    ],
    "until-as-a-date": [NINE, "10-21 07:00 10-21 08:00", "10-22 07:00 10-22 08:00"],
    "until-and-count": [NINE, "10-21 07:00 10-21 08:00"],
    "end-without-its-zone": ["10-20 13:00 10-20 14:00"],
    "end-beyond-all-years": [NINE],
    "until-floating": [NINE, "10-21 07:00 10-21 08:00", "10-22 07:00 10-22 08:00"],
    "last-friday-and-setpos": ["10-30 08:00 10-30 09:00", "11-02 11:00 11-02 12:00"],
    "newest-revision-wins": [],
    "uid-not-unique": [NINE, "10-21 07:00 10-21 08:00"],
    "long-trip-from-before": ["10-19 00:00 10-30 08:00"],
    "alarm-inside": [NINE],
    "bom-lf-blank-lines": [NINE, "10-21 07:00 10-21 08:00"],
    "lower-case": [NINE],
    "secondly": ["10-20 07:00 10-20 07:00", "10-21 07:00 10-21 08:00"],
    "absurd-rules": [
        NINE,
        *(f"10-{day} 07:00 10-{day} 08:00" for day in range(21, 25)),
        "10-25 08:00 10-25 09:00",
        "10-26 08:00 10-26 09:00",
    ],
}


def busy(name: str, all_day: AllDay = AllDay.BUSY, starts_at: datetime = START, days: int = 28) -> list[str]:
    window = (starts_at, instant(int(starts_at.timestamp()) + days * 86400))
    order = Order(window, "Europe/Berlin", all_day, ("mara@example.org",))
    spans, _ = spans_in((FILES / f"{name}.ics").read_bytes(), order)
    return [f"{instant(start):%m-%d %H:%M} {instant(end):%m-%d %H:%M}" for start, end in spans]


@pytest.mark.parametrize("name", CLAIMS)
def test_the_file_of_this_incident_is_busy_exactly_then(name: str) -> None:
    assert busy(name) == CLAIMS[name]


def test_every_incident_file_has_a_claim() -> None:
    assert {path.stem for path in FILES.glob("*.ics")} == {*CLAIMS, "all-day", "all-day-as-midnights", "night-shift"}


@pytest.mark.parametrize(
    ("all_day", "whole_days"),
    [(AllDay.IGNORE, []), (AllDay.BUSY, [20, 22, 27]), (AllDay.IF_MARKED, [22, 27])],
)
def test_an_all_day_event_counts_by_the_rule_of_its_source(all_day: AllDay, whole_days: list[int]) -> None:
    found = busy("all-day", all_day)
    assert "10-29 08:00 10-29 09:00" in found
    assert [int(span[15:17]) for span in found if span[6:8] in ("22", "23")] == whole_days


def test_a_day_that_outlook_writes_as_midnights_is_an_all_day_event() -> None:
    assert busy("all-day-as-midnights", AllDay.IGNORE) == []
    assert busy("all-day-as-midnights", AllDay.BUSY) == ["10-19 22:00 10-20 22:00"]


def test_a_time_that_spring_skips_means_the_offset_before_it() -> None:
    # RFC 5545 §3.3.5: 02:30 on 29 March is 03:30, so the event that ends "03:30" has no length
    assert busy("skipped-and-doubled-hour", starts_at=at("2026-03-20 00:00")) == []


def test_an_event_over_the_edge_of_the_window_is_cut_there() -> None:
    found = busy("end-is-exact-over-fall-back", starts_at=at("2026-10-24 22:30"), days=1)
    assert found == ["10-24 22:30 10-25 05:00"]


def test_the_last_hour_of_a_night_shift_over_the_spring_change_is_busy() -> None:
    # eight exact hours end at 08:00 by the new clock; the wall-clock length that the library adds ends at 07:00
    assert busy("night-shift", starts_at=at("2027-03-28 05:30"), days=1) == ["03-28 05:30 03-28 06:00"]


def test_no_word_about_an_event_outlives_the_first_reading() -> None:
    names = "SUMMARY DESCRIPTION LOCATION URL ATTACH COMMENT CONTACT ORGANIZER ATTENDEE CATEGORIES GEO CLASS X-ALT-DESC"
    words = "".join(f"{name};X-A=Canary:Canary\n" for name in names.split())
    event = f"BEGIN:VEVENT\n{words}DTSTART:20261020T090000Z\nBEGIN:VALARM\n{words}END:VALARM\n{words}END:VEVENT\n"
    outline = read_outline(f"BEGIN:VCALENDAR\nX-WR-CALNAME:Canary\n{event}END:VCALENDAR\n".encode(), START, START)
    assert "20261020T090000Z" in repr(outline.events)
    assert "Canary" not in repr([outline.events, outline.zones, outline.own_zone])


def test_the_window_is_half_open() -> None:
    assert busy("floating-times", starts_at=at("2026-10-20 08:00"), days=1) == []
    assert busy("floating-times", starts_at=at("2026-10-19 07:00"), days=1) == []
