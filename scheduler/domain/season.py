"""A dated mode of the couple: other rituals, lengths, depth and tone, until it ends. Not here: pauses (couple)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from scheduler.domain.message import MailKind
from scheduler.domain.ritual import Ritual, Size


@dataclass(frozen=True, slots=True)
class Season:
    """From first to last, both included, in the couple's first zone; it ends by itself.

    ``keeps`` are the ids of rituals that go on, None for all; rituals made for this ``kind`` come besides.
    ``size`` is the longest version used, ``depth`` the deepest cards drawn (None: as ever), ``without`` the mails
    that rest. ``tone`` is the line that its mails open with.
    """

    kind: str
    first: date
    last: date
    keeps: tuple[str, ...] | None = None
    size: Size = Size.FULL
    depth: int | None = None
    without: tuple[MailKind, ...] = ()
    tone: str = ""

    def __post_init__(self) -> None:
        if self.first > self.last:
            raise ValueError("a season ends after it begins")

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def has(self, ritual: Ritual) -> bool:
        """Whether the ritual takes place in this season."""
        if ritual.only_in:
            return self.kind in ritual.only_in
        return self.keeps is None or ritual.id in self.keeps
