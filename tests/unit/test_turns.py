"""Whose turn it is: to plan, and to take the awkward hour. It follows from the calendar, not from what was done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from scheduler.domain.cadence import Cadence, Daily, EveryDays, Monthly, Quarterly, Weekly, Yearly
from scheduler.domain.couple import Couple
from scheduler.domain.freebusy import instant
from scheduler.domain.localtime import parse_window
from scheduler.domain.occurrence import Placement, expand, number_of
from scheduler.domain.planning import ground_of, plan
from scheduler.domain.ritual import Ritual
from scheduler.domain.slots import Search, wish_for
from scheduler.domain.turns import bearer, leader
from tests.build import at, local, make_couple, make_pair, make_partner, make_question, make_ritual, taken, wall

DAYTIME = parse_window("09:00-21:00")


def leaders(cadence: Cadence, first: date, last: date, **changes: Any) -> list[str]:
    ritual = make_ritual(cadence=cadence, takes_turns=True, **changes)
    couple = make_couple(rituals=(ritual,))
    found = [leader(couple, ritual, one.period) for one in expand(ritual, first, last)]
    return [one.id for one in found if one]


@pytest.mark.parametrize(
    "cadence",
    [Weekly(), Weekly(every=2), Weekly(every=3), Weekly(times=3), Daily(), Monthly(), Monthly(day=31), Quarterly(),
     EveryDays(10), Yearly(2, 29)],
    ids=str,
)  # fmt: skip
def test_the_two_lead_in_turn_for_years(cadence: Cadence) -> None:
    found = leaders(cadence, date(2026, 1, 1), date(2033, 12, 31))
    assert len(found) > 6
    assert all(one != other for one, other in pairwise(found))


def test_week_53_does_not_break_the_row() -> None:
    found = leaders(Weekly(), date(2026, 12, 14), date(2027, 1, 31))
    assert found in (["kim", "sam"] * 3 + ["kim"], ["sam", "kim"] * 3 + ["sam"])


def test_not_every_ritual_begins_with_the_same_partner() -> None:
    rituals = [make_ritual(f"ritual-{number}", takes_turns=True) for number in range(12)]
    couple = make_couple(rituals=tuple(rituals))
    assert len({leader(couple, ritual, "2026-W48") for ritual in rituals}) == 2


def test_a_ritual_that_takes_no_turns_has_no_leader() -> None:
    assert leader(make_couple(), make_ritual(), "2026-W48") is None


def test_who_leads_is_known_where_the_rhythm_has_changed_since() -> None:
    ritual = make_ritual(cadence=Quarterly(), takes_turns=True)
    assert leader(make_couple(rituals=(ritual,)), ritual, "2026-W48.2") is not None


@pytest.mark.parametrize("period", ["2026-W48", "2026-W48.2", "2026-11-23", "2026-11", "2026-Q4", "2026", "", "x"])
@pytest.mark.parametrize("cadence", [Daily(), EveryDays(3), Weekly(), Monthly(), Quarterly(), Yearly(6, 14)], ids=str)
def test_a_label_of_another_rhythm_has_a_number_all_the_same(cadence: Cadence, period: str) -> None:
    assert isinstance(number_of(make_ritual(cadence=cadence), period), int)


def test_who_leads_does_not_depend_on_what_stood_or_was_declined() -> None:
    """It is a function of the couple's file and the period: two questions that differ in all else agree."""
    ritual = make_ritual(takes_turns=True)
    before = make_couple(rituals=(ritual,))
    after = make_couple(rituals=(make_ritual("walk"), replace(ritual, length=timedelta(minutes=30))))
    assert leader(before, ritual, "2026-W48") == leader(after, after.rituals[1], "2026-W48")


def apart(**changes: Any) -> Couple:
    """Twelve hours lie between them: whatever the hour, it is early or late for one of the two."""
    free = (parse_window("06:00-23:30"),)
    partners = (
        make_partner("sam", free=free, easy=DAYTIME),
        make_partner("kim", zone=ZoneInfo("Pacific/Auckland"), free=free, easy=DAYTIME),
    )
    defaults: dict[str, Any] = {"windows": (parse_window("06:00-09:00"), parse_window("18:00-21:00"))}
    return make_couple(partners=partners, rituals=(make_ritual("call", **{**defaults, **changes}),))


def bearers(couple: Couple, placed: Sequence[Placement]) -> list[str]:
    found = [bearer(couple, one.starts_at, one.ends_at) for one in placed]
    return [one.id if one else "nobody" for one in found]


def test_across_two_zones_the_awkward_hour_alternates() -> None:
    couple = apart()
    found = bearers(couple, plan(make_question(couple)).standing)
    assert found in (["sam", "kim"] * 2, ["kim", "sam"] * 2)


def test_between_two_shifts_the_awkward_hour_alternates() -> None:
    early, late = parse_window("06:00-14:00"), parse_window("14:00-23:00")
    sam, kim = make_pair()
    ritual = make_ritual(cadence=Weekly(times=2), windows=(parse_window("08:00-11:00"), parse_window("18:00-21:00")))
    couple = make_couple(partners=(replace(sam, easy=early), replace(kim, easy=late)), rituals=(ritual,))
    found = bearers(couple, plan(make_question(couple)).standing)
    assert (found.count("sam"), found.count("kim")) == (4, 4)


def far_apart(*windows: str) -> Couple:
    """Eight hours lie between them: 09:00 to 13:00 in Berlin is easy for both."""
    couple = apart(windows=tuple(parse_window(text) for text in windows))
    return replace(couple, partners=(couple.partners[0], replace(couple.partners[1], zone=ZoneInfo("Asia/Tokyo"))))


def test_an_hour_that_is_easy_for_both_is_taken_before_one_that_is_awkward_for_one() -> None:
    found = plan(make_question(far_apart("06:00-20:00"))).standing
    assert {local(one.starts_at).split()[2] for one in found} == {"09:00"}, "06:00 is free too, and earlier"


@pytest.mark.parametrize(
    "couple",
    [far_apart("06:00-23:00"), make_couple(partners=make_pair(easy=DAYTIME))],
    ids=["22:00 in Berlin, 06:00 in Tokyo", "07:00 for both"],
)
def test_an_hour_that_is_easy_for_both_is_taken_before_one_that_is_awkward_for_both(couple: Couple) -> None:
    found = plan(make_question(couple)).standing
    assert {local(one.starts_at).split()[2] for one in found} == {"09:00"}


def test_where_only_one_of_them_can_bear_it_the_call_is_not_lost() -> None:
    couple = apart(windows=(parse_window("07:00-08:00"), parse_window("19:00-20:00")))
    found = plan(make_question(couple))
    assert len(found.standing) == 4


def stood(couple: Couple, week: int, who: str) -> Placement:
    """The call of that week on its Wednesday, at an hour that is awkward for that partner."""
    day = date.fromisocalendar(2026, week, 3)
    begins = wall(f"{day} {'07:00' if who == 'sam' else '18:30'}")
    found = Placement(f"call/2026-W{week}", begins, begins + timedelta(hours=1), at("2026-11-01 09:00"))
    assert bearers(couple, [found]) == [who]
    return found


@pytest.mark.parametrize("who", ["sam", "kim"])
def test_turns_go_on_from_the_last_awkward_hour(who: str) -> None:
    couple = apart()
    last = stood(couple, 48, who)
    found = plan(make_question(couple, [last], now=at("2026-11-26 12:00"))).standing
    other = "kim" if who == "sam" else "sam"
    assert bearers(couple, found)[:2] == [other, who]


def test_turns_go_on_from_an_awkward_hour_of_last_week() -> None:
    couple = apart()
    for who, other in (("sam", "kim"), ("kim", "sam")):
        found = plan(make_question(couple, [stood(couple, 47, who)], now=at("2026-11-24 12:00"))).standing
        assert bearers(couple, found)[:2] == [other, who]


@pytest.mark.parametrize("who", ["sam", "kim"])
def test_a_new_week_goes_on_from_those_that_stand(who: str) -> None:
    """Three weeks stand, out of their usual order; the fourth one follows the third."""
    couple = apart()
    other = "kim" if who == "sam" else "sam"
    placed = [stood(couple, 48, who), stood(couple, 49, other), stood(couple, 50, who)]
    found = plan(make_question(couple, placed)).standing
    assert bearers(couple, found) == [who, other, who, other]


def test_between_two_who_live_by_the_same_hours_no_hour_is_awkward_for_one() -> None:
    couple = make_couple(partners=make_pair(easy=DAYTIME))
    assert bearer(couple, wall("2026-11-28 06:00"), wall("2026-11-28 07:00")) is None
    assert bearer(couple, wall("2026-11-28 23:00"), wall("2026-11-28 23:30")) is None


def test_where_no_easy_hours_are_named_no_hour_is_awkward() -> None:
    assert bearer(make_couple(), wall("2026-11-28 03:00"), wall("2026-11-28 04:00")) is None


def test_the_one_with_more_of_the_hour_outside_their_day_bears_it() -> None:
    sam, kim = make_pair()
    couple = make_couple(partners=(replace(sam, easy=parse_window("07:30-21:00")), replace(kim, easy=DAYTIME)))
    assert bearer(couple, wall("2026-11-28 07:00"), wall("2026-11-28 08:00")) == couple.partners[1]
    assert bearer(couple, wall("2026-11-28 21:00"), wall("2026-11-28 22:00")) is None


def test_easy_hours_may_cross_midnight() -> None:
    sam, kim = make_pair()
    night = replace(kim, easy=parse_window("20:00-04:00"))
    couple = make_couple(partners=(replace(sam, easy=DAYTIME), night))
    assert bearer(couple, wall("2026-11-28 01:00"), wall("2026-11-28 02:00")) == couple.partners[0]
    assert bearer(couple, wall("2026-11-28 10:00"), wall("2026-11-28 11:00")) == night


def test_a_ritual_that_follows_one_partners_clock_takes_no_awkward_turns() -> None:
    couple = apart(clock_of="sam", windows=(parse_window("07:00-08:00"),))
    assert set(bearers(couple, plan(make_question(couple)).standing)) == {"sam"}


def night(**changes: Any) -> Ritual:
    defaults: dict[str, Any] = {"cadence": Weekly(), "windows": (parse_window("fri 23:00-02:00"),)}
    return make_ritual("tea", **{**defaults, **changes})


def times(couple: Couple, ritual: Ritual, zone: str = "Europe/Berlin", **busy: Any) -> list[str]:
    question = make_question(couple, **busy)
    (wish, *_) = expand(ritual, date(2026, 11, 23), date(2026, 11, 30))
    slots = wish_for(wish, ritual, ground_of(question), Search(int(question.now.timestamp()))).slots
    return [local(instant(one.start), zone) for one in sorted(slots, key=lambda one: one.start)]


def test_a_window_across_midnight_has_places_on_both_sides() -> None:
    couple = make_couple(partners=make_pair(free=(parse_window("18:00-03:00"),)), rituals=(night(),))
    assert times(couple, night()) == [
        *("Fri 27 23:00", "Fri 27 23:15", "Fri 27 23:30", "Fri 27 23:45"),
        *("Sat 28 00:00", "Sat 28 00:15", "Sat 28 00:30", "Sat 28 00:45", "Sat 28 01:00"),
    ]


def test_a_window_across_midnight_is_used_after_midnight_where_it_is_taken_before() -> None:
    couple = make_couple(partners=make_pair(free=(parse_window("18:00-03:00"),)), rituals=(night(),))
    (placed,) = plan(make_question(couple, kim=taken("2026-11-27 22:00-00:20"), now=at("2026-11-27 00:00"))).standing[
        :1
    ]
    assert local(placed.starts_at) == "Sat 28 00:30"


def test_windows_across_midnight_meet_across_zones() -> None:
    """18:00 to 02:00 in Berlin and 19:00 to 01:00 in New York share one hour and a bit of each night."""
    sam = make_partner("sam", free=(parse_window("18:00-02:30"),))
    kim = make_partner("kim", zone=ZoneInfo("America/New_York"), free=(parse_window("19:00-01:00"),))
    ritual = make_ritual("tea", windows=(parse_window("18:00-03:00"),))
    couple = make_couple(partners=(sam, kim), rituals=(ritual,))
    found = times(couple, ritual)
    assert {one.split()[2] for one in found} == {"01:00", "01:15", "01:30"}
    assert len(found) == 3 * 6, "Monday's own morning is over, and Sunday night is Monday"


def test_the_night_of_a_clock_change_keeps_its_window() -> None:
    couple = make_couple(partners=make_pair(free=(parse_window("18:00-04:00"),)))
    saturday = night(windows=(parse_window("sat 23:00-04:00"),))
    asked = make_question(couple, now=datetime.fromisoformat("2026-10-19T09:00+00:00"))
    (wish, *_) = expand(saturday, date(2026, 10, 19), date(2026, 10, 26))
    slots = wish_for(wish, saturday, ground_of(asked), Search(0)).slots
    real = max(one.end for one in slots) - min(one.start for one in slots)
    assert real == 6 * 3600, "five hours on the wall, and one twice"
