"""What a card is, and what a couple likes. Not here: choosing one (draw), reading card files (content/decks)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum


class Theme(Enum):
    INNER = "inner"
    IDEAS = "ideas"
    ADVENTURE = "adventure"
    AFFECTION = "affection"
    INTIMACY = "intimacy"
    MEANING = "meaning"
    APPRECIATION = "appreciation"
    NEEDS = "needs"
    REPAIR = "repair"
    PATTERNS = "patterns"
    DAILY = "daily"
    FUTURE = "future"


class CardFormat(Enum):
    QUESTION_PAIR = "question_pair"
    SENTENCE_STEM = "sentence_stem"
    APPRECIATION = "appreciation"
    REPAIR = "repair"
    NEEDS = "needs"
    FUTURE = "future"
    PLAY = "play"
    MICRO_PRACTICE = "micro_practice"
    LISTENING = "listening"
    REFLECTION = "reflection"


@dataclass(frozen=True, slots=True)
class Card:
    """One prompt. ``depth`` 1 light to 4 brave; ``minutes`` for both together.

    ``avoid`` names states in which the card is held back, ``requires`` switches both must have turned on.
    """

    id: str
    deck: str
    theme: Theme
    format: CardFormat
    depth: int
    minutes: int
    mode: str
    prompt: str
    how: str
    short: str
    share: str
    family: str
    concepts: tuple[str, ...]
    deeper: str = ""
    listener: str = ""
    pass_: str = ""
    trigger: str = "scheduled"
    email: str = "full"
    avoid: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    stage: tuple[str, ...] = ()
    care: bool = False
    rev: int = 1


@dataclass(frozen=True, slots=True)
class Taste:
    """The couple's wishes for cards: theme weights (1.0 = as built in), themes off, the deepest depth (1-4)."""

    weights: dict[Theme, float] = field(default_factory=dict)
    off: frozenset[Theme] = frozenset()
    max_depth: int = 3
    decks: frozenset[str] = frozenset({"core"})


@dataclass(frozen=True, slots=True)
class Draw:
    """One card that the couple was given: ``week`` is the ISO label, ``slot`` what it was for ("question", ...)."""

    card: str
    week: str
    slot: str
