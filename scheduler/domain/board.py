"""What stands where, and what each wish could still take. Not here: choosing (placing, chasing, mending)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

from scheduler.domain.slots import Slot, Wish
from scheduler.domain.tangle import Entry, bits, blocked

_LATE, _LATER, _LATEST = 300, 60, 900
_DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Stand:
    """Something that stands on the couple's calendar, or could."""

    key: str
    ritual: str
    slot: Slot
    buffer_s: int = 0
    spacing: int = 0


@dataclass(frozen=True, slots=True)
class Limits:
    """The most rituals on one local date, and in one ISO week."""

    a_day: int
    a_week: int = 70


def stand_of(wish: Wish, slot: Slot) -> Stand:
    ritual = wish.ritual
    return Stand(wish.key, ritual.id, slot, int(ritual.buffer.total_seconds()), ritual.spacing)


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


def neighbours(wishes: Sequence[Wish], fixed: Sequence[Stand]) -> Iterator[tuple[int, str, str]]:
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


class Board:
    """Which wish stands at which of its slots (``at``), what each could still take, and what all of it costs.

    Wishes are told by their position. ``open`` are the slots that what is fixed leaves to each, as bits; ``near`` are
    those that could get into each one's way; ``total`` counts the losses of wishes without a place too.
    """

    def __init__(self, wishes: Sequence[Wish], fixed: Sequence[Stand], limits: Limits) -> None:
        self.entries = [Entry(wish) for wish in wishes]
        self.at: dict[int, int] = {}
        self.on_day: dict[int, dict[int, None]] = {}
        self._limits = limits
        self._days = Counter(stand.slot.day for stand in fixed)
        self._weeks = Counter((stand.slot.day - 1) // 7 for stand in fixed)
        self._known: dict[tuple[int, int], dict[int, int]] = {}  # by (wish, slot): what it takes from others
        self._pressed: dict[int, dict[int, int]] = {}  # the same, for those that stand
        self.near = _near(self.entries)
        self.total = sum(wish.loss for wish in wishes)
        self._row = self._rows(wishes, fixed)
        self.open = [self._first_room(entry, fixed) for entry in self.entries]

    def _rows(self, wishes: Sequence[Wish], fixed: Sequence[Stand]) -> dict[int, list[tuple[int, int, bool]]]:
        """By wish: (at_least, neighbour, whether it comes later); a fixed neighbour is given as minus its day."""
        index = {wish.key: number for number, wish in enumerate(wishes)}
        days = {stand.key: -stand.slot.day for stand in fixed}
        rows: dict[int, list[tuple[int, int, bool]]] = {}
        for at_least, before, after in neighbours(wishes, fixed):
            left, right = (index[key] if key in index else days[key] for key in (before, after))
            if left >= 0:
                rows.setdefault(left, []).append((at_least, right, True))
            if right >= 0:
                rows.setdefault(right, []).append((at_least, left, False))
        return rows

    def _first_room(self, entry: Entry, fixed: Sequence[Stand]) -> int:
        taken = 0
        for stand in fixed:
            buffer_s = max(stand.buffer_s, entry.buffer_s)
            meets = stand.slot.start < entry.high + buffer_s and entry.low < stand.slot.end + buffer_s
            is_kin = stand.ritual == entry.ritual
            if meets or is_kin:
                taken |= blocked(entry, stand.slot, stand.buffer_s, stand.spacing if is_kin else 0)
        return entry.all & ~taken

    def blocks(self, by: int, other: int) -> int:
        """The slots of another wish that this one, where it stands, takes away."""
        masks = self._pressed[by]
        if other not in masks:
            one, two = self.entries[by], self.entries[other]
            spacing = one.spacing if one.ritual == two.ritual else 0
            masks[other] = blocked(two, one.wish.slots[self.at[by]], one.buffer_s, spacing)
        return masks[other]

    def room(self, index: int) -> int:
        """The slots that a wish could take as things stand (its own among them)."""
        taken, pressed = 0, self._pressed
        for other in self.near[index]:
            if other in pressed:
                masks = pressed[other]
                taken |= masks[index] if index in masks else self.blocks(other, index)
        left = self.open[index] & ~taken
        return left & ~self.full(index) if left else 0

    def is_full(self, day: int, leaving: Sequence[int] = ()) -> bool:
        """Whether that date, or its week, has all it may have; ``leaving`` are dates of what will be lifted."""
        week = (day - 1) // 7
        on_day, in_week = self._days[day], self._weeks[week]
        if leaving:
            on_day -= leaving.count(day)
            in_week -= sum((one - 1) // 7 == week for one in leaving)
        return on_day >= self._limits.a_day or in_week >= self._limits.a_week

    def filling(self, day: int) -> list[int]:
        """The wishes of which one must go before another may stand on that full day."""
        if self._days[day] >= self._limits.a_day:
            return list(self.on_day.get(day, ()))
        monday = day - (day - 1) % 7
        return [other for one in range(monday, monday + 7) for other in self.on_day.get(one, ())]

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

    def options(self, index: int, most: int) -> list[int]:
        """The cheapest few slots that the wish could take as things stand, best first.

        Beside neighbours that it should not be far from, these are the best of each date: a long gap costs more than
        any hour.
        """
        room = self.room(index)
        if index not in self._row:
            return list(islice(bits(room), most))
        firsts = [mask & room for mask in self.entries[index].days.values()]
        slots = [next(bits(mask)) for mask in firsts if mask]
        return sorted(slots, key=lambda slot: (self.cost(index, slot), slot))[:most]

    def put(self, index: int, slot: int) -> None:
        """Let the wish stand there; it must stand nowhere else."""
        entry = self.entries[index]
        self.total += self.cost(index, slot) - entry.wish.loss
        self.at[index] = slot
        self._pressed[index] = self._known.setdefault((index, slot), {})
        day = entry.wish.slots[slot].day
        self.on_day.setdefault(day, {})[index] = None
        self._count(day, 1)

    def lift(self, index: int) -> int:
        """Take the wish from where it stands; returns its slot."""
        entry, slot = self.entries[index], self.at.pop(index)
        del self._pressed[index]
        self.total += entry.wish.loss - self.cost(index, slot)
        day = entry.wish.slots[slot].day
        del self.on_day[day][index]
        self._count(day, -1)
        return slot

    def _count(self, day: int, change: int) -> None:
        self._days[day] += change
        self._weeks[(day - 1) // 7] += change

    def sorry(self) -> list[int]:
        """The wishes that could stand better, were they alone."""
        return [index for index in range(len(self.entries)) if self.regret(index) > 0]

    def regret(self, index: int) -> int:
        """How much dearer the wish stands than it might, were it alone."""
        entry = self.entries[index]
        if not self.open[index]:
            return 0
        now = self.cost(index, self.at[index]) if index in self.at else entry.wish.loss
        return now - entry.wish.slots[(self.open[index] & -self.open[index]).bit_length() - 1].cost

    def reset(self, at: Mapping[int, int]) -> None:
        """Stand as it was then."""
        for index in [index for index, slot in self.at.items() if at.get(index) != slot]:
            self.lift(index)
        for index, slot in at.items():
            if index not in self.at:
                self.put(index, slot)

    def rivals(self, index: int, *, better: bool = True) -> list[int]:
        """The wishes that keep this one from better slots (or any others), or that share a full day with them."""
        wanted = self.open[index]
        if better and index in self.at and index not in self._row:
            wanted &= (1 << self.at[index]) - 1
        found = [other for other in self.near[index] if other in self.at and self.blocks(other, index) & wanted]
        full = [day for day, mask in self.entries[index].days.items() if mask & wanted and self.is_full(day)]
        found += [other for day in full for other in self.filling(day)]
        row = [other for _, other, _ in self._row.get(index, ()) if other >= 0]
        return [other for other in dict.fromkeys([*row, *found]) if other != index]

    def day_at(self, index: int) -> int:
        return self.entries[index].wish.slots[self.at[index]].day


def _near(entries: Sequence[Entry]) -> list[list[int]]:
    """By wish, those that could get into its way: the same ritual, or stretches of time that meet."""
    found: list[list[int]] = [[] for _ in entries]
    ordered = sorted((index for index, entry in enumerate(entries) if entry.wish.slots), key=lambda i: entries[i].low)
    for place, index in enumerate(ordered):
        one = entries[index]
        for other in ordered[place + 1 :]:
            two = entries[other]
            if two.low >= one.high + max(one.buffer_s, two.buffer_s) and not _are_kin(one, two):
                if two.low >= one.high + _DAY_S * max(14, one.spacing):
                    break
                continue
            found[index].append(other)
            found[other].append(index)
    return found


def _are_kin(one: Entry, two: Entry) -> bool:
    return one.ritual == two.ritual and one.spacing > 0
