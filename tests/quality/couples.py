"""Couples to measure placing with: all from a seed, in three classes. Not here: their busy calendars (lives).

Five rituals over four weeks, as in a plan of the size that couples really have; around it variety: two zones,
shorter versions, ties to the day, a daily ritual, caps on the week, clock changes inside the horizon.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from scheduler.domain.cadence import Daily, Weekly
from scheduler.domain.couple import Couple, Partner, PlanRules
from scheduler.domain.localtime import local_date, parse_window, to_utc
from scheduler.domain.occurrence import Placement
from scheduler.domain.planning import Question
from scheduler.domain.ritual import Ritual, Version, parse_anchor
from tests.build import make_couple, make_partner, make_ritual
from tests.quality.lives import CLASSES, Blocks, Fullness, Zones, changed, lived, views

PAIRS_OF_ZONES = (
    ("Europe/Berlin", "Europe/London"),
    ("Europe/Lisbon", "Europe/Athens"),
    ("America/New_York", "America/Denver"),
    ("Australia/Sydney", "Australia/Perth"),
)
# Mondays; the clocks of one zone or another change in the four weeks after each but the first two.
MONDAYS = tuple(map(date.fromisoformat, ("2026-01-12", "2026-06-08", "2026-03-02", "2026-03-16", "2026-10-12")))


class Kind(NamedTuple):
    """A sort of ritual: its lengths in minutes, longest first, its windows, and the hours liked best."""

    id: str
    minutes: tuple[int, ...]
    windows: tuple[str, ...]
    ideals: tuple[int, ...]


EVENINGS = "mon-fri 17:00-22:30"
KINDS = (
    Kind("coffee", (60, 30, 10), (EVENINGS, "weekend 09:00-20:00"), (10, 15, 18)),
    Kind("evening", (120, 60), ("17:30-23:00",), (18, 19, 20)),
    Kind("check-in", (20, 10, 2), ("17:00-22:30",), (18, 20, 21)),
    Kind("walk", (60, 30), ("mon-fri 06:30-08:30", EVENINGS, "weekend 08:00-19:00"), (7, 11, 17)),
    Kind("plans", (45, 20), ("sat, sun 08:00-21:00", "wed 17:00-22:00"), (10, 19)),
    Kind("kitchen", (90, 45), ("fri-sun 11:00-21:00", "tue 17:00-21:30"), (12, 17, 18)),
    Kind("music", (30, 15), ("17:00-22:45",), (19, 21)),
)
ANCHORS = ("90 min after work", "45 min after work", "60 min before bed")


@dataclass(frozen=True, slots=True)
class Life:
    """A couple and what fills their days, as known at ``now``."""

    couple: Couple
    fullness: Fullness
    blocks: Blocks
    now: datetime

    @property
    def zones(self) -> Zones:
        return self.couple.partners[0].zone, self.couple.partners[1].zone

    def question(self, placed: tuple[Placement, ...] = ()) -> Question:
        return Question(self.couple, placed, views(self.blocks, self.now, self.couple.rules.horizon), self.now)

    def a_day_later(self, chance: Random, *, crowded: bool) -> Life:
        now = self.now + timedelta(days=1)
        return replace(self, now=now, blocks=changed(self.blocks, (self.fullness, self.zones, crowded), now, chance))


def make_life(name: str, seed: int, *, weeks: int = 6) -> Life:
    """The couple of that class and seed; ``weeks`` is how far their calendars are filled."""
    chance = Random(f"{name} {seed}")
    zones = _zones(chance)
    couple = make_couple(
        id=f"{name}-{seed}",
        partners=(_partner("sam", zones[0], chance), _partner("kim", zones[1], chance)),
        rituals=_rituals(chance),
        rules=PlanRules(max_a_day=chance.choice((2, 3)), max_a_week=chance.choice((21, 21, 21, 12, 5))),
    )
    monday = chance.choice(MONDAYS)
    between = (monday - timedelta(days=2), monday + timedelta(weeks=weeks))
    now = to_utc(monday, chance.randrange(24) * 60 + 7, zones[0])
    assert local_date(now, zones[0]) == monday
    return Life(couple, CLASSES[name], lived(CLASSES[name], zones, between, chance), now)


def _zones(chance: Random) -> Zones:
    first, second = map(ZoneInfo, chance.choice(PAIRS_OF_ZONES))
    return (first, second) if chance.random() < 0.3 else (first, first)


def _partner(id: str, zone: ZoneInfo, chance: Random) -> Partner:
    window = chance.choice(("06:30-23:00", "07:00-22:30", "06:00-23:30"))
    return make_partner(id, zone=zone, free=(parse_window(window),))


def _rituals(chance: Random) -> tuple[Ritual, ...]:
    rituals = [_ritual(kind, chance) for kind in chance.sample(KINDS, 5)]
    if chance.random() < 0.2:
        number = chance.randrange(5)
        rituals[number] = replace(
            rituals[number], cadence=Weekly(times=2), spacing=min(rituals[number].spacing, 2), at_least=0
        )
    if chance.random() < 0.2:
        rituals[chance.randrange(5)] = make_ritual(
            "gratitude", cadence=Daily(), length=timedelta(minutes=10), windows=(parse_window("20:00-23:00"),)
        )
    if chance.random() < 0.3:
        number = chance.randrange(5)
        rituals[number] = replace(rituals[number], anchor=parse_anchor(chance.choice(ANCHORS)))
    return tuple(rituals)


def _ritual(kind: Kind, chance: Random) -> Ritual:
    full, *shorter = (timedelta(minutes=minutes) for minutes in kind.minutes)
    changes: dict[str, Any] = {"ideal_weekday": chance.randrange(7)} if chance.random() < 0.3 else {}
    if chance.random() < 0.4:
        changes["shorter"] = tuple(Version(length, ("Take your time.",)) for length in shorter)
    if chance.random() < 0.4:
        changes["at_least"] = chance.randrange(6, 11)
    return make_ritual(
        kind.id,
        length=full,
        windows=tuple(map(parse_window, kind.windows)),
        ideal=chance.choice(kind.ideals) * 60,
        spacing=chance.randrange(2, 6),
        buffer=timedelta(minutes=chance.choice((15, 15, 15, 0, 30))),
        **changes,
    )
