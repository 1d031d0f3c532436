"""Reads card files: config/decks/*.toml and the couple's own folders. Not here: choosing a card (domain/draw).

A file holds ``schema = 1``, ``lang = "en"`` and one ``[[card]]`` table for each card; KEYS is the whole list of
what a card may say. Words in closed lists are fewer than one might wish on purpose: the draw knows each of them.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from scheduler.content.assets import Assets
from scheduler.domain.deck import Card, CardFormat, Theme
from scheduler.domain.errors import ConfigError, Problem

DECKS = ("core", "parents", "distance", "new", "long", "faith", "intimacy")
CONCEPTS = (
    *(f"closeness.{word}" for word in ("emotional", "physical", "intellectual", "experiential", "spiritual")),
    *(f"obstacle.{word}" for word in ("hurt", "rejection", "styles", "busyness", "unspoken_needs")),
    *(f"skill.{word}" for word in ("listening", "needs", "repair", "bids")),
    *(f"pattern.{word}" for word in ("criticise_withdraw", "pursue_avoid")),
    *(f"practice.{word}" for word in ("questions", "rituals", "turning", "appreciation", "brave")),
)
STATES = ("conflict_24h", "conflict_48h", "conflict_7d", "low_pulse", "grief", "exhausted", "first_8_weeks")

_FOLDER = "config/decks"
_ID = re.compile(r"[a-z0-9][a-z0-9_-]{2,59}")
_KEY_LINE = re.compile(r"\s*([A-Za-z0-9_-]+)\s*=")
_CARD_LINE = re.compile(r"\s*\[\[\s*card\s*\]\]")


@dataclass(frozen=True, slots=True)
class Key:
    """What one key of a card takes: ``words`` closes a text or a list, ``high`` bounds a whole number."""

    kind: type[Any]
    words: tuple[str, ...] = ()
    high: int = 0
    required: bool = False


KEYS: Mapping[str, Key] = {
    "id": Key(str, required=True),
    "rev": Key(int, high=999),
    "deck": Key(str, DECKS, required=True),
    "theme": Key(str, tuple(theme.value for theme in Theme), required=True),
    "format": Key(str, tuple(form.value for form in CardFormat), required=True),
    "depth": Key(int, high=4, required=True),
    "minutes": Key(int, high=120, required=True),
    "mode": Key(str, ("talk", "write_then_share", "do", "solo"), required=True),
    "trigger": Key(str, ("scheduled", "on_request")),
    "prompt": Key(str, required=True),
    "deeper": Key(str),
    "how": Key(str, required=True),
    "listener": Key(str),
    "short": Key(str, required=True),
    "pass": Key(str),
    "share": Key(str, ("spoken", "both_choose", "private"), required=True),
    "email": Key(str, ("full", "link")),
    "requires": Key(list, ("faith", "intimacy")),
    "avoid": Key(list, STATES),
    "stage": Key(list, ("parents", "distance", "new", "long")),
    "care": Key(bool),
    "concepts": Key(list, CONCEPTS, required=True),
    "family": Key(str, required=True),
}
_TYPES = {str: "text in quotes", int: "a whole number", bool: "true or false", list: "a list of words"}


@dataclass(frozen=True, slots=True)
class _Entry:
    """One ``[[card]]`` as it stands in a file; ``lines`` gives the line of each key."""

    file: str
    line: int
    lines: Mapping[str, int]
    values: Mapping[str, Any]

    def problem(self, key: str, text: str) -> Problem:
        name = self.values.get("id")
        which = f'card "{name}"' if isinstance(name, str) and name else "a card without id"
        return Problem(self.file, self.lines.get(key, self.line), f"{which}: {text}")


def load_decks(folders: Sequence[Path], assets: Assets) -> tuple[Card, ...]:
    """Every card of the built-in decks, then of the couple's ``folders``, in the order of the files.

    Raises: ConfigError with every problem of every file; an id that a file before has used is one.
    """
    problems: list[Problem] = []
    entries = [entry for path in _files(folders, assets, problems) for entry in _entries(path, problems)]
    for entry in entries:
        problems.extend(_wrong_with(entry))
    problems.extend(_repeated(entries))
    if problems:
        raise ConfigError(*problems)
    return tuple(_card(entry.values) for entry in entries)


def _files(folders: Sequence[Path], assets: Assets, problems: list[Problem]) -> Iterator[Path]:
    names = {path.name for folder in assets.folders for path in (folder / _FOLDER).glob("*.toml")}
    yield from (assets.path(f"{_FOLDER}/{name}") for name in sorted(names))
    for folder in folders:
        if not (files := sorted(folder.glob("*.toml"))):
            why = "holds no .toml file" if folder.is_dir() else "is not a folder"
            problems.append(Problem(str(folder), None, f"this deck folder {why}; name a folder of card files"))
        yield from files


def _entries(path: Path, problems: list[Problem]) -> list[_Entry]:
    try:
        text = path.read_text(encoding="utf-8")
        document = tomllib.loads(text)
    except (OSError, ValueError) as err:
        at = re.search(r"at line (\d+)", str(err))
        why = err.strerror if isinstance(err, OSError) else str(err)
        problems.append(Problem(str(path), int(at[1]) if at else None, f"cannot be read as TOML: {why}"))
        return []
    problems.extend(_wrong_with_file(str(path), document))
    tables = document.get("card")
    if not isinstance(tables, list):
        return []
    places = [*_places(text), *[(1, {})] * len(tables)]
    pairs = zip(tables, places, strict=False)
    return [_Entry(str(path), line, lines, values) for values, (line, lines) in pairs if isinstance(values, dict)]


def _places(text: str) -> list[tuple[int, dict[str, int]]]:
    """The line of each ``[[card]]`` and of the keys below it, counted from 1."""
    places: list[tuple[int, dict[str, int]]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if _CARD_LINE.match(line):
            places.append((number, {}))
        elif places and (key := _KEY_LINE.match(line)):
            places[-1][1].setdefault(key[1], number)
    return places


def _wrong_with_file(file: str, document: Mapping[str, Any]) -> Iterator[Problem]:
    top = ("schema", "lang", "card")
    for key in document.keys() - set(top):
        yield Problem(file, None, f'unknown key "{key}"{_nearest(key, top)}; allowed: {", ".join(top)}')
    if document.get("schema") != 1:
        yield Problem(file, None, "schema = 1 is needed at the top, so that an older service can refuse newer cards")
    if not isinstance(cards := document.get("card"), list) or not all(isinstance(one, dict) for one in cards):
        yield Problem(file, None, "holds no cards; each begins with [[card]]")


def _wrong_with(entry: _Entry) -> Iterator[Problem]:
    for name in entry.values:
        if name not in KEYS:
            text = f'unknown key "{name}"{_nearest(name, KEYS)}; allowed: {", ".join(KEYS)}'
            yield entry.problem(name, text)
    for name, key in KEYS.items():
        if name in entry.values:
            if text := _wrong_value(name, entry.values[name], key):
                yield entry.problem(name, text)
        elif key.required:
            yield entry.problem(name, f"{name} is needed")
    yield from _wrong_together(entry)


def _wrong_value(name: str, value: Any, key: Key) -> str:
    """What is wrong, or nothing."""
    if type(value) is not key.kind:
        return f"{name} = {_shown(value)} is not {_TYPES[key.kind]}"
    if key.kind is int and not 1 <= value <= key.high:
        return f"{name} = {value} is not from 1 to {key.high}"
    if key.kind is str and not value.strip():
        return f"{name} is empty"
    if name == "id" and not _ID.fullmatch(value):
        return f'id = "{value}" is not 3 to 60 small letters, digits, "-" and "_"'
    wrong = [one for one in (value if key.kind is list else [value]) if key.words and one not in key.words]
    if wrong:
        listed = ", ".join(key.words)
        return f"{name} = {_shown(wrong[0])} is not a word we know{_nearest(wrong[0], key.words)}; allowed: {listed}"
    return ""


def _wrong_together(entry: _Entry) -> Iterator[Problem]:
    """The rules that keep a deep card safe: a smaller way through, and no text in a mail that others may see."""
    values = entry.values
    depth = values["depth"] if isinstance(values.get("depth"), int) else 0
    bound = [word for word in ("faith", "intimacy") if word in (values.get("deck"), values.get("theme"))]
    if depth in (3, 4) and "pass" not in values:
        yield entry.problem("depth", "pass is needed from depth 3 on: a smaller way through the card")
    if (depth == 4 or "intimacy" in bound) and values.get("email") != "link":
        yield entry.problem("email", 'email = "link" is needed at depth 4 and for intimacy')
    for word in bound:
        if values.get("requires") != [word]:
            yield entry.problem("requires", f'requires = ["{word}"] is needed here: both partners turn {word} on')


def _repeated(entries: Iterable[_Entry]) -> Iterator[Problem]:
    first: dict[str, _Entry] = {}
    for entry in entries:
        if not isinstance(name := entry.values.get("id"), str):
            continue
        if (other := first.setdefault(name, entry)) is not entry:
            where = f"{other.file}:{other.lines.get('id', other.line)}"
            yield entry.problem("id", f"this id is taken by {where}; choose another")


def _card(values: Mapping[str, Any]) -> Card:
    plain: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
    plain |= {"theme": Theme(plain["theme"]), "format": CardFormat(plain["format"]), "pass_": plain.pop("pass", "")}
    return Card(**plain)


def _shown(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)


def _nearest(word: object, allowed: Iterable[str]) -> str:
    close = get_close_matches(str(word).lower(), list(allowed), n=1)
    return f'; did you mean "{close[0]}"?' if close else ""
