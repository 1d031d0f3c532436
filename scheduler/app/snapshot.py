"""The couple's state as it stands, for commands that only look: nothing of the real one is made or written.

Not here: playing the coming weeks through (rehearsal), or the only process that may write (service).
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from scheduler.adapters.lock import FILE
from scheduler.adapters.memory import MemoryMailer
from scheduler.adapters.sqlstore import SqlStore
from scheduler.adapters.system import new_secret
from scheduler.app.service import Service
from scheduler.app.wiring import DATABASE, load_words, parts_of
from scheduler.domain.errors import ConfigError, Problem, Unavailable
from scheduler.ports import Clock, Store
from scheduler.settings import Settings


@contextmanager
def copied_store(settings: Settings) -> Iterator[Store]:
    """A store that begins as the real one is now, or empty where there is none yet, and vanishes with the block.

    Raises: Unavailable, the real state cannot be read or is damaged; ConfigError, it is another program's or newer.
    """
    real = settings.state / DATABASE
    with TemporaryDirectory(prefix="rituals-") as folder:
        copy = Path(folder) / DATABASE
        if real.exists():
            _copy(real, copy)
        with closing(_opened(copy, real)) as store:
            yield store


@contextmanager
def looking(settings: Settings, clock: Clock) -> Iterator[Service]:
    """A service on a copy of the state: it may read busy times and plan; a mail would reach nobody."""
    words = load_words(settings)
    with copied_store(settings) as store:
        yield Service(replace(parts_of(settings, words, store, clock), mailer=MemoryMailer()))


def _copy(real: Path, copy: Path) -> None:
    try:
        # Opened for writing, though nothing is written: what a killed process left half done is undone first.
        with (
            closing(sqlite3.connect(f"{real.absolute().as_uri()}?mode=rw", uri=True)) as source,
            closing(sqlite3.connect(copy)) as target,
        ):
            source.backup(target)
    except sqlite3.Error as err:
        raise Unavailable(f"{real} cannot be read ({err}); check its owner, or put back a copy of it") from err


def _opened(copy: Path, real: Path) -> SqlStore:
    """Errors name the real file: nobody knows the copy."""
    try:
        return SqlStore.open(copy, secret=new_secret)
    except ConfigError as err:
        raise ConfigError(*(Problem(str(real), one.line, one.text) for one in err.problems)) from err
    except Unavailable as err:
        raise Unavailable(str(err).replace(str(copy), str(real))) from err


@dataclass(frozen=True, slots=True)
class Runner:
    """The process that holds a state folder; ``pid`` is None where it cannot be told."""

    pid: int | None


def runner_of(folder: Path) -> Runner | None:
    """Who runs the service on the folder; None when nobody does. Looking leaves no trace."""
    try:
        handle = os.open(folder / FILE, os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        said = os.read(handle, 32).decode("ascii", "replace").strip()
        return Runner(int(said) if said.isdecimal() else None)
    finally:
        os.close(handle)
    return None
