"""Bedtimes, awkward hours, days that stay free, holidays and shifts: what the file says of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from scheduler.content.assets import Assets
from scheduler.domain.couple import HolidayRule, Partner
from scheduler.domain.dates import NO_DATES, Dates, Stretch
from scheduler.domain.errors import ConfigError
from scheduler.domain.localtime import WallSpan
from scheduler.settings import Rota, Settings, load

PEOPLE = """\
[[partner]]
name = "Sam"
email = "sam@example.org"
zone = "Europe/Berlin"

[[partner]]
name = "Kim"
email = "kim@example.org"
zone = "Europe/London"
"""
Read = Callable[[str], Settings]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def load_with(below: str) -> Settings:
        path = tmp_path / "config.toml"
        path.write_text(PEOPLE + below, encoding="utf-8")
        return load(path, Assets())

    return load_with


def kim(read: Read, keys: str) -> Partner:
    return read(keys).couple.partners[1]


def test_who_says_nothing_has_easy_days_and_no_dates(read: Read) -> None:
    one = kim(read, "")
    assert (one.bedtime, one.easy, one.holidays) == (None, WallSpan(480, 1320), "")
    assert (one.on_holidays, one.away, one.tender) == (HolidayRule.AS_SUNDAY, NO_DATES, NO_DATES)


@pytest.mark.parametrize(
    ("written", "minute"), [("22:30", 1350), ("12:00", 720), ("00:30", 1470), ("0:00", 1440), ("03:15", 1635)]
)
def test_a_bedtime_before_noon_is_after_midnight(read: Read, written: str, minute: int) -> None:
    assert kim(read, f'bedtime = "{written}"').bedtime == minute


def test_easy_hours_may_pass_midnight_or_be_switched_off(read: Read) -> None:
    assert kim(read, 'easy = "10:00-02:00"').easy == WallSpan(600, 1560)
    assert kim(read, "easy = false").easy is None


@pytest.mark.parametrize(
    ("written", "days"),
    [('"saturday"', {5}), ('"fri, sat"', {4, 5}), ('["fri", "sat"]', {4, 5}), ('"weekend"', {5, 6}), ('""', set())],
)
def test_a_rest_day_is_a_weekday_or_several(read: Read, written: str, days: set[int]) -> None:
    assert kim(read, f"rest_day = {written}").away == Dates(weekdays=frozenset(days))


def test_days_away_are_dates_stretches_and_days_of_every_year(read: Read) -> None:
    away = kim(read, 'away = [2026-12-24, "2027-01-02", "2027-07-01 to 2027-07-14", "24 dec to 2 jan"]').away
    assert away.stretches[:3] == (
        Stretch(date(2026, 12, 24), date(2026, 12, 24)),
        Stretch(date(2027, 1, 2), date(2027, 1, 2)),
        Stretch(date(2027, 7, 1), date(2027, 7, 14)),
    )
    assert [date(2031, 1, day) in away for day in (1, 2, 3)] == [True, True, False]


def test_the_29th_of_february_is_kept_on_the_28th_in_other_years(read: Read) -> None:
    away = kim(read, 'away = ["29 february"]').away
    kept = [day for day in (date(2027, 2, 28), date(2028, 2, 28), date(2028, 2, 29), date(2027, 3, 1)) if day in away]
    assert kept == [date(2027, 2, 28), date(2028, 2, 29)]


def test_the_two_have_days_and_limits_of_their_own(read: Read) -> None:
    rules = read('[planning]\naway = ["14 june"]\nrest_day = "sunday"\nmax_a_week = 9\n').couple.rules
    assert rules.max_a_week == 9
    assert (date(2027, 6, 14) in rules.away, date(2027, 6, 20) in rules.away, date(2027, 6, 15) in rules.away) == (
        True,
        True,
        False,
    )


def test_holidays_are_those_of_a_place(read: Read) -> None:
    one = kim(read, 'holidays = "GB-SCT"\non_holidays = "nothing"')
    assert (one.holidays, one.on_holidays) == ("GB-SCT", HolidayRule.NOTHING)


def test_tender_dates_are_those_of_both(read: Read) -> None:
    couple = read('tender = ["3 may", 2027-09-09]').couple
    assert couple.partners[0].tender == NO_DATES
    assert date(2030, 5, 3) in couple.tender
    assert date(2027, 9, 9) in couple.tender


@pytest.mark.parametrize("written", ['["31 april"]', '"3 may"', "[5]", '{ date = "3 may" }', '[["3 may"]]'])
def test_a_slip_in_a_tender_date_repeats_neither_date_nor_name(read: Read, written: str) -> None:
    with pytest.raises(ConfigError) as err:
        read(f"tender = {written}")
    (problem,) = err.value.problems
    assert problem.line == 10
    assert not any(word in problem.text for word in ("Kim", "april", "may", "5"))


def test_a_shift_plan_is_a_file_with_a_way_and_a_sleep(read: Read, tmp_path: Path) -> None:
    found = read('rota = ["shifts.ics", { path = "/srv/b.ics", way = 0, sleep = 10, zone = "UTC" }]').rotas
    half, eight = timedelta(minutes=30), timedelta(hours=8)
    assert found["sam"] == ()
    assert found["kim"] == (
        Rota(tmp_path / "shifts.ics", half, eight, ZoneInfo("Europe/London")),
        Rota(Path("/srv/b.ics"), timedelta(0), timedelta(hours=10), ZoneInfo("UTC")),
    )
