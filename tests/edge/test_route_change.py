"""An edited route, with the real command on real folders: looking leaves everything, working moves everything."""

from __future__ import annotations

from pathlib import Path

import pytest

from scheduler.adapters.memory import MemoryClock
from scheduler.app.wiring import open_service
from scheduler.content.assets import Assets
from scheduler.settings import load
from tests.build import at
from tests.cli import rituals, write_couple

pytestmark = pytest.mark.slow


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A couple whose service has run once; since then Sam's calendar has another path in the file."""
    service = open_service(load(write_couple(tmp_path), Assets()), clock=MemoryClock(at("2126-11-22 10:00")))
    for name in ("sam", "kim"):
        service.join(name, shown="the text of a test")
    service.tick()
    service.parts.store.close()
    write_couple(tmp_path, sam='calendar = { path = "elsewhere" }')
    return tmp_path


def events_in(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.glob("*.ics")}


@pytest.mark.parametrize(
    "words",
    [
        ["plan"],
        ["plan", "--explain"],
        ["simulate", "--weeks", "1", "--from", "2126-11-23"],
        ["status"],
        ["calendars"],
        ["doctor", "--offline"],
    ],
    ids=" ".join,
)
def test_who_only_looks_takes_nothing_out_of_the_old_calendar(home: Path, words: list[str]) -> None:
    before = events_in(home / "calendars" / "sam")
    assert before
    rituals(*words, "-c", home / "scheduler.toml")
    assert events_in(home / "calendars" / "sam") == before
    assert not (home / "elsewhere").exists()


def test_the_service_leaves_the_old_calendar_and_fills_the_new_one(home: Path) -> None:
    many = len(events_in(home / "calendars" / "sam"))
    answer = rituals("tick", "-c", home / "scheduler.toml", "--at", "2126-11-22 12:00")
    assert answer.exit_code == 0, answer.output
    assert events_in(home / "calendars" / "sam") == {}
    assert len(events_in(home / "elsewhere")) == many
