"""Shorter versions, anchors, rhythms and turns of a ritual, with and without a built-in kind."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from scheduler.content.assets import Assets
from scheduler.domain.cadence import CADENCES, EveryDays, Yearly
from scheduler.domain.errors import ConfigError
from scheduler.domain.ritual import Anchor, Point, Ritual
from scheduler.settings import load

PEOPLE = "\n".join(f'[[partner]]\nname = "{x}"\nemail = "{x}@example.org"\nzone = "Europe/Berlin"' for x in ("a", "b"))
Read = Callable[[str], Ritual]


@pytest.fixture
def ritual(tmp_path: Path) -> Read:
    def load_with(keys: str) -> Ritual:
        path = tmp_path / "config.toml"
        path.write_text(f"{PEOPLE}\n[[ritual]]\n{keys}\n", encoding="utf-8")
        return load(path, Assets()).couple.rituals[0]

    return load_with


def minutes(ritual: Ritual) -> list[int]:
    return [int(one.length.total_seconds()) // 60 for one in ritual.versions]


def test_a_ritual_of_their_own_has_one_length_unless_they_say_so(ritual: Read) -> None:
    assert minutes(ritual('title = "Tea"')) == [30]
    assert minutes(ritual('title = "Tea"\nshort = 10\ntiny = 2')) == [30, 10, 2]
    assert minutes(ritual('title = "Tea"\ntiny = 2')) == [30, 2]


def test_a_shorter_version_without_lines_takes_those_of_the_ritual(ritual: Read) -> None:
    found = ritual('title = "Tea"\nhow_to = ["Sit."]\nshort = 10\ntiny = { minutes = 2, how_to = ["Stand."] }')
    assert [one.how_to for one in found.versions] == [("Sit.",), ("Sit.",), ("Stand.",)]


def test_a_kind_brings_versions_with_lines_of_their_own(ritual: Read) -> None:
    found = ritual('kind = "coffee date"')
    assert minutes(found) == [60, 15, 2]
    assert len({one.how_to for one in found.versions}) == 3


def test_another_length_keeps_the_lines_of_the_kind(ritual: Read) -> None:
    usual = ritual('kind = "coffee date"').shorter[0].how_to
    for written in ("short = 20", "short = { minutes = 20 }", "[ritual.short]\nminutes = 20"):
        assert (ritual(f'kind = "coffee date"\n{written}').shorter[0].how_to, written) == (usual, written)


def test_other_lines_keep_the_length_of_the_kind(ritual: Read) -> None:
    found = ritual('kind = "coffee date"\nshort = { how_to = ["Cake."] }').shorter[0]
    assert (found.length, found.how_to) == (timedelta(minutes=15), ("Cake.",))


@pytest.mark.parametrize("off", ["short = false", "short = 0", "short = { minutes = 0 }"])
def test_a_version_of_a_kind_can_be_left_out(ritual: Read, off: str) -> None:
    assert minutes(ritual(f'kind = "coffee date"\n{off}')) == [60, 2]


def test_a_built_in_version_that_is_no_longer_shorter_is_let_go(ritual: Read) -> None:
    assert minutes(ritual('kind = "coffee date"\nminutes = 15')) == [15, 2]
    assert minutes(ritual('kind = "coffee date"\nshort = 2')) == [60, 2]


def test_an_anchor_is_read_as_people_write_it(ritual: Read) -> None:
    assert ritual('title = "Tea"').anchor is None
    assert ritual('title = "Tea"\nanchor = "first free hour"').anchor == Anchor(Point.FIRST_FREE, timedelta(hours=1))


def test_the_check_in_is_tied_to_work_and_gratitude_to_bedtime(ritual: Read) -> None:
    assert ritual('kind = "check-in"').anchor == Anchor(Point.AFTER_WORK, timedelta(minutes=45))
    assert ritual('kind = "gratitude"').anchor == Anchor(Point.BEFORE_BED, timedelta(minutes=30))
    assert ritual('kind = "gratitude"\nanchor = ""').anchor is None


@pytest.mark.parametrize("change", ['ideal = "21:00"', "minutes = 40", 'windows = ["20:30-21:30"]'])
def test_a_built_in_anchor_gives_way_to_what_they_wrote(ritual: Read, change: str) -> None:
    assert ritual(f'kind = "gratitude"\n{change}').anchor is None


def test_an_anchor_stays_where_they_want_no_ideal_time(ritual: Read) -> None:
    for anchor in ("", 'anchor = "30 min before bed"'):
        found = ritual(f'kind = "gratitude"\nideal = ""\n{anchor}')
        assert (found.ideal, found.anchor) == (None, Anchor(Point.BEFORE_BED, timedelta(minutes=30)))


def test_an_ideal_time_beside_an_anchor_of_their_own_stays(ritual: Read) -> None:
    found = ritual('kind = "gratitude"\nanchor = "90 min before bed"\nideal = "21:30"')
    assert (found.ideal, found.anchor) == (1290, Anchor(Point.BEFORE_BED, timedelta(minutes=90)))


@pytest.mark.parametrize(
    ("written", "least"),
    [("daily", 1), ("weekdays", 3), ("weekly", 7), ("3 a week", 3), ("every 2 weeks", 14), ("every 10 days", 10),
     ("monthly", 31), ("monthly on first sunday", 35), ("quarterly", 92), ("yearly on 14 june", 366)],
)  # fmt: skip
def test_at_least_goes_down_to_what_the_rhythm_can_keep(ritual: Read, written: str, least: int) -> None:
    tea = f'title = "Tea"\nevery = "{written}"\nat_least = '
    assert ritual(f"{tea}{least}").at_least == least
    if least > 1:
        with pytest.raises(ConfigError, match=f"no less than {least}, or a rhythm that comes more often"):
            ritual(f"{tea}{least - 1}")


@pytest.mark.parametrize("written", CADENCES)
def test_the_widest_spacing_and_the_least_at_least_go_together(ritual: Read, written: str) -> None:
    tea = f'title = "Tea"\nevery = "{written}"\n'
    widest, least = (_limit(ritual, f"{tea}{key}") for key in ("spacing = 90", "at_least = 1"))
    found = ritual(f"{tea}spacing = {widest}\nat_least = {least}")
    assert (found.spacing, found.at_least) == (widest, least)


def _limit(ritual: Read, keys: str) -> int:
    try:
        return int(keys.rpartition(" ")[2]) if ritual(keys) else 0
    except ConfigError as err:
        found = re.search(r"(?:at most|no less than) (\d+)", str(err))
        assert found
        return int(found[1])


def test_the_two_plan_the_coffee_date_in_turn_and_may_do_so_with_any_other(ritual: Read) -> None:
    assert ritual('kind = "coffee date"').takes_turns
    assert not ritual('kind = "walk"').takes_turns
    assert ritual('kind = "walk"\ntakes_turns = true').takes_turns


def test_our_day_comes_once_a_year_and_every_ten_days_is_a_rhythm(ritual: Read) -> None:
    assert ritual('kind = "our day"\nevery = "yearly on 29 feb"').cadence == Yearly(2, 29)
    assert ritual('kind = "walk"\nevery = "every 10 days"').cadence == EveryDays(10)
