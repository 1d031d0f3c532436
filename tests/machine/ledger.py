"""What people did in one run, so that the claims can ask what became of it. Not here: doing it (hands)."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class Deletion:
    """``counts`` while nothing of ours has overtaken it: the event was known to stand, and was not withdrawn since."""

    partner: str
    occurrence: str
    uid: str
    at: datetime
    counts: bool = True


@dataclass(frozen=True, slots=True)
class MoveByHand:
    partner: str
    uid: str
    at: datetime


@dataclass(slots=True)
class Ledger:
    """``titles``, ``all_day`` are by UID, ``moves`` by occurrence; ``foreign``, the last two are by partner.

    ``tally`` counts each kind of step, fault and word of the service; ``lines`` are the last things that happened.
    """

    deletions: list[Deletion] = field(default_factory=list)
    titles: dict[str, str] = field(default_factory=dict)
    all_day: set[str] = field(default_factory=set)
    moves: dict[str, MoveByHand] = field(default_factory=dict)
    foreign: dict[str, Mapping[str, bytes]] = field(default_factory=dict)
    calendars_deleted: dict[str, list[datetime]] = field(default_factory=dict)
    refusable: set[str] = field(default_factory=set)
    tally: Counter[str] = field(default_factory=Counter)
    lines: deque[str] = field(default_factory=lambda: deque(maxlen=60))

    def say(self, now: datetime, line: str) -> None:
        self.lines.append(f"{now:%a %d %H:%M}  {line}")

    def overtaken(self, partner: str) -> None:
        """What was deleted there by hand and not seen yet will not be seen any more."""
        for one in self.deletions:
            if one.partner == partner:
                one.counts = False
        self.moves = {key: one for key, one in self.moves.items() if one.partner != partner}
