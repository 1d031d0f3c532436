"""What events say as the weeks go on: the time before a move, a shorter one in a full week, and no news for news."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from scheduler.domain.couple import Couple
from scheduler.domain.event import Event
from scheduler.domain.localtime import parse_window
from tests.build import make_couple, make_ritual, make_versions, taken
from tests.world import MAIL, START, World, world

COFFEE = make_ritual(windows=(parse_window("sat 09:00-13:00"),), ideal=600, shorter=make_versions(15))
MOVED = "Why this time: the time before no longer suited you both."


def couple() -> Couple:
    return make_couple(rituals=(COFFEE,), mail=MAIL)


def coffee(w: World, partner: str) -> Event:
    return w.calendars[partner].events[0]


def said(w: World, partner: str) -> list[str]:
    return coffee(w, partner).description.split("\n")


def test_a_clash_tells_each_the_time_before_on_their_own_clock() -> None:
    with world(couple()) as w:
        w.service.tick()
        assert said(w, "sam")[2].startswith("Why this time: ")
        w.busy["kim"].set(taken("2026-11-28 10:30-11:30"))
        w.clock.advance(timedelta(hours=1))
        w.service.tick()
        assert said(w, "sam")[2:] == [MOVED, "Was Sat, Nov 28, 10:00 before."]
        assert said(w, "kim")[2:] == [MOVED, "Was Sat, Nov 28, 09:00 before."]


def test_a_drag_reads_like_a_clash_and_the_movers_own_event_is_left_alone() -> None:
    with world(couple()) as w:
        w.service.tick()
        before = said(w, "kim")
        moved = coffee(w, "kim")
        w.calendars["kim"].person_moves(moved.uid, moved.starts_at + timedelta(minutes=30))
        w.clock.advance(timedelta(hours=1))
        w.service.tick()
        assert said(w, "kim") == before
        assert said(w, "sam")[2:] == [MOVED, "Was Sat, Nov 28, 10:00 before."]


def test_a_full_week_has_the_short_one_and_says_so_first() -> None:
    with world(couple()) as w:
        w.busy["sam"].set(taken("2026-11-28 10:15-13:00"))
        w.service.tick()
        assert said(w, "kim")[:3] == ["A short one this time.", "", "Take 15 minutes."]
        assert coffee(w, "kim").ends_at - coffee(w, "kim").starts_at == timedelta(minutes=15)


def test_other_words_alone_are_no_reason_to_write_an_event_anew() -> None:
    with world(couple()) as w:
        w.service.tick()
        before = {name: w.calendars[name].events for name in ("sam", "kim")}
        others = replace(couple(), rituals=(replace(COFFEE, how_to=("Stand up together.",), takes_turns=True),))
        later = w.restarted(couple=others)
        later.clock.advance(timedelta(hours=1))
        later.service.tick()
        assert {name: w.calendars[name].events for name in ("sam", "kim")} == before


def test_whoever_comes_back_from_a_pause_reads_of_no_move() -> None:
    with world(couple()) as w:
        w.service.pause("kim", until=START.date() + timedelta(days=20))
        w.service.tick()
        w.busy["sam"].set(taken("2026-11-28 10:30-11:30"))
        w.clock.advance(timedelta(hours=1))
        w.service.tick()
        assert said(w, "sam")[-1] == "Was Sat, Nov 28, 10:00 before."
        w.service.join("kim", shown="text")
        w.service.tick()
        assert [line for line in said(w, "kim") if line.startswith("Was")] == []
