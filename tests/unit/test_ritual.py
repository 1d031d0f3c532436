"""A rhythm is read as people write it, and said back in the same words."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from scheduler.domain.cadence import CADENCES, Cadence, Daily, Monthly, Quarterly, Weekly, cadence_text, parse_cadence
from tests.build import make_ritual


@pytest.mark.parametrize(
    ("text", "cadence"),
    [
        ("daily", Daily()),
        ("weekdays", Daily(frozenset({0, 1, 2, 3, 4}))),
        ("weekly", Weekly()),
        ("1 a week", Weekly()),
        ("3 a week", Weekly(times=3)),
        ("3 times a week", Weekly(times=3)),
        ("3 x a week", Weekly(times=3)),
        ("2 per week", Weekly(times=2)),
        ("every 2 weeks", Weekly(every=2)),
        ("every 1 week", Weekly()),
        ("  Every  2   Weeks ", Weekly(every=2)),
        ("monthly", Monthly()),
        ("monthly on 15", Monthly(day=15)),
        ("monthly on the 1st", Monthly(day=1)),
        ("monthly on 31", Monthly(day=31)),
        ("monthly on first sunday", Monthly(nth=1, weekday=6)),
        ("monthly on the last fri", Monthly(nth=-1, weekday=4)),
        ("quarterly", Quarterly()),
    ],
)
def test_a_rhythm_is_read_as_people_write_it(text: str, cadence: Cadence) -> None:
    assert parse_cadence(text) == cadence


@pytest.mark.parametrize(
    "text",
    ["weekley", "8 a week", "0 a week", "every 0 weeks", "every 53 weeks", "monthly on 0", "monthly on 32",
     "monthly on fifth sunday", "monthly on first someday", "yearly", "every day", ""],
)  # fmt: skip
def test_what_is_no_rhythm_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a cadence|times a week|day of the month|not a weekday"):
        parse_cadence(text)


@pytest.mark.parametrize("text", CADENCES)
def test_every_form_that_is_offered_is_read_and_said_back_alike(text: str) -> None:
    assert cadence_text(parse_cadence(text)) == text


@pytest.mark.parametrize(
    "cadence",
    [Monthly(nth=nth, weekday=weekday) for nth in (1, 2, 3, 4, -1) for weekday in range(7)]
    + [Weekly(times=times) for times in range(1, 8)]
    + [Weekly(every=every) for every in (2, 3, 52)]
    + [Monthly(day=day) for day in (1, 28, 31)],
    ids=cadence_text,
)
def test_saying_a_rhythm_and_reading_it_again_gives_the_same(cadence: Cadence) -> None:
    assert parse_cadence(cadence_text(cadence)) == cadence


def test_several_times_in_every_second_week_has_no_meaning() -> None:
    with pytest.raises(ValueError, match="several times a week means every week"):
        Weekly(times=2, every=2)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"length": timedelta(seconds=59)}, "1 minute to 12 hours"),
        ({"length": timedelta(hours=12, seconds=1)}, "1 minute to 12 hours"),
        ({"windows": ()}, "at least one window"),
        ({"how_to": ()}, "one to five lines"),
        ({"how_to": ("line",) * 6}, "one to five lines"),
    ],
)
def test_an_impossible_ritual_cannot_exist(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        make_ritual(**changes)


def test_the_longest_and_the_shortest_ritual_can_exist() -> None:
    assert make_ritual(length=timedelta(hours=12)).length > make_ritual(length=timedelta(minutes=1)).length


def test_weeks_are_counted_from_a_monday() -> None:
    assert Weekly().anchor == date(1970, 1, 5)
    assert Weekly().anchor.weekday() == 0
