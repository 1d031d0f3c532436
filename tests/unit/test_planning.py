"""Placing: free for both, inside both's windows, never two at once, stable."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.domain.cadence import Cadence, Daily, Monthly, Quarterly, Weekly
from scheduler.domain.couple import Couple
from scheduler.domain.freebusy import BusyView, Spans, overlaps, span_of, union
from scheduler.domain.localtime import Windows, local_date, parse_window
from scheduler.domain.occurrence import Fate, Placement, expand
from scheduler.domain.planning import Add, Cancel, Move, Plan, Question, plan
from scheduler.domain.ritual import Ritual
from scheduler.domain.slots import Reason
from tests.build import at, make_couple, make_partner, make_ritual
from tests.unit.test_localtime import ZONES

NOW = at("2026-11-23 09:00")  # a Monday
FREE = (BusyView(()), BusyView(()))


def ask(couple: Couple, placed: tuple[Placement, ...] = (), now: datetime = NOW, **busy: Spans) -> Question:
    views = tuple(BusyView(busy.get(partner.id, ())) for partner in couple.partners)
    return Question(couple, placed, (views[0], views[1]), now)


def saturday_coffee(**changes: Any) -> Ritual:
    defaults: dict[str, Any] = {"windows": (parse_window("sat 09:00-12:00"),), "ideal": 10 * 60}
    return make_ritual(**{**defaults, **changes})


def busy(start: str, end: str) -> Spans:
    return (span_of(at(start), at(end)),)


def test_a_weekly_coffee_is_placed_once_in_each_whole_week_of_the_horizon() -> None:
    found = plan(ask(make_couple(rituals=(saturday_coffee(),))))
    assert [one.key for one in found.standing] == [f"coffee/2026-W{week}" for week in (48, 49, 50, 51)]


def test_each_partner_is_asked_only_inside_windows_of_their_own_zone() -> None:
    found = plan(ask(make_couple(rituals=(saturday_coffee(),))))
    first = found.standing[0]
    # 09:00-12:00 in Berlin and in London meet from 10:00 to 12:00 Berlin time
    assert first.starts_at.astimezone(ZoneInfo("Europe/Berlin")).hour == 10


def test_a_busy_minute_of_either_is_never_used() -> None:
    couple = make_couple(rituals=(saturday_coffee(),))
    found = plan(ask(couple, kim=busy("2026-11-28 09:30", "2026-11-28 09:45")))
    assert found.standing[0].starts_at == at("2026-11-28 09:45")


def test_a_buffer_is_kept_on_both_sides() -> None:
    couple = make_couple(rituals=(saturday_coffee(buffer=timedelta(minutes=15)),))
    found = plan(ask(couple, kim=busy("2026-11-28 09:15", "2026-11-28 09:30")))
    assert found.standing[0].starts_at == at("2026-11-28 09:45")


def test_what_cannot_be_placed_says_why() -> None:
    couple = make_couple(rituals=(saturday_coffee(),))
    found = plan(ask(couple, sam=busy("2026-11-28 00:00", "2026-11-29 00:00")))
    assert [(one.occurrence.period, one.reason) for one in found.unplaced] == [("2026-W48", Reason.TAKEN)]


def test_windows_that_never_meet_are_named() -> None:
    far = make_partner("kim", zone=ZoneInfo("Asia/Tokyo"))
    couple = make_couple(partners=(make_partner("sam"), far), rituals=(saturday_coffee(),))
    assert {one.reason for one in plan(ask(couple)).unplaced} == {Reason.WINDOWS}


def test_a_ritual_may_follow_the_clock_of_one_partner() -> None:
    far = make_partner("kim", zone=ZoneInfo("America/New_York"), free=(parse_window("00:00-24:00"),))
    ritual = saturday_coffee(clock_of="sam")
    couple = make_couple(partners=(make_partner("sam"), far), rituals=(ritual,))
    assert plan(ask(couple)).standing[0].starts_at == at("2026-11-28 09:00")


def test_a_slot_that_is_still_good_stays_even_when_a_better_one_opens() -> None:
    couple = make_couple(rituals=(saturday_coffee(),))
    crowded = plan(ask(couple, kim=busy("2026-11-28 08:00", "2026-11-28 09:45")))
    again = plan(ask(couple, crowded.standing))
    assert again.changes == ()
    assert again.standing == crowded.standing


def test_a_clash_moves_the_ritual_once_and_remembers_where_it_was() -> None:
    couple = make_couple(rituals=(saturday_coffee(),))
    first = plan(ask(couple))
    moved = plan(ask(couple, first.standing, sam=busy("2026-11-28 09:00", "2026-11-28 09:30")))
    (change,) = moved.changes
    assert isinstance(change, Move)
    assert (change.placement.moves, change.placement.previous) == (1, at("2026-11-28 09:00"))
    assert change.placement.starts_at == at("2026-11-28 09:30")


def test_nothing_moves_inside_the_freeze() -> None:
    couple = make_couple(rituals=(saturday_coffee(),))
    first = plan(ask(couple))
    clash = busy("2026-11-28 09:00", "2026-11-28 09:30")
    assert plan(ask(couple, first.standing, at("2026-11-27 14:00"), sam=clash)).changes == ()


def test_nothing_moves_a_third_time_by_itself() -> None:
    couple = make_couple(rituals=(saturday_coffee(),))
    (first, *rest) = plan(ask(couple)).standing
    twice = (replace(first, moves=2), *rest)
    assert plan(ask(couple, twice, sam=busy("2026-11-28 09:00", "2026-11-28 09:30"))).changes == ()


def test_a_persons_time_is_never_moved() -> None:
    couple = make_couple(rituals=(saturday_coffee(),))
    (first, *rest) = plan(ask(couple)).standing
    night = replace(first, starts_at=at("2026-11-28 02:00"), ends_at=at("2026-11-28 03:00"), held=True)
    found = plan(ask(couple, (night, *rest), sam=busy("2026-11-28 02:00", "2026-11-28 03:00")))
    assert night in found.standing
    assert found.changes == ()


def test_what_a_person_took_away_is_never_placed_again() -> None:
    couple = make_couple(rituals=(saturday_coffee(),))
    (first, *rest) = plan(ask(couple)).standing
    found = plan(ask(couple, (replace(first, fate=Fate.DECLINED), *rest)))
    assert first.key not in {one.key for one in found.standing}
    assert found.unplaced == ()


def test_a_calendar_that_cannot_be_read_stops_new_placing_and_moves_nothing() -> None:
    couple = make_couple(rituals=(saturday_coffee(),))
    first = plan(ask(couple))
    clash = BusyView(busy("2026-11-28 09:00", "2026-11-28 09:30"), trusted=False)
    found = plan(Question(couple, first.standing[:2], (clash, BusyView(())), NOW))
    assert found.standing == first.standing[:2]
    assert {one.reason for one in found.unplaced} == {Reason.UNKNOWN}


def test_a_ritual_taken_out_of_the_file_is_withdrawn() -> None:
    couple = make_couple(rituals=(saturday_coffee(),))
    first = plan(ask(couple))
    walk = make_couple(rituals=(make_ritual("walk", windows=(parse_window("sun 14:00-17:00"),)),))
    found = plan(ask(walk, first.standing))
    assert sum(isinstance(change, Cancel) for change in found.changes) == 4
    assert {one.ritual for one in found.standing} == {"walk"}


def test_a_withdrawn_one_comes_back_when_it_is_wanted_again() -> None:
    couple = make_couple(rituals=(saturday_coffee(),))
    gone = tuple(replace(one, fate=Fate.WITHDRAWN) for one in plan(ask(couple)).standing)
    found = plan(ask(couple, gone))
    assert [type(change) for change in found.changes] == [Add] * 4


def test_another_ritual_gives_way_where_it_has_another_place() -> None:
    wide = make_ritual("walk", windows=(parse_window("sat 09:00-12:00"), parse_window("sun 09:00-12:00")), ideal=600)
    narrow = make_ritual("brunch", windows=(parse_window("sat 10:00-11:00"),), clock_of="sam")
    found = plan(ask(make_couple(rituals=(wide, narrow))))
    assert found.unplaced == ()


def test_spacing_counts_what_has_already_been() -> None:
    ritual = make_ritual("walk", windows=(parse_window("17:00-20:00"),), spacing=4)
    couple = make_couple(rituals=(ritual,))
    been = Placement("walk/2026-W47", at("2026-11-22 17:00"), at("2026-11-22 18:00"), at("2026-11-20 09:00"))
    first = plan(ask(couple, (been,))).standing[0]
    assert local_date(first.starts_at, couple.clock()) >= date(2026, 11, 26)


CADENCES = st.one_of(
    st.just(Daily()),
    st.just(Daily(frozenset(range(5)))),
    st.builds(Weekly, times=st.integers(1, 4)),
    st.builds(Weekly, every=st.integers(1, 4)),
    st.builds(Monthly, day=st.integers(1, 31)),
    st.builds(Monthly, nth=st.sampled_from([1, 2, 3, 4, -1]), weekday=st.integers(0, 6)),
    st.just(Monthly()),
    st.just(Quarterly()),
)
WINDOWS = st.sampled_from(["07:00-09:00", "17:00-22:30", "weekend 09:00-13:00", "00:00-24:00", "21:00-23:45"])


@st.composite
def rituals(draw: st.DrawFn, number: int) -> Ritual:
    cadence: Cadence = draw(CADENCES)
    return make_ritual(
        f"r{number}",
        cadence=cadence,
        length=timedelta(minutes=draw(st.sampled_from([5, 15, 60, 90]))),
        windows=tuple(parse_window(text) for text in draw(st.lists(WINDOWS, min_size=1, max_size=2))),
        ideal=draw(st.none() | st.integers(0, 1439)),
        buffer=timedelta(minutes=draw(st.sampled_from([0, 10, 30]))),
        spacing=draw(st.integers(0, 2)) if isinstance(cadence, Weekly) else 0,
    )


@st.composite
def questions(draw: st.DrawFn) -> Question:
    names = (draw(st.sampled_from(ZONES)), draw(st.sampled_from(ZONES)))
    partners = tuple(
        make_partner(
            who, zone=ZoneInfo(name), free=(parse_window(draw(st.sampled_from(["06:00-23:30", "00:00-24:00"]))),)
        )
        for who, name in zip(("a", "b"), names, strict=True)
    )
    found = tuple(draw(rituals(number)) for number in range(draw(st.integers(1, 4))))
    couple = make_couple(partners=partners, rituals=found)
    now = at("2026-01-01 12:00") + timedelta(days=draw(st.integers(0, 700)), minutes=draw(st.integers(0, 1439)))
    base = int(now.timestamp()) // 900 * 900
    views = []
    for _ in partners:
        taken = draw(st.lists(st.tuples(st.integers(0, 28 * 96), st.integers(1, 40)), max_size=40))
        views.append(BusyView(union((base + 900 * start, base + 900 * (start + length)) for start, length in taken)))
    return Question(couple, (), (views[0], views[1]), now)


def inside(spans: Spans, one: Placement) -> bool:
    start, end = span_of(one.starts_at, one.ends_at)
    return any(low <= start and end <= high for low, high in spans)


def windows_of(windows: Windows, zone: ZoneInfo, one: Placement) -> Spans:
    """Written anew, without the product's helpers: the windows near a placement."""
    day = one.starts_at.astimezone(zone).date()
    near = [day + timedelta(days=offset) for offset in range(-2, 3)]
    return union(span_of(*span) for when in near for window in windows if (span := window.on(when, zone)))


@settings(max_examples=60)
@given(questions())
def test_every_placement_is_free_inside_the_windows_and_alone(question: Question) -> None:
    found = plan(question)
    couple = question.couple
    for one in found.standing:
        ritual = couple.ritual(one.ritual)
        assert ritual is not None
        buffer = int(ritual.buffer.total_seconds())
        start, end = span_of(one.starts_at, one.ends_at)
        for partner, view in zip(couple.partners, question.busy, strict=True):
            assert not overlaps(view.spans, (start - buffer, end + buffer))
            assert inside(windows_of(partner.free, partner.zone, one), one)
            assert inside(windows_of(ritual.windows, partner.zone, one), one)
        assert one.starts_at >= question.now + couple.rules.notice
    spans = sorted(span_of(one.starts_at, one.ends_at) for one in found.standing)
    assert all(left[1] <= right[0] for left, right in pairwise(spans))


@settings(max_examples=60)
@given(questions())
def test_every_period_has_exactly_one_fate(question: Question) -> None:
    """Placed or unplaced, once, and on a local date of its period, in twenty zones through clock changes."""
    found = plan(question)
    keys = [one.key for one in found.standing] + [one.occurrence.key for one in found.unplaced]
    assert len(keys) == len(set(keys))
    for ritual in question.couple.rituals:
        clock = question.couple.clock(ritual)
        today = local_date(question.now, clock)
        wanted = {one.key: one for one in expand(ritual, today, today + question.couple.rules.horizon)}
        assert wanted.keys() == {key for key in keys if key.startswith(f"{ritual.id}/")}
        for one in found.standing:
            if one.ritual == ritual.id:
                occurrence = wanted[one.key]
                assert occurrence.first <= local_date(one.starts_at, clock) <= occurrence.last


@settings(max_examples=60)
@given(questions())
def test_spacing_is_kept(question: Question) -> None:
    found = plan(question)
    for ritual in question.couple.rituals:
        dates = sorted(
            local_date(one.starts_at, question.couple.clock(ritual))
            for one in found.standing
            if one.ritual == ritual.id
        )
        assert all((late - early).days >= ritual.spacing for early, late in pairwise(dates))


@settings(max_examples=60)
@given(questions())
def test_planning_twice_is_planning_once(question: Question) -> None:
    first: Plan = plan(question)
    again = plan(replace(question, placed=first.standing))
    assert again.changes == ()
    assert again.standing == first.standing
    assert plan(question) == first
