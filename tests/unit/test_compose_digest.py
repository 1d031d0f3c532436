"""What the digest tells beside the times: turns, lengths, what moved, and what found no time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from scheduler.adapters.sqlstore import SqlStore
from scheduler.domain.cadence import Daily, Monthly, Weekly
from scheduler.domain.couple import Couple, Membership, Standing
from scheduler.domain.dates import Dates, Stretch
from scheduler.domain.digest import MOST_WITHOUT_TIME, Letter
from scheduler.domain.freebusy import BusyView
from scheduler.domain.localtime import parse_window
from scheduler.domain.message import MailKind
from scheduler.domain.occurrence import Placement
from scheduler.domain.outbox import EffectKind, OutboxEntry
from scheduler.domain.planning import Question, plan
from scheduler.domain.ritual import Size
from scheduler.domain.turns import leader
from scheduler.engine.compose import Desk, letter_for
from scheduler.ports import Transaction
from tests.build import at, make_pair, make_partner, make_question, make_ritual, make_versions, taken
from tests.world import MAIL, usual_couple

SUNDAY = at("2026-11-29 16:00")
ALL_WEEK = taken(
    *(f"2026-{day} 07:00-23:00" for day in ("11-30", "12-01", "12-02", "12-03", "12-04", "12-05", "12-06"))
)
HOUR = timedelta(hours=1)


def couple_of(*rituals: Any, **changes: Any) -> Couple:
    return usual_couple(**{"partners": make_pair(), "rituals": rituals or (make_ritual(),), **changes})


@contextmanager
def state(*placements: Placement) -> Iterator[Transaction]:
    store = SqlStore.open(":memory:", secret=lambda: b"salt")
    with store.transaction() as tx:
        for one in placements:
            tx.save_placement("home", one)
        yield tx
    store.close()


def digest(
    couple: Couple, *placements: Placement, question: Question | None = None, partner: str = "sam", **busy: Any
) -> Letter:
    asked = question or make_question(couple, placements, SUNDAY, **busy)
    members = {one.id: Membership(one.id, Standing.JOINED, SUNDAY) for one in couple.partners}
    desk = Desk(couple, members, (), "host@example.org", lambda: asked)
    entry = OutboxEntry("k", "home", partner, EffectKind.MAIL, "digest/2026-W48/2026-11-29", SUNDAY, SUNDAY)
    with state(*placements) as tx:
        found = letter_for(tx, desk, entry, SUNDAY)
    assert found
    return found


def coffee_at(start: datetime, length: timedelta = HOUR, **changes: Any) -> Placement:
    decided = changes.pop("decided_at", at("2026-11-10 09:00"))
    return Placement("coffee/2026-W49", start, start + length, decided, **changes)


SATURDAY = at("2026-12-05 09:00")


def test_each_ritual_is_told_with_its_length_its_turn_and_its_reason() -> None:
    coffee = make_ritual(shorter=make_versions(15), takes_turns=True)
    one = coffee_at(SATURDAY, timedelta(minutes=15), why="the first morning you are both free, for the short version")
    couple = couple_of(coffee)
    planner = leader(couple, coffee, "2026-W49")
    assert planner
    for partner in couple.partners:
        (told,) = digest(couple, one, partner=partner.id).coming
        assert (told.size, told.how_to) == (Size.SHORT, ("Take 15 minutes.",))
        assert told.yours is (partner == planner)
        assert told.why == "the first morning you are both free"


def test_a_shorter_ones_length_is_told_beside_the_reason_and_not_in_it_again() -> None:
    couple = couple_of(make_ritual(windows=(parse_window("sat 10:00-11:00"),), shorter=make_versions(15)))
    found = plan(make_question(couple, (), SUNDAY, sam=taken("2026-12-05 10:15-11:00")))
    one = next(one for one in found.standing if one.period == "2026-W49")
    assert "short" in one.why
    assert "short" not in digest(couple, one).coming[0].why


def test_a_move_since_the_last_digest_is_told_and_an_older_one_is_not() -> None:
    before = SATURDAY - HOUR
    recent, old = (
        coffee_at(SATURDAY, previous=before, decided_at=SUNDAY - timedelta(days=days), why="any") for days in (2, 9)
    )
    assert [(one.previous, one.why) for one in digest(couple_of(), recent).coming] == [
        (before, "the time before no longer suited you both")
    ]
    assert [(one.previous, one.why) for one in digest(couple_of(), old).coming] == [(None, "")]


def test_a_ritual_without_a_time_is_told_with_what_would_help() -> None:
    couple = couple_of(make_ritual(windows=(parse_window("mon-sun 18:00-20:00"),)))
    busy = taken(
        *(f"2026-{day} 18:00-19:30" for day in ("11-30", "12-01", "12-02", "12-03", "12-04", "12-05", "12-06"))
    )
    (told,) = digest(couple, sam=busy).without_time
    assert told.title == "Coffee"
    assert told.reason == "nothing long enough is free for you both"
    assert told.remedy == "30 instead of 60 minutes"
    assert (told.days, told.partly) == ((), False)


def test_both_read_the_same_whoever_is_taken() -> None:
    couple = couple_of()
    questions = [make_question(couple, (), SUNDAY, **{name: ALL_WEEK}) for name in ("sam", "kim")]
    told = {digest(couple, question=one, partner=name).without_time for name in ("sam", "kim") for one in questions}
    assert len(told) == 1
    assert told != {()}


def test_a_daily_ritual_names_its_days_and_a_frequent_one_that_others_of_it_stand() -> None:
    check_in = make_ritual("check-in", cadence=Daily(), windows=(parse_window("18:00-19:00"),))
    coffee = make_ritual("coffee", cadence=Weekly(times=2), windows=(parse_window("sat 09:00-11:00"),), spacing=2)
    stands = Placement("coffee/2026-W49.1", SATURDAY, SATURDAY + HOUR, at("2026-11-10 09:00"))
    busy = taken("2026-12-01 18:00-19:00", "2026-12-03 18:00-19:00")
    weekly, daily = digest(couple_of(check_in, coffee), stands, sam=busy).without_time
    assert (daily.title, daily.days) == ("Check in", (date(2026, 12, 1), date(2026, 12, 3)))
    assert (weekly.title, weekly.days, weekly.partly) == ("Coffee", (), True)


def test_three_are_told_at_most_and_the_first_in_the_file_come_first() -> None:
    rituals = tuple(make_ritual(name) for name in ("one", "two", "three", "four"))
    told = digest(couple_of(*rituals), sam=ALL_WEEK).without_time
    assert [one.title for one in told] == ["One", "Two", "Three"]
    assert len(told) == MOST_WITHOUT_TIME


@pytest.mark.parametrize(("day", "told"), [(30, 1), (20, 0)])
def test_a_monthly_ritual_is_told_in_the_week_of_its_last_chance(day: int, told: int) -> None:
    couple = couple_of(make_ritual(cadence=Monthly(day=day), windows=(parse_window("18:00-20:00"),)))
    busy = taken("2026-11-30 07:00-23:00", "2026-12-20 07:00-23:00")
    assert len(digest(couple, sam=busy).without_time) == told


def test_what_would_help_is_sought_from_today_on_where_a_period_began_long_ago() -> None:
    couple = couple_of(make_ritual(cadence=Monthly(), windows=(parse_window("mon 18:00-20:00"),)))
    (told,) = digest(couple, sam=taken("2026-11-30 18:00-20:00")).without_time
    assert told.remedy


def test_a_calendar_out_of_reach_is_no_matter_for_a_mail() -> None:
    couple = couple_of()
    blind = replace(make_question(couple, (), SUNDAY), busy=(BusyView((), trusted=False), BusyView(())))
    assert digest(couple, question=blind).without_time == ()


def test_days_that_one_of_the_two_keeps_free_are_never_given_as_a_reason() -> None:
    days = Dates((Stretch(date(2026, 11, 30), date(2026, 12, 6)),))
    for named in ("away", "tender"):
        couple = couple_of(partners=(make_partner("sam"), make_partner("kim", **{named: days})))
        assert digest(couple).without_time == ()


def test_without_a_question_to_ask_a_digest_is_as_before() -> None:
    members = {name: Membership(name, Standing.JOINED, SUNDAY) for name in ("sam", "kim")}
    entry = OutboxEntry("k", "home", "sam", EffectKind.MAIL, "digest/2026-W48/2026-11-29", SUNDAY, SUNDAY)
    with state() as tx:
        found = letter_for(tx, Desk(couple_of(mail=MAIL), members, (), "host@example.org"), entry, SUNDAY)
    assert found
    assert found.kind is MailKind.DIGEST
    assert found.without_time == ()
