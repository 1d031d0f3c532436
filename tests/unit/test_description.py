"""What an event says: what to do, whose turn, why this time, and never a word to a discreet partner's screen."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from scheduler.content.description import Telling, description
from scheduler.content.ics import to_ics
from scheduler.content.specimen import CARD
from scheduler.domain.couple import Partner
from scheduler.domain.event import Event
from scheduler.domain.localtime import parse_window
from scheduler.domain.occurrence import Placement
from scheduler.domain.turns import leader
from tests.build import at, make_couple, make_partner, make_ritual, make_versions, wall

MINUTE = timedelta(minutes=1)
EASY = parse_window("08:00-21:00")
SAM, KIM = make_partner("sam"), make_partner("kim", zone=ZoneInfo("Europe/London"))


def telling(reader: Partner = SAM, *, minutes: int = 60, starts_at: datetime | None = None, **ritual: Any) -> Telling:
    """A coffee on a Tuesday at 19:00 in Berlin."""
    start = starts_at or wall("2026-11-24 19:00")
    partners = (reader, KIM) if reader.id == "sam" else (SAM, reader)
    coffee = make_ritual(**ritual)
    placement = Placement("coffee/2026-W48", start, start + minutes * MINUTE, at("2026-11-23 09:00"))
    return Telling(make_couple(partners=partners, rituals=(coffee,)), coffee, placement, reader)


def lines(one: Telling, *, card: bool = False) -> list[str]:
    return description(one, CARD if card else None).split("\n")


def why(one: Telling, text: str, **changes: Any) -> Telling:
    return replace(one, placement=replace(one.placement, why=text, **changes))


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (60, ["Take an hour."]),
        (15, ["A short one this time.", "", "Take 15 minutes."]),
        (2, ["A tiny one this time.", "", "Take 2 minutes."]),
    ],
)
def test_what_to_do_is_that_of_the_length_it_has(minutes: int, said: list[str]) -> None:
    one = telling(minutes=minutes, how_to=("Take an hour.",), shorter=make_versions(15, 2))
    assert lines(one) == said


def test_the_card_comes_with_the_full_length_alone() -> None:
    full, short = (telling(minutes=minutes, shorter=make_versions(15)) for minutes in (60, 15))
    assert lines(full, card=True)[0] == CARD.prompt
    assert CARD.prompt not in lines(short, card=True)
    assert description(full, replace(CARD, email="link")) == "Sit down together."


def test_what_to_do_has_five_lines_and_the_rest_stands_below_an_empty_one() -> None:
    one = why(telling(how_to=tuple("abcde"), takes_turns=True), "the first evening you are both free")
    assert lines(one)[:6] == [*"abcde", ""]
    assert len(lines(one)) == 8
    assert len(lines(one, card=True)) == 8


def test_the_one_plans_and_the_other_reads_who_does() -> None:
    one = telling(takes_turns=True)
    planner = leader(one.couple, one.ritual, one.placement.period)
    said = {partner.id: lines(replace(one, reader=partner))[-1] for partner in one.couple.partners}
    assert planner
    assert said.pop(planner.id) == "Your turn to plan this one."
    assert [*said.values()] == [f"{planner.name} plans this one."]


def test_a_ritual_without_turns_says_nothing_of_them() -> None:
    assert lines(telling()) == ["Sit down together."]


@pytest.mark.parametrize(
    ("start", "line"),
    [
        ("2026-11-24 06:30", "The early hour is yours this time."),
        ("2026-11-24 07:30", "The early hour is yours this time."),
        ("2026-11-24 20:30", "The late hour is yours this time."),
        ("2026-11-24 23:30", "The late hour is yours this time."),
    ],
)
def test_only_whoever_bears_the_awkward_hour_is_told_so(start: str, line: str) -> None:
    owl = replace(KIM, easy=parse_window("05:00-04:00"))
    one = telling(replace(SAM, easy=EASY), starts_at=wall(start))
    both = replace(one, couple=make_couple(partners=(one.reader, owl), rituals=(one.ritual,)))
    assert lines(both)[-1] == line
    assert lines(replace(both, reader=owl)) == ["Sit down together."]


def test_an_easy_hour_says_nothing() -> None:
    assert lines(telling(replace(SAM, easy=EASY))) == ["Sit down together."]


def test_easy_hours_that_pass_midnight_have_their_early_and_their_late_side_too() -> None:
    night = replace(SAM, easy=parse_window("14:00-02:00"))
    assert lines(telling(night, starts_at=wall("2026-11-24 12:30")))[-1] == "The early hour is yours this time."
    assert lines(telling(night, starts_at=wall("2026-11-24 02:30")))[-1] == "The late hour is yours this time."


def test_the_reason_is_one_line() -> None:
    one = why(telling(), "the first evening you are both free")
    assert lines(one) == ["Sit down together.", "", "Why this time: the first evening you are both free."]


def test_whoever_moved_it_the_reason_is_the_same() -> None:
    before = wall("2026-11-24 18:00")
    by_us = why(
        telling(),
        "the first evening you are both free; moved, for the time before no longer suited you both",
        previous=before,
        moves=1,
    )
    by_drag = why(telling(), "you chose this time", previous=before, held=True)
    assert lines(by_us) == lines(by_drag)
    assert lines(by_us)[-1] == "Why this time: the time before no longer suited you both."


def test_the_time_before_is_told_on_the_readers_own_wall() -> None:
    was = wall("2026-11-24 18:00")
    sams, kims = (replace(telling(reader), was=was) for reader in (SAM, KIM))
    assert lines(sams)[-1] == "Was Tue, Nov 24, 18:00 before."
    assert lines(kims)[-1] == "Was Tue, Nov 24, 17:00 before."
    german = replace(sams, reader=replace(SAM, language="de"))
    assert lines(german)[-1] == "Was Di., 24. Nov., 18:00 before."


def test_a_discreet_partners_event_says_nothing() -> None:
    one = why(telling(replace(SAM, discreet=True, easy=EASY), starts_at=wall("2026-11-24 06:30")), "the first morning")
    turns = replace(one, ritual=replace(one.ritual, takes_turns=True), was=at("2026-11-23 12:00"))
    assert description(turns, CARD) == ""


def test_a_name_adds_no_line_of_its_own() -> None:
    one = telling(KIM, takes_turns=True)
    couple = replace(one.couple, partners=(replace(SAM, name="Sam\r\nBEGIN:VALARM\u202e"), replace(KIM, name="K\nim")))
    for reader in couple.partners:
        text = description(replace(one, couple=couple, reader=reader), None)
        assert len(text.split("\n")) == 3
        start = at("2026-11-24 18:00")
        assert to_ics(Event("u", 0, "Coffee", text, start, start + MINUTE, start)).count(b"BEGIN:VALARM\r\n") == 0
