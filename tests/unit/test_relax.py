"""What would help: the smallest changes that give a place, each true when the couple makes it, nobody's day told."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from scheduler.domain.cadence import Weekly
from scheduler.domain.couple import Couple, Partner, PlanRules
from scheduler.domain.freebusy import Spans
from scheduler.domain.localtime import WallSpan, Windows, parse_window
from scheduler.domain.occurrence import Fate, Placement
from scheduler.domain.planning import Question, plan
from scheduler.domain.relax import Relaxation, relaxations
from scheduler.domain.ritual import Ritual, parse_anchor
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

WEEK = PlanRules(horizon=timedelta(days=7))
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Case:
    """A couple of whom the walk has no place, and what helps, smallest first."""

    couple: Couple
    helps: tuple[str, ...]
    sam: Spans = ()
    kim: Spans = ()
    placed: tuple[Placement, ...] = ()

    @property
    def question(self) -> Question:
        return make_question(self.couple, self.placed, sam=self.sam, kim=self.kim)


def walk(*windows: str, **changes: Any) -> Ritual:
    return make_ritual("walk", windows=tuple(parse_window(text) for text in windows), **changes)


def home(*rituals: Ritual, **changes: Any) -> Couple:
    return make_couple(**{"partners": make_pair(), "rituals": rituals, "rules": WEEK, **changes})


def found(question: Question, most: int = 3) -> tuple[Relaxation, ...]:
    answer = plan(question)
    walks = [one for one in answer.unplaced if one.occurrence.ritual == "walk"]
    assert walks, "the walk has a place already"
    return relaxations(question, answer, walks[0], most)


def every_day(*times: str) -> Spans:
    return taken(*(f"2026-11-{day} {time}" for day in range(23, 31) for time in times))


COFFEE = make_ritual("coffee", windows=(parse_window("sat 10:00-11:00"),))
COFFEE_STANDS = plan(make_question(home(COFFEE))).standing
SATURDAY_FULL = taken("2026-11-28 06:00-10:00", "2026-11-28 11:00-23:00")
LONDON = make_partner("kim", zone=ZoneInfo("Europe/London"))

CASES = {
    "a narrow evening": Case(
        home(walk("thu 18:00-20:00")),
        ("30 instead of 60 minutes", "allow Thursday from 17:30", "allow Friday 18:00 to 19:00"),
        kim=taken("2026-11-26 18:30-21:00"),
    ),
    "a late evening": Case(
        home(walk("thu 18:00-20:00", shorter=make_versions(45))),
        ("30 instead of 45 minutes", "allow Thursday until 20:30", "allow Friday 18:00 to 19:00"),
        kim=taken("2026-11-26 12:00-19:30"),
    ),
    "a buffer": Case(
        home(walk("sat 10:00-11:00", buffer=timedelta(minutes=15))),
        ("without the 15 minutes kept free around it", "30 instead of 60 minutes", "allow Friday 10:00 to 11:00"),
        kim=taken("2026-11-28 06:00-09:50", "2026-11-28 11:05-23:00"),
    ),
    "spacing": Case(
        home(walk("sat, sun 10:00-12:00", cadence=Weekly(times=2), spacing=2)),
        ("1 instead of 2 days from one to the next",),
    ),
    "a full day": Case(
        home(COFFEE, walk("sat 12:00-13:00"), rules=replace(WEEK, max_a_day=1)),
        ("2 instead of 1 rituals a day", "allow Friday 12:00 to 13:00", "allow Sunday 12:00 to 13:00"),
    ),
    "a full week": Case(
        home(COFFEE, walk("sun 12:00-13:00"), rules=replace(WEEK, max_a_week=1)), ("2 instead of 1 rituals a week",)
    ),
    "too soon": Case(
        home(walk("mon 18:00-20:00")),
        ("with 6 instead of 12 hours' notice", "allow Friday 18:00 to 19:00", "allow Saturday 18:00 to 19:00"),
    ),
    "another ritual": Case(
        home(walk("sat 10:00-11:00"), COFFEE),
        ("allow Friday 10:00 to 11:00", "allow Sunday 10:00 to 11:00", "if Coffee on Saturday 28 November gave way"),
        kim=SATURDAY_FULL,
        placed=COFFEE_STANDS,
    ),
    "before bed": Case(
        home(
            walk("19:00-23:00", length=timedelta(minutes=15), anchor=parse_anchor("30 min before bed")),
            partners=make_pair(bedtime=22 * 60),
        ),
        ("within 60 instead of 30 minutes before bed",),
        kim=every_day("21:20-22:00"),
    ),
    "the first hour": Case(
        home(walk("sat 08:00-20:00", length=timedelta(minutes=30), anchor=parse_anchor("first free hour"))),
        ("at any hour of its windows, not tied to the first free hour",),
        kim=taken(*(f"2026-11-28 {hour:02d}:45-{hour:02d}:55" for hour in range(7, 21))),
    ),
    "two clocks": Case(
        home(walk("thu 18:00-22:00"), partners=(make_pair()[0], LONDON)),
        (),
        kim=taken("2026-11-26 19:00-23:00"),
    ),
}


def apply(one: Relaxation, couple: Couple) -> tuple[Couple, str]:
    """The couple once they have done what the line says, and the ritual that gave way, if it is that."""
    ritual = couple.ritual("walk")
    assert ritual is not None
    numbers = [int(number) for number in re.findall(r"\b\d+\b", one.text)]
    if found := re.fullmatch(r"if (\w+) on .* gave way", one.text):
        return couple, found[1].lower()
    if one.text.startswith("allow "):
        return _with_hours(couple, ritual, one), ""
    if "minutes kept free" in one.text:
        return _with(couple, replace(ritual, buffer=timedelta(0))), ""
    if "minutes after work" in one.text or "minutes before bed" in one.text:
        assert ritual.anchor is not None
        within = replace(ritual.anchor, within=numbers[0] * MINUTE)
        return _with(couple, replace(ritual, anchor=within)), ""
    if one.text.startswith("at any hour"):
        return _with(couple, replace(ritual, anchor=None)), ""
    if one.text.endswith("minutes"):
        assert ritual.versions[-1].length == numbers[1] * MINUTE
        return _with(couple, replace(ritual, shorter=(*ritual.shorter, *make_versions(numbers[0])))), ""
    if "days from one" in one.text:
        return _with(couple, replace(ritual, spacing=numbers[0])), ""
    fields: dict[str, tuple[str, Any]] = {"a day": ("max_a_day", numbers[0]), "a week": ("max_a_week", numbers[0])}
    fields["notice"] = ("notice", timedelta(hours=numbers[0]))
    name, value = next(field for words, field in fields.items() if one.text.endswith(words))
    return replace(couple, rules=replace(couple.rules, **{name: value})), ""


def _with(couple: Couple, ritual: Ritual) -> Couple:
    return replace(couple, rituals=tuple(ritual if one.id == ritual.id else one for one in couple.rituals))


def _with_hours(couple: Couple, ritual: Ritual, one: Relaxation) -> Couple:
    """The hours that were named are open for both, and for the ritual."""
    walls = [_wall(one, partner) for partner in couple.partners]
    partners = [replace(p, free=_more(p.free, wall)) for p, wall in zip(couple.partners, walls, strict=True)]
    windows: Windows = ritual.windows
    for wall in walls:
        windows = _more(windows, wall)
    return replace(_with(couple, replace(ritual, windows=windows)), partners=(partners[0], partners[1]))


def _wall(one: Relaxation, partner: Partner) -> WallSpan:
    start, end = (moment.astimezone(partner.zone) for moment in (one.starts_at, one.ends_at))
    minute = 60 * start.hour + start.minute
    return WallSpan(minute, minute + (end - start) // MINUTE, frozenset({start.weekday()}))


def _more(windows: Windows, wall: WallSpan) -> Windows:
    return (*windows, wall)


@pytest.mark.parametrize("name", CASES)
def test_the_smallest_change_comes_first(name: str) -> None:
    case = CASES[name]
    assert tuple(one.text for one in found(case.question))[: len(case.helps)] == case.helps


@pytest.mark.parametrize("name", CASES)
def test_each_gives_the_place_it_names_and_takes_none(name: str) -> None:
    question = CASES[name].question
    before = plan(question)
    (wanted, *_) = [one.occurrence.key for one in before.unplaced if one.occurrence.ritual == "walk"]
    for one in found(question, most=9):
        couple, gone = apply(one, question.couple)
        stands = [replace(stood, fate=Fate.DECLINED) if stood.ritual == gone else stood for stood in before.standing]
        after = {stood.key: stood for stood in plan(replace(question, couple=couple, placed=stands)).standing}
        assert wanted in after, one.text
        assert (after[wanted].starts_at, after[wanted].ends_at) == (one.starts_at, one.ends_at), one.text
        assert {stood.key for stood in before.standing if stood.ritual != gone} <= after.keys(), one.text


@pytest.mark.parametrize("name", CASES)
def test_no_line_tells_whose_calendar_is_full(name: str) -> None:
    case = CASES[name]
    swapped = replace(case, sam=case.kim, kim=case.sam)
    lines = [one.text for one in found(case.question, most=9)]
    assert lines == [one.text for one in found(swapped.question, most=9)]
    assert not [line for line in lines if re.search(r"busy|taken|calendar|meeting|work day", line)]


def test_two_zones_name_both_clocks() -> None:
    lines = [one.text for one in found(CASES["two clocks"].question) if one.text.startswith("allow")]
    assert lines
    assert all(re.search(r"18:00.* for Sam, .*17:00.* for Kim", line) for line in lines)


@pytest.mark.parametrize("most", [0, 1, 2, 3])
def test_no_more_are_told_than_asked_for(most: int) -> None:
    question = CASES["a narrow evening"].question
    assert found(question, most) == found(question, 9)[:most]


def test_of_each_kind_only_the_smallest_is_told() -> None:
    lines = [one.text for one in found(CASES["a narrow evening"].question, most=9)]
    assert sum("instead of 60 minutes" in line for line in lines) == 1
    assert sum(line.startswith("allow") for line in lines) <= 2


def test_nothing_is_offered_while_a_calendar_cannot_be_read() -> None:
    question = CASES["a narrow evening"].question
    blind = replace(question, busy=(replace(question.busy[0], trusted=False), question.busy[1]))
    assert found(blind) == ()


def test_nothing_is_offered_for_a_ritual_that_left_the_file() -> None:
    question = CASES["a narrow evening"].question
    answer = plan(question)
    assert relaxations(replace(question, couple=home(COFFEE)), answer, answer.unplaced[0]) == ()


def test_no_day_kept_free_is_offered() -> None:
    pair = make_pair(away=WEEK.away)
    rules = replace(WEEK, away=replace(WEEK.away, weekdays=frozenset(range(7))))
    assert found(make_question(home(walk("18:00-20:00"), rules=rules, partners=pair))) == ()


def test_what_a_person_chose_is_not_asked_to_give_way() -> None:
    case = CASES["another ritual"]
    held = tuple(replace(one, held=True) for one in COFFEE_STANDS)
    lines = [one.text for one in found(replace(case, placed=held).question, most=9)]
    assert "if Coffee on Saturday 28 November gave way" not in lines


def test_a_ritual_further_up_in_the_file_is_not_asked_to_give_way() -> None:
    couple = home(COFFEE, walk("sat 10:00-11:00"))
    lines = [one.text for one in found(make_question(couple, COFFEE_STANDS, kim=SATURDAY_FULL), most=9)]
    assert not [line for line in lines if "gave way" in line]


def test_where_all_days_are_full_nothing_is_offered() -> None:
    assert found(make_question(home(walk("18:00-20:00")), kim=taken("2026-11-20 00:00-23:59", *_whole_days()))) == ()


def _whole_days() -> Sequence[str]:
    return [f"2026-11-{day} 00:00-00:00" for day in range(21, 31)]


def test_the_same_question_has_the_same_offers() -> None:
    for case in CASES.values():
        assert found(case.question, 9) == found(case.question, 9)


def test_a_line_says_the_edge_that_has_to_change() -> None:
    """The evening begins at 18:00 as it is; what is short is Sam's end of it."""
    sam, kim = make_pair()
    couple = home(walk("thu 18:00-22:00"), partners=(replace(sam, free=(parse_window("07:00-18:30"),)), kim))
    lines = [one.text for one in found(make_question(couple, kim=taken("2026-11-26 06:00-18:00")), most=9)]
    assert "allow Thursday from 18:00" not in lines


def test_what_was_withdrawn_is_offered_only_where_it_may_come_back() -> None:
    """What stood before comes back no sooner than the freeze ends, whatever notice new ones need."""
    couple = home(
        walk("tue 10:00-11:00", length=timedelta(minutes=30)), rules=replace(WEEK, freeze=timedelta(hours=40))
    )
    start: datetime = at("2026-11-24 09:00")
    gone = Placement(
        "walk/2026-W48", start, start + timedelta(minutes=30), start - timedelta(days=9), fate=Fate.WITHDRAWN
    )
    question = make_question(couple, [gone])
    for one in found(question, most=9):
        changed, _ = apply(one, couple)
        after = plan(replace(question, couple=changed))
        assert local(one.starts_at) in [local(stood.starts_at) for stood in after.standing], one.text
