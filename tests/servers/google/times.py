"""Times as the Calendar API writes them. Not here: whether an event may have them (events)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from tests.servers.google.answers import invalid, required

Json = dict[str, Any]
_RFC3339 = re.compile(r"(\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)?")


def instant(text: str) -> datetime | None:
    """The instant of an RFC 3339 text; None where it is none, or has no offset. Fractions are dropped."""
    match = _RFC3339.fullmatch(text)
    if not match or not match[3]:
        return None
    return _parsed(match[1] + match[3].upper().replace("Z", "+00:00"))


def _parsed(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def stamp(moment: datetime) -> str:
    """As ``created`` and ``updated`` are written: UTC, milliseconds."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def in_zone(moment: datetime, zone: str) -> str:
    return moment.astimezone(ZoneInfo(zone)).isoformat(timespec="seconds").replace("+00:00", "Z")


def known_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def stored(given: Json, which: str, calendar_zone: str) -> Json:
    """An EventDateTime as the fake keeps it: {"date"}, or {"dateTime" in UTC, "timeZone"}.

    Source: discovery document, EventDateTime: an offset is required unless timeZone is given.
    """
    if ("date" in given) == ("dateTime" in given):
        raise invalid(f"Invalid {which} time.", which)
    zone = given.get("timeZone")
    if zone is not None and not known_zone(zone):
        raise invalid(f"Invalid time zone definition for {which} time.", which)
    if "date" in given:
        if not _is_date(given["date"]):
            raise invalid(f"Invalid {which} time.", which)
        return {"date": given["date"]}
    return {"dateTime": stamp(_moment(given["dateTime"], zone, which)), "timeZone": zone or calendar_zone}


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _moment(text: str, zone: str | None, which: str) -> datetime:
    match = _RFC3339.fullmatch(text)
    moment = _parsed(match[1] + (match[3] or "").upper().replace("Z", "+00:00")) if match else None
    if moment is None:
        raise invalid(f"Invalid {which} time.", which)
    if moment.tzinfo is None:
        if zone is None:
            raise required(f"Missing time zone definition for {which} time.", which)
        moment = moment.replace(tzinfo=ZoneInfo(zone))
    return moment


def shown(kept: Json, zone: str) -> Json:
    """An EventDateTime as it goes out: the wall time of the asked zone, beside the event's own timeZone."""
    if "date" in kept:
        return dict(kept)
    return {"dateTime": in_zone(datetime.fromisoformat(kept["dateTime"]), zone), "timeZone": kept["timeZone"]}


def moment_of(kept: Json, calendar_zone: str) -> datetime:
    """The instant; a date is its midnight in the calendar's zone."""
    if "date" in kept:
        return datetime.combine(date.fromisoformat(kept["date"]), time(), ZoneInfo(calendar_zone)).astimezone(UTC)
    return datetime.fromisoformat(kept["dateTime"])
