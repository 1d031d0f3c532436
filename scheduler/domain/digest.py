"""What a mail may know, and the week as a small picture. Not here: words (templates) or bytes (content).

No mail for one partner is given a fact about the other, but for times both accepted: ``Letter`` and ``Notice`` are
the whole list of what a template can see.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

from scheduler.domain.couple import Couple, Partner
from scheduler.domain.deck import Card
from scheduler.domain.event import Event
from scheduler.domain.localtime import local_date
from scheduler.domain.message import MailKind, NoticeKind
from scheduler.domain.occurrence import Placement
from scheduler.domain.planning import Plan, Question, Unplaced, plan
from scheduler.domain.reasons import SHORTENED
from scheduler.domain.relax import relaxations
from scheduler.domain.ritual import Ritual, Size
from scheduler.domain.slots import Reason
from scheduler.domain.turns import leader

MOST_WITHOUT_TIME = 3
# A calendar out of reach is the host's to mend, and days kept free are named by one of the two alone.
_UNTOLD = (Reason.UNKNOWN, Reason.RESTING)
_MOVED = "the time before no longer suited you both"


@dataclass(frozen=True, slots=True)
class RitualTime:
    """One ritual at its time (UTC instants); ``previous`` is the old start where a new time is told.

    ``yours``: whether it is the reader's turn to plan it, None where nobody's; ``why`` is one plain line, or "".
    """

    ritual: str
    title: str
    starts_at: datetime
    ends_at: datetime
    how_to: tuple[str, ...] = ()
    previous: datetime | None = None
    size: Size = Size.FULL
    yours: bool | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class WithoutTime:
    """A ritual that found no time: why, and the smallest change that would help ("" where none is known).

    ``days`` are the local dates it was wished for, none where any day would have done; ``remedy`` holds for the
    first of them. ``partly``: other times of it stand in the same week.
    """

    title: str
    reason: str
    remedy: str = ""
    days: tuple[date, ...] = ()
    partly: bool = False


class Reach(Enum):
    """How events come to the reader."""

    CALENDAR = "calendar"  # nothing need be done about it
    ACCOUNT = "account"  # once they have given access to theirs
    MAIL = "mail"
    FEED = "feed"


@dataclass(frozen=True, slots=True)
class Letter:
    """Everything one mail is made of. ``coming`` and ``past`` are by start; ``rhythm`` names the couple's rituals
    with their cadence in words ("weekly"); ``contact`` is whom to write to about pausing or leaving; ``tone`` is
    the line that mails open with in a season; ``door`` is the address that ``reach`` asks the reader to open, or ""."""

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
    without_time: tuple[WithoutTime, ...] = ()
    tone: str = ""
    reach: Reach = Reach.CALENDAR
    door: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """Everything the words around one event are made of, where it comes by mail; ``contact`` as in Letter."""

    kind: NoticeKind
    event: Event
    partner: Partner
    contact: str


def size_of(ritual: Ritual, length: timedelta) -> Size:
    """Which of its lengths the ritual has in so much time."""
    return Size(ritual.versions.index(ritual.version_of(length)))


def why_told(one: Placement) -> str:
    """Why it stands there, as both may read it: the same after a clash and after a person's drag, so that nobody
    can tell who moved it. Its length is told beside it."""
    return _MOVED if one.previous is not None else one.why.removesuffix(SHORTENED)


def time_told(couple: Couple, partner: Partner, one: Placement) -> RitualTime | None:
    """A placement as a mail to the partner may tell it; None where the ritual is no longer the couple's."""
    ritual = couple.ritual(one.ritual)
    if ritual is None:
        return None
    length = one.ends_at - one.starts_at
    planner = leader(couple, ritual, one.period)
    return RitualTime(
        ritual=ritual.id,
        title=ritual.discreet_title if partner.discreet else ritual.title,
        starts_at=one.starts_at,
        ends_at=one.ends_at,
        how_to=() if partner.discreet else ritual.version_of(length).how_to,
        previous=one.previous,
        size=size_of(ritual, length),
        yours=planner == partner if planner else None,
        why=why_told(one),
    )


def without_time(question: Question, first: date, last: date, *, standing: Collection[str]) -> tuple[WithoutTime, ...]:
    """The rituals with a last chance on first..last and no time; ``standing`` are ids that have one.

    By priority, but those of a single day last: another such day is near.

    What is told follows from free and busy, lengths, windows and limits, and never says whose.
    """
    alike: dict[tuple[str, Reason], list[Unplaced]] = {}
    answer = plan(question)
    for one in answer.unplaced:
        if one.reason not in _UNTOLD and first <= one.occurrence.last <= last:
            alike.setdefault((one.occurrence.ritual, one.reason), []).append(one)
    told = sorted(alike.items(), key=lambda item: _is_dated(item[1]))[:MOST_WITHOUT_TIME]
    return tuple(_without_time((question, answer), some, partly=ritual in standing) for (ritual, _), some in told)


def _is_dated(unplaced: list[Unplaced]) -> bool:
    return all(one.occurrence.first == one.occurrence.last for one in unplaced)


def _without_time(asked: tuple[Question, Plan], unplaced: list[Unplaced], *, partly: bool) -> WithoutTime:
    nearest = unplaced[0]
    remedy = next(iter(relaxations(*asked, nearest, 1)), None)
    days = tuple(one.occurrence.last for one in unplaced) if _is_dated(unplaced) else ()
    return WithoutTime(nearest.title, nearest.reason.value, remedy.text if remedy else "", days, partly)


DAY_PARTS = ("morning", "midday", "evening", "night")
_STARTS = (5, 11, 17, 21)


def week_picture(times: Iterable[RitualTime], monday: date, zone: ZoneInfo) -> tuple[tuple[int, ...], ...]:
    """Four rows (DAY_PARTS: from 05, 11, 17 and 21 o'clock) of seven days: how many rituals start there."""
    grid = [[0] * 7 for _ in DAY_PARTS]
    for one in times:
        local = one.starts_at.astimezone(zone)
        day = (local_date(one.starts_at - timedelta(hours=5), zone) - monday).days
        if 0 <= day < 7:
            part = max((row for row, hour in enumerate(_STARTS) if local.hour >= hour), default=3)
            grid[part][day] += 1
    return tuple(map(tuple, grid))
