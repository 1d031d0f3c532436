"""The example file against the code, both ways; the built-in kinds; the file that `rituals init` writes."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from scheduler.content.assets import Assets
from scheduler.domain.errors import ConfigError
from scheduler.domain.ritual import parse_anchor
from scheduler.settings import MaildirOut, Setting, Settings, SmtpOut, Starter, StarterPartner, load, reference
from scheduler.settings import starter_text as text_for
from tests.build import file_of

_HEADER = re.compile(r"\[\[?([\w.]+)\]\]?")
_KEY = re.compile(r"(#?)([a-z_]+) = (.+)")
_SAM = StarterPartner("Sam", "sam@example.org", "Europe/Berlin", "sam.ics")
_KIM = StarterPartner("Kim", "kim@example.org", "Europe/London")


def _example() -> Path:
    return Assets().path("config/scheduler.example.toml")


def _documented() -> dict[str, tuple[str, bool, str]]:
    """By full key: the value, whether it is a comment, and the words above it."""
    found: dict[str, tuple[str, bool, str]] = {}
    table, words, above = "", "", ""
    for line in _example().read_text(encoding="utf-8").splitlines():
        if header := _HEADER.fullmatch(line):
            table, words = f"{header[1]}.", ""
        elif (key := _KEY.fullmatch(line)) and (key[1] or f"{table}{key[2]}" not in found):
            found[f"{table}{key[2]}"] = key[3], bool(key[1]), words
        elif line.startswith("# "):
            words = f"{words} {line[2:]}".strip() if above.startswith("#") and not _KEY.fullmatch(above) else line[2:]
        above = line
    return found


def _uncommented() -> str:
    return re.sub(r"^#(?=[a-z_]+ = )", "", _example().read_text(encoding="utf-8"), flags=re.MULTILINE)


def _read(tmp_path: Path, text: str, **env: str) -> Settings:
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    return load(path, Assets(), env)


def test_the_example_has_every_setting_and_no_other() -> None:
    assert sorted(_documented()) == sorted(one.key for one in reference())


@pytest.mark.parametrize("setting", reference(), ids=lambda one: one.key)
def test_the_example_tells_default_unit_and_reason(setting: Setting) -> None:
    value, is_comment, words = _documented()[setting.key]
    assert is_comment == (setting.default is not None)
    assert value == (setting.default or value)
    assert words.endswith(f"{setting.reason} Unit: {setting.unit}.")
    assert len(setting.reason) > 10


def test_the_defaults_in_the_example_are_those_of_the_code(tmp_path: Path) -> None:
    as_it_stands = _read(tmp_path, _example().read_text(encoding="utf-8"))
    uncommented = _read(tmp_path, _uncommented())
    assert replace(uncommented, text_hash="") == replace(as_it_stands, text_hash="")
    assert tomllib.loads(_uncommented())["planning"]["horizon_weeks"] == 4


def test_the_example_couple_lives_in_two_zones_and_shows_its_mails() -> None:
    found = load(Assets().path("config/example/couple.toml"), Assets())
    assert [one.zone.key for one in found.couple.partners] == ["Europe/Lisbon", "Europe/Berlin"]
    assert {partner: [file_of(one).name for one in sources] for partner, sources in found.busy.items()} == {
        "mara": ["mara.ics"],
        "jon": ["jon.ics"],
    }
    assert found.view.show_mail
    assert isinstance(found.mail.route, MaildirOut)


def _kinds() -> list[dict[str, Any]]:
    kinds: list[dict[str, Any]] = tomllib.loads(Assets().text("config/rituals.toml"))["kind"]
    return kinds


def test_every_built_in_kind_is_whole_and_has_five_lines_of_its_own() -> None:
    kinds = _kinds()
    whole = {"name", "title", "discreet_title", "every", "minutes", "windows", "ideal", "reminder", "how_to"}
    assert len(kinds) == 9
    assert all(whole <= set(kind) for kind in kinds)
    lines = [line for kind in kinds for line in kind["how_to"]]
    assert len(lines) == len(set(lines)) == 45


def test_every_built_in_kind_has_shorter_versions_with_lines_of_their_own() -> None:
    lengths = {kind["name"]: [kind["minutes"], *_shorter(kind, "minutes")] for kind in _kinds()}
    assert all(found == sorted(set(found), reverse=True) and found[-1] <= 5 for found in lengths.values())
    assert lengths["coffee date"] == [60, 15, 2]
    full = {line for kind in _kinds() for line in kind["how_to"]}
    lines = [line for kind in _kinds() for how_to in _shorter(kind, "how_to") for line in how_to]
    assert len(lines) == len(set(lines) - full)


def _shorter(kind: dict[str, Any], key: str) -> list[Any]:
    return [kind[size][key] for size in ("short", "tiny") if size in kind]


@pytest.mark.parametrize("kind", _kinds(), ids=lambda kind: kind["name"])
def test_a_built_in_kind_keeps_all_its_wishes(kind: dict[str, Any], tmp_path: Path) -> None:
    people = "\n".join(f'[[partner]]\nname = "{x}"\nemail = "{x}@example.org"\nzone = "UTC"' for x in ("a", "b"))
    asked = f"every = {kind['every']!r}\n" if "asks" in kind else ""
    ritual = _read(tmp_path, f"{people}\n[[ritual]]\nkind = {kind['name']!r}\n{asked}").couple.rituals[0]
    assert ritual.ideal is not None
    assert (ritual.ideal_weekday is not None) == ("ideal_day" in kind)
    assert ritual.spacing == kind.get("spacing", 0)
    assert ritual.anchor == (parse_anchor(kind["anchor"]) if "anchor" in kind else None)
    assert len(ritual.shorter) == len(_shorter(kind, "minutes"))


def test_the_starter_file_is_good_and_shows_every_default(tmp_path: Path) -> None:
    text = text_for(Starter((_SAM, _KIM)))
    found = _read(tmp_path, text)
    assert [one.name for one in found.couple.partners] == ["Sam", "Kim"]
    assert [file_of(one).name for one in found.busy["sam"]] == ["sam.ics"]
    assert len(found.couple.rituals) == 3
    shown = [one for one in reference() if one.default and one.key.split(".")[0] in ("mail", "planning", "view")]
    assert all(f"#{one.key.rpartition('.')[2]} = {one.default}\n" in text for one in shown)


def test_the_answers_about_mail_are_in_the_starter_file(tmp_path: Path) -> None:
    found = _read(tmp_path, text_for(Starter((_SAM, _KIM), "us@example.org", "Sam, at breakfast", "mail.example.org")))
    assert (found.mail.sender_address, found.mail.contact) == ("us@example.org", "Sam, at breakfast")
    assert isinstance(found.mail.route, SmtpOut)


def test_the_defaults_of_the_starter_file_hold_without_their_hash(tmp_path: Path) -> None:
    text = text_for(Starter((_SAM, _KIM)))
    opened = re.sub(r"^#(?=(free|quiet|discreet|[a-z_]+) = )", "", text.split("# ----")[0], flags=re.MULTILINE)
    rest = text[text.index("[mail]") :]
    opened += re.sub(r"^#(?=[a-z_]+ = )", "", rest, flags=re.MULTILINE)
    opened = opened.replace('busy = ["calendar.ics"]\n', "")
    assert replace(_read(tmp_path, opened), text_hash="") == replace(_read(tmp_path, text), text_hash="")


@pytest.mark.parametrize("name", ['Sam "S" \\ x', "Zoë 💜", "x = 1 # y", "[[partner]]"])
def test_any_fair_name_survives_the_starter_file(tmp_path: Path, name: str) -> None:
    found = _read(tmp_path, text_for(Starter((replace(_SAM, name=name), _KIM))))
    assert found.couple.partners[0].name == name


@pytest.mark.parametrize("name", ["Sam\n[view]\nshow_mail = true", "Sam\x7f", "\u202eSam"])
def test_a_name_cannot_write_other_lines_of_the_starter_file(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match="must be one line without control characters"):
        _read(tmp_path, text_for(Starter((replace(_SAM, name=name), _KIM))))
