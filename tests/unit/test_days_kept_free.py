"""Days kept free: holidays, days away, rest days and tender dates hold nothing, whenever they are named."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from scheduler.domain.cadence import Daily
from scheduler.domain.couple import Couple, HolidayRule, PlanRules
from scheduler.domain.dates import Dates, Stretch, parse_stretch
from scheduler.domain.hours import Holidays
from scheduler.domain.localtime import parse_window
from scheduler.domain.occurrence import Fate
from scheduler.domain.planning import Cancel, Move, Plan, Question, plan
from scheduler.domain.ritual import Ritual
from scheduler.domain.slots import Reason
from tests.build import at, local, make_couple, make_pair, make_partner, make_question, make_ritual, taken

WEDNESDAY, SUNDAY = date(2026, 11, 25), date(2026, 11, 29)
WEEK = PlanRules(horizon=timedelta(days=7))


def daily(**changes: Any) -> Ritual:
    defaults: dict[str, Any] = {
        "cadence": Daily(),
        "length": timedelta(minutes=15),
        "windows": (parse_window("06:00-21:00"),),
    }
    return make_ritual("talk", **{**defaults, **changes})


def only(day: str) -> Dates:
    return Dates((parse_stretch(day),))


def home(*rituals: Ritual, **changes: Any) -> Couple:
    return make_couple(**{"partners": make_pair(), "rituals": rituals or (daily(),), "rules": WEEK, **changes})


def with_partner(couple: Couple, index: int, **changes: Any) -> Couple:
    partners = list(couple.partners)
    partners[index] = replace(partners[index], **changes)
    return replace(couple, partners=(partners[0], partners[1]))


def days_of(answer: Plan) -> set[int]:
    """The days of the month on which something stands, in Berlin."""
    return {int(local(one.starts_at).split()[1]) for one in answer.standing}


ALL_DAYS = set(range(24, 31))


def holiday(rules: tuple[HolidayRule, HolidayRule], feasts: Holidays) -> Plan:
    """Weekdays are free in the evening alone, Sundays from the morning on."""
    free = (parse_window("mon-sat 18:00-22:00"), parse_window("sun 09:00-21:00"))
    sam, kim = make_pair(free=free)
    partners = (replace(sam, on_holidays=rules[0]), replace(kim, on_holidays=rules[1]))
    return plan(replace(make_question(home(partners=partners)), holidays=feasts))


def start_on(answer: Plan, day: date) -> str:
    return next((local(one.starts_at) for one in answer.standing if one.period == day.isoformat()), "nowhere")


FEAST, NONE = frozenset({WEDNESDAY}), frozenset[date]()
AS_SUNDAY, NOTHING, AS_USUAL = HolidayRule.AS_SUNDAY, HolidayRule.NOTHING, HolidayRule.AS_USUAL


@pytest.mark.parametrize(
    ("rules", "feasts", "start"),
    [
        ((AS_SUNDAY, AS_SUNDAY), (FEAST, FEAST), "Wed 25 09:00"),
        ((AS_SUNDAY, AS_SUNDAY), (FEAST, NONE), "Wed 25 18:00"),
        ((AS_SUNDAY, AS_USUAL), (FEAST, FEAST), "Wed 25 18:00"),
        ((AS_USUAL, AS_USUAL), (FEAST, FEAST), "Wed 25 18:00"),
        ((NOTHING, AS_SUNDAY), (FEAST, FEAST), "nowhere"),
        ((AS_USUAL, NOTHING), (FEAST, FEAST), "nowhere"),
        ((AS_USUAL, NOTHING), (FEAST, NONE), "Wed 25 18:00"),
        ((NOTHING, AS_USUAL), (FEAST, NONE), "nowhere"),
    ],
)
def test_a_public_holiday_is_what_each_partner_says_it_is(
    rules: tuple[HolidayRule, HolidayRule], feasts: Holidays, start: str
) -> None:
    assert start_on(holiday(rules, feasts), WEDNESDAY) == start


def test_a_holiday_changes_no_other_day() -> None:
    usual, feast = holiday((AS_SUNDAY, NOTHING), (NONE, NONE)), holiday((AS_SUNDAY, NOTHING), (FEAST, FEAST))
    others = [one for one in usual.standing if one.period != WEDNESDAY.isoformat()]
    assert [one for one in feast.standing if one.period != WEDNESDAY.isoformat()] == others


def test_a_holiday_like_a_sunday_ends_when_sundays_do() -> None:
    free = (parse_window("mon-sat 18:00-22:00"), parse_window("sun 09:00-12:00"))
    couple = home(daily(windows=(parse_window("18:00-22:00"),)), partners=make_pair(free=free))
    found = plan(replace(make_question(couple), holidays=(FEAST, NONE)))
    assert days_of(found) == ALL_DAYS - {25, 29}


@pytest.mark.parametrize(
    ("changes", "kept_free"),
    [
        ({"partners": make_pair(away=only("2026-11-25 to 2026-11-27"))}, {25, 26, 27}),
        ({"partners": (make_pair()[0], make_pair(tender=only("25 november"))[1])}, {25}),
        ({"partners": (make_pair(tender=only("25 november"))[0], make_pair(away=only("2026-11-30"))[1])}, {25, 30}),
        ({"rules": replace(WEEK, away=Dates(weekdays=frozenset({6})))}, {29}),
        ({"rules": replace(WEEK, away=only("2026-11-28 to 2026-11-29"))}, {28, 29}),
    ],
    ids=["away", "tender", "one of each", "rest day", "the couple's days"],
)
def test_nothing_is_placed_on_a_day_kept_free(changes: dict[str, Any], kept_free: set[int]) -> None:
    found = plan(make_question(home(**changes)))
    assert days_of(found) == ALL_DAYS - kept_free
    soon = {"2026-11-23"}
    reasons = {one.reason for one in found.unplaced if one.occurrence.period not in soon}
    assert reasons == {Reason.RESTING}


def test_days_away_are_each_ones_own_days() -> None:
    """Kim's Wednesday in Auckland ends at noon in Berlin, and begins at noon on Tuesday."""
    kim = make_partner(
        "kim", zone=ZoneInfo("Pacific/Auckland"), free=(parse_window("00:00-24:00"),), away=only("2026-11-25")
    )
    sam = make_partner("sam", free=(parse_window("00:00-24:00"),))
    couple = home(daily(windows=(parse_window("00:00-24:00"),), ideal=11 * 60), partners=(sam, kim))
    found = plan(make_question(couple))
    assert start_on(found, date(2026, 11, 24)) == "Tue 24 11:00"
    assert start_on(found, WEDNESDAY) == "Wed 25 12:00"


def test_what_reaches_into_a_day_kept_free_is_not_placed_either() -> None:
    late = daily(windows=(parse_window("22:30-00:30"),), length=timedelta(hours=1), ideal=23 * 60 + 15)
    couple = home(late, partners=make_pair(free=(parse_window("12:00-02:00"),), away=only("2026-11-25")))
    assert start_on(plan(make_question(couple)), date(2026, 11, 24)) == "Tue 24 23:00"


def test_a_day_away_is_whole_on_the_day_when_the_clocks_change() -> None:
    partners = make_pair(away=only("2026-10-25"), free=(parse_window("00:00-24:00"),))
    couple = home(daily(windows=(parse_window("00:00-24:00"),)), partners=partners)
    found = plan(make_question(couple, now=at("2026-10-22 09:00")))
    assert not [one for one in found.standing if local(one.starts_at).startswith("Sun 25")]
    assert start_on(found, date(2026, 10, 26)) == "Mon 26 00:00"


COFFEE = make_ritual(windows=(parse_window("wed-fri 18:00-20:00"),))


def named_later(couple: Couple, changed: Couple, **question: Any) -> Plan:
    """A day is kept free once the plan stands."""
    first = plan(make_question(couple)).standing
    return plan(make_question(changed, first, **question))


def away_on(day: str) -> Couple:
    return with_partner(home(COFFEE), 1, away=only(day))


def test_what_stood_on_a_day_kept_free_moves_to_another_day_of_its_period() -> None:
    found = named_later(home(COFFEE), away_on("2026-11-25"))
    assert [local(one.starts_at) for one in found.standing] == ["Thu 26 18:00"]
    assert [type(change) for change in found.changes] == [Move]


def test_what_stood_there_goes_where_its_period_has_no_other_day() -> None:
    found = named_later(home(COFFEE), away_on("2026-11-23 to 2026-11-29"))
    assert found.standing == ()
    assert [type(change) for change in found.changes] == [Cancel]
    assert [one.reason for one in found.unplaced] == [Reason.RESTING]


def test_it_goes_even_inside_the_freeze() -> None:
    found = named_later(home(COFFEE), away_on("2026-11-25"), now=at("2026-11-25 08:00"))
    assert [local(one.starts_at) for one in found.standing][:1] == ["Thu 26 18:00"]


def test_it_goes_even_after_two_moves() -> None:
    first = [replace(one, moves=2) for one in plan(make_question(home(COFFEE))).standing]
    found = plan(make_question(away_on("2026-11-25"), first))
    assert [local(one.starts_at) for one in found.standing] == ["Thu 26 18:00"]


def test_it_goes_even_while_a_calendar_cannot_be_read() -> None:
    first = plan(make_question(home(COFFEE))).standing
    asked: Question = make_question(away_on("2026-11-25"), first)
    blind = replace(asked, busy=(replace(asked.busy[0], trusted=False), asked.busy[1]))
    assert [type(change) for change in plan(blind).changes] == [Cancel]


def test_a_time_that_a_person_chose_stays() -> None:
    held = [replace(one, held=True) for one in plan(make_question(home(COFFEE))).standing]
    found = plan(make_question(away_on("2026-11-25"), held))
    assert (found.changes, list(found.standing)) == ((), held)


def test_what_is_on_already_goes_on() -> None:
    first = plan(make_question(home(COFFEE))).standing
    begun = plan(make_question(away_on("2026-11-25"), first, now=at("2026-11-25 17:30")))
    assert first[0] in begun.standing


def test_what_went_comes_back_when_the_day_is_free_again() -> None:
    gone = named_later(home(COFFEE), away_on("2026-11-23 to 2026-11-29")).changes[0].placement
    assert gone.fate is Fate.WITHDRAWN
    found = plan(make_question(home(COFFEE), [gone]))
    assert [local(one.starts_at) for one in found.standing] == ["Wed 25 18:00"]


@pytest.mark.parametrize("index", [0, 1])
def test_a_tender_date_of_either_moves_what_stands_there(index: int) -> None:
    couple = with_partner(home(COFFEE), index, tender=Dates((Stretch(WEDNESDAY, WEDNESDAY),)))
    assert [local(one.starts_at) for one in named_later(home(COFFEE), couple).standing] == ["Thu 26 18:00"]


def test_who_named_a_tender_date_cannot_be_seen_in_the_plan() -> None:
    by_sam, by_kim = (with_partner(home(COFFEE), index, tender=only("25 november")) for index in (0, 1))
    assert plan(make_question(by_sam)) == plan(make_question(by_kim))


def test_the_plan_settles_at_once_when_a_day_is_kept_free() -> None:
    couple = away_on("2026-11-25")
    found = named_later(home(COFFEE), couple)
    assert plan(make_question(couple, found.standing)).changes == ()


def test_the_couples_dates_hold_for_both_clocks() -> None:
    """On Saturday nothing stands that is Saturday for either of the two."""
    kim = make_partner("kim", zone=ZoneInfo("America/New_York"), free=(parse_window("00:00-24:00"),))
    sam = make_partner("sam", free=(parse_window("00:00-24:00"),))
    rules = replace(WEEK, away=only("2026-11-28"))
    couple = home(daily(windows=(parse_window("00:00-24:00"),), ideal=3 * 60), partners=(sam, kim), rules=rules)
    found = plan(make_question(couple))
    assert start_on(found, date(2026, 11, 28)) == "nowhere"
    assert start_on(found, SUNDAY) == "Sun 29 06:00", "midnight in New York"


def test_a_full_calendar_on_the_other_days_is_told_as_such() -> None:
    busy = taken("2026-11-26 17:00-21:00", "2026-11-27 17:00-21:00")
    found = plan(make_question(away_on("2026-11-25"), kim=busy))
    assert [one.reason for one in found.unplaced] == [Reason.TAKEN]
