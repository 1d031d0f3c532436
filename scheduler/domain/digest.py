"""What a mail may know, and the week as a small picture. Not here: words (templates) or bytes (content).

No mail for one partner is given a fact about the other, but for times both accepted: ``Letter`` is the whole
list of what a template can see.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from scheduler.domain.couple import Partner
from scheduler.domain.deck import Card
from scheduler.domain.localtime import local_date
from scheduler.domain.message import MailKind


@dataclass(frozen=True, slots=True)
class RitualTime:
    """One ritual at its time (UTC instants); ``previous`` is the old start where a new time is told."""

    ritual: str
    title: str
    starts_at: datetime
    ends_at: datetime
    how_to: tuple[str, ...] = ()
    previous: datetime | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """Everything one mail is made of. ``coming`` and ``past`` are by start; ``rhythm`` names the couple's rituals
    with their cadence in words ("weekly"); ``contact`` is whom to write to about pausing or leaving."""

    kind: MailKind
    period: str
    partner: Partner
    other_name: str
    other_zone: ZoneInfo
    written_at: datetime
    contact: str
    coming: tuple[RitualTime, ...] = ()
    past: tuple[RitualTime, ...] = ()
    card: Card | None = None
    rhythm: tuple[tuple[str, str], ...] = ()


DAY_PARTS = ("morning", "midday", "evening", "night")
_STARTS = (5, 11, 17, 21)


def week_picture(times: tuple[RitualTime, ...], monday: date, zone: ZoneInfo) -> tuple[tuple[int, ...], ...]:
    """Four rows (DAY_PARTS: from 05, 11, 17 and 21 o'clock) of seven days: how many rituals start there."""
    grid = [[0] * 7 for _ in DAY_PARTS]
    for one in times:
        local = one.starts_at.astimezone(zone)
        day = (local_date(one.starts_at - timedelta(hours=5), zone) - monday).days
        if 0 <= day < 7:
            part = max((row for row, hour in enumerate(_STARTS) if local.hour >= hour), default=3)
            grid[part][day] += 1
    return tuple(map(tuple, grid))
