"""A ritual for which the two can never meet is told at start, with a way out that works."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from scheduler.content.assets import Assets
from scheduler.domain.errors import ConfigError
from scheduler.domain.ritual import Ritual
from scheduler.settings import load

Read = Callable[..., list[Ritual]]


@pytest.fixture
def rituals(tmp_path: Path) -> Read:
    def load_with(below: str, *, zones: tuple[str, str] = ("Europe/Berlin",) * 2, keys: str = "") -> list[Ritual]:
        path = tmp_path / "config.toml"
        people = [f'[[partner]]\nname = "{x}"\nemail = "{x}@example.org"\nzone = "{zone}"\n{keys}'
                  for x, zone in zip("ab", zones, strict=True)]  # fmt: skip
        path.write_text("\n".join([*people, below]), encoding="utf-8")
        return list(load(path, Assets()).couple.rituals)

    return load_with


def told(rituals: Read, below: str, **how: object) -> str:
    with pytest.raises(ConfigError) as err:
        rituals(below, **how)
    (problem,) = err.value.problems
    assert problem.line
    return problem.text


FAR = ("Europe/Berlin", "Asia/Tokyo")
WALK = '[[ritual]]\nkind = "walk"\n'


def test_zones_whose_windows_never_meet_are_told(rituals: Read) -> None:
    coffee = '[[ritual]]\nkind = "coffee date"\n'
    assert "its windows and the free times of both never meet for 2 minutes" in told(rituals, coffee, zones=FAR)
    assert rituals(coffee)


@pytest.mark.parametrize(
    "ritual",
    [
        'title = "Tea"',
        'kind = "check-in"',
        'title = "Tea"\nevery = "3 a week"',
        'title = "Tea"\nevery = "monthly on first tuesday"',
        'kind = "our day"\nevery = "yearly on 14 june"',
    ],
    ids=["weekly", "weekdays", "several a week", "one weekday a month", "yearly"],
)
@pytest.mark.parametrize("zones", [("Europe/Berlin",) * 2, ("Europe/Berlin", "America/New_York"), FAR])
def test_the_way_out_that_is_named_works(rituals: Read, ritual: str, zones: tuple[str, str]) -> None:
    keys = 'free = ["07:00-12:00", "18:00-23:30", "weekend 07:00-23:00"]\n'
    said = told(rituals, f'[[ritual]]\n{ritual}\nwindows = ["03:00-05:00"]', zones=zones, keys=keys)
    found = re.search(r'; both are free in (windows = \["[^"]+"\]) with (clock_of = "a")$', said)
    assert found, said
    assert rituals(f"[[ritual]]\n{ritual}\n{found[1]}\n{found[2]}", zones=zones, keys=keys)


def test_the_length_that_is_named_works(rituals: Read) -> None:
    tea = '[[ritual]]\ntitle = "Tea"\nwindows = ["weekdays 17:00-20:00"]\nminutes = '
    said = told(rituals, f"{tea}170")
    assert "; minutes = 150 would fit, " in said
    assert rituals(f"{tea}150")


def test_two_who_are_never_free_together_are_told_so(rituals: Read) -> None:
    said = told(rituals, WALK, zones=FAR, keys='free = ["weekdays 06:00-08:00"]\n')
    assert said.endswith("widen free of one of the two: on no such day are both free for so long")


def test_a_version_that_fits_is_enough(rituals: Read) -> None:
    keys = 'free = ["17:30-18:00"]\n'
    assert rituals(WALK, keys=keys)
    assert "for 45 minutes" in told(rituals, WALK + "short = false\ntiny = false\n", keys=keys)


def test_one_week_of_the_year_in_which_they_meet_is_enough(rituals: Read) -> None:
    """Between the clock changes of New York and Berlin the two are an hour nearer than in the rest of the year."""
    zones = ("Europe/Berlin", "America/New_York")
    keys = 'free = ["weekdays 17:00-19:00", "weekdays 12:00-13:30"]\n'
    lunch = '[[ritual]]\ntitle = "Call"\nminutes = 60\nclock_of = "a"\nwindows = ["17:30-18:30"]\n'
    assert rituals(lunch, zones=zones, keys=keys)


def test_rest_days_of_either_leave_no_room(rituals: Read) -> None:
    tea = '[[ritual]]\ntitle = "Tea"\nwindows = ["sunday 15:00-17:00"]\n'
    assert "never meet for 30 minutes" in told(rituals, tea, keys='rest_day = "sunday"\n')


def test_single_days_away_leave_room(rituals: Read) -> None:
    assert rituals(WALK, keys='away = ["2025-01-01 to 2030-12-31"]\ntender = ["1 jan to 31 dec"]\n')


def test_a_night_past_midnight_is_room_in_one_piece(rituals: Read) -> None:
    stars = '[[ritual]]\ntitle = "Stars"\nminutes = 120\nwindows = ["23:00-01:00"]\n'
    assert rituals(stars, keys='free = ["22:00-02:00"]\n')


def test_what_the_file_does_not_name_is_left_to_the_plan(rituals: Read) -> None:
    assert len(rituals("", zones=FAR)) == 3
    assert rituals('[[season]]\nkind = "exams"\nfrom = 2026-12-01\nto = 2026-12-02\n', zones=FAR)[-1].only_in


def test_an_anchor_of_a_kind_that_can_never_hold_is_let_go(rituals: Read) -> None:
    keys = 'bedtime = "03:00"\n'
    assert rituals('[[ritual]]\nkind = "gratitude"\n', keys=keys)[0].anchor is None
    assert rituals('[[ritual]]\nkind = "gratitude"\n')[0].anchor is not None


def test_an_anchor_of_their_own_that_can_never_hold_is_told(rituals: Read) -> None:
    ritual = '[[ritual]]\nkind = "gratitude"\nanchor = "30 min before bed"\n'
    assert "anchor never meets the windows" in told(rituals, ritual, keys='bedtime = "03:00"\n')
    assert rituals(ritual, keys='bedtime = "23:00"\nfree = ["18:00-23:00"]\n')


def test_a_bedtime_after_midnight_holds_where_the_windows_reach_it(rituals: Read) -> None:
    ritual = '[[ritual]]\nkind = "gratitude"\nanchor = "30 min before bed"\n'
    assert rituals(ritual, keys='bedtime = "00:30"\nfree = ["18:00-01:00"]\n')


def test_a_first_free_stretch_longer_than_any_they_share_is_told(rituals: Read) -> None:
    ritual = '[[ritual]]\ntitle = "Tea"\nanchor = "first free 200 min"\nwindows = ["weekdays 17:00-22:00"]\n'
    assert "longer stretch than the two ever have" in told(rituals, ritual, keys='free = ["17:30-20:00"]\n')
    assert rituals(ritual)


def test_an_ideal_time_outside_the_anchor_is_told_where_both_were_written(rituals: Read) -> None:
    ritual = '[[ritual]]\ntitle = "Tea"\nanchor = "60 min before bed"\nwindows = ["18:00-23:00"]\nideal = '
    assert "is never within the anchor" in told(rituals, f'{ritual}"19:00"')
    assert rituals(f'{ritual}"22:00"')


def test_an_ideal_time_in_the_small_hours_belongs_to_the_evening_before(rituals: Read) -> None:
    ritual = '[[ritual]]\ntitle = "Tea"\nanchor = "60 min before bed"\nwindows = ["22:00-02:00"]\nideal = "00:15"\n'
    assert rituals(ritual, keys='bedtime = "01:00"\nfree = ["18:00-02:00"]\n')


def test_two_who_are_always_free_can_meet_at_any_time(rituals: Read) -> None:
    said = told(
        rituals, '[[ritual]]\ntitle = "Tea"\nwindows = ["03:00-03:30"]\n', zones=FAR, keys='free = ["00:00-24:00"]\n'
    )
    assert said.endswith('both are free in windows = ["monday 00:00-00:00"] with clock_of = "a"')
