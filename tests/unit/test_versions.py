"""Full, short, tiny: a full calendar gets the longest version that fits rather than nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from scheduler.domain.cadence import Daily
from scheduler.domain.couple import Couple, PlanRules
from scheduler.domain.freebusy import Spans
from scheduler.domain.localtime import parse_window
from scheduler.domain.occurrence import Fate
from scheduler.domain.planning import Cancel, Move, Plan, plan
from scheduler.domain.ritual import Ritual
from tests.build import local, make_couple, make_pair, make_question, make_ritual, make_versions, taken

WEEK = PlanRules(horizon=timedelta(days=7))


def saturday(id: str = "coffee", **changes: Any) -> Ritual:
    defaults: dict[str, Any] = {"windows": (parse_window("sat 10:00-12:00"),), "shorter": make_versions(15, 2)}
    return make_ritual(id, **{**defaults, **changes})


def home(*rituals: Ritual, rules: PlanRules = WEEK) -> Couple:
    return make_couple(partners=make_pair(), rituals=rituals, rules=rules)


def told(answer: Plan) -> list[str]:
    """ "coffee Sat 28 10:00 60" of everything that stands."""
    minutes = timedelta(minutes=1)
    return [
        f"{one.ritual} {local(one.starts_at)} {(one.ends_at - one.starts_at) // minutes}" for one in answer.standing
    ]


@pytest.mark.parametrize(
    ("busy", "given"),
    [
        ((), "coffee Sat 28 10:00 60"),
        (("2026-11-28 10:00-11:00",), "coffee Sat 28 11:00 60"),
        (("2026-11-28 10:20-12:00",), "coffee Sat 28 10:00 15"),
        (("2026-11-28 10:10-12:00",), "coffee Sat 28 10:00 2"),
        (("2026-11-28 10:00-11:02", "2026-11-28 11:17-12:00"), "coffee Sat 28 11:05 2"),
    ],
)
def test_a_full_calendar_gets_the_longest_version_that_fits(busy: tuple[str, ...], given: str) -> None:
    assert told(plan(make_question(home(saturday()), kim=taken(*busy)))) == [given]


def test_nothing_at_all_is_free_only_where_not_even_the_tiny_one_fits() -> None:
    found = plan(make_question(home(saturday()), kim=taken("2026-11-28 09:00-12:00")))
    assert (found.standing, len(found.unplaced)) == ((), 1)


def test_a_full_one_far_from_the_ideal_is_better_than_a_short_one_at_it() -> None:
    ritual = saturday(windows=(parse_window("08:00-22:00"),), ideal=8 * 60, ideal_weekday=0)
    busy = taken(*(f"2026-11-{day} 08:20-23:00" for day in range(23, 30)))
    late = taken(*(f"2026-11-{day} 08:20-21:00" for day in range(23, 30)))
    assert told(plan(make_question(home(ritual), kim=busy))) == ["coffee Tue 24 08:00 15"]
    assert told(plan(make_question(home(ritual), kim=late))) == ["coffee Tue 24 21:00 60"]


def test_a_ritual_of_one_length_is_never_shortened() -> None:
    found = plan(make_question(home(saturday(shorter=())), kim=taken("2026-11-28 10:59-12:00")))
    assert found.standing == ()


def test_two_shorts_are_better_than_one_full_and_nothing() -> None:
    rituals = (saturday("coffee"), saturday("walk"))
    busy = taken("2026-11-28 11:00-12:00")
    found = plan(make_question(home(*rituals), kim=busy))
    assert found.unplaced == ()
    assert sorted(line.split()[-1] for line in told(found)) == ["15", "15"]


def test_where_both_have_room_both_are_full() -> None:
    found = plan(make_question(home(saturday("coffee"), saturday("walk"))))
    assert sorted(line.split()[-1] for line in told(found)) == ["60", "60"]


def test_only_as_many_are_shortened_as_need_be() -> None:
    rituals = tuple(saturday(name) for name in ("coffee", "walk", "talk"))
    found = plan(make_question(home(*rituals), kim=taken("2026-11-28 11:30-12:00")))
    assert sorted(line.split()[-1] for line in told(found)) == ["15", "15", "60"]


@pytest.mark.parametrize("first", ["coffee", "walk"])
def test_a_ritual_is_shortened_for_one_that_cannot_be(first: str) -> None:
    rituals = {"coffee": saturday("coffee"), "walk": saturday("walk", shorter=())}
    ordered = (rituals.pop(first), *rituals.values())
    found = plan(make_question(home(*ordered), kim=taken("2026-11-28 11:15-12:00")))
    assert found.unplaced == ()


def test_the_version_stays_when_more_room_opens() -> None:
    couple = home(saturday())
    first = plan(make_question(couple, kim=taken("2026-11-28 10:20-12:00"))).standing
    again = plan(make_question(couple, first))
    assert (again.changes, again.standing) == ((), first)


def moved(busy: Spans) -> Plan:
    """The plan for a full coffee at 10:00 once that is in the calendar."""
    couple = home(saturday())
    return plan(make_question(couple, plan(make_question(couple)).standing, sam=busy))


def test_a_clash_shrinks_rather_than_cancels() -> None:
    found = moved(taken("2026-11-28 10:20-12:00"))
    assert told(found) == ["coffee Sat 28 10:00 15"]
    assert [type(change) for change in found.changes] == [Move]


def test_a_clash_moves_a_full_one_where_there_is_room_for_it() -> None:
    assert told(moved(taken("2026-11-28 10:30-11:00"))) == ["coffee Sat 28 11:00 60"]


def test_a_clash_cancels_only_where_not_even_the_tiny_one_fits() -> None:
    found = moved(taken("2026-11-28 10:00-12:00"))
    assert [type(change) for change in found.changes] == [Cancel]
    assert found.changes[0].placement.fate is Fate.WITHDRAWN


def test_a_length_taken_out_of_the_file_is_planned_anew() -> None:
    couple = home(saturday())
    first = plan(make_question(couple)).standing
    changed = home(saturday(length=timedelta(minutes=45)))
    assert told(plan(make_question(changed, first))) == ["coffee Sat 28 10:00 45"]


def test_short_versions_keep_their_buffer() -> None:
    ritual = saturday(buffer=timedelta(minutes=10))
    found = plan(make_question(home(ritual), kim=taken("2026-11-28 10:20-12:00")))
    assert told(found) == ["coffee Sat 28 10:00 2"], "15 minutes and 10 more do not fit into 20"


def test_a_packed_week_of_a_daily_ritual_gets_a_version_each_day() -> None:
    ritual = make_ritual(
        "check-in", cadence=Daily(), windows=(parse_window("18:00-20:00"),), shorter=make_versions(15, 2)
    )
    busy = taken(*(f"2026-11-{day} 18:{day}-20:00" for day in (24, 25, 27, 28, 29, 30)))
    found = plan(make_question(home(ritual), kim=busy))
    assert [line.split()[-1] for line in told(found)] == ["15", "15", "60", "15", "15", "15", "15"]


@pytest.mark.parametrize(
    ("length", "line"),
    [
        (60, "Sit down together."),
        (20, "Take 15 minutes."),
        (15, "Take 15 minutes."),
        (2, "Take 2 minutes."),
        (1, "Take 2 minutes."),
    ],
)
def test_each_length_has_a_how_to_of_its_own(length: int, line: str) -> None:
    assert saturday().version_of(timedelta(minutes=length)).how_to == (line,)


@pytest.mark.parametrize("minutes", [(60,), (15, 15), (15, 30), (30, 15, 2), (90,)])
def test_a_shorter_version_is_shorter(minutes: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="up to three lengths, each shorter"):
        saturday(shorter=make_versions(*minutes))
