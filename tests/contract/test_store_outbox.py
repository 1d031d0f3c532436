"""What every store promises about the outbox. Not here: the couple's other data (test_store)."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from scheduler.adapters.sqlstore import SqlStore
from scheduler.domain.outbox import OPEN, EffectKind, OutboxEntry, State
from scheduler.ports import Claim, Store, Transaction
from tests.build import at

NOON = at("2026-11-23 12:00")
MINUTE = timedelta(minutes=1)
LEASE = timedelta(seconds=60)


def make_entry(key: str = "k1", **changes: Any) -> OutboxEntry:
    defaults: dict[str, Any] = {
        "couple": "home",
        "partner": "sam",
        "kind": EffectKind.MAIL,
        "ref": "question/2026-W48",
        "due_at": NOON,
        "wanted_at": NOON - MINUTE,
    }
    return OutboxEntry(key, **{**defaults, **changes})


def hand_out(tx: Transaction, minutes: int = 0, limit: int = 10) -> list[Claim]:
    return tx.hand_out(NOON + minutes * MINUTE, LEASE, limit)


def entry(tx: Transaction, key: str = "k1") -> OutboxEntry:
    return next(one for one in tx.outbox() if one.key == key)


@pytest.fixture(params=["memory", pytest.param("file", marks=pytest.mark.slow)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    made = SqlStore.open(":memory:" if request.param == "memory" else tmp_path / "state.db", secret=lambda: b"salt")
    yield made
    made.close()


@pytest.fixture
def tx(store: Store) -> Iterator[Transaction]:
    with store.transaction() as transaction:
        yield transaction


def test_an_entry_comes_back_with_every_field(tx: Transaction) -> None:
    full = make_entry(
        fresh_until=NOON + MINUTE,
        state=State.SENDING,
        epoch=4,
        attempts=3,
        cut_off=2,
        payload=b"\x00\r\n",
        note="busy",
        lease_until=NOON,
        done_at=NOON,
    )
    tx.want(full)
    assert tx.outbox() == [full]


def test_what_waits_for_one_partner_is_hurried_and_nothing_else(tx: Transaction) -> None:
    later = NOON + 60 * MINUTE
    tx.want(make_entry("waits", due_at=later, kind=EffectKind.EVENT))
    tx.want(make_entry("is mail", due_at=later))
    tx.want(make_entry("is theirs", due_at=later, kind=EffectKind.EVENT, partner="kim"))
    tx.want(make_entry("is over", due_at=later, kind=EffectKind.EVENT, state=State.DROPPED))
    tx.hurry("home", "sam", EffectKind.EVENT, NOON)
    assert {one.key for one in tx.outbox() if one.due_at == NOON} == {"waits"}


def test_wanting_the_same_key_again_changes_nothing(tx: Transaction) -> None:
    assert tx.want(make_entry())
    assert not tx.want(make_entry(due_at=NOON + MINUTE))
    assert tx.outbox() == [make_entry()]


def test_the_outbox_is_listed_by_due_time_and_filtered_by_couple_state_and_prefix(tx: Transaction) -> None:
    late = make_entry("k1", due_at=NOON + MINUTE)
    soon = make_entry("k2", ref="Question/2026-W48")
    done = make_entry("k3", ref="digest/2026_W48", state=State.DONE, due_at=NOON - MINUTE)
    theirs = make_entry("k4", couple="next-door", due_at=NOON + 2 * MINUTE)
    for one in (late, soon, done, theirs):
        tx.want(one)
    assert tx.outbox() == [done, soon, late, theirs]
    assert tx.outbox("home") == [done, soon, late]
    assert tx.outbox("home", OPEN) == [soon, late]
    assert tx.outbox("home", ref="question/") == [late]
    assert tx.outbox("home", ref="digest/2026-") == tx.outbox("home", ref="%") == []
    assert tx.outbox(states=[State.WAITING], ref="question") == [late, theirs]


def test_the_next_due_time_is_that_of_the_earliest_waiting_entry(tx: Transaction) -> None:
    assert tx.next_due() is None
    tx.want(make_entry("k1", due_at=NOON + MINUTE))
    tx.want(make_entry("k2", couple="next-door"))
    tx.want(make_entry("k3", state=State.DONE, due_at=NOON - MINUTE))
    assert (tx.next_due(), tx.next_due("home"), tx.next_due("nobody")) == (NOON, NOON + MINUTE, None)


def test_mails_done_are_those_that_may_have_reached_the_partner_since(tx: Transaction) -> None:
    sent = make_entry("k1", state=State.DONE, done_at=NOON)
    unsure = make_entry("k2", state=State.UNCERTAIN, done_at=NOON + MINUTE)
    for one in (
        sent,
        unsure,
        make_entry("k3", state=State.DONE, done_at=NOON - MINUTE),
        make_entry("k4", state=State.REFUSED, done_at=NOON),
        make_entry("k5", state=State.DONE, done_at=NOON, kind=EffectKind.EVENT),
        make_entry("k6", state=State.DONE, done_at=NOON, partner="kim"),
        make_entry("k7", state=State.DONE, done_at=NOON, couple="next-door"),
    ):
        tx.want(one)
    assert tx.mails_done("home", "sam", NOON) == [sent, unsure]


def test_what_is_due_is_claimed_in_order_and_nothing_else(tx: Transaction) -> None:
    tx.want(make_entry("k5", couple="a", due_at=NOON))
    tx.want(make_entry("k4", due_at=NOON - MINUTE))
    tx.want(make_entry("k3", wanted_at=NOON - 2 * MINUTE))
    tx.want(make_entry("k2"))
    tx.want(make_entry("k1"))
    tx.want(make_entry("k0", due_at=NOON + timedelta(microseconds=1)))
    claimed = hand_out(tx)
    assert [claim.key for claim in claimed] == ["k5", "k4", "k3", "k1", "k2"]
    assert claimed[0] == Claim("k5", "a", 1)
    assert entry(tx, "k5").state is State.CLAIMED
    assert entry(tx, "k5").lease_until == NOON + LEASE
    assert entry(tx, "k0").state is State.WAITING


def test_the_limit_leaves_the_later_ones(tx: Transaction) -> None:
    tx.want(make_entry("k1", couple="a"))
    tx.want(make_entry("k2", couple="b", due_at=NOON - MINUTE))
    assert [claim.key for claim in hand_out(tx, limit=1)] == ["k2"]


def test_a_couple_under_a_live_lease_gets_no_second_batch_and_delays_nobody(tx: Transaction) -> None:
    tx.want(make_entry("k1"))
    hand_out(tx)
    tx.want(make_entry("k2"))
    tx.want(make_entry("k3", couple="next-door"))
    assert [claim.key for claim in hand_out(tx)] == ["k3"]
    tx.begin("k1", 1, None)
    assert hand_out(tx) == []
    tx.finish("k1", 1, State.DONE, "", NOON)
    assert [claim.key for claim in hand_out(tx)] == ["k2"]


def test_the_intent_keeps_the_exact_bytes(tx: Transaction) -> None:
    tx.want(make_entry())
    hand_out(tx)
    begun = tx.begin("k1", 1, b"bytes")
    assert begun == entry(tx)
    assert begun is not None
    assert (begun.state, begun.attempts, begun.payload) == (State.SENDING, 1, b"bytes")


def test_an_entry_begins_once_for_each_claim(tx: Transaction) -> None:
    tx.want(make_entry())
    assert tx.begin("k1", 0, None) is None
    hand_out(tx)
    assert tx.begin("k1", 1, None)
    assert tx.begin("k1", 1, None) is None


def test_a_claim_that_never_began_leaves_no_mark_when_its_lease_is_over(tx: Transaction) -> None:
    tx.want(make_entry())
    hand_out(tx)
    assert hand_out(tx, 1) == [Claim("k1", "home", 2)]
    assert (entry(tx).attempts, entry(tx).cut_off) == (0, 0)


def test_an_attempt_in_the_dark_is_counted_and_keeps_its_bytes(tx: Transaction) -> None:
    tx.want(make_entry())
    hand_out(tx)
    tx.begin("k1", 1, b"bytes")
    assert hand_out(tx, 1) == [Claim("k1", "home", 2)]
    back = entry(tx)
    assert (back.attempts, back.cut_off, back.payload) == (1, 1, b"bytes")
    again = tx.begin("k1", 2, None)
    assert again is not None
    assert again.payload == b"bytes"


def test_after_a_restart_everything_in_hand_waits_again_at_once(tx: Transaction) -> None:
    for key, couple in (("k1", "a"), ("k2", "b"), ("k3", "c")):
        tx.want(make_entry(key, couple=couple))
    hand_out(tx, limit=2)
    tx.begin("k1", 1, b"bytes")
    assert tx.take_back_all() == 2
    assert [one.state for one in tx.outbox()] == [State.WAITING] * 3
    assert [one.cut_off for one in tx.outbox()] == [1, 0, 0]
    assert all(one.lease_until is None for one in tx.outbox())


def test_a_stale_epoch_changes_nothing(tx: Transaction) -> None:
    tx.want(make_entry())
    hand_out(tx)
    hand_out(tx, 1)
    before = entry(tx)
    assert tx.begin("k1", 1, b"late") is None
    assert not tx.finish("k1", 1, State.DONE, "late", NOON)
    assert not tx.postpone("k1", 1, NOON, "late")
    assert entry(tx) == before


def test_an_outcome_is_recorded_once(tx: Transaction) -> None:
    tx.want(make_entry())
    hand_out(tx)
    tx.begin("k1", 1, None)
    assert tx.finish("k1", 1, State.DONE, "taken", NOON)
    assert not tx.finish("k1", 1, State.REFUSED, "", NOON)
    assert not tx.postpone("k1", 1, NOON, "")
    done = entry(tx)
    assert (done.state, done.note, done.done_at, done.lease_until) == (State.DONE, "taken", NOON, None)


@pytest.mark.parametrize("state", OPEN)
def test_an_open_state_is_no_outcome(tx: Transaction, state: State) -> None:
    with pytest.raises(ValueError, match="no outcome"):
        tx.finish("k1", 1, state, "", NOON)


def test_a_postponed_entry_is_rendered_afresh(tx: Transaction) -> None:
    tx.want(make_entry())
    hand_out(tx)
    tx.begin("k1", 1, b"bytes")
    assert tx.postpone("k1", 1, NOON + 5 * MINUTE, "not now")
    back = entry(tx)
    assert back == make_entry(due_at=NOON + 5 * MINUTE, epoch=1, attempts=1, note="not now")
    assert hand_out(tx, 4) == []
    assert hand_out(tx, 5) == [Claim("k1", "home", 2)]


def test_a_doubtful_attempt_is_repeated_with_the_same_bytes_for_good(tx: Transaction) -> None:
    tx.want(make_entry())
    hand_out(tx)
    tx.begin("k1", 1, b"bytes")
    tx.postpone("k1", 1, NOON, "cut off", keep_payload=True)
    assert (entry(tx).cut_off, entry(tx).payload) == (1, b"bytes")
    hand_out(tx)
    tx.postpone("k1", 2, NOON, "not now")
    assert (entry(tx).cut_off, entry(tx).payload) == (1, b"bytes")


@pytest.mark.parametrize("state", [State.REFUSED, State.UNCERTAIN, State.DROPPED])
def test_a_person_can_let_an_ended_entry_wait_again(tx: Transaction, state: State) -> None:
    ended = make_entry(state=state, attempts=6, cut_off=3, epoch=7, fresh_until=NOON, done_at=NOON)
    tx.want(ended)
    assert tx.release("k1", NOON + MINUTE)
    wanted = {"attempts": 0, "cut_off": 0, "fresh_until": None, "done_at": None, "due_at": NOON + MINUTE}
    assert entry(tx) == replace(ended, state=State.WAITING, **wanted)  # type: ignore[arg-type]


@pytest.mark.parametrize("state", [*OPEN, State.DONE])
def test_a_person_cannot_release_what_is_open_or_done(tx: Transaction, state: State) -> None:
    tx.want(make_entry(state=state))
    assert not tx.release("k1", NOON)
    assert not tx.release("unknown", NOON)
    assert entry(tx) == make_entry(state=state)


@pytest.mark.parametrize("state", [State.WAITING, State.REFUSED, State.UNCERTAIN])
def test_a_person_can_drop_what_nobody_is_doing(tx: Transaction, state: State) -> None:
    tx.want(make_entry(state=state))
    assert tx.drop("k1", "not wanted", NOON)
    assert entry(tx) == make_entry(state=State.DROPPED, note="not wanted", done_at=NOON)


@pytest.mark.parametrize("state", [State.CLAIMED, State.SENDING, State.DONE, State.DROPPED])
def test_a_person_cannot_drop_what_is_in_hand_or_over(tx: Transaction, state: State) -> None:
    tx.want(make_entry(state=state))
    assert not tx.drop("k1", "", NOON)
    assert not tx.drop("unknown", "", NOON)


def test_no_entry_is_claimed_twice_by_threads_at_once(store: Store) -> None:
    with store.transaction() as tx:
        for number in range(60):
            tx.want(make_entry(f"k{number}", couple=f"couple-{number % 10}"))

    def work(_: int) -> list[str]:
        done: list[str] = []
        while True:
            with store.transaction() as tx:
                claims = hand_out(tx, limit=3)
                open_now = tx.outbox(states=[State.CLAIMED])
            if not claims and not open_now:
                return done
            for claim in claims:
                with store.transaction() as tx:
                    if tx.begin(claim.key, claim.epoch, None):
                        done.append(claim.key)
                    tx.finish(claim.key, claim.epoch, State.DONE, "", NOON)

    with ThreadPoolExecutor(4) as pool:
        done = [key for keys in pool.map(work, range(4)) for key in keys]
    assert sorted(done) == sorted(f"k{number}" for number in range(60))
