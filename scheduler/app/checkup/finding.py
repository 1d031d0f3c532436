"""One thing that was looked at. Not here: looking."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Level(Enum):
    OK = "ok"
    WARN = "warn"  # it works, but somebody should know
    BAD = "bad"  # it cannot work like this


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found about one subject, in a line, and what to do; ``do`` is empty where nothing is to be done."""

    subject: str
    level: Level
    what: str
    do: str = ""
