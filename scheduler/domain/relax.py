"""The smallest changes that would give an occurrence its place, each tried by planning with it. Not here: making them.

A change is to the couple's own wishes (hours, lengths, pauses, limits), never to what either of them has on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from scheduler.domain.couple import Couple, Partner
from scheduler.domain.freebusy import Span, contains, instant, overlaps
from scheduler.domain.ground import Ground
from scheduler.domain.hours import wall_spans
from scheduler.domain.localtime import WEEKDAY_NAMES, WallSpan, local_date
from scheduler.domain.occurrence import Fate, Placement
from scheduler.domain.placing import Stand, clash
from scheduler.domain.planning import Plan, Question, Unplaced, ground_of, plan, stand_for
from scheduler.domain.ritual import Anchor, Point, Ritual, Version
from scheduler.domain.slots import Slot

_LENGTHS = (90, 60, 45, 30, 20, 15, 10, 5, 2)
_WITHIN = (60, 90, 120, 180, 240)
_EARLIEST, _LATEST = 7 * 60, 23 * 60
_STEP = 30
_NEAR = 120
_BRIEF_S = 15 * 60
_NEW_DAY = 60  # minutes that another weekday weighs
_ONE_MORE = 45
_GIVES_WAY = 150
_HOUR = timedelta(hours=1)
_TRIES = 24
_ALIKE = {"hours": 2}  # two weekdays are a choice, two lengths are not


@dataclass(frozen=True, slots=True)
class Relaxation:
    """A change in words ("30 instead of 60 minutes") and the slot that it would give: a half-open UTC interval."""

    text: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class _Idea:
    """A change not tried yet; ``size`` is about how many minutes it asks of the two, ``without`` what gives way.

    Of each ``kind`` only the smallest that helps is told.
    """

    kind: str
    size: int
    text: str
    couple: Couple
    without: str = ""


def relaxations(question: Question, answer: Plan, unplaced: Unplaced, most: int = 3) -> tuple[Relaxation, ...]:
    """The smallest changes of which each alone gives the occurrence a place and takes none from another.

    ``answer`` is the question's plan, of which ``unplaced`` is a part.
    """
    ritual = question.couple.ritual(unplaced.occurrence.ritual)
    if ritual is None or not question.trusted:
        return ()
    settled = _settled(question, answer, unplaced)
    found: list[Relaxation] = []
    said = Counter[str]()
    held = {one.key for one in question.placed if one.held}
    for idea in sorted(
        (idea for idea in _ideas(settled, unplaced, ritual) if idea.without not in held),
        key=lambda idea: (idea.size, idea.text),
    )[:_TRIES]:
        if len(found) == most or said[idea.kind] == _ALIKE.get(idea.kind, 1):
            continue
        if given := _tried(settled, idea, unplaced.occurrence.key):
            found.append(Relaxation(idea.text, given.starts_at, given.ends_at))
            said[idea.kind] += 1
    return tuple(found)


def _settled(question: Question, answer: Plan, unplaced: Unplaced) -> Question:
    """The question with all else decided: what can stand stands, and no other wish asks for a place."""
    standing = {one.key: one for one in answer.standing}
    # Decided once and for all, so that trying a change cannot move anything else.
    others = [_declined(one, question.now) for one in answer.unplaced if one.occurrence.key != unplaced.occurrence.key]
    before = [
        replace(one, fate=Fate.WITHDRAWN) if one.key == unplaced.occurrence.key else one
        for one in question.placed
        if one.key not in standing
    ]
    placed = [*before, *(replace(one, held=True) for one in standing.values()), *others]
    return replace(question, placed=placed)


def _declined(one: Unplaced, now: datetime) -> Placement:
    return Placement(one.occurrence.key, now, now + timedelta(minutes=1), now, fate=Fate.DECLINED)


def _tried(settled: Question, idea: _Idea, key: str) -> Placement | None:
    placed = [replace(one, fate=Fate.DECLINED) if one.key == idea.without else one for one in settled.placed]
    answer = plan(replace(settled, couple=idea.couple, placed=placed))
    return next((one for one in answer.standing if one.key == key), None)


def _ideas(question: Question, unplaced: Unplaced, ritual: Ritual) -> Iterator[_Idea]:
    couple = question.couple
    shortest = ritual.versions[-1].length
    for minutes in _LENGTHS:
        if timedelta(minutes=minutes) < shortest:
            text = f"{minutes} instead of {_minutes(shortest)} minutes"
            yield _Idea(
                "shorter", _minutes(shortest) - minutes, text, _with(couple, ritual, _shortened(ritual, minutes))
            )
    if ritual.buffer:
        text = f"without the {_minutes(ritual.buffer)} minutes kept free around it"
        yield _Idea(
            "buffer", _minutes(ritual.buffer), text, _with(couple, ritual, replace(ritual, buffer=timedelta(0)))
        )
    for days in range(ritual.spacing - 1, 0, -1):
        text = f"{days} instead of {ritual.spacing} days from one to the next"
        size = _ONE_MORE * (ritual.spacing - days)
        yield _Idea("spacing", size, text, _with(couple, ritual, replace(ritual, spacing=days)))
    yield from _limits(couple)
    if ritual.anchor:
        yield from _looser(couple, ritual, ritual.anchor)
    yield from _sooner(couple)
    yield from _giving_way(question, unplaced, ritual)
    yield from _hours(question, unplaced, ritual)


def _minutes(length: timedelta) -> int:
    return length // timedelta(minutes=1)


def _with(couple: Couple, ritual: Ritual, changed: Ritual) -> Couple:
    return replace(couple, rituals=tuple(changed if one.id == ritual.id else one for one in couple.rituals))


def _shortened(ritual: Ritual, minutes: int) -> Ritual:
    """With that length in the place of its shortest one."""
    shorter = Version(timedelta(minutes=minutes), ritual.versions[-1].how_to)
    if not ritual.shorter:
        return replace(ritual, length=shorter.length)
    return replace(ritual, shorter=(*ritual.shorter[:-1], shorter))


def _limits(couple: Couple) -> Iterator[_Idea]:
    rules = couple.rules
    more = replace(rules, max_a_day=rules.max_a_day + 1)
    yield _Idea(
        "day", _ONE_MORE, f"{more.max_a_day} instead of {rules.max_a_day} rituals a day", replace(couple, rules=more)
    )
    more = replace(rules, max_a_week=rules.max_a_week + 1)
    text = f"{more.max_a_week} instead of {rules.max_a_week} rituals a week"
    yield _Idea("week", _ONE_MORE, text, replace(couple, rules=more))


def _sooner(couple: Couple) -> Iterator[_Idea]:
    hours = couple.rules.notice // _HOUR
    for fewer in (6, 2, 0):
        if fewer < hours:
            rules = replace(couple.rules, notice=fewer * _HOUR)
            yield _Idea(
                "notice", _ONE_MORE, f"with {fewer} instead of {hours} hours' notice", replace(couple, rules=rules)
            )
            return


def _giving_way(question: Question, unplaced: Unplaced, ritual: Ritual) -> Iterator[_Idea]:
    """One of the rituals further down in the file steps aside, once."""
    couple, rank = question.couple, {one.id: rank for rank, one in enumerate(question.couple.rituals)}
    first, last = unplaced.occurrence.first, unplaced.occurrence.last
    for one in question.placed:
        other = couple.ritual(one.ritual)
        if other is None or one.fate is not Fate.PLACED or rank[other.id] <= rank[ritual.id]:
            continue
        local = one.starts_at.astimezone(couple.clock(other))
        if one.starts_at > question.now + couple.rules.freeze and first <= local.date() <= last:
            text = f"if {other.title} on {local:%A} {local.day} {local:%B} gave way"
            yield _Idea("way", _GIVES_WAY + rank[ritual.id] - rank[other.id], text, couple, one.key)


def _looser(couple: Couple, ritual: Ritual, anchor: Anchor) -> Iterator[_Idea]:
    now = _minutes(anchor.within)
    if anchor.point is not Point.FIRST_FREE:
        for minutes in _WITHIN:
            if minutes > now:
                wider = replace(ritual, anchor=replace(anchor, within=timedelta(minutes=minutes)))
                text = f"within {minutes} instead of {now} minutes {anchor.point.value}"
                yield _Idea("anchor", minutes - now, text, _with(couple, ritual, wider))
    free = replace(ritual, anchor=None)
    yield _Idea(
        "anchor", 4 * _NEW_DAY, f"at any hour of its windows, not tied to {_tie(anchor)}", _with(couple, ritual, free)
    )


def _tie(anchor: Anchor) -> str:
    match anchor.point:
        case Point.AFTER_WORK:
            return "the end of work"
        case Point.BEFORE_BED:
            return "bedtime"
        case Point.FIRST_FREE:
            return "the first free hour"


def _hours(question: Question, unplaced: Unplaced, ritual: Ritual) -> Iterator[_Idea]:
    """For each local day the free time nearest to the windows that there are, as a window of that weekday.

    The longest version that is free anywhere is told, for who would change an evening for two minutes?
    """
    ground = ground_of(question)
    stands = [stand_for(question.couple, one) for one in question.placed if one.fate is Fate.PLACED]
    today = local_date(question.now, question.couple.clock(ritual))
    first, last = max(unplaced.occurrence.first, today), min(unplaced.occurrence.last, ground.last)
    for version in ritual.versions:
        best: dict[int, _Idea] = {}
        for day in range(first.toordinal(), last.toordinal() + 1):
            near = [stand for stand in stands if abs(stand.slot.day - day) <= max(ritual.spacing, 1)]
            for slot in _waking_hours(question, ground, ritual, day, version):
                idea = _wider(question.couple, ritual, slot, ground) if _is_free(ritual, slot, ground, near) else None
                weekday = (day - 1) % 7
                if idea and (weekday not in best or idea.size < best[weekday].size):
                    best[weekday] = idea
        if best:
            yield from best.values()
            return


def _waking_hours(question: Question, ground: Ground, ritual: Ritual, day: int, version: Version) -> Iterator[Slot]:
    earliest = int((question.now + question.couple.rules.notice).timestamp())
    length = _minutes(version.length)
    for minute in range(_EARLIEST, _LATEST - length + 1, _STEP):
        start = ground.days(ritual).at(day, minute)
        if start >= earliest:
            yield Slot(0, start, start + 60 * length, day)


def _is_free(ritual: Ritual, slot: Slot, ground: Ground, stands: Sequence[Stand]) -> bool:
    buffer = int(ritual.buffer.total_seconds())
    around: Span = (slot.start - buffer, slot.end + buffer)
    if overlaps(ground.taken, around) or overlaps(ground.hours.shut, (slot.start, slot.end)):
        return False
    mine = Stand("", ritual.id, slot, buffer, ritual.spacing)
    return not any(clash(mine, other) for other in stands)


def _wider(couple: Couple, ritual: Ritual, slot: Slot, ground: Ground) -> _Idea | None:
    """The couple with that slot inside the ritual's windows and both partners' free hours; None if it is already."""
    walls = [_on_wall(slot, partner) for partner in couple.partners]
    clock = next(_on_wall(slot, partner) for partner in couple.partners if partner.zone == couple.clock(ritual))
    within = contains(wall_spans(ritual.windows, couple.clock(ritual), slot.day - 1, slot.day + 1), slot[1:3])
    added = dict.fromkeys([clock] if ritual.clock_of else walls)
    changed = replace(ritual, windows=(*ritual.windows, *added))
    partners, size = [], 0 if within else _distance(ritual.windows, clock)
    for partner, wall in zip(couple.partners, walls, strict=True):
        is_free = contains(wall_spans(partner.free, partner.zone, slot.day - 2, slot.day + 2), slot[1:3])
        partners.append(partner if is_free else replace(partner, free=(*partner.free, wall)))
        size = max(size, 0 if is_free else _distance(partner.free, wall))
    wider = replace(_with(couple, ritual, changed), partners=(partners[0], partners[1]))
    if ground.hours.open(ritual) and contains(ground.hours.open(ritual), slot[1:3]):
        return None
    return _Idea("hours", size, _allow(couple, ritual, slot, clock), wider)


def _on_wall(slot: Slot, partner: Partner) -> WallSpan:
    """The slot as a window of its weekday in the partner's zone."""
    local = instant(slot.start).astimezone(partner.zone)
    start = 60 * local.hour + local.minute
    return WallSpan(start, start + (slot.end - slot.start) // 60, frozenset({local.weekday()}))


def _distance(windows: Sequence[WallSpan], wall: WallSpan) -> int:
    """How many minutes the windows of that weekday would have to grow; more where it has none."""
    weekday = next(iter(wall.weekdays))
    near = [max(one.start - wall.start, wall.end - one.end, 0) for one in windows if weekday in one.weekdays]
    return min(near, default=_NEW_DAY + min(abs(one.start - wall.start) for one in windows) // 4)


def _allow(couple: Couple, ritual: Ritual, slot: Slot, wall: WallSpan) -> str:
    """ "allow Thursday from 17:30" where a window of that day begins soon after, else both ends of the time."""
    weekday = next(iter(wall.weekdays))
    near = [one for one in ritual.windows if weekday in one.weekdays]
    starts = any(0 < one.start - wall.start <= _NEAR for one in near)
    ends = not starts and any(0 < wall.end - one.end <= _NEAR for one in near)
    zones = {partner.zone: partner for partner in reversed(couple.partners)}
    parts = []
    for partner in reversed(zones.values()):
        low, high = (f"{instant(at).astimezone(partner.zone):%H:%M}" for at in slot[1:3])
        edge = f"from {low}" if starts else f"until {high}" if ends else f"{low} to {high}"
        edge = f"at {low}" if slot.end - slot.start < _BRIEF_S else edge
        parts.append(f"{edge} for {partner.name}" if len(zones) > 1 else edge)
    return f"allow {WEEKDAY_NAMES[weekday].capitalize()} {', '.join(parts)}"
