"""Judges from outside what a killed service left behind; shares no code with it. Not here: the killing.

It reads the calendars' files, the mail server's ledger and, with plain SQL, what the state says should be so.
"""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import tempfile
from collections import Counter, defaultdict
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

MOST_COPIES = 3
GOOD_REASONS = {"too late to be kind", "nothing left to say", "not taking part"}
_FACTS = {"displayname", "color"}
_TIME = r"^{}:(\d{{8}}T\d{{6}})Z\r$"


@dataclass(frozen=True)
class Seen:
    """One event as it stands in a folder."""

    file: Path
    uid: str
    title: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Mail:
    """One line of the ledger; ``now`` is the scenario's time of acceptance."""

    id: str
    to: str
    sha: str
    subject: str
    now: str

    @property
    def key(self) -> str:
        return self.id.partition("@")[0]


@dataclass(frozen=True)
class Facts:
    """Where things lie, and what the test itself did: ``cut`` kills by mail key, ``removed`` UIDs that its person
    deleted, ``away`` addresses with the times between which nothing may come."""

    database: Path
    calendars: Mapping[str, Path]
    ledger: Path
    now: datetime
    cut: Mapping[str, int] = field(default_factory=dict)
    removed: frozenset[str] = frozenset()
    away: tuple[tuple[str, datetime, datetime | None], ...] = ()


def complaints(facts: Facts) -> list[str]:
    """Everything that is not as promised, in words; an empty list is the only good answer."""
    state = read_state(facts.database)
    found = [f"database: {state.integrity}"] if state.integrity != "ok" else []
    for partner, folder in facts.calendars.items():
        seen, bad = read_calendar(folder)
        found += [f"{partner}: {one}" for one in bad + _events(state, partner, seen, facts)]
    return found + _declined(state, facts) + _mails(state, facts) + _copies(state, facts)


# ── reading ──


@dataclass(frozen=True)
class State:
    """What the database says, as rows by column name."""

    integrity: str
    outbox: list[dict[str, Any]]
    entries: list[dict[str, Any]]
    placements: list[dict[str, Any]]
    joined: frozenset[str]

    def newest(self, partner: str) -> dict[str, dict[str, Any]]:
        """Occurrence → the row of its newest generation."""
        mine = [row for row in self.entries if row["partner"] == partner]
        return {row["occurrence"]: row for row in sorted(mine, key=lambda row: row["generation"])}

    def keys(self, *states: str, kind: str = "") -> list[str]:
        return [row["key"] for row in self.outbox if row["state"] in states and kind in ("", row["kind"])]


def read_state(database: Path) -> State:
    """Reads a copy, so that looking does not do the recovery that the service has to do."""
    with tempfile.TemporaryDirectory() as scratch:
        for file in database.parent.glob(database.name + "*"):
            shutil.copy(file, scratch)
        with closing(sqlite3.connect(Path(scratch) / database.name)) as connection:
            connection.row_factory = sqlite3.Row
            rows = {
                table: [dict(row) for row in connection.execute(f"SELECT * FROM {table}")]
                for table in ("outbox", "calendar_entries", "placements", "memberships")
            }
            integrity = connection.execute("PRAGMA integrity_check").fetchone()[0]
    joined = frozenset(row["partner"] for row in rows["memberships"] if row["standing"] == "joined")
    return State(integrity, rows["outbox"], rows["calendar_entries"], rows["placements"], joined)


def read_ledger(ledger: Path) -> list[Mail]:
    return [Mail(**json.loads(line)) for line in ledger.read_text().splitlines()] if ledger.exists() else []


def read_calendar(folder: Path) -> tuple[list[Seen], list[str]]:
    """(the events, what is wrong with the files)."""
    seen, bad = [], []
    for file in sorted(folder.iterdir()):
        if file.name in _FACTS:
            continue
        if file.suffix != ".ics" or file.name.startswith("."):
            bad.append(f"{file.name} was left over")
        elif (event := read_event(file)) is None:
            bad.append(f"{file.name} is no whole event")
        else:
            seen.append(event)
    return seen, bad


def read_event(file: Path) -> Seen | None:
    """None unless the file is exactly one whole event with its times in UTC."""
    text = file.read_bytes().decode().replace("\r\n ", "")
    whole = re.fullmatch(r"BEGIN:VCALENDAR\r\n.*?BEGIN:VEVENT\r\n(.*)END:VEVENT\r\nEND:VCALENDAR\r\n", text, re.DOTALL)
    event = re.sub(r"(?s)BEGIN:VALARM.*?END:VALARM\r\n", "", whole[1]) if whole else ""
    found = [
        re.findall(pattern, event, re.MULTILINE)
        for pattern in (r"^UID:(.+)\r$", r"^SUMMARY:(.*)\r$", _TIME.format("DTSTART"), _TIME.format("DTEND"))
    ]
    if any(len(values) != 1 for values in found):
        return None
    (uid,), (title,), (start,), (end,) = found
    return Seen(file, uid, title, _stamp(start), _stamp(end))


def _stamp(text: str) -> datetime:
    return datetime.strptime(text + "+0000", "%Y%m%dT%H%M%S%z")


def _instant(microseconds: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)


# ── judging events ──


def _events(state: State, partner: str, seen: list[Seen], facts: Facts) -> list[str]:
    newest = state.newest(partner)
    occurrence_of = {row["uid"]: row["occurrence"] for row in state.entries if row["partner"] == partner}
    found = [f"{uid} stands there {n} times" for uid, n in Counter(one.uid for one in seen).items() if n > 1]
    found += [f"{one.file.name} is nobody's" for one in seen if one.uid not in occurrence_of]
    found += [f"{one.uid} is back although a person deleted it" for one in seen if one.uid in facts.removed]
    live = Counter(occurrence_of.get(uid, "?") for uid in {one.uid for one in seen})
    found += [f"{occurrence} is doubled ({n})" for occurrence, n in live.items() if n > 1]
    standing = {one.uid: (one.starts_at, one.ends_at) for one in seen}
    for occurrence, row in newest.items():
        wanted = (_instant(row["starts_at"]), _instant(row["ends_at"]))
        stands = standing.get(row["uid"])
        if row["live"] and stands is None:
            found.append(f"{occurrence} is lost")
        elif row["live"] and stands != wanted:
            found.append(f"{occurrence} stands at another time than the state says")
        elif not row["live"] and stands:
            found.append(f"{occurrence} should be gone")
    return found + _placed(state, partner, newest, facts)


def _placed(state: State, partner: str, newest: Mapping[str, dict[str, Any]], facts: Facts) -> list[str]:
    """Whatever is decided and still to come must be an entry of each partner who takes part."""
    found = []
    for row in state.placements if partner in state.joined else []:
        entry = newest.get(row["key"])
        if row["fate"] != "placed" or _instant(row["ends_at"]) <= facts.now:
            continue
        if entry is None or not entry["live"]:
            found.append(f"{row['key']} is decided, but on no calendar")
        elif (entry["starts_at"], entry["ends_at"]) != (row["starts_at"], row["ends_at"]):
            found.append(f"{row['key']} is decided for another time")
    return found


def _declined(state: State, facts: Facts) -> list[str]:
    """Only a person says "not this one"."""
    told = {row["occurrence"] for row in state.entries if row["uid"] in facts.removed}
    said = [row["key"] for row in state.placements if row["fate"] == "declined"]
    return [f"{key} counts as declined, but nobody did" for key in said if key not in told]


# ── judging mails ──


def _mails(state: State, facts: Facts) -> list[str]:
    arrived = Counter(mail.key for mail in read_ledger(facts.ledger))
    found = []
    for row in state.outbox:
        name = f"{row['kind']} {row['ref']} to {row['partner']}"
        match row["state"]:
            case "done":
                lost = row["kind"] == "mail" and not arrived[row["key"]]
                found += [f"{name} counts as sent and is lost"] if lost else []
            case "waiting":
                found += [f"{name} is still to be done"] if _instant(row["due_at"]) <= facts.now else []
            case "dropped":
                found += [f"{name} was dropped: {row['note']}"] if row["note"] not in GOOD_REASONS else []
            case "uncertain":
                known = facts.cut.get(row["key"], 0) >= MOST_COPIES
                found += [] if known else [f"{name} was given up after {facts.cut.get(row['key'], 0)} kills"]
            case other:
                found.append(f"{name} is {other}")
    return found


def _copies(state: State, facts: Facts) -> list[str]:
    known = {row["key"] for row in state.outbox if row["kind"] == "mail"}
    copies: dict[str, list[Mail]] = defaultdict(list)
    found = []
    for mail in read_ledger(facts.ledger):
        copies[mail.key].append(mail)
        moment = datetime.fromisoformat(mail.now)
        gone = [
            1
            for to, since, until in facts.away
            if to == mail.to and since <= moment and not (until and moment >= until)
        ]
        found += [f"a mail went to {mail.to} after leaving"] if gone else []
    for key, mails in copies.items():
        most = min(1 + facts.cut.get(key, 0), MOST_COPIES)
        found += [f"mail {key} has no outbox row"] if key not in known else []
        found += [f"mail {key} came {len(mails)} times after {most - 1} kills"] if len(mails) > most else []
        found += [f"mail {key} came with different bytes"] if len({mail.sha for mail in mails}) > 1 else []
    return found
