"""Importing our modules does nothing: no clock, no chance, no file, no environment, no connection."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).with_name("at_import.py")

pytestmark = pytest.mark.slow


def seen_while_importing(package: str, where: Path) -> list[str]:
    done = subprocess.run(
        [sys.executable, PROGRAM, package],
        capture_output=True, text=True, cwd=where, env={**os.environ, "PYTHONPATH": str(where)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_nothing_happens_at_import(tmp_path: Path) -> None:
    assert seen_while_importing("scheduler", tmp_path) == []


@pytest.mark.parametrize(
    ("careless", "seen"),
    [
        ("from datetime import datetime\nT = datetime.now()", "asked now in careless.one"),
        ("import time\nT = time.time()", "asked time in careless.one"),
        ("import os\nT = os.urandom(4)", "asked urandom in careless.one"),
        ("import os\nT = os.environ.get('HOME')", "read the environment: HOME"),
        ("import os\nT = os.getenv('HOME')", "read the environment: HOME"),
        ("T = open('note.txt', 'w')", "opened note.txt"),
        ("from pathlib import Path\nT = Path('one.toml').read_text()", "opened one.toml"),
        ("import socket\nT = socket.socket()", "did socket.__new__"),
    ],
)
def test_a_careless_module_is_seen(tmp_path: Path, careless: str, seen: str) -> None:
    (tmp_path / "careless").mkdir()
    (tmp_path / "careless" / "__init__.py").touch()
    (tmp_path / "careless" / "one.py").write_text(careless)
    (tmp_path / "one.toml").touch()
    assert seen in seen_while_importing("careless", tmp_path)
