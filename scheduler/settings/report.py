"""Collects what is wrong in one TOML file, in words, each with its line. Not here: what is right (fields, schema)."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Any, TypeVar, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from scheduler.domain.errors import Problem
from scheduler.settings.schema import Table
from scheduler.settings.spelling import nearest

Model = TypeVar("Model", bound=Table)
KeyPath = tuple[str | int, ...]

_WRONG_TYPE = {
    "string_type": "must be text in quotes",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "bool_type": "must be true or false, without quotes",
    "list_type": "must be a list in square brackets",
    "dict_type": "must be a table",
    "model_type": "must be a table",
}
_MISSING = {
    "name": 'name = "Sam"',
    "email": 'email = "sam@example.org"',
    "zone": 'zone = "Europe/Berlin"',
    "path": 'path = "sam.ics"',
    "title": 'title = "Sunday pancakes"',
    "kind": 'kind = "holiday"',
    "from": "from = 2026-12-20",
    "to": "to = 2027-01-03",
}
_TENDER = 'tender holds what is no date; write it as ["2026-12-24", "2026-12-20 to 2027-01-03", "24 december"]'
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]{1,60}")
_WHERE = re.compile(r"\s*\(at (?:line (\d+), column \d+|end of document)\)$")
_TWICE = re.compile(r"Cannot declare \('(\w+)',\) twice")
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


class Page:
    """One TOML file that is being checked: its data, and the problems found so far."""

    def __init__(self, file: str, text: str) -> None:
        self.file, self.text = file, text
        self.data: dict[str, Any] = {}
        self._found: list[tuple[KeyPath, str]] = []
        self._unreadable: Problem | None = None
        try:
            self.data = tomllib.loads(text)
        except (ValueError, RecursionError) as err:  # ValueError: numbers that are too long for Python, too
            self._unreadable = Problem(file, *_syntax(err, text))

    @property
    def readable(self) -> bool:
        return self._unreadable is None

    def complain(self, path: KeyPath, text: str) -> None:
        """Note a problem; one that has no line of its own gets that of the table around it."""
        self._found.append((path, text))

    def line_of(self, path: KeyPath) -> int:
        """Where the key stands, or else the table around it."""
        from scheduler.settings.lines import key_lines  # the second parser is needed only when something is wrong

        return _line(key_lines(self.text), path)

    def problems(self) -> list[Problem]:
        """By line."""
        if self._unreadable:
            return [self._unreadable]
        if not self._found:
            return []
        from scheduler.settings.lines import key_lines  # the second parser is needed only when something is wrong

        lines = key_lines(self.text)
        told = {Problem(self.file, _line(lines, path), text): None for path, text in self._found}
        return sorted(told, key=lambda problem: problem.line or 0)

    def check(self, model: type[Model], raw: Mapping[str, Any], path: KeyPath, owner: str) -> Model | None:
        """The table as values, or None after complaining about everything in it that is wrong."""
        try:
            return model.model_validate(raw)
        except ValidationError as err:
            for detail in err.errors(include_url=False):
                loc = tuple(part for part in detail["loc"] if part != "[key]")
                # whose dates these are, and which, is nobody's business, though the line must be found
                told = _TENDER if "tender" in loc else owner + _words(model, detail, loc)
                self.complain((*path, *loc), told)
        return None

    def tables(self, key: str) -> list[dict[str, Any]]:
        """The [[key]] tables; complains about anything else that stands there."""
        found = self.data.get(key, [])
        if isinstance(found, dict):
            self.complain((key,), f"[{key}] needs double brackets: [[{key}]]")
        elif not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            self.complain((key,), f"{key} = {literal(found)} must be written as [[{key}]] tables")
        else:
            return found
        return []


@dataclass(frozen=True, slots=True)
class Place:
    """One table on its page: ``raw`` has only the keys that the couple wrote, ``label`` is how a complaint begins."""

    page: Page
    path: KeyPath
    raw: Mapping[str, Any]
    label: str

    def complain(self, key: str, text: str) -> None:
        self.page.complain((*self.path, key), f"{self.label}: {text}")


def _words(model: type[Table], detail: ErrorDetails, loc: KeyPath) -> str:
    key = ".".join(key_literal(part) for part in loc if isinstance(part, str))
    kind, last = detail["type"], str(loc[-1]) if loc else ""
    if kind == "extra_forbidden":
        return _unknown_key(model, key, loc)
    if kind == "missing":
        return f"{key} is missing; write it as {_MISSING.get(last, last)}"
    if kind == "value_error":
        complaint = str(detail["ctx"]["error"])
    else:
        complaint = _WRONG_TYPE.get(kind) or detail["msg"]
    if "password" in last or last in ("url", "client_secret_env"):  # a secret, or written where only its place belongs
        return f"{key} {complaint}"
    return f"{key} = {literal(detail['input'])} {complaint}"


def _unknown_key(model: type[Table], key: str, loc: KeyPath) -> str:
    if "password" in key.lower():
        return f"{key} does not belong in this file; use password_env or password_file"
    if key.lower().endswith("client_secret"):
        return f"{key} does not belong in this file; use client_secret_env or client_secret_file"
    return unknown(key, str(loc[-1]), keys_of(_table_at(model, loc[:-1])))


def keys_of(table: type[Table]) -> list[str]:
    """The keys of a table as the file writes them."""
    return [field.alias or name for name, field in table.model_fields.items()]


def unknown(key: str, word: str, allowed: list[str]) -> str:
    """The complaint about a key that nobody reads."""
    near = nearest(word, allowed)
    return f"{key} is not a key here{near}{'' if near else ';'} allowed: {', '.join(allowed)}"


def _table_at(model: type[Table], loc: KeyPath) -> type[Table]:
    """The table that a path below ``model`` leads to."""
    for part in loc:
        if isinstance(part, str):
            model = table_of(model.model_fields[part].annotation) or model
    return model


def table_of(annotation: Any) -> type[Table] | None:
    """The table behind a field's type: the type itself, or what a list of them holds.

    >>> table_of(bool) is None
    True
    """
    while inner := get_args(annotation):
        annotation = inner[0]
    return annotation if isinstance(annotation, type) and issubclass(annotation, Table) else None


def literal(value: object) -> str:
    """A value as TOML writes it, cut to 60 signs.

    >>> literal(["a", True, 3])
    '["a", true, 3]'
    """
    written = whole_literal(value)
    return written if len(written) <= 60 else written[:59] + "…"


def key_literal(key: str) -> str:
    return key if _BARE_KEY.fullmatch(key) else literal(key)


def whole_literal(value: object) -> str:
    """A value as TOML writes it; signs that would not show are escaped."""
    if isinstance(value, str):
        return "".join(sign if sign.isprintable() else _escaped(sign) for sign in json.dumps(value, ensure_ascii=False))
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and abs(value) > 10**18:
        return "a huge number"  # Python refuses to write out numbers of thousands of digits
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, list):
        return f"[{', '.join(map(whole_literal, value))}]"
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{key_literal(key)} = {whole_literal(item)}' for key, item in value.items())} }}"
    return str(value)


def _escaped(sign: str) -> str:
    return f"\\U{ord(sign):08X}" if ord(sign) > 0xFFFF else f"\\u{ord(sign):04X}"


def ordinal(index: int) -> str:
    return _ORDINALS[index] if index < len(_ORDINALS) else f"{index + 1}th"


def _line(lines: Mapping[KeyPath, int], path: KeyPath) -> int:
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


def _syntax(err: Exception, text: str) -> tuple[int, str]:
    lines = text.split("\n")
    # neither of the first two comes with a line; what is too long for Python stands on the longest one
    longest = max(range(len(lines)), key=lambda index: len(lines[index])) + 1
    if isinstance(err, RecursionError):
        return longest, "cannot be read as TOML: brackets are nested too deeply"
    if not isinstance(err, tomllib.TOMLDecodeError):
        return longest, "cannot be read as TOML: a number is too long"
    found = _WHERE.search(str(err))
    last = max(1, len(text.splitlines()))
    return int(found[1]) if found and found[1] else last, f"cannot be read as TOML: {_said(_WHERE.sub('', str(err)))}"


def _said(words: str) -> str:
    if words == "Invalid value":
        return "this is no value; text goes in quotes, times too"
    if words.startswith("Illegal character '\\n'"):
        return "a quote is not closed on this line"
    if twice := _TWICE.fullmatch(words):
        return f"[{twice[1]}] stands here a second time; lists of tables have double brackets: [[{twice[1]}]]"
    if words == "Invalid date or datetime":
        return "there is no such date or time"
    if words == "Cannot overwrite a value":
        return "this key stands here a second time"
    return words[:1].lower() + words[1:]
