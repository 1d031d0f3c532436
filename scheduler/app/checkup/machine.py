"""What the machine itself gives: zone rules, clock, disk, a folder for the state. Not here: what the file names."""

from __future__ import annotations

import os
import shutil
import zoneinfo
from collections.abc import Iterator
from datetime import datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from scheduler.app.checkup.finding import Finding, Level
from scheduler.app.checkup.state import Memory
from scheduler.domain.couple import Couple

_SLACK = timedelta(minutes=2)
_LITTLE_BYTES, _TOO_LITTLE_BYTES = 200_000_000, 20_000_000
_NEWER_ZONES = "install a newer tzdata package"


def check_zones(now: datetime, couple: Couple | None = None) -> Iterator[Finding]:
    """Which zone rules are in force, and how old they are."""
    release = _zone_release()
    if release is None:
        yield Finding("zones", Level.BAD, "the tzdata package is not installed", "install it: pip install tzdata")
        return
    if zoneinfo.TZPATH:
        told = f"zones come from {zoneinfo.TZPATH[0]} before tzdata {release}"
        yield Finding("zones", Level.WARN, told, "this is a fault of the program; please report it")
        return
    zones = ", ".join(dict.fromkeys(one.zone.key for one in couple.partners)) if couple else "no zone needed yet"
    told = f"tzdata {release}, the package's own rules, not the machine's ({zones})"
    if now.year - int(release.partition(".")[0]) > 1:
        yield Finding("zones", Level.WARN, f"{told}; more than a year old", _NEWER_ZONES)
    else:
        yield Finding("zones", Level.OK, told)


def _zone_release() -> str | None:
    try:
        return version("tzdata")
    except PackageNotFoundError:
        return None


def check_clock(now: datetime, memory: Memory) -> Iterator[Finding]:
    """Against the two things we have: the year of the zone rules, and the latest instant that the state remembers."""
    told, mend = f"{now:%Y-%m-%d %H:%M} UTC", "set the machine's clock, and let it keep time by itself (NTP)"
    release = _zone_release()
    if release and now.year < int(release.partition(".")[0]):
        yield Finding("clock", Level.BAD, f"{told} is before this program's zone rules were made", mend)
    elif memory.latest and now < memory.latest - _SLACK:
        seen = f"{memory.latest:%Y-%m-%d %H:%M} UTC"
        yield Finding("clock", Level.BAD, f"{told}, but the service was already at work at {seen}", mend)
    else:
        against = "what the state remembers" if memory.latest else "the year of the zone rules"
        yield Finding("clock", Level.OK, f"{told}, in keeping with {against}; no outside clock was asked")


def check_disk(state: Path) -> Iterator[Finding]:
    free = shutil.disk_usage(standing_part(state)).free
    told = f"{free // 1_000_000} MB free where the state lies"
    if free < _TOO_LITTLE_BYTES:
        yield Finding("disk", Level.BAD, told, "make room: without it nothing can be written")
    elif free < _LITTLE_BYTES:
        yield Finding("disk", Level.WARN, told, "make room soon")
    else:
        yield Finding("disk", Level.OK, told)


def check_state(state: Path, trouble: str) -> Iterator[Finding]:
    """The folder and its database; ``trouble`` is what opening a copy of it said."""
    if not state.exists():
        yield from _to_be_made("state", state)
        return
    mode = state.stat().st_mode & 0o777
    if not state.is_dir():
        yield Finding("state", Level.BAD, f"{state} is not a folder", "name another service.state, or move it away")
    elif not may_write(state):
        yield Finding("state", Level.BAD, f"{state} cannot be written", "give the service's user the right to")
    elif trouble:
        yield Finding("state", Level.BAD, trouble, "after that: rituals doctor")
    elif mode & 0o077:
        told = f"{state} is open to other users of this machine ({mode:03o})"
        yield Finding("state", Level.WARN, told, f"close it: chmod 700 {state}")
    else:
        yield Finding("state", Level.OK, f"{state} opens, in today's shape, for its owner only")


def check_keys(keys: Path) -> Iterator[Finding]:
    """The file that opens what is sealed, once there is one."""
    if not keys.exists():
        return
    if keys.stat().st_mode & 0o077:
        told = f"{keys} is open to other users of this machine"
        yield Finding("keys", Level.BAD, told, f"close it: chmod 600 {keys}")
    else:
        yield Finding("keys", Level.OK, f"{keys} is for its owner only; keep a copy apart from the state's")


def _to_be_made(subject: str, folder: Path) -> Iterator[Finding]:
    above = standing_part(folder)
    if may_write(above):
        yield Finding(subject, Level.OK, f"{folder} is made at the first start")
    else:
        yield Finding(subject, Level.BAD, f"{folder} cannot be made", f"let the service's user write in {above}")


def check_folder(subject: str, folder: Path, told: str) -> Iterator[Finding]:
    """A folder that the service writes into: there and writable, or possible to make."""
    if not folder.exists():
        yield from _to_be_made(subject, folder)
    elif not folder.is_dir() or not may_write(folder):
        yield Finding(subject, Level.BAD, f"{folder} cannot be written", "give the service's user the right to")
    else:
        yield Finding(subject, Level.OK, told)


def standing_part(path: Path) -> Path:
    """The path itself, or the nearest folder above it that exists."""
    return next(one for one in (path, *path.absolute().parents) if one.exists())


def may_write(folder: Path) -> bool:
    return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)
