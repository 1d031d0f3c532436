"""Whatever is done to a good file, it loads or is refused with words and lines: nothing else ever happens."""

from __future__ import annotations

import tempfile
import tomllib
from pathlib import Path
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from scheduler.content.assets import Assets
from scheduler.domain.errors import ConfigError
from scheduler.settings import Settings, load
from scheduler.settings.lines import key_lines
from scheduler.settings.report import key_literal, whole_literal

_ASSETS = Assets()
_SCRAPS = [
    "",
    '"',
    "'",
    '"""',
    "[",
    "]]",
    "{",
    "=",
    "\n",
    "\x00",
    "\u202e",
    "ü",
    "\r",
    "#",
    "= 99999999999999999999",
    "inf",
]
_OF_JON = """
bedtime = "23:00"
rest_day = "mon"
away = ["24 dec to 2 jan", 2027-05-03]
holidays = "DE-BE"
tender = ["3 may"]
"""
_SEASON = """
[[partner.rota]]
path = "shifts.ics"
sleep = 7

[[ritual]]
title = "Tea"
anchor = "60 min before bed"
at_least = 9
only_in = ["exams"]
tiny = 2
short = { minutes = 10, how_to = ["Sit."] }

[[season]]
kind = "exams"
from = 2027-01-10
to = "2027-02-10"
keeps = ["check-in"]
without = ["digest"]
"""
_EXAMPLE = _ASSETS.text("config/example/couple.toml").replace("\nquiet = false\ncal", f"{_OF_JON}cal") + _SEASON
_NUMBERS = st.integers() | st.floats() | st.booleans()
_VALUES = st.recursive(
    _NUMBERS | st.text(max_size=8) | st.dates() | st.times(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def _outcome(text: str) -> Settings | ConfigError:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "config.toml"
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        try:
            return load(path, _ASSETS)
        except ConfigError as err:
            return err


def _is_sound(outcome: Settings | ConfigError) -> bool:
    if isinstance(outcome, Settings):
        return True
    told = outcome.problems
    return bool(told) and all(one.line and one.text and one.text.isprintable() for one in told)


@settings(max_examples=60)
@given(st.integers(0, len(_EXAMPLE)), st.integers(0, 40), st.sampled_from(_SCRAPS) | st.text(max_size=6))
def test_any_scrap_anywhere_in_the_text_loads_or_is_told_with_lines(at: int, cut: int, scrap: str) -> None:
    assert _is_sound(_outcome(_EXAMPLE[:at] + scrap + _EXAMPLE[at + cut :]))


def _places(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, item in items for place in _places(item, (*path, key)))]


_TREE = tomllib.loads(_EXAMPLE)
_PLACES = _places(_TREE)[1:]


def _with(tree: Any, path: tuple[str | int, ...], value: Any) -> Any:
    if not path:
        return value
    copy = tree.copy()
    copy[path[0]] = _with(tree[path[0]], path[1:], value)
    return copy


def _written(tree: dict[str, Any]) -> str:
    return "".join(f"{key_literal(key)} = {whole_literal(value)}\n" for key, value in tree.items())


@settings(max_examples=60)
@given(st.sampled_from(_PLACES), _VALUES)
@example(("partner", 0, "zone"), "x" * 100_000)
@example(("ritual", 0), [])
@example(("ritual", 0, "kind"), {"a": 1})
def test_any_value_in_any_place_loads_or_is_told_with_lines(place: tuple[str | int, ...], value: Any) -> None:
    assert _is_sound(_outcome(_written(_with(_TREE, place, value))))


@settings(max_examples=30)
@given(st.sampled_from(_PLACES), st.text(min_size=1, max_size=8))
def test_any_other_key_is_told_with_a_line(place: tuple[str | int, ...], key: str) -> None:
    *_, table = [place[:n] for n in range(len(place)) if n == 0 or isinstance(_at(place[:n]), dict)]
    assert _is_sound(_outcome(_written(_with(_TREE, table, {**_at(table), key: 1}))))


def _at(path: tuple[str | int, ...]) -> Any:
    found: Any = _TREE
    for key in path:
        found = found[key]
    return found


def test_every_key_and_item_of_a_file_has_its_line() -> None:
    data = tomllib.loads(_EXAMPLE)
    lines, text = key_lines(_EXAMPLE), _EXAMPLE.splitlines()
    for path in _places(data)[1:]:
        last, line = path[-1], text[lines[path] - 1]
        assert last in line if isinstance(last, str) else line.strip()


def test_quoted_dotted_and_nested_keys_have_their_lines() -> None:
    text = '"a b".c = 1\n[x]\ny = [\n  1, # one\n  { z = 2 },\n]\n[[x.w]]\nq = 1\n[[x.w]]\n[x.w.v]\nq = 2\n'
    lines = key_lines(text)
    expected = {("a b", "c"): 1, ("x", "y", 1, "z"): 5, ("x", "w", 0, "q"): 8, ("x", "w", 1, "v", "q"): 11}
    assert {path: lines[path] for path in expected} == expected
