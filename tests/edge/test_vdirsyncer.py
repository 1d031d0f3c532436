"""The real vdirsyncer carries our folder to another calendar and a person's edits back."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from scheduler.adapters.folder import FolderCalendar
from tests.build import at, read
from tests.contract.by_hand import drag, file_of
from tests.contract.calendar_contract import later, make_event

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

CONFIG = """[general]
status_path = "{home}/status"

[pair rituals]
a = "ours"
b = "theirs"
collections = null
conflict_resolution = "b wins"
metadata = ["displayname", "color"]

[storage ours]
type = "filesystem"
path = "{home}/ours"
fileext = ".ics"

[storage theirs]
type = "filesystem"
path = "{home}/theirs"
fileext = ".ics"
"""


class TwoSides:
    """Our folder, and the one that the partner's own program keeps."""

    def __init__(self, home: Path) -> None:
        self._home, self.theirs = home, home / "theirs"
        self.theirs.mkdir()
        (home / "config").write_text(CONFIG.format(home=home))
        self.calendar = FolderCalendar(home / "ours", title="Rituals", colour="#7a9e7e", zone=ZoneInfo("Europe/Berlin"))

    def sync(self) -> None:
        if not (self._home / "status").exists():
            self.run("discover", "rituals")
        self.run("sync", "rituals")

    def run(self, *arguments: str) -> None:
        program = str(Path(sys.executable).parent / "vdirsyncer")
        environment = {**os.environ, "HOME": str(self._home), "VDIRSYNCER_CONFIG": str(self._home / "config")}
        done = subprocess.run([program, *arguments], env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


@pytest.fixture
def sides(tmp_path: Path) -> TwoSides:
    return TwoSides(tmp_path)


def test_our_events_arrive_unchanged_with_name_and_colour(sides: TwoSides) -> None:
    sides.calendar.put(make_event(), None)
    sides.sync()
    sides.run("metasync", "rituals")
    ours = {file.name: file.read_bytes() for file in (sides.theirs.parent / "ours").iterdir()}
    assert {file.name: file.read_bytes() for file in sides.theirs.iterdir()} == ours


def test_an_edit_on_the_other_side_comes_back_as_the_new_time(sides: TwoSides) -> None:
    tag = sides.calendar.put(make_event(), None)
    sides.sync()
    drag(file_of(sides.theirs, "coffee1"), at("2026-11-25 06:30"))
    sides.sync()
    seen = read(sides.calendar, "coffee1")["coffee1"]
    assert (seen.starts_at, seen.ends_at) == (at("2026-11-25 06:30"), at("2026-11-25 07:30"))
    assert seen.tag != tag


def test_a_change_of_ours_goes_over_and_a_foreign_event_comes_in_untouched(sides: TwoSides) -> None:
    tag = sides.calendar.put(make_event(), None)
    (sides.theirs / "dentist.ics").write_text(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:dentist\r\nDTSTAMP:20261101T000000Z\r\n"
        "DTSTART:20261124T090000Z\r\nDTEND:20261124T093000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    sides.sync()
    foreign = (sides.theirs / "dentist.ics").read_bytes()
    sides.calendar.put(later(make_event()), tag)
    sides.sync()
    assert b"DTSTART:20261123T190000Z" in file_of(sides.theirs, "coffee1").read_bytes()
    assert (sides.theirs / "dentist.ics").read_bytes() == foreign
    sides.calendar.remove(make_event(), None)
    sides.sync()
    assert {file.name for file in sides.theirs.glob("*.ics")} == {"dentist.ics"}


def test_a_deletion_on_the_other_side_is_seen_as_gone(sides: TwoSides) -> None:
    for uid in ("coffee1", "walk1"):
        sides.calendar.put(make_event(uid), None)
    sides.sync()
    file_of(sides.theirs, "coffee1").unlink()
    sides.sync()
    assert set(sides.calendar.seen(["coffee1", "walk1"])) == {"walk1"}
