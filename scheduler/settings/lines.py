"""Where each key of a TOML text stands. Not here: what the keys mean.

Loaded only when something is wrong: tomllib keeps no positions, so the text is parsed a second time.
"""

from __future__ import annotations

import tomllib
from typing import Any

import tree_sitter_toml
from tree_sitter import Language, Node, Parser

KeyPath = tuple[str | int, ...]

_KEYS = ("bare_key", "quoted_key", "dotted_key")
_SIGNS = ("[", "]", "[[", "]]", ",", "{", "}", "=", "comment")


def key_lines(text: str) -> dict[KeyPath, int]:
    """The line (from 1) of every key, table header and array item, by its path.

    >>> key_lines('[[ritual]]\\nevery = "weekly"')[("ritual", 0, "every")]
    2
    """
    data = text.encode()
    found: dict[KeyPath, int] = {}
    for node in Parser(Language(tree_sitter_toml.language())).parse(data).root_node.children:
        if node.type == "pair":
            _pair(node, (), found)
        elif node.type in ("table", "table_array_element"):
            _table(node, found)
    return found


def _table(node: Node, found: dict[KeyPath, int]) -> None:
    names = next((_names(child) for child in node.children if child.type in _KEYS), [])
    path: KeyPath = ()
    for name in names[:-1]:
        found.setdefault((*path, name), _line(node))
        path = _last_of((*path, name), found)
    path += tuple(names[-1:])
    if node.type == "table_array_element":
        found.setdefault(path, _line(node))
        path = (*path, _count(path, found))
    found[path] = _line(node)
    for child in node.children:
        if child.type == "pair":
            _pair(child, path, found)


def _last_of(path: KeyPath, found: dict[KeyPath, int]) -> KeyPath:
    count = _count(path, found)
    return (*path, count - 1) if count else path


def _count(path: KeyPath, found: dict[KeyPath, int]) -> int:
    count = 0
    while (*path, count) in found:
        count += 1
    return count


def _pair(node: Node, path: KeyPath, found: dict[KeyPath, int]) -> None:
    for name in _names(node.children[0]):
        path = (*path, name)
        found.setdefault(path, _line(node))
    _value(node.children[-1], path, found)


def _value(node: Node, path: KeyPath, found: dict[KeyPath, int]) -> None:
    if node.type == "array":
        for index, item in enumerate(child for child in node.children if child.type not in _SIGNS):
            found[(*path, index)] = _line(item)
            _value(item, (*path, index), found)
    elif node.type == "inline_table":
        for child in node.children:
            if child.type == "pair":
                _pair(child, path, found)


def _names(node: Node) -> list[str]:
    if node.type == "dotted_key":
        return [name for child in node.children for name in _names(child)]
    text = (node.text or b"").decode()
    return [_unquoted(text)] if node.type == "quoted_key" else [text] if node.type == "bare_key" else []


def _unquoted(text: str) -> str:
    parsed: dict[str, Any] = tomllib.loads(f"{text} = 0")
    return next(iter(parsed))


def _line(node: Node) -> int:
    return node.start_point[0] + 1
