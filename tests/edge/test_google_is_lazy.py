"""Whoever has no calendar at Google pays nothing for those who have. Not here: what the calendar does."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.guard.source import ROOT

pytestmark = pytest.mark.slow

COUNT = (
    "import sys, {}; print(sum(name.partition('.')[0] in {{'googleapiclient', 'httplib2'}} for name in sys.modules))"
)


def loaded_with(modules: str) -> int:
    """How many modules of the client a fresh Python holds after importing these."""
    done = subprocess.run([sys.executable, "-c", COUNT.format(modules)], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


def test_the_service_starts_without_google_s_client() -> None:
    assert loaded_with("scheduler.cli, scheduler.cli.run, scheduler.app.wiring, scheduler.web.live") == 0


def test_the_calendar_at_google_does_load_it() -> None:
    assert loaded_with("scheduler.adapters.google.calendar") > 0
