"""Where an occurrence could stand: all of it, and nothing else, told minute by minute by a peer that knows no spans."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from scheduler.domain.cadence import Daily, Weekly
from scheduler.domain.couple import Couple, PlanRules
from scheduler.domain.freebusy import Spans, instant, overlaps, union
from scheduler.domain.ground import shared, widened
from scheduler.domain.hours import NO_HOLIDAYS, Days, Hours
from scheduler.domain.localtime import Windows, parse_window, to_utc
from scheduler.domain.occurrence import Occurrence, expand
from scheduler.domain.planning import Question, ground_of
from scheduler.domain.ritual import Ritual
from scheduler.domain.slots import (
    FEW,
    FINE_STEP_S,
    SHORTER,
    STEP_S,
    Search,
    Slot,
    wish_for,
)
from tests.build import (
    at,
    local,
    make_couple,
    make_pair,
    make_partner,
    make_question,
    make_ritual,
    make_versions,
    taken,
)

MINUTE = timedelta(minutes=1)
MONTHS = ("2026-11-24", "2026-10-25", "2027-03-28", "2026-03-08", "2026-11-01", "2026-04-05")  # most change a clock
PLACES = (
    "Europe/Berlin",
    "Europe/London",
    "America/New_York",
    "America/New_York",
    "Europe/Berlin",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
)
WINDOWS = ("00:00-24:00", "06:00-23:00", "17:00-22:00", "21:00-04:00", "sat, sun 03:00-13:00", "mon-fri 18:00-01:00")


def open_spans(couple: Couple, ritual: Ritual, first: date, last: date) -> Spans:
    """Where the windows of both and of the ritual meet on these dates."""
    return Hours(couple, NO_HOLIDAYS, first - timedelta(days=1), last + timedelta(days=1)).open(ritual)


class Case:
    """Two zones, windows, busy times and one ritual, near a date on which some clock changes."""

    def __init__(self, seed: int) -> None:
        chance = Random(seed)
        self.day = date.fromisoformat(chance.choice(MONTHS))
        length = chance.choice([5, 10, 15, 45, 90])
        self.ritual = make_ritual(
            cadence=Daily(),
            length=timedelta(minutes=length),
            windows=self._windows(chance),
            buffer=timedelta(minutes=chance.choice([0, 0, 10])),
            ideal=chance.choice([None, 9 * 60, 19 * 60 + 5, 18 * 60 + 50]),
            clock_of=chance.choice([None, None, "kim"]),
        )
        sam, kim = (
            make_partner(who, zone=ZoneInfo(chance.choice(PLACES)), free=self._windows(chance))
            for who in ("sam", "kim")
        )
        self.couple = make_couple(
            partners=(sam, kim), rituals=(self.ritual,), rules=PlanRules(horizon=timedelta(days=7))
        )
        self.now = datetime(
            self.day.year, self.day.month, self.day.day, chance.randrange(24), 7, tzinfo=UTC
        ) - timedelta(days=1)
        self.busy: dict[str, Any] = {who: self._busy(chance) for who in ("sam", "kim")}
        self.question = make_question(self.couple, now=self.now, **self.busy)

    @property
    def slots(self) -> tuple[Slot, ...]:
        wish = Occurrence(self.ritual.id, self.day.isoformat(), self.day, self.day, self.day)
        return wish_for(
            wish, self.ritual, ground_of(self.question), Search(int(self.now.timestamp()), widely=True)
        ).slots

    def _windows(self, chance: Random) -> Windows:
        return tuple(parse_window(text) for text in chance.sample(WINDOWS, chance.choice([1, 2, 3])))

    def _busy(self, chance: Random) -> Spans:
        base = int(self.now.timestamp())
        return union(
            (start, start + 60 * chance.randint(5, 200))
            for start in (base + 60 * chance.randrange(4000) for _ in range(9))
        )

    def by_minute(self) -> set[int]:
        """Every start on the grid, or at the ideal minute, from which each minute suits both."""
        clock = self.couple.clock(self.ritual)
        first = int(datetime(self.day.year, self.day.month, self.day.day, tzinfo=clock).timestamp()) // 60
        length, step = (
            self.ritual.length // MINUTE,
            (STEP_S if self.ritual.length // MINUTE >= 15 else FINE_STEP_S) // 60,
        )
        good = [self._suits(first + n) for n in range(25 * 60 + length + 60)]
        return {
            60 * (first + n)
            for n in range(25 * 60)
            if all(good[n : n + length])
            and self._wall(first + n, clock).date() == self.day
            and 60 * (first + n) >= self.now.timestamp()
            and ((first + n) % step == 0 or self._is_ideal(first + n, clock))
        }

    def _suits(self, minute: int) -> bool:
        buffer = self.ritual.buffer // MINUTE
        for partner in self.couple.partners:
            if any(low // 60 - buffer <= minute < high // 60 + buffer for low, high in self.busy[partner.id]):
                return False
            if not self._is_open(partner.free, minute, partner.zone):
                return False
        zones = [self.couple.clock(self.ritual)] if self.ritual.clock_of else [one.zone for one in self.couple.partners]
        return all(self._is_open(self.ritual.windows, minute, zone) for zone in zones)

    def _is_open(self, windows: Windows, minute: int, zone: ZoneInfo) -> bool:
        wall = self._wall(minute, zone)
        now = 60 * wall.hour + wall.minute
        return any(
            (wall.weekday() in one.weekdays and one.start <= now < one.end)
            or ((wall.weekday() - 1) % 7 in one.weekdays and now + 1440 < one.end)
            for one in windows
        )

    def _is_ideal(self, minute: int, clock: ZoneInfo) -> bool:
        wall = self._wall(minute, clock)
        return 60 * wall.hour + wall.minute == self.ritual.ideal

    def _wall(self, minute: int, zone: ZoneInfo) -> datetime:
        return datetime.fromtimestamp(60 * minute, zone)


@pytest.mark.parametrize("seeds", [range(start, start + 10) for start in range(0, 60, 10)], ids=str)
def test_the_places_are_those_that_a_walk_through_every_minute_finds(seeds: range) -> None:
    for seed in seeds:
        case = Case(seed)
        assert {slot.start for slot in case.slots} == case.by_minute(), seed


def test_most_of_these_cases_have_places() -> None:
    """Else the walk would prove little."""
    counts = [len(Case(seed).slots) for seed in range(60)]
    assert sum(count > 0 for count in counts) > 20


def test_every_place_is_free_and_open_and_as_long_as_the_ritual() -> None:
    for seed in range(60, 120):
        case = Case(seed)
        buffer = int(case.ritual.buffer.total_seconds())
        hours = open_spans(case.couple, case.ritual, case.day, case.day)
        for slot in case.slots:
            assert slot.end - slot.start == case.ritual.length.total_seconds()
            assert any(low <= slot.start and slot.end <= high for low, high in hours)
            assert not any(overlaps(spans, (slot.start - buffer, slot.end + buffer)) for spans in case.busy.values())
            assert slot.day == case.day.toordinal()


HOME = make_couple(partners=make_pair())


def found(
    ritual: Ritual,
    couple: Couple = HOME,
    *,
    now: datetime | None = None,
    widely: bool = False,
    **busy: Any,
) -> list[Slot]:
    """Every place in the week of 23 November, best first."""
    question: Question = make_question(replace(couple, rituals=(ritual,)), **busy)
    (wish, *_) = expand(ritual, date(2026, 11, 23), date(2026, 12, 6))
    earliest = int((now or question.now).timestamp())
    return list(wish_for(wish, ritual, ground_of(question), Search(earliest, widely=widely)).slots)


def texts(slots: list[Slot]) -> list[str]:
    return [local(instant(slot.start)) for slot in slots]


SATURDAY = make_ritual(windows=(parse_window("sat 09:00-12:00"),))


def test_places_lie_on_quarters_of_an_hour() -> None:
    assert texts(found(SATURDAY)) == [
        f"Sat 28 {hour:02d}:{minute:02d}" for hour in (9, 10) for minute in (0, 15, 30, 45)
    ] + ["Sat 28 11:00"]


def test_places_of_a_few_minutes_lie_on_every_fifth_minute() -> None:
    short = replace(SATURDAY, length=timedelta(minutes=10), windows=(parse_window("sat 09:00-09:30"),))
    assert texts(found(short)) == [f"Sat 28 09:{minute:02d}" for minute in (0, 5, 10, 15, 20)]


def test_the_ideal_minute_is_a_place_wherever_it_lies() -> None:
    assert texts(found(replace(SATURDAY, ideal=9 * 60 + 50)))[0] == "Sat 28 09:50"


def test_nearer_to_the_ideal_is_better() -> None:
    starts = texts(found(replace(SATURDAY, ideal=10 * 60)))
    assert starts[:3] == ["Sat 28 10:00", "Sat 28 09:45", "Sat 28 10:15"]


def test_nothing_begins_before_the_earliest_moment() -> None:
    assert texts(found(SATURDAY, now=at("2026-11-28 09:20")))[0] == "Sat 28 10:30"
    assert texts(found(SATURDAY, now=at("2026-11-28 10:20"))) == []


def test_the_best_weekday_is_worth_half_an_hour_and_more() -> None:
    ritual = make_ritual(windows=(parse_window("fri-sun 09:00-10:00"),), ideal_weekday=5)
    assert [text[:3] for text in texts(found(ritual))] == ["Sat", "Fri", "Sun"]


def test_several_a_week_are_spread_over_it() -> None:
    ritual = make_ritual(cadence=Weekly(times=2), windows=(parse_window("18:00-19:00"),))
    question = make_question(replace(HOME, rituals=(ritual,)))
    first, second = (
        wish_for(one, ritual, ground_of(question), Search(0)).slots[0]
        for one in expand(ritual, date(2026, 11, 23), date(2026, 11, 29))
    )
    assert texts([first, second]) == ["Tue 24 18:00", "Sat 28 18:00"]


def test_shorter_versions_are_looked_for_only_where_need_be() -> None:
    ritual = replace(SATURDAY, shorter=make_versions(15))
    assert {slot.end - slot.start for slot in found(ritual)} == {3600}
    assert {slot.end - slot.start for slot in found(ritual, widely=True)} == {3600, 900}
    assert {slot.end - slot.start for slot in found(ritual, kim=taken("2026-11-28 09:30-12:00"))} == {900}


def test_a_narrow_search_keeps_the_best_of_what_a_wide_one_finds() -> None:
    ritual = make_ritual(windows=(parse_window("06:00-23:00"),), ideal=19 * 60)
    few, many = found(ritual), found(ritual, widely=True)
    assert len(few) == FEW < len(many)
    assert few == many[:FEW]


def test_any_longer_version_is_better_than_any_shorter_one() -> None:
    ritual = make_ritual(
        windows=(parse_window("06:00-23:00"),), ideal=6 * 60, ideal_weekday=0, shorter=make_versions(15, 2)
    )
    slots = found(ritual, widely=True, now=at("2026-11-22 20:00"))
    lengths = [slot.end - slot.start for slot in slots]
    assert lengths == sorted(lengths, reverse=True)
    assert max(slot.cost for slot in slots if slot.end - slot.start == 3600) < SHORTER


def test_windows_as_long_as_the_ritual_hold_it_once() -> None:
    assert texts(found(replace(SATURDAY, length=timedelta(hours=3)))) == ["Sat 28 09:00"]
    assert texts(found(replace(SATURDAY, length=timedelta(hours=3, minutes=5)))) == []


def test_a_window_that_a_clock_change_swallows_holds_nothing() -> None:
    ritual = make_ritual(windows=(parse_window("sun 02:00-03:00"),))
    couple = make_couple(partners=make_pair(free=(parse_window("00:00-24:00"),)), rituals=(ritual,))
    assert open_spans(couple, ritual, date(2027, 3, 28), date(2027, 3, 28)) == ()
    assert len(open_spans(couple, ritual, date(2027, 3, 21), date(2027, 3, 21))) == 1


def test_a_buffer_is_a_wall_around_what_is_taken() -> None:
    assert widened(((100, 200), (260, 300)), 30) == ((70, 330),)
    assert widened(((100, 200),), 0) == ((100, 200),)


@pytest.mark.parametrize(("start", "end", "seconds"), [(0, 10, 0), (0, 20, 10), (15, 60, 25), (35, 38, 0), (0, 99, 30)])
def test_what_is_shared_is_counted_in_seconds(start: int, end: int, seconds: int) -> None:
    assert shared(((10, 30), (40, 50)), start, end) == seconds
    assert shared((), start, end) == 0


@pytest.mark.parametrize(
    "zone", ["Europe/Berlin", "America/Sao_Paulo", "Africa/Cairo", "Australia/Lord_Howe", "Asia/Kathmandu"]
)
def test_a_wall_time_is_the_same_instant_as_ever(zone: str) -> None:
    """Days takes a short cut where no clock changes; to_utc never does."""
    first = date(2018, 10, 1).toordinal() if zone == "America/Sao_Paulo" else date(2026, 3, 1).toordinal()
    days = Days(ZoneInfo(zone), first, first + 260)
    chance = Random(7)
    for day in range(first, first + 260):
        for minute in (0, 30, 60, 150, 1439, 1440, 1500, chance.randrange(2880)):
            assert days.at(day, minute) == int(to_utc(date.fromordinal(day), minute, ZoneInfo(zone)).timestamp())
        noon = days.at(day, 720)
        assert days.day_of(noon) == day
        assert days.day_of(days.at(day, 0)) == day
        assert days.day_of(days.at(day + 1, 0) - 1) == day
