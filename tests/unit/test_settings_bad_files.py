"""Every way we know in which a file is wrong, and what is said about it: all of it, word by word."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from scheduler.content.assets import Assets
from scheduler.domain.errors import ConfigError
from scheduler.settings import load

GOOD = """\
[[partner]]
name = "Sam"
email = "sam@example.org"
zone = "Europe/Berlin"

[[partner]]
name = "Kim"
email = "kim@example.org"
zone = "Europe/London"
"""
_DATA = Path(__file__).parent.parent / "data" / "settings"
_ENV = {"SET": "a password"}


def _cases() -> list[Any]:
    found = [case for file in sorted(_DATA.glob("bad_*.toml")) for case in tomllib.loads(file.read_text())["case"]]
    return [pytest.param(case, id=case["name"]) for case in found]


def _file_of(case: dict[str, Any]) -> str:
    old, new = case.get("swap", (GOOD, case.get("whole", GOOD)))
    assert GOOD.count(old) == 1
    return f"{case.get('top', '')}{GOOD.replace(old, new)}{case.get('add', '')}"


def said(text: str | bytes) -> list[str]:
    """What is said about a file of that text, which stands in the current folder; nothing if it is good."""
    path = Path("config.toml")
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    try:
        load(path, Assets(), _ENV)
    except ConfigError as err:
        return [str(problem) for problem in err.problems]
    return []


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("case", _cases())
def test_a_bad_file_is_told_with_line_key_and_way_out(case: dict[str, Any]) -> None:
    assert said(_file_of(case)) == [f"config.toml:{line}" for line in case["says"]]


def test_the_good_file_that_all_bad_ones_start_from_is_good() -> None:
    assert said(GOOD) == []


def test_all_problems_are_told_at_once_by_line() -> None:
    text = GOOD.replace("Europe/Berlin", "Berlin").replace("kim@example.org", "kim")
    told = said(text + '[planing]\n[[ritual]]\ntitle = "Coffee"\nevery = "weekley"\nminutes = "x"\n')
    assert [line.split(":")[1] for line in told] == ["4", "8", "10", "13", "14"]


def test_an_unknown_kind_does_not_hide_what_else_is_wrong() -> None:
    told = said(f'{GOOD}[[ritual]]\nkind = "wolk"\nminutes = "x"\n')
    assert told[1] == 'config.toml:12: ritual "wolk": minutes = "x" must be a whole number'


@pytest.mark.parametrize("value", ["[" * 5000, "9" * 5000, "{a=" * 5000])
def test_a_value_beyond_all_measure_is_told_with_its_line(value: str) -> None:
    assert said(f"{GOOD}x = {value}\n")[0].startswith("config.toml:10: cannot be read as TOML: ")


def test_a_huge_hexadecimal_number_is_told_in_words() -> None:
    told = said(f'{GOOD}[[ritual]]\nkind = "walk"\nminutes = 0x{"f" * 5000}\n')
    assert told == ['config.toml:12: ritual "walk": minutes = a huge number is outside 1 to 720 (minutes)']


def test_a_missing_file_names_the_command_that_writes_one() -> None:
    with pytest.raises(ConfigError) as err:
        load(Path("none.toml"), Assets())
    assert str(err.value) == "none.toml: there is no such file; `rituals init` writes one"


def test_a_folder_in_place_of_the_file_is_told() -> None:
    with pytest.raises(ConfigError) as err:
        load(Path(), Assets())
    assert str(err.value) == ".: cannot be read: Is a directory"


def test_a_file_in_another_encoding_is_told_with_the_line() -> None:
    told = said(GOOD.replace("Kim", "Zoë").encode("latin-1"))
    assert told == ["config.toml:7: is not UTF-8 text; save it as UTF-8"]


def test_a_problem_never_spans_two_lines() -> None:
    told = said(f'{GOOD}"a\\nb" = 1\n"c\\u009b" = 2\nid = "x\\ny"\n')
    assert len(told) == 3
    assert all(line.isprintable() for line in told)


@pytest.mark.parametrize("key", ["password", "password_env", "password_file"])
def test_a_password_written_by_mistake_is_never_repeated(key: str) -> None:
    smtp = f'[mail.smtp]\nhost = "localhost"\nuser = "us"\n{key} = "hunter2"\n'
    told = said(f'{GOOD}[mail]\nsender = "us@example.org"\n{smtp}')
    assert told
    assert "hunter2" not in "".join(told)


def test_a_broken_list_of_kinds_is_told_under_its_own_name(tmp_path: Path) -> None:
    (tmp_path / "ours" / "config").mkdir(parents=True)
    (tmp_path / "ours" / "config" / "rituals.toml").write_text(
        '[[kind]]\nname = "tea"\nevery = "dayly"\ntitle = "Tea"\n'
    )
    told = said(f'{GOOD}[service]\noverride = "ours"\n')
    assert len(told) == 1
    assert told[0].startswith(f'{tmp_path}/ours/config/rituals.toml:3: kind "tea": every = "dayly" is not a cadence')
