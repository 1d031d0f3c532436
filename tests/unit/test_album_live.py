"""The page of a running service: the facts it gathers, and what it keeps to itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from scheduler.content.assets import Assets
from scheduler.domain.couple import Couple
from scheduler.domain.dates import Dates, Stretch
from scheduler.domain.freebusy import span_of
from scheduler.domain.localtime import parse_window
from scheduler.domain.season import Season
from scheduler.web.album import Album, render_album
from scheduler.web.gather import live_album
from tests.build import at, make_partner, make_ritual
from tests.world import START, World, usual_couple, world

TALK = make_ritual(
    "talk", title="Weekly talk", discreet_title="Time", windows=(parse_window("sun 09:00-11:00"),), ideal=540
)
SUNDAY = date(2026, 11, 29)


def couple(**changes: Any) -> Couple:
    """Two on one clock; changes are to the first of them, or to the couple."""
    sam = {name: changes.pop(name) for name in ("discreet", "away", "tender") if name in changes}
    partners = (make_partner("sam", **sam), make_partner("kim"))
    return usual_couple(**{"partners": partners, "rituals": (replace(TALK, takes_turns=True),), **changes})


@contextmanager
def living(who: Couple, *, taken: bool = False, joined: bool = True) -> Iterator[World]:
    """A first tick; ``taken``: Kim is on the coming Sunday morning."""
    with world(who, joined=joined) as one:
        if taken:
            one.busy["kim"].set((span_of(at("2026-11-29 07:00"), at("2026-11-29 11:00")),))
        one.service.tick()
        yield one


def album(one: World) -> Album:
    return live_album(one.service, (), "")


def page(one: World) -> str:
    return render_album(album(one), Assets())


def test_a_ritual_comes_with_its_length_and_whose_turn_it_is() -> None:
    with living(couple()) as one:
        words = [slot.words for slot in album(one).partners[0].rituals]
    turns = [said for _, said in words]
    assert {length for length, _ in words} == {"60 min"}
    assert turns in (["Sam plans", "Kim plans"] * 2, ["Kim plans", "Sam plans"] * 2)


def test_what_moved_tells_its_old_time_to_both() -> None:
    with living(couple()) as one:
        one.busy["kim"].set((span_of(at("2026-11-29 08:00"), at("2026-11-29 08:30")),))
        one.service.tick()
        moved = [[slot.was for slot in side.rituals if slot.was] for side in album(one).partners]
    assert moved == [[at("2026-11-29 08:00")]] * 2


def test_what_has_no_place_comes_with_what_would_help() -> None:
    with living(couple(), taken=True) as one:
        (lack,) = album(one).missing
    assert (lack.title, lack.count) == ("Weekly talk", "Mon 23 Nov to Sun 29 Nov")
    assert lack.helps


@pytest.mark.parametrize("joined", [True, False])
def test_nothing_is_missing_before_both_have_said_yes(*, joined: bool) -> None:
    too_short = replace(TALK, windows=(parse_window("sun 09:00-09:30"),))
    with living(couple(rituals=(too_short,)), joined=joined) as one:
        one.service.parts = replace(one.service.parts, sources={})  # nothing to read, so nothing is in doubt
        assert bool(album(one).missing) is joined


def test_a_title_that_one_keeps_discreet_is_in_no_part_that_both_read() -> None:
    with living(couple(discreet=True), taken=True) as one:
        found = album(one)
    assert [lack.title for lack in found.missing] == ["Time"]
    assert "Weekly talk" not in repr(found.missing)


def test_a_day_kept_free_is_shown_and_a_tender_one_is_not() -> None:
    day = Dates((Stretch(SUNDAY, SUNDAY),))
    with living(couple(away=day)) as one:
        assert album(one).kept == {SUNDAY}
        assert "kept free" in page(one)
    with living(couple(tender=day)) as one:
        found, text = album(one), page(one)
    assert (found.kept, found.missing) == (frozenset(), ())
    assert "kept free" not in text


def test_a_calendar_that_cannot_be_read_is_a_note_and_no_list_of_lacks() -> None:
    with living(couple()) as one:
        one.busy["kim"].down = True
        one.clock.set(START + timedelta(days=7))
        one.service.tick()
        found = album(one)
    assert found.missing == ()
    assert found.notes


def test_a_season_stands_over_its_weeks() -> None:
    with living(couple(seasons=(Season("newborn", SUNDAY, SUNDAY + timedelta(days=3)),))) as one:
        assert page(one).count("Newborn") == 2
