"""`rituals outbox`: a list without words, and a host's yes or no to one entry."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from scheduler.adapters.memory import MemoryClock
from scheduler.adapters.sqlstore import SqlStore
from scheduler.app.entries import BY_HAND, Shown, about, drop, entry_document, listed, retry
from scheduler.app.wiring import open_store
from scheduler.domain.errors import Conflict, Refused
from scheduler.domain.outbox import EffectKind, OutboxEntry, State
from scheduler.ports import Store
from scheduler.settings import Settings
from tests.build import at, make_couple, make_ritual
from tests.cli import couple_in, document, rituals, write_couple

NOW = at("2026-11-23 09:00")
ENTRY = OutboxEntry("ab" * 16, "home", "sam", EffectKind.MAIL, "digest/2026-W47", NOW, NOW, payload=b"Dear Sam")


def keep(settings: Settings, *entries: OutboxEntry) -> None:
    store = open_store(settings)
    with store.transaction() as tx:
        for one in entries:
            tx.want(one)
    store.close()


def kept(settings: Settings) -> list[OutboxEntry]:
    store = open_store(settings)
    with store.transaction() as tx:
        found = tx.outbox(settings.couple.id)
    store.close()
    return found


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return couple_in(tmp_path)


@pytest.fixture
def store() -> Iterator[Store]:
    store = SqlStore.open(":memory:", secret=lambda: b"a secret of thirty-two bytes here")
    yield store
    store.close()


@pytest.mark.parametrize(
    ("shown", "states"),
    [
        (None, {State.WAITING, State.CLAIMED, State.SENDING, State.REFUSED, State.UNCERTAIN}),
        (Shown.DUE, {State.WAITING, State.CLAIMED, State.SENDING}),
        (Shown.SENT, {State.DONE}),
        (Shown.FAILED, {State.REFUSED}),
        (Shown.UNCERTAIN, {State.UNCERTAIN}),
        (Shown.DROPPED, {State.DROPPED}),
        (Shown.ALL, set(State)),
    ],
)
def test_each_choice_lists_its_states(store: Store, shown: Shown | None, states: set[State]) -> None:
    with store.transaction() as tx:
        for state in State:
            tx.want(replace(ENTRY, key=state.value, state=state))
        assert {one.state for one in listed(tx, make_couple(), shown)} == states


def test_what_an_entry_is_about_never_is_what_it_says(settings: Settings) -> None:
    assert "Dear" not in str(entry_document(settings.couple, ENTRY))
    keep(settings, ENTRY)
    answer = rituals("outbox", "-c", settings.source)
    assert "mail: digest" in answer.stdout
    assert "Dear" not in answer.stdout


def test_an_event_is_called_by_its_ritual_even_when_that_is_gone() -> None:
    event = replace(ENTRY, kind=EffectKind.EVENT, ref="coffee/2026-W48#0")
    assert about(make_couple(), event) == "Coffee, 2026-W48"
    assert about(make_couple(rituals=(make_ritual("walk"),)), event) == "coffee, 2026-W48"


def test_listing_makes_no_state(tmp_path: Path) -> None:
    file = write_couple(tmp_path)
    assert rituals("outbox", "-c", file).stdout.startswith("Nothing is due")
    assert document("outbox", "-c", file) == []
    assert list(tmp_path.iterdir()) == [file]


def test_a_failed_entry_waits_again_after_a_retry(settings: Settings) -> None:
    keep(settings, replace(ENTRY, state=State.REFUSED, attempts=3))
    before = retry(settings, MemoryClock(NOW), "aba")
    (after,) = kept(settings)
    assert before.state is State.REFUSED
    assert (after.state, after.attempts, after.due_at) == (State.WAITING, 0, NOW)


def test_a_due_entry_needs_no_retry(settings: Settings) -> None:
    keep(settings, ENTRY)
    with pytest.raises(Conflict, match="entry abababab is due"):
        retry(settings, MemoryClock(NOW), "ab")
    assert kept(settings) == [ENTRY]


def test_a_dropped_entry_says_by_whom(settings: Settings) -> None:
    keep(settings, ENTRY)
    drop(settings, MemoryClock(NOW), "ABAB")
    assert [(one.state, one.note) for one in kept(settings)] == [(State.DROPPED, BY_HAND)]


def test_what_was_sent_cannot_be_dropped(settings: Settings) -> None:
    keep(settings, replace(ENTRY, state=State.DONE))
    with pytest.raises(Conflict, match="is sent"):
        drop(settings, MemoryClock(NOW), "ab")


@pytest.mark.parametrize(("prefix", "said"), [("ab", "2 entries begin"), ("zz", "no entry"), ("", "no entry")])
def test_a_prefix_must_mean_one_entry(settings: Settings, prefix: str, said: str) -> None:
    keep(settings, ENTRY, replace(ENTRY, key="ab" * 15 + "cd", ref="digest/2026-W48"))
    with pytest.raises(Refused, match=said):
        drop(settings, MemoryClock(NOW), prefix)
    assert {one.state for one in kept(settings)} == {State.WAITING}


def test_a_retry_before_the_first_run_makes_no_state(settings: Settings) -> None:
    with pytest.raises(Refused, match="has not run yet"):
        retry(settings, MemoryClock(NOW), "ab")
    assert not settings.state.exists()


@pytest.mark.parametrize("before", [True, False])
def test_the_file_may_be_named_before_or_behind_the_word(settings: Settings, *, before: bool) -> None:
    keep(settings, replace(ENTRY, state=State.UNCERTAIN))
    option = ["-c", str(settings.source)]
    answer = rituals("outbox", *(option if before else []), "retry", "abab", *([] if before else option))
    assert answer.exit_code == 0
    assert "second copy" in answer.stdout
    assert [one.state for one in kept(settings)] == [State.WAITING]


def test_a_wrong_key_ends_in_words_and_an_exit_code(settings: Settings) -> None:
    keep(settings, ENTRY)
    answer = rituals("outbox", "-c", settings.source, "drop", "zz")
    assert answer.exit_code == 69
    assert answer.stderr == 'no entry begins with "zz"; rituals outbox --state all lists every one\n'
