"""One running service for each state folder. Not here: locks inside the process (sqlstore)."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from scheduler.domain.errors import Unavailable

FILE = "running.pid"


@contextmanager
def only_instance(folder: Path) -> Iterator[None]:
    """Hold the folder for this process until the block ends or the process dies, however it dies.

    The file stays when the lock goes: unlinking it would let two processes hold two files of one name.
    Raises: Unavailable at once, another process holds it or the folder cannot be written.
    """
    handle = _opened(folder / FILE)
    try:
        _take(handle, folder)
        os.truncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(handle)


def _opened(file: Path) -> int:
    try:
        return os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as err:
        raise Unavailable(f"{file} cannot be written; may the service's user write in that folder?") from err


def _take(handle: int, folder: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as err:
        holder = os.pread(handle, 32, 0).decode("ascii", "replace").strip()
        who = f"process {holder}" if holder.isdecimal() else "another process"
        raise Unavailable(f"the service already runs on {folder} ({who}); stop that one first") from err


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
