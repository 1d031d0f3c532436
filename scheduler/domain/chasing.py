"""Finding room for what has none, by letting others give way in turn. Not here: small gains (mending).

A wish is put where it cannot stand, what is in its way looks for another place, pushing others in its turn, and what
nobody could take back may go to wishes that have no place. Only what makes the whole cheaper stays.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice

from scheduler.domain.board import Board
from scheduler.domain.tangle import bits

_ROUNDS = ((250, 3, 400), (2500, 5, 800))  # (least regret, how deep, steps in all)
_SLOTS, _A_DAY, _CREW = 30, 6, 3  # looked at for one wish, of them on one date; that may give way at once


def chase(board: Board) -> bool:
    """Whether anything was gained."""
    before = board.total
    for least, depth, steps in _ROUNDS:
        chain = _Chain(board, steps)
        for regret, index in sorted(((board.regret(index), index) for index in board.sorry()), reverse=True):
            if regret >= least and board.regret(index) >= least:
                chain.improve(index, depth)
    return board.total < before


class _Chain:
    def __init__(self, board: Board, steps: int) -> None:
        self._board, self._steps = board, steps
        self._held: list[int] = []  # what was put on purpose and must not give way

    def improve(self, index: int, depth: int) -> None:
        board = self._board
        before, goal = dict(board.at), board.total
        if index in board.at:
            board.lift(index)
        if not self._insert(index, goal, depth):
            board.reset(before)

    def _insert(self, index: int, goal: int, depth: int) -> bool:
        """Place the wish so that the total is below the goal; otherwise all is as before."""
        board = self._board
        if index in board.at:  # it has found a place meanwhile, as one of those that a crew left room for
            return board.total < goal
        for slot in board.options(index, 1):
            board.put(index, slot)
            if board.total < goal:
                return True
            board.lift(index)
        if depth > 0:
            for slot in self._slots(index) if self._steps > 0 else ():
                for crew in self._crews(index, slot):
                    self._steps -= 1
                    if self._push(index, slot, crew, (goal, depth)):
                        return True
                    if self._steps <= 0:
                        return False
        return False

    def _push(self, index: int, slot: int, crew: list[int], aim: tuple[int, int]) -> bool:
        board, (goal, depth) = self._board, aim
        before = dict(board.at)
        for one in crew:
            board.lift(one)
        board.put(index, slot)
        self._held.append(index)
        losses = {one: board.entries[one].wish.loss for one in crew}
        owed = sum(losses.values())
        if board.total - owed < goal:
            for one in sorted(crew, key=lambda one: -losses[one]):
                owed -= losses[one]
                self._insert(one, min(board.total, goal + owed), depth - 1)
            if board.total >= goal and depth > 1:
                self._fill(crew, goal, min(depth - 1, 2))
        self._held.pop()
        if board.total < goal:
            return True
        board.reset(before)
        return False

    def _fill(self, crew: list[int], goal: int, depth: int) -> None:
        """Let others without a place have what the crew has left."""
        board = self._board
        losses = {
            one: board.entries[one].wish.loss
            for left in crew
            for one in board.near[left]
            if one not in board.at and one not in crew and one not in self._held
        }
        for one in sorted(losses, key=lambda one: -losses[one]):
            if board.total < goal or board.total - losses[one] >= goal:
                return
            self._insert(one, board.total, depth)

    def _slots(self, index: int) -> list[int]:
        """The wish's cheapest slots, on several dates."""
        board, entry = self._board, self._board.entries[index]
        found = sorted((board.cost(index, slot), slot) for slot in islice(bits(board.open[index]), 2 * _SLOTS))
        days, kept = Counter[int](), list[int]()
        for _, slot in found:
            day = entry.wish.slots[slot].day
            days[day] += 1
            if days[day] <= _A_DAY:
                kept.append(slot)
        return kept[:_SLOTS]

    def _crews(self, index: int, slot: int) -> Iterator[list[int]]:
        """Those that must give way, with each that could besides where the day or the week is full."""
        board = self._board
        must = [one for one in board.near[index] if one in board.at and board.blocks(one, index) >> slot & 1]
        if len(must) > _CREW or any(one in self._held for one in must):
            return
        day = board.entries[index].wish.slots[slot].day
        leaving = [board.day_at(one) for one in must]
        if not board.is_full(day, leaving):
            yield must
            return
        spare = [one for one in board.at if one not in must and one not in self._held]
        for one in sorted(spare, key=lambda one: (board.entries[one].wish.loss, one)):
            if not board.is_full(day, [*leaving, board.day_at(one)]):
                yield [*must, one]
