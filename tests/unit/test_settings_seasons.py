"""Seasons: what the built-in ones change, what a couple changes about them, and the rituals that they bring."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from scheduler.content.assets import Assets
from scheduler.domain.couple import Couple
from scheduler.domain.message import MailKind
from scheduler.domain.ritual import Size
from scheduler.settings import load

PEOPLE = "\n".join(f'[[partner]]\nname = "{x}"\nemail = "{x}@example.org"\nzone = "Europe/Berlin"' for x in ("a", "b"))
WINTER = "from = 2026-12-01\nto = 2027-02-28\n"
Read = Callable[[str], Couple]
_UNKIND = re.compile(
    r"\b(missed|fail\w*|overdue|homework|streak|scores?|should|must|therap\w+|heal\w*|need to)\b", re.I
)


@pytest.fixture
def couple(tmp_path: Path) -> Read:
    def load_with(below: str) -> Couple:
        path = tmp_path / "config.toml"
        path.write_text(f"{PEOPLE}\n{below}\n", encoding="utf-8")
        return load(path, Assets()).couple

    return load_with


def season(kind: str, more: str = "") -> str:
    return f'[[season]]\nkind = "{kind}"\n{WINTER}{more}\n'


def built_in() -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = tomllib.loads(Assets().text("config/seasons.toml"))
    return found


KINDS = [one["kind"] for one in built_in()["season"]]


def test_without_a_season_all_is_as_ever(couple: Read) -> None:
    found = couple("")
    assert found.seasons == ()
    assert [one.only_in for one in found.rituals] == [(), (), ()]


def test_there_are_six_built_in_seasons() -> None:
    assert KINDS == ["newborn", "exams", "apart", "grief", "cool-off", "holiday"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_built_in_season_needs_only_its_dates_and_brings_a_ritual(couple: Read, kind: str) -> None:
    found = couple(season(kind))
    (one,) = found.seasons
    assert (one.kind, one.first, one.last) == (kind, date(2026, 12, 1), date(2027, 2, 28))
    assert one.tone
    assert [ritual.only_in for ritual in found.rituals] == [(), (), (), (kind,)]


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_season_brings_is_there_in_that_season_alone(couple: Read, kind: str) -> None:
    found = couple(season(kind))
    brought = found.rituals[-1]
    assert found.versions_on(brought, date(2027, 2, 28))
    assert not found.versions_on(brought, date(2027, 3, 1))


@pytest.mark.parametrize("kind", [one for one in KINDS if one != "cool-off"])
def test_a_season_keeps_something_of_what_they_have(couple: Read, kind: str) -> None:
    kept = couple(season(kind)).seasons[0].keeps
    assert kept
    assert len(kept) < 3 or kind == "apart"


def test_a_cool_off_rests_all_that_they_have_and_all_mails_that_recur(couple: Read) -> None:
    (one,) = couple(season("cool-off")).seasons
    assert one.keeps == ()
    assert set(one.without) == {MailKind.QUESTION, MailKind.DIGEST, MailKind.REFLECTION}


def test_with_a_newborn_what_goes_on_is_tiny_and_light(couple: Read) -> None:
    found = couple(season("newborn"))
    (one,) = found.seasons
    assert (one.keeps, one.size, one.depth) == (("check-in", "gratitude"), Size.TINY, 1)
    lengths = {ritual.id: [v.length.total_seconds() // 60 for v in found.versions_on(ritual, one.first)]
               for ritual in found.rituals}  # fmt: skip
    assert lengths == {"coffee-date": [], "check-in": [2], "gratitude": [2], "kettle-minute": [2]}


def test_what_they_write_goes_before_the_built_in_season(couple: Read) -> None:
    more = 'keeps = ["Coffee date"]\nsize = "full"\ndepth = 0\nwithout = ["digest"]\ntone = "Hush."'
    (one,) = couple(season("newborn", more)).seasons
    assert (one.keeps, one.size, one.depth, one.without, one.tone) == (
        ("coffee-date",),
        Size.FULL,
        None,
        (MailKind.DIGEST,),
        "Hush.",
    )


def test_a_season_keeps_rituals_of_a_kind_whatever_their_id(couple: Read) -> None:
    rituals = '[[ritual]]\nkind = "check-in"\nid = "hello"\n[[ritual]]\nkind = "check-in"\nid = "two"\n'
    assert couple(rituals + season("newborn")).seasons[0].keeps == ("hello", "two")


@pytest.mark.parametrize("word", ["sunday-pancakes", "Sunday pancakes"])
def test_they_may_keep_a_ritual_of_their_own_by_id_or_title(couple: Read, word: str) -> None:
    ritual = '[[ritual]]\ntitle = "Sunday pancakes"\n[[ritual]]\nkind = "walk"\n'
    assert couple(ritual + season("newborn", f'keeps = ["{word}"]')).seasons[0].keeps == ("sunday-pancakes",)


def test_all_rituals_may_go_on(couple: Read) -> None:
    assert couple(season("newborn", 'keeps = "all"')).seasons[0].keeps is None


def test_a_season_of_their_own_says_what_it_changes(couple: Read) -> None:
    (one,) = couple(season("Moving house", 'size = "short"')).seasons
    assert (one.kind, one.keeps, one.size, one.depth, one.tone) == ("Moving house", None, Size.SHORT, None, "")


def test_a_season_of_their_own_may_be_there_for_a_ritual_alone(couple: Read) -> None:
    found = couple('[[ritual]]\ntitle = "Boxes"\nonly_in = ["moving house"]\n' + season("Moving house"))
    assert found.seasons[0].has(found.rituals[0])
    assert found.rituals[0].only_in == ("Moving house",)
    assert not found.versions_on(found.rituals[0], date(2027, 3, 1))


def test_a_ritual_of_a_season_can_be_changed_and_then_comes_once(couple: Read) -> None:
    found = couple('[[ritual]]\nkind = "kettle minute"\nevery = "weekdays"\n' + season("newborn"))
    (ritual,) = found.rituals
    assert (ritual.id, ritual.only_in, len(ritual.versions)) == ("kettle-minute", ("newborn",), 1)


def test_a_ritual_of_their_own_with_the_same_id_stands_in_for_it(couple: Read) -> None:
    found = couple('[[ritual]]\ntitle = "Kettle minute"\n' + season("newborn"))
    assert [(one.id, one.only_in) for one in found.rituals] == [("kettle-minute", ())]


def test_two_seasons_of_a_kind_bring_its_ritual_once_and_come_by_date(couple: Read) -> None:
    later = '[[season]]\nkind = "apart"\nfrom = 2027-05-01\nto = 2027-05-01\n'
    found = couple(later + season("apart"))
    assert [one.first.month for one in found.seasons] == [12, 5]
    assert len(found.rituals) == 4


def test_a_season_that_is_long_over_is_fine(couple: Read) -> None:
    assert couple('[[season]]\nkind = "grief"\nfrom = "2019-01-01"\nto = "2019-03-01"\n').seasons[0].last.year == 2019


def test_a_couple_without_rituals_has_those_of_its_season(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(f"ritual = []\n{PEOPLE}\n{season('exams')}", encoding="utf-8")
    assert [one.id for one in load(path, Assets()).couple.rituals] == ["round-the-block"]


def test_seasons_may_follow_each_other_from_one_day_to_the_next(couple: Read) -> None:
    assert (
        len(couple(season("newborn") + '[[season]]\nkind = "apart"\nfrom = 2027-03-01\nto = 2027-03-02\n').seasons) == 2
    )


def test_built_in_seasons_name_built_in_kinds_alone() -> None:
    kinds = {one["name"] for one in tomllib.loads(Assets().text("config/rituals.toml"))["kind"]}
    assert {name for one in built_in()["season"] for name in one["keeps"]} <= kinds
    assert {kind for one in built_in()["kind"] for kind in one["only_in"]} == set(KINDS)
    assert not kinds & {one["name"] for one in built_in()["kind"]}


@pytest.mark.parametrize("file", ["config/seasons.toml", "config/rituals.toml"])
def test_no_word_of_ours_presses_or_promises_to_heal(file: str) -> None:
    data = tomllib.loads(Assets().text(file))
    tables = [*data["kind"], *data.get("season", ())]
    texts = [text for one in tables for text in (one.get("tone", ""), one.get("title", ""), *_lines(one))]
    assert [text for text in texts if _UNKIND.search(text)] == []
    assert all(len(text) <= 100 and "!" not in text for text in texts)


def _lines(kind: dict[str, Any]) -> list[str]:
    return [line for one in (kind, kind.get("short", {}), kind.get("tiny", {})) for line in one.get("how_to", ())]
