"""The identity and the patience of effects."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.outbox import OPEN, EffectKind, OutboxEntry, State, derived_id, wait_after
from tests.build import at

WORDS = st.lists(st.text(st.characters(exclude_characters="\x1f", exclude_categories=["Cs"])), min_size=1, max_size=4)


@given(st.binary(min_size=1), WORDS)
def test_a_derived_id_is_the_same_every_time_and_legal_everywhere(salt: bytes, key: list[str]) -> None:
    found = derived_id(salt, *key)
    assert found == derived_id(salt, *key)
    assert re.fullmatch(r"[0-9a-v]{32}", found)


@given(WORDS, WORDS)
def test_different_things_never_share_an_id(left: list[str], right: list[str]) -> None:
    assert (derived_id(b"salt", *left) == derived_id(b"salt", *right)) is (left == right)


def test_two_couples_never_share_an_id() -> None:
    assert derived_id(b"one", "coffee", "2026-W48") != derived_id(b"two", "coffee", "2026-W48")


def test_the_border_between_two_words_counts() -> None:
    assert derived_id(b"salt", "a", "bc") != derived_id(b"salt", "ab", "c")


@pytest.mark.parametrize(
    ("attempts", "minutes"), [(0, 1), (1, 1), (2, 5), (3, 15), (4, 60), (5, 180), (6, 360), (7, 360), (1000, 360)]
)
def test_waits_grow_to_six_hours(attempts: int, minutes: int) -> None:
    assert wait_after(attempts) == timedelta(minutes=minutes)


def test_an_entry_that_ended_is_not_open() -> None:
    assert set(State) - set(OPEN) == {State.DONE, State.REFUSED, State.UNCERTAIN, State.DROPPED}


def test_a_mail_says_its_kind_first() -> None:
    now = at("2026-11-23 09:00")
    entry = OutboxEntry("k", "home", "sam", EffectKind.MAIL, "question/2026-W48/2026-11-25", now, now)
    assert entry.mail_kind == "question"
