"""Busy calendars as people live them, and how they change from day to day. Not here: couples and rituals (couples)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random
from typing import NamedTuple
from zoneinfo import ZoneInfo

from scheduler.domain.freebusy import BusyView, span_of, union
from scheduler.domain.localtime import days, to_utc

CHANGED_A_DAY = 0.05
TRIES = 40  # to find room for something new


class Block(NamedTuple):
    """One busy time of one partner (0 or 1): half-open, UTC epoch seconds."""

    partner: int
    start: int
    end: int


class Fullness(NamedTuple):
    """How much of a life is taken: chances of a first and of each further thing on an evening, and on a free day."""

    evening: float
    late: float
    morning: float
    weekend: float


CLASSES = {
    "loose": Fullness(evening=0.35, late=0.15, morning=0.1, weekend=0.6),
    "busy": Fullness(evening=0.7, late=0.45, morning=0.4, weekend=2.2),
    "packed": Fullness(evening=1.0, late=1.0, morning=0.9, weekend=6.0),
}

Blocks = tuple[Block, ...]
Zones = tuple[ZoneInfo, ZoneInfo]


def lived(fullness: Fullness, zones: Zones, between: tuple[date, date], chance: Random) -> Blocks:
    """What both have to do on every date from first to last."""
    found = [
        block for day in days(*between) for partner in (0, 1) for block in _day(fullness, zones, (day, partner), chance)
    ]
    return tuple(sorted(found))


def _day(fullness: Fullness, zones: Zones, whose: tuple[date, int], chance: Random) -> Iterator[Block]:
    day, partner = whose
    for start, end in _free_day(fullness, chance) if day.weekday() >= 5 else _work_day(fullness, chance):
        span = span_of(to_utc(day, start, zones[partner]), to_utc(day, end, zones[partner]))
        yield Block(partner, *span)


def _work_day(fullness: Fullness, chance: Random) -> Iterator[tuple[int, int]]:
    """Minutes after midnight; work, and then perhaps one or two things more."""
    ends = 17 * 60
    if chance.random() < 0.95:
        ends = 16 * 60 + 15 * chance.randrange(10)
        yield 7 * 60 + 30 + 15 * chance.randrange(8), ends
    if chance.random() < fullness.morning:
        yield 6 * 60 + 30, 7 * 60 + 15
    if chance.random() < fullness.evening:
        start = max(ends, 17 * 60) + 15 * chance.randrange(8)
        ends = start + 15 * chance.randrange(3, 9)
        yield start, ends
    if chance.random() < fullness.late:
        start = max(ends + 15 * chance.randrange(4), 19 * 60)
        yield start, start + 15 * chance.randrange(3, 8)


def _free_day(fullness: Fullness, chance: Random) -> Iterator[tuple[int, int]]:
    count = int(fullness.weekend) + (chance.random() < fullness.weekend % 1)
    for _ in range(count):
        start = 8 * 60 + 15 * chance.randrange(52)
        yield start, start + 15 * chance.randrange(4, 17)


def changed(blocks: Blocks, life: tuple[Fullness, Zones, bool], since: datetime, chance: Random) -> Blocks:
    """The calendars a day later: of the blocks to come, a sixtieth has moved, as many went, and as many are new.

    Blocks change without a look at each other, as they came about; where a life is ``crowded`` each looks for an hour
    that its partner has free. That is harsher: what is new then always lands where a ritual may stand.
    """
    fullness, zones, crowded = life
    now = int(since.timestamp())
    coming = [block for block in blocks if block.start > now]
    left = set(blocks)
    last = max(block.start for block in coming)
    exact = CHANGED_A_DAY * len(coming) * 2 / 3  # the new ones are the third third
    for block in chance.sample(coming, int(exact + chance.random())):
        left.discard(block)
        drawn = _moves(block, chance) if chance.random() < 0.5 else _news(fullness, zones, (now, last), chance)
        left.add(next((one for one in drawn if one.start > now and not (crowded and _is_taken(one, left))), block))
    return tuple(sorted(left))


def _is_taken(block: Block, blocks: set[Block]) -> bool:
    return any(one.partner == block.partner and one.start < block.end and block.start < one.end for one in blocks)


def _moves(block: Block, chance: Random) -> Iterator[Block]:
    """Half an hour to two hours earlier or later on the same day, or at the same hour of another one."""
    for _ in range(TRIES):
        by_s = chance.choice((-1, 1)) * 900 * chance.randrange(2, 9)
        if chance.random() < 0.5:
            by_s = chance.choice((1, 2, 7)) * 86_400
        yield block._replace(start=block.start + by_s, end=block.end + by_s)


def _news(fullness: Fullness, zones: Zones, between: tuple[int, int], chance: Random) -> Iterator[Block]:
    """The things that fill the days of such a life, on any day."""
    for _ in range(TRIES):
        day = datetime.fromtimestamp(chance.randrange(*between), zones[0]).date()
        found = list(_day(fullness, zones, (day, chance.randrange(2)), chance))
        yield from chance.sample(found, min(len(found), 1))


def views(blocks: Blocks, since: datetime, horizon: timedelta) -> tuple[BusyView, BusyView]:
    """What each partner's calendar shows of the coming weeks."""
    low, high = int((since - timedelta(days=2)).timestamp()), int((since + horizon + timedelta(days=9)).timestamp())
    seen = [block for block in blocks if block.end > low and block.start < high]
    mine, yours = (
        BusyView(union((block.start, block.end) for block in seen if block.partner == one)) for one in (0, 1)
    )
    return mine, yours
