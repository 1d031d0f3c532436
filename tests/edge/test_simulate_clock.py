"""`rituals simulate` across a change of the clocks, and with a calendar that cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from scheduler.app.letters import ShownLetter, in_reading_order
from scheduler.domain.message import MailKind
from tests.build import at
from tests.cli import document, rituals, write_couple

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(("monday", "sunday"), [("2027-03-22", "28 March 2027"), ("2027-10-25", "31 October 2027")])
def test_a_week_in_which_the_clocks_change_ends_on_its_sunday(tmp_path: Path, monday: str, sunday: str) -> None:
    out = tmp_path / "out"
    options = ("--weeks", "1", "--from", monday, "--out", out)
    assert rituals("simulate", "-c", write_couple(tmp_path), *options).exit_code == 0
    page = (out / "index.html").read_text(encoding="utf-8")
    assert f" to {sunday}" in page


def test_a_calendar_that_cannot_be_read_keeps_every_time_open(tmp_path: Path) -> None:
    file = write_couple(tmp_path, sam='busy = ["gone.ics"]')
    told = document("simulate", "-c", file, "--weeks", "1", "--from", "2026-11-23", "--json")
    assert told["occurrences"] == []
    assert {one["reason"] for one in told["unplaced"]} == {"one calendar cannot be read just now"}


def test_busy_times_count_up_to_the_last_day(tmp_path: Path) -> None:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:test", "BEGIN:VEVENT", "UID:a", "DTSTAMP:20261101T000000Z"]
    lines += ["DTSTART:20261214T000000Z", "DTEND:20270401T000000Z", "END:VEVENT", "END:VCALENDAR", ""]
    (tmp_path / "away.ics").write_text("\r\n".join(lines), encoding="utf-8")
    file = write_couple(tmp_path, sam='busy = ["away.ics"]')
    told = document("simulate", "-c", file, "--weeks", "8", "--from", "2026-11-23", "--json")
    assert max(one["local_date"] for one in told["occurrences"]) < "2026-12-14"


def test_of_two_mails_of_one_second_the_welcome_is_shown_first() -> None:
    kinds = (MailKind.TIME_SET, MailKind.WELCOME)
    letters = [ShownLetter("sam", kind, at("2026-11-23 09:00"), "Subject", "", "") for kind in kinds]
    assert [one.kind for one in in_reading_order(letters)] == [MailKind.WELCOME, MailKind.TIME_SET]
