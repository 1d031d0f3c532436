"""The outbox under any order of calls: what must hold after each. Not here: one call at a time (test_store_outbox)."""

from __future__ import annotations

from datetime import timedelta

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
)

from scheduler.adapters.sqlstore import SqlStore
from scheduler.domain.outbox import EffectKind, OutboxEntry, State
from scheduler.ports import Claim
from tests.build import at

LEASE = timedelta(seconds=60)
IN_HAND = (State.CLAIMED, State.SENDING)
FINAL = (State.DONE, State.REFUSED, State.UNCERTAIN, State.DROPPED)


class OutboxMachine(RuleBasedStateMachine):
    """Several workers, a person and a moving clock; a claim may be used late, twice, or never."""

    claims: Bundle[Claim] = Bundle("claims")

    @initialize()
    def open_store(self) -> None:
        self.store = SqlStore.open(":memory:", secret=lambda: b"salt")
        self.now = at("2026-11-23 12:00")
        self.begun: set[tuple[str, int]] = set()
        self.before: dict[str, OutboxEntry] = {}

    def teardown(self) -> None:
        self.store.close()

    @rule(number=st.integers(0, 5), wait_s=st.integers(-60, 180))
    def want(self, number: int, wait_s: int) -> None:
        due_at = self.now + timedelta(seconds=wait_s)
        key, couple = f"k{number}", f"couple-{number % 2}"
        with self.store.transaction() as tx:
            is_new = tx.want(OutboxEntry(key, couple, "sam", EffectKind.MAIL, "question/1", due_at, self.now))
        assert is_new == (key not in self.before)

    @rule(seconds=st.integers(-30, 90))
    def clock_moves(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(target=claims, limit=st.integers(1, 3))
    def hand_out(self, limit: int) -> MultipleResults[Claim]:
        with self.store.transaction() as tx:
            given = tx.hand_out(self.now, LEASE, limit)
        for claim in given:
            was = self.before[claim.key]
            assert was.due_at <= self.now
            assert claim.epoch == was.epoch + 1
            assert not any(self._is_live(other) for other in self.before.values() if other.couple == claim.couple)
        return multiple(*given)

    def _is_live(self, entry: OutboxEntry) -> bool:
        return entry.lease_until is not None and entry.lease_until > self.now

    @rule(claim=claims)
    def begin(self, claim: Claim) -> None:
        with self.store.transaction() as tx:
            begun = tx.begin(claim.key, claim.epoch, f"{claim.key} at {claim.epoch}".encode())
        if begun:
            assert (claim.key, claim.epoch) not in self.begun, "one claim, two attempts"
            self.begun.add((claim.key, claim.epoch))

    @rule(claim=claims, state=st.sampled_from(FINAL))
    def finish(self, claim: Claim, state: State) -> None:
        with self.store.transaction() as tx:
            assert tx.finish(claim.key, claim.epoch, state, "", self.now) == self._holds(claim)

    @rule(claim=consumes(claims), keep=st.booleans())
    def postpone(self, claim: Claim, keep: bool) -> None:
        with self.store.transaction() as tx:
            assert tx.postpone(claim.key, claim.epoch, self.now, "", keep) == self._holds(claim)

    def _holds(self, claim: Claim) -> bool:
        entry = self.before[claim.key]
        return entry.epoch == claim.epoch and entry.state in IN_HAND

    @rule(number=st.integers(0, 5), again=st.booleans())
    def a_person_decides(self, number: int, again: bool) -> None:
        with self.store.transaction() as tx:
            if again:
                tx.release(f"k{number}", self.now)
            else:
                tx.drop(f"k{number}", "", self.now)

    @rule()
    def restart(self) -> None:
        with self.store.transaction() as tx:
            assert tx.take_back_all() == sum(entry.state in IN_HAND for entry in self.before.values())

    @invariant()
    def every_entry_makes_sense(self) -> None:
        if not hasattr(self, "store"):
            return
        with self.store.transaction() as tx:
            entries = {entry.key: entry for entry in tx.outbox()}
        for key, was in self.before.items():
            assert entries[key].epoch >= was.epoch
            assert was.state is not State.DONE or entries[key] == was, "what is done stays done"
        for entry in entries.values():
            assert (entry.lease_until is not None) == (entry.state in IN_HAND)
            assert (entry.done_at is not None) == (entry.state in FINAL)
            assert entry.state is not State.SENDING or entry.attempts
        self.before = entries


OutboxMachine.TestCase.settings = settings(max_examples=25, stateful_step_count=30)
TestOutboxMachine = OutboxMachine.TestCase
