"""The folder calendar keeps every promise of a calendar, and shares its folder with other programs."""

from __future__ import annotations

import os
import shutil
from contextlib import nullcontext, suppress
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from scheduler.adapters import folder
from scheduler.adapters.folder import FolderCalendar
from scheduler.content.ics import to_ics
from scheduler.domain.errors import Conflict, Refused, Unavailable
from tests.build import at, read
from tests.contract.by_hand import drag, file_of
from tests.contract.calendar_contract import HOUR, CalendarContract, PartnerWithCalendar, later, make_event

BERLIN = ZoneInfo("Europe/Berlin")
FOREIGN = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:dentist\r\nSUMMARY:Dentist\r\n"
    b"DTSTART:20261124T090000Z\r\nDTEND:20261124T093000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


def folder_calendar(path: Path) -> FolderCalendar:
    return FolderCalendar(path, title="Rituals", colour="#7a9e7e", zone=BERLIN)


class FolderPartner:
    def __init__(self, path: Path) -> None:
        self._path = path
        self.calendar = folder_calendar(path)

    def moves(self, uid: str, starts_at: datetime) -> None:
        drag(file_of(self._path, uid), starts_at)

    def deletes(self, uid: str) -> None:
        file_of(self._path, uid).unlink()

    def unplugs(self) -> None:
        shutil.rmtree(self._path)


class TestFolderCalendar(CalendarContract):
    @pytest.fixture
    def partner(self, tmp_path: Path) -> PartnerWithCalendar:
        return FolderPartner(tmp_path / "calendars" / "sam")


def test_a_folder_that_is_suddenly_empty_is_an_error(tmp_path: Path) -> None:
    """Nothing in it could say that a person deleted each event."""
    partner = FolderPartner(tmp_path / "sam")
    for uid in ("coffee1", "walk1"):
        partner.calendar.put(make_event(uid), None)
        partner.deletes(uid)
    with pytest.raises(Unavailable):
        partner.calendar.seen(["coffee1", "walk1"])


def test_nothing_counts_as_removed_while_the_folder_is_away(tmp_path: Path) -> None:
    """A disk that is not mounted comes back, and the event with it."""
    partner = FolderPartner(tmp_path / "sam")
    tag = partner.calendar.put(make_event(), None)
    (tmp_path / "sam").rename(tmp_path / "elsewhere")
    with pytest.raises(Unavailable):
        partner.calendar.remove(make_event(), tag)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sam"


@pytest.fixture
def calendar(path: Path) -> FolderCalendar:
    return folder_calendar(path)


def test_the_first_event_makes_the_folder(calendar: FolderCalendar, path: Path) -> None:
    calendar.put(make_event(), None)
    assert {file.name: file.read_bytes() for file in path.iterdir()} == {
        "coffee1.ics": to_ics(make_event()),
        "displayname": b"Rituals",
        "color": b"#7a9e7e",
    }


def test_a_name_and_colour_that_a_person_chose_stay(calendar: FolderCalendar, path: Path) -> None:
    calendar.put(make_event(), None)
    (path / "displayname").write_text("Us two")
    (path / "color").write_text("#ff0000")
    calendar.put(make_event("walk1"), None)
    assert ((path / "displayname").read_text(), (path / "color").read_text()) == ("Us two", "#ff0000")


@pytest.mark.parametrize("restarted", [False, True])
def test_a_file_that_was_renamed_is_still_the_event(calendar: FolderCalendar, path: Path, restarted: bool) -> None:
    tag = calendar.put(make_event(), None)
    (path / "coffee1.ics").rename(path / "QX81.ics")
    calendar = folder_calendar(path) if restarted else calendar
    assert calendar.put(make_event(), None) == tag
    tag = calendar.put(later(make_event()), tag)
    assert {file.name for file in path.glob("*.ics")} == {"QX81.ics"}
    assert read(calendar, "coffee1")["coffee1"].tag == tag
    calendar.remove(make_event(), None)
    assert list(path.glob("*.ics")) == []


def test_a_renamed_event_is_not_created_again(calendar: FolderCalendar, path: Path) -> None:
    calendar.put(make_event(), None)
    (path / "coffee1.ics").rename(path / "QX81.ics")
    with pytest.raises(Conflict):
        calendar.put(later(make_event()), None)
    assert len(list(path.glob("*.ics"))) == 1


def test_a_file_that_became_another_event_is_looked_at_again(calendar: FolderCalendar, path: Path) -> None:
    tag = calendar.put(make_event(), None)
    (path / "QX81.ics").write_bytes(FOREIGN)
    calendar.put(make_event("walk1"), None)
    (path / "coffee1.ics").rename(path / "QX81.ics")
    calendar.put(later(make_event()), tag)
    assert (path / "QX81.ics").read_bytes() == to_ics(later(make_event()))


def rename_after_the_next_listing(monkeypatch: pytest.MonkeyPatch, path: Path, *, listed: bool) -> None:
    """Another program renames our file just after, or just while, we list the folder."""
    genuine = os.scandir

    def scandir(place: Path) -> Any:
        monkeypatch.setattr(os, "scandir", genuine)
        entries = [one for one in genuine(place) if listed or one.name != "coffee1.ics"]
        (path / "coffee1.ics").rename(path / "QX81.ics")
        return nullcontext(entries)

    monkeypatch.setattr(os, "scandir", scandir)


@pytest.mark.parametrize("listed", [True, False])
def test_a_rename_while_we_look_is_no_wish_to_delete(
    calendar: FolderCalendar, path: Path, monkeypatch: pytest.MonkeyPatch, listed: bool
) -> None:
    tag = calendar.put(make_event(), None)
    rename_after_the_next_listing(monkeypatch, path, listed=listed)
    assert read(calendar, "coffee1")["coffee1"].tag == tag


def test_a_rename_while_we_look_is_no_conflict(
    calendar: FolderCalendar, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tag = calendar.put(make_event(), None)
    rename_after_the_next_listing(monkeypatch, path, listed=True)
    calendar.put(later(make_event()), tag)
    assert (path / "QX81.ics").read_bytes() == to_ics(later(make_event()))


def test_everything_else_in_the_folder_stays_byte_for_byte(calendar: FolderCalendar, path: Path) -> None:
    path.mkdir()
    others = {
        "dentist.ics": FOREIGN,
        "junk.ics": b"\xff\x00 not a calendar",
        "empty.ics": b"",
        "notes.txt": b"UID:coffee1",
        ".hidden.ics": to_ics(make_event()),
        "large.ics": b"X" * (folder.MAX_FILE_BYTES + 1),
    }
    for name, data in others.items():
        (path / name).write_bytes(data)
    (path / "sub.ics").mkdir()
    (path / "sub.ics" / "coffee1.ics").write_bytes(to_ics(make_event()))
    (path / "link.ics").symlink_to(path / "sub.ics" / "coffee1.ics")
    os.mkfifo(path / "pipe.ics")
    before = {file: file.stat() for file in path.rglob("*") if not file.is_dir()}
    tag = calendar.put(make_event(), None)
    calendar.put(make_event("walk1"), None)
    tag = calendar.put(later(make_event()), tag)
    assert read(calendar, "coffee1")["coffee1"].tag == tag
    calendar.remove(make_event(), None)
    calendar.remove(make_event("walk1"), None)
    assert {name: (path / name).read_bytes() for name in others} == others
    assert {(file, file.stat().st_mtime_ns, file.stat().st_ino) for file in before} == {
        (file, stat.st_mtime_ns, stat.st_ino) for file, stat in before.items()
    }
    assert list(path.glob("*1.ics")) == []


def test_a_foreign_file_of_the_event_s_name_is_left_alone(calendar: FolderCalendar, path: Path) -> None:
    path.mkdir()
    (path / "coffee1.ics").write_bytes(FOREIGN)
    with pytest.raises(Conflict):
        calendar.put(make_event(), None)
    calendar.remove(make_event(), None)
    assert (path / "coffee1.ics").read_bytes() == FOREIGN


def test_an_event_that_shares_its_file_with_others_is_left_alone(calendar: FolderCalendar, path: Path) -> None:
    tag = calendar.put(make_event(), None)
    both = to_ics(make_event()).replace(b"END:VCALENDAR\r\n", b"") + FOREIGN.split(b"2.0\r\n")[1]
    (path / "coffee1.ics").write_bytes(both)
    with pytest.raises(Conflict):
        calendar.put(later(make_event()), tag)
    with pytest.raises(Refused):
        calendar.remove(make_event(), None)
    assert calendar.seen(["coffee1"]) == {"coffee1": None}
    assert (path / "coffee1.ics").read_bytes() == both


def test_a_sync_program_s_second_copy_hides_nothing_and_goes_with_the_event(
    calendar: FolderCalendar, path: Path
) -> None:
    tag = calendar.put(make_event(), None)
    (path / "a conflict.ics").write_bytes(to_ics(later(make_event())))
    assert read(calendar, "coffee1")["coffee1"].tag == tag
    calendar.remove(make_event(), None)
    assert list(path.glob("*.ics")) == []


def test_an_event_without_its_hours_is_no_wish_to_delete(calendar: FolderCalendar, path: Path) -> None:
    calendar.put(make_event(), None)
    file = path / "coffee1.ics"
    file.write_bytes(file.read_bytes().replace(b"DTSTART:20261123T180000Z", b"DTSTART;VALUE=DATE:20261123"))
    assert calendar.seen(["coffee1"]) == {"coffee1": None}


@pytest.mark.parametrize("kept_bytes", [0, 40, 150, 300])
def test_a_half_written_file_is_no_wish_to_delete(calendar: FolderCalendar, path: Path, kept_bytes: int) -> None:
    calendar.put(make_event(), None)
    tag = calendar.put(make_event("walk1"), None)
    (path / "coffee1.ics").write_bytes(to_ics(make_event())[:kept_bytes])
    with suppress(Unavailable):  # so little may be left that nobody can tell whose it is: nothing is said of any
        assert calendar.seen(["coffee1", "walk1"])["coffee1"] is None, "it stands, illegible"
    assert set(calendar.seen(["walk1"])) == {"walk1"}
    calendar.put(later(make_event("walk1")), tag)


def test_a_file_that_comes_whole_again_is_the_event_again(calendar: FolderCalendar, path: Path) -> None:
    tag = calendar.put(make_event(), None)
    (path / "coffee1.ics").rename(path / "QX81.ics")
    (path / "QX81.ics").write_bytes(b"")
    with pytest.raises(Conflict):
        calendar.put(later(make_event()), tag)
    with (path / "QX81.ics").open("wb") as file:
        file.write(to_ics(make_event()))
    calendar.put(later(make_event()), tag)
    assert (path / "QX81.ics").read_bytes() == to_ics(later(make_event()))


def test_an_absent_event_beside_an_unreadable_file_is_unknown(calendar: FolderCalendar, path: Path) -> None:
    calendar.put(make_event(), None)
    calendar.put(make_event("walk1"), None)
    (path / "coffee1.ics").rename(path / "QX81.ics")
    with (path / "QX81.ics").open("ab") as file:
        file.truncate(folder.MAX_FILE_BYTES + 1)
    assert set(calendar.seen(["walk1"])) == {"walk1"}
    with pytest.raises(Unavailable, match="may be one of ours"):
        calendar.seen(["coffee1", "walk1"])


def test_a_folder_without_its_marker_is_a_disk_that_is_not_there(calendar: FolderCalendar, path: Path) -> None:
    tag = calendar.put(make_event(), None)
    (path / "displayname").unlink()
    with pytest.raises(Unavailable, match="displayname"):
        calendar.seen(["coffee1"])
    with pytest.raises(Unavailable, match="displayname"):
        calendar.put(later(make_event()), tag)
    with pytest.raises(Unavailable, match="displayname"):
        calendar.remove(make_event(), None)
    assert (path / "coffee1.ics").read_bytes() == to_ics(make_event())


def test_what_a_killed_write_left_behind_is_in_nobody_s_way(calendar: FolderCalendar, path: Path) -> None:
    calendar.put(make_event("walk1"), None)
    (path / ".coffee1.ics.tmp").write_bytes(to_ics(make_event())[:99])
    tag = calendar.put(make_event(), None)
    assert read(calendar, "coffee1", "walk1")["coffee1"].tag == tag
    assert not (path / ".coffee1.ics.tmp").exists()


@pytest.mark.parametrize("uid", ["../escape", "a/b", ".hidden", "", "x" * 201])
def test_a_uid_never_leads_out_of_the_folder(calendar: FolderCalendar, path: Path, uid: str) -> None:
    with pytest.raises(Refused):
        calendar.put(make_event(uid), None)
    assert {file.name for file in path.rglob("*")} == {"displayname", "color"}


def test_a_place_that_is_no_folder_is_unavailable(path: Path, calendar: FolderCalendar) -> None:
    path.write_text("a file")
    with pytest.raises(Unavailable):
        calendar.put(make_event(), None)


def test_no_error_names_the_folder(path: Path, calendar: FolderCalendar) -> None:
    path.write_text("a file")
    with pytest.raises(Unavailable) as caught:
        calendar.put(make_event(), None)
    assert path.name not in str(caught.value)


def test_a_move_across_the_clock_change_is_read_in_its_zone(calendar: FolderCalendar, path: Path) -> None:
    calendar.put(make_event(starts_at=at("2026-10-24 18:00"), ends_at=at("2026-10-24 19:00")), None)
    drag(path / "coffee1.ics", at("2026-10-25 19:00"))
    assert read(calendar, "coffee1")["coffee1"].starts_at == at("2026-10-25 19:00")


def test_many_events_are_told_apart(calendar: FolderCalendar) -> None:
    events = [later(make_event(f"event{number}"), number * HOUR) for number in range(60)]
    tags = {event.uid: calendar.put(event, None) for event in events}
    seen = read(calendar, *tags)
    assert {uid: one.tag for uid, one in seen.items()} == tags
    assert {uid: one.starts_at for uid, one in seen.items()} == {event.uid: event.starts_at for event in events}
