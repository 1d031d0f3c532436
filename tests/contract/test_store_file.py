"""What only a state file can do: outlive a process, grow old, be damaged, held or full. Not here: test_store."""

from __future__ import annotations

import resource
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Select, Update
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import IntegrityError

from scheduler.adapters import migrations
from scheduler.adapters.sqlstore import SqlStore, statements
from scheduler.adapters.sqlstore.opening import open_engine
from scheduler.adapters.tables import REVISION
from scheduler.domain.errors import ConfigError, Unavailable
from scheduler.domain.outbox import OPEN, EffectKind, OutboxEntry
from tests.build import at

NOON = at("2026-11-23 12:00")
AT_ONCE = timedelta(milliseconds=20)


def open_store(file: Path) -> SqlStore:
    return SqlStore.open(file, secret=lambda: b"salt", patience=AT_ONCE)


@contextmanager
def opened(file: Path) -> Iterator[SqlStore]:
    store = open_store(file)
    try:
        yield store
    finally:
        store.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A state file with one note in it."""
    made = tmp_path / "state.db"
    with opened(made) as store, store.transaction() as tx:
        tx.set_note("home", "kept", "yes")
    return made


def kept(file: Path) -> str | None:
    with opened(file) as store, store.transaction() as tx:
        return tx.note("home", "kept")


def test_what_was_committed_is_there_after_opening_again(file: Path) -> None:
    assert kept(file) == "yes"


def test_only_the_owner_may_read_the_file(file: Path) -> None:
    assert file.stat().st_mode & 0o777 == 0o600


def test_the_connection_is_durable_and_careful(tmp_path: Path) -> None:
    engine = open_engine(tmp_path / "state.db", AT_ONCE)
    with engine.connect() as connection:
        assert _pragma(connection, "journal_mode") in ("wal", "truncate")
        assert _pragma(connection, "synchronous") == 2
        assert _pragma(connection, "secure_delete") == 1
        assert _pragma(connection, "foreign_keys") == 1
        assert _pragma(connection, "trusted_schema") == 0
        assert _pragma(connection, "busy_timeout") == 20
    engine.dispose()


def _pragma(connection: Connection, name: str) -> object:
    return connection.exec_driver_sql(f"PRAGMA {name}").scalar()


def test_the_revision_in_the_code_is_the_newest_migration() -> None:
    assert ScriptDirectory(str(migrations.FOLDER)).get_heads() == [REVISION]


def test_migrating_gives_the_same_shape_as_making_anew(file: Path, tmp_path: Path) -> None:
    migrated = tmp_path / "migrated.db"
    engine = open_engine(migrated, AT_ONCE)
    with engine.begin() as connection:
        migrations.upgrade(connection)
    engine.dispose()
    assert shape(migrated) == shape(file)


def test_a_migration_that_is_cut_short_leaves_nothing_behind(tmp_path: Path) -> None:
    engine = open_engine(tmp_path / "state.db", AT_ONCE)
    with engine.connect() as connection:
        begun = connection.begin()
        migrations.upgrade(connection)
        begun.rollback()
    engine.dispose()
    assert shape(tmp_path / "state.db") == {}


def shape(file: Path) -> dict[str, object]:
    """Columns (name, type, NOT NULL, default, place in the key) of every table, and how every index is made."""
    raw = sqlite3.connect(file)
    found: dict[str, object] = {}
    for kind, name, made in raw.execute("SELECT type, name, sql FROM sqlite_master").fetchall():
        columns = raw.execute(f"SELECT name, type, [notnull], dflt_value, pk FROM pragma_table_info('{name}')")
        found[name] = sorted(columns.fetchall()) if kind == "table" else made
    raw.close()
    return found


@pytest.mark.slow
def test_a_file_in_todays_shape_opens_without_loading_the_migrations(file: Path) -> None:
    code = (
        "import sys; from scheduler.adapters.sqlstore import SqlStore;"
        f"SqlStore.open({str(file)!r}, secret=bytes).close(); sys.exit('alembic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_newer_file_is_refused_and_left_alone(file: Path) -> None:
    with sqlite3.connect(file) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    raw.close()
    before = file.read_bytes()
    with pytest.raises(ConfigError, match="newer version"):
        open_store(file)
    assert file.read_bytes() == before


def test_a_database_of_another_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "photos.db") as raw:
        raw.execute("CREATE TABLE photos (id)")
    raw.close()
    with pytest.raises(ConfigError, match="another program"):
        open_store(tmp_path / "photos.db")
    assert list(shape(tmp_path / "photos.db")) == ["photos"]


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "state.db").write_bytes(b"Dear diary, " * 1000)
    with pytest.raises(Unavailable, match=r"state\.db is not a database"):
        open_store(tmp_path / "state.db")


def test_a_damaged_file_is_refused_before_anything_is_read_from_it(file: Path) -> None:
    whole = file.read_bytes()
    file.write_bytes(whole[:8192] + bytes(4096) + whole[12288:])
    with pytest.raises(Unavailable, match="is damaged"):
        open_store(file)


def test_a_truncated_file_is_refused(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-8192])
    with pytest.raises(Unavailable, match="is damaged"):
        open_store(file)


def test_a_folder_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="does its folder exist"):
        open_store(tmp_path / "nowhere" / "state.db")


def test_a_file_held_by_another_program_is_unavailable_until_it_lets_go(file: Path) -> None:
    with opened(file) as store:
        other = sqlite3.connect(file, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match="held by another program"), store.transaction():
            raise AssertionError("two writers at once")
        other.execute("ROLLBACK")
        other.close()
        with store.transaction() as tx:
            assert tx.note("home", "kept") == "yes"


def test_a_disk_that_takes_no_more_loses_nothing_that_was_kept(file: Path) -> None:
    with opened(file) as store:
        with no_room_beyond(file.stat().st_size), pytest.raises(Unavailable, match=r"disk"), store.transaction() as tx:
            tx.set_note("home", "kept", "no" * 100_000)
        with store.transaction() as tx:
            assert tx.note("home", "kept") == "yes"
            tx.set_note("home", "kept", "again")
    assert kept(file) == "again"


@contextmanager
def no_room_beyond(size: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_an_error_names_none_of_the_values(file: Path) -> None:
    entry = OutboxEntry("k1", "home", "sam", EffectKind.MAIL, "dear/1", NOON, NOON, note=None)  # type: ignore[arg-type]
    with opened(file) as store, pytest.raises(IntegrityError) as caught, store.transaction() as tx:
        tx.want(entry)
    assert "dear" not in str(caught.value)


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        (statements.CLAIM, "outbox_due"),
        (statements.NEXT_DUE_OF_ALL, "outbox_due"),
        (statements.TAKE_BACK, "outbox_leased"),
        (statements.TAKE_BACK_ALL, "outbox_leased"),
        (statements.BEGIN, "outbox_by_key"),
        (statements.OUTBOX[True, True, False].params(states_=OPEN, couple_=""), "outbox_by_state"),
        (
            statements.MAILS_DONE.params(couple_="", partner_="", since_=NOON),
            "outbox_by_state (couple=? AND state=? AND done_at>?)",
        ),
        (statements.OUTBOX[True, False, True], "outbox_by_ref"),
        (statements.PLACEMENTS_ENDING_AFTER, "placements_by_end"),
        (statements.CALENDAR_ENTRIES_ENDING_AFTER, "calendar_entries_by_end"),
    ],
)
def test_the_cost_follows_what_is_due_and_not_the_history(
    file: Path, statement: Select[Any] | Update, index: str
) -> None:
    compiled = statement.compile(dialect=sqlite.dialect(), compile_kwargs={"render_postcompile": True})
    raw = sqlite3.connect(file)
    steps = raw.execute(f"EXPLAIN QUERY PLAN {compiled}", [0] * str(compiled).count("?")).fetchall()
    raw.close()
    plan = "\n".join(step[3] for step in steps)
    assert f"INDEX {index} " in plan.replace("\n", " ") + " ", plan
    assert "SCAN outbox\n" not in plan + "\n"


WRITER = """
import sys
from scheduler.adapters.sqlstore import SqlStore
from tests.contract.test_store_file import entry_of
store = SqlStore.open(sys.argv[1], secret=lambda: b"salt")
for number in range(int(sys.argv[2]), 10**6):
    with store.transaction() as tx:
        tx.want(entry_of(number))
        tx.set_note("home", "count", str(number + 1))
    print(number + 1, flush=True)
"""


def entry_of(number: int) -> OutboxEntry:
    return OutboxEntry(f"k{number}", "home", "sam", EffectKind.EVENT, "coffee/2026-W48", NOON, NOON)


@pytest.mark.slow
def test_a_killed_process_leaves_whole_transactions_and_all_that_it_reported(file: Path) -> None:
    done = 0
    for round_number in range(6):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(file), str(done)], stdout=subprocess.PIPE, text=True
        ) as child:
            assert child.stdout is not None
            reported = [int(child.stdout.readline()) for _ in range(1 + 11 * round_number)]
            child.send_signal(signal.SIGKILL)
            reported += [int(line) for line in child.stdout if line.endswith("\n")]
        with opened(file) as store, store.transaction() as tx:
            done = int(tx.note("home", "count") or 0)
            assert len(tx.outbox("home")) == done
        assert done >= reported[-1]
