"""What stands beside a time in a mail, and below the week: turns, lengths, reasons, what found no time."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from scheduler.content.specimen import specimens
from scheduler.domain.digest import Letter, RitualTime, WithoutTime
from scheduler.domain.message import MailKind
from scheduler.domain.ritual import Size
from tests.build import at
from tests.world import templates

MONDAY = at("2026-11-23 17:00")
DAY = timedelta(days=1)


def time_of(ritual: str = "coffee", days_on: int = 0, **changes: Any) -> RitualTime:
    start = MONDAY + days_on * DAY
    return RitualTime(ritual, ritual.capitalize(), start, start + timedelta(hours=1), **changes)


def letter_of(kind: MailKind, *coming: RitualTime, discreet: bool = False, **changes: Any) -> Letter:
    found = next(one for one in specimens() if one.kind is kind and one.partner.discreet is discreet)
    return replace(found, coming=coming, **changes)


def lines(letter: Letter) -> list[str]:
    text = templates().render(letter, "Calendar", "calendar@example.org", "k1").text
    return [line.strip() for line in text.splitlines()]


TELLING_TIMES = pytest.mark.parametrize(
    "kind", [MailKind.DIGEST, MailKind.TIME_SET, MailKind.QUESTION], ids=lambda kind: kind.value
)


@TELLING_TIMES
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "18:00–19:00  Coffee"),
        ({"size": Size.SHORT}, "18:00–19:00  Coffee, a short one"),
        ({"size": Size.TINY, "yours": True}, "18:00–19:00  Coffee, a tiny one, your turn to plan"),
        ({"yours": False}, "18:00–19:00  Coffee, Kim plans"),
    ],
)
def test_length_and_turn_stand_behind_the_title(kind: MailKind, changes: dict[str, Any], said: str) -> None:
    assert said in lines(letter_of(kind, time_of(**changes)))


def test_of_a_new_time_nobody_else_is_named() -> None:
    previous = MONDAY - DAY
    mine, theirs = (time_of(previous=previous, size=Size.SHORT, yours=yours) for yours in (True, False))
    assert "Coffee, a short one, your turn to plan" in lines(letter_of(MailKind.NEW_TIME, mine))
    assert "Coffee, a short one" in lines(letter_of(MailKind.NEW_TIME, theirs))


def test_the_same_reason_is_told_once_for_a_ritual_and_another_one_anew() -> None:
    week = [time_of("check-in", day, why="soon after the later of you two is done") for day in range(3)]
    week.append(time_of("check-in", 3, why="the first evening you are both free"))
    week.append(time_of("walk", 4, why="the first evening you are both free"))
    said = lines(letter_of(MailKind.DIGEST, *week))
    assert said.count("Soon after the later of you two is done.") == 1
    assert said.count("The first evening you are both free.") == 2


def test_the_digest_tells_where_a_time_stood_before() -> None:
    moved = time_of(previous=MONDAY - DAY, why="the time before no longer suited you both")
    said = lines(letter_of(MailKind.DIGEST, moved))
    at_coffee = said.index("18:00–19:00  Coffee")
    assert said[at_coffee + 2 :][:2] == [
        "before: Sunday, November 22, 18:00",
        "The time before no longer suited you both.",
    ]
    assert not [line for line in lines(letter_of(MailKind.QUESTION, moved)) if line.startswith("before")]


def without(**changes: Any) -> str:
    """What the digest says of a supper that found no time, on one line."""
    supper = WithoutTime("Supper", "nothing long enough is free for you both", **changes)
    text = " ".join(lines(letter_of(MailKind.DIGEST, without_time=(supper,))))
    return text.partition("Without a time ")[2].partition(" Leave it so")[0].strip()


REASON = "nothing long enough is free for you both."
BOTH = {"days": (date(2026, 11, 24), date(2026, 11, 26))}
ON_BOTH = f"Supper found no time on Tuesday and Thursday: {REASON}"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, f"Supper found no time: {REASON}"),
        (
            {"remedy": "30 instead of 60 minutes"},
            f"Supper found no time: {REASON} What would help: 30 instead of 60 minutes.",
        ),
        ({"partly": True}, f"Supper found no further time: {REASON}"),
        ({"days": (date(2026, 11, 24),), "partly": True}, f"Supper found no time on Tuesday: {REASON}"),
        ({**BOTH, "remedy": "20 instead of 30"}, f"{ON_BOTH} What would help on Tuesday: 20 instead of 30."),
        ({**BOTH, "remedy": "allow Tuesday from 17:30"}, f"{ON_BOTH} What would help: allow Tuesday from 17:30."),
        ({"days": tuple(date(2026, 11, day) for day in range(23, 30))}, f"Supper found no time: {REASON}"),
    ],
)
def test_what_found_no_time_is_told_in_one_breath(changes: dict[str, Any], said: str) -> None:
    assert without(**changes) == said


def test_where_all_found_its_time_nothing_is_said_of_it() -> None:
    assert "Without a time" not in lines(letter_of(MailKind.DIGEST, time_of()))


@pytest.mark.parametrize("kind", MailKind, ids=lambda kind: kind.value)
def test_a_discreet_reader_gets_times_and_no_more(kind: MailKind) -> None:
    full = time_of(size=Size.TINY, yours=False, why="the first evening")
    facts = {"without_time": (WithoutTime("Supper", "taken"),), "tone": "Short is good enough."}
    bare = replace(full, size=Size.FULL, yours=None, why="")
    assert lines(letter_of(kind, full, discreet=True, **facts)) == lines(letter_of(kind, bare, discreet=True))
