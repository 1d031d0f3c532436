"""Durable state in SQLite: opening, closing, and one transaction at a time. Not here: what a transaction can do."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, StatementError

from scheduler.adapters.sqlstore.opening import (
    MEMORY,
    bring_up_to_date,
    copy_into,
    in_our_words,
    open_engine,
    refuse_damaged,
)
from scheduler.adapters.sqlstore.transaction import SqlTransaction
from scheduler.domain.errors import Unavailable

__all__ = ["MEMORY", "SqlStore"]

PATIENCE = timedelta(seconds=5)


class SqlStore:
    """Fulfils ports.Store. Any number of threads may use one store; their transactions take turns."""

    def __init__(
        self, connection: Connection, *, where: str | Path, secret: Callable[[], bytes], patience: timedelta
    ) -> None:
        """Use ``open`` instead: it makes the connection."""
        self._connection = connection
        self._where = where
        self._secret = secret
        self._patience_s = patience.total_seconds()
        self._turn = threading.Lock()

    @classmethod
    def open(cls, where: str | Path, *, secret: Callable[[], bytes], patience: timedelta = PATIENCE) -> SqlStore:
        """Open or create the file (":memory:" lasts until close) and bring its tables up to date.

        ``secret`` makes each couple's salt; ``patience`` is how long a transaction waits for its turn.
        Raises: ConfigError, the file is another program's or a newer version's; Unavailable, it is damaged,
        locked or out of reach.
        """
        with _our_errors(where):
            connection = _checked(open_engine(where, patience).connect(), where)
            return cls(connection, where=where, secret=secret, patience=patience)

    @classmethod
    def open_copy(cls, where: Path, *, secret: Callable[[], bytes]) -> SqlStore:
        """What stands in the file now, in memory: writes to the copy never reach it. Raises: as open."""
        with _our_errors(where):
            connection = open_engine(MEMORY, PATIENCE).connect()
            try:
                copy_into(connection, where)
            except BaseException:
                _close(connection)
                raise
            return cls(_checked(connection, where), where=where, secret=secret, patience=PATIENCE)

    @contextmanager
    def transaction(self) -> Iterator[SqlTransaction]:
        if not self._turn.acquire(timeout=self._patience_s):
            raise Unavailable(f"another transaction has held the state for {self._patience_s:g} s; try again")
        try:
            with _our_errors(self._where), self._connection.begin():
                yield SqlTransaction(self._connection, self._secret)
        finally:
            self._turn.release()

    def close(self) -> None:
        with self._turn:
            _close(self._connection)


def _checked(connection: Connection, where: str | Path) -> Connection:
    """The connection to a sound database in today's shape; closed when it is not."""
    try:
        with connection.begin():
            refuse_damaged(connection, where)
            bring_up_to_date(connection, where)
    except BaseException:
        _close(connection)
        raise
    return connection


def _close(connection: Connection) -> None:
    connection.close()
    connection.engine.dispose()


@contextmanager
def _our_errors(where: str | Path) -> Iterator[None]:
    try:
        yield
    except DBAPIError as err:
        if ours := in_our_words(err, where):
            raise ours from err
        raise
    except StatementError as err:
        # SQLAlchemy wraps what a column type refused: a naive datetime is the caller's ValueError.
        if isinstance(err.orig, ValueError):
            raise err.orig from None
        raise
