"""What every store promises about a couple's data. Not here: the outbox, or what only a file can do."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from scheduler.adapters.sqlstore import SqlStore
from scheduler.domain.couple import Membership, Standing
from scheduler.domain.deck import Draw
from scheduler.domain.errors import Unavailable
from scheduler.domain.event import CalendarEntry, Event
from scheduler.domain.occurrence import Fate, Placement
from scheduler.ports import BusyRecord, Store
from tests.build import at

NOON = at("2026-11-23 12:00")
HOUR = timedelta(hours=1)


def make_placement(key: str = "coffee/2026-W48", **changes: Any) -> Placement:
    defaults: dict[str, Any] = {"starts_at": NOON, "ends_at": NOON + HOUR, "decided_at": NOON - HOUR}
    return Placement(key, **{**defaults, **changes})


def make_calendar_entry(occurrence: str = "coffee/2026-W48", **changes: Any) -> CalendarEntry:
    event = Event("uid0", 0, "Coffee", "Sit down together.", NOON, NOON + HOUR, NOON - HOUR, timedelta(minutes=30))
    defaults: dict[str, Any] = {"partner": "sam", "occurrence": occurrence, "generation": 0, "event": event}
    return CalendarEntry(**{**defaults, **changes})


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    where = ":memory:" if request.param == "memory" else tmp_path / "state.db"
    secrets = iter(range(256))
    made = SqlStore.open(where, secret=lambda: bytes([next(secrets)]) * 32)
    yield made
    made.close()


def test_a_committed_note_is_read_again_and_can_be_changed(store: Store) -> None:
    with store.transaction() as tx:
        assert tx.note("home", "horizon") is None
        tx.set_note("home", "horizon", "first")
        tx.set_note("home", "horizon", "second")
    with store.transaction() as tx:
        assert tx.note("home", "horizon") == "second"


def test_an_exception_in_the_block_leaves_nothing_behind(store: Store) -> None:
    def write_and_stumble() -> None:
        with store.transaction() as tx:
            tx.set_note("home", "horizon", "lost")
            tx.save_placement("home", make_placement())
            tx.salt("home")
            raise KeyError("stumbled")

    with pytest.raises(KeyError, match="stumbled"):
        write_and_stumble()
    with store.transaction() as tx:
        assert tx.note("home", "horizon") is None
        assert tx.placements("home") == []
        assert tx.salt("home") == bytes([1]) * 32


def test_a_salt_is_made_once_for_each_couple_and_never_changes(store: Store) -> None:
    with store.transaction() as tx:
        first, other = tx.salt("home"), tx.salt("next-door")
    with store.transaction() as tx:
        assert (tx.salt("home"), tx.salt("next-door")) == (first, other)
    assert first != other


def test_a_membership_comes_back_as_it_was_saved_last(store: Store) -> None:
    joined = Membership("sam", Standing.JOINED, NOON, "We would like to ...", date(2026, 12, 1))
    with store.transaction() as tx:
        tx.save_membership("home", Membership("kim"))
        tx.save_membership("home", Membership("sam"))
        tx.save_membership("home", joined)
        assert tx.memberships("home") == {"kim": Membership("kim"), "sam": joined}


def test_a_placement_comes_back_as_it_was_saved_last(store: Store) -> None:
    moved = make_placement(moves=1, held=True, fate=Fate.DECLINED, previous=NOON - 2 * HOUR, why="free for both")
    with store.transaction() as tx:
        tx.save_placement("home", make_placement())
        tx.save_placement("home", moved)
        tx.save_placement("home", make_placement("chat/2026-11-23"))
        assert tx.placements("home") == [make_placement("chat/2026-11-23"), moved]


def test_placements_that_end_at_the_instant_are_over(store: Store) -> None:
    with store.transaction() as tx:
        tx.save_placement("home", make_placement())
        assert tx.placements("home", ending_after=NOON + HOUR) == []
        assert tx.placements("home", ending_after=NOON + HOUR - timedelta(microseconds=1)) == [make_placement()]


def test_a_calendar_entry_comes_back_as_it_was_saved_last(store: Store) -> None:
    written = replace(make_calendar_entry(), written=0, tag="e1", written_starts_at=NOON, written_ends_at=NOON + HOUR)
    with store.transaction() as tx:
        tx.save_calendar_entry("home", make_calendar_entry())
        tx.save_calendar_entry("home", written)
        assert tx.calendar_entries("home") == [written]
        assert tx.calendar_entry("home", "sam", "coffee/2026-W48", 0) == written
        assert tx.calendar_entry("home", "kim", "coffee/2026-W48", 0) is None


def test_an_event_without_a_reminder_stays_without(store: Store) -> None:
    entry = make_calendar_entry(live=False)
    entry = replace(entry, event=replace(entry.event, reminder=None))
    with store.transaction() as tx:
        tx.save_calendar_entry("home", entry)
        assert tx.calendar_entries("home") == [entry]


def test_only_the_newest_generation_stands_for_an_occurrence(store: Store) -> None:
    old = make_calendar_entry(generation=0)
    past = replace(old.event, starts_at=NOON - 2 * HOUR, ends_at=NOON - HOUR)
    new = make_calendar_entry(generation=1, event=past)
    theirs = make_calendar_entry(partner="kim")
    with store.transaction() as tx:
        for entry in (new, old, theirs):
            tx.save_calendar_entry("home", entry)
        assert tx.calendar_entries("home") == [new, theirs]
        assert tx.calendar_entries("home", ending_after=NOON) == [theirs]
        assert tx.calendar_entry("home", "sam", "coffee/2026-W48", 0) == old


def test_a_busy_record_comes_back_as_it_was_saved_last(store: Store) -> None:
    read = BusyRecord("work.ics", "sam", ((10, 20), (30, 40)), "v1", NOON)
    with store.transaction() as tx:
        tx.save_busy("home", BusyRecord("work.ics", "sam", error="cannot be read"))
        tx.save_busy("home", read)
        tx.save_busy("home", BusyRecord("work.ics", "kim"))
        assert tx.busy("home") == [BusyRecord("work.ics", "kim"), read]


def test_draws_come_oldest_first_and_the_first_for_a_slot_stays(store: Store) -> None:
    older, newer = Draw("card-2", "2026-W09", "question"), Draw("card-1", "2026-W48", "question")
    with store.transaction() as tx:
        tx.add_draw("home", newer)
        tx.add_draw("home", older)
        tx.add_draw("home", replace(newer, card="card-3"))
        assert tx.draws("home") == [older, newer]


def test_no_couple_sees_anything_of_another(store: Store) -> None:
    with store.transaction() as tx:
        tx.set_note("home", "horizon", "ours")
        tx.save_membership("home", Membership("sam"))
        tx.save_placement("home", make_placement())
        tx.save_calendar_entry("home", make_calendar_entry())
        tx.save_busy("home", BusyRecord("work.ics", "sam"))
        tx.add_draw("home", Draw("card-1", "2026-W48", "question"))
        assert tx.note("next-door", "horizon") is None
        assert tx.memberships("next-door") == {}
        assert not tx.placements("next-door")
        assert not tx.calendar_entries("next-door")
        assert not tx.busy("next-door")
        assert not tx.draws("next-door")


def test_an_instant_of_another_zone_comes_back_as_the_same_instant_in_utc(store: Store) -> None:
    there = (NOON + timedelta(microseconds=123457)).astimezone(timezone(timedelta(hours=5, minutes=45)))
    with store.transaction() as tx:
        tx.save_membership("home", Membership("sam", Standing.JOINED, there))
        joined_at = tx.memberships("home")["sam"].joined_at
    assert joined_at == there
    assert joined_at is not None
    assert joined_at.utcoffset() == timedelta(0)


def test_a_naive_datetime_is_a_value_error_and_leaves_nothing_behind(store: Store) -> None:
    naive = datetime(2026, 11, 23, 12)  # noqa: DTZ001 - that is the point

    def write() -> None:
        with store.transaction() as tx:
            tx.save_membership("home", Membership("kim"))
            tx.save_membership("home", Membership("sam", Standing.JOINED, naive))

    with pytest.raises(ValueError, match="naive"):
        write()
    with store.transaction() as tx:
        assert tx.memberships("home") == {}


@pytest.mark.parametrize("store", ["memory", pytest.param("file", marks=pytest.mark.slow)], indirect=True)
def test_four_threads_take_turns_and_lose_nothing(store: Store) -> None:
    def count(name: str) -> None:
        for _ in range(150):
            with store.transaction() as tx:
                tx.set_note("home", "total", str(int(tx.note("home", "total") or 0) + 1))
                tx.set_note("home", name, "was here")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(count, ("a", "b", "c", "d")))
    with store.transaction() as tx:
        assert tx.note("home", "total") == "600"


def test_a_transaction_inside_another_is_refused_instead_of_hanging() -> None:
    store = SqlStore.open(":memory:", secret=lambda: b"salt", patience=timedelta(milliseconds=20))
    with (
        store.transaction(),
        pytest.raises(Unavailable, match="another transaction"),
        store.transaction(),
    ):
        raise AssertionError("two at once")
    store.close()
