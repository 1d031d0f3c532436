"""Which zone a TZID means. Not here: the zone data itself (tzdata) or zones that people choose (settings)."""

from __future__ import annotations

import os
import re
import zoneinfo
from collections.abc import Mapping
from datetime import tzinfo
from functools import cache
from importlib.machinery import FileFinder, PathFinder, SourceFileLoader
from types import ModuleType
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from scheduler.adapters.icsbusy.vtimezone import zone_from

_TZID = re.compile(r';TZID=("[^"]*"|.*?)(?=;[A-Z-]+=|$)', re.IGNORECASE)
_NAME = re.compile(r"\w[\w+-]{0,40}(?:/\w[\w+-]{0,40}){0,2}", re.ASCII)


class Zones:
    """The zones of one file. ``default`` is the zone of floating and all-day times, and of an unknown TZID."""

    def __init__(self, definitions: Mapping[str, tuple[str, ...]], own_zone: str, default: ZoneInfo) -> None:
        self._definitions = definitions
        self._known: dict[str, tzinfo] = {}
        self._heads: dict[str, tzinfo | None] = {}
        self.default: tzinfo = self._found(own_zone.strip()) or default

    def meant_by(self, head: str) -> tzinfo | None:
        """The zone of a line by its parameters; None where they name none."""
        if head not in self._heads:
            found = _TZID.search(head)
            self._heads[head] = self.named(found[1].strip('" ')) if found else None
        return self._heads[head]

    def named(self, tzid: str) -> tzinfo:
        """IANA name, Windows name, the end of a path ("/x/Europe/Rome"), the file's VTIMEZONE, else the default."""
        if tzid not in self._known:
            self._known[tzid] = self._found(tzid) or self.default
        return self._known[tzid]

    def _found(self, tzid: str) -> tzinfo | None:
        parts = tzid.split("/")
        if zone := _iana(tzid):
            return zone
        names = (_windows_names().get(tzid, ""), "/".join(parts[-2:]), "/".join(parts[-3:]), parts[-1])
        for name in names:
            if zone := _iana(name):
                return zone
        return zone_from(self._definitions.get(tzid, ()))


def _iana(name: str) -> ZoneInfo | None:
    if not _NAME.fullmatch(name):  # what office programs write, or a path that leads astray
        return None
    # Behind the path stands a search in packages, which in vain is as dear as reading a calendar.
    folders = zoneinfo.TZPATH
    if folders and not any(os.access(f"{folder}/{name}", os.R_OK) for folder in folders):
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError, ValueError):
        return None


@cache
def _windows_names() -> Mapping[str, str]:
    """icalendar's table, read without the rest of icalendar: importing that costs more than reading a calendar."""
    package = PathFinder.find_spec("icalendar")
    for folder in (package.submodule_search_locations or ()) if package else ():
        spec = FileFinder(f"{folder}/timezone", (SourceFileLoader, [".py"])).find_spec("windows_to_olson")
        if spec and spec.loader:
            module = ModuleType(spec.name)
            spec.loader.exec_module(module)
            names: Mapping[str, str] = module.WINDOWS_TO_OLSON
            return names
    return {}
