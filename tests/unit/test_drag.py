"""What a person's drag means: their time where it suits both, else the next one that does, else their time."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from scheduler.domain.couple import Couple
from scheduler.domain.drag import adopted_time
from scheduler.domain.freebusy import BusyView, span_of
from scheduler.domain.localtime import parse_window
from scheduler.domain.occurrence import Fate, Placement
from scheduler.domain.planning import Question
from tests.build import at, make_couple, make_partner, make_ritual

NOW = at("2026-11-23 09:00")
COFFEE = make_ritual(windows=(parse_window("sat 09:00-14:00"),))
COUPLE = make_couple(
    partners=(
        make_partner("sam"),
        make_partner("kim", zone=ZoneInfo("Europe/Berlin"), free=(parse_window("07:00-21:00"),)),
    ),
    rituals=(COFFEE,),
)
STOOD = Placement("coffee/2026-W48", at("2026-11-28 09:00"), at("2026-11-28 10:00"), at("2026-11-22 09:00"), moves=1)


def hour(text: str) -> tuple[datetime, datetime]:
    return at(text), at(text) + timedelta(hours=1)


def dragged(
    to: str, *, kim: tuple[str, ...] = (), placed: tuple[Placement, ...] = (), mover: str = "sam", trusted: bool = True
) -> Placement:
    taken = tuple(span_of(*hour(one)) for one in kim)
    question = Question(COUPLE, placed, (BusyView((), trusted), BusyView(taken)), NOW)
    return adopted_time(question, STOOD, hour(to), mover)


def test_a_time_that_suits_the_other_is_taken_and_holds() -> None:
    found = dragged("2026-11-28 15:00")
    assert (found.starts_at, found.ends_at) == hour("2026-11-28 15:00")
    assert found.held
    assert found.why == "you chose this time"
    assert (found.previous, found.decided_at) == (STOOD.starts_at, NOW)
    assert found.moves == STOOD.moves, "only our own moves are counted"


def test_a_time_when_the_other_is_taken_becomes_the_next_one_free_for_both() -> None:
    found = dragged("2026-11-28 10:00", kim=("2026-11-28 10:00", "2026-11-28 11:00"))
    assert (found.starts_at, found.ends_at) == hour("2026-11-28 12:00")
    assert not found.held
    assert found.why == "the next time you are both free"


def test_the_next_time_is_later_than_the_one_that_was_asked_for() -> None:
    assert dragged("2026-11-28 11:00", kim=("2026-11-28 11:00",)).starts_at == at("2026-11-28 12:00")


def test_a_time_outside_the_others_windows_does_not_suit_them() -> None:
    late = dragged("2026-11-27 19:30")  # until 21:30 in Berlin
    assert late.starts_at == at("2026-11-28 08:00")
    assert not late.held


def test_where_nothing_is_free_for_both_the_persons_time_stands() -> None:
    everything = tuple(f"2026-11-28 {number:02d}:00" for number in range(8, 24))
    found = dragged("2026-11-28 11:00", kim=everything)
    assert (found.starts_at, found.held) == (at("2026-11-28 11:00"), True)


def test_another_ritual_of_the_two_is_not_pushed_aside_by_the_next_time() -> None:
    walk = Placement("walk/2026-W48", *hour("2026-11-28 12:00"), NOW)
    busy = ("2026-11-28 11:00",)
    assert dragged("2026-11-28 11:00", kim=busy, placed=(walk,)).held, "13:00 in Berlin was the last that fits"
    gone = replace(walk, fate=Fate.DECLINED)
    assert dragged("2026-11-28 11:00", kim=busy, placed=(gone,)).starts_at == at("2026-11-28 12:00")


def test_with_a_calendar_that_cannot_be_read_nothing_is_offered() -> None:
    found = dragged("2026-11-28 10:00", kim=("2026-11-28 10:00",), trusted=False)
    assert (found.starts_at, found.held) == (at("2026-11-28 10:00"), True)


def test_ones_own_busy_times_do_not_speak_against_ones_own_drag() -> None:
    found = dragged("2026-11-28 10:00", kim=("2026-11-28 10:00",), mover="kim")
    assert (found.starts_at, found.held) == (at("2026-11-28 10:00"), True)


def test_a_ritual_that_left_the_file_goes_where_it_was_put() -> None:
    bare = Couple("home", COUPLE.partners, ())
    question = Question(bare, (), (BusyView(()), BusyView((span_of(*hour("2026-11-28 10:00")),))), NOW)
    assert adopted_time(question, STOOD, hour("2026-11-28 10:00"), "sam").starts_at == at("2026-11-28 10:00")
