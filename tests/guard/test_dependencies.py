"""Every dependency has a reason in INTENT.md, a place in the code, and a hash in the lock."""

from __future__ import annotations

import re
import sys
from functools import cache
from importlib.metadata import packages_distributions

import pytest

from tests.guard.source import ROOT, imported, modules, project

INTENT = (ROOT / "INTENT.md").read_text(encoding="utf-8")


def plain(name: str) -> str:
    """One spelling for each package name (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def declared(requirements: list[str]) -> set[str]:
    return {plain(re.split(r"[<>=!~\[; ]", one)[0]) for one in requirements}


def rows_below(heading: str) -> dict[str, list[str]]:
    """The table under a heading of INTENT.md: first cell → the others."""
    section = INTENT.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line[:1] == "|"]
    return {plain(first.strip("`")): others for first, *others in cells[2:]}


RUNTIME = declared(project()["project"]["dependencies"])
TOOLS = declared(project()["dependency-groups"]["dev"])
REASONS = rows_below("Dependencies")
# Imported under its own name, but a half of the package that we declare.
HALVES = {"httplib2": "google-auth-httplib2", "pydantic-core": "pydantic"}
# Several packages put modules below the name "google": the name below it tells whose it is.
SHARED = {"google.auth": "google-auth", "google.oauth2": "google-auth"}
HOMES = {name: re.findall(r"`(scheduler[\w.]*)`", cells[0]) for name, cells in REASONS.items()}


@cache
def places() -> dict[str, set[str]]:
    """Package → our modules that import it."""
    providers = packages_distributions()
    found: dict[str, set[str]] = {}
    for module in modules():
        for name in imported(module):
            top, below = name.partition(".")[0], ".".join(name.split(".")[:2])
            if top in sys.stdlib_module_names or top == "scheduler":
                continue
            given = [SHARED[below]] if below in SHARED else providers.get(top, [top])
            for provider in map(plain, given):
                found.setdefault(HALVES.get(provider, provider), set()).add(module.name)
    return found


def is_in(module: str, home: str) -> bool:
    return module == home or module.startswith(f"{home}.")


def test_every_dependency_has_its_line_in_intent_and_every_line_a_dependency() -> None:
    assert set(REASONS) == RUNTIME
    assert set(rows_below("Tools")) == TOOLS


def test_a_line_says_where_what_it_saves_what_it_costs_and_how_we_would_leave() -> None:
    assert [name for name, cells in REASONS.items() if len(cells) != 4 or not all(cells)] == []


def test_what_is_imported_is_declared() -> None:
    assert set(places()) - RUNTIME == set()


@pytest.mark.parametrize("name", sorted(RUNTIME))
def test_a_dependency_is_imported_only_where_intent_says(name: str) -> None:
    found = places().get(name, set())
    assert {module for module in found if not any(is_in(module, home) for home in HOMES[name])} == set()


@pytest.mark.parametrize("name", sorted(RUNTIME))
def test_a_place_that_intent_names_does_import_the_dependency(name: str) -> None:
    found = places().get(name, set())
    assert [home for home in HOMES[name] if not any(is_in(module, home) for module in found)] == []


@pytest.mark.parametrize(
    ("lock", "names"), [("requirements.lock", RUNTIME), ("requirements-dev.lock", RUNTIME | TOOLS)]
)
def test_a_lock_pins_every_dependency_with_hashes_and_no_address(lock: str, names: set[str]) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    entries = re.split(r"\n(?=[A-Za-z0-9])", text.strip())
    pinned = {plain(entry.partition("==")[0]) for entry in entries if "--hash=sha256:" in entry}
    assert len(pinned) == len(entries)
    assert names - pinned == set()
    assert "://" not in text


def test_both_locks_agree() -> None:
    runtime, dev = (set(re.findall(r"^\S+==\S+", (ROOT / name).read_text(), re.MULTILINE))
                    for name in ("requirements.lock", "requirements-dev.lock"))  # fmt: skip
    assert runtime - dev == set()
