"""Builders that default everything a test does not speak about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from scheduler.domain.cadence import Weekly
from scheduler.domain.couple import Couple, Partner
from scheduler.domain.event import SeenEvent
from scheduler.domain.localtime import parse_window
from scheduler.domain.ritual import Ritual
from scheduler.ports import Calendar


def at(text: str) -> datetime:
    """The UTC instant of "2026-11-23 09:00"."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def make_partner(id: str = "sam", **changes: Any) -> Partner:
    defaults: dict[str, Any] = {
        "name": id.capitalize(),
        "address": f"{id}@example.org",
        "zone": ZoneInfo("Europe/Berlin"),
        "free": (parse_window("07:00-23:00"),),
    }
    return Partner(id=id, **{**defaults, **changes})


def make_ritual(id: str = "coffee", **changes: Any) -> Ritual:
    defaults: dict[str, Any] = {
        "title": id.replace("-", " ").capitalize(),
        "cadence": Weekly(),
        "length": timedelta(hours=1),
        "how_to": ("Sit down together.",),
    }
    return Ritual(id=id, **{**defaults, **changes})


def make_couple(**changes: Any) -> Couple:
    defaults: dict[str, Any] = {
        "id": "home",
        "partners": (make_partner("sam"), make_partner("kim", zone=ZoneInfo("Europe/London"))),
        "rituals": (make_ritual(),),
    }
    return Couple(**{**defaults, **changes})


def read(calendar: Calendar, *uids: str) -> dict[str, SeenEvent]:
    """What stands there, where every event has times that can be read."""
    seen = calendar.seen(uids)
    legible = {uid: one for uid, one in seen.items() if one is not None}
    assert legible.keys() == seen.keys()
    return legible
