"""Nobody tries addresses by the thousand, and nobody else pays for it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from scheduler.adapters.memory import MemoryClock
from scheduler.web.gate import Gate
from tests.build import at

MINUTE = timedelta(minutes=1)


@pytest.fixture
def clock() -> MemoryClock:
    return MemoryClock(at("2026-11-23 09:00"))


def test_the_twenty_first_knock_in_a_minute_is_not_heard(clock: MemoryClock) -> None:
    gate = Gate(clock.now)
    assert [gate.lets_in("192.0.2.7") for _ in range(21)] == [True] * 20 + [False]


def test_another_s_knocks_are_heard_all_the_same(clock: MemoryClock) -> None:
    gate = Gate(clock.now, each=2)
    assert [gate.lets_in("192.0.2.7") for _ in range(3)] == [True, True, False]
    assert gate.lets_in("192.0.2.8")


def test_after_a_minute_it_begins_anew(clock: MemoryClock) -> None:
    gate = Gate(clock.now, each=1)
    assert gate.lets_in("192.0.2.7")
    clock.advance(MINUTE - timedelta(seconds=1))
    assert not gate.lets_in("192.0.2.7")
    clock.advance(timedelta(seconds=1))
    assert gate.lets_in("192.0.2.7")


def test_a_clock_that_is_set_back_shuts_nobody_out(clock: MemoryClock) -> None:
    gate = Gate(clock.now, each=1)
    assert gate.lets_in("192.0.2.7")
    clock.advance(timedelta(days=-1))
    assert gate.lets_in("192.0.2.7")


def test_all_together_have_a_limit_too(clock: MemoryClock) -> None:
    gate = Gate(clock.now, each=20, altogether=3)
    assert [gate.lets_in(f"192.0.2.{last}") for last in range(5)] == [True] * 3 + [False] * 2


def test_knocks_that_are_not_heard_count_for_nobody_else(clock: MemoryClock) -> None:
    gate = Gate(clock.now, each=1, altogether=2)
    assert [gate.lets_in("192.0.2.7") for _ in range(9)] == [True] + [False] * 8
    assert gate.lets_in("192.0.2.8")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:192.0.2.7", "192.0.2.7", True),
        ("not an address", "<script>", True),
        ("", "unknown", True),
    ],
)
def test_one_house_is_one_visitor(clock: MemoryClock, one: str, other: str, same: bool) -> None:
    gate = Gate(clock.now, each=1)
    assert gate.lets_in(one)
    assert gate.lets_in(other) is not same
