"""The real khal shows our events, and what it writes back is understood."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from scheduler.adapters.folder import FolderCalendar
from tests.build import at, read
from tests.contract.calendar_contract import later, make_event

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

CONFIG = """[calendars]
[[rituals]]
path = {folder}
[sqlite]
path = {home}/khal.db
[locale]
local_timezone = Europe/Berlin
default_timezone = Europe/Berlin
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
"""

# The steps of khal's own interactive editor (khal/ui and khal/controllers): change the times, count up, save.
DRAG = """
import datetime, sys
from khal.cli_utils import build_collection
from khal.settings import get_config
config = get_config(sys.argv[1])
collection = build_collection(config, None)
event = next(iter(collection.get_events_on(datetime.date(2026, 11, 23))))
start = config["locale"]["default_timezone"].localize(datetime.datetime(2026, 11, 25, 7, 30))
event.update_start_end(start, start + datetime.timedelta(hours=1))
event.increment_sequence()
collection.update(event)
"""


class Khal:
    def __init__(self, home: Path, folder: Path) -> None:
        self._home, self._config = home, home / "khal.conf"
        self._config.write_text(CONFIG.format(folder=folder, home=home))

    def runs(self, *command: str) -> str:
        home = {f"XDG_{kind}_HOME": str(self._home) for kind in ("CONFIG", "DATA", "CACHE")}
        environment = {**os.environ, **home, "HOME": str(self._home), "LC_ALL": "C.UTF-8"}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def lists(self, form: str) -> list[str]:
        khal = str(Path(sys.executable).parent / "khal")
        shown = self.runs(
            khal, "-c", str(self._config), "list", "--day-format", "", "--format", form, "2026-11-23", "7d"
        )
        return [line.strip() for line in shown.splitlines() if line.strip()]

    def drags(self) -> None:
        self.runs(sys.executable, "-c", DRAG, str(self._config))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "calendars" / "sam"


@pytest.fixture
def calendar(folder: Path) -> FolderCalendar:
    return FolderCalendar(folder, title="Rituals", colour="#7a9e7e", zone=ZoneInfo("Europe/Berlin"))


@pytest.fixture
def khal(tmp_path: Path, folder: Path) -> Khal:
    return Khal(tmp_path, folder)


def test_khal_shows_title_times_alarm_and_all_lines_of_the_description(calendar: FolderCalendar, khal: Khal) -> None:
    text = "Sit down together; phones away, please.\nOne asks — the other answers.\n" + "A long line. " * 20
    calendar.put(make_event(title="Coffee ☕, you; me", description=text), None)
    calendar.put(later(make_event("walk1", title="Walk", reminder=None)), None)
    assert khal.lists("{start-time}-{end-time} {title}{alarm-symbol}{repeat-symbol}") == [
        "19:00-20:00 Coffee ☕, you; me ⏰",
        "20:00-21:00 Walk",
    ]
    assert khal.lists("{description}")[:3] == text.strip().splitlines()


def test_a_change_of_ours_is_the_same_event_to_khal(calendar: FolderCalendar, khal: Khal) -> None:
    tag = calendar.put(make_event(), None)
    assert khal.lists("{start-time} {uid}") == ["19:00 coffee1"]
    calendar.put(later(make_event()), tag)
    assert khal.lists("{start-time} {uid}") == ["20:00 coffee1"]


def test_a_move_in_khal_is_seen_and_not_overwritten(calendar: FolderCalendar, khal: Khal) -> None:
    tag = calendar.put(make_event(), None)
    khal.drags()
    seen = read(calendar, "coffee1")["coffee1"]
    assert (seen.starts_at, seen.ends_at) == (at("2026-11-25 06:30"), at("2026-11-25 07:30"))
    assert (seen.tag != tag, seen.sequence, seen.cancelled) == (True, 1, False)
    calendar.put(later(make_event(sequence=1)), seen.tag)
    assert khal.lists("{start-date} {start-time} {title}") == ["2026-11-23 20:00 Coffee date"]
