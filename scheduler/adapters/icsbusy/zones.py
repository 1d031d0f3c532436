"""Which zone a TZID means. Not here: the zone data itself (tzdata) or zones that people choose (settings)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from icalendar import Timezone
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from scheduler.adapters.icsbusy.rules import is_yearly
from scheduler.domain.localtime import zone_named

_PROBES = tuple(datetime(2026, month, 1, tzinfo=UTC) for month in (1, 7))
_MOST_LINES = 2000


class Zones:
    """The zones of one file. ``default`` is the zone of floating and all-day times, and of an unknown TZID."""

    def __init__(self, definitions: Mapping[str, tuple[str, ...]], own_zone: str, default: ZoneInfo) -> None:
        self._definitions = definitions
        self._known: dict[str, tzinfo] = {}
        self.default: tzinfo = self._found(own_zone.strip()) or default

    def named(self, tzid: str) -> tzinfo:
        """IANA name, Windows name, the end of a path ("/x/Europe/Rome"), the file's VTIMEZONE, else the default."""
        if tzid not in self._known:
            self._known[tzid] = self._found(tzid) or self.default
        return self._known[tzid]

    def _found(self, tzid: str) -> tzinfo | None:
        parts = tzid.split("/")
        names = (tzid, WINDOWS_TO_OLSON.get(tzid, ""), "/".join(parts[-2:]), "/".join(parts[-3:]), parts[-1])
        for name in names:
            if name and (zone := _iana(name)):
                return zone
        return _from_definition(self._definitions.get(tzid, ()))


def _iana(name: str) -> ZoneInfo | None:
    try:
        return zone_named(name)
    except ValueError:
        return None


def _from_definition(lines: tuple[str, ...]) -> tzinfo | None:
    rules = [line.partition(":")[2] for line in lines if line.upper().startswith("RRULE")]
    # A VTIMEZONE is walked from its first year at every look-up: one that repeats every second would never end.
    if not 0 < len(lines) <= _MOST_LINES or not all(map(is_yearly, rules)):
        return None
    try:
        definition = Timezone.from_ical("\r\n".join((*lines, "")))
        if not isinstance(definition, Timezone):
            return None
        zone: tzinfo = definition.to_tz(lookup_tzid=False)
        for moment in _PROBES:
            moment.astimezone(zone)
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError):
        return None
    return zone
