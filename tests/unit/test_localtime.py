"""Wall times mean one instant each, in every zone and through every clock change."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.localtime import WallSpan, parse_clock, parse_weekdays, parse_window, to_utc

# notes of the project's reliability study: clock changes at midnight, by half an hour, on a skipped day, ...
ZONES = (
    "Europe/London",
    "Europe/Dublin",
    "America/New_York",
    "America/Havana",
    "Africa/Cairo",
    "Asia/Beirut",
    "Asia/Gaza",
    "Africa/Casablanca",
    "Africa/El_Aaiun",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "Pacific/Apia",
    "Antarctica/Troll",
    "America/Sao_Paulo",
    "America/Nuuk",
    "America/Scoresbysund",
    "Asia/Almaty",
    "Asia/Pyongyang",
    "Asia/Tehran",
    "Pacific/Kiritimati",
)


def test_a_wall_time_in_the_gap_is_the_first_valid_minute_after_it() -> None:
    assert to_utc(date(2026, 3, 29), 2 * 60 + 30, ZoneInfo("Europe/Berlin")) == datetime(2026, 3, 29, 1, tzinfo=UTC)


def test_a_wall_time_in_the_fold_is_the_first_of_the_two() -> None:
    assert to_utc(date(2026, 10, 25), 2 * 60 + 30, ZoneInfo("Europe/Berlin")) == datetime(
        2026, 10, 25, 0, 30, tzinfo=UTC
    )


def test_midnight_that_does_not_exist_begins_the_day_an_hour_later() -> None:
    assert to_utc(date(2027, 4, 30), 0, ZoneInfo("Africa/Cairo")) == datetime(2027, 4, 29, 22, tzinfo=UTC)


def test_a_whole_day_that_was_skipped_is_the_first_minute_of_the_next() -> None:
    apia = ZoneInfo("Pacific/Apia")
    assert to_utc(date(2011, 12, 30), 600, apia) == to_utc(date(2011, 12, 31), 0, apia)


@given(st.sampled_from(ZONES), st.dates(date(2010, 1, 1), date(2037, 1, 1)), st.integers(0, 1439))
def test_later_wall_times_are_never_earlier_instants(name: str, day: date, minute: int) -> None:
    zone = ZoneInfo(name)
    now, then = to_utc(day, minute, zone), to_utc(day, minute + 1, zone)
    wall = now.astimezone(zone).replace(tzinfo=None)
    asked = datetime.combine(day, time()) + timedelta(minutes=minute)
    assert wall >= asked
    assert wall == asked or then >= now


@pytest.mark.parametrize("text", ["18", "25:00", "18:60", "24:01", "six", ""])
def test_what_is_not_a_time_of_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a time of day"):
        parse_clock(text)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("mon-thu 18:00-21:30", WallSpan(1080, 1290, frozenset({0, 1, 2, 3}))),
        ("fri-mon 09:00-24:00", WallSpan(540, 1440, frozenset({4, 5, 6, 0}))),
        ("sat, sun 9:00 to 12:00", WallSpan(540, 720, frozenset({5, 6}))),
        ("22:00-01:00", WallSpan(1320, 1500)),
        ("weekdays 17:30–22:30", WallSpan(1050, 1350, frozenset(range(5)))),
    ],
)
def test_a_window_is_read_as_people_write_it(text: str, span: WallSpan) -> None:
    assert parse_window(text) == span


def test_a_range_of_weekdays_may_pass_the_weekend() -> None:
    assert parse_weekdays("sat-mon") == {5, 6, 0}
