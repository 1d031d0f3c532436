"""Seasons: for some weeks other rituals, other lengths; they begin and end by themselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from scheduler.domain.cadence import Daily
from scheduler.domain.couple import Couple, PlanRules
from scheduler.domain.localtime import parse_window
from scheduler.domain.planning import Add, Cancel, Plan, plan
from scheduler.domain.ritual import Ritual, Size, parse_anchor
from scheduler.domain.season import Season
from tests.build import at, local, make_couple, make_pair, make_question, make_ritual, make_versions

COFFEE = make_ritual("coffee", windows=(parse_window("sat 10:00-12:00"),), shorter=make_versions(15, 2))
WALK = make_ritual("walk", windows=(parse_window("sun 14:00-16:00"),))
NAP = make_ritual("nap", windows=(parse_window("sun 14:00-16:00"),), only_in=("newborn",))
FIRST, LAST = date(2026, 11, 30), date(2026, 12, 13)  # two whole weeks, W49 and W50


def newborn(**changes: Any) -> Season:
    return Season(**{"kind": "newborn", "first": FIRST, "last": LAST, "keeps": ("coffee",), **changes})


def home(*seasons: Season, rituals: tuple[Ritual, ...] = (COFFEE, WALK, NAP)) -> Couple:
    return make_couple(partners=make_pair(), rituals=rituals, seasons=seasons)


def told(answer: Plan, ritual: str) -> list[str]:
    """ "W48 60" for each week in which the ritual stands, with its minutes."""
    mine = (one for one in answer.standing if one.ritual == ritual)
    return [f"{one.period[5:]} {(one.ends_at - one.starts_at) // timedelta(minutes=1)}" for one in mine]


FULL = [f"W{week} 60" for week in (48, 49, 50, 51)]


def test_without_a_season_its_rituals_are_not_asked_for() -> None:
    found = plan(make_question(home()))
    assert (told(found, "coffee"), told(found, "walk"), told(found, "nap")) == (FULL, FULL, [])
    assert found.unplaced == ()


def test_a_season_swaps_rituals_and_ends_by_itself() -> None:
    found = plan(make_question(home(newborn())))
    assert told(found, "coffee") == FULL
    assert told(found, "walk") == ["W48 60", "W51 60"]
    assert told(found, "nap") == ["W49 60", "W50 60"]


def test_a_season_that_keeps_all_keeps_all() -> None:
    found = plan(make_question(home(newborn(keeps=None, kind="exams"))))
    assert (told(found, "coffee"), told(found, "walk"), told(found, "nap")) == (FULL, FULL, [])


def test_a_season_of_another_kind_has_not_the_rituals_of_this_one() -> None:
    assert told(plan(make_question(home(newborn(kind="grief")))), "nap") == []


def test_naming_a_ritual_does_not_bring_it_into_a_season_it_is_not_made_for() -> None:
    assert told(plan(make_question(home(newborn(kind="grief", keeps=("nap",))))), "nap") == []


@pytest.mark.parametrize(("size", "minutes"), [(Size.FULL, 60), (Size.SHORT, 15), (Size.TINY, 2)])
def test_a_season_caps_the_length(size: Size, minutes: int) -> None:
    found = plan(make_question(home(newborn(size=size))))
    assert told(found, "coffee") == ["W48 60", f"W49 {minutes}", f"W50 {minutes}", "W51 60"]


def test_where_a_ritual_has_fewer_lengths_its_last_one_stands_for_the_rest() -> None:
    rituals = (replace(COFFEE, shorter=make_versions(30)), replace(WALK, shorter=()))
    found = plan(make_question(home(newborn(size=Size.TINY, keeps=None), rituals=rituals)))
    assert told(found, "coffee") == ["W48 60", "W49 30", "W50 30", "W51 60"]
    assert told(found, "walk") == FULL


def test_a_season_may_begin_in_the_middle_of_a_period() -> None:
    """From Thursday on the walk rests: that week it is before, and the week of the end it is after."""
    any_day = replace(WALK, windows=(parse_window("18:00-20:00"),), ideal_weekday=5)
    season = newborn(first=date(2026, 12, 3), last=date(2026, 12, 16), keeps=())
    found = plan(make_question(home(season, rituals=(any_day,))))
    assert [local(one.starts_at)[:6] for one in found.standing] == ["Sat 28", "Wed 02", "Sat 19"]
    assert found.unplaced == ()


def test_a_season_is_in_force_on_its_first_and_on_its_last_day() -> None:
    daily = make_ritual("talk", cadence=Daily(), length=timedelta(minutes=15), windows=(parse_window("18:00-20:00"),))
    season = newborn(first=date(2026, 11, 25), last=date(2026, 11, 26), keeps=())
    couple = replace(home(season, rituals=(daily,)), rules=PlanRules(horizon=timedelta(days=5)))
    assert [local(one.starts_at)[:6] for one in plan(make_question(couple)).standing] == ["Tue 24", "Fri 27", "Sat 28"]


def test_what_a_season_rests_is_cancelled_and_comes_back() -> None:
    before = plan(make_question(home())).standing
    resting = plan(make_question(home(newborn()), before))
    assert sorted((type(one), one.placement.key) for one in resting.changes if isinstance(one, Cancel)) == [
        (Cancel, "walk/2026-W49"),
        (Cancel, "walk/2026-W50"),
    ]
    gone = [one.placement for one in resting.changes if isinstance(one, Cancel)]
    after = plan(make_question(home(), [*resting.standing, *gone]))
    assert [(type(one), one.placement.key) for one in after.changes if one.placement.ritual == "walk"] == [
        (Add, "walk/2026-W49"),
        (Add, "walk/2026-W50"),
    ]
    assert told(after, "walk") == FULL


def test_its_own_rituals_go_when_the_season_is_taken_out_of_the_file() -> None:
    before = plan(make_question(home(newborn()))).standing
    found = plan(make_question(home(), before))
    assert told(found, "nap") == []
    assert told(found, "walk") == FULL


def test_a_season_rests_what_stands_inside_the_freeze_too() -> None:
    before = plan(make_question(home())).standing
    now = at("2026-11-28 20:00")
    season = newborn(first=date(2026, 11, 29), keeps=())
    assert "W48 60" not in told(plan(make_question(home(season), before, now=now)), "walk")


def test_a_time_that_a_person_chose_outlasts_the_season() -> None:
    before = [replace(one, held=True) for one in plan(make_question(home())).standing]
    found = plan(make_question(home(newborn()), before))
    assert told(found, "walk") == FULL


def test_a_season_named_later_shortens_what_stands() -> None:
    before = plan(make_question(home())).standing
    found = plan(make_question(home(newborn(size=Size.SHORT)), before))
    assert told(found, "coffee") == ["W48 60", "W49 15", "W50 15", "W51 60"]


def test_the_plan_settles_at_once_in_a_season() -> None:
    couple = home(newborn(size=Size.SHORT))
    first = plan(make_question(couple))
    assert plan(make_question(couple, first.standing)).changes == ()


def test_a_late_evening_before_a_season_is_not_moved_again_and_again() -> None:
    bed = make_ritual("bed", cadence=Daily(), length=timedelta(minutes=10), anchor=parse_anchor("30 min before bed"))
    season = newborn(first=date(2026, 11, 27), keeps=())
    couple = replace(home(season, rituals=(bed,)), partners=make_pair(free=(parse_window("07:00-00:30"),)))
    first = plan(make_question(couple)).standing
    assert "Fri 27 00:00" in {local(one.starts_at) for one in first}
    assert plan(make_question(couple, first)).changes == ()


def test_the_first_of_two_seasons_on_a_date_counts() -> None:
    couple = home(newborn(), newborn(kind="grief", keeps=()))
    season = couple.season_on(FIRST)
    assert season is not None
    assert season.kind == "newborn"


def test_a_season_ends_after_it_begins() -> None:
    with pytest.raises(ValueError, match="ends after it begins"):
        newborn(first=LAST, last=FIRST)
