"""What is sealed opens for its own couple, partner and name alone, and only with the key file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from scheduler.adapters.sqlstore import SqlStore
from scheduler.adapters.vault import KeyFile, SealedVault
from scheduler.domain.errors import Unavailable

TOKEN = "1//a-refresh-token"


@pytest.fixture
def store() -> Iterator[SqlStore]:
    made = SqlStore.open(":memory:", secret=lambda: bytes(32))
    yield made
    made.close()


@pytest.fixture
def keys(tmp_path: Path) -> KeyFile:
    numbers = count(1)
    return KeyFile(tmp_path / "keys" / "keys.json", lambda: next(numbers).to_bytes(32, "big"))


@pytest.fixture
def vault(store: SqlStore, keys: KeyFile) -> SealedVault:
    return SealedVault(store, keys, "home", "sam")


def sealed(store: SqlStore, name: str = "google") -> bytes:
    with store.transaction() as tx:
        found = tx.sealed("home", "sam", name)
    assert found is not None
    return found


def test_what_was_put_last_comes_back(vault: SealedVault) -> None:
    vault.put("google", "an older one")
    vault.put("google", TOKEN)
    assert vault.get("google") == TOKEN


def test_what_was_never_put_is_nothing(vault: SealedVault) -> None:
    assert vault.get("google") is None
    vault.forget("google")


def test_what_was_forgotten_is_gone(vault: SealedVault) -> None:
    vault.put("google", TOKEN)
    vault.forget("google")
    assert vault.get("google") is None


def test_it_opens_after_a_restart(store: SqlStore, tmp_path: Path, vault: SealedVault) -> None:
    vault.put("google", TOKEN)
    again = KeyFile(tmp_path / "keys" / "keys.json", lambda: bytes(32))
    assert SealedVault(store, again, "home", "sam").get("google") == TOKEN


def test_nothing_that_lies_in_the_store_shows_it(store: SqlStore, vault: SealedVault) -> None:
    vault.put("google", TOKEN)
    assert TOKEN.encode() not in sealed(store)
    vault.put("caldav", TOKEN)
    assert sealed(store)[13:] != sealed(store, "caldav")[13:]


def test_the_key_file_is_for_its_owner_alone(tmp_path: Path, vault: SealedVault) -> None:
    vault.put("google", TOKEN)
    assert (tmp_path / "keys" / "keys.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("owner", [("home", "kim", "google"), ("next", "sam", "google"), ("home", "sam", "caldav")])
def test_a_value_that_was_moved_to_another_row_does_not_open(
    store: SqlStore, keys: KeyFile, vault: SealedVault, owner: tuple[str, str, str]
) -> None:
    vault.put("google", TOKEN)
    other = SealedVault(store, keys, *owner[:2])
    other.put("anything", "so that there is a key")
    with store.transaction() as tx:
        tx.save_sealed(*owner, sealed_again := tx.sealed("home", "sam", "google"))
    assert sealed_again
    with pytest.raises(Unavailable, match="does not open"):
        other.get(owner[2])


def test_every_changed_byte_is_noticed(store: SqlStore, vault: SealedVault) -> None:
    vault.put("google", TOKEN)
    whole = sealed(store)
    for place in range(len(whole)):
        with store.transaction() as tx:
            tx.save_sealed("home", "sam", "google", whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(Unavailable):
            vault.get("google")


def test_a_destroyed_key_takes_all_with_it_and_leaves_the_others(store: SqlStore, keys: KeyFile) -> None:
    sam, kim = (SealedVault(store, keys, "home", one) for one in ("sam", "kim"))
    sam.put("google", TOKEN)
    kim.put("google", TOKEN)
    keys.destroy("home/sam")
    with pytest.raises(Unavailable, match="not in the key file"):
        sam.get("google")
    assert kim.get("google") == TOKEN


def test_a_key_file_that_others_may_read_is_refused(tmp_path: Path, vault: SealedVault) -> None:
    vault.put("google", TOKEN)
    (tmp_path / "keys" / "keys.json").chmod(0o644)
    with pytest.raises(Unavailable, match="chmod 600"):
        vault.get("google")


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"keys": {"home/sam": 3}}', "\x00"])
def test_a_damaged_key_file_is_told_and_never_overwritten(tmp_path: Path, vault: SealedVault, text: str) -> None:
    vault.put("google", TOKEN)
    file = tmp_path / "keys" / "keys.json"
    file.write_text(text)
    with pytest.raises(Unavailable, match="damaged"):
        vault.get("google")
    with pytest.raises(Unavailable, match="damaged"):
        vault.put("google", "new")
    assert file.read_text() == text


def test_two_programs_that_make_keys_at_once_lose_none(tmp_path: Path) -> None:
    one = KeyFile(tmp_path / "keys.json", lambda: bytes([1]) * 32)
    other = KeyFile(tmp_path / "keys.json", lambda: bytes([2]) * 32)
    assert one.made("home/sam") == bytes([1]) * 32
    assert other.made("home/kim") == bytes([2]) * 32
    assert other.made("home/sam") == bytes([1]) * 32
    assert set(json.loads((tmp_path / "keys.json").read_text())["keys"]) == {"home/sam", "home/kim"}
