"""Which mails are wanted, when, and what each may know."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta

from scheduler.adapters.sqlstore import SqlStore
from scheduler.domain.cadence import Daily
from scheduler.domain.couple import Couple, Membership, Standing
from scheduler.domain.digest import Letter
from scheduler.domain.localtime import parse_window
from scheduler.domain.message import Every, MailKind, MailRule
from scheduler.domain.occurrence import Fate, Placement
from scheduler.domain.outbox import EffectKind, OutboxEntry
from scheduler.engine import compose
from scheduler.engine.compose import SETTLE, Desk
from scheduler.ports import Transaction
from tests.build import at, make_partner, make_ritual
from tests.world import MAIL, cards, usual_couple

NOW = at("2026-11-23 09:00")
LATER = at("2026-11-23 10:00")  # the digest of yesterday has been wanted by then
DAY = timedelta(days=1)
JOINED = Membership("sam", Standing.JOINED, joined_at=at("2026-11-02 09:00"))


def desk(couple: Couple | None = None, *, sam: Membership = JOINED, kim: Membership | None = None) -> Desk:
    members = {"sam": sam, "kim": kim or replace(JOINED, partner="kim")}
    return Desk(couple or usual_couple(), members, cards(), "host@example.org")


@contextmanager
def state() -> Iterator[Transaction]:
    store = SqlStore.open(":memory:", secret=lambda: b"salt")
    with store.transaction() as tx:
        yield tx
    store.close()


def wanted(tx: Transaction, partner: str = "sam") -> list[str]:
    return [one.ref.partition("/")[0] for one in tx.outbox("home") if one.partner == partner]


def place(
    tx: Transaction, key: str, starts_at: datetime, *, decided_at: datetime = NOW, **changes: object
) -> Placement:
    made = Placement(key, starts_at, starts_at + timedelta(hours=1), decided_at)
    made = replace(made, **changes)  # type: ignore[arg-type]
    tx.save_placement("home", made)
    return made


def letter(tx: Transaction, one: Desk, kind: str, now: datetime = NOW, partner: str = "sam") -> Letter | None:
    found = [entry for entry in tx.outbox("home") if (entry.mail_kind, entry.partner) == (kind, partner)]
    return compose.letter_for(tx, one, found[-1], now)


# ── who is asked, who is welcomed ──


def test_whoever_was_never_asked_gets_one_invitation_and_nothing_else() -> None:
    with state() as tx:
        asked = desk(sam=Membership("sam"))
        for hours in range(3):
            compose.invite(tx, asked, NOW + timedelta(hours=hours))
        assert wanted(tx) == ["invitation"]
        assert wanted(tx, "kim") == ["welcome"]


def test_whoever_left_is_neither_invited_nor_welcomed() -> None:
    with state() as tx:
        compose.invite(tx, desk(sam=replace(JOINED, standing=Standing.LEFT)), NOW)
        assert wanted(tx) == []


def test_joining_anew_is_welcomed_anew() -> None:
    with state() as tx:
        compose.invite(tx, desk(), NOW)
        compose.invite(tx, desk(), NOW)
        assert wanted(tx) == ["welcome"]
        compose.invite(tx, desk(sam=replace(JOINED, joined_at=NOW)), NOW)
        assert wanted(tx) == ["welcome"] * 2


def test_a_kind_that_is_switched_off_is_never_wanted() -> None:
    off = MailRule(False, 0, 0, Every.WEEK)
    with state() as tx:
        compose.invite(tx, desk(usual_couple(mail={MailKind.WELCOME: off})), NOW)
        assert wanted(tx) == []


# ── what comes again and again ──


def test_a_mail_is_wanted_once_its_hour_has_come_on_ones_own_clock() -> None:
    with state() as tx:
        compose.decide(tx, desk(), at("2026-11-25 11:14"))
        assert [one.ref for one in tx.outbox("home") if "W48" in one.ref] == []
        compose.decide(tx, desk(), at("2026-11-25 11:15"))
        found = [one for one in tx.outbox("home") if "W48" in one.ref]
        assert [(one.partner, one.ref) for one in found] == [("sam", "question/2026-W48/2026-11-25")]
        assert found[0].due_at == at("2026-11-25 11:15")
        assert found[0].fresh_until == at("2026-11-27 11:15")


def test_deciding_again_wants_nothing_twice() -> None:
    with state() as tx:
        for minutes in range(0, 300, 7):
            compose.decide(tx, desk(), at("2026-11-29 15:00") + timedelta(minutes=minutes))
        assert sorted(wanted(tx)) == ["digest", "digest", "question", "reflection"]


def test_another_day_in_the_file_gives_no_second_question_in_the_same_week() -> None:
    with state() as tx:
        compose.decide(tx, desk(), at("2026-11-25 12:00"))
        moved = usual_couple(mail={**MAIL, MailKind.QUESTION: MailRule(True, 4, 12 * 60, Every.WEEK)})
        compose.decide(tx, desk(moved), at("2026-11-27 12:00"))
        assert [one.ref for one in tx.outbox("home", ref="question/2026-W48") if one.partner == "sam"] == [
            "question/2026-W48/2026-11-25"
        ]


def test_nothing_is_wanted_from_before_one_joined_or_while_one_pauses() -> None:
    with state() as tx:
        compose.decide(tx, desk(sam=replace(JOINED, joined_at=at("2026-11-22 20:00"))), NOW)
        compose.decide(tx, desk(sam=replace(JOINED, paused_until=date(2026, 11, 24))), NOW)
        assert wanted(tx) == []
        compose.decide(tx, desk(sam=replace(JOINED, paused_until=date(2026, 11, 23))), NOW)
        assert wanted(tx) != []


# ── times that were set ──


def test_a_time_inside_the_coming_week_is_told_and_later_ones_are_left_to_the_digest() -> None:
    with state() as tx:
        place(tx, "coffee/2026-W49", NOW + 8 * DAY)
        compose.decide(tx, desk(), NOW)
        assert "time_set" not in wanted(tx)
        near = place(tx, "coffee/2026-W48", NOW + 5 * DAY, decided_at=LATER)
        compose.decide(tx, desk(), LATER)
        told = letter(tx, desk(), "time_set")
        assert told
        assert [one.starts_at for one in told.coming] == [near.starts_at]


def test_a_daily_ritual_alone_is_no_news() -> None:
    with state() as tx:
        place(tx, "check-in/2026-11-24", NOW + DAY)
        compose.decide(tx, desk(), NOW)
        assert "time_set" not in wanted(tx)


def test_a_change_waits_a_little_for_others_that_come_with_it() -> None:
    with state() as tx:
        place(tx, "coffee/2026-W48", NOW + 5 * DAY)
        compose.decide(tx, desk(), NOW)
        moved_at = NOW + timedelta(hours=2)
        place(tx, "coffee/2026-W48", NOW + 6 * DAY, decided_at=moved_at, previous=NOW + 5 * DAY)
        compose.decide(tx, desk(), moved_at)
        (entry,) = (one for one in tx.outbox("home", ref="new_time") if one.partner == "sam")
        assert entry.due_at == moved_at + SETTLE
        told = compose.letter_for(tx, desk(), entry, moved_at)
        assert told
        assert [(one.previous, one.starts_at) for one in told.coming] == [(NOW + 5 * DAY, NOW + 6 * DAY)]


def test_what_was_declined_before_it_was_told_leaves_nothing_to_say() -> None:
    with state() as tx:
        compose.decide(tx, desk(), NOW)
        coffee = place(tx, "coffee/2026-W48", NOW + 5 * DAY, decided_at=LATER)
        compose.decide(tx, desk(), LATER)
        tx.save_placement("home", replace(coffee, fate=Fate.DECLINED))
        assert letter(tx, desk(), "time_set") is None
        tx.save_placement("home", coffee)
        assert letter(tx, desk(), "time_set") is not None
        assert letter(tx, desk(), "time_set", now=coffee.starts_at) is None, "never about the past"


# ── what a mail may know ──


def entry_of(kind: MailKind, period: str, partner: str = "sam") -> OutboxEntry:
    return OutboxEntry("k", "home", partner, EffectKind.MAIL, f"{kind.value}/{period}", NOW, NOW)


def test_a_digest_tells_the_coming_week_and_what_is_really_over() -> None:
    sunday = at("2026-11-29 16:00")
    with state() as tx:
        place(tx, "coffee/2026-W47", at("2026-11-21 09:00"))
        kept = place(tx, "coffee/2026-W48", at("2026-11-28 09:00"))
        place(tx, "check-in/2026-11-27", at("2026-11-27 17:00"), fate=Fate.DECLINED)
        place(tx, "check-in/2026-11-29", at("2026-11-29 15:30"))  # it is going on while the mail is written
        coming = place(tx, "coffee/2026-W49", at("2026-12-05 09:00"))
        place(tx, "coffee/2026-W50", at("2026-12-12 09:00"))
        found = compose.letter_for(tx, desk(), entry_of(MailKind.DIGEST, "2026-W48/2026-11-29"), sunday)
    assert found
    assert [one.starts_at for one in found.past] == [kept.starts_at]
    assert [one.starts_at for one in found.coming] == [coming.starts_at]


def test_a_digest_that_comes_late_leaves_out_what_has_begun_meanwhile() -> None:
    with state() as tx:
        place(tx, "check-in/2026-11-30", at("2026-11-30 17:00"))
        later = place(tx, "check-in/2026-12-01", at("2026-12-01 17:00"))
        entry = entry_of(MailKind.DIGEST, "2026-W48/2026-11-29")
        found = compose.letter_for(tx, desk(), entry, at("2026-11-30 17:01"))
    assert found
    assert [one.starts_at for one in found.coming] == [later.starts_at]


def test_the_question_is_the_card_of_its_week_and_the_digest_brings_the_next() -> None:
    with state() as tx:
        compose.draw_ahead(tx, desk(), NOW)
        drawn = {one.week: one.card for one in tx.draws("home")}
        question = compose.letter_for(tx, desk(), entry_of(MailKind.QUESTION, "2026-W48/2026-11-25"), NOW)
        digest = compose.letter_for(tx, desk(), entry_of(MailKind.DIGEST, "2026-W48/2026-11-29"), NOW)
    assert question
    assert question.card
    assert question.card.id == drawn["2026-W48"]
    assert digest
    assert digest.card
    assert digest.card.id == drawn["2026-W49"]


def test_cards_are_drawn_once_for_every_week_of_the_horizon() -> None:
    with state() as tx:
        compose.draw_ahead(tx, desk(), NOW)
        first = tx.draws("home")
        compose.draw_ahead(tx, desk(), NOW)
        assert tx.draws("home") == first
        assert [one.week for one in first] == [f"2026-W{number}" for number in (48, 49, 50, 51, 52)]
        assert len({one.card for one in first}) == 5
        compose.draw_ahead(tx, desk(), NOW + 7 * DAY)
        assert tx.draws("home")[:5] == first
        assert tx.note("home", "started_week") == "2026-W48"


def test_a_discreet_partner_reads_neutral_words_and_the_other_does_not() -> None:
    secret = make_ritual("supper", title="Xylophone supper", cadence=Daily(), windows=(parse_window("18:00-20:00"),))
    couple = usual_couple(partners=(make_partner("sam", discreet=True), make_partner("kim")), rituals=(secret,))
    with state() as tx:
        place(tx, "supper/2026-12-01", at("2026-12-01 18:00"))
        mails = {
            who: compose.letter_for(
                tx, desk(couple), entry_of(MailKind.DIGEST, "2026-W48/2026-11-29", who), at("2026-11-29 16:00")
            )
            for who in ("sam", "kim")
        }
    assert mails["sam"]
    assert mails["kim"]
    assert "Xylophone" not in str(mails["sam"].coming) + str(mails["sam"].rhythm)
    assert mails["sam"].coming[0].how_to == ()
    assert mails["kim"].coming[0].title == "Xylophone supper"


def test_of_the_other_a_mail_knows_the_name_and_the_zone_and_no_more() -> None:
    couple = usual_couple(
        partners=(make_partner("sam"), make_partner("kim", name="Kimberley", address="k@example.org"))
    )
    with state() as tx:
        found = compose.letter_for(tx, desk(couple), entry_of(MailKind.QUESTION, "2026-W48/2026-11-25"), NOW)
    assert found
    assert found.other_name == "Kimberley"
    assert "k@example.org" not in str(found)
