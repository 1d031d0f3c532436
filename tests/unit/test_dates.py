"""Dates that people name: single ones, stretches, those of every year, whole weekdays."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from scheduler.domain.cadence import Yearly
from scheduler.domain.dates import (
    NO_DATES,
    Dates,
    Stretch,
    next_outside,
    on_year,
    parse_stretch,
    parse_yearly,
    yearly_text,
)
from scheduler.domain.occurrence import expand
from tests.build import make_ritual


@pytest.mark.parametrize(
    "text", ["14 june", "14 jun", "14th june", "14th of June", "june 14", "Jun 14th", "06-14", "  14   JUNE "]
)
def test_a_day_of_the_year_is_read_as_people_write_it(text: str) -> None:
    assert parse_yearly(text) == (6, 14)


@pytest.mark.parametrize(
    "text", ["", "june", "14", "31 june", "30 february", "0 may", "32 may", "14 juni", "13-01", "00-10", "2-30", "6/14"]
)
def test_what_is_no_day_of_the_year_is_refused_with_the_form_to_use(text: str) -> None:
    with pytest.raises(ValueError, match='is not a day of the year; write it as "14 june"'):
        parse_yearly(text)


@pytest.mark.parametrize(("month", "day"), [(1, 1), (2, 29), (4, 30), (12, 31)])
def test_a_day_of_the_year_is_said_as_it_is_read(month: int, day: int) -> None:
    assert parse_yearly(yearly_text(month, day)) == (month, day)


@pytest.mark.parametrize(
    ("year", "kept"), [(2027, date(2027, 2, 28)), (2028, date(2028, 2, 29)), (2100, date(2100, 2, 28))]
)
def test_the_29th_of_february_is_kept_on_the_28th_where_there_is_none(year: int, kept: date) -> None:
    assert on_year(2, 29, year) == kept


def test_a_yearly_ritual_asks_for_its_date_once_a_year() -> None:
    ritual = make_ritual(cadence=Yearly(2, 29))
    found = expand(ritual, date(2027, 1, 1), date(2029, 12, 31))
    assert [(one.period, one.first, one.last) for one in found] == [
        ("2027", date(2027, 2, 28), date(2027, 2, 28)),
        ("2028", date(2028, 2, 29), date(2028, 2, 29)),
        ("2029", date(2029, 2, 28), date(2029, 2, 28)),
    ]


def test_a_yearly_ritual_is_found_across_new_year() -> None:
    ritual = make_ritual(cadence=Yearly(1, 2))
    assert [one.period for one in expand(ritual, date(2026, 12, 20), date(2027, 1, 10))] == ["2027"]


def within(text: str, *days: str) -> list[bool]:
    stretch = parse_stretch(text)
    return [date.fromisoformat(day) in stretch for day in days]


def test_a_single_date_is_that_date_alone() -> None:
    assert within("2026-12-24", "2026-12-23", "2026-12-24", "2026-12-25", "2027-12-24") == [False, True, False, False]


def test_a_stretch_has_both_its_ends() -> None:
    ends = ("2026-12-19", "2026-12-20", "2027-01-03", "2027-01-04")
    assert within("2026-12-20 to 2027-01-03", *ends) == [False, True, True, False]


def test_a_date_of_every_year_returns() -> None:
    assert within("24 december", "2026-12-24", "2031-12-24", "2031-12-25") == [True, True, False]


def test_a_stretch_of_every_year_may_lie_across_new_year() -> None:
    days = ("2026-12-23", "2026-12-24", "2026-12-31", "2027-01-01", "2027-01-02", "2027-01-03", "2027-07-01")
    assert within("24 dec to 2 jan", *days) == [False, True, True, True, True, False, False]


def test_a_leap_day_in_a_stretch_follows_the_same_rule() -> None:
    assert within("29 february", "2027-02-28", "2027-03-01", "2028-02-28", "2028-02-29") == [True, False, False, True]
    assert within("27 feb to 29 feb", "2027-02-28", "2027-03-01", "2028-02-29") == [True, False, True]
    assert within("29 feb to 2 mar", "2027-02-28", "2028-02-28", "2028-03-02") == [True, False, True]


def test_a_stretch_of_one_date_may_name_it_twice() -> None:
    assert within("2026-12-24 to 2026-12-24", "2026-12-24") == [True]


@pytest.mark.parametrize(
    "text", ["", "christmas", "2026-02-30", "2026-13-01", "24 dec to", "to 24 dec", "2026-12-24 to 2 jan", "24.12.2026"]
)
def test_what_is_no_date_is_refused_with_the_forms_to_use(text: str) -> None:
    with pytest.raises(ValueError, match='is no date; write it as "2026-12-24"'):
        parse_stretch(text)


def test_a_stretch_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValueError, match="ends after it begins"):
        parse_stretch("2026-12-24 to 2026-12-20")


def test_a_rest_day_is_that_weekday_in_every_week() -> None:
    rest = Dates(weekdays=frozenset({6}))
    sunday = date(2026, 11, 29)
    assert [sunday + timedelta(days=day) in rest for day in range(8)] == [True] + [False] * 6 + [True]


def test_two_sets_of_dates_are_joined() -> None:
    both = Dates((parse_stretch("24 dec"),)) | Dates(weekdays=frozenset({6}))
    assert both.among([date(2026, 12, 24), date(2026, 12, 25), date(2026, 12, 27)]) == {
        date(2026, 12, 24),
        date(2026, 12, 27),
    }


def test_no_dates_is_empty_and_any_dates_are_not() -> None:
    assert not NO_DATES
    assert not (NO_DATES | NO_DATES)
    assert Dates(weekdays=frozenset({0}))
    assert Dates((Stretch(date(2026, 1, 1), date(2026, 1, 1)),))
    assert NO_DATES.among([date(2026, 1, 1)]) == frozenset()


def test_the_first_day_outside_is_the_day_itself_or_the_next_one_that_is_free() -> None:
    away = Dates((parse_stretch("24 dec to 2 jan"),), frozenset({6}))
    assert next_outside(date(2026, 12, 23), away) == date(2026, 12, 23)
    assert next_outside(date(2026, 12, 24), away) == date(2027, 1, 4), "the third is a Sunday"
    assert next_outside(date(2026, 12, 24), Dates(weekdays=frozenset(range(7)))) == date(2026, 12, 24)
