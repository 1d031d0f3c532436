"""What stays, what moves and what is new: a pure decision over (placed, wished, busy). Not here: doing it (engine).

| placed before  | and now                                   | becomes                             |
|----------------|-------------------------------------------|-------------------------------------|
| not yet        | a slot is free                            | Add                                 |
| anywhere       | the ritual is no longer wanted            | Cancel                              |
| declined       | anything                                  | stays away                          |
| by a person    | anything else                             | stays: a drag is a command          |
| by us          | its day is kept free, or its season rests | Move or Cancel, in the freeze too   |
| inside freeze  | anything else                             | stays                               |
| by us          | free, in its windows, of a length it has  | stays                               |
| by us          | a clash, and moved fewer than twice       | Move, or Cancel where nothing fits  |
| by us          | a clash, but moved twice already          | stays                               |
| anywhere       | a calendar that cannot be read            | stays, and nothing new is placed    |
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import assert_never
from zlib import crc32
from zoneinfo import ZoneInfo

from scheduler.domain.cadence import Daily
from scheduler.domain.couple import Couple
from scheduler.domain.freebusy import BusyView, Span, contains, instant, overlaps, span_of
from scheduler.domain.ground import Ground
from scheduler.domain.hours import NO_HOLIDAYS, Holidays, Hours
from scheduler.domain.localtime import days, local_date
from scheduler.domain.occurrence import Fate, Occurrence, Placement, expand, number_of
from scheduler.domain.placing import Limits, Stand, clash, place, stand_of
from scheduler.domain.reasons import in_the_way, why
from scheduler.domain.ritual import Ritual, Version
from scheduler.domain.slots import FEW, LOSS, SHORTER, Reason, Search, Slot, Wish, wish_for
from scheduler.domain.turns import bearer as bearer_of

_DAY = timedelta(days=1)
_DAY_S = 86_400
_A_WEEK = timedelta(days=8)
_DATE = re.compile(r"\d{4}-\d\d-\d\d")  # a daily ritual may have had another rhythm before
LOOK_BACK = timedelta(days=100)  # a quarter and a little: periods still running, and spacing to what has been


@dataclass(frozen=True, slots=True)
class Add:
    placement: Placement


@dataclass(frozen=True, slots=True)
class Move:
    old: Placement
    placement: Placement


@dataclass(frozen=True, slots=True)
class Cancel:
    old: Placement
    placement: Placement


Change = Add | Move | Cancel


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A wish without a place, and why."""

    occurrence: Occurrence
    title: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class Plan:
    """``standing`` is everything that stands from now on, by start; ``changes`` is what differs from before."""

    standing: tuple[Placement, ...]
    changes: tuple[Change, ...]
    unplaced: tuple[Unplaced, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """All that a plan depends on. ``placed`` reaches back LOOK_BACK; ``busy`` is in the partners' order."""

    couple: Couple
    placed: Sequence[Placement]
    busy: tuple[BusyView, BusyView]
    now: datetime
    holidays: Holidays = NO_HOLIDAYS

    @property
    def trusted(self) -> bool:
        return all(view.trusted for view in self.busy)


def plan(question: Question) -> Plan:
    """The coming weeks, changing only what must change."""
    table = _Table(question)
    changes: list[Change] = []
    kept, loose = _sort_out(table, changes)
    wishes, fixed = table.open_wishes(kept)
    found = _found(table, wishes, fixed) if question.trusted else {}
    standing = list(kept)
    for wish in wishes:
        if slot := found.get(wish.key):
            change = _settled(wish, slot, table)
            changes.append(change)
            standing.append(change.placement)
    changes += [_cancelled(one, question.now) for one in loose if one.key not in found]
    standing.sort(key=lambda one: (one.starts_at, one.key))
    return Plan(tuple(standing), tuple(changes), tuple(_unplaced(table, wishes, found, fixed)))


def open_question(question: Question) -> tuple[list[Wish], list[Stand], Limits]:
    """What is left to be placed, with every length that may do, what stands in its way, and the couple's limits."""
    table = _Table(question)
    kept, _ = _sort_out(table, [])
    wishes, fixed = table.open_wishes(kept, widely=True)
    return wishes, fixed, table.limits


def _found(table: _Table, wishes: list[Wish], fixed: list[Stand]) -> dict[str, Slot]:
    """The slots chosen; a wide search, for shorter versions too, comes only where a narrow one leaves something out."""
    found = place([wish for wish in wishes if wish.slots], fixed, table.limits)
    if all(wish.key in found for wish in wishes if wish.slots) or not any(map(_could_be_wider, wishes)):
        return found
    wishes[:] = [table.wish(wish.key, widely=True) for wish in wishes]
    return place([wish for wish in wishes if wish.slots], fixed, table.limits)


def _could_be_wider(wish: Wish) -> bool:
    return len(wish.slots) == FEW or (bool(wish.slots) and len(wish.ritual.versions) > 1)


class _Table:
    """All that one plan works with, each part worked out once."""

    def __init__(self, question: Question) -> None:
        couple, now = question.couple, question.now
        self.question, self.couple, self.now = question, couple, now
        self.limits = Limits(couple.rules.max_a_day, couple.rules.max_a_week)
        self.before = {one.key: one for one in question.placed}
        self.current = [one for one in question.placed if one.fate is Fate.PLACED and one.ends_at > now]
        self.past = [one for one in question.placed if _is_past(one, now) and _still_counts(one, question)]
        self.wanted = _wanted(question)
        self.ground = ground_of(question, [one for one in self.current if not _is_firm(question, one)])
        self._rank = {ritual.id: rank for rank, ritual in enumerate(couple.rituals)}
        self._turn: dict[str, int] = {}
        self._stands: dict[str, Stand] = {}

    def open_wishes(self, kept: Sequence[Placement], *, widely: bool = False) -> tuple[list[Wish], list[Stand]]:
        """(wishes for what has no place yet, what stands already)."""
        stays = {one.key for one in kept}
        fixed = [self.stand(one) for one in (*kept, *self.past)]
        found = [
            self.wish(key, widely=widely)
            for key in self.wanted
            if key not in stays and not self._is_settled(self.before.get(key))
        ]
        return found, fixed

    def stand(self, one: Placement) -> Stand:
        if one.key not in self._stands:
            self._stands[one.key] = stand_for(self.couple, one)
        return self._stands[one.key]

    def wish(self, key: str, *, widely: bool = False) -> Wish:
        occurrence, ritual = self.wanted[key]
        rules = self.couple.rules
        earliest = self.now + (rules.freeze if key in self.before else rules.notice)
        count = len(self._rank)
        loss = max(LOSS, SHORTER * (count + 1)) + SHORTER * (count - self._rank[ritual.id])
        widely = widely or bool(ritual.at_least and ritual.shorter)
        turn, again = self._whose_turn(occurrence, ritual), key in self.before
        search = Search(int(earliest.timestamp()), turn, again, widely, loss)
        return wish_for(occurrence, ritual, self.ground, search)

    def _is_settled(self, old: Placement | None) -> bool:
        return old is not None and (old.fate is Fate.DECLINED or _is_past(old, self.now))

    def _whose_turn(self, occurrence: Occurrence, ritual: Ritual) -> int:
        """The position of the partner who takes the next awkward hour: not the one who had the last."""
        if not self.ground.has_awkward_hours or ritual.clock_of is not None:
            return 0
        if ritual.id not in self._turn:
            self._turn[ritual.id] = self._next_turn(ritual)
        number = number_of(ritual, occurrence.period)
        return (self._turn[ritual.id] + number) % 2

    def _next_turn(self, ritual: Ritual) -> int:
        """What to add to an occurrence's number, so that the turns go on from the last awkward hour."""
        for one in sorted(self.question.placed, key=lambda one: one.starts_at, reverse=True):
            if one.ritual == ritual.id and one.fate is Fate.PLACED:
                bearer = bearer_of(self.couple, one.starts_at, one.ends_at)
                if bearer is not None:
                    return (self.couple.partners.index(bearer) + number_of(ritual, one.period)) % 2
        return crc32(ritual.id.encode()) % 2


def ground_of(question: Question, current: Sequence[Placement] = ()) -> Ground:
    """The open hours of the horizon, and of where the placements stand now, less the busy times of both."""
    couple = question.couple
    today = local_date(question.now, couple.partners[0].zone)
    last = today + couple.rules.horizon
    dates = [local_date(one.starts_at, couple.partners[0].zone) for one in current]
    hours = Hours(couple, question.holidays, min([today, *dates]) - 2 * _DAY, max([last, *dates]) + 2 * _DAY)
    return Ground(hours, (question.busy[0].spans, question.busy[1].spans), last)


def _wanted(question: Question) -> dict[str, tuple[Occurrence, Ritual]]:
    """By key; what its season rests altogether is not wished for."""
    couple, found = question.couple, {}
    for ritual in couple.rituals:
        today = local_date(question.now, couple.clock(ritual))
        is_seasonal = bool(couple.seasons or ritual.only_in)
        for one in expand(ritual, today, today + couple.rules.horizon):
            if not is_seasonal or any(couple.versions_on(ritual, day) for day in days(one.first, one.last)):
                found[one.key] = (one, ritual)
    return found


def _still_counts(one: Placement, question: Question) -> bool:
    """Whether what is past can stand in the way of anything: by its ritual's own gaps, or in this week's number."""
    ritual = question.couple.ritual(one.ritual)
    reach = max(_A_WEEK, timedelta(days=ritual.spacing + 1)) if ritual else _A_WEEK
    return one.ends_at > question.now - reach or (ritual is not None and ritual.at_least > 0)


def _is_past(one: Placement, now: datetime) -> bool:
    return one.fate is Fate.PLACED and one.ends_at <= now


def _sort_out(table: _Table, changes: list[Change]) -> tuple[list[Placement], list[Placement]]:
    """(what stays, what must find another place); what is no longer wanted goes straight into changes."""
    question = table.question
    kept: list[Placement] = []
    loose: list[Placement] = []
    judge = _Judge(table)
    for one in sorted(table.current, key=lambda one: (not _is_firm(question, one), one.starts_at, one.key)):
        wish = table.wanted.get(one.key)
        if wish is None and not _is_running(one, question):
            changes.append(_cancelled(one, question.now))
        elif judge.keeps(one, wish[1] if wish else None):
            kept.append(one)
            judge.add(one)
        else:
            loose.append(one)
    return kept, loose


def _is_running(one: Placement, question: Question) -> bool:
    """Begun, or wanted by a period that began before the horizon's first day."""
    ritual = question.couple.ritual(one.ritual)
    if ritual is None:
        return False
    today = local_date(question.now, question.couple.clock(ritual))
    first, last = today - LOOK_BACK, today + question.couple.rules.horizon + LOOK_BACK
    return any(wish.key == one.key for wish in expand(ritual, first, last))


def _is_firm(question: Question, one: Placement) -> bool:
    return one.held or one.starts_at < question.now + question.couple.rules.freeze


class _Judge:
    """Says whether a slot chosen earlier is still good."""

    def __init__(self, table: _Table) -> None:
        self._table = table
        self._by_day: dict[int, list[Stand]] = defaultdict(list)
        self._by_ritual: dict[str, list[Stand]] = defaultdict(list)
        for one in table.past:
            self.add(one)

    def add(self, one: Placement) -> None:
        stand = self._table.stand(one)
        self._by_day[stand.slot.start // _DAY_S].append(stand)
        self._by_ritual[stand.ritual].append(stand)

    def keeps(self, one: Placement, ritual: Ritual | None) -> bool:
        """``ritual`` is None for what began in a period that is over: only a day kept free can end that."""
        question, ground = self._table.question, self._table.ground
        stand = self._table.stand(one)
        span = (stand.slot.start, stand.slot.end)
        if not one.held and one.starts_at > question.now and self._is_shut(one, span):
            return False
        if ritual is None or _is_firm(question, one) or not question.trusted:
            return True
        if one.moves >= question.couple.rules.max_moves:
            return True
        return (  # the buffer is a wish for a new slot, not worth moving one that both know already
            any(version.length == one.ends_at - one.starts_at for version in self._versions(stand, ritual))
            and contains(ground.hours.open(ritual), span)
            and not overlaps(ground.taken, span)
            and not self._clashes(stand)
        )

    def _versions(self, stand: Stand, ritual: Ritual) -> tuple[Version, ...]:
        return self._table.couple.versions_on(ritual, date.fromordinal(stand.slot.day))

    def _is_shut(self, one: Placement, span: Span) -> bool:
        """Whether a person has said since that nothing, or not this ritual, may stand on that day."""
        ritual = self._table.couple.ritual(one.ritual)
        if ritual is None:
            return False
        day = _day_of(one, ritual, self._table.couple.clock(ritual))
        return overlaps(self._table.ground.hours.shut, span) or not self._table.couple.versions_on(ritual, day)

    def _clashes(self, stand: Stand) -> bool:
        around = stand.slot.start // _DAY_S
        near = [other for day in (around - 1, around, around + 1) for other in self._by_day.get(day, ())]
        kin = self._by_ritual.get(stand.ritual, ()) if stand.spacing else ()
        return any(clash(stand, other) for other in (*near, *kin))


def stand_for(couple: Couple, one: Placement) -> Stand:
    """A placement as it stands in the way of others."""
    ritual = couple.ritual(one.ritual)
    start, end = span_of(one.starts_at, one.ends_at)
    slot = Slot(0, start, end, _day_of(one, ritual, couple.clock(ritual)).toordinal())
    if ritual is None:
        return Stand(one.key, one.ritual, slot)
    return Stand(one.key, one.ritual, slot, int(ritual.buffer.total_seconds()), ritual.spacing)


def _day_of(one: Placement, ritual: Ritual | None, clock: ZoneInfo) -> date:
    """The date it belongs to: what is daily keeps its own date, even shortly after midnight."""
    if ritual and isinstance(ritual.cadence, Daily) and not one.held and _DATE.fullmatch(one.period):
        return date.fromisoformat(one.period)
    return local_date(one.starts_at, clock)


def _settled(wish: Wish, slot: Slot, table: _Table) -> Add | Move:
    old, line = table.before.get(wish.key), why(wish, slot, table.ground)
    new = Placement(wish.key, instant(slot.start), instant(slot.end), table.now, why=line)
    if old is None:
        return Add(new)
    if old.fate is not Fate.PLACED:
        return Add(replace(new, moves=old.moves))
    # One line for every cause: which day is kept free, and by whom, is nobody's business.
    line = f"{line}; moved, for the time before no longer suited you both"
    return Move(old, replace(new, moves=old.moves + 1, previous=old.starts_at, why=line))


def _cancelled(one: Placement, now: datetime) -> Cancel:
    return Cancel(one, replace(one, fate=Fate.WITHDRAWN, decided_at=now, previous=one.starts_at))


def _unplaced(table: _Table, wishes: Sequence[Wish], found: Mapping[str, Slot], fixed: list[Stand]) -> list[Unplaced]:
    others = fixed + [stand_of(wish, found[wish.key]) for wish in wishes if wish.key in found]
    trusted, unplaced = table.question.trusted, []
    for wish in wishes:
        if wish.key not in found:
            reason = wish.reason or in_the_way(wish, others, table.limits)
            unplaced.append(Unplaced(wish.occurrence, wish.ritual.title, reason if trusted else Reason.UNKNOWN))
    return unplaced


def describe(change: Change) -> str:
    """The event name under which a change is logged."""
    match change:
        case Add():
            return "occurrence_placed"
        case Move():
            return "occurrence_moved"
        case Cancel():
            return "occurrence_withdrawn"
        case _ as never:
            assert_never(never)
