"""Partial responses: what the ``fields`` parameter leaves of an answer. Not here: what stands in it.

Source: the guide "Performance tips": a,b  a/b  a(b,c)  and * for any name.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from tests.servers.google.answers import Answer, invalid

Tree = dict[str, "Tree"]


def selected(answer: Answer, fields: str | None) -> Answer:
    """Raises: ApiError 400 for a selector that cannot be read."""
    if fields is None or not isinstance(answer.body, dict):
        return answer
    tokens = re.findall(r"[\w*-]+|[(),/]", fields)
    if "".join(tokens) != fields.replace(" ", ""):
        raise invalid(f"Invalid field selection {fields}", "fields")
    tree = _tree(tokens)
    if tokens:
        raise invalid(f"Invalid field selection {fields}", "fields")
    return replace(answer, body=_kept(answer.body, tree))


def _tree(tokens: list[str]) -> Tree:
    """Takes tokens away up to the closing bracket."""
    tree: Tree = {}
    while tokens and tokens[0] != ")":
        branch = tree
        while True:
            branch = branch.setdefault(tokens.pop(0), {})
            if not tokens or tokens[0] != "/":
                break
            tokens.pop(0)
        if tokens and tokens[0] == "(":
            tokens.pop(0)
            branch.update(_tree(tokens))
            if not tokens:
                raise invalid("Invalid field selection", "fields")
            tokens.pop(0)
        if tokens and tokens[0] == ",":
            tokens.pop(0)
    return tree


def _kept(value: Any, tree: Tree) -> Any:
    if isinstance(value, list):
        return [_kept(one, tree) for one in value]
    if not tree or not isinstance(value, dict):
        return value
    return {name: _kept(one, tree.get(name, tree.get("*", {}))) for name, one in value.items()
            if name in tree or "*" in tree}  # fmt: skip
