"""`rituals simulate`: what it writes and prints, and all that it leaves alone. Not here: how the page looks (album)."""

from __future__ import annotations

import hashlib
import html
import json
import subprocess
import sys
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from scheduler.adapters.memory import MemoryClock
from scheduler.app.wiring import open_service
from scheduler.content.assets import Assets
from scheduler.settings import load
from tests.build import at
from tests.cli import document, rituals, write_couple

pytestmark = pytest.mark.slow

WEEKS = ("--weeks", "2", "--from", "2026-11-23")
RITUALS = Path(sys.executable).with_name("rituals")


def fingerprint(folder: Path) -> dict[str, str]:
    """Every file below the folder with the hash of its bytes, every folder with none."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        for path in folder.rglob("*")
    }


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A couple's folder whose service has run once: state, calendars and mail stand there."""
    folder = tmp_path / "home"
    folder.mkdir()
    file = write_couple(folder, sam="quiet = false", kim="quiet = false")
    service = open_service(load(file, Assets()), clock=MemoryClock(at("2026-11-22 10:00")))
    for name in ("sam", "kim"):
        service.join(name, shown="the text of a test")
    service.tick()
    service.parts.store.close()
    assert list((folder / "calendars" / "sam").glob("*.ics"))
    return folder


def simulate(file: Path, *options: str | Path) -> Result:
    answer = rituals("simulate", "-c", file, *WEEKS, *options)
    assert answer.exit_code == 0, answer.output
    return answer


def of(home: Path) -> Path:
    return home / "scheduler.toml"


def test_the_document_tells_every_occurrence_and_message_in_each_ones_own_time(home: Path) -> None:
    told: dict[str, list[dict[str, Any]]] = document("simulate", "-c", of(home), *WEEKS)
    assert told.keys() >= {"occurrences", "messages"}
    for one in told["occurrences"]:
        assert one.keys() >= {"ritual", "local_date", "state", "partners"}
        times = {who: datetime.fromisoformat(span["starts_at"]) for who, span in one["partners"].items()}
        assert times["sam"] == times["kim"], "one instant"
        assert times["sam"].utcoffset() == timedelta(hours=1)
        assert times["kim"].utcoffset() == timedelta(0)
        assert times["sam"].date() == date.fromisoformat(one["local_date"])
        assert times["sam"] < datetime.fromisoformat(one["partners"]["sam"]["ends_at"])
        assert one["state"] == "placed"
    assert {one["ritual"] for one in told["occurrences"]} == {"coffee-date", "check-in"}
    for message in told["messages"]:
        assert message.keys() == {"partner", "kind", "sent_at", "subject"}
        assert message["subject"]
        assert datetime.fromisoformat(message["sent_at"]).utcoffset() == timedelta(0)
    kinds = {(one["partner"], one["kind"]) for one in told["messages"]}
    assert kinds >= {(who, kind) for who in ("sam", "kim") for kind in ("question", "digest")}


def test_it_writes_both_calendars_every_mail_and_a_page(home: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    told = json.loads(simulate(of(home), "--out", out, "--json").stdout)
    for who in ("sam", "kim"):
        texts = [file.read_text() for file in (out / "calendars" / who).glob("*.ics")]
        assert len(texts) >= len(told["occurrences"])
        assert all("BEGIN:VEVENT" in text for text in texts)
        letters = list((out / "mail" / who / "new").iterdir())
        assert len(letters) == sum(one["partner"] == who for one in told["messages"])
    page = html.unescape((out / "index.html").read_text())
    assert all(one["subject"] in page for one in told["messages"])
    assert "http://" not in page.replace("http://www.w3.org/", "")
    assert "https://" not in page


def test_nothing_real_is_touched(home: Path, tmp_path: Path) -> None:
    before = fingerprint(home)
    simulate(of(home), "--out", tmp_path / "out")
    simulate(of(home))
    assert fingerprint(home) == before


def test_without_state_none_is_made(tmp_path: Path) -> None:
    file = write_couple(tmp_path)
    answer = simulate(file)
    assert [path.name for path in tmp_path.iterdir()] == ["scheduler.toml"]
    assert "not said yes yet" in answer.stdout


def test_it_goes_on_from_the_state_as_it_is_and_twice_gives_the_same(home: Path) -> None:
    first, second = (document("simulate", "-c", of(home), *WEEKS) for _ in range(2))
    assert first == second
    standing = "".join(file.read_text() for file in (home / "calendars" / "kim").glob("*.ics"))
    for one in first["occurrences"]:
        starts_at = datetime.fromisoformat(one["partners"]["kim"]["starts_at"])
        assert f"{starts_at:%Y%m%dT%H%M%SZ}" in standing


def test_it_begins_on_the_day_that_was_asked_for(home: Path) -> None:
    told = document("simulate", "-c", of(home), "--weeks", "1", "--from", "2026-12-07")
    days = {one["local_date"] for one in told["occurrences"]}
    assert min(days) == "2026-12-07"
    assert max(days) <= "2026-12-13"


@pytest.mark.parametrize("day", ["yesterday", "2026-02-30", "7.12.2026"])
def test_what_is_no_day_is_refused(home: Path, day: str) -> None:
    answer = rituals("simulate", "-c", of(home), "--from", day)
    assert answer.exit_code == 2
    assert "is not a date" in answer.stderr


def test_a_folder_with_other_peoples_files_is_refused_and_left_as_it_was(home: Path, tmp_path: Path) -> None:
    out = tmp_path / "photos"
    out.mkdir()
    (out / "us.jpg").write_bytes(b"us")
    answer = rituals("simulate", "-c", of(home), *WEEKS, "--out", out)
    assert answer.exit_code == 78
    assert "not a rehearsal's" in answer.stderr
    assert fingerprint(out) == {"us.jpg": hashlib.sha256(b"us").hexdigest()}


def test_its_own_folder_is_written_anew(home: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    simulate(of(home), "--out", out)
    (out / "calendars" / "sam" / "left-over.ics").write_text("from last time")
    simulate(of(home), "--out", out)
    assert not (out / "calendars" / "sam" / "left-over.ics").exists()
    assert (out / "index.html").exists()


def test_an_empty_directory_gets_the_example_couple(tmp_path: Path) -> None:
    answer = subprocess.run([RITUALS, "simulate", "--weeks", "1"], cwd=tmp_path, capture_output=True, text=True)
    assert answer.returncode == 0
    assert "this is the example couple" in answer.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_was_asked_for_and_is_not_there_is_an_error(tmp_path: Path) -> None:
    answer = rituals("simulate", "-c", tmp_path / "ours.toml")
    assert answer.exit_code == 78
    assert "there is no such file" in answer.stderr
