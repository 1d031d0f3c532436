"""Making a placing cheaper, a few wishes at a time. Not here: room for what has none (chasing).

A wish that does not stand as well as it might is lifted together with some of those that are in its way, and all of
them look for places anew, in another order. A little dearer is allowed at first, ever less of it later (threshold
accepting, Dueck and Scheuer 1990).
"""

from __future__ import annotations

from collections.abc import Iterable
from zlib import crc32

from scheduler.domain.board import Board

_TRIES = (8, 200)  # for each wish, and in all: a calendar that is full to the brim is not worth more
_DEARER = 1000  # what a try may cost at the start
_CROWD = (2, 9)  # wishes that are lifted together
_PATIENCE = 100  # tries without anything gained


def mend(board: Board) -> None:
    """Leaves the board with the cheapest placing found; the same board always ends the same."""
    best, cheapest = dict(board.at), board.total
    dice = _Dice(len(board.entries))
    whole = left = min(_TRIES[0] * len(board.entries), _TRIES[1])
    calm = 0
    while left > 0 and calm < _PATIENCE and (sorry := board.sorry()):
        _try(board, dice.one_of(sorry), dice, _DEARER * left // whole)
        left, calm = left - 1, calm + 1
        if board.total < cheapest:
            best, cheapest, calm = dict(board.at), board.total, 0
    board.reset(best)


def _try(board: Board, index: int, dice: _Dice, dearer: int) -> None:
    """Lift a wish with some of its rivals and let them find places; back to where they were if that is too dear."""
    crowd = _crowd(board, index, dice)
    total = board.total
    before = {one: board.lift(one) for one in crowd if one in board.at}
    for one in _order(board, crowd, dice):
        if options := board.options(one, 3):
            board.put(one, dice.one_of(options) if dice.below(8) == 0 else options[0])
    if board.total > total + dearer:
        for one in crowd:
            if one in board.at:
                board.lift(one)
        for one, slot in before.items():
            board.put(one, slot)


def _crowd(board: Board, index: int, dice: _Dice) -> list[int]:
    """The wish, some of its rivals, and some of theirs: a place is often two moves away."""
    count = _CROWD[0] + dice.below(_CROWD[1] - _CROWD[0])
    found = dict.fromkeys([index, *dice.some(board.rivals(index), count)])
    ring = list(found)[1:]
    while ring and len(found) <= count:
        for other in dice.some(board.rivals(ring.pop(dice.below(len(ring))), better=False), 2):
            if other not in found:
                found[other] = None
                ring.append(other)
    idle = [one for one in board.near[index] if one not in board.at and one not in found]
    return [*found, *dice.some(idle, 3)]


def _order(board: Board, crowd: list[int], dice: _Dice) -> list[int]:
    match dice.below(4):
        case 0:
            return sorted(crowd, key=lambda one: (board.room(one).bit_count(), one))
        case 1:
            return sorted(crowd, key=lambda one: (-board.entries[one].wish.loss, dice.below(1000)))
        case _:
            return dice.some(crowd, len(crowd))


class _Dice:
    """Numbers without a pattern that are the same in every run (Park and Miller 1988, minimal standard)."""

    def __init__(self, seed: int) -> None:
        self._state = crc32(str(seed).encode()) % 2147483646 + 1

    def below(self, limit: int) -> int:
        self._state = self._state * 48271 % 2147483647
        return self._state % limit

    def one_of(self, items: list[int]) -> int:
        return items[self.below(len(items))]

    def some(self, items: Iterable[int], count: int) -> list[int]:
        """Up to so many of the items, in a new order."""
        pool, found = list(items), list[int]()
        while pool and len(found) < count:
            place = self.below(len(pool))
            pool[place], pool[-1] = pool[-1], pool[place]
            found.append(pool.pop())
        return found
