"""Choosing a slot for each of several wishes: greedy, repair, a few restarts. Not here: what must stay (planning).

Deterministic: the restarts shuffle by a hash of the seed, so the same question has the same answer.
Source: the method and its distance from the optimum were measured before it was chosen (INTENT.md).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from zlib import crc32

from scheduler.domain.slots import Slot, Wish

RESTARTS = 8
_TRIES = 24  # slots looked at when another wish would have to give way
_DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Stand:
    """Something that stands on the couple's calendar; ``wish`` is None where it must not be moved."""

    ritual: str
    slot: Slot
    buffer_s: int
    spacing: int
    wish: Wish | None = None


def stand_of(wish: Wish, slot: Slot) -> Stand:
    return Stand(wish.ritual.id, slot, int(wish.ritual.buffer.total_seconds()), wish.ritual.spacing, wish)


class Board:
    """What stands where, with quick answers to "what is in the way?"."""

    def __init__(self, fixed: Iterable[Stand], a_day: int) -> None:
        self.stands: dict[int, list[Stand]] = defaultdict(list)
        self.by_ritual: dict[str, list[Stand]] = defaultdict(list)
        self.load: dict[int, int] = defaultdict(int)
        self.a_day = a_day
        for stand in fixed:
            self.add(stand)

    def add(self, stand: Stand) -> None:
        self.stands[stand.slot.start // _DAY_S].append(stand)
        self.by_ritual[stand.ritual].append(stand)
        self.load[stand.slot.day] += 1

    def remove(self, stand: Stand) -> None:
        self.stands[stand.slot.start // _DAY_S].remove(stand)
        self.by_ritual[stand.ritual].remove(stand)
        self.load[stand.slot.day] -= 1

    def is_free(self, stand: Stand) -> bool:
        return self.load[stand.slot.day] < self.a_day and not self.blockers(stand)

    def blockers(self, stand: Stand) -> list[Stand]:
        """What overlaps the stand (with the larger buffer of the two) or is nearer than its spacing."""
        slot, around = stand.slot, stand.slot.start // _DAY_S
        found = [
            other
            for day in (around - 1, around, around + 1)
            for other in self.stands.get(day, ())
            if _overlap(slot, other.slot, max(stand.buffer_s, other.buffer_s))
        ]
        if stand.spacing > 0:
            found += [
                other
                for other in self.by_ritual.get(stand.ritual, ())
                if abs(other.slot.day - slot.day) < stand.spacing and other not in found
            ]
        return found


def _overlap(left: Slot, right: Slot, buffer_s: int) -> bool:
    return left.start < right.end + buffer_s and right.start < left.end + buffer_s


def place(wishes: Sequence[Wish], fixed: Sequence[Stand], *, a_day: int, seed: str) -> dict[str, Slot]:
    """A slot for as many wishes as possible, at the least total cost, by key; those without one are absent."""
    best: dict[str, Slot] = {}
    best_score = (len(wishes) + 1, 0)
    least = (sum(not wish.slots for wish in wishes), sum(wish.slots[0].cost for wish in wishes if wish.slots))
    for attempt in range(RESTARTS):
        found = _attempt(_ordered(wishes, seed, attempt), Board(fixed, a_day))
        score = (len(wishes) - len(found), sum(stand.slot.cost for stand in found.values()))
        if score < best_score:
            best, best_score = {key: stand.slot for key, stand in found.items()}, score
        if best_score <= least:
            break
    return best


def _ordered(wishes: Sequence[Wish], seed: str, attempt: int) -> list[Wish]:
    if attempt == 0:
        return sorted(wishes, key=lambda wish: (len(wish.slots), wish.key))
    noise = {wish.key: crc32(f"{seed}|{attempt}|{wish.key}".encode()) % 1000 for wish in wishes}
    return sorted(wishes, key=lambda wish: (len(wish.slots) * (500 + noise[wish.key]), wish.key))


def _attempt(wishes: Sequence[Wish], board: Board) -> dict[str, Stand]:
    found: dict[str, Stand] = {}
    for wish in wishes:
        stand = _first_free(wish, board)
        if stand is not None:
            _put(stand, board, found)
        else:
            _eject_for(wish, board, found)
    _improve(board, found)
    for wish in wishes:  # a repair may have made room: nothing that fits is left out
        if wish.key not in found and (stand := _first_free(wish, board)) is not None:
            _put(stand, board, found)
    return found


def _put(stand: Stand, board: Board, found: dict[str, Stand]) -> None:
    board.add(stand)
    if stand.wish is not None:
        found[stand.wish.key] = stand


def _first_free(wish: Wish, board: Board) -> Stand | None:
    return next((stand for slot in wish.slots if board.is_free(stand := stand_of(wish, slot))), None)


def _eject_for(wish: Wish, board: Board, found: dict[str, Stand]) -> None:
    """Let one other wish give way, where it has another place to go."""
    for slot in wish.slots[:_TRIES]:
        stand = stand_of(wish, slot)
        blockers = board.blockers(stand)
        if len(blockers) != 1 or (other := blockers[0]).wish is None:
            continue
        board.remove(other)
        if board.load[slot.day] < board.a_day:
            board.add(stand)
            if (elsewhere := _first_free(other.wish, board)) is not None:
                found[wish.key] = stand
                _put(elsewhere, board, found)
                return
            board.remove(stand)
        board.add(other)


def _improve(board: Board, found: dict[str, Stand]) -> None:
    for _ in range(3):
        changed = False
        for key, stand in list(found.items()):
            if stand.wish is None or stand.slot == stand.wish.slots[0]:
                continue
            board.remove(stand)
            better = _first_free(stand.wish, board)
            assert better is not None, "its own slot is still free"
            board.add(better)
            found[key] = better
            changed |= better.slot != stand.slot
        if not changed:
            return
