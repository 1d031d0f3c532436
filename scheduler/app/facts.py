"""What people are told of one occurrence, alike in every view. Not here: drawing it (cli), its markup (web)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from scheduler.domain.couple import Couple, Partner
from scheduler.domain.occurrence import Placement, monday_of
from scheduler.domain.ritual import Size
from scheduler.domain.turns import leader

_MINUTE = timedelta(minutes=1)
_IN_HOURS = 120


@dataclass(frozen=True, slots=True)
class Facts:
    """``was`` is the start before it moved, None where it did not, and tells nobody's name.

    ``planner`` has the turn to plan it, None where it takes no turns.
    """

    title: str
    length: timedelta
    size: Size
    was: datetime | None
    planner: Partner | None
    why: str

    @property
    def words(self) -> tuple[str, ...]:
        """Length, size and turn, as they stand behind a title: ("15 min", "short", "Mara plans")."""
        size = () if self.size is Size.FULL else (self.size.name.lower(),)
        turn = (f"{self.planner.name} plans",) if self.planner else ()
        return (length_words(self.length), *size, *turn)


def facts_of(couple: Couple, one: Placement) -> Facts:
    ritual = couple.ritual(one.ritual)
    length = one.ends_at - one.starts_at
    return Facts(
        title=ritual.title if ritual else one.ritual,
        length=length,
        size=Size(ritual.versions.index(ritual.version_of(length))) if ritual else Size.FULL,
        was=one.previous if one.previous != one.starts_at else None,
        planner=leader(couple, ritual, one.period) if ritual else None,
        why=one.why,
    )


def length_words(length: timedelta) -> str:
    """ "45 min", from two hours on "2 h 30 min".

    >>> length_words(timedelta(minutes=150))
    '2 h 30 min'
    """
    minutes = length // _MINUTE
    if minutes < _IN_HOURS:
        return f"{minutes} min"
    return f"{minutes // 60} h" + (f" {minutes % 60} min" if minutes % 60 else "")


def was_words(was: datetime, now_at: datetime, zone: ZoneInfo) -> str:
    """Where it stood before, with no more of the date than is needed: "was 18:30", "was Tue 18:30"."""
    old, new = was.astimezone(zone), now_at.astimezone(zone)
    if old.date() == new.date():
        return f"was {old:%H:%M}"
    if monday_of(old.date()) == monday_of(new.date()):
        return f"was {old:%a %H:%M}"
    return f"was {old:%a} {old.day} {old:%b %H:%M}"
