"""The command line for tests: a couple's file, and `rituals` run inside this process. Not here: any claim."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from scheduler.app.wiring import open_store
from scheduler.cli import main
from scheduler.content.assets import Assets
from scheduler.domain.couple import Membership, Standing
from scheduler.settings import Settings, load
from tests.build import at

COUPLE = """\
[[partner]]
name = "Sam"
email = "sam@example.org"
zone = "Europe/Berlin"
{sam}
[[partner]]
name = "Kim"
email = "kim@example.org"
zone = "Europe/London"
{kim}
[[ritual]]
kind = "coffee date"

[[ritual]]
kind = "check-in"
"""


def write_couple(folder: Path, *, sam: str = "", kim: str = "", rest: str = "") -> Path:
    """A file with two partners in two zones; ``sam`` and ``kim`` are lines of their tables."""
    file = folder / "scheduler.toml"
    file.write_text(COUPLE.format(sam=sam, kim=kim) + rest)
    return file


def couple_in(folder: Path, **lines: str) -> Settings:
    return load(write_couple(folder, **lines), Assets())


def with_yes(settings: Settings, *who: str) -> Settings:
    """The settings, once these have said yes."""
    with closing(open_store(settings)) as store, store.transaction() as tx:
        for one in who:
            tx.save_membership(settings.couple.id, Membership(one, Standing.JOINED, at("2026-11-20 09:00"), "text"))
    return settings


def rituals(*words: str | Path, said: str = "") -> Result:
    """Run a command; ``said`` is what the person types."""
    return CliRunner().invoke(main, [str(word) for word in words], input=said)


def document(*words: str | Path) -> Any:
    """What a command with --json prints."""
    return json.loads(rituals(*words, "--json").stdout)
