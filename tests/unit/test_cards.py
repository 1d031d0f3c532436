"""The shipped cards keep the bar for writing: lengths, words, kind questions, no two alike, every idea served.

Source: lengths, banned words and the 0.30 bound are the project's content notes, section 4.6.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from itertools import combinations

import pytest

from scheduler.content.assets import Assets
from scheduler.content.decks import CONCEPTS, load_decks
from scheduler.domain.deck import Card, CardFormat, Theme

TEXTS = ("prompt", "deeper", "how", "listener", "short", "pass_")
LONGEST = {"prompt": 240, "deeper": 160, "how": 230, "listener": 160, "short": 95, "pass_": 95}
BANNED = re.compile(
    r"\b(therap\w+|trauma\w*|toxic|narciss\w+|codependen\w+|trigger\w*|heal(s|ed|ing)?|fix(es|ed|ing)?|sav(e|es|ed|ing)"
    r"|prov(e|es|ed|en|ing)|faults?|homework|streaks?|scores?|missed|failed|overdue)\b",
    re.I,
)
# Words that sound like a brochure or a machine.
HOLLOW = re.compile(
    r"\b(journey|hold(ing)? space|safe space|unpack|deep(er)? dive|intentional\w*|mindful\w*|vulnerab\w+|authentic\w*"
    r"|nurtur\w+|cherish\w*|tapestry|meaningful|soulmates?|love language)\b|[!—–…]",
    re.I,
)
# No gender, marriage or home is assumed; children only in the deck that says so.
ASSUMED = re.compile(
    r"\b(he|she|him|her|his|hers|husband|wife|boyfriend|girlfriend|spouse|marriage|married|wedding)\b"
    r"|\bour (house|flat|bed)\b",
    re.I,
)
ACCUSING = re.compile(
    r"\bwhy (did|do|don't|didn't|are|were) you\b|\bshould\b|\b(you|your partner) (always|never)\b", re.I
)
YES_OR_NO = re.compile(
    r"^(do|does|did|is|are|was|were|have|has|can|could|would|will|shall) (you|your|there|it|the)\b", re.I
)

# Here "no" is a full answer, and the card says so.
MAY_BE_ANSWERED_NO = {"question_pair-inner-002", "question_pair-meaning-002", "repair-repair-003"}

# Near each other in words and not in what they ask: the reason.
ALIKE_BUT_APART: dict[frozenset[str], str] = {}

_PLAIN = frozenset(
    re.findall(
        r"\w+",
        "a an and are as at be been by can do does for from had has have how i if in is it its like me more most my no"
        " not of on one or other partner so some something that the them then there they this to two up was were what"
        " when where which who with would you your finish line lines three",
    )
)


@cache
def cards() -> tuple[Card, ...]:
    return load_decks((), Assets())


def texts(card: Card) -> list[tuple[str, str]]:
    return [(name, text) for name in TEXTS if (text := getattr(card, name))]


def named(pattern: re.Pattern[str]) -> list[str]:
    """Where a pattern stands in any shipped text, with what stands there."""
    return [
        f"{card.id}.{name}: {found[0]}"
        for card in cards()
        for name, text in texts(card)
        if (found := pattern.search(text))
    ]


def tokens(card: Card) -> set[str]:
    return set(re.findall(r"[a-z]+", f"{card.prompt} {card.deeper}".lower())) - _PLAIN


def likeness(one: Card, other: Card) -> float:
    """Token Jaccard of two cards, 0 to 1."""
    return len(tokens(one) & tokens(other)) / len(tokens(one) | tokens(other))


def test_there_are_enough_cards_for_a_year_of_questions_and_reflections() -> None:
    core = [card for card in cards() if card.deck == "core" and card.email == "full" and card.trigger == "scheduled"]
    reflections = [card for card in core if card.format is CardFormat.REFLECTION]
    questions = [card for card in core if card not in reflections and card.mode != "solo"]
    assert len(cards()) >= 100
    assert sum(card.depth <= 3 for card in questions) >= 75
    assert sum(card.depth <= 2 for card in questions) >= 52
    assert sum(card.depth <= 2 for card in reflections) >= 14


def test_most_cards_are_light_or_warm() -> None:
    depths = Counter(card.depth for card in cards() if card.deck == "core")
    share = {depth: count / depths.total() for depth, count in depths.items()}
    assert 0.35 <= share[1] <= 0.50
    assert 0.35 <= share[2] <= 0.50
    assert 0.10 <= share[3] <= 0.20
    assert depths[4] == 3


def test_every_idea_of_the_source_is_served_by_three_cards_that_can_be_drawn() -> None:
    counts = Counter(concept for card in cards() for concept in set(card.concepts) if card.email == "full")
    assert len(CONCEPTS) == 21
    assert {concept: counts[concept] for concept in CONCEPTS if counts[concept] < 3} == {}


def test_every_core_theme_has_light_and_warm_cards() -> None:
    for theme in set(Theme) - {Theme.INTIMACY}:
        depths = [card.depth for card in cards() if card.deck == "core" and card.theme is theme]
        assert sum(depth <= 2 for depth in depths) >= 4, theme


@pytest.mark.parametrize("name", LONGEST)
def test_texts_are_short(name: str) -> None:
    too_long = {card.id: len(getattr(card, name)) for card in cards() if len(getattr(card, name)) > LONGEST[name]}
    assert too_long == {}


def test_sentences_are_short() -> None:
    def sentences(card: Card) -> list[str]:
        parts = [
            text for name, text in texts(card) if not (card.format is CardFormat.SENTENCE_STEM and name == "prompt")
        ]
        return [sentence for text in parts for sentence in re.split(r"(?<=[.?:;])['’]?\s", text)]

    assert [(card.id, one) for card in cards() for one in sentences(card) if len(one.split()) > 24] == []


@pytest.mark.parametrize("pattern", [BANNED, HOLLOW, ASSUMED, ACCUSING])
def test_no_text_heals_sells_assumes_or_accuses(pattern: re.Pattern[str]) -> None:
    assert named(pattern) == []


def test_children_are_met_in_their_own_deck_only() -> None:
    pattern = re.compile(r"\b(child|children|kids?|baby|babies)\b", re.I)
    others = {card.id for card in cards() if card.deck != "parents"}
    assert [found for found in named(pattern) if found.partition(".")[0] in others] == []


def test_a_question_can_be_answered_otherwise_than_by_yes_or_no() -> None:
    closed = {
        card.id
        for card in cards()
        for text in (card.prompt, card.deeper)
        for sentence in re.split(r"(?<=[.?!])\s", text)
        if sentence.endswith("?") and YES_OR_NO.match(sentence)
    }
    assert closed == MAY_BE_ANSWERED_NO


def test_no_two_cards_ask_the_same() -> None:
    near = {
        frozenset((one.id, other.id)): round(likeness(one, other), 2)
        for one, other in combinations(cards(), 2)
        if likeness(one, other) >= 0.30
    }
    assert {pair: value for pair, value in near.items() if pair not in ALIKE_BUT_APART} == {}
    assert set(ALIKE_BUT_APART) <= set(near), "a pair that is no longer alike needs no reason"


def test_an_id_says_format_theme_and_number() -> None:
    for card in cards():
        assert re.fullmatch(rf"{card.format.value}-{card.theme.value}-\d{{3}}", card.id), card.id


def test_from_depth_three_there_is_a_smaller_way_and_a_reason_to_wait() -> None:
    for card in cards():
        if card.depth >= 3:
            assert card.pass_, card.id
            assert card.avoid, card.id


def test_what_is_spoken_has_a_line_for_the_one_who_listens() -> None:
    talks = ("talk", "write_then_share")
    assert [card.id for card in cards() if card.mode in talks and not card.listener] == []


def test_what_is_written_is_shared_by_both_or_by_nobody() -> None:
    for card in cards():
        if card.mode in {"write_then_share", "solo"}:
            assert card.share in {"both_choose", "private"}, card.id
