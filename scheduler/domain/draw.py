"""Choosing one card for a week. Not here: what cards are (deck), reading their files (content/decks)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from scheduler.domain.couple import Couple
from scheduler.domain.deck import Card, CardFormat, Draw, Taste, Theme

# Each mail has its slot. A solo card speaks to one person alone, so no question for two is made of one.
SLOTS: Mapping[str, frozenset[CardFormat]] = {
    "question": frozenset(CardFormat) - {CardFormat.REFLECTION},
    "reflection": frozenset({CardFormat.REFLECTION}),
}

WEIGHTS: Mapping[Theme, int] = {
    Theme.INNER: 22,
    Theme.NEEDS: 14,
    Theme.IDEAS: 12,
    Theme.DAILY: 12,
    Theme.ADVENTURE: 10,
    Theme.PATTERNS: 8,
    Theme.FUTURE: 8,
    Theme.APPRECIATION: 8,
    Theme.AFFECTION: 7,
    Theme.MEANING: 7,
    Theme.REPAIR: 5,
    Theme.INTIMACY: 5,
}

LIGHTER = ", lighter"  # marks the slot of a card drawn beside one that a season finds too deep
_DEEPEST = 4
_OPEN = 3  # from this depth on a card may sting
_FAMILY_REST, _THEME_REST = 8, 2  # weeks, draws
_NEWCOMER_WEEKS = 8
_EVEN = 6  # weeks since a theme at which it counts once


@dataclass(frozen=True, slots=True)
class _Table:
    """What lies on the table when one card is chosen; ``drawn`` is the slot's own past, oldest first."""

    taste: Taste
    couple: str
    week: str
    age: int
    drawn: tuple[tuple[int, Card], ...]
    all_drawn: tuple[tuple[int, Card], ...]

    @property
    def now(self) -> int:
        return _number(self.week)


@dataclass(frozen=True, slots=True)
class Occasion:
    """What a card is drawn for: a couple's ISO week ("2026-W48") and slot ("question", "reflection").

    ``started_week`` is the week of the couple's first card.
    """

    couple: str
    week: str
    started_week: str
    slot: str


def draw(cards: Sequence[Card], taste: Taste, history: Sequence[Draw], occasion: Occasion) -> Card | None:
    """The card for one occasion; None when none is left.

    The same input gives the same card, and a week and slot already in ``history`` give the card drawn then.
    Raises: ValueError, a week label or a slot that does not exist.
    """
    slot, week = occasion.slot, occasion.week
    if slot not in SLOTS:
        raise ValueError(f'no slot "{slot}"; there are {", ".join(sorted(SLOTS))}')
    known = {card.id: card for card in cards}
    again = next((one.card for one in history if (one.week, one.slot) == (week, slot)), None)
    if again in known:
        return known[again]
    table = _Table(
        taste=taste,
        couple=occasion.couple,
        week=week,
        age=max(_number(week) - _number(occasion.started_week), 0),
        drawn=_past(known, [one for one in history if one.slot.removesuffix(LIGHTER) == slot], week),
        all_drawn=_past(known, history, week),
    )
    seen = {one.card for one in history}
    pool = [card for card in cards if card.id not in seen and _fits(card, slot) and _is_allowed(card, table)]
    chosen = _relaxed(pool, table)
    return max(chosen, key=lambda card: _score(card, table), default=None)


def draw_for(couple: Couple, cards: Sequence[Card], history: Sequence[Draw], occasion: Occasion) -> Draw | None:
    """What is still to be drawn for an occasion: its card, or a lighter one where a season that came later finds
    the card too deep; None where nothing is."""
    week, slot = occasion.week, occasion.slot
    taste = replace(couple.taste, max_depth=min(couple.taste.max_depth, depth_in(couple, week)))
    mine = [one for one in history if (one.week, one.slot) == (week, slot)]
    known = {card.id: card for card in cards}
    if mine and (mine[0].card not in known or card_of(couple, known, history, week=week, slot=slot)):
        return None
    card = draw(cards, taste, [one for one in history if one not in mine], occasion)
    return Draw(card.id, week, slot + LIGHTER * bool(mine)) if card else None


def card_of(couple: Couple, cards: Mapping[str, Card], history: Iterable[Draw], *, week: str, slot: str) -> Card | None:
    """The card to show in a week: the one drawn for it, or the lighter one where a season asks for that."""
    drawn = {one.slot: cards.get(one.card) for one in history if one.week == week}
    deepest = depth_in(couple, week)
    found = (drawn.get(slot), drawn.get(slot + LIGHTER))
    return next((card for card in found if card and card.depth <= deepest), None)


def depth_in(couple: Couple, week: str) -> int:
    """The deepest depth (1-4) of a week; a season that touches it counts for all of it."""
    monday = date.fromisoformat(f"{week}-1")
    seasons = [couple.season_on(monday + timedelta(days=number)) for number in range(7)]
    return min([_DEEPEST, *(one.depth for one in seasons if one and one.depth)])


def deepest(age: int, taste: Taste) -> int:
    """The deepest depth (1-4) of a couple that began ``age`` weeks ago: the first card of all is a light one.

    >>> [deepest(age, Taste(max_depth=4)) for age in (0, 1, 3, 4, 7, 8)]
    [1, 2, 2, 3, 3, 4]
    """
    pace = 1 if age == 0 else 2 if age < 4 else 3 if age < 8 else 4
    return min(pace, taste.max_depth)


def _fits(card: Card, slot: str) -> bool:
    return card.format in SLOTS[slot] and (slot == "reflection" or card.mode != "solo")


def _is_allowed(card: Card, table: _Table) -> bool:
    """The rules that are never relaxed."""
    taste, last = table.taste, table.drawn[-1][1] if table.drawn else None
    return (
        card.deck in taste.decks
        and not card.requires  # no double-blind switch exists yet, so nobody has turned one on
        and card.trigger == "scheduled"
        and card.email == "full"  # the mail is the only way to show a card so far
        and (not card.stage or not taste.decks.isdisjoint(card.stage))
        and _weight(card, taste) > 0
        and card.depth <= deepest(table.age, taste)
        and not (table.age < _NEWCOMER_WEEKS and "first_8_weeks" in card.avoid)
        and not (card.depth >= _OPEN and last is not None and last.depth >= _OPEN)
    )


def _relaxed(pool: list[Card], table: _Table) -> list[Card]:
    """The cards that keep every wish for variety; where there are none, give up format, then theme, then family.

    Freshness comes last of all and excludes nothing: it is part of the score.
    """
    formats = {card.format for _, card in table.drawn[-1:]}
    themes = {card.theme for _, card in table.drawn[-_THEME_REST:]}
    families = {card.family for week, card in table.all_drawn if table.now - week < _FAMILY_REST}
    wishes: list[Callable[[Card], bool]] = [
        lambda card: card.family not in families,
        lambda card: card.theme not in themes,
        lambda card: card.format not in formats,
    ]
    while not (kept := [card for card in pool if all(wish(card) for wish in wishes)]) and wishes:
        wishes.pop()
    return kept


def _score(card: Card, table: _Table) -> float:
    # Freshness has no ceiling: with one (1.5), the best score would always be a heavy theme's and the light
    # themes would wait until those run dry. Without it, each theme comes up in proportion to its weight.
    last = max((week for week, one in table.drawn if one.theme is card.theme), default=table.now - table.age - _EVEN)
    freshness = max(table.now - last, 1) / _EVEN
    return _weight(card, table.taste) * freshness * _jitter(table.couple, table.week, card.id)


def _weight(card: Card, taste: Taste) -> float:
    return 0.0 if card.theme in taste.off else WEIGHTS[card.theme] * taste.weights.get(card.theme, 1.0)


def _jitter(*parts: str) -> float:
    """0.9 to 1.1, derived, so that a second run chooses alike."""
    digest = hashlib.sha256("|".join(parts).encode()).digest()
    return 0.9 + 0.2 * int.from_bytes(digest[:8], "big") / 2**64


def _past(known: Mapping[str, Card], history: Iterable[Draw], week: str) -> tuple[tuple[int, Card], ...]:
    """What was drawn before ``week``, oldest first; a card that has left the deck since is passed over."""
    return tuple(sorted(_dated(known, history, _number(week)), key=lambda one: (one[0], one[1].id)))


def _dated(known: Mapping[str, Card], history: Iterable[Draw], now: int) -> Iterator[tuple[int, Card]]:
    for one in history:
        if one.card in known and (number := _number(one.week)) <= now:
            yield number, known[one.card]


def _number(week: str) -> int:
    """Weeks counted without a break over the turn of the year."""
    return date.fromisoformat(f"{week}-1").toordinal() // 7
