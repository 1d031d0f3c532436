"""Imports every module of a package and prints what they did besides: run as a program by test_import.

Usage: python at_import.py PACKAGE. Not here: the claim that nothing may be printed.
"""

from __future__ import annotations

import ast
import contextlib
import importlib
import importlib.util
import os
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

CLOCK_AND_CHANCE = {"now", "utcnow", "today", "time", "time_ns", "monotonic", "perf_counter", "urandom", "getrandbits"}
EFFECTS = ("socket.", "subprocess.", "os.mkdir", "os.remove", "os.rename", "os.system", "os.putenv", "sqlite3.connect")


def main(package: str) -> None:
    sys.dont_write_bytecode = True
    files = dict(ours(package))
    for path in files.values():
        load_strangers(path, package)
    # Modules fetch os.environ anew at each use, so a stand-in sees every reader.
    vars(os)["environ"] = Watched(os.environ, package)
    sys.addaudithook(report_effects)
    sys.setprofile(lambda frame, event, what: report_clock(frame, event, what, package))
    for name in files:
        importlib.import_module(name)
    sys.setprofile(None)


def ours(package: str) -> Iterator[tuple[str, Path]]:
    """Every module that is imported by name; migrations are programs that the migration tool runs."""
    spec = importlib.util.find_spec(package)
    assert spec
    assert spec.origin
    folder = Path(spec.origin).parent
    for path in sorted(folder.rglob("*.py")):
        parts = path.relative_to(folder.parent).with_suffix("").parts
        if "migrations" not in parts[:-1] and "_assets" not in parts:
            yield ".".join(parts).removesuffix(".__init__"), path


def load_strangers(path: Path, package: str) -> None:
    """Other people's modules may do at import as they please: load them before we watch."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        wanted = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module:
            wanted = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        for one in wanted:
            if one.partition(".")[0] != package:
                load(one)


def load(name: str) -> None:
    with contextlib.suppress(ImportError):  # `from a import b`, where b is no module
        importlib.import_module(name)


def report_effects(event: str, given: tuple[Any, ...]) -> None:
    if event == "open" and not is_code(str(given[0])):
        print("opened", given[0])
    elif event.startswith(EFFECTS):
        print("did", event)


def is_code(path: str) -> bool:
    """What Python reads to import: source, byte code, libraries, its own folders; pydantic also looks for plugins."""
    own = (*sys.path, sysconfig.get_path("stdlib"))
    return path.endswith((".py", ".pyc", ".so", "entry_points.txt")) or path in own


def report_clock(frame: FrameType, event: str, what: Any, package: str) -> None:
    caller = str(frame.f_globals.get("__name__"))
    if event == "c_call" and caller.partition(".")[0] == package and what.__name__ in CLOCK_AND_CHANCE:
        print("asked", what.__name__, "in", caller)


class Watched(dict[str, str]):
    """An environment that says which of our modules read it."""

    def __init__(self, known: Any, package: str) -> None:
        super().__init__(known)
        self._package = package

    def __getitem__(self, key: str) -> str:
        self._say(key)
        return super().__getitem__(key)

    def get(self, key: str, default: Any = None) -> Any:
        self._say(key)
        return super().get(key, default)

    def _say(self, key: str) -> None:
        frame: FrameType | None = sys._getframe(2)
        while frame and frame.f_globals.get("__name__") == "os":
            frame = frame.f_back
        if frame and str(frame.f_globals.get("__name__")).partition(".")[0] == self._package:
            print("read the environment:", key)


if __name__ == "__main__":
    main(sys.argv[1])
