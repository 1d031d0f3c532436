"""What a season changes in mails: which come, how they open, how deep their card goes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from scheduler.adapters.sqlstore import SqlStore
from scheduler.content.render import MailTemplates
from scheduler.domain.couple import Couple, Membership, Standing
from scheduler.domain.deck import Taste
from scheduler.domain.digest import Letter
from scheduler.domain.draw import LIGHTER, depth_in
from scheduler.domain.message import MailKind
from scheduler.domain.occurrence import Placement
from scheduler.domain.outbox import EffectKind, OutboxEntry
from scheduler.domain.season import Season
from scheduler.engine import compose
from scheduler.engine.compose import Desk
from scheduler.ports import Transaction
from tests.build import at, make_partner
from tests.world import cards, templates, usual_couple

NOW = at("2026-11-23 09:00")
HOUR, WEEK = timedelta(hours=1), timedelta(days=7)
EXAMS = Season("exams", date(2026, 11, 23), date(2026, 12, 13), tone="Short and easy is good enough.")
OLD_COUPLE = timedelta(weeks=20)  # began so long ago that deep cards may come


def couple_of(*seasons: Season, **changes: object) -> Couple:
    return usual_couple(**{"seasons": seasons, **changes})


def desk(couple: Couple) -> Desk:
    members = {one.id: Membership(one.id, Standing.JOINED, at("2026-11-02 09:00")) for one in couple.partners}
    return Desk(couple, members, cards(), "host@example.org")


@contextmanager
def state() -> Iterator[Transaction]:
    store = SqlStore.open(":memory:", secret=lambda: b"salt")
    with store.transaction() as tx:
        yield tx
    store.close()


def wanted(couple: Couple, *moments: datetime, partner: str = "sam") -> list[str]:
    with state() as tx:
        for now in moments:
            compose.decide(tx, desk(couple), now)
        return [one.ref for one in tx.outbox("home") if one.partner == partner]


def letter(couple: Couple, kind: MailKind, now: datetime, partner: str = "sam") -> Letter:
    day = now.date()
    ref = f"{kind.value}/2026-W48/{day.isoformat()}"
    with state() as tx:
        found = compose.letter_for(
            tx, desk(couple), OutboxEntry("k", "home", partner, EffectKind.MAIL, ref, now, now), now
        )
    assert found
    return found


def text(one: Letter, using: MailTemplates) -> str:
    return using.render(one, "Calendar", "calendar@example.org", "k").text


# ── which come ──

SUNDAY, SATURDAY = at("2026-11-29 17:00"), at("2026-12-05 12:00")


def test_a_kind_that_rests_is_not_wanted_while_the_season_lasts_nor_caught_up_after_it() -> None:
    quiet = replace(EXAMS, last=date(2026, 11, 29), without=(MailKind.DIGEST,))
    days = [SUNDAY + timedelta(hours=8 * number) for number in range(20)]
    assert [ref for ref in wanted(couple_of(quiet), *days) if ref.startswith("digest/2026-W48")] == []
    assert [ref for ref in wanted(couple_of(), *days) if ref.startswith("digest/2026-W48")]
    assert [ref for ref in wanted(couple_of(quiet), *days, SUNDAY + WEEK) if ref.startswith("digest/")] == [
        "digest/2026-W49/2026-12-06"
    ]


def test_kinds_that_do_not_rest_come_as_ever() -> None:
    quiet = replace(EXAMS, without=(MailKind.DIGEST,))
    assert [ref for ref in wanted(couple_of(quiet), at("2026-11-25 12:00")) if ref.startswith("question/2026-W48")]


@pytest.mark.parametrize("kind", [MailKind.TIME_SET, MailKind.NEW_TIME], ids=lambda kind: kind.value)
def test_news_of_times_can_rest_too(kind: MailKind) -> None:
    for season, is_told in ((replace(EXAMS, without=(kind,)), False), (EXAMS, True)):
        with state() as tx:
            compose.decide(tx, desk(couple_of(season)), NOW)  # the digest of yesterday
            later, start = NOW + HOUR, NOW + timedelta(days=5)
            previous = start - HOUR if kind is MailKind.NEW_TIME else None
            tx.save_placement("home", Placement("coffee/2026-W48", start, start + HOUR, later, previous=previous))
            compose.decide(tx, desk(couple_of(season)), later)
            assert bool(tx.outbox("home", ref=kind.value)) is is_told


# ── how they open ──


@pytest.mark.parametrize("kind", [MailKind.QUESTION, MailKind.DIGEST, MailKind.REFLECTION], ids=lambda kind: kind.value)
def test_the_mails_of_a_season_open_with_its_line(kind: MailKind) -> None:
    last_day, after = at("2026-12-13 22:30"), at("2026-12-13 23:30")  # midnight in Berlin lies between them
    couple = couple_of(EXAMS)
    assert text(letter(couple, kind, last_day), templates()).split("\n")[4] == EXAMS.tone
    assert letter(couple, kind, after).tone == ""


def test_the_line_goes_by_the_couples_clock_for_both() -> None:
    tokyo = make_partner("kim", zone=ZoneInfo("Asia/Tokyo"))
    couple = couple_of(EXAMS, partners=(make_partner("sam"), tokyo))
    before, begun = at("2026-11-22 22:59"), at("2026-11-22 23:00")
    assert [letter(couple, MailKind.DIGEST, now, "kim").tone for now in (before, begun)] == ["", EXAMS.tone]


def test_a_discreet_reader_is_spared_the_line() -> None:
    couple = couple_of(EXAMS, partners=(make_partner("sam", discreet=True), make_partner("kim")))
    found = {who: text(letter(couple, MailKind.DIGEST, SUNDAY, who), templates()) for who in ("sam", "kim")}
    assert EXAMS.tone not in found["sam"]
    assert EXAMS.tone in found["kim"]


# ── how deep their card goes ──


def drawn_depths(tx: Transaction, couple: Couple, now: datetime) -> dict[str, int]:
    """The depth of the card that each week's question shows."""
    found = {}
    for number in range(5):
        day = (now + number * WEEK).date()
        label = f"{day.isocalendar().year}-W{day.isocalendar().week:02d}"
        entry = OutboxEntry(
            "k", "home", "sam", EffectKind.MAIL, f"question/{label}/{day.isoformat()}", now, now
        )  # fmt: skip
        told = compose.letter_for(tx, desk(couple), entry, now)
        assert told
        if told.card:
            found[label] = told.card.depth
    return found


def long_ago(tx: Transaction, couple: Couple) -> None:
    compose.draw_ahead(tx, desk(couple), NOW - OLD_COUPLE)


def test_cards_of_a_season_are_no_deeper_than_it_allows() -> None:
    deep = {"taste": Taste(max_depth=4)}
    with state() as tx:
        long_ago(tx, couple_of(**deep))
        compose.draw_ahead(tx, desk(couple_of(**deep)), NOW)
        as_ever = drawn_depths(tx, couple_of(**deep), NOW)
    with state() as tx:
        light = couple_of(replace(EXAMS, depth=1), **deep)
        long_ago(tx, light)
        compose.draw_ahead(tx, desk(light), NOW)
        found = drawn_depths(tx, light, NOW)
    weeks = ["2026-W48", "2026-W49", "2026-W50"]
    assert [found[week] for week in weeks] == [1, 1, 1]
    assert max(as_ever[week] for week in weeks) > 1


def test_a_season_that_comes_after_the_draw_gets_lighter_cards_and_gives_the_others_back() -> None:
    plain, light = couple_of(), couple_of(replace(EXAMS, depth=1))
    with state() as tx:
        long_ago(tx, plain)
        compose.draw_ahead(tx, desk(plain), NOW)
        before = drawn_depths(tx, plain, NOW)
        too_deep = [week for week in ("2026-W48", "2026-W49", "2026-W50") if before[week] > 1]
        assert too_deep
        assert not set(too_deep) & drawn_depths(tx, light, NOW).keys()  # not yet drawn anew: no card, not a deep one
        compose.draw_ahead(tx, desk(light), NOW)
        after = drawn_depths(tx, light, NOW)
        assert {week: after[week] for week in too_deep} == dict.fromkeys(too_deep, 1)
        assert {week: depth for week, depth in after.items() if week not in too_deep} == {
            week: depth for week, depth in before.items() if week not in too_deep
        }
        again = tx.draws("home")
        assert [one.week for one in again if one.slot.endswith(LIGHTER)] == too_deep
        compose.draw_ahead(tx, desk(light), NOW)
        assert tx.draws("home") == again
        assert len({one.card for one in again}) == len(again)
        assert drawn_depths(tx, plain, NOW) == before


def test_a_week_that_a_season_touches_is_its_own() -> None:
    touching = couple_of(Season("grief", date(2026, 12, 6), date(2026, 12, 7), depth=2))
    assert [depth_in(touching, f"2026-W{week}") for week in (48, 49, 50, 51)] == [4, 2, 2, 4]
    assert depth_in(couple_of(EXAMS), "2026-W49") == 4
