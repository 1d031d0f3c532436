"""The project as the guards see it: its modules as syntax trees, its files as git sees them. Not here: any rule."""

from __future__ import annotations

import ast
import subprocess
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Module:
    """One file below scheduler/; ``name`` is dotted."""

    name: str
    path: Path
    text: str
    tree: ast.Module


@cache
def modules() -> tuple[Module, ...]:
    return tuple(read_module(path, ROOT) for path in sorted((ROOT / "scheduler").rglob("*.py")))


def read_module(path: Path, root: Path) -> Module:
    text = path.read_text(encoding="utf-8")
    parts = path.relative_to(root).with_suffix("").parts
    name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    return Module(name, path, text, ast.parse(text))


def functions(module: Module) -> Iterator[tuple[str, Function, bool]]:
    """Every function with its dotted name and whether it is a method, nested ones included."""
    yield from _functions(module.tree, module.name, in_class=False)


def _functions(node: ast.AST, name: str, in_class: bool) -> Iterator[tuple[str, Function, bool]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{name}.{child.name}", child, in_class
            yield from _functions(child, f"{name}.{child.name}", in_class=False)
        elif isinstance(child, ast.ClassDef):
            yield from _functions(child, f"{name}.{child.name}", in_class=True)
        else:
            yield from _functions(child, name, in_class=in_class)


def imported(module: Module) -> set[str]:
    """Dotted names that the module imports anywhere, in functions too."""
    names: set[str] = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


@cache
def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@cache
def texts() -> dict[str, str]:
    """Every text file that is or would be committed, by path."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    found = {}
    for name in filter(None, listing.stdout.split("\0")):
        data = (ROOT / name).read_bytes() if (ROOT / name).is_file() else b"\0"
        if b"\0" not in data:
            found[name] = data.decode("utf-8")
    return found
