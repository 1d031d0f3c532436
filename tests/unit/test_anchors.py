"""Anchors: soon after the later of two is done, shortly before the earlier bedtime, the first hour free for both."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from scheduler.domain.cadence import Daily
from scheduler.domain.couple import Couple, PlanRules
from scheduler.domain.freebusy import instant
from scheduler.domain.localtime import parse_window
from scheduler.domain.occurrence import Occurrence
from scheduler.domain.planning import ground_of, plan
from scheduler.domain.ritual import Ritual, parse_anchor
from scheduler.domain.slots import Search, Slot, wish_for
from tests.build import local, make_couple, make_pair, make_partner, make_question, make_ritual, make_versions, taken

TUESDAY = date(2026, 11, 24)


def anchored(anchor: str, *windows: str, **changes: Any) -> Ritual:
    defaults: dict[str, Any] = {
        "cadence": Daily(),
        "length": timedelta(minutes=15),
        "anchor": parse_anchor(anchor),
        "windows": tuple(parse_window(text) for text in windows or ("15:00-22:00",)),
    }
    return make_ritual("talk", **{**defaults, **changes})


def home(ritual: Ritual, **changes: Any) -> Couple:
    defaults: dict[str, Any] = {
        "partners": make_pair(free=(parse_window("00:00-24:00"),)),
        "rules": PlanRules(horizon=timedelta(days=7)),
    }
    return make_couple(rituals=(ritual,), **{**defaults, **changes})


def pair(sam: dict[str, Any], kim: dict[str, Any], free: str = "00:00-24:00") -> dict[str, Any]:
    berlin = {"zone": ZoneInfo("Europe/Berlin"), "free": (parse_window(free),)}
    return {"partners": (make_partner("sam", **{**berlin, **sam}), make_partner("kim", **{**berlin, **kim}))}


def slots_on(couple: Couple, day: date = TUESDAY, **busy: Any) -> list[Slot]:
    """Every place of the daily ritual on that date, best first, asked a week ahead."""
    ahead = datetime.combine(day, datetime.min.time(), ZoneInfo("UTC")) - timedelta(days=5)
    question = make_question(couple, now=ahead, **busy)
    wish = Occurrence("talk", day.isoformat(), day, day, day)
    return list(wish_for(wish, couple.rituals[0], ground_of(question), Search(int(ahead.timestamp()))).slots)


def best(couple: Couple, day: date = TUESDAY, zone: str = "Europe/Berlin", **busy: Any) -> str:
    found = slots_on(couple, day, **busy)
    return local(instant(found[0].start), zone) if found else "nowhere"


AFTER_WORK = home(anchored("45 min after work"))
WORK: dict[str, Any] = {"sam": taken("2026-11-24 08:00-17:00"), "kim": taken("2026-11-24 09:00-18:30")}


def test_after_work_is_counted_from_the_later_of_the_two() -> None:
    assert best(AFTER_WORK, **WORK) == "Tue 24 18:30"
    assert best(AFTER_WORK, sam=WORK["kim"], kim=WORK["sam"]) == "Tue 24 18:30"


def test_after_work_begins_within_so_many_minutes() -> None:
    starts = [local(instant(slot.start)) for slot in sorted(slots_on(AFTER_WORK, **WORK), key=lambda slot: slot.start)]
    assert (starts[0], starts[-1]) == ("Tue 24 18:30", "Tue 24 19:15")


def test_the_very_minute_at_which_work_ends_is_taken() -> None:
    assert best(AFTER_WORK, sam=taken("2026-11-24 08:00-16:50")) == "Tue 24 16:50"


def test_where_one_has_no_work_that_day_the_other_one_counts() -> None:
    assert best(AFTER_WORK, sam=taken("2026-11-24 08:00-17:00")) == "Tue 24 17:00"


def test_where_neither_has_work_any_hour_of_the_windows_will_do() -> None:
    couple = home(anchored("45 min after work", ideal=20 * 60))
    assert best(couple) == "Tue 24 20:00"
    assert len(slots_on(couple)) == 4 * 7


def test_what_ended_the_day_before_does_not_count() -> None:
    assert best(home(anchored("45 min after work", ideal=20 * 60)), sam=taken("2026-11-23 08:00-17:00")).endswith(
        "20:00"
    )


def test_work_that_ends_before_the_windows_open_is_counted_from_their_opening() -> None:
    found = slots_on(AFTER_WORK, sam=taken("2026-11-24 06:00-12:00"))
    assert {local(instant(slot.start)) for slot in found} == {
        f"Tue 24 15:{minute}" for minute in ("00", "15", "30", "45")
    }


def test_with_windows_twice_a_day_it_is_counted_from_the_next_opening() -> None:
    couple = home(anchored("45 min after work", "07:00-08:00", "18:00-22:00"))
    assert best(couple, sam=taken("2026-11-24 08:00-16:00")) == "Tue 24 18:00"


def test_with_windows_across_midnight_it_is_counted_from_the_evening_opening() -> None:
    couple = home(anchored("45 min after work", "21:00-01:00"))
    assert best(couple, sam=taken("2026-11-24 08:00-16:00")) == "Tue 24 21:00"


@pytest.mark.parametrize("late", ["2026-11-24 22:00-23:30", "2026-11-24 21:30-21:50", "2026-11-24 21:00-23:00"])
def test_an_engagement_that_ends_too_late_for_the_windows_is_not_work(late: str) -> None:
    kim = taken("2026-11-24 09:00-17:00", late)
    assert best(AFTER_WORK, kim=kim) == "Tue 24 17:00"


def test_a_later_meeting_moves_the_ritual_behind_it() -> None:
    thursday = taken("2026-11-26 09:00-17:00")
    first = plan(make_question(AFTER_WORK, kim=thursday)).standing
    again = plan(make_question(AFTER_WORK, first, kim=taken("2026-11-26 09:00-18:20")))
    assert [local(one.starts_at) for one in first if one.period == "2026-11-26"] == ["Thu 26 17:00"]
    assert [local(one.starts_at) for one in again.standing if one.period == "2026-11-26"] == ["Thu 26 18:20"]


def test_a_later_meeting_that_is_no_clash_leaves_it_where_it_is() -> None:
    first = plan(make_question(AFTER_WORK, kim=taken("2026-11-26 09:00-17:00"))).standing
    later = taken("2026-11-26 09:00-17:00", "2026-11-26 19:00-20:00")
    assert plan(make_question(AFTER_WORK, first, kim=later)).changes == ()


def test_each_partners_work_is_read_on_their_own_clock() -> None:
    couple = home(anchored("45 min after work"), **pair({}, {"zone": ZoneInfo("Europe/London")}))
    kim = taken("2026-11-24 09:00-17:30", zone="Europe/London")
    assert best(couple, sam=taken("2026-11-24 08:00-17:00"), kim=kim) == "Tue 24 18:30"


def test_far_away_only_what_ends_on_the_partners_own_day_counts() -> None:
    tokyo = pair({}, {"zone": ZoneInfo("Asia/Tokyo")})
    couple = home(anchored("45 min after work", "08:00-14:00", clock_of="sam", ideal=12 * 60), **tokyo)
    same_day = taken("2026-11-24 09:00-18:00", zone="Asia/Tokyo")
    day_before = taken("2026-11-23 15:00-23:30", zone="Asia/Tokyo")
    assert best(couple, kim=same_day) == "Tue 24 10:00"
    assert best(couple, kim=day_before) == "Tue 24 12:00"


@pytest.mark.parametrize("day", [date(2026, 10, 25), date(2027, 3, 28)])
def test_after_work_holds_on_the_days_when_the_clocks_change(day: date) -> None:
    assert best(AFTER_WORK, day, sam=taken(f"{day} 00:30-17:00")).endswith("17:00")
    assert best(AFTER_WORK, day, sam=taken(f"{day} 00:30-04:00")).endswith("15:00")


def test_a_buffer_is_kept_after_work_too() -> None:
    couple = home(anchored("45 min after work", buffer=timedelta(minutes=10)))
    assert best(couple, **WORK) == "Tue 24 18:40"


BED = anchored("30 min before bed", "00:00-24:00", length=timedelta(minutes=10))


def test_before_bed_is_counted_from_the_earlier_bedtime() -> None:
    couple = home(BED, **pair({"bedtime": 23 * 60}, {"bedtime": 22 * 60 + 30}))
    assert best(couple) == "Tue 24 22:00"
    ends = [instant(slot.end) for slot in slots_on(couple)]
    assert local(max(ends)) == "Tue 24 22:30"


def test_before_bed_begins_at_most_so_long_before() -> None:
    couple = home(BED, partners=make_pair(bedtime=22 * 60, free=(parse_window("00:00-24:00"),)))
    starts = sorted(local(instant(slot.start)) for slot in slots_on(couple, kim=taken("2026-11-24 18:00-21:33")))
    assert (starts[0], starts[-1]) == ("Tue 24 21:35", "Tue 24 21:50")


def test_where_no_bedtime_is_named_the_free_hours_end_with_it() -> None:
    couple = home(BED, **pair({}, {"free": (parse_window("07:00-12:00"), parse_window("17:00-21:30"))}))
    assert best(couple) == "Tue 24 21:00"


def test_the_end_of_the_free_hours_is_that_of_the_weekday() -> None:
    free = (parse_window("mon-fri 07:00-21:30"), parse_window("weekend 07:00-23:00"))
    couple = home(BED, partners=make_pair(free=free))
    assert best(couple) == "Tue 24 21:00"
    assert best(couple, date(2026, 11, 28)) == "Sat 28 22:30"


def test_a_bedtime_soon_after_midnight_belongs_to_the_evening_before() -> None:
    couple = home(BED, partners=make_pair(bedtime=24 * 60 + 30, free=(parse_window("07:00-02:00"),)))
    assert best(couple) == "Wed 25 00:00"
    assert {slot.day for slot in slots_on(couple)} == {TUESDAY.toordinal()}


@pytest.mark.parametrize("changes", [{"bedtime": 25 * 60 + 30}, {}], ids=["named", "from the free hours"])
def test_a_bedtime_long_after_midnight_has_a_place_too(changes: dict[str, Any]) -> None:
    couple = home(BED, partners=make_pair(free=(parse_window("07:00-01:30"),), **changes))
    assert best(couple) == "Wed 25 01:00"


@pytest.mark.parametrize(("bedtime", "expected"), [("22:30", "Tue 24 22:30"), ("21:00", "Tue 24 21:30")])
def test_across_zones_the_earlier_bedtime_is_the_earlier_instant(bedtime: str, expected: str) -> None:
    minute = 60 * int(bedtime[:2]) + int(bedtime[3:])
    kim = {"zone": ZoneInfo("Europe/London"), "bedtime": minute}
    couple = home(BED, **pair({"bedtime": 23 * 60}, kim))
    assert best(couple) == expected, f"{bedtime} in London, 23:00 in Berlin"


def test_across_the_date_line_the_earlier_bedtime_is_the_next_one_to_come() -> None:
    sam = {"zone": ZoneInfo("America/Los_Angeles"), "bedtime": 22 * 60}
    kim = {"zone": ZoneInfo("Pacific/Auckland"), "bedtime": 22 * 60}
    couple = home(BED, **pair(sam, kim, free="07:00-23:00"))
    assert best(couple, zone="America/Los_Angeles") == "Tue 24 21:30"


def test_no_version_lasts_beyond_the_earlier_bedtime() -> None:
    ritual = replace(BED, length=timedelta(minutes=45), shorter=make_versions(20, 5))
    couple = home(ritual, partners=make_pair(bedtime=22 * 60, free=(parse_window("07:00-24:00"),)))
    assert local(instant(max(slot.end for slot in slots_on(couple)))) <= "Tue 24 22:00"


def test_on_a_holiday_that_is_like_a_sunday_bedtime_is_sundays_too() -> None:
    free = (parse_window("mon-sat 07:00-23:00"), parse_window("sun 07:00-21:00"))
    couple = home(BED, partners=make_pair(free=free))
    question = replace(make_question(couple), holidays=(frozenset({TUESDAY + timedelta(days=1)}),) * 2)
    assert "Wed 25 20:30" in [local(one.starts_at) for one in plan(question).standing]


SATURDAY = date(2026, 11, 28)


def first_hour(**changes: Any) -> Couple:
    defaults: dict[str, Any] = {"length": timedelta(minutes=30)}
    return home(anchored("first free hour", "sat 08:00-20:00", **{**defaults, **changes}))


def test_the_first_free_hour_is_the_first_one_that_both_have() -> None:
    sam, kim = taken("2026-11-28 07:00-09:40"), taken("2026-11-28 09:00-10:25")
    assert best(first_hour(), SATURDAY) == "Sat 28 08:00"
    assert best(first_hour(), SATURDAY, sam=sam) == "Sat 28 09:40"
    assert best(first_hour(), SATURDAY, sam=sam, kim=kim) == "Sat 28 10:25"


def test_a_stretch_of_less_than_an_hour_is_not_the_first_free_hour() -> None:
    kim = taken("2026-11-28 08:45-10:00", "2026-11-28 10:59-12:00", "2026-11-28 13:00-20:00")
    assert best(first_hour(), SATURDAY, kim=kim) == "Sat 28 12:00"


def test_where_no_whole_hour_is_free_nothing_is_placed() -> None:
    kim = taken(*(f"2026-11-28 {hour:02d}:45-{hour:02d}:55" for hour in range(7, 21)))
    assert best(first_hour(), SATURDAY, kim=kim) == "nowhere"


def test_how_long_the_first_free_stretch_lasts_can_be_said() -> None:
    kim = taken("2026-11-28 08:45-20:00")
    assert best(home(anchored("first free 45 min", "sat 08:00-20:00")), SATURDAY, kim=kim) == "Sat 28 08:00"


def test_the_weekday_of_the_first_free_hour_is_that_of_the_window() -> None:
    assert {local(one.starts_at) for one in plan(make_question(first_hour())).standing} == {"Sat 28 08:00"}


def test_a_ritual_longer_than_an_hour_takes_the_first_stretch_that_holds_it() -> None:
    couple = first_hour(length=timedelta(minutes=90))
    assert best(couple, SATURDAY, sam=taken("2026-11-28 09:15-11:00")) == "Sat 28 11:00"
