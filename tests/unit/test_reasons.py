"""Every slot says why it was chosen, and every wish without one what stood in its way."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from scheduler.domain.cadence import Weekly
from scheduler.domain.couple import Couple, PlanRules
from scheduler.domain.dates import Dates
from scheduler.domain.localtime import parse_window
from scheduler.domain.occurrence import Placement
from scheduler.domain.placing import Limits, Stand
from scheduler.domain.planning import Unplaced, open_question, plan
from scheduler.domain.reasons import in_the_way
from scheduler.domain.ritual import Ritual, parse_anchor
from scheduler.domain.season import Season
from scheduler.domain.slots import Reason, Wish
from tests.build import at, make_couple, make_pair, make_partner, make_question, make_ritual, make_versions, taken, wall

WEEK = PlanRules(horizon=timedelta(days=7))
WORKDAYS = taken(*(f"2026-11-{day} 08:00-17:00" for day in (23, 24, 25, 26, 27)))


def one(*windows: str, **changes: Any) -> Ritual:
    return make_ritual("walk", windows=tuple(parse_window(text) for text in windows), **changes)


def home(*rituals: Ritual, **changes: Any) -> Couple:
    return make_couple(**{"partners": make_pair(), "rituals": rituals, "rules": WEEK, **changes})


def said(ritual: Ritual, **busy: Any) -> str:
    """Why its first place was chosen."""
    return plan(make_question(home(ritual), **busy)).standing[0].why


@pytest.mark.parametrize(
    ("ritual", "line"),
    [
        (one("17:00-22:00"), "the first evening you are both free after work"),
        (one("sat 17:00-22:00"), "the first evening you are both free"),
        (one("sat 09:00-12:00"), "the first morning you are both free"),
        (one("sun 13:00-16:00"), "the first afternoon you are both free"),
        (one("00:00-04:00"), "the first night you are both free"),
        (one("sat 09:00-12:00", ideal=600), "the time you like best, and you are both free"),
        (one("17:00-22:00", anchor=parse_anchor("45 min after work")), "soon after the later of you two is done"),
        (one("19:00-23:00", anchor=parse_anchor("90 min before bed")), "shortly before the earlier bedtime"),
        (
            one("sat 09:00-20:00", anchor=parse_anchor("first free hour")),
            "the first hour of that Saturday that is free for you both",
        ),
    ],
)
def test_a_place_says_in_one_line_why_it_was_chosen(ritual: Ritual, line: str) -> None:
    couple = home(ritual, partners=make_pair(free=(parse_window("00:00-23:00"),)))
    busy = taken(*(f"2026-11-{day} 08:00-17:00" for day in range(23, 28)))
    assert plan(make_question(couple, sam=busy)).standing[0].why == line


def test_where_the_best_time_is_taken_it_says_the_closest() -> None:
    ritual = one("sat 08:00-20:00", ideal=10 * 60)
    line = "the closest to the time you like when you are both free"
    assert said(ritual, kim=taken("2026-11-28 10:30-11:00")) == line


def test_where_another_ritual_took_the_best_time_it_says_so() -> None:
    first = make_ritual("coffee", windows=(parse_window("sat 10:00-11:00"),))
    couple = home(first, one("sat 08:00-20:00", ideal=10 * 60))
    lines = {line.ritual: line.why for line in plan(make_question(couple)).standing}
    assert lines["walk"] == "free for you both, and clear of the other rituals"


def test_a_day_without_work_has_no_after_work() -> None:
    ritual = one("fri 17:00-22:00", anchor=parse_anchor("45 min after work"))
    assert said(ritual) == "the first evening you are both free"


def test_a_shorter_version_says_so() -> None:
    ritual = one("sat 09:00-12:00", shorter=make_versions(15))
    line = "the first morning you are both free, for the short version"
    assert said(ritual, kim=taken("2026-11-28 09:30-12:00")) == line


def test_a_move_says_so() -> None:
    couple = home(one("sat 09:00-12:00"))
    first = plan(make_question(couple)).standing
    moved = plan(make_question(couple, first, kim=taken("2026-11-28 09:00-10:00"))).standing[0]
    assert moved.why == "the first morning you are both free; moved, for the time before no longer suited you both"


def test_no_line_tells_whose_calendar_it_was() -> None:
    ritual = one("17:00-22:00", anchor=parse_anchor("45 min after work"))
    assert said(ritual, sam=WORKDAYS) == said(ritual, kim=WORKDAYS)


def reason_of(couple: Couple, placed: tuple[Placement, ...] = (), **busy: Any) -> Reason:
    """Why the last of its wishes has no place."""
    found: tuple[Unplaced, ...] = plan(make_question(couple, placed, **busy)).unplaced
    return found[-1].reason


NIGHTS = (make_partner("sam", free=(parse_window("08:00-10:00"),)), make_pair(free=(parse_window("18:00-20:00"),))[1])
SATURDAYS = one("sat 10:00-11:00")
WEEKEND_OFF = Season("exams", date(2026, 11, 28), date(2026, 12, 13), keeps=())
BED = one("19:00-23:00", anchor=parse_anchor("30 min before bed"), length=timedelta(minutes=15))


@pytest.mark.parametrize(
    ("couple", "reason"),
    [
        (home(SATURDAYS, partners=NIGHTS), Reason.WINDOWS),
        (home(SATURDAYS, rules=replace(WEEK, away=Dates(weekdays=frozenset({5})))), Reason.RESTING),
        (home(SATURDAYS, seasons=(WEEKEND_OFF,)), Reason.RESTING),
        (home(one("mon 12:00-20:00")), Reason.SOON),
        (home(SATURDAYS, replace(SATURDAYS, id="talk")), Reason.CROWDED),
        (home(SATURDAYS, replace(SATURDAYS, id="talk", windows=(parse_window("sat 12:00-13:00"),)),
              rules=replace(WEEK, max_a_day=1)), Reason.DAY_FULL),
        (home(SATURDAYS, make_ritual("talk", windows=(parse_window("sun 10:00-12:00"),)),
              rules=replace(WEEK, max_a_week=1)), Reason.WEEK_FULL),
        (home(one("sat, sun 10:00-12:00", cadence=Weekly(times=2), spacing=2)), Reason.NEAR),
    ],
    ids=["windows", "rest day", "season", "soon", "crowded", "day full", "week full", "near"],
)  # fmt: skip
def test_what_has_no_place_says_what_stood_in_its_way(couple: Couple, reason: Reason) -> None:
    assert reason_of(couple) is reason


def test_a_full_calendar_is_told_as_such() -> None:
    assert reason_of(home(SATURDAYS), kim=taken("2026-11-28 10:30-11:00")) is Reason.TAKEN


def test_a_buffer_that_finds_no_room_is_a_full_calendar_too() -> None:
    couple = home(replace(SATURDAYS, buffer=timedelta(minutes=10)))
    assert reason_of(couple, kim=taken("2026-11-28 11:05-12:00")) is Reason.TAKEN


def test_a_calendar_that_cannot_be_read_is_the_reason_before_all_others() -> None:
    asked = make_question(home(SATURDAYS, partners=NIGHTS))
    blind = replace(asked, busy=(replace(asked.busy[0], trusted=False), asked.busy[1]))
    assert {one.reason for one in plan(blind).unplaced} == {Reason.UNKNOWN}


def test_a_saturday_without_a_whole_free_hour_names_the_moment_of_the_day() -> None:
    ritual = one("sat 08:00-20:00", anchor=parse_anchor("first free hour"), length=timedelta(minutes=30))
    busy = taken(*(f"2026-11-28 {hour:02d}:45-{hour:02d}:55" for hour in range(7, 21)))
    assert reason_of(home(ritual), kim=busy) is Reason.ANCHOR


BEDTIMES = home(BED, partners=make_pair(bedtime=22 * 60))
AFTER_WORK = home(one("12:00-22:00", anchor=parse_anchor("45 min after work")))


@pytest.mark.parametrize(
    ("couple", "times"),
    [(BEDTIMES, ["21:00-22:00"]), (AFTER_WORK, ["16:00-19:00", "19:30-22:30"])],
    ids=["before bed", "after work"],
)
def test_where_nothing_is_free_at_the_moment_of_the_day_it_says_so(couple: Couple, times: list[str]) -> None:
    busy = taken(*(f"2026-11-{day} {time}" for day in range(23, 31) for time in times))
    assert reason_of(couple, kim=busy) is Reason.ANCHOR


def test_windows_that_never_meet_are_named_beside_a_rest_day_too() -> None:
    sunday = replace(WEEK, away=Dates(weekdays=frozenset({6})))
    assert reason_of(home(one("07:00-22:00"), partners=NIGHTS, rules=sunday)) is Reason.WINDOWS


def test_a_season_that_rests_what_is_left_of_the_week_is_the_reason() -> None:
    season = replace(WEEKEND_OFF, first=date(2026, 11, 24))
    couple = home(one("18:00-20:00"), seasons=(season,))
    found = plan(make_question(couple, now=at("2026-11-24 06:00"))).unplaced
    assert found[0].reason is Reason.RESTING


def test_what_is_nearest_to_its_last_time_says_so() -> None:
    ritual = one("mon, tue 18:00-20:00", spacing=7)
    begins = wall("2026-11-22 18:00")
    been = Placement("walk/2026-W47", begins, begins + timedelta(hours=1), at("2026-11-10 09:00"))
    assert reason_of(home(ritual), (been,)) is Reason.NEAR


def test_what_takes_most_of_its_places_is_the_reason() -> None:
    ritual = one("sat, sun 10:00-12:00")
    couple = home(ritual)
    assert in_the_way(_wish(couple), _others(couple, "2026-11-28"), Limits(1)) is Reason.DAY_FULL
    assert in_the_way(_wish(couple), (), Limits(1)) is Reason.CROWDED


def _wish(couple: Couple) -> Wish:
    return open_question(make_question(couple))[0][0]


def _others(couple: Couple, day: str) -> tuple[Stand, ...]:
    slots = [slot for slot in _wish(couple).slots if date.fromordinal(slot.day).isoformat() == day]
    return (Stand("talk/x", "talk", slots[0]),)


def test_every_reason_is_a_line_that_people_can_read() -> None:
    lines = [reason.value for reason in Reason]
    assert len(set(lines)) == len(lines)
    assert all(line[0].islower() and not line.endswith(".") and len(line) < 70 for line in lines)
    assert not [line for line in lines if any(word in line for word in ("missed", "failed", "overdue", "Sam", "Kim"))]
