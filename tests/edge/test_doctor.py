"""`rituals doctor` finds what is wrong with a real machine, folder and mail server, and changes nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from scheduler.adapters.lock import only_instance
from scheduler.app.checkup import Finding, Level, checkup
from scheduler.app.checkup.machine import check_clock, check_zones
from scheduler.app.checkup.state import Memory
from scheduler.app.wiring import DATABASE, open_store
from scheduler.content.assets import Assets
from scheduler.domain.couple import Membership, Standing
from scheduler.ports import BusyRecord
from scheduler.settings import Settings, load
from tests.build import at
from tests.cli import couple_in, document, rituals, with_yes, write_couple
from tests.contract.smtp_server import Box, smtp_server

NOW = at("2026-11-23 09:00")
EVENT = """\
BEGIN:VCALENDAR
VERSION:2.0
BEGIN:VEVENT
UID:{uid}
DTSTAMP:20261101T000000Z
DTSTART:{day}T100000Z
DTEND:{day}T113000Z
END:VEVENT
END:VCALENDAR
"""


def write_event(file: Path, day: str = "20261124", uid: str = "1") -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(EVENT.format(day=day, uid=uid).replace("\n", "\r\n"), newline="")


def findings(settings: Settings, **options: bool) -> list[Finding]:
    return checkup(lambda: settings, NOW, **options)


def one(found: list[Finding], subject: str) -> Finding:
    (finding,) = [each for each in found if each.subject == subject]
    return finding


@pytest.fixture
def state(tmp_path: Path) -> Path:
    folder = tmp_path / "state"
    folder.mkdir(mode=0o700)
    return folder


def smtp(port: int, **more: str) -> str:
    lines = "".join(f'{key} = "{value}"\n' for key, value in {"security": "none", **more}.items())
    return f'[mail]\nsender = "rituals@example.org"\n[mail.smtp]\nhost = "127.0.0.1"\nport = {port}\n{lines}'


def test_a_new_couple_has_nothing_bad_and_nothing_is_made(tmp_path: Path) -> None:
    file = write_couple(tmp_path)
    found = findings(load(file, Assets()))
    assert [each for each in found if each.level is Level.BAD] == []
    assert list(tmp_path.iterdir()) == [file]


def test_whatever_is_not_well_comes_with_what_to_do(tmp_path: Path) -> None:
    found = findings(couple_in(tmp_path, sam='busy = ["gone.ics"]'))
    assert [each for each in found if each.level is not Level.OK and not each.do] == []


def test_every_problem_of_the_file_is_a_finding_of_its_own(tmp_path: Path) -> None:
    file = write_couple(tmp_path, sam='discreet = "no"', kim="wish = 1")
    found = document("doctor", "-c", file)
    bad = [each["what"] for each in found if each["level"] == "bad"]
    assert len(bad) == 2
    assert all(line.startswith(f"{file}:") for line in bad)
    assert rituals("doctor", "-c", file).exit_code == 1


def test_zones_come_from_the_package_and_their_age_is_told() -> None:
    (fresh,) = check_zones(NOW)
    assert fresh.level is Level.OK
    assert "tzdata 20" in fresh.what
    (old,) = check_zones(NOW.replace(year=2036))
    assert (old.level, old.do) == (Level.WARN, "install a newer tzdata package")


@pytest.mark.parametrize(
    ("now", "latest", "level"),
    [
        (NOW, None, Level.OK),
        (NOW, NOW - timedelta(days=400), Level.OK),
        (NOW, NOW + timedelta(hours=1), Level.BAD),
        (at("1970-01-01 00:10"), None, Level.BAD),
    ],
)
def test_a_clock_behind_what_is_known_is_bad(now: object, latest: object, level: Level) -> None:
    (finding,) = check_clock(now, Memory(latest=latest))  # type: ignore[arg-type]
    assert finding.level is level


def test_the_clock_is_held_against_what_the_state_remembers(tmp_path: Path) -> None:
    settings = couple_in(tmp_path)
    with closing(open_store(settings)) as store, store.transaction() as tx:
        tx.save_busy("home", BusyRecord("a file", "sam", good_at=NOW + timedelta(days=1)))
    assert one(findings(settings), "clock").level is Level.BAD


def test_a_state_that_others_may_open_is_told_with_the_cure(tmp_path: Path, state: Path) -> None:
    state.chmod(0o755)
    finding = one(findings(couple_in(tmp_path)), "state")
    assert (finding.level, finding.do) == (Level.WARN, f"close it: chmod 700 {state}")


def test_a_state_that_is_no_database_is_bad_and_stays_as_it_is(tmp_path: Path, state: Path) -> None:
    (state / DATABASE).write_bytes(b"these are not the bytes of a database" * 99)
    before = (state / DATABASE).read_bytes()
    finding = one(findings(couple_in(tmp_path)), "state")
    assert finding.level is Level.BAD
    assert str(state / DATABASE) in finding.what
    assert (state / DATABASE).read_bytes() == before


def test_damage_inside_the_database_is_named_by_its_real_place(tmp_path: Path, state: Path) -> None:
    settings = couple_in(tmp_path)
    open_store(settings).close()
    data = (state / DATABASE).read_bytes()
    (state / DATABASE).write_bytes(data[:8192] + b"\xff" * (len(data) - 8192))
    finding = one(findings(settings), "state")
    assert finding.level is Level.BAD
    assert finding.what.startswith(f"{state / DATABASE} is damaged")


def test_another_program_s_database_is_named_by_its_real_place(tmp_path: Path, state: Path) -> None:
    with closing(sqlite3.connect(state / DATABASE)) as other:
        other.execute("CREATE TABLE theirs (x)")
    finding = one(findings(couple_in(tmp_path)), "state")
    assert finding.level is Level.BAD
    assert finding.what.startswith(str(state / DATABASE))


def test_a_running_service_is_told(tmp_path: Path, state: Path) -> None:
    settings = couple_in(tmp_path)
    assert one(findings(settings), "service").what.startswith("not running")
    with only_instance(state):
        assert one(findings(settings), "service").what.startswith("running, process")


def test_files_of_others_in_a_calendar_are_counted(tmp_path: Path) -> None:
    for name, uid in (("a", "abc@couple-rituals"), ("b", "theirs"), ("c", "theirs-too")):
        write_event(tmp_path / "calendars" / "sam" / f"{name}.ics", uid=uid)
    finding = one(findings(couple_in(tmp_path)), "calendar, Sam")
    assert finding.level is Level.OK
    assert finding.what.endswith("1 events of ours, 2 files of others, which are left alone")


def test_what_went_wrong_at_the_last_look_at_a_calendar_is_told(tmp_path: Path) -> None:
    settings = couple_in(tmp_path)
    with closing(open_store(settings)) as store, store.transaction() as tx:
        tx.set_note("home", "calendar kim", "the folder is empty")
    told = [each for each in findings(settings) if each.subject == "calendar, Kim" and each.level is Level.BAD]
    assert [each.what for each in told] == ["at the last look: the folder is empty"]


def test_busy_hours_of_four_weeks_are_counted(tmp_path: Path) -> None:
    write_event(tmp_path / "sam.ics")
    finding = one(findings(with_yes(couple_in(tmp_path, sam='busy = ["sam.ics"]'), "sam")), "busy, Sam")
    assert finding.level is Level.OK
    assert finding.what.endswith("2 busy hours in the coming four weeks")


def test_a_source_with_nothing_in_it_is_asked_about(tmp_path: Path) -> None:
    write_event(tmp_path / "sam.ics", day="20261001")
    finding = one(findings(with_yes(couple_in(tmp_path, sam='busy = ["sam.ics"]'), "sam")), "busy, Sam")
    assert finding.level is Level.WARN
    assert "is this the calendar" in finding.do


def test_a_source_that_is_gone_is_bad(tmp_path: Path) -> None:
    finding = one(findings(with_yes(couple_in(tmp_path, sam='busy = ["gone.ics"]'), "sam")), "busy, Sam")
    assert finding.level is Level.BAD
    assert "gone.ics is not there" in finding.what


@pytest.mark.parametrize(("file", "level"), [("sam.ics", Level.OK), ("gone.ics", Level.WARN)])
def test_before_a_yes_a_source_is_looked_for_but_not_read(tmp_path: Path, file: str, level: Level) -> None:
    write_event(tmp_path / "sam.ics")
    finding = one(findings(couple_in(tmp_path, sam=f'busy = ["{file}"]')), "busy, Sam")
    assert finding.level is level
    assert "busy hours" not in finding.what


@pytest.mark.parametrize("owner", ["sam", "kim"])
def test_our_own_calendar_as_a_busy_source_is_warned_of(tmp_path: Path, owner: str) -> None:
    write_event(tmp_path / "calendars" / owner / "1.ics")
    finding = one(findings(couple_in(tmp_path, sam=f'busy = ["calendars/{owner}/1.ics"]')), "busy, Sam")
    assert finding.level is Level.WARN
    assert "its own events would count as busy" in finding.what


@pytest.fixture
def box() -> Iterator[tuple[Box, int]]:
    kept = Box()
    with smtp_server(kept) as port:
        yield kept, port


def test_the_mail_server_is_asked_and_nothing_is_sent(tmp_path: Path, box: tuple[Box, int]) -> None:
    kept, port = box
    finding = one(findings(couple_in(tmp_path, rest=smtp(port))), "mail")
    assert finding.level is Level.OK
    assert finding.what == f"127.0.0.1:{port} with none answers; nothing was sent"
    assert kept.mails == []


def test_a_wrong_password_is_told_without_showing_it(tmp_path: Path, box: tuple[Box, int]) -> None:
    (tmp_path / "password").write_text("not this one")
    rest = smtp(box[1], user="rituals", password_file="password")
    found = findings(couple_in(tmp_path, rest=rest))
    assert one(found, "mail").level is Level.BAD
    assert "the login was refused" in one(found, "mail").what
    assert "not this one" not in str(found)


def test_a_server_that_does_not_answer_is_bad_but_offline_it_is_left_alone(tmp_path: Path) -> None:
    settings = couple_in(tmp_path, rest=smtp(1))
    assert one(findings(settings), "mail").level is Level.BAD
    assert one(findings(settings, offline=True), "mail").level is Level.OK


def test_where_each_stands_is_told_and_leaving_is_no_fault(tmp_path: Path) -> None:
    settings = couple_in(tmp_path)
    with closing(open_store(settings)) as store, store.transaction() as tx:
        tx.save_membership("home", Membership("sam", Standing.LEFT, NOW))
    found = findings(settings)
    assert one(found, "consent, Sam").level is Level.OK
    assert one(found, "consent, Kim").level is Level.WARN


def test_a_broken_card_is_named_with_its_file(tmp_path: Path) -> None:
    (tmp_path / "cards").mkdir()
    (tmp_path / "cards" / "own.toml").write_text("[[card]]\nid = 7\n")
    found = findings(couple_in(tmp_path, rest='[decks]\nfolders = ["cards"]\n'))
    broken = [each.what for each in found if each.subject == "templates and cards" and each.level is Level.BAD]
    assert broken
    assert all(f"{tmp_path / 'cards' / 'own.toml'}:" in line for line in broken)


def test_the_list_fits_eighty_columns_and_ends_with_a_verdict(tmp_path: Path) -> None:
    settings = with_yes(couple_in(tmp_path, sam='busy = ["gone.ics"]'), "sam")
    answer = rituals("doctor", "-c", settings.source)
    assert answer.exit_code == 1
    assert max(map(len, answer.stdout.splitlines())) <= 80
    assert answer.stdout.endswith("1 to mend before the service can work.\n")
