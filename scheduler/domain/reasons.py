"""Why a slot was chosen, and why a wish has none, each in one plain line. Not here: what would help (relax)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from scheduler.domain.freebusy import instant
from scheduler.domain.ground import Ground
from scheduler.domain.localtime import WEEKDAY_NAMES
from scheduler.domain.placing import Limits, Stand, clash, stand_of
from scheduler.domain.ritual import Point, Ritual
from scheduler.domain.slots import Reason, Slot, Wish

SHORTENED = ", for the short version"
_PARTS = ((5, "night"), (12, "morning"), (17, "afternoon"), (24, "evening"))


def why(wish: Wish, slot: Slot, ground: Ground) -> str:
    """Why this slot and no other.

    A shorter version says so first: that is what people wonder about.
    """
    line = _why(wish, slot, ground)
    full = int(wish.ritual.length.total_seconds())
    return f"{line}{SHORTENED}" if slot.end - slot.start < full else line


def _why(wish: Wish, slot: Slot, ground: Ground) -> str:
    ritual, length = wish.ritual, slot.end - slot.start
    if anchored := _anchor_line(ritual, slot, ground):
        return anchored
    is_best = slot.start == next(one.start for one in wish.slots if one.end - one.start == length)
    if is_best and _is_ideal(ritual, slot, ground):
        return "the time you like best, and you are both free"
    if slot.start == min(one.start for one in wish.slots if one.end - one.start == length):
        return f"the first {_part(slot, ritual, ground)} you are both free{_after_work(slot, ritual, ground)}"
    if is_best and ritual.ideal is None:
        return "an hour at which you are both usually free"
    if is_best:
        return "the closest to the time you like when you are both free"
    return "free for you both, and clear of the other rituals"


def _is_ideal(ritual: Ritual, slot: Slot, ground: Ground) -> bool:
    return ritual.ideal is not None and ground.days(ritual).at(slot.day, ritual.ideal) == slot.start


def _anchor_line(ritual: Ritual, slot: Slot, ground: Ground) -> str:
    match ritual.anchor.point if ritual.anchor else None:
        case Point.AFTER_WORK:
            return "soon after the later of you two is done" if _after_work(slot, ritual, ground) else ""
        case Point.BEFORE_BED:
            return "shortly before the earlier bedtime"
        case Point.FIRST_FREE:
            return f"the first hour of that {_weekday(slot)} that is free for you both"
        case _:
            return ""


def _after_work(slot: Slot, ritual: Ritual, ground: Ground) -> str:
    """ " after work" where one of the two had something on earlier that day."""
    is_late = _part(slot, ritual, ground) in ("afternoon", "evening") and (slot.day - 1) % 7 < 5
    return " after work" if is_late and ground.work_ends(slot.day, slot.start) is not None else ""


def _part(slot: Slot, ritual: Ritual, ground: Ground) -> str:
    hour = instant(slot.start).astimezone(ground.couple.clock(ritual)).hour
    return next(part for until, part in _PARTS if hour < until)


def _weekday(slot: Slot) -> str:
    return WEEKDAY_NAMES[(slot.day - 1) % 7].capitalize()


def in_the_way(wish: Wish, others: Sequence[Stand], limits: Limits) -> Reason:
    """What keeps a wish from all of its slots, by what keeps it from most of them."""
    days = Counter(stand.slot.day for stand in others)
    weeks = Counter((stand.slot.day - 1) // 7 for stand in others)
    found = Counter[Reason]()
    for slot in wish.slots:
        if days[slot.day] >= limits.a_day:
            found[Reason.DAY_FULL] += 1
        elif weeks[(slot.day - 1) // 7] >= limits.a_week:
            found[Reason.WEEK_FULL] += 1
        else:
            stand = stand_of(wish, slot)
            near = any(one.ritual == stand.ritual and clash(stand, one) for one in others)
            found[Reason.NEAR if near else Reason.CROWDED] += 1
    return found.most_common(1)[0][0] if found else Reason.CROWDED
