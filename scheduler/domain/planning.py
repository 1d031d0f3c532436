"""What stays, what moves and what is new: a pure decision over (placed, wished, busy). Not here: doing it (engine).

| placed before  | and now                                   | becomes                             |
|----------------|-------------------------------------------|-------------------------------------|
| not yet        | a slot is free                            | Add                                 |
| by a person    | anything                                  | stays: a drag is a command          |
| declined       | anything                                  | stays away                          |
| inside freeze  | anything but the ritual gone              | stays                               |
| anywhere       | the ritual is no longer wanted            | Cancel                              |
| by us          | still free, in windows, of that length    | stays                               |
| by us          | a clash, and moved fewer than twice       | Move, or Cancel where nothing fits  |
| by us          | a clash, but moved twice already          | stays                               |
| anywhere       | a calendar that cannot be read            | stays, and nothing new is placed    |
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import assert_never

from scheduler.domain.couple import Couple
from scheduler.domain.freebusy import BusyView, Spans, contains, instant, overlaps, span_of, union
from scheduler.domain.localtime import local_date
from scheduler.domain.occurrence import Fate, Occurrence, Placement, expand
from scheduler.domain.placing import Board, Stand, place
from scheduler.domain.ritual import Ritual
from scheduler.domain.slots import Calendar, Reason, Slot, Wish, open_spans, wish_for

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

    @property
    def trusted(self) -> bool:
        return all(view.trusted for view in self.busy)


def plan(question: Question) -> Plan:
    """The coming weeks, changing only what must change."""
    wishes = _wishes(question)
    before = {one.key: one for one in question.placed}
    changes: list[Change] = []
    kept, loose = _sort_out(question, wishes, changes)
    candidates = _candidates(question, wishes, {one.key for one in kept}, before)
    fixed = [_stand(question.couple, one) for one in kept]
    fixed += [_stand(question.couple, one) for one in question.placed if _is_past(one, question.now)]
    found: dict[str, Slot] = {}
    if question.trusted:
        seed, a_day = question.couple.id, question.couple.rules.max_a_day
        found = place([wish for wish in candidates if wish.slots], fixed, a_day=a_day, seed=seed)
    standing = list(kept)
    for wish in candidates:
        if slot := found.get(wish.key):
            change = _settled(wish, slot, before.get(wish.key), question.now)
            changes.append(change)
            standing.append(change.placement)
    changes += [_cancelled(one, question.now) for one in loose if one.key not in found]
    standing.sort(key=lambda one: (one.starts_at, one.key))
    return Plan(tuple(standing), tuple(changes), tuple(_unplaced(candidates, found, trusted=question.trusted)))


def _wishes(question: Question) -> dict[str, tuple[Occurrence, Ritual]]:
    found = {}
    for ritual in question.couple.rituals:
        today = local_date(question.now, question.couple.clock(ritual))
        for one in expand(ritual, today, today + question.couple.rules.horizon):
            found[one.key] = (one, ritual)
    return found


def _is_past(one: Placement, now: datetime) -> bool:
    return one.fate is Fate.PLACED and one.ends_at <= now


def _sort_out(
    question: Question, wishes: dict[str, tuple[Occurrence, Ritual]], changes: list[Change]
) -> tuple[list[Placement], list[Placement]]:
    """(what stays, what must find another place); what is no longer wanted goes straight into changes."""
    current = [one for one in question.placed if one.fate is Fate.PLACED and one.ends_at > question.now]
    kept: list[Placement] = []
    loose: list[Placement] = []
    judge = _Judge(question, current)
    for one in sorted(current, key=lambda one: (not _is_firm(question, one), one.starts_at, one.key)):
        wish = wishes.get(one.key)
        if wish is None and not _is_running(one, question):
            changes.append(_cancelled(one, question.now))
        elif wish is None or judge.keeps(one, wish[1]):
            kept.append(one)
            judge.board.add(_stand(question.couple, one))
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
    """Says whether a slot chosen earlier is still good; what each ritual's windows allow is found only once."""

    def __init__(self, question: Question, current: Sequence[Placement]) -> None:
        couple = question.couple
        past = (_stand(couple, one) for one in question.placed if _is_past(one, question.now))
        self.board = Board(past, a_day=len(question.placed))
        self._question = question
        self._taken = union(span for view in question.busy for span in view.spans)
        self._open: dict[str, Spans] = {}
        for ritual in couple.rituals:
            dates = [local_date(one.starts_at, couple.clock(ritual)) for one in current if one.ritual == ritual.id]
            if dates:
                first, last = min(dates) - timedelta(days=1), max(dates) + timedelta(days=1)
                self._open[ritual.id] = open_spans(couple, ritual, first, last)

    def keeps(self, one: Placement, ritual: Ritual) -> bool:
        question = self._question
        if _is_firm(question, one) or not question.trusted or one.moves >= question.couple.rules.max_moves:
            return True
        stand = _stand(question.couple, one)
        start, end, buffer = stand.slot.start, stand.slot.end, stand.buffer_s
        return (
            end - start == ritual.length.total_seconds()
            and contains(self._open[ritual.id], (start, end))
            and not overlaps(self._taken, (start - buffer, end + buffer))
            and not self.board.blockers(stand)
        )


def _stand(couple: Couple, one: Placement) -> Stand:
    ritual = couple.ritual(one.ritual)
    start, end = span_of(one.starts_at, one.ends_at)
    day: date = local_date(one.starts_at, couple.clock(ritual))
    slot = Slot(0, start, end, day.toordinal())
    return Stand(one.ritual, slot, int(ritual.buffer.total_seconds()) if ritual else 0, ritual.spacing if ritual else 0)


def _candidates(
    question: Question,
    wishes: dict[str, tuple[Occurrence, Ritual]],
    kept: set[str],
    before: dict[str, Placement],
) -> list[Wish]:
    couple = question.couple
    busy = union(span for view in question.busy for span in view.spans)
    found = []
    for key, (occurrence, ritual) in wishes.items():
        old = before.get(key)
        if key in kept or (old and (old.fate is Fate.DECLINED or _is_past(old, question.now))):
            continue
        last = local_date(question.now, couple.clock(ritual)) + couple.rules.horizon
        earliest = question.now + (couple.rules.freeze if old else couple.rules.notice)
        found.append(wish_for(occurrence, ritual, Calendar(couple, busy, earliest, last)))
    return found


def _settled(wish: Wish, slot: Slot, old: Placement | None, now: datetime) -> Add | Move:
    new = Placement(wish.key, instant(slot.start), instant(slot.end), now, why=why(wish, slot))
    if old is None:
        return Add(new)
    if old.fate is not Fate.PLACED:
        return Add(replace(new, moves=old.moves))
    return Move(old, replace(new, moves=old.moves + 1, previous=old.starts_at, why=f"{new.why}; moved when it clashed"))


def _cancelled(one: Placement, now: datetime) -> Cancel:
    return Cancel(one, replace(one, fate=Fate.WITHDRAWN, decided_at=now, previous=one.starts_at))


def why(wish: Wish, slot: Slot) -> str:
    """One plain line: why this slot and no other."""
    best, first = wish.slots[0], min(wish.slots, key=lambda one: one.start)
    if slot.start == best.start and slot.cost == 0:
        return "the time you like best, and you are both free"
    if slot.start == first.start:
        return "the first time you are both free"
    if slot.start == best.start:
        return "the closest to the time you like when you are both free"
    return "free for you both, and clear of the other rituals"


def _unplaced(candidates: Iterable[Wish], found: dict[str, Slot], *, trusted: bool) -> Iterable[Unplaced]:
    for wish in candidates:
        if wish.key not in found:
            reason = (wish.reason or Reason.CROWDED) if trusted else Reason.UNKNOWN
            yield Unplaced(wish.occurrence, wish.ritual.title, reason)


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
