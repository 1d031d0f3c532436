"""What stands, moves or goes once the calendars or the file have changed: the rows of the planning table."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from scheduler.domain.cadence import Cadence, Daily, EveryDays, Monthly, Quarterly, Weekly, Yearly
from scheduler.domain.couple import Couple, PlanRules
from scheduler.domain.drag import adopted_time
from scheduler.domain.localtime import parse_window
from scheduler.domain.occurrence import Fate, Placement
from scheduler.domain.planning import Add, Cancel, Move, Plan, plan
from scheduler.domain.ritual import Ritual, parse_anchor
from tests.build import at, local, make_couple, make_pair, make_question, make_ritual, taken, wall

WEEK = PlanRules(horizon=timedelta(days=7))


def coffee(**changes: Any) -> Ritual:
    return make_ritual(**{"windows": (parse_window("fri, sat 10:00-12:00"),), "ideal": 10 * 60, **changes})


def home(*rituals: Ritual, **changes: Any) -> Couple:
    return make_couple(**{"partners": make_pair(), "rituals": rituals or (coffee(),), "rules": WEEK, **changes})


STOOD = plan(make_question(home())).standing[0]
CLASH = taken("2026-11-27 10:00-12:00")


def told(answer: Plan) -> list[str]:
    return [f"{type(change).__name__} {local(change.placement.starts_at)}" for change in answer.changes]


def test_what_has_no_place_yet_is_added() -> None:
    assert told(plan(make_question(home()))) == ["Add Fri 27 10:00"]


def test_a_clash_outside_the_freeze_moves_it_once_and_then_it_stays() -> None:
    moved = plan(make_question(home(), [STOOD], kim=CLASH))
    assert told(moved) == ["Move Sat 28 10:00"]
    assert plan(make_question(home(), moved.standing, kim=CLASH)).changes == ()
    assert plan(make_question(home(), moved.standing)).changes == (), "nor does it go back"


def test_a_move_remembers_where_it_was_and_counts() -> None:
    (change,) = plan(make_question(home(), [STOOD], kim=CLASH)).changes
    assert isinstance(change, Move)
    assert (change.old, change.placement.previous, change.placement.moves) == (STOOD, STOOD.starts_at, 1)
    assert change.placement.key == STOOD.key


@pytest.mark.parametrize(("moves", "is_moved"), [(0, True), (1, True), (2, False), (3, False)])
def test_it_moves_at_most_twice(moves: int, is_moved: bool) -> None:
    found = plan(make_question(home(), [replace(STOOD, moves=moves)], kim=CLASH))
    assert bool(found.changes) is is_moved


def test_how_often_it_moves_can_be_said() -> None:
    never = home(rules=replace(WEEK, max_moves=0))
    assert plan(make_question(never, [STOOD], kim=CLASH)).changes == ()


@pytest.mark.parametrize(("hours", "is_moved"), [(21, True), (19, False)])
def test_nothing_moves_inside_the_freeze(hours: int, is_moved: bool) -> None:
    now = STOOD.starts_at - timedelta(hours=hours)
    assert (
        any(isinstance(one, Move) for one in plan(make_question(home(), [STOOD], now=now, kim=CLASH)).changes)
        is is_moved
    )


def test_a_move_never_lands_inside_the_freeze() -> None:
    now = wall("2026-11-25 10:00")
    late = replace(STOOD, starts_at=wall("2026-11-28 10:00"), ends_at=wall("2026-11-28 11:00"))
    ritual = coffee(windows=(parse_window("10:00-12:00"),))
    moved = plan(make_question(home(ritual), [late], now=now, kim=taken("2026-11-28 10:00-12:00")))
    assert moved.standing[0].starts_at >= now + WEEK.freeze


def test_a_time_that_a_person_chose_stays_whatever_comes() -> None:
    held = replace(STOOD, held=True)
    assert plan(make_question(home(), [held], kim=CLASH)).standing[0] == held
    elsewhere = replace(held, starts_at=wall("2026-11-26 03:00"), ends_at=wall("2026-11-26 03:20"))
    assert plan(make_question(home(), [elsewhere], kim=CLASH)).standing[0] == elsewhere


def test_others_move_away_from_a_time_that_a_person_chose() -> None:
    couple = home(coffee(), make_ritual("walk", windows=(parse_window("fri 08:00-12:00"),), ideal=8 * 60))
    first = plan(make_question(couple)).standing
    walk = next(one for one in first if one.ritual == "walk")
    dragged = replace(walk, starts_at=STOOD.starts_at, ends_at=STOOD.ends_at, held=True)
    found = plan(make_question(couple, [STOOD, dragged]))
    assert dragged in found.standing
    assert [one.key for one in found.standing if local(one.starts_at) != "Fri 27 10:00"] == [STOOD.key]


def test_what_a_person_took_away_stays_away() -> None:
    found = plan(make_question(home(), [replace(STOOD, fate=Fate.DECLINED)]))
    assert (found.standing, found.changes, found.unplaced) == ((), (), ())


@pytest.mark.parametrize("held", [False, True])
def test_what_is_no_longer_wanted_goes(held: bool) -> None:
    other = home(make_ritual("walk", windows=(parse_window("sun 10:00-12:00"),)))
    found = plan(make_question(other, [replace(STOOD, held=held)]))
    assert [type(one) for one in found.changes] == [Cancel, Add]


def test_what_has_no_other_place_goes_and_comes_back() -> None:
    busy = taken("2026-11-27 10:00-12:00", "2026-11-28 10:00-12:00")
    gone = plan(make_question(home(), [STOOD], kim=busy))
    assert [type(one) for one in gone.changes] == [Cancel]
    back = plan(make_question(home(), [one.placement for one in gone.changes]))
    assert told(back) == ["Add Fri 27 10:00"]


def test_nothing_changes_while_a_calendar_cannot_be_read() -> None:
    asked = make_question(home(), [STOOD], kim=CLASH)
    blind = replace(asked, busy=(asked.busy[0], replace(asked.busy[1], trusted=False)))
    assert (plan(blind).changes, plan(blind).standing) == ((), (STOOD,))


def test_a_better_place_is_no_reason_to_move() -> None:
    late = replace(STOOD, starts_at=wall("2026-11-28 10:45"), ends_at=wall("2026-11-28 11:45"))
    assert plan(make_question(home(), [late])).changes == ()


def test_new_windows_move_what_stands_outside_them() -> None:
    assert told(plan(make_question(home(coffee(windows=(parse_window("sat 11:00-12:00"),))), [STOOD]))) == [
        "Move Sat 28 11:00"
    ]


def test_of_two_that_clash_the_later_one_moves() -> None:
    couple = home(coffee(), make_ritual("walk", windows=(parse_window("fri 10:00-12:30"),)))
    walk = Placement("walk/2026-W48", wall("2026-11-27 10:30"), wall("2026-11-27 11:30"), at("2026-11-20 09:00"))
    assert told(plan(make_question(couple, [walk, STOOD]))) == ["Move Fri 27 11:00"]


LABELS = ("2026-W47", "2026-W47.2", "2026-11", "2026-Q4", "2026", "2026-11-18")
CADENCES: tuple[Cadence, ...] = (Weekly(), Weekly(times=3), Monthly(), Quarterly(), EveryDays(5), Yearly(12, 1))


def been(label: str) -> Placement:
    return Placement(f"coffee/{label}", at("2026-11-18 10:00"), at("2026-11-18 11:00"), at("2026-11-10 09:00"))


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("cadence", CADENCES, ids=str)
def test_a_rhythm_may_change_while_others_stand(label: str, cadence: Cadence) -> None:
    found = plan(make_question(home(coffee(cadence=cadence)), [been(label)]))
    assert not any(isinstance(change, Move | Cancel) for change in found.changes)


@pytest.mark.parametrize("label", ["2026-W47", "2026-11-18"])
def test_a_rhythm_may_become_daily_while_others_stand(label: str) -> None:
    assert plan(make_question(home(coffee(cadence=Daily())), [been(label)])).standing


@pytest.mark.parametrize("label", ["2026-W47.2", "2026-11", "2026-Q4", "2026"])
def test_any_rhythm_may_become_daily_while_others_stand(label: str) -> None:
    assert plan(make_question(home(coffee(cadence=Daily())), [been(label)])).standing


def test_late_evenings_of_a_rhythm_of_days_stay_where_they_are() -> None:
    """Bedtime is after midnight on Fridays and Saturdays alone."""
    free = (parse_window("sun-thu 07:00-23:00"), parse_window("fri, sat 07:00-00:30"))
    bed = make_ritual(
        "bed",
        cadence=EveryDays(2, anchor=date(2026, 11, 23)),
        length=timedelta(minutes=10),
        anchor=parse_anchor("30 min before bed"),
        spacing=2,
    )
    couple = home(bed, partners=make_pair(free=free), rules=PlanRules(horizon=timedelta(days=14)))
    first = plan(make_question(couple)).standing
    assert "Sat 28 00:00" in [local(one.starts_at) for one in first]
    assert plan(make_question(couple, first)).changes == ()


WIDE = coffee(windows=(parse_window("07:00-22:00"),), ideal=20 * 60, ideal_weekday=6)


def test_after_a_drag_that_suits_only_one_the_next_time_for_both_is_offered() -> None:
    (stood,) = plan(make_question(home(WIDE))).standing
    asked = make_question(home(WIDE), kim=taken("2026-11-24 12:00-13:00"))
    found = adopted_time(asked, stood, (wall("2026-11-24 12:00"), wall("2026-11-24 13:00")), "sam")
    assert local(found.starts_at) == "Tue 24 13:00"
