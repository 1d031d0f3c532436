"""When a mail is due, and when it may not come."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.dates import Dates
from scheduler.domain.localtime import WallSpan, parse_window
from scheduler.domain.message import (
    FRESHNESS,
    DueMail,
    Every,
    MailKind,
    MailRule,
    end_of_quiet,
    end_of_tender,
    last_due,
    next_due,
)
from tests.build import at

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
SUNDAY_5PM = MailRule(True, 6, 17 * 60, Every.WEEK)
EVERY_OTHER = MailRule(True, 6, 17 * 60, Every.TWO_WEEKS)
FIRST_SATURDAY = MailRule(True, 5, 10 * 60, Every.MONTH)


@pytest.mark.parametrize(
    ("rule", "zone", "now", "last", "next_"),
    [
        (SUNDAY_5PM, BERLIN, "2026-11-29 15:59", "2026-11-22 16:00", "2026-11-29 16:00"),
        (SUNDAY_5PM, BERLIN, "2026-11-29 16:00", "2026-11-29 16:00", "2026-12-06 16:00"),
        (SUNDAY_5PM, NEW_YORK, "2026-11-29 21:59", "2026-11-22 22:00", "2026-11-29 22:00"),
        (SUNDAY_5PM, BERLIN, "2026-10-25 12:00", "2026-10-18 15:00", "2026-10-25 16:00"),  # winter time since 01:00
        (EVERY_OTHER, BERLIN, "2026-11-29 16:00", "2026-11-29 16:00", "2026-12-13 16:00"),
        (EVERY_OTHER, BERLIN, "2026-12-06 16:00", "2026-11-29 16:00", "2026-12-13 16:00"),
        (FIRST_SATURDAY, BERLIN, "2026-11-30 12:00", "2026-11-07 09:00", "2026-12-05 09:00"),
        (FIRST_SATURDAY, BERLIN, "2026-12-05 08:59", "2026-11-07 09:00", "2026-12-05 09:00"),
    ],
)
def test_the_mail_before_and_the_mail_after(rule: MailRule, zone: ZoneInfo, now: str, last: str, next_: str) -> None:
    before, after = last_due(rule, at(now), zone), next_due(rule, at(now), zone)
    assert before
    assert after
    assert (before.due_at, after.due_at) == (at(last), at(next_))


def test_a_weekly_mail_is_named_by_its_week_and_a_monthly_one_by_its_month() -> None:
    weekly = last_due(SUNDAY_5PM, at("2027-01-03 20:00"), BERLIN)
    monthly = last_due(FIRST_SATURDAY, at("2027-01-03 20:00"), BERLIN)
    assert weekly == DueMail("2026-W53", date(2027, 1, 3), at("2027-01-03 16:00"))
    assert monthly == DueMail("2027-01", date(2027, 1, 2), at("2027-01-02 09:00"))


def test_every_other_week_goes_on_evenly_through_a_year_of_53_weeks() -> None:
    now, found = at("2026-11-01 00:00"), []
    while (due := next_due(EVERY_OTHER, now, BERLIN)) and due.day < date(2027, 3, 1):
        found.append(due.day)
        now = due.due_at
    assert len(found) >= 8
    assert {right - left for left, right in pairwise(found)} == {timedelta(days=14)}


def test_what_is_switched_off_is_never_due() -> None:
    off = MailRule(False, 6, 17 * 60, Every.WEEK)
    assert last_due(off, at("2026-11-29 17:00"), BERLIN) is None
    assert next_due(off, at("2026-11-29 17:00"), BERLIN) is None


@given(
    st.builds(MailRule, st.just(True), st.integers(0, 6), st.integers(0, 1439), st.sampled_from(Every)),
    st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(ZoneInfo("UTC"))),  # noqa: DTZ001
    st.sampled_from(("Europe/Berlin", "America/Havana", "Pacific/Apia", "Australia/Lord_Howe")),
)
def test_nothing_is_due_between_the_last_mail_and_the_next(rule: MailRule, now: datetime, zone: str) -> None:
    before, after = last_due(rule, now, ZoneInfo(zone)), next_due(rule, now, ZoneInfo(zone))
    assert before
    assert after
    assert before.due_at <= now < after.due_at
    assert next_due(rule, before.due_at, ZoneInfo(zone)) == after
    assert last_due(rule, after.due_at, ZoneInfo(zone)) == after
    assert before.period != after.period


NIGHT = parse_window("21:30-07:00")


@pytest.mark.parametrize(
    ("now", "ends"),
    [
        ("2026-11-23 20:29", None),
        ("2026-11-23 20:30", "2026-11-24 06:00"),
        ("2026-11-24 00:00", "2026-11-24 06:00"),
        ("2026-11-24 05:59", "2026-11-24 06:00"),
        ("2026-11-24 06:00", None),
        ("2026-10-24 22:00", "2026-10-25 06:00"),  # the night of ten and a half hours
    ],
)
def test_quiet_hours_end_in_the_morning_of_ones_own_zone(now: str, ends: str | None) -> None:
    assert end_of_quiet(at(now), NIGHT, BERLIN) == (at(ends) if ends else None)


def test_whoever_has_no_quiet_hours_is_never_kept_waiting() -> None:
    assert end_of_quiet(at("2026-11-24 02:00"), None, BERLIN) is None


def test_every_kind_of_mail_grows_old() -> None:
    assert FRESHNESS.keys() == set(MailKind)
    assert FRESHNESS[MailKind.QUESTION] == timedelta(days=2)
    assert FRESHNESS[MailKind.DIGEST] == timedelta(days=3)


WEEKEND = Dates(weekdays=frozenset({5, 6}))


@pytest.mark.parametrize(
    ("now", "quiet", "ends"),
    [
        ("2026-11-27 22:59", NIGHT, None),  # Friday, a minute to midnight in Berlin
        ("2026-11-27 23:00", NIGHT, "2026-11-30 06:00"),
        ("2026-11-29 22:59", NIGHT, "2026-11-30 06:00"),
        ("2026-11-29 23:00", NIGHT, None),
        ("2026-11-28 12:00", None, "2026-11-30 08:00"),
        ("2026-11-28 12:00", parse_window("13:00-14:00"), "2026-11-30 08:00"),
    ],
)
def test_after_tender_dates_mail_comes_when_the_next_night_is_over(
    now: str, quiet: WallSpan | None, ends: str | None
) -> None:
    assert end_of_tender(at(now), WEEKEND, quiet, BERLIN) == (at(ends) if ends else None)


def test_a_tender_date_is_one_of_ones_own_wall() -> None:
    evening = at("2026-11-27 23:30")  # Saturday in Berlin, still Friday in New York
    assert end_of_tender(evening, WEEKEND, NIGHT, BERLIN)
    assert end_of_tender(evening, WEEKEND, NIGHT, NEW_YORK) is None
