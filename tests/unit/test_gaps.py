"""How often: no longer gaps than wished, no more a day or a week than agreed, first in the file first served."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from random import Random
from typing import Any

import pytest

from scheduler.domain.cadence import Daily, EveryDays, Weekly
from scheduler.domain.couple import Couple, PlanRules
from scheduler.domain.freebusy import Spans, union
from scheduler.domain.localtime import local_date, parse_window
from scheduler.domain.occurrence import Placement
from scheduler.domain.planning import Plan, Question, plan
from scheduler.domain.ritual import Ritual
from scheduler.domain.slots import Reason
from tests.build import at, local, make_couple, make_pair, make_question, make_ritual, make_versions, taken, wall

WEEK = PlanRules(horizon=timedelta(days=7))


def home(*rituals: Ritual, rules: PlanRules = WEEK) -> Couple:
    return make_couple(partners=make_pair(), rituals=rituals, rules=rules)


def evening(id: str = "walk", **changes: Any) -> Ritual:
    defaults: dict[str, Any] = {"windows": (parse_window("17:00-22:00"),), "ideal": 18 * 60}
    return make_ritual(id, **{**defaults, **changes})


def stood(key: str, start: str) -> Placement:
    begins = wall(start)
    return Placement(key, begins, begins + timedelta(hours=1), at("2026-11-10 09:00"))


SUNDAYS = evening(ideal_weekday=6, at_least=7)
LAST_TUESDAY = stood("walk/2026-W47", "2026-11-17 18:00")


def days_of(answer: Plan, ritual: str = "walk") -> list[date]:
    return [local_date(one.starts_at, make_pair()[0].zone) for one in answer.standing if one.ritual == ritual]


def test_without_such_a_wish_the_best_day_is_taken_however_long_it_has_been() -> None:
    found = plan(make_question(home(replace(SUNDAYS, at_least=0)), [LAST_TUESDAY]))
    assert days_of(found) == [date(2026, 11, 29)]


def test_no_more_days_go_by_than_wished_where_there_is_room() -> None:
    assert days_of(plan(make_question(home(SUNDAYS), [LAST_TUESDAY]))) == [date(2026, 11, 24)]


def test_where_there_is_no_room_in_time_the_gap_is_as_short_as_can_be() -> None:
    busy = taken("2026-11-24 16:00-23:00", "2026-11-25 16:00-23:00")
    assert days_of(plan(make_question(home(SUNDAYS), [LAST_TUESDAY], kim=busy))) == [date(2026, 11, 26)]


def test_one_late_is_better_than_none() -> None:
    busy = taken(*(f"2026-11-{day} 16:00-23:00" for day in range(23, 29)))
    assert days_of(plan(make_question(home(SUNDAYS), [LAST_TUESDAY], kim=busy))) == [date(2026, 11, 29)]


def test_short_in_time_is_better_than_full_and_late() -> None:
    ritual = replace(SUNDAYS, shorter=make_versions(15))
    busy = taken("2026-11-23 16:00-23:00", "2026-11-24 16:00-21:00", "2026-11-24 21:20-23:00",
                 *(f"2026-11-{day} 16:00-23:00" for day in range(25, 29)))  # fmt: skip
    assert days_of(plan(make_question(home(ritual), [LAST_TUESDAY], kim=busy))) == [date(2026, 11, 24)]


def test_gaps_inside_the_horizon_are_kept_short_too() -> None:
    """One Sunday is full, so that this one is early; the next one is early as well, and no gap grows."""
    narrow = replace(SUNDAYS, windows=(parse_window("18:00-19:00"),))
    busy = taken("2026-12-06 00:00-23:59")
    found = days_of(plan(make_question(home(narrow, rules=PlanRules()), kim=busy)))
    assert date(2026, 12, 5) in found
    assert all((late - early).days <= 7 for early, late in pairwise(found))


def test_with_few_hours_a_day_no_more_days_go_by_than_wished() -> None:
    narrow = replace(SUNDAYS, windows=(parse_window("18:00-19:00"),))
    assert days_of(plan(make_question(home(narrow), [LAST_TUESDAY]))) == [date(2026, 11, 24)]


def test_a_rhythm_of_days_keeps_to_its_gap() -> None:
    ritual = evening(cadence=EveryDays(5, anchor=date(2026, 11, 23)), at_least=6, spacing=3)
    found = days_of(plan(make_question(home(ritual, rules=PlanRules()))))
    assert len(found) >= 5
    assert all(3 <= (late - early).days <= 6 for early, late in pairwise(found))


def packed(seed: int) -> Question:
    """A couple with many rituals, little time and low limits."""
    chance = Random(seed)
    rituals = tuple(
        evening(
            f"r{number}",
            cadence=chance.choice([Daily(), Weekly(), Weekly(times=3), EveryDays(3)]),
            length=timedelta(minutes=chance.choice([15, 30, 60])),
            shorter=make_versions(5) if chance.random() < 0.4 else (),
            spacing=chance.choice([0, 0, 2]),
            ideal=chance.choice([None, 17 * 60, 20 * 60]),
        )
        for number in range(chance.randint(3, 4))
    )
    rules = PlanRules(horizon=timedelta(days=9), max_a_day=chance.randint(1, 3), max_a_week=chance.randint(3, 12))
    couple = home(*rituals, rules=rules)
    return make_question(couple, sam=some_busy(chance), kim=some_busy(chance))


def some_busy(chance: Random) -> Spans:
    base = int(at("2026-11-23 00:00").timestamp())
    starts = [(base + 900 * chance.randrange(20 * 96), chance.randint(2, 30)) for _ in range(15)]
    return union((start, start + 900 * length) for start, length in starts)


@pytest.mark.parametrize("seed", range(8))
def test_no_day_and_no_week_holds_more_than_agreed(seed: int) -> None:
    question = packed(seed)
    rules, zone = question.couple.rules, question.couple.partners[0].zone
    dates = [local_date(one.starts_at, zone) for one in plan(question).standing]
    assert max(Counter(dates).values()) <= rules.max_a_day
    assert max(Counter(day.isocalendar()[:2] for day in dates).values()) <= rules.max_a_week


@pytest.mark.parametrize("seed", range(0, 8, 3))
def test_the_limits_hold_when_the_plan_is_carried_on(seed: int) -> None:
    question = packed(seed)
    first = plan(question)
    later = replace(question, placed=first.standing, now=question.now + timedelta(days=4))
    zone = question.couple.partners[0].zone
    been = [one for one in first.standing if one.ends_at <= later.now]
    days = Counter(local_date(one.starts_at, zone) for one in (*been, *plan(later).standing))
    assert max(days.values()) <= question.couple.rules.max_a_day


def test_what_has_been_counts_towards_the_week() -> None:
    rules = replace(WEEK, max_a_week=1, horizon=timedelta(days=4))
    been = stood("walk/2026-11-23", "2026-11-23 08:00")
    found = plan(make_question(home(evening(cadence=Daily()), rules=rules), [been], now=at("2026-11-23 09:00")))
    assert found.standing == ()
    assert {one.reason for one in found.unplaced} == {Reason.WEEK_FULL}


ONE_PLACE = (parse_window("sat 20:00-21:00"),)


@pytest.mark.parametrize("order", [("first", "second"), ("second", "first")])
def test_the_only_place_goes_to_the_one_that_stands_earlier_in_the_file(order: tuple[str, str]) -> None:
    rituals = [evening(name, windows=ONE_PLACE, ideal=8 * 60 if name == "first" else 20 * 60) for name in order]
    found = plan(make_question(home(*rituals)))
    assert [one.ritual for one in found.standing] == [order[0]]
    assert [one.occurrence.ritual for one in found.unplaced] == [order[1]]


def test_the_order_in_the_file_counts_far_down_as_well() -> None:
    others = [evening(f"r{n}", windows=(parse_window("mon 08:00-09:00"),)) for n in range(7)]
    pair = [evening("first", windows=ONE_PLACE, ideal=8 * 60), evening("second", windows=ONE_PLACE, ideal=20 * 60)]
    assert [one.ritual for one in plan(make_question(home(*others, *pair))).standing] == ["first"]


def test_two_further_down_count_for_more_than_one_at_the_top() -> None:
    top = evening("long", windows=(parse_window("sat 18:00-20:00"),), length=timedelta(hours=2))
    below = [evening(name, windows=(parse_window("sat 18:00-20:00"),)) for name in ("b", "c")]
    found = plan(make_question(home(top, *below)))
    assert {one.ritual for one in found.standing} == {"b", "c"}


def test_at_least_is_no_less_than_spacing() -> None:
    with pytest.raises(ValueError, match="at_least is no less than spacing"):
        evening(spacing=4, at_least=3)


def test_the_first_in_the_file_does_not_take_more_than_it_needs() -> None:
    """It stands at its second-best place where that leaves room for the other."""
    wide = evening("wide", windows=(parse_window("sat 18:00-20:00"),), ideal=18 * 60)
    narrow = evening("narrow", windows=(parse_window("sat 18:00-19:00"),))
    found = plan(make_question(home(wide, narrow)))
    assert {one.ritual: local(one.starts_at) for one in found.standing} == {
        "narrow": "Sat 28 18:00",
        "wide": "Sat 28 19:00",
    }


def test_a_spacing_of_weeks_is_kept_whatever_stands_between() -> None:
    trip = evening("trip", cadence=Weekly(every=3, anchor=date(2026, 11, 23)), spacing=21, ideal=None)
    hello = evening("hello", cadence=Weekly(), windows=(parse_window("sun 22:00-22:30"),), length=timedelta(minutes=15))
    busy = taken(*(f"2026-11-{day} 00:00-23:59" for day in range(23, 29)))
    found = plan(make_question(home(trip, hello, rules=PlanRules()), kim=busy))
    first, second = days_of(found, "trip")
    assert (second - first).days >= 21
