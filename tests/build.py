"""Builders that default everything a test does not speak about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from scheduler.domain.cadence import Weekly
from scheduler.domain.couple import Couple, Partner
from scheduler.domain.event import SeenEvent
from scheduler.domain.freebusy import BusyView, Spans, span_of, union
from scheduler.domain.localtime import parse_window
from scheduler.domain.occurrence import Placement
from scheduler.domain.planning import Question
from scheduler.domain.ritual import Ritual, Version
from scheduler.ports import Calendar
from scheduler.settings import FolderRoute, IcsSource, Route, Source


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


def wall(text: str, zone: str = "Europe/Berlin") -> datetime:
    """The UTC instant of "2026-11-23 09:00" on the wall of that zone."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def taken(*texts: str, zone: str = "Europe/Berlin") -> Spans:
    """Busy times on that zone's wall: "2026-11-24 18:00-19:30"; one that ends before it begins ends the next day."""
    found = []
    for text in texts:
        day, _, times = text.partition(" ")
        start, end = (wall(f"{day} {time}", zone) for time in times.split("-"))
        found.append(span_of(start, end if end > start else end + timedelta(days=1)))
    return union(found)


def local(moment: datetime, zone: str = "Europe/Berlin") -> str:
    """The instant as that zone's wall shows it: "Tue 24 18:30"."""
    return f"{moment.astimezone(ZoneInfo(zone)):%a %d %H:%M}"


def make_pair(**changes: Any) -> tuple[Partner, Partner]:
    """Two partners in Berlin who differ in nothing."""
    berlin = {"zone": ZoneInfo("Europe/Berlin"), **changes}
    return make_partner("sam", **berlin), make_partner("kim", **berlin)


def make_versions(*minutes: int) -> tuple[Version, ...]:
    return tuple(Version(timedelta(minutes=one), (f"Take {one} minutes.",)) for one in minutes)


def make_question(
    couple: Couple, placed: Sequence[Placement] = (), now: datetime | None = None, **busy: Spans
) -> Question:
    """What a plan is asked on Monday 23 November 2026, 10:00 in Berlin; busy times by the partners' ids."""
    first, second = (BusyView(busy.get(partner.id, ())) for partner in couple.partners)
    return Question(couple, tuple(placed), (first, second), now or at("2026-11-23 09:00"))


def file_of(named: Source | Route) -> Path:
    """The file or folder that a busy source or a route names."""
    assert isinstance(named, IcsSource | FolderRoute)
    return named.path


def read(calendar: Calendar, *uids: str) -> dict[str, SeenEvent]:
    """What stands there, where every event has times that can be read."""
    seen = calendar.seen(uids)
    legible = {uid: one for uid, one in seen.items() if one is not None}
    assert legible.keys() == seen.keys()
    return legible
