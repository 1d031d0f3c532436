"""What an event says below its title, line by line. Not here: its bytes (ics), or when it is written anew (engine).

What to do comes first, in at most five lines. What is said about this one occurrence stands below an empty line;
a discreet partner's event says nothing at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from scheduler.content.wording import day_and_clock, plain
from scheduler.domain.couple import Couple, Partner
from scheduler.domain.deck import Card
from scheduler.domain.digest import size_of, why_told
from scheduler.domain.localtime import DAY_MINUTES
from scheduler.domain.occurrence import Placement
from scheduler.domain.ritual import Ritual, Size
from scheduler.domain.turns import bearer, leader

_MOST_LINES = 5


@dataclass(frozen=True, slots=True)
class Telling:
    """An occurrence and the partner who reads of it; ``was`` is the start that stood on their calendar before."""

    couple: Couple
    ritual: Ritual
    placement: Placement
    reader: Partner
    was: datetime | None = None


def description(telling: Telling, card: Card | None) -> str:
    """What to do, then whose turn it is, why this time, and the time before; ``card`` is what the ritual carries."""
    if telling.reader.discreet:
        return ""
    about = [*_turn(telling), *_awkward(telling), *_why(telling), *_was(telling)]
    return "\n".join([*_what_to_do(telling, card), *([""] if about else []), *about])


def _what_to_do(telling: Telling, card: Card | None) -> list[str]:
    placement, ritual = telling.placement, telling.ritual
    length = placement.ends_at - placement.starts_at
    how_to = ritual.version_of(length).how_to
    match size_of(ritual, length):
        case Size.FULL:
            return list(_card_lines(card) or how_to)
        case Size.SHORT:
            return ["A short one this time.", "", *how_to]
        case Size.TINY:
            return ["A tiny one this time.", "", *how_to]
        case _ as never:
            assert_never(never)


def _card_lines(card: Card | None) -> tuple[str, ...]:
    """The card in at most five lines; a card meant for a private link stays out of calendars."""
    if card is None or card.email != "full":
        return ()
    return tuple(line for line in (card.prompt, card.deeper, card.how, card.listener, card.short) if line)[:_MOST_LINES]


def _turn(telling: Telling) -> Iterator[str]:
    planner = leader(telling.couple, telling.ritual, telling.placement.period)
    if planner is not None:
        yield "Your turn to plan this one." if planner == telling.reader else f"{plain(planner.name)} plans this one."


def _awkward(telling: Telling) -> Iterator[str]:
    """Only where the reader bears it: the other's hour is theirs to tell."""
    placement, reader = telling.placement, telling.reader
    if reader.easy and bearer(telling.couple, placement.starts_at, placement.ends_at) == reader:
        start, end = (_minute(at, reader) for at in (placement.starts_at, placement.ends_at))
        before, after = (reader.easy.start - start) % DAY_MINUTES, (end - reader.easy.end) % DAY_MINUTES
        yield f"The {'early' if before < after else 'late'} hour is yours this time."


def _minute(at: datetime, reader: Partner) -> int:
    local = at.astimezone(reader.zone)
    return 60 * local.hour + local.minute


def _why(telling: Telling) -> Iterator[str]:
    if why := why_told(telling.placement):
        yield f"Why this time: {why}."


def _was(telling: Telling) -> Iterator[str]:
    if telling.was is not None:
        yield f"Was {day_and_clock(telling.was.astimezone(telling.reader.zone), telling.reader.language)} before."
