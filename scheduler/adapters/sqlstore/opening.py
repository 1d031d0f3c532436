"""Opens a database, safely set for the SQLite at hand and in today's shape. Not here: what is kept in it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, StaticPool, create_engine, event, text
from sqlalchemy.exc import DBAPIError

from scheduler.adapters.tables import REVISION, metadata
from scheduler.domain.errors import ConfigError, Problem, RitualsError, Unavailable

MEMORY = ":memory:"
_QUICK_CHECK_UP_TO_BYTES = 64 * 2**20
_WAL_IS_SOUND_FROM = (3, 51, 3)
_SETTINGS = ("synchronous = FULL", "foreign_keys = ON", "secure_delete = ON", "trusted_schema = OFF")

_ADVICE = {
    "SQLITE_BUSY": "is held by another program; try again when that has ended",
    "SQLITE_LOCKED": "is held by another program; try again when that has ended",
    "SQLITE_FULL": "cannot grow: the disk is full; make room",
    "SQLITE_IOERR": "cannot be read or written; look at the disk",
    "SQLITE_READONLY": "must not be written; give the service's user the right to write the file and its folder",
    "SQLITE_PERM": "must not be opened; give the service's user the right to read and write it",
    "SQLITE_CANTOPEN": "cannot be opened; does its folder exist, and may the service's user write there?",
    "SQLITE_CORRUPT": "is damaged; stop the service and put back a copy of it",
    "SQLITE_NOTADB": "is not a database; move it away or put back a copy of the state",
}


def open_engine(where: str | Path, patience: timedelta) -> Engine:
    """An engine with one connection; every transaction takes the write lock at once.

    A transaction that began by reading could no longer be upgraded once another wrote: "database is locked".
    """
    if where != MEMORY:
        _touch(Path(where))
    engine = create_engine(
        URL.create("sqlite", database=str(where)),
        poolclass=StaticPool,
        connect_args={"check_same_thread": False, "isolation_level": None, "timeout": patience.total_seconds()},
        hide_parameters=True,  # an error message must not carry a partner's words
    )
    event.listen(engine, "connect", _set_up)
    event.listen(engine, "begin", _begin_immediate)
    return engine


def _touch(file: Path) -> None:
    try:
        file.touch(mode=0o600)  # SQLite itself would let everybody on the machine read it
    except OSError as err:
        raise Unavailable(f"{file} {_ADVICE['SQLITE_CANTOPEN']}") from err


def _set_up(connection: sqlite3.Connection, _: object) -> None:
    # SQLite before 3.51.3 can corrupt a WAL when two connections checkpoint at once (the "WAL-reset bug").
    journal = "WAL" if sqlite3.sqlite_version_info >= _WAL_IS_SOUND_FROM else "TRUNCATE"
    try:
        connection.execute(f"PRAGMA journal_mode = {journal}")
        for setting in _SETTINGS:
            connection.execute(f"PRAGMA {setting}")
    except BaseException:
        connection.close()
        raise


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def copy_into(connection: Connection, where: Path) -> None:
    """Fill an empty database in memory with what stands in the file now. Raises Unavailable."""
    try:
        # Opened for writing, though nothing is written: what a killed process left half done is undone first.
        with closing(sqlite3.connect(f"{where.absolute().as_uri()}?mode=rw", uri=True)) as source:
            source.backup(connection.connection.driver_connection)  # type: ignore[arg-type]
    except sqlite3.Error as err:
        raise Unavailable(f"{where} cannot be read ({err}); check its owner, or put back a copy of it") from err


def refuse_damaged(connection: Connection, where: str | Path) -> None:
    """Raises Unavailable when a file of ordinary size is found damaged."""
    if where == MEMORY or Path(where).stat().st_size > _QUICK_CHECK_UP_TO_BYTES:
        return
    if connection.exec_driver_sql("PRAGMA quick_check(1)").scalar() != "ok":
        raise Unavailable(f"{where} {_ADVICE['SQLITE_CORRUPT']}")


def bring_up_to_date(connection: Connection, where: str | Path) -> None:
    """Make the tables of a new database, or change an older one into today's shape, inside the caller's transaction.

    Raises: ConfigError, the file is newer than this program or something else altogether.
    """
    stored = _stored_revision(connection)
    if stored == REVISION:
        return
    if stored is not None:
        _upgrade(connection, where)
    elif connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar():
        raise ConfigError(Problem(str(where), None, "is a database of another program; name another state folder"))
    else:
        metadata.create_all(connection)
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
        connection.execute(text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": REVISION})


def _stored_revision(connection: Connection) -> str | None:
    kept = "SELECT count(*) FROM sqlite_master WHERE name = 'alembic_version'"
    if not connection.exec_driver_sql(kept).scalar():
        return None
    revision: str | None = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return revision


def _upgrade(connection: Connection, where: str | Path) -> None:
    # Alembic costs half a second to import; a database in today's shape never needs it.
    from alembic.util import CommandError

    from scheduler.adapters.migrations import upgrade

    try:
        upgrade(connection)
    except CommandError as err:
        problem = "was written by a newer version of this program; install that one, or put back an older copy"
        raise ConfigError(Problem(str(where), None, problem)) from err


def in_our_words(err: DBAPIError, where: str | Path) -> RitualsError | None:
    """What a person can do about it; None where it is a fault of ours."""
    name: Any = getattr(err.orig, "sqlite_errorname", None) or ""
    for known, advice in _ADVICE.items():
        if name.startswith(known):
            return Unavailable(f"{where} {advice}")
    return None
