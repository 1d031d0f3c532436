"""People are followed closely when it matters, and a day in which nothing changes stays cheap."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from scheduler.domain.occurrence import Fate, Placement
from scheduler.domain.pace import EXTRA_A_DAY, FRESH, NEAR, READING, Looks, reading_is_due
from tests.build import at

NOON = at("2026-11-23 12:00")
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
LONG_AGO = NOON - timedelta(days=30)


def placed(starts_at: str, *, decided_at: str = "2026-10-20 09:00") -> Placement:
    return Placement("coffee/2026-W48", at(starts_at), at(starts_at) + HOUR, at(decided_at))


def looks_in_a_day(placements: Iterable[Placement]) -> int:
    """How often a service that ticks every minute looks between two midnights."""
    looks, count, standing = Looks(at("2026-11-22 23:30")), 0, list(placements)
    for minute in range(24 * 60):
        now = at("2026-11-23 00:00") + minute * MINUTE
        if looks.is_due(standing, now):
            looks, count = looks.after(now), count + 1
    return count


def test_nobody_has_looked_yet() -> None:
    assert Looks().is_due([], NOON)


def test_a_quiet_calendar_is_looked_at_by_the_hour() -> None:
    assert not Looks(NOON - 50 * MINUTE).is_due([], NOON)
    assert Looks(NOON - HOUR).is_due([], NOON)
    assert looks_in_a_day([]) == 24


@pytest.mark.parametrize("starts_at", ["2026-11-23 12:00", "2026-11-23 13:29"])
def test_a_ritual_that_is_near_is_followed_every_ten_minutes(starts_at: str) -> None:
    assert Looks(NOON - 10 * MINUTE).is_due([placed(starts_at)], NOON)
    assert not Looks(NOON - 9 * MINUTE).is_due([placed(starts_at)], NOON)


@pytest.mark.parametrize("starts_at", ["2026-11-23 11:59", "2026-11-23 13:30"])
def test_one_that_has_begun_or_is_far_is_not(starts_at: str) -> None:
    assert not Looks(NOON - 10 * MINUTE).is_due([placed(starts_at)], NOON)


def test_one_that_was_declined_is_not_near() -> None:
    gone = replace(placed("2026-11-23 13:00"), fate=Fate.DECLINED)
    assert not Looks(NOON - 10 * MINUTE).is_due([gone], NOON)


def test_what_just_changed_is_followed_for_an_hour() -> None:
    fresh = placed("2026-11-28 11:59", decided_at="2026-11-23 11:01")
    assert Looks(NOON - 10 * MINUTE).is_due([fresh], NOON)
    assert not Looks(NOON - 10 * MINUTE).is_due([fresh], NOON + MINUTE)


def test_what_was_just_placed_for_the_first_time_weeks_ahead_is_not() -> None:
    assert not Looks(NOON - 10 * MINUTE).is_due([placed("2026-12-10 18:00", decided_at="2026-11-23 11:01")], NOON)


@pytest.mark.parametrize("change", [{"held": True}, {"fate": Fate.DECLINED}, {"previous": NOON}])
def test_what_was_changed_weeks_ahead_is(change: Mapping[str, Any]) -> None:
    changed = replace(placed("2026-12-10 18:00", decided_at="2026-11-23 11:01"), **change)
    assert Looks(NOON - 10 * MINUTE).is_due([changed], NOON)


def test_looks_between_the_hours_are_counted_by_the_day() -> None:
    looks = Looks(NOON).after(NOON + 10 * MINUTE).after(NOON + 20 * MINUTE)
    assert looks == Looks(NOON + 20 * MINUTE, 2)
    assert looks.after(NOON + 80 * MINUTE) == Looks(NOON + 80 * MINUTE, 2)
    assert looks.after(NOON + timedelta(days=1)) == Looks(NOON + timedelta(days=1))


def test_when_the_day_s_extra_looks_are_spent_the_hour_is_kept() -> None:
    near = [placed("2026-11-23 13:00")]
    assert not Looks(NOON - 10 * MINUTE, EXTRA_A_DAY).is_due(near, NOON)
    assert Looks(NOON - HOUR, EXTRA_A_DAY).is_due(near, NOON)
    assert Looks(NOON - timedelta(hours=12, minutes=1), EXTRA_A_DAY).is_due(near, NOON)


@pytest.mark.parametrize("rituals", range(11))
def test_a_day_costs_at_most_sixty_calls_with_its_readings(rituals: int) -> None:
    day = [placed(f"2026-11-23 {8 + one:02}:15") for one in range(rituals)]
    readings = timedelta(days=1) // READING + 1  # and one before placing the new day at the horizon
    calls_a_reading = 2  # six weeks in pieces of four
    assert looks_in_a_day(day) + readings * calls_a_reading <= 60


def test_a_clock_that_was_set_back_does_not_stop_the_looks() -> None:
    assert Looks(NOON + timedelta(days=3)).is_due([], NOON)
    assert reading_is_due(NOON + timedelta(days=3), NOON, well=True)


def test_looks_come_back_from_their_words() -> None:
    for looks in (Looks(), Looks(NOON, 7), Looks(NOON, 7, NOON + HOUR)):
        assert Looks.from_words(looks.words()) == looks


def test_a_pause_that_a_server_asked_for_is_kept_but_no_longer_than_a_day() -> None:
    near = [placed("2026-11-23 14:00")]
    asked = Looks(NOON - HOUR).after(NOON, 2 * HOUR)
    assert not asked.is_due(near, NOON + HOUR)
    assert asked.is_due(near, NOON + 2 * HOUR)
    long = Looks(NOON).after(NOON, timedelta(days=3))
    assert not long.is_due(near, NOON + 23 * HOUR)
    assert long.is_due([], NOON + 24 * HOUR)


def test_busy_times_are_read_four_times_a_day_and_sooner_where_they_told_nothing() -> None:
    assert reading_is_due(None, NOON, well=True)
    assert not reading_is_due(NOON - READING + MINUTE, NOON, well=True)
    assert reading_is_due(NOON - READING, NOON, well=True)
    assert reading_is_due(NOON - HOUR, NOON, well=False)
    assert not reading_is_due(NOON - 59 * MINUTE, NOON, well=False)


def test_the_spans_fit_together() -> None:
    assert FRESH < HOUR < NEAR < READING
