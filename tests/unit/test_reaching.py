"""What a mail says of the way events come to its reader, by route and by whether access is there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from scheduler.adapters.sqlstore import SqlStore
from scheduler.app.doors import doors_of
from scheduler.app.reaching import accounts_of, reaching
from scheduler.content.assets import Assets
from scheduler.domain.digest import Reach
from scheduler.domain.message import MailKind
from scheduler.domain.notes import cut_note
from scheduler.ports import BusyRecord, Transaction
from scheduler.settings import Account, load
from tests.build import at
from tests.cli import write_couple

NOW = at("2026-11-23 09:00")
REST = """\
[google]
client_id = "1-a"
client_secret_env = "SECRET"
[public]
address = "https://rituals.example.org"
"""


@pytest.fixture
def tx() -> Iterator[Transaction]:
    store = SqlStore.open(":memory:", secret=lambda: bytes(32))
    with store.transaction() as transaction:
        yield transaction
    store.close()


def reached(
    folder: Path, tx: Transaction, sam: str, kind: MailKind = MailKind.WELCOME, rest: str = REST
) -> tuple[Reach, str]:
    settings = load(write_couple(folder, sam=sam, rest=rest), Assets(), {"SECRET": "x"})
    return reaching(settings, doors_of(settings))(tx, settings.couple.partner("sam"), kind, NOW)


def test_a_folder_asks_for_nothing(tmp_path: Path, tx: Transaction) -> None:
    assert reached(tmp_path, tx, "") == (Reach.CALENDAR, "")


def test_invitations_say_so_in_the_welcome(tmp_path: Path, tx: Transaction) -> None:
    assert reached(tmp_path, tx, 'calendar = "invite"') == (Reach.MAIL, "")


def test_a_feed_s_address_stands_in_the_welcome(tmp_path: Path, tx: Transaction) -> None:
    reach, door = reached(tmp_path, tx, 'calendar = "feed"')
    assert reach is Reach.FEED
    assert door.startswith("https://rituals.example.org/feed/")


def test_google_that_is_not_connected_gets_a_link_of_its_own(tmp_path: Path, tx: Transaction) -> None:
    reach, door = reached(tmp_path, tx, 'calendar = "google"')
    assert reach is Reach.ACCOUNT
    assert door.startswith("https://rituals.example.org/connect/")
    assert reached(tmp_path, tx, 'calendar = "google"')[1] != door


def test_without_a_public_address_there_is_no_link(tmp_path: Path, tx: Transaction) -> None:
    rest = REST.partition("[public]")[0]
    assert reached(tmp_path, tx, 'calendar = "google"', rest=rest) == (Reach.ACCOUNT, "")


def test_what_is_connected_asks_for_nothing(tmp_path: Path, tx: Transaction) -> None:
    tx.save_sealed("home", "sam", "google", b"sealed")
    assert reached(tmp_path, tx, 'calendar = "google"') == (Reach.CALENDAR, "")


def test_what_has_ended_is_asked_for_again(tmp_path: Path, tx: Transaction) -> None:
    tx.save_sealed("home", "sam", "google", b"sealed")
    tx.set_note("home", cut_note("sam"), NOW.isoformat())
    assert reached(tmp_path, tx, 'calendar = "google"', MailKind.RECONNECT)[0] is Reach.ACCOUNT


def test_busy_times_that_have_ended_are_asked_for_too(tmp_path: Path, tx: Transaction) -> None:
    tx.save_sealed("home", "sam", "caldav", b"sealed")
    tx.save_busy("home", BusyRecord("sam: caldav", "sam", error="no access", cut_at=NOW))
    assert reached(tmp_path, tx, 'busy = ["caldav"]', MailKind.RECONNECT) == (Reach.ACCOUNT, "")


def test_the_other_one_s_trouble_is_not_told(tmp_path: Path, tx: Transaction) -> None:
    tx.save_busy("home", BusyRecord("kim: google", "kim", error="no access", cut_at=NOW))
    tx.set_note("home", cut_note("kim"), NOW.isoformat())
    assert reached(tmp_path, tx, "") == (Reach.CALENDAR, "")


@pytest.mark.parametrize(
    ("sam", "accounts"),
    [
        ("", set()),
        ('calendar = "google"\nbusy = ["google", "sam.ics"]', {Account.GOOGLE}),
        ('calendar = "caldav"\nbusy = ["google"]', {Account.GOOGLE, Account.CALDAV}),
    ],
)
def test_an_account_is_needed_once(tmp_path: Path, sam: str, accounts: set[Account]) -> None:
    settings = load(write_couple(tmp_path, sam=sam, rest=REST), Assets(), {"SECRET": "x"})
    assert accounts_of(settings, "sam") == accounts
