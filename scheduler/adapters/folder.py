"""A partner's calendar as a folder of .ics files, as khal and vdirsyncer read it. Not here: the text of an event.

Other programs write the same folder. They rename files, so an event is known by the UID inside; they replace
files whole, so the hash of the content is its tag. Between our look and our replacing a few microseconds remain in
which their write would be lost: a folder has no locks.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from zoneinfo import ZoneInfo

from scheduler.content.ics import content_tag, read_event, to_ics, uids_in
from scheduler.domain.errors import Conflict, Refused, Unavailable
from scheduler.domain.event import Event, SeenEvent
from scheduler.domain.pace import Pace

MAX_FILE_BYTES = 4_000_000
_MARKER = "displayname"
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9@._-]{0,199}")
_FOREIGN_MOVES = 3


class _MovedError(Exception):
    """A file went away between listing and reading."""


class FolderCalendar:
    """Fulfils Calendar with one file an event; a new one is called <uid>.ics.

    ``displayname`` and ``color`` are written when they are not there; a person may change them. ``displayname``
    also marks the folder as the calendar: without it the disk may just not be mounted.
    """

    pace = Pace.EVERY_TICK

    def __init__(self, path: Path, *, title: str, colour: str, zone: ZoneInfo) -> None:
        self._path, self._zone = path, zone
        self._facts = {_MARKER: title, "color": colour}
        self._lock = Lock()
        # Name → inode and UIDs: spares opening each file for each put. A replaced file has a new inode.
        self._known: dict[str, tuple[int, frozenset[str]]] = {}
        self._parsed: dict[tuple[str, bytes], SeenEvent | None] = {}

    def put(self, event: Event, tag: str | None) -> str:
        """See Calendar. Raises Refused also for a UID that cannot be the name of a file."""
        data = to_ics(event)
        with self._lock, _own_words():
            if tag is None:
                self._found()
            name = self._place_for(event.uid, tag, data)
            if name is not None:
                _replace(self._path, name, data)
        return content_tag(data)

    def remove(self, event: Event, tag: str | None) -> None:
        """See Calendar. Raises Refused when the event shares its file with other people's events."""
        with self._lock, _own_words():
            if tag is None and not self._path.exists():
                return
            for name, data in self._standing(event.uid).items():
                if uids_in(data) != {event.uid}:
                    raise Refused("our event shares its file with others; take it out by hand")
                (self._path / name).unlink(missing_ok=True)
            _flush(self._path)

    def seen(self, uids: Collection[str]) -> Mapping[str, SeenEvent | None]:
        """See Calendar. An event dragged to all-day has no times that could be read."""
        if not uids:
            return {}
        with self._lock, _own_words():
            found = self._read_all(frozenset(uids))
        if len(frozenset(uids)) > 1 and not found:
            raise Unavailable("the calendar folder holds none of our events; is it the right folder?")
        # Content that was read before is not parsed again: parsing is nearly all that a look costs.
        self._parsed = {
            (uid, data): self._parsed.get((uid, data)) or self._legible(uid, data) for uid, data in found.items()
        }
        return {uid: event for (uid, _), event in self._parsed.items()}

    def _legible(self, uid: str, data: bytes) -> SeenEvent | None:
        event = read_event(data, self._zone)
        return event if event and event.uid == uid else None

    def _found(self) -> None:
        """Make the folder and its two facts, where they are not there yet."""
        self._path.mkdir(parents=True, exist_ok=True)
        for name, text in self._facts.items():
            if not os.path.lexists(self._path / name):
                _replace(self._path, name, text.encode())

    def _place_for(self, uid: str, tag: str | None, data: bytes) -> str | None:
        """The name of the file to write; None when the very bytes stand there already."""
        standing = self._standing(uid)
        if data in standing.values():
            return None
        for name, present in standing.items():
            if content_tag(present) == tag:
                return name
        if standing or tag is not None:
            raise Conflict("an event in the folder is not what was written last")
        if not _FILE_NAME.fullmatch(uid):
            raise Refused("this UID cannot be the name of a file")
        if os.path.lexists(self._path / f"{uid}.ics"):
            raise Conflict("a file of the event's name stands in the folder, but is not the event")
        return f"{uid}.ics"

    def _standing(self, uid: str) -> dict[str, bytes]:
        """Name → content of each file that holds the UID, the one with our name first."""
        for _ in range(_FOREIGN_MOVES):
            try:
                names = [entry.name for entry in self._files() if uid in self._uids_of(entry)]
                contents = {name: self._read(name) for name in sorted(names, key=lambda n: (n != f"{uid}.ics", n))}
                return {name: data for name, data in contents.items() if uid in uids_in(data)}
            except _MovedError:
                continue
        raise Unavailable("the calendar folder keeps changing")

    def _uids_of(self, entry: os.DirEntry[str]) -> frozenset[str]:
        known = self._known.get(entry.name)
        if known and known[0] == entry.inode():
            return known[1]
        try:
            uids = uids_in(self._read(entry.name))
        except Unavailable:  # somebody else's file that we may not read; ours is told by its name
            return frozenset({entry.name.removesuffix(".ics")})
        if uids:  # none at all may mean half-written: look again next time
            self._known[entry.name] = entry.inode(), uids
        return uids

    def _read_all(self, uids: frozenset[str]) -> dict[str, bytes]:
        before: dict[str, bytes] | None = None
        for _ in range(_FOREIGN_MOVES):
            try:
                found = self._read_once(uids)
            except _MovedError:
                continue
            # A file that is renamed while we list may be in neither place: "gone" needs two looks that agree.
            if len(found) == len(uids) or found == before:
                return found
            before = found
        raise Unavailable("the calendar folder keeps changing")

    def _read_once(self, uids: frozenset[str]) -> dict[str, bytes]:
        """UID → content; always from the files themselves, since a program may rewrite one in place."""
        found: dict[str, bytes] = {}
        doubt = False
        for entry in sorted(self._files(), key=lambda e: e.name):
            own = entry.name.removesuffix(".ics")
            try:
                data = self._read(entry.name)
            except Unavailable:
                doubt = True
                continue
            inside = uids_in(data)
            doubt = doubt or (own in uids and not inside)
            for uid in inside & uids:
                if uid == own or uid not in found:
                    found[uid] = data
        if doubt and len(found) < len(uids):
            raise Unavailable("a file in the calendar folder cannot be read, and it may be one of ours")
        return found

    def _files(self) -> list[os.DirEntry[str]]:
        """The regular .ics files; links, folders and hidden files are other people's."""
        if not (self._path / _MARKER).is_file():
            raise Unavailable("the calendar folder, or the file displayname in it, is not there")
        with os.scandir(self._path) as entries:
            return [
                e for e in entries if e.name.endswith(".ics") and e.name[0] != "." and e.is_file(follow_symlinks=False)
            ]

    def _read(self, name: str) -> bytes:
        """Raises _MovedError when the file is gone, Unavailable when it cannot be read or is absurdly large."""
        try:
            with (self._path / name).open("rb") as file:
                data = file.read(MAX_FILE_BYTES + 1)
        except FileNotFoundError as err:
            raise _MovedError from err
        except OSError as err:
            raise Unavailable(f"a file in the calendar folder cannot be read ({err.strerror})") from err
        if len(data) > MAX_FILE_BYTES:
            raise Unavailable("a file in the calendar folder is too large to be read")
        return data


@contextmanager
def _own_words() -> Iterator[None]:
    try:
        yield
    except OSError as err:
        raise Unavailable(f"the calendar folder cannot be used ({err.strerror})") from err


def _replace(folder: Path, name: str, data: bytes) -> None:
    """Write a file whole or not at all, and durably; a reader never sees the hidden half."""
    temporary = folder / f".{name}.tmp"
    temporary.unlink(missing_ok=True)
    with temporary.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(folder / name)
    _flush(folder)


def _flush(folder: Path) -> None:
    """Make the folder's own entries durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
