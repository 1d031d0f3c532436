"""The whole service on fakes, one claim at a time."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from scheduler.adapters.folder import FolderCalendar
from scheduler.domain.couple import Standing
from scheduler.domain.errors import Refused, Unavailable, Uncertain
from scheduler.domain.freebusy import span_of
from scheduler.domain.localtime import parse_window
from scheduler.domain.message import FRESHNESS, MailKind
from scheduler.domain.outbox import EffectKind, OutboxEntry, State
from tests.build import at, make_partner, make_ritual
from tests.world import START, usual_couple, world


def test_before_both_say_yes_nothing_goes_out_but_one_invitation_each() -> None:
    with world(joined=False) as w:
        w.until(START + timedelta(days=30))
        assert [one.ref for one in w.outbox()] == ["invitation/once"] * 2
        assert len(w.mailer.sent) == 2
        assert w.titles("sam") == w.titles("kim") == []


def test_one_yes_alone_plans_nothing() -> None:
    with world(joined=False) as w:
        w.service.join("sam", shown="text")
        w.until(START + timedelta(days=8))
        assert w.titles("sam") == []
        assert {one.mail_kind for one in w.outbox() if one.kind is EffectKind.MAIL} == {"welcome", "invitation"}


def test_after_both_say_yes_four_weeks_stand_on_both_calendars() -> None:
    with world() as w:
        w.service.tick()
        assert w.titles("sam") == w.titles("kim")
        assert w.titles("sam").count("Coffee") == 4
        assert w.titles("sam").count("Check in") >= 19
        starts = [[event.starts_at for event in w.calendars[who].events] for who in ("sam", "kim")]
        assert starts[0] == starts[1]


def test_each_partner_has_an_event_of_their_own() -> None:
    with world() as w:
        w.service.tick()
        uids = [{event.uid for event in w.calendars[who].events} for who in ("sam", "kim")]
        assert not uids[0] & uids[1]


def test_ticking_again_changes_nothing() -> None:
    with world() as w:
        w.until(START + timedelta(hours=1))
        before = ([*w.calendars["sam"].events], len(w.mailer.sent), len(w.outbox()))
        for _ in range(5):
            w.service.tick()
        assert ([*w.calendars["sam"].events], len(w.mailer.sent), len(w.outbox())) == before


def test_a_week_brings_one_question_and_one_digest_to_each() -> None:
    with world() as w:
        w.until(START + timedelta(days=7))
        for who in ("sam", "kim"):
            kinds = sorted(one.mail_kind for one in w.outbox() if one.partner == who and one.kind is EffectKind.MAIL)
            assert kinds == ["digest", "question", "time_set", "welcome"]


def test_a_drag_that_suits_both_is_followed_by_the_other_copy() -> None:
    with world() as w:
        w.service.tick()
        (mine, theirs) = (w.calendars[who].events for who in ("sam", "kim"))
        coffee = next(event for event in mine if event.title == "Coffee")
        w.calendars["sam"].person_moves(coffee.uid, at("2026-11-28 15:00"))
        w.service.tick()
        assert [e.starts_at for e in w.calendars["kim"].events] == [e.starts_at for e in w.calendars["sam"].events]
        assert at("2026-11-28 15:00") in [e.starts_at for e in w.calendars["kim"].events]
        assert theirs != w.calendars["kim"].events


def test_a_drag_onto_the_others_busy_hour_offers_the_next_slot_to_both() -> None:
    coffee_time = make_ritual("coffee", windows=(parse_window("sat 09:00-14:00"),), ideal=600)
    with world(usual_couple(rituals=(coffee_time,))) as w:
        w.busy["kim"].set((span_of(at("2026-11-28 10:00"), at("2026-11-28 10:30")),))
        w.service.tick()
        coffee = next(event for event in w.calendars["sam"].events if event.title == "Coffee")
        w.calendars["sam"].person_moves(coffee.uid, at("2026-11-28 09:45"))
        w.service.tick()
        for who in ("sam", "kim"):
            moved = next(event for event in w.calendars[who].events if event.title == "Coffee")
            assert moved.starts_at == at("2026-11-28 10:30")


def test_what_one_deletes_is_gone_for_both_and_stays_away() -> None:
    with world() as w:
        w.service.tick()
        coffee = next(event for event in w.calendars["kim"].events if event.title == "Coffee")
        w.calendars["kim"].person_deletes(coffee.uid)
        w.until(START + timedelta(days=3))
        for who in ("sam", "kim"):
            assert coffee.starts_at not in [event.starts_at for event in w.calendars[who].events]


def test_a_calendar_that_does_not_answer_is_never_read_as_emptied() -> None:
    with world() as w:
        w.service.tick()
        before = w.calendars["sam"].events
        w.calendars["kim"].down = True
        w.until(START + timedelta(days=1))
        w.calendars["kim"].down = False
        w.until(START + timedelta(days=2))
        assert [event.uid for event in before if event.starts_at > w.clock.now()] == [
            event.uid for event in w.calendars["sam"].events if event in before and event.starts_at > w.clock.now()
        ]


def test_busy_times_that_cannot_be_read_place_nothing_new_and_move_nothing() -> None:
    with world() as w:
        w.service.tick()
        before = w.calendars["sam"].events
        w.busy["sam"].down = True
        w.until(START + timedelta(days=9))
        assert w.calendars["sam"].events == before


def test_leaving_takes_ones_own_events_away_at_once_and_says_nothing_to_the_other() -> None:
    with world() as w:
        w.until(START + timedelta(hours=1))
        theirs, sent = w.calendars["kim"].events, len(w.mailer.sent)
        w.service.leave("sam")
        w.service.deliver()
        assert w.titles("sam") == []
        assert w.calendars["kim"].events == theirs
        assert len(w.mailer.sent) == sent
        w.until(START + timedelta(days=14))
        assert not [one for one in w.mailer.sent[sent:] if one.partner == "sam"]


def test_a_pause_silences_one_partner_and_ends_by_itself() -> None:
    with world() as w:
        w.until(START + timedelta(hours=1))
        w.service.pause("sam", until=date(2026, 12, 7))
        w.service.deliver()
        assert min(event.starts_at for event in w.calendars["sam"].events) >= at("2026-12-06 23:00")
        sent = len(w.mailer.sent)
        w.until(at("2026-12-06 22:00"))
        assert {one.partner for one in w.mailer.sent[sent:]} == {"kim"}
        w.until(at("2026-12-10 22:00"))
        assert "sam" in {one.partner for one in w.mailer.sent[sent:]}


def test_a_mail_refused_for_good_is_kept_for_the_host_to_see() -> None:
    with world() as w:
        w.mailer.fail_next(Refused("550 5.1.1"))
        w.service.tick()
        assert [one.state for one in w.outbox("welcome")].count(State.REFUSED) == 1


def test_a_mail_that_was_surely_not_taken_waits_and_goes_out_once() -> None:
    with world() as w:
        w.mailer.fail_next(Unavailable("451"), Unavailable("451"))
        w.until(START + timedelta(minutes=30))
        assert len(w.subjects("sam")) == len(set(w.subjects("sam")))
        assert {one.state for one in w.outbox("welcome")} == {State.DONE}


def test_a_mail_that_ends_in_the_dark_three_times_is_left_to_a_person() -> None:
    with world(joined=False) as w:
        w.mailer.fail_next(*[Uncertain("cut off")] * 20)
        w.until(START + timedelta(days=2))
        copies = [one.data for one in w.mailer.sent if one.partner == "sam"]
        assert len(copies) == 3
        assert len(set(copies)) == 1, "every copy has the same bytes"
        assert {one.state for one in w.outbox("invitation")} == {State.UNCERTAIN}


def test_nothing_is_sent_in_quiet_hours() -> None:
    quiet = parse_window("21:30-07:00")
    couple = usual_couple(partners=(make_partner("sam", quiet=quiet), make_partner("kim", quiet=quiet)))
    with world(couple, start=at("2026-11-23 22:00")) as w:
        w.service.tick()
        assert len(w.subjects("sam")) == 1, "only the welcome, to someone who has just said yes"
        w.until(at("2026-11-24 05:59"))
        assert len(w.subjects("sam")) == 1
        w.until(at("2026-11-24 06:30"))
        assert len(w.subjects("sam")) == 2


def test_joining_again_after_leaving_brings_the_events_back() -> None:
    with world() as w:
        w.service.tick()
        w.service.leave("sam")
        w.service.tick()
        w.service.join("sam", shown="text")
        w.service.tick()
        assert w.titles("sam") == w.titles("kim")
        assert w.service.memberships()["sam"].standing is Standing.JOINED


@pytest.mark.parametrize("down", [timedelta(hours=1), timedelta(days=2), timedelta(weeks=3)])
@pytest.mark.parametrize("hour", [0, 55, 110])
def test_after_a_downtime_a_partner_gets_at_most_one_late_mail_in_a_day(down: timedelta, hour: int) -> None:
    with world(start=at("2026-11-09 09:00")) as w:
        w.until(at("2026-11-16 00:00") + timedelta(hours=hour))
        w.clock.advance(down)
        back, sent = w.clock.now(), len(w.mailer.sent)
        w.until(back + timedelta(hours=23))
        for who in ("sam", "kim"):
            keys = {one.key for one in w.mailer.sent[sent:] if one.partner == who}
            late = [one.ref for one in w.outbox() if one.key in keys and _lateness(one) > timedelta(hours=1)]
            assert len(late) <= 1


def _lateness(entry: OutboxEntry) -> timedelta:
    assert entry.done_at
    assert entry.fresh_until
    return entry.done_at - (entry.fresh_until - FRESHNESS[MailKind(entry.mail_kind)])


def test_busy_times_of_someone_who_has_not_said_yes_are_not_read() -> None:
    with world(joined=False) as w:
        w.service.join("sam", shown="text")
        w.service.tick()
        with w.store.transaction() as tx:
            assert {record.partner for record in tx.busy(w.service.couple.id)} == {"sam"}


def test_busy_times_of_someone_who_left_are_neither_read_nor_kept() -> None:
    with world() as w:
        w.busy["kim"].set((span_of(at("2026-11-28 09:00"), at("2026-11-28 09:30")),))
        w.service.tick()
        w.service.leave("kim")
        w.until(START + timedelta(days=1))
        with w.store.transaction() as tx:
            assert [record.spans for record in tx.busy(w.service.couple.id) if record.partner == "kim"] == [()]
        assert "Coffee" in w.titles("sam")


def test_a_partner_renamed_in_the_file_is_a_new_person_and_stops_nothing() -> None:
    with world() as w:
        w.service.tick()
        renamed = usual_couple(partners=(make_partner("sam"), make_partner("lee")))
        calendars = {"sam": w.calendars["sam"], "lee": w.calendars["kim"]}
        w.service.parts = replace(w.service.parts, couple=renamed, calendars=calendars, sources={})
        w.until(START + timedelta(days=8))
        assert {one.note for one in w.outbox() if one.partner == "kim" and one.state is State.DROPPED} <= {
            "the file no longer names this partner"
        }
        assert "invitation/once" in {one.ref for one in w.outbox() if one.partner == "lee"}


def test_the_question_names_the_next_ritual_that_carries_it() -> None:
    with world() as w:
        w.until(START + timedelta(days=3))
        question = next(one for one in w.mailer.sent if b"This week's note" in one.data)
        assert b"Saturday" in question.data


def test_a_calendar_that_was_lost_gets_nothing_new_and_is_not_read_as_deleted(tmp_path: Path) -> None:
    """vdirsyncer #42: an emptied side deletes nothing; a new event there must not make it look half empty."""
    folder = FolderCalendar(tmp_path / "sam", title="Rituals", colour="#336699", zone=ZoneInfo("Europe/Berlin"))
    with world() as w:
        w.service.parts = replace(w.service.parts, calendars={**w.calendars, "sam": folder})
        w.until(START + timedelta(days=1))
        kept = w.calendars["kim"].events
        (tmp_path / "sam").rename(tmp_path / "lost")
        w.until(START + timedelta(days=3))
        assert not (tmp_path / "sam").exists()
        (tmp_path / "lost").rename(tmp_path / "sam")
        w.until(START + timedelta(days=4))
        assert {event.uid for event in kept} <= {event.uid for event in w.calendars["kim"].events}
        files = len(list((tmp_path / "sam").glob("*.ics")))
        assert files == len(w.calendars["kim"].events), "what waited is written once the folder is back"


def test_an_event_that_a_person_retitled_again_and_again_still_follows_a_move() -> None:
    """Programs raise SEQUENCE with each edit: that is no newer write of ours."""
    coffee_time = make_ritual("coffee", windows=(parse_window("sat 09:00-14:00"),), ideal=600)
    with world(usual_couple(rituals=(coffee_time,))) as w:
        w.service.tick()
        uid = w.calendars["sam"].events[1].uid
        for number in range(3):
            w.calendars["sam"].person_retitles(uid, f"Our coffee {number}")
            w.service.tick()
        start = w.calendars["sam"].events[1].starts_at
        w.busy["kim"].set((span_of(start, start + timedelta(hours=1)),))
        w.service.tick()
        moved = [w.calendars[who].events[1].starts_at for who in ("sam", "kim")]
        assert moved == [start + timedelta(hours=1)] * 2
