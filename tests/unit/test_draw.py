"""Which card a week gets: what is never given up, what is wished for, and that a second run chooses alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.content.assets import Assets
from scheduler.content.decks import load_decks
from scheduler.domain.deck import Card, CardFormat, Draw, Taste, Theme
from scheduler.domain.draw import Occasion, draw
from scheduler.domain.occurrence import week_label

START = date(2026, 11, 23)
COUPLES = st.sampled_from(["home", "north", "a-b", "0"])
THEMES = [theme for theme in Theme if theme is not Theme.INTIMACY]


@cache
def shipped() -> tuple[Card, ...]:
    return load_decks((), Assets())


def make_card(id: str = "a", **changes: Any) -> Card:
    defaults: dict[str, Any] = {
        "deck": "core",
        "theme": Theme.DAILY,
        "format": CardFormat.QUESTION_PAIR,
        "depth": 1,
        "minutes": 10,
        "mode": "talk",
        "prompt": "Which tree?",
        "how": "Take turns.",
        "short": "Name it.",
        "share": "spoken",
        "family": id,
        "concepts": (),
    }
    return Card(id=id, **{**defaults, **changes})


def week(number: int) -> str:
    """The label of the couple's week, counted from 0."""
    return week_label(START + timedelta(weeks=number))


def drawn(
    cards: Sequence[Card], number: int = 20, history: Sequence[Draw] = (), *, taste: Taste | None = None, **changes: str
) -> str | None:
    place = {"couple": "home", "week": week(number), "started_week": week(0), "slot": "question", **changes}
    card = draw(cards, taste or Taste(), history, Occasion(**place))
    return card.id if card else None


def run(taste: Taste, weeks: int = 75, couple: str = "home", cards: Sequence[Card] = ()) -> list[Card | None]:
    """What one couple is given, week after week."""
    history: list[Draw] = []
    given: list[Card | None] = []
    for number in range(weeks):
        place = {"couple": couple, "week": week(number), "started_week": week(0), "slot": "question"}
        card = draw(cards or shipped(), taste, history, Occasion(**place))
        given.append(card)
        if card:
            history.append(Draw(card.id, week(number), "question"))
    return given


def dealt(taste: Taste, weeks: int = 75, couple: str = "home") -> list[Card]:
    return [card for card in run(taste, weeks, couple) if card]


@given(COUPLES)
@settings(max_examples=4)
def test_seventy_five_weeks_bring_seventy_five_different_cards(couple: str) -> None:
    cards = dealt(Taste(), 75, couple)
    assert len({card.id for card in cards}) == len(cards) == 75


@given(COUPLES, st.sampled_from([1, 2]))
@settings(max_examples=6)
def test_a_couple_that_stays_shallow_has_cards_for_a_long_while(couple: str, max_depth: int) -> None:
    cards = dealt(Taste(max_depth=max_depth), 75, couple)
    assert all(card.depth <= max_depth for card in cards)
    assert len(cards) >= {1: 40, 2: 52}[max_depth]


@given(COUPLES, st.integers(1, 4))
@settings(max_examples=8)
def test_depth_rises_with_the_weeks_and_stays_below_the_couples_own_limit(couple: str, max_depth: int) -> None:
    cards = run(Taste(max_depth=max_depth), 40, couple)
    paces = [1] + [2] * 3 + [3] * 4 + [4] * 32
    assert all(card.depth <= min(pace, max_depth) for card, pace in zip(cards, paces, strict=True) if card)
    assert not any("first_8_weeks" in card.avoid for card in cards[:8] if card)


@given(COUPLES)
@settings(max_examples=4)
def test_no_two_open_cards_follow_each_other(couple: str) -> None:
    cards = dealt(Taste(), 110, couple)
    assert any(card.depth == 3 for card in cards)
    assert not any(one.depth >= 3 and other.depth >= 3 for one, other in pairwise(cards))


@given(COUPLES, st.sets(st.sampled_from(THEMES), min_size=1, max_size=8), st.booleans())
@settings(max_examples=10)
def test_a_theme_that_is_off_or_weighs_nothing_is_never_drawn(couple: str, themes: set[Theme], by_weight: bool) -> None:
    taste = Taste(weights=dict.fromkeys(themes, 0.0)) if by_weight else Taste(off=frozenset(themes))
    assert not {card.theme for card in dealt(taste, 75, couple)} & themes


@pytest.mark.parametrize("theme", THEMES)
def test_a_theme_with_three_times_the_weight_is_drawn_clearly_more_often(theme: Theme) -> None:
    def times(weight: float) -> int:
        return sum(card.theme is theme for card in dealt(Taste(weights={theme: weight}), 40))

    assert times(0.3) < times(1.0) < times(3.0)
    assert times(3.0) >= 1.5 * times(1.0)


def test_every_theme_of_the_core_deck_comes_up_within_a_year() -> None:
    counts = Counter(card.theme for card in dealt(Taste(), 52))
    assert set(counts) == set(THEMES)
    assert counts[Theme.INNER] == max(counts.values())


@given(COUPLES, st.integers(0, 30), st.randoms(use_true_random=False))
@settings(max_examples=10)
def test_the_same_input_gives_the_same_card_in_any_order_of_cards_and_history(
    couple: str, number: int, random: Any
) -> None:
    past = [card for card in run(Taste(), number, couple) if card]
    history = [Draw(card.id, week(at), "question") for at, card in enumerate(past)]
    cards = list(shipped())
    first = drawn(cards, number, history, couple=couple)
    random.shuffle(cards)
    random.shuffle(history)
    assert drawn(cards, number, history, couple=couple) == first


def test_two_couples_are_dealt_different_years() -> None:
    assert [card.id for card in dealt(Taste(), 20)] != [card.id for card in dealt(Taste(), 20, "north")]


def test_a_week_that_was_drawn_keeps_its_card() -> None:
    cards = [make_card("a"), make_card("b")]
    for kept in "ab":
        assert drawn(cards, 20, [Draw(kept, week(20), "question")]) == kept


def test_a_week_whose_card_has_left_the_deck_draws_another() -> None:
    assert drawn([make_card("a")], 20, [Draw("gone", week(20), "question")]) == "a"


def test_when_nothing_is_left_there_is_no_card() -> None:
    assert drawn([make_card("a")], 20, [Draw("a", week(0), "question")]) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"deck": "parents"},
        {"stage": ("long",)},
        {"requires": ("faith",)},
        {"trigger": "on_request"},
        {"email": "link"},
        {"mode": "solo"},
        {"format": CardFormat.REFLECTION},
        {"depth": 4},
    ],
)
def test_a_card_that_is_not_for_this_couple_or_this_mail_stays_in_the_box(changes: dict[str, Any]) -> None:
    assert drawn([make_card("a", **changes)]) is None
    assert drawn([make_card("a", **changes), make_card("b", theme=Theme.REPAIR)]) == "b"


def test_a_card_kept_from_newcomers_appears_after_eight_weeks() -> None:
    card = make_card("a", avoid=("first_8_weeks",))
    assert drawn([card], 7) is None
    assert drawn([card], 8) == "a"


def test_a_deck_that_is_turned_on_is_drawn_with_its_stage() -> None:
    card = make_card("a", deck="long", stage=("long",))
    assert drawn([card], taste=Taste(decks=frozenset({"core", "long"}))) == "a"


def test_a_card_seen_in_one_slot_is_seen_in_all() -> None:
    assert drawn([make_card("a")], 20, [Draw("a", week(3), "reflection")]) is None


def test_the_reflection_has_its_own_cards() -> None:
    cards = [make_card("a"), make_card("b", format=CardFormat.REFLECTION, mode="solo")]
    assert drawn(cards, slot="reflection") == "b"


def test_fourteen_monthly_reflections_do_not_repeat() -> None:
    history: list[Draw] = []
    for month in range(14):
        name = drawn(shipped(), month * 4, history, slot="reflection")
        assert name is not None
        history.append(Draw(name, week(month * 4), "reflection"))
    assert len({one.card for one in history}) == 14


def test_an_open_card_waits_while_the_last_one_was_open_even_if_it_is_the_only_one() -> None:
    cards = [make_card("a", depth=3), make_card("b", depth=3)]
    assert drawn(cards, 20, [Draw("a", week(19), "question")]) is None
    assert (
        drawn([*cards, make_card("c")], 21, [Draw("a", week(19), "question"), Draw("c", week(20), "question")]) == "b"
    )


WISHES: dict[str, dict[str, Any]] = {
    "format": {"format": CardFormat.PLAY},
    "theme": {"theme": Theme.INNER},
    "family": {"family": "rivers"},
}


@pytest.mark.parametrize("wish", WISHES)
def test_variety_is_kept_where_it_can_be(wish: str) -> None:
    likeness = WISHES[wish]
    past = make_card("a", **likeness)
    like = make_card("b", **{"theme": Theme.NEEDS, "format": CardFormat.FUTURE} | likeness)
    other = make_card("c", theme=Theme.REPAIR, format=CardFormat.LISTENING)
    history = [Draw("a", week(19), "question")]
    assert drawn([past, like, other], 20, history, taste=Taste(weights={Theme.REPAIR: 0.01})) == "c"
    assert drawn([past, like], 20, history) == "b"


@pytest.mark.parametrize(("given_up", "kept"), [("format", "theme"), ("format", "family"), ("theme", "family")])
def test_format_is_given_up_before_theme_and_theme_before_family(given_up: str, kept: str) -> None:
    past = make_card("a", **WISHES["format"] | WISHES["theme"] | WISHES["family"])
    apart: dict[str, Any] = {"theme": Theme.REPAIR, "format": CardFormat.FUTURE}
    small_loss = make_card("b", **apart | WISHES[given_up])
    large_loss = make_card("c", **apart | WISHES[kept])
    history = [Draw("a", week(19), "question")]
    for weights in ({Theme.REPAIR: 9.0}, {Theme.INNER: 9.0}):
        assert drawn([past, small_loss, large_loss], 20, history, taste=Taste(weights=weights)) == "b"


@pytest.mark.parametrize(("weeks_ago", "expected"), [(7, "c"), (8, "b")])
def test_a_family_rests_for_eight_weeks_across_all_mails(weeks_ago: int, expected: str) -> None:
    reflection = make_card("a", format=CardFormat.REFLECTION, family="rivers")
    cards = [reflection, make_card("b", family="rivers"), make_card("c", theme=Theme.REPAIR)]
    assert drawn(cards, 20, [Draw("a", week(20 - weeks_ago), "reflection")]) == expected


def test_a_theme_rests_for_two_questions() -> None:
    past = [make_card("a"), make_card("b", theme=Theme.INNER), make_card("c", theme=Theme.IDEAS)]
    cards = [*past, make_card("d"), make_card("e", theme=Theme.REPAIR)]
    history = [Draw(card.id, week(17 + at), "question") for at, card in enumerate(past)]
    favour = Taste(weights={Theme.DAILY: 9.0})
    assert drawn([card for card in cards if card.id != "c"], 19, history[:2], taste=favour) == "e"
    assert drawn(cards, 20, history, taste=favour) == "d"


def test_a_theme_that_rested_longer_comes_first() -> None:
    past = [make_card("a", theme=Theme.AFFECTION), make_card("b", theme=Theme.MEANING), make_card("x"), make_card("y")]
    cards = [*past, make_card("c", theme=Theme.AFFECTION), make_card("d", theme=Theme.MEANING)]
    weeks = {"a": 2, "b": 12, "x": 18, "y": 19}
    history = [Draw(name, week(at), "question") for name, at in weeks.items()]
    assert drawn(cards, 20, history) == "c"


def test_weeks_are_counted_over_the_turn_of_a_long_year() -> None:
    family = [make_card("a", family="rivers", theme=Theme.INNER), make_card("b", family="rivers")]
    cards = [*family, make_card("c", theme=Theme.REPAIR)]
    place: dict[str, Any] = {"week": "2027-W02", "started_week": "2026-W01"}
    assert drawn(cards, history=[Draw("a", "2026-W48", "question")], **place) == "c"  # 2026 has 53 weeks: 7 between
    assert drawn(cards, history=[Draw("a", "2026-W47", "question")], **place) == "b"


@pytest.mark.parametrize("changes", [{"slot": "answer"}, {"week": "2026-48"}, {"week": "2025-W53"}])
def test_a_slot_or_week_that_does_not_exist_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"no slot|Invalid"):
        drawn([make_card("a")], **changes)
