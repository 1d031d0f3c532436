"""Whoever connects nothing pays nothing for the libraries that connect. Not here: what they do."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.guard.source import ROOT

pytestmark = pytest.mark.slow

COUNT = (
    "import sys, {}; print(len({{'google.auth', 'google_auth_oauthlib', 'caldav', 'httpcore'}} & sys.modules.keys()))"
)


@pytest.mark.parametrize("module", ["cli.connect", "app.connecting", "app.doors", "app.feeding", "web.public"])
def test_importing_the_pages_and_the_command_loads_no_client(module: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", COUNT.format(f"scheduler.{module}")],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert (done.returncode, done.stdout.strip()) == (0, "0"), done.stderr
