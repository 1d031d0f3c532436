"""The floors hold, and a module that breaks them is noticed. Not here: the contracts (pyproject.toml)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.guard.source import ROOT

pytestmark = pytest.mark.slow


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "scheduler", tmp_path / "scheduler", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def broken_contracts(where: Path) -> str:
    """What import-linter says; empty when all contracts are kept."""
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=where, env={**os.environ, "PYTHONPATH": str(where)}, capture_output=True, text=True,
    )  # fmt: skip
    return done.stdout + done.stderr if done.returncode else ""


def test_the_floors_hold(copy: Path) -> None:
    assert broken_contracts(copy) == ""


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("stray.py", "", "stray"),
        ("domain/greedy.py", "import scheduler.ports", "Imports go downwards only"),
        ("engine/hasty.py", "import scheduler.adapters.system", "Imports go downwards only"),
        ("engine/nosy.py", "import scheduler.engine.plan", "Engine steps meet only in the store"),
        ("adapters/nosy.py", "import scheduler.adapters.memory", "Adapters are strangers to each other"),
        ("domain/worldly.py", "import pathlib", "The domain is pure"),
    ],
)
def test_a_module_that_breaks_the_floors_is_noticed(copy: Path, module: str, line: str, contract: str) -> None:
    (copy / "scheduler" / module).write_text(f'"""Stray."""\n\n{line}\n')
    said = " ".join(broken_contracts(copy).split())
    assert f"{contract} BROKEN" in said or (not line and contract in said)
