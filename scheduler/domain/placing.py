"""Choosing a slot for each of several wishes, at the least total cost. Not here: what must stay (planning).

First each wish takes the best slot that is left, the most constrained first. Then room is sought for what has none,
which may push others on, and the placing is mended.
Source: the distance from the optimum is measured in tests/quality.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from scheduler.domain.board import Board, Limits, Stand, clash, neighbours, stand_of, strain
from scheduler.domain.chasing import chase
from scheduler.domain.mending import mend
from scheduler.domain.slots import Slot, Wish

__all__ = ["Limits", "Stand", "clash", "place", "stand_of", "strain", "total"]


def total(wishes: Sequence[Wish], fixed: Sequence[Stand], found: Mapping[str, Slot]) -> int:
    """What a placing costs: its slots, the wishes left out, and gaps that are longer than wished."""
    cost = sum(found[wish.key].cost if wish.key in found else wish.loss for wish in wishes)
    days = {stand.key: stand.slot.day for stand in fixed} | {key: slot.day for key, slot in found.items()}
    for at_least, before, after in neighbours(wishes, fixed):
        if before in days and after in days:
            cost += strain(at_least, days[before], days[after])
    return cost


def place(wishes: Sequence[Wish], fixed: Sequence[Stand], limits: Limits) -> dict[str, Slot]:
    """A slot for as many wishes as possible, at the least total cost, by key; those without one are absent."""
    board = Board(wishes, fixed, limits)
    for index in sorted(range(len(wishes)), key=lambda index: (len(wishes[index].slots), -wishes[index].loss, index)):
        if options := board.options(index, 1):
            board.put(index, options[0])
    chase(board)
    mend(board)
    if chase(board):
        mend(board)
    return {wishes[index].key: wishes[index].slots[slot] for index, slot in board.at.items()}
