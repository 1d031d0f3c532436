"""`rituals calendars`: how each partner's calendar stands, and what to do next."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from scheduler.adapters.sqlstore import SqlStore
from scheduler.app.routes import Station, station_document, stations
from scheduler.content.assets import Assets
from scheduler.domain.couple import Membership, Standing
from scheduler.domain.notes import cut_note, looks_note, trouble_note
from scheduler.domain.outbox import EffectKind, OutboxEntry, State
from scheduler.ports import Transaction
from scheduler.settings import Settings, load
from tests.build import at
from tests.cli import rituals

NOW = at("2026-11-23 09:00")
FILE = """\
[[partner]]
name = "Sam"
email = "sam@example.org"
zone = "Europe/Berlin"
calendar = "google"
[[partner]]
name = "Kim"
email = "kim@example.org"
zone = "Europe/London"
calendar = "invite"
[google]
client_id = "1-a"
client_secret_env = "SECRET"
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "couple.toml").write_text(FILE)
    return load(tmp_path / "couple.toml", Assets(), {"SECRET": "x"})


@pytest.fixture
def tx() -> Iterator[Transaction]:
    store = SqlStore.open(":memory:", secret=lambda: bytes(32))
    with store.transaction() as transaction:
        for one in ("sam", "kim"):
            transaction.save_membership("home", Membership(one, Standing.JOINED, NOW, "text"))
        yield transaction
    store.close()


def entry(key: str, **changes: object) -> OutboxEntry:
    made = OutboxEntry(key, "home", "sam", EffectKind.EVENT, "coffee/2026-W48#0", due_at=NOW, wanted_at=NOW)
    return replace(made, **changes)  # type: ignore[arg-type]


def sams(settings: Settings, tx: Transaction) -> Station:
    return stations(settings, tx, NOW)[0]


def test_a_calendar_that_is_well_asks_for_nothing(settings: Settings, tx: Transaction) -> None:
    tx.set_note("home", looks_note("sam"), "2026-11-23T08:30:00+00:00 3")
    tx.want(entry("k1", state=State.DONE, done_at=NOW - timedelta(hours=2)))
    tx.save_sealed("home", "sam", "google", b"sealed")
    found = sams(settings, tx)
    assert (found.route, found.looked_at, found.wrote_at) == ("google", at("2026-11-23 08:30"), at("2026-11-23 07:00"))
    assert (found.trouble, found.step, found.waiting) == ("", "", 0)


def test_lost_access_says_since_when_and_how_to_give_it_again(settings: Settings, tx: Transaction) -> None:
    tx.set_note("home", cut_note("sam"), "2026-11-22T08:30:00+00:00")
    tx.set_note("home", trouble_note("sam"), "Google is not connected yet")
    found = sams(settings, tx)
    assert found.cut_since == at("2026-11-22 08:30")
    assert "rituals connect google --partner sam" in found.step


def test_only_what_is_due_counts_as_waiting(settings: Settings, tx: Transaction) -> None:
    tx.want(entry("k1"))
    tx.want(entry("k2", due_at=NOW + timedelta(days=1)))
    assert sams(settings, tx).waiting == 1


def test_nothing_is_asked_of_who_has_not_said_yes(settings: Settings, tx: Transaction) -> None:
    tx.save_membership("home", Membership("sam"))
    tx.set_note("home", trouble_note("sam"), "Google is not connected yet")
    found = sams(settings, tx)
    assert found.trouble == ""
    assert found.step.endswith("nothing is written without a yes: rituals join sam")


def test_an_account_that_was_never_connected_is_the_first_step(settings: Settings, tx: Transaction) -> None:
    assert sams(settings, tx).step == "rituals connect google --partner sam"
    tx.save_sealed("home", "sam", "google", b"sealed")
    assert sams(settings, tx).step == ""


def test_a_station_is_plain_values(settings: Settings, tx: Transaction) -> None:
    assert json.loads(json.dumps(station_document(stations(settings, tx, NOW)[1]))) == {
        "partner": "kim",
        "route": "invite",
        "looked_at": None,
        "wrote_at": None,
        "waiting": 0,
        "access_lost_at": None,
        "trouble": "",
        "next_step": "",
    }


def test_the_command_tells_both_routes_and_ends_well(tmp_path: Path) -> None:
    file = tmp_path / "couple.toml"
    file.write_text(FILE.replace('calendar = "google"\n', "").partition("[google]")[0])
    answer = rituals("calendars", "-c", file)
    assert answer.exit_code == 0
    assert f"folder: {tmp_path / 'calendars' / 'sam'}" in "".join(answer.output.split("\n"))
    assert "invite: invitations by mail, 4 days ahead" in answer.output
    assert "never: there is nothing to look at" in answer.output
    assert [one["route"] for one in json.loads(rituals("calendars", "-c", file, "--json").output)] == [
        "folder",
        "invite",
    ]
