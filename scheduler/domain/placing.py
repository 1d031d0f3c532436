"""Choosing a slot for each of several wishes, at the least total cost. Not here: what must stay (planning).

First each wish takes the best slot that is left, the most constrained first. Then every wish that did not get its
best one is looked at again, together with the few that are in its way: that small knot is solved exactly, all else
held still, until nothing gets better. No chance is involved: the same question has the same answer.
Source: the distance from the optimum is measured in tests/quality.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from scheduler.domain.slots import Slot, Wish
from scheduler.domain.tangle import Entry, blocked

_EFFORTS = ((5, 60), (6, 250), (8, 1000))  # (wishes solved together, steps of one search), until one does not help
_BUDGET = 150  # steps for each wish, in all: what a plan may cost in a calendar that is full to the brim
_OPTIONS = 12  # slots of one wish that are tried in it
_LATE, _LATER, _LATEST = 300, 60, 900


@dataclass(frozen=True, slots=True)
class Stand:
    """Something that stands on the couple's calendar, or could."""

    key: str
    ritual: str
    slot: Slot
    buffer_s: int = 0
    spacing: int = 0
    at_least: int = 0


@dataclass(frozen=True, slots=True)
class Limits:
    """The most rituals on one local date, and in one ISO week."""

    a_day: int
    a_week: int = 70


def stand_of(wish: Wish, slot: Slot) -> Stand:
    ritual = wish.ritual
    return Stand(wish.key, ritual.id, slot, int(ritual.buffer.total_seconds()), ritual.spacing, ritual.at_least)


def clash(left: Stand, right: Stand) -> bool:
    """Whether the two cannot both stand: they overlap with the larger buffer, or are nearer than their spacing."""
    one, other, buffer_s = left.slot, right.slot, max(left.buffer_s, right.buffer_s)
    if one.start < other.end + buffer_s and other.start < one.end + buffer_s:
        return True
    return left.ritual == right.ritual and abs(one.day - other.day) < max(left.spacing, right.spacing)


def strain(at_least: int, before: int, after: int) -> int:
    """What it costs that more days than ``at_least`` go by between two neighbours; the first such day the most.

    >>> strain(7, 0, 7), strain(7, 0, 8), strain(7, 0, 10)
    (0, 300, 420)
    """
    over = after - before - at_least
    return min(_LATE + _LATER * (over - 1), _LATEST) if at_least and over > 0 else 0


def total(wishes: Sequence[Wish], fixed: Sequence[Stand], found: Mapping[str, Slot]) -> int:
    """What a placing costs: its slots, the wishes left out, and gaps that are longer than wished."""
    cost = sum(found[wish.key].cost if wish.key in found else wish.loss for wish in wishes)
    days = {stand.key: stand.slot.day for stand in fixed} | {key: slot.day for key, slot in found.items()}
    for at_least, before, after in _neighbours(wishes, fixed):
        if before in days and after in days:
            cost += strain(at_least, days[before], days[after])
    return cost


def _neighbours(wishes: Sequence[Wish], fixed: Sequence[Stand]) -> Iterator[tuple[int, str, str]]:
    """(at_least, key, key of the next one) for each ritual that wishes for no long gaps."""
    rows: dict[str, list[tuple[int, str]]] = {}
    wanted = {wish.ritual.id: wish.ritual.at_least for wish in wishes if wish.ritual.at_least}
    for wish in wishes:
        if wish.ritual.at_least:
            rows.setdefault(wish.ritual.id, []).append((wish.occurrence.first.toordinal(), wish.key))
    for stand in fixed:
        if stand.ritual in wanted:
            rows.setdefault(stand.ritual, []).append((stand.slot.day, stand.key))
    for ritual, row in rows.items():
        row.sort()
        yield from ((wanted[ritual], one[1], other[1]) for one, other in pairwise(row))


def place(wishes: Sequence[Wish], fixed: Sequence[Stand], limits: Limits) -> dict[str, Slot]:
    """A slot for as many wishes as possible, at the least total cost, by key; those without one are absent."""
    board = _Board(wishes, fixed, limits)
    for index in sorted(range(len(wishes)), key=lambda index: (len(wishes[index].slots), -wishes[index].loss, index)):
        board.take_best(index)
    for size, steps in _EFFORTS:
        while board.untangle(size, steps):
            pass
    return {wishes[index].key: wishes[index].slots[slot] for index, slot in board.at.items()}


class _Board:
    """Which wish stands at which of its slots (``at``), what each could still take, and what that would cost."""

    def __init__(self, wishes: Sequence[Wish], fixed: Sequence[Stand], limits: Limits) -> None:
        self.entries = [Entry(wish) for wish in wishes]
        self.at: dict[int, int] = {}
        self.budget = _BUDGET * len(wishes)
        self._limits = limits
        self._days = Counter(stand.slot.day for stand in fixed)
        self._weeks = Counter((stand.slot.day - 1) // 7 for stand in fixed)
        self._known: dict[tuple[int, int, int], int] = {}
        self._near = _near(self.entries)
        self.near_sets = [frozenset(near) for near in self._near]
        self._row = self._rows(wishes, fixed)
        self._room = [self._first_room(entry, fixed) for entry in self.entries]

    def _rows(self, wishes: Sequence[Wish], fixed: Sequence[Stand]) -> dict[int, list[tuple[int, int, bool]]]:
        """By wish: (at_least, neighbour, whether it comes later); a fixed neighbour is given as minus its day."""
        index = {wish.key: number for number, wish in enumerate(wishes)}
        days = {stand.key: -stand.slot.day for stand in fixed}
        rows: dict[int, list[tuple[int, int, bool]]] = {}
        for at_least, before, after in _neighbours(wishes, fixed):
            left, right = (index[key] if key in index else days[key] for key in (before, after))
            if left >= 0:
                rows.setdefault(left, []).append((at_least, right, True))
            if right >= 0:
                rows.setdefault(right, []).append((at_least, left, False))
        return rows

    def _first_room(self, entry: Entry, fixed: Sequence[Stand]) -> int:
        taken = 0
        for stand in fixed:
            if entry.low - stand.buffer_s - entry.buffer_s < stand.slot.end + 1 or stand.ritual == entry.ritual:
                taken |= blocked(
                    entry, stand.slot, stand.buffer_s, stand.spacing if stand.ritual == entry.ritual else 0
                )
        return entry.all & ~taken

    def blocks(self, by: int, slot: int, other: int) -> int:
        """The slots of another wish that this one's slot takes away."""
        key = (by, slot, other)
        if key not in self._known:
            one, two = self.entries[by], self.entries[other]
            spacing = one.spacing if one.ritual == two.ritual else 0
            self._known[key] = blocked(two, one.wish.slots[slot], one.buffer_s, spacing)
        return self._known[key]

    def room(self, index: int) -> int:
        """The slots that a wish could take as things stand (its own among them)."""
        left, at = self._room[index], self.at
        for other in self._near[index]:
            if other in at:
                left &= ~self.blocks(other, at[other], index)
        return left & ~self.full(index) if left else 0

    def is_full(self, day: int) -> bool:
        return self._days[day] >= self._limits.a_day or self._weeks[(day - 1) // 7] >= self._limits.a_week

    def full(self, index: int) -> int:
        """The slots on days and in weeks that have all they may have."""
        entry, full = self.entries[index], 0
        for day, mask in entry.days.items():
            if self.is_full(day):
                full |= mask
        return full

    def cost(self, index: int, slot: int) -> int:
        one = self.entries[index].wish.slots[slot]
        return one.cost + self._strain(index, one.day) if index in self._row else one.cost

    def _strain(self, index: int, day: int) -> int:
        cost = 0
        for at_least, other, is_later in self._row[index]:
            if other < 0:
                there = -other
            elif other in self.at:
                there = self.entries[other].wish.slots[self.at[other]].day
            else:
                continue
            cost += strain(at_least, day, there) if is_later else strain(at_least, there, day)
        return cost

    def options(self, index: int, room: int) -> list[tuple[int, int]]:
        """(cost, slot) of the best few in that room, best first."""
        found: list[tuple[int, int]] = []
        while room and len(found) < _OPTIONS:
            slot = (room & -room).bit_length() - 1
            room &= room - 1
            found.append((self.cost(index, slot), slot))
        if index in self._row:
            found.sort()
        return found

    def put(self, index: int, slot: int) -> None:
        self.at[index] = slot
        day = self.entries[index].wish.slots[slot].day
        self._days[day] += 1
        self._weeks[(day - 1) // 7] += 1

    def lift(self, index: int) -> int:
        slot = self.at.pop(index)
        day = self.entries[index].wish.slots[slot].day
        self._days[day] -= 1
        self._weeks[(day - 1) // 7] -= 1
        return slot

    def take_best(self, index: int) -> None:
        if options := self.options(index, self.room(index)):
            self.put(index, options[0][1])

    def regret(self, index: int) -> int:
        """How much dearer the wish stands than it might, were it alone."""
        entry = self.entries[index]
        if not self._room[index]:
            return 0
        now = self.cost(index, self.at[index]) if index in self.at else entry.wish.loss
        return now - entry.wish.slots[(self._room[index] & -self._room[index]).bit_length() - 1].cost

    def untangle(self, size: int, steps: int) -> bool:
        """Solve the knot around every wish that could stand better; whether anything was gained."""
        gained = False
        sorry = [(self.regret(index), index) for index in range(len(self.entries))]
        for _, index in sorted(((regret, index) for regret, index in sorted(sorry) if regret > 0), reverse=True):
            if self.regret(index) > 0 and self.budget > 0:
                gained |= _Knot(self, self._knot(index)[:size], steps).solve()
        return gained

    def _knot(self, index: int) -> list[int]:
        """The wish and what keeps it from better slots, nearest reasons first."""
        entry = self.entries[index]
        better = self._room[index]
        if index in self.at and index not in self._row:
            better &= (1 << self.at[index]) - 1
        found = Counter[int]()
        for other in self._near[index]:
            if other in self.at and (mask := self.blocks(other, self.at[other], index) & better):
                found[other] = mask.bit_count() + (len(entry.wish.slots) if mask & -better & better else 0)
        for day in {entry.wish.slots[slot].day for _, slot in self.options(index, better)}:
            if self.is_full(day):
                found.update(other for other, slot in self.at.items() if self._is_on(other, slot, day))
        row = [other for _, other, _ in self._row.get(index, ()) if other >= 0]
        ranked = [other for other, _ in found.most_common()]
        idle = [other for other in self._near[index] if other not in self.at]
        return list(dict.fromkeys([index, *row, *ranked, *idle]))

    def _is_on(self, index: int, slot: int, day: int) -> bool:
        return self.entries[index].wish.slots[slot].day == day


class _Knot:
    """A few wishes, solved exactly while all others stand still (as far as its steps reach)."""

    def __init__(self, board: _Board, members: Sequence[int], steps: int) -> None:
        self._board = board
        self._before = {index: board.lift(index) for index in members if index in board.at}
        self._members = list(members)
        self._steps = min(steps, board.budget)
        self._best: dict[int, int] = {}
        self._best_cost = 0

    def solve(self) -> bool:
        """Put the members where they cost least; whether that is less than before."""
        board, now = self._board, 0
        for index in self._members:
            if index in self._before:
                now += board.cost(index, self._before[index])  # as they come in, so that no strain counts twice
                board.put(index, self._before[index])
            else:
                now += board.entries[index].wish.loss
        self._best, self._best_cost = dict(self._before), now
        for index in self._before:
            board.lift(index)
        rooms = {index: board.room(index) for index in self._members}
        self._search(rooms, 0)
        for index, slot in self._best.items():
            board.put(index, slot)
        return self._best_cost < now

    def _search(self, rooms: dict[int, int], spent: int) -> None:
        if self._steps <= 0:
            return
        self._steps -= 1
        self._board.budget -= 1
        if not rooms:
            if spent < self._best_cost:
                self._best = {index: self._board.at[index] for index in self._members if index in self._board.at}
                self._best_cost = spent
            return
        board = self._board
        least = {index: self._least(index, room) for index, room in rooms.items()}
        bound = spent + sum(least.values())
        if bound >= self._best_cost:
            return
        index = min(rooms, key=lambda one: (rooms[one].bit_count(), one))
        rest = bound - least[index]
        others = {other: room for other, room in rooms.items() if other != index}
        for cost, slot in board.options(index, rooms[index]):
            if rest + cost >= self._best_cost:
                break
            board.put(index, slot)
            self._search(self._left(others, index, slot), spent + cost)
            board.lift(index)
        loss = board.entries[index].wish.loss
        if rest + loss < self._best_cost:
            self._search(others, spent + loss)

    def _least(self, index: int, room: int) -> int:
        wish = self._board.entries[index].wish
        return min(wish.slots[(room & -room).bit_length() - 1].cost, wish.loss) if room else wish.loss

    def _left(self, rooms: Mapping[int, int], index: int, slot: int) -> dict[int, int]:
        """What the others could still take once that slot is taken."""
        board, left = self._board, {}
        day = board.entries[index].wish.slots[slot].day
        is_full = board.is_full(day)
        for other, room in rooms.items():
            if room and index in board.near_sets[other]:
                room &= ~board.blocks(index, slot, other)
            if room and is_full:
                room &= ~board.full(other)
            left[other] = room
        return left


def _near(entries: Sequence[Entry]) -> list[list[int]]:
    """By wish, those that could get into its way: the same ritual, or stretches of time that meet."""
    found: list[list[int]] = [[] for _ in entries]
    ordered = sorted((index for index, entry in enumerate(entries) if entry.wish.slots), key=lambda i: entries[i].low)
    for place, index in enumerate(ordered):
        one = entries[index]
        for other in ordered[place + 1 :]:
            two = entries[other]
            if two.low >= one.high + max(one.buffer_s, two.buffer_s) and not _are_kin(one, two):
                if two.low >= one.high + 86_400 * 14:
                    break
                continue
            found[index].append(other)
            found[other].append(index)
    return found


def _are_kin(one: Entry, two: Entry) -> bool:
    return one.ritual == two.ritual and one.spacing > 0
