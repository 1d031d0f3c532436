"""One outbox entry at a time: the intent before the effect, the outcome after it, and every way in which it can end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from scheduler.adapters.memory import MemoryCalendar, MemoryMailer
from scheduler.domain.couple import Couple
from scheduler.domain.dates import Dates, Stretch
from scheduler.domain.errors import Conflict, Refused, Unavailable, Uncertain
from scheduler.domain.event import Event
from scheduler.domain.localtime import parse_window
from scheduler.domain.message import FRESHNESS, MailKind
from scheduler.domain.outbox import LEASE, EffectKind, OutboxEntry, State
from scheduler.engine.deliver import Delivered, Hands, drain, hand_out, perform
from scheduler.ports import Claim, Envelope
from tests.build import at, make_partner
from tests.world import START, World, usual_couple, world

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@contextmanager
def desk(couple: Couple | None = None) -> Iterator[World]:
    """Both have joined and everything that follows from it is done: the outbox is quiet."""
    with world(couple) as w:
        w.service.tick()
        yield w


def hands(w: World, **changes: Any) -> Hands:
    parts = w.service.parts
    made = Hands(
        store=parts.store,
        clock=parts.clock,
        couple=parts.couple,
        calendars=parts.calendars,
        mailer=parts.mailer,
        sender="rituals@example.org",
        write=lambda tx, entry, now: b"Subject: x\r\n\r\nthe words",
    )
    return replace(made, **changes)


def want(w: World, key: str = "k1", kind: MailKind = MailKind.QUESTION, **changes: Any) -> OutboxEntry:
    now = w.clock.now()
    entry = OutboxEntry(
        key=key, couple="home", partner="sam", kind=EffectKind.MAIL, ref=f"{kind.value}/2026-W48/2026-11-25",
        due_at=now, wanted_at=now, fresh_until=now + FRESHNESS[kind],
    )  # fmt: skip
    entry = replace(entry, **changes)
    with w.store.transaction() as tx:
        tx.want(entry)
    return entry


def entry(w: World, key: str = "k1") -> OutboxEntry:
    with w.store.transaction() as tx:
        found = tx.entry(key)
    assert found
    return found


def do(w: World, **changes: Any) -> Delivered | None:
    """Claim the one entry that is due, and perform it."""
    (claim,) = hand_out(hands(w))
    return perform(hands(w, **changes), claim)


def test_what_is_in_hand_is_not_handed_out_again_before_its_lease_is_over() -> None:
    with desk() as w:
        want(w)
        assert [one.key for one in hand_out(hands(w))] == ["k1"]
        assert hand_out(hands(w)) == []
        w.clock.advance(LEASE + MINUTE)
        assert [(one.key, one.epoch) for one in hand_out(hands(w))] == [("k1", 2)]


@pytest.mark.parametrize("claim", [Claim("k1", "home", 0), Claim("k1", "home", 2), Claim("other", "home", 1)])
def test_a_claim_that_is_not_the_last_one_does_nothing(claim: Claim) -> None:
    with desk() as w:
        want(w)
        hand_out(hands(w))
        sent = len(w.mailer.sent)
        assert perform(hands(w), claim) is None
        assert len(w.mailer.sent) == sent
        assert entry(w).state is State.CLAIMED


class Curious(MemoryMailer):
    """Looks into the outbox at the very moment when a mail is handed over."""

    def __init__(self, look: Callable[[], OutboxEntry]) -> None:
        super().__init__()
        self.look = look
        self.found: list[OutboxEntry] = []

    def send(self, envelope: Envelope) -> str:
        self.found.append(self.look())
        return super().send(envelope)


def test_the_intent_and_the_exact_bytes_are_kept_before_the_mail_goes() -> None:
    with desk() as w:
        want(w)
        mailer = Curious(lambda: entry(w))
        do(w, mailer=mailer)
        (found,) = mailer.found
        assert (found.state, found.attempts) == (State.SENDING, 1)
        assert found.payload == mailer.sent[0].data
        assert (mailer.sent[0].key, mailer.sent[0].recipient) == ("k1", "sam@example.org")
        assert (entry(w).state, entry(w).note, entry(w).done_at) == (State.DONE, "250 taken", START)


@pytest.mark.parametrize(
    ("error", "state", "due_in", "cut_off"),
    [
        (Refused("550"), State.REFUSED, None, 0),
        (Conflict("412"), State.DONE, None, 0),
        (Unavailable("451"), State.WAITING, MINUTE, 0),
        (Unavailable("451", retry_after=2 * HOUR), State.WAITING, 2 * HOUR, 0),
        (Uncertain("cut off"), State.WAITING, MINUTE, 1),
    ],
    ids=lambda value: type(value).__name__,
)
def test_every_error_of_a_port_has_its_end(
    error: Exception, state: State, due_in: timedelta | None, cut_off: int
) -> None:
    with desk() as w:
        want(w)
        w.mailer.fail_next(error)
        done = do(w)
        assert done
        assert done.state is entry(w).state is state
        assert entry(w).cut_off == cut_off
        if due_in is not None:
            assert entry(w).due_at == START + due_in


def test_only_what_may_have_arrived_is_kept_to_be_sent_again_as_it_was() -> None:
    with desk() as w:
        want(w, "sure", MailKind.WELCOME)
        w.mailer.fail_next(Unavailable("451"))
        do(w)
        assert entry(w, "sure").payload is None
        want(w, "dark", MailKind.WELCOME)
        w.mailer.fail_next(Uncertain("cut off"))
        do(w)
        assert entry(w, "dark").payload == b"Subject: x\r\n\r\nthe words"
        w.clock.advance(MINUTE)
        list(drain(hands(w, write=lambda *_: b"other words by now")))
        sent = {key: [one.data for one in w.mailer.sent if one.key == key] for key in ("sure", "dark")}
        assert sent == {"sure": [b"other words by now"], "dark": [b"Subject: x\r\n\r\nthe words"] * 2}


def test_a_mail_with_nothing_left_to_say_is_dropped_and_one_that_cannot_be_written_is_refused() -> None:
    def cannot(*_: object) -> bytes:
        raise Refused("a header would hold a line end")

    with desk() as w:
        want(w, "empty")
        assert do(w, write=lambda *_: None) == Delivered("empty", EffectKind.MAIL, State.DROPPED, "nothing left to say")
        want(w, "odd")
        done = do(w, write=cannot)
        assert done
        assert done.state is State.REFUSED
        assert not {one.key for one in w.mailer.sent} & {"empty", "odd"}


def test_whoever_left_gets_nothing_that_was_still_waiting() -> None:
    with desk() as w:
        w.service.leave("sam")
        w.service.deliver()
        want(w)
        do(w)
        assert (entry(w).state, entry(w).note) == (State.DROPPED, "not taking part")


def test_a_third_mail_of_the_day_waits_for_the_next_morning_on_ones_own_clock() -> None:
    with desk() as w:  # the time mail has gone out today
        want(w, "second")
        do(w)
        want(w, "third")
        do(w)
        assert entry(w, "second").state is State.DONE
        assert (entry(w, "third").state, entry(w, "third").due_at) == (State.WAITING, at("2026-11-24 08:00"))
        want(w, "kims", partner="kim")
        do(w)
        assert entry(w, "kims").state is State.DONE


def test_a_mail_in_quiet_hours_waits_for_their_end() -> None:
    quiet = parse_window("09:30-11:00")
    with desk(usual_couple(partners=(make_partner("sam", quiet=quiet), make_partner("kim")))) as w:
        want(w)
        do(w)
        assert (entry(w).state, entry(w).due_at) == (State.WAITING, at("2026-11-23 10:00"))


def test_a_second_late_mail_waits_a_day_after_the_first() -> None:
    with desk() as w:
        w.clock.advance(timedelta(days=1))
        long_ago = w.clock.now() - 3 * HOUR
        for key in ("first", "second"):
            want(w, key, due_at=long_ago, fresh_until=long_ago + FRESHNESS[MailKind.QUESTION])
        list(drain(hands(w)))
        assert entry(w, "first").state is State.DONE
        assert entry(w, "second").due_at == w.clock.now() + timedelta(days=1)


TODAY = Dates((Stretch(START.date(), START.date()),))


@pytest.mark.parametrize("named_by", [0, 1])
@pytest.mark.parametrize("kind", MailKind, ids=lambda kind: kind.value)
def test_on_a_tender_date_no_mail_goes_to_either(kind: MailKind, named_by: int) -> None:
    partners = [make_partner("sam"), make_partner("kim", quiet=parse_window("21:30-07:00"))]
    partners[named_by] = replace(partners[named_by], tender=TODAY)
    with world(usual_couple(partners=tuple(partners)), joined=kind is not MailKind.INVITATION) as w:
        for partner in ("sam", "kim"):
            want(w, partner, kind, partner=partner)
        list(drain(hands(w)))
        assert w.mailer.sent == []
        assert [entry(w, one).due_at for one in ("sam", "kim")] == [at("2026-11-24 08:00"), at("2026-11-24 06:00")]
        assert {entry(w, one).note for one in ("sam", "kim")} == {"for a better hour"}


def test_two_mails_of_a_tender_date_are_not_late_the_day_after() -> None:
    with world(usual_couple(partners=(make_partner("sam", tender=TODAY), make_partner("kim")))) as w:
        for key in ("first", "second"):
            want(w, key)
        list(drain(hands(w)))
        w.clock.set(at("2026-11-24 08:00"))
        list(drain(hands(w)))
        assert [entry(w, key).state for key in ("first", "second")] == [State.DONE] * 2


def test_what_a_tender_date_makes_stale_is_dropped() -> None:
    days = Dates((Stretch(START.date(), START.date() + timedelta(days=3)),))
    with world(usual_couple(partners=(make_partner("sam"), make_partner("kim", tender=days)))) as w:
        want(w)
        list(drain(hands(w)))
        w.clock.set(entry(w).due_at)
        list(drain(hands(w)))
        assert (entry(w).state, entry(w).note) == (State.DROPPED, "too late to be kind")


def test_events_of_other_days_are_written_on_a_tender_date() -> None:
    with world(usual_couple(partners=(make_partner("sam", tender=TODAY), make_partner("kim")))) as w:
        w.service.tick()
        assert w.titles("sam") == w.titles("kim") != []
        assert w.mailer.sent == []


def test_an_event_that_nobody_knows_any_more_is_dropped() -> None:
    with desk() as w:
        lost = OutboxEntry("e1", "home", "sam", EffectKind.EVENT, "coffee/2001-W01#0", START, START)
        with w.store.transaction() as tx:
            tx.want(lost)
        do(w)
        assert (entry(w, "e1").state, entry(w, "e1").note) == (State.DROPPED, "no longer known")


class Dark(MemoryCalendar):
    """Takes the first event and does not say so."""

    def __init__(self) -> None:
        super().__init__()
        self.tries: list[Event] = []

    def put(self, event: Event, tag: str | None) -> str:
        self.tries.append(event)
        said = super().put(event, tag)
        if len(self.tries) == 1:
            raise Uncertain("no answer")
        return said


def test_an_event_whose_write_ended_in_the_dark_is_written_again_just_so() -> None:
    with world() as w:
        dark, kims = Dark(), w.calendars["kim"]
        w.service.collect()
        w.service.plan()
        for _ in range(2):
            list(drain(hands(w, calendars={"sam": dark, "kim": kims})))
            w.clock.advance(HOUR)
        assert dark.tries.count(dark.tries[0]) == 2
        assert [one.starts_at for one in dark.events] == [one.starts_at for one in kims.events]


def test_a_stop_ends_between_two_effects_and_the_rest_is_done_by_the_next_process() -> None:
    with world() as w:
        w.service.collect()
        w.service.plan()
        w.service.compose()
        ended: list[Delivered] = []
        for one in drain(hands(w), lambda: len(ended) >= 3):
            ended.append(one)  # noqa: PERF402 - the stop looks at what has ended so far
        assert len(ended) == 3
        assert [one.state for one in w.outbox()].count(State.DONE) == 3
        after = w.restarted()
        after.service.deliver()
        assert {one.state for one in after.outbox()} == {State.DONE}
        assert len({one.key for one in w.mailer.sent}) == len(w.mailer.sent)
