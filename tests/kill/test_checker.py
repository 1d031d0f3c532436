"""The kill test's checker sees every kind of harm: a good home doctored in one place each time."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.kill.checker import Facts, complaints

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
START = NOW + timedelta(days=5)
KEY = "0123456789abcdefghijklmnopqrstuv"
EVENT = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:{uid}\r\nDTSTART:{start:%Y%m%dT%H%M%SZ}\r\n"
    "DTEND:{end:%Y%m%dT%H%M%SZ}\r\nSUMMARY:Coffee\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
SCHEMA = """
CREATE TABLE outbox (couple, key, partner, kind, ref, due_at, state, attempts, note);
CREATE TABLE calendar_entries (couple, partner, occurrence, generation, uid, starts_at, ends_at, live);
CREATE TABLE placements (couple, key, starts_at, ends_at, fate);
CREATE TABLE memberships (couple, partner, standing);
"""


def instant(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def write_event(folder: Path, uid: str, start: datetime = START, name: str = "") -> None:
    text = EVENT.format(uid=uid, start=start, end=start + timedelta(hours=1))
    (folder / f"{name or uid}.ics").write_bytes(text.encode())


def write_mail(facts: Facts, key: str = KEY, **changes: str) -> None:
    line = {"id": f"{key}@example.org", "to": "sam@example.org", "sha": "1", "subject": "s"}
    with facts.ledger.open("a") as ledger:
        ledger.write(json.dumps({**line, "now": NOW.isoformat(), **changes}) + "\n")


def sql(facts: Facts, statement: str) -> None:
    with closing(sqlite3.connect(facts.database)) as connection, connection:
        connection.execute(statement)


@pytest.fixture
def good(tmp_path: Path) -> Facts:
    """One coffee on both calendars, and one mail that arrived."""
    folders = {partner: tmp_path / partner for partner in ("sam", "kim")}
    facts = Facts(tmp_path / "rituals.db", folders, tmp_path / "ledger", NOW)
    span = f"{instant(START)}, {instant(START + timedelta(hours=1))}"
    with closing(sqlite3.connect(facts.database)) as connection, connection:
        connection.executescript(SCHEMA)
        connection.execute(f"INSERT INTO placements VALUES ('home', 'coffee/1', {span}, 'placed')")
        for partner, folder in folders.items():
            folder.mkdir()
            (folder / "displayname").write_text("Together")
            write_event(folder, f"{partner}-1")
            connection.execute(f"INSERT INTO memberships VALUES ('home', '{partner}', 'joined')")
            entry = f"'home', '{partner}', 'coffee/1', 0, '{partner}-1', {span}, 1"
            connection.execute(f"INSERT INTO calendar_entries VALUES ({entry})")
        mail = f"'home', '{KEY}', 'sam', 'mail', 'digest/1', {instant(NOW)}, 'done', 1, ''"
        connection.execute(f"INSERT INTO outbox VALUES ({mail})")
    write_mail(facts)
    return facts


def test_a_good_home_draws_no_complaint(good: Facts) -> None:
    assert complaints(good) == []


def second_event_of_the_occurrence(facts: Facts) -> None:
    write_event(facts.calendars["sam"], "sam-2")
    span = f"{instant(START)}, {instant(START + timedelta(hours=1))}"
    sql(facts, f"INSERT INTO calendar_entries VALUES ('home', 'sam', 'coffee/1', -1, 'sam-2', {span}, 1)")


def half_an_event(facts: Facts) -> None:
    file = facts.calendars["sam"] / "sam-1.ics"
    file.write_bytes(file.read_bytes()[:-20])


HARMS: dict[str, Callable[[Facts], object]] = {
    "coffee/1 is lost": lambda facts: (facts.calendars["kim"] / "kim-1.ics").unlink(),
    "stands there 2 times": lambda facts: write_event(facts.calendars["sam"], "sam-1", name="copy"),
    "coffee/1 is doubled (2)": second_event_of_the_occurrence,
    "stands at another time": lambda facts: write_event(facts.calendars["sam"], "sam-1", START + timedelta(hours=1)),
    "is no whole event": half_an_event,
    "was left over": lambda facts: (facts.calendars["sam"] / ".sam-1.ics.tmp").write_text("BEGIN"),
    "foreign.ics is nobody's": lambda facts: write_event(facts.calendars["sam"], "foreign"),
    "should be gone": lambda facts: sql(facts, "UPDATE calendar_entries SET live = 0"),
    "decided, but on no calendar": lambda facts: sql(facts, "DELETE FROM calendar_entries"),
    "decided for another time": lambda facts: sql(facts, "UPDATE placements SET starts_at = starts_at + 1"),
    "counts as declined": lambda facts: sql(facts, "UPDATE placements SET fate = 'declined'"),
    "counts as sent and is lost": lambda facts: facts.ledger.unlink(),
    "is still to be done": lambda facts: sql(facts, "UPDATE outbox SET state = 'waiting'"),
    "to sam is sending": lambda facts: sql(facts, "UPDATE outbox SET state = 'sending'"),
    "was dropped: why not": lambda facts: sql(facts, "UPDATE outbox SET state = 'dropped', note = 'why not'"),
    "was given up after 0 kills": lambda facts: sql(facts, "UPDATE outbox SET state = 'uncertain'"),
    "came 2 times after 0 kills": write_mail,
    "different bytes": lambda facts: write_mail(facts, sha="2"),
    "has no outbox row": lambda facts: write_mail(facts, "v" * 32),
}


@pytest.mark.parametrize("complaint", HARMS)
def test_harm_is_seen(good: Facts, complaint: str) -> None:
    HARMS[complaint](good)
    assert complaint in "\n".join(complaints(good))


@pytest.mark.parametrize(("kills", "most"), [(0, 1), (1, 2), (2, 3), (3, 3), (7, 3)])
def test_each_kill_allows_one_more_copy_but_never_a_fourth(good: Facts, kills: int, most: int) -> None:
    facts = replace(good, cut={KEY: kills})
    for _ in range(most - 1):
        write_mail(facts)
    assert complaints(facts) == []
    write_mail(facts)
    assert f"came {most + 1} times" in "\n".join(complaints(facts))


def test_a_mail_between_leaving_and_joining_again_is_seen(good: Facts) -> None:
    hour = timedelta(hours=1)
    for since, until, seen in ((NOW, None, True), (NOW - hour, NOW + hour, True), (NOW - hour, NOW, False)):
        away = (("sam@example.org", since, until),)
        assert bool(complaints(replace(good, away=away))) is seen


def test_what_a_person_deleted_and_came_back_is_seen(good: Facts) -> None:
    assert "a person deleted it" in "\n".join(complaints(replace(good, removed=frozenset({"sam-1"}))))


def test_a_damaged_database_is_seen(good: Facts) -> None:
    sql(good, "INSERT INTO memberships VALUES ('home', 'nobody', NULL)")
    with closing(sqlite3.connect(good.database)) as connection, connection:
        connection.execute("PRAGMA writable_schema = ON")
        strict = "CREATE TABLE memberships (couple, partner, standing NOT NULL)"
        connection.execute("UPDATE sqlite_master SET sql = ? WHERE name = 'memberships'", [strict])
    assert complaints(good) == ["database: NULL value in memberships.standing"]
