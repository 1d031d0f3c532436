"""What a person's drag means for an occurrence. Not here: noticing it (engine/collect)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from scheduler.domain.freebusy import BusyView, Span, instant, overlaps, span_of, union
from scheduler.domain.localtime import local_date, spans_between
from scheduler.domain.occurrence import Fate, Occurrence, Placement, expand
from scheduler.domain.placing import clash, stand_of
from scheduler.domain.planning import LOOK_BACK, Question, ground_of, stand_for
from scheduler.domain.slots import Search, wish_for

_DAY = timedelta(days=1)


def adopted_time(question: Question, placement: Placement, times: tuple[datetime, datetime], mover: str) -> Placement:
    """The person's time where it suits the other too; else the next slot free for both; else the person's time.

    ``question.placed`` holds the couple's other placements.
    """
    if not _suits(question, span_of(*times), mover) and (offered := _next_slot(question, placement, times[0])):
        times, held = offered, False
    else:
        held = True
    return replace(
        placement,
        starts_at=times[0],
        ends_at=times[1],
        decided_at=question.now,
        previous=placement.starts_at,
        held=held,
        why="you chose this time" if held else "the next time you are both free",
    )


def _suits(question: Question, span: Span, mover: str) -> bool:
    """Whether the other partner is free then, inside their own windows."""
    other = question.couple.other(mover)
    view: BusyView = question.busy[question.couple.partners.index(other)]
    day = local_date(instant(span[0]), other.zone)
    free = union(span_of(*pair) for pair in spans_between(other.free, day - _DAY, day + _DAY, other.zone))
    return not overlaps(view.spans, span) and any(low <= span[0] and span[1] <= high for low, high in free)


def _next_slot(question: Question, placement: Placement, after: datetime) -> tuple[datetime, datetime] | None:
    found = _occurrence(question, placement)
    ritual = question.couple.ritual(placement.ritual)
    if found is None or ritual is None or not question.trusted:
        return None
    earliest = max(after, question.now + question.couple.rules.notice)
    wish = wish_for(found, ritual, ground_of(question), Search(int(earliest.timestamp()), widely=True))
    others = [stand_for(question.couple, one) for one in question.placed if one.fate is Fate.PLACED]
    longest = max((slot.end - slot.start for slot in wish.slots), default=0)
    slots = [slot for slot in wish.slots if slot.end - slot.start == longest]
    free = (slot for slot in slots if not any(clash(stand_of(wish, slot), other) for other in others))
    slot = min(free, key=lambda one: one.start, default=None)
    return (instant(slot.start), instant(slot.end)) if slot else None


def _occurrence(question: Question, placement: Placement) -> Occurrence | None:
    ritual = question.couple.ritual(placement.ritual)
    if ritual is None:
        return None
    today = local_date(question.now, question.couple.clock(ritual))
    wide = expand(ritual, today - LOOK_BACK, today + question.couple.rules.horizon + LOOK_BACK)
    return next((one for one in wide if one.key == placement.key), None)
