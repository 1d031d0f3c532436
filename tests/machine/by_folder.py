"""A partner whose calendar is a folder of .ics files, edited by another program."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from scheduler.adapters.folder import FolderCalendar
from scheduler.ports import Calendar
from tests.machine.flaky import FlakyCalendar
from tests.machine.partner import Stands
from tests.machine.texts import FOREIGN, all_day, moved, retitled, standing_in, touched


class ByFolder:
    """Fulfils MachinePartner. Nobody can tell a folder that was deleted from a disk that is not there."""

    route = "folder"
    can = frozenset({"all-day"})

    def __init__(self, path: Path) -> None:
        self._path = path
        self._touches = 0
        self._flaky = FlakyCalendar(self._opened())

    def _opened(self) -> FolderCalendar:
        return FolderCalendar(self._path, title="Our rituals", colour="#7a5c99", zone=ZoneInfo("Europe/Berlin"))

    @property
    def _away(self) -> Path:
        return self._path.with_name(f"{self._path.name} away")

    @property
    def calendar(self) -> Calendar:
        return self._flaky

    def restarts(self) -> None:
        self._flaky.inner = self._opened()

    def stands(self) -> list[Stands]:
        folder = self._away if self._away.exists() else self._path
        return [one for file in sorted(folder.glob("*.ics")) for one in standing_in(file.read_bytes().decode())]

    def foreign(self) -> Mapping[str, bytes]:
        folder = self._away if self._away.exists() else self._path
        return {file.name: file.read_bytes() for file in folder.glob("dentist*.ics")}

    def adds_foreign(self) -> None:
        if self._path.is_dir():
            (self._path / "dentist.ics").write_bytes(FOREIGN)

    def moves(self, uid: str, starts_at: datetime) -> None:
        self._edit(uid, lambda text: moved(text, starts_at))

    def retitles(self, uid: str, title: str) -> None:
        self._edit(uid, lambda text: retitled(text, title))

    def touches(self, uid: str) -> None:
        self._touches += 1
        self._edit(uid, lambda text: touched(text, self._touches))

    def makes_all_day(self, uid: str, day: datetime) -> None:
        self._edit(uid, lambda text: all_day(text, day))

    def deletes(self, uid: str) -> None:
        self._file(uid).unlink()

    def deletes_calendar(self) -> None:
        raise NotImplementedError

    def revokes(self) -> None:
        raise NotImplementedError

    def reconnects(self) -> None:
        """There is no access that could end."""

    def trouble(self, chance: Random) -> str:
        if self._path.is_dir() and chance.random() < 0.2:
            self._path.rename(self._away)
            self._path.touch()  # where nothing is at all, the next first event would make another folder
            self._flaky.met += 1
            return "disk not mounted"
        return self._flaky.trouble(chance)

    def mends(self) -> None:
        self._flaky.mends()
        if self._away.exists():
            self._path.unlink()
            self._away.rename(self._path)

    @property
    def met(self) -> int:
        return self._flaky.met

    def _file(self, uid: str) -> Path:
        folder = self._away if self._away.exists() else self._path
        return folder / f"{uid}.ics"

    def _edit(self, uid: str, change: Callable[[str], str]) -> None:
        """As programs do it: another file takes its place."""
        file = self._file(uid)
        other = file.with_suffix(".new")
        other.write_bytes(change(file.read_bytes().decode()).encode())
        other.replace(file)
