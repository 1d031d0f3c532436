"""A shift takes more than its hours: the way there and back, and after a night the sleep."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from scheduler.adapters.memory import MemoryBusy
from scheduler.adapters.rota import Rota
from scheduler.domain.errors import Unavailable
from scheduler.domain.freebusy import instant, span_of
from scheduler.domain.localtime import to_utc
from scheduler.ports import BusySource
from tests.contract.test_busy_source import BusySourceContract, MemoryStage, Stage

BERLIN = ZoneInfo("Europe/Berlin")


def berlin(text: str) -> datetime:
    """The instant of "11-24 22:00" on the clock of Berlin in 2026."""
    wall = datetime.fromisoformat(f"2026-{text}")
    return to_utc(wall.date(), wall.hour * 60 + wall.minute, BERLIN)


WEEK = (berlin("11-23 00:00"), berlin("11-30 00:00"))


def rota(*shifts: tuple[str, str], way: int = 30, sleep: int = 8) -> Rota:
    source = MemoryBusy(tuple(span_of(berlin(start), berlin(end)) for start, end in shifts))
    return Rota(source, way=timedelta(minutes=way), sleep=timedelta(hours=sleep), zone=BERLIN)


def taken(source: Rota, starts_at: datetime = WEEK[0], ends_at: datetime = WEEK[1]) -> list[tuple[str, str]]:
    reading = source.read(starts_at, ends_at, None)
    assert reading is not None
    return [(wall(start), wall(end)) for start, end in reading.spans]


def wall(epoch_s: int) -> str:
    return f"{instant(epoch_s).astimezone(BERLIN):%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("shift", "expected"),
    [
        (("11-24 06:00", "11-24 14:00"), ("11-24 05:30", "11-24 14:30")),
        (("11-24 14:00", "11-24 22:00"), ("11-24 13:30", "11-24 22:30")),
        (("11-24 22:00", "11-25 06:00"), ("11-24 21:30", "11-25 14:30")),
        (("11-24 16:00", "11-25 00:00"), ("11-24 15:30", "11-25 08:30")),
        (("11-25 00:30", "11-25 08:00"), ("11-25 00:00", "11-25 16:30")),
        (("11-25 07:30", "11-25 11:30"), ("11-25 07:00", "11-25 12:00")),
        (("11-24 20:00", "11-25 12:00"), ("11-24 19:30", "11-25 12:30")),
    ],
    ids=["early", "late", "night", "until midnight", "after midnight", "a morning", "until noon"],
)
def test_a_shift_takes_its_way_and_a_night_its_sleep(shift: tuple[str, str], expected: tuple[str, str]) -> None:
    assert taken(rota(shift)) == [expected]


def test_without_way_and_sleep_a_shift_takes_its_hours() -> None:
    assert taken(rota(("11-24 22:00", "11-25 06:00"), way=0, sleep=0)) == [("11-24 22:00", "11-25 06:00")]


def test_two_nights_in_a_row_leave_the_afternoon() -> None:
    nights = rota(("11-24 22:00", "11-25 06:00"), ("11-25 22:00", "11-26 06:00"))
    assert taken(nights) == [("11-24 21:30", "11-25 14:30"), ("11-25 21:30", "11-26 14:30")]


def test_sleep_is_as_long_when_the_clock_goes_back_that_night() -> None:
    night = rota(("10-24 22:00", "10-25 06:00"))
    assert taken(night, berlin("10-24 00:00"), berlin("10-26 00:00")) == [("10-24 21:30", "10-25 14:30")]


def test_a_night_that_ended_before_the_window_is_slept_off_inside_it() -> None:
    night = rota(("11-24 20:00", "11-25 08:00"))
    assert taken(night, berlin("11-25 16:00"), berlin("11-25 20:00")) == [("11-25 16:00", "11-25 16:30")]


def test_the_way_to_a_shift_after_the_window_begins_inside_it() -> None:
    shift = rota(("11-24 14:00", "11-24 22:00"))
    assert taken(shift, berlin("11-24 10:00"), berlin("11-24 14:00")) == [("11-24 13:30", "11-24 14:00")]


def test_what_does_not_reach_the_window_is_not_in_it() -> None:
    assert taken(rota(("11-22 06:00", "11-22 14:00"), ("12-01 06:00", "12-01 14:00"))) == []


def test_an_unchanged_plan_is_not_read_again() -> None:
    source = rota(("11-24 06:00", "11-24 14:00"))
    first = source.read(*WEEK, None)
    assert first is not None
    assert source.read(*WEEK, first.version) is None


def test_a_change_of_the_plan_or_of_its_rules_is_a_new_version() -> None:
    plan = MemoryBusy((span_of(berlin("11-24 06:00"), berlin("11-24 14:00")),))
    rules = {"way": timedelta(minutes=30), "sleep": timedelta(hours=8)}
    reading = Rota(plan, zone=BERLIN, **rules).read(*WEEK, None)
    assert reading is not None
    others = [
        Rota(plan, zone=BERLIN, way=timedelta(0), sleep=rules["sleep"]),
        Rota(plan, zone=BERLIN, way=rules["way"], sleep=timedelta(0)),
        Rota(plan, zone=ZoneInfo("Europe/London"), **rules),
    ]
    assert all(other.read(*WEEK, reading.version) is not None for other in others)
    plan.set(())
    changed = Rota(plan, zone=BERLIN, **rules).read(*WEEK, reading.version)
    assert changed is not None
    assert changed.spans == ()


def test_the_version_of_a_plain_source_is_not_taken_for_ours() -> None:
    plan = MemoryBusy()
    plain = plan.read(*WEEK, None)
    assert plain is not None
    wrapped = Rota(plan, way=timedelta(0), sleep=timedelta(0), zone=BERLIN)
    assert wrapped.read(*WEEK, plain.version) is not None


def test_a_plan_that_cannot_be_read_is_unknown() -> None:
    plan = MemoryBusy()
    plan.down = True
    with pytest.raises(Unavailable):
        Rota(plan, way=timedelta(0), sleep=timedelta(0), zone=BERLIN).read(*WEEK, None)


class PlainStage:
    """A rota whose shifts take no more than their hours."""

    def __init__(self) -> None:
        self._plan = MemoryStage()
        self.source: BusySource = Rota(self._plan.source, way=timedelta(0), sleep=timedelta(0), zone=BERLIN)
        self.say, self.become_unreadable = self._plan.say, self._plan.become_unreadable


class TestRota(BusySourceContract):
    @pytest.fixture
    def stage(self) -> Stage:
        return PlainStage()
