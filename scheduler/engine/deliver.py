"""Doing what the outbox holds: the intent is durable before the effect, the outcome is recorded after it.

Not here: what is wanted (plan, compose) or how a provider is spoken to (adapters).

The same three functions serve a ticker and a distributed engine: claims come from ``hand_out``, ``perform`` does
one of them, and a retry is a new ``due_at``. A mail whose attempt ended in the dark is sent again with the same
bytes, at most MAX_MAIL_COPIES times in all; then a person decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, assert_never

from scheduler.domain.couple import Couple, Membership, Standing
from scheduler.domain.errors import Conflict, Refused, Unavailable, Uncertain
from scheduler.domain.event import CalendarEntry, Event, frozen, thawed
from scheduler.domain.localtime import local_date, to_utc
from scheduler.domain.message import FRESHNESS, LATE, LATE_PAUSE, MORNING, MailKind, end_of_quiet, end_of_tender
from scheduler.domain.outbox import LEASE, MAX_MAIL_COPIES, EffectKind, OutboxEntry, State, wait_after
from scheduler.ports import Calendar, Claim, Clock, Envelope, Mailer, Store, Transaction

MAILS_A_DAY = 2
_BATCH = 50
_ON_REQUEST = (MailKind.INVITATION, MailKind.WELCOME)


@dataclass(frozen=True, slots=True)
class Hands:
    """What effects are done with. ``write`` gives the bytes of a mail, or None when nothing is left to say;
    ``at`` is called at every step boundary with its name (a crash test stops the process there)."""

    store: Store
    clock: Clock
    couple: Couple
    calendars: Mapping[str, Calendar]
    mailer: Mailer
    sender: str
    write: Callable[[Transaction, OutboxEntry, datetime], bytes | None]
    at: Callable[[str], None] = lambda _: None


@dataclass(frozen=True, slots=True)
class Delivered:
    """How one entry ended this time; ``state`` WAITING means that it was put off."""

    key: str
    kind: EffectKind
    state: State
    note: str


def hand_out(hands: Hands) -> list[Claim]:
    """Claim what is due."""
    with hands.store.transaction() as tx:
        claims = tx.hand_out(hands.clock.now(), LEASE, _BATCH)
    hands.at("claimed")
    return claims


def drain(hands: Hands, stopping: Callable[[], bool] = lambda: False) -> Iterator[Delivered]:
    """Claim and perform until nothing is due or we are asked to stop."""
    while not stopping() and (claims := hand_out(hands)):
        for claim in claims:
            if stopping():
                return
            if done := perform(hands, claim):
                yield done


def perform(hands: Hands, claim: Claim) -> Delivered | None:
    """Do one claimed entry; None when the claim is stale."""
    now = hands.clock.now()
    with hands.store.transaction() as tx:
        entry = tx.entry(claim.key)
        if entry is None or (entry.state, entry.epoch) != (State.CLAIMED, claim.epoch):
            return None
        if held := _held_back(tx, hands, entry, now):
            return held
        begun = _begin(tx, hands, entry, now)
    hands.at("intent written")
    if begun is None or isinstance(begun, Delivered):
        return begun
    match begun.kind:
        case EffectKind.MAIL:
            return _mail(hands, begun)
        case EffectKind.EVENT:
            return _event(hands, begun)
        case _ as never:
            assert_never(never)


def _begin(tx: Transaction, hands: Hands, entry: OutboxEntry, now: datetime) -> OutboxEntry | Delivered | None:
    """Fix what this attempt will do; one that ended in the dark is repeated exactly, whatever is wanted by now."""
    payload = entry.payload
    if payload is None and entry.kind is EffectKind.EVENT:
        wanted = _wanted(tx, hands, entry)
        payload = frozen(wanted.event) if wanted and wanted.live else None
    elif payload is None:
        try:
            payload = hands.write(tx, entry, now)
        except Refused as err:
            return _end(tx, entry, State.REFUSED, str(err), now)
        if payload is None:
            return _end(tx, entry, State.DROPPED, "nothing left to say", now)
    return tx.begin(entry.key, entry.epoch, payload)


def _wanted(tx: Transaction, hands: Hands, entry: OutboxEntry) -> CalendarEntry | None:
    occurrence, _, generation = entry.ref.rpartition("#")
    return tx.calendar_entry(hands.couple.id, entry.partner, occurrence, int(generation))


def _end(tx: Transaction, entry: OutboxEntry, state: State, note: str, now: datetime) -> Delivered:
    tx.finish(entry.key, entry.epoch, state, note, now)
    return Delivered(entry.key, entry.kind, state, note)


def _put_off(tx: Transaction, entry: OutboxEntry, due_at: datetime, note: str, *, dark: bool = False) -> Delivered:
    tx.postpone(entry.key, entry.epoch, due_at, note, keep_payload=dark)
    return Delivered(entry.key, entry.kind, State.WAITING, note)


def _held_back(tx: Transaction, hands: Hands, entry: OutboxEntry, now: datetime) -> Delivered | None:
    """What must not go out now: stale, unwanted, too many, at a quiet hour, on a tender date."""
    if entry.partner not in hands.calendars:
        return _end(tx, entry, State.DROPPED, "the file no longer names this partner", now)
    if entry.fresh_until is not None and now > entry.fresh_until:
        if entry.cut_off:
            return _end(tx, entry, State.UNCERTAIN, "cut off, and too late to repeat", now)
        return _end(tx, entry, State.DROPPED, "too late to be kind", now)
    if entry.kind is EffectKind.EVENT:
        return None
    if entry.cut_off >= MAX_MAIL_COPIES:
        return _end(tx, entry, State.UNCERTAIN, f"cut off {entry.cut_off} times; a person decides", now)
    if not _may_have(tx, hands, entry, now):
        return _end(tx, entry, State.DROPPED, "not taking part", now)
    if entry.cut_off:
        return None  # it may stand there already: the rest of a doubt is settled at once
    later = _later(tx, hands, entry, now)
    return _put_off(tx, entry, later, "for a better hour") if later else None


def _may_have(tx: Transaction, hands: Hands, entry: OutboxEntry, now: datetime) -> bool:
    member = tx.memberships(hands.couple.id).get(entry.partner) or Membership(entry.partner)
    if entry.mail_kind == MailKind.INVITATION.value:
        return member.standing is Standing.INVITED
    return member.takes_part(local_date(now, hands.couple.partner(entry.partner).zone))


def _later(tx: Transaction, hands: Hands, entry: OutboxEntry, now: datetime) -> datetime | None:
    """A better time for this mail; None when now is fine."""
    partner, kind = hands.couple.partner(entry.partner), MailKind(entry.mail_kind)
    if tender_ends := end_of_tender(now, hands.couple.tender, partner.quiet, partner.zone):
        return tender_ends
    if kind is MailKind.WELCOME:
        return None  # they have just said yes
    if quiet_ends := end_of_quiet(now, partner.quiet, partner.zone):
        return quiet_ends
    if kind in _ON_REQUEST:
        return None
    today = local_date(now, partner.zone)
    midnight = to_utc(today, 0, partner.zone)
    past = tx.mails_done(hands.couple.id, partner.id, min(midnight, now - LATE_PAUSE))
    # What was sent while the clock ran ahead does not count: it would hold back the mails of every day until then.
    sent = [(one, one.done_at) for one in past if one.done_at and one.done_at <= now]
    if sum(at >= midnight and MailKind(one.mail_kind) not in _ON_REQUEST for one, at in sent) >= MAILS_A_DAY:
        return to_utc(today + timedelta(days=1), MORNING, partner.zone)
    if _lateness(hands.couple, entry, now) > LATE:
        late = [at for one, at in sent if _lateness(hands.couple, one, at) > LATE]
        if late and max(late) + LATE_PAUSE > now:
            return max(late) + LATE_PAUSE
    return None


def _lateness(couple: Couple, entry: OutboxEntry, at: datetime) -> timedelta:
    """How long after its own hour, or the first one after a tender date; what a person asked for again is never
    late."""
    if entry.fresh_until is None:
        return timedelta(0)
    partner, hour = couple.partner(entry.partner), entry.fresh_until - FRESHNESS[MailKind(entry.mail_kind)]
    return at - (end_of_tender(hour, couple.tender, partner.quiet, partner.zone) or hour)


@dataclass(frozen=True, slots=True)
class Ending:
    """How an attempt ended; ``wait`` is given where it is to be made again, ``dark`` where it may have worked."""

    state: State
    note: str
    wait: timedelta | None = None
    dark: bool = False


def _attempt(entry: OutboxEntry, effect: Callable[[], str]) -> Ending:
    """Do it, and put the port's errors into our words."""
    try:
        return Ending(State.DONE, effect())
    except Refused as err:
        return Ending(State.REFUSED, str(err))
    except Conflict:
        return Ending(State.DONE, "left as a person changed it")
    except Uncertain as err:
        return Ending(State.WAITING, str(err), wait_after(entry.attempts), dark=True)
    except Unavailable as err:
        return Ending(State.WAITING, str(err), err.retry_after or wait_after(entry.attempts))


def _mail(hands: Hands, entry: OutboxEntry) -> Delivered:
    partner = hands.couple.partner(entry.partner)
    envelope = Envelope(entry.key, partner.id, hands.sender, partner.address, entry.payload or b"")
    ending = _attempt(entry, lambda: hands.mailer.send(envelope))
    hands.at("mail handed over")
    return _record(hands, entry, ending)


def _event(hands: Hands, entry: OutboxEntry) -> Delivered:
    with hands.store.transaction() as tx:
        wanted = _wanted(tx, hands, entry)
    if wanted is None:
        return _record(hands, entry, Ending(State.DROPPED, "no longer known"))
    begun = thawed(entry.payload) if entry.payload else None
    return _record(hands, entry, _attempt(entry, lambda: _write_event(hands, wanted, begun)))


def _write_event(hands: Hands, wanted: CalendarEntry, begun: Event | None) -> str:
    """Put what was begun; where nothing was, take the event away."""
    calendar = hands.calendars[wanted.partner]
    if begun is None:
        calendar.remove(wanted.event, wanted.tag)
        _note(hands, wanted, written=None, tag=None)
        return "taken away"
    if wanted.written is not None and begun.sequence < wanted.written:
        return "overtaken by a newer one"
    if wanted.tag is None:
        _look_first(hands, wanted.partner, calendar)
    try:
        tag = calendar.put(begun, wanted.tag)
    except Conflict:
        if wanted.written is None:  # ours after all: it was cut off, and then a person changed it; collect must hear
            _note(hands, wanted, **_written(begun, ""))
        raise
    _note(hands, wanted, **_written(begun, tag))
    return "written"


def _note(hands: Hands, wanted: CalendarEntry, **known: Any) -> None:
    """Keep what stands there now, beside whatever may be wanted by now."""
    hands.at("calendar changed")
    with hands.store.transaction() as tx:
        current = tx.calendar_entry(hands.couple.id, wanted.partner, wanted.occurrence, wanted.generation) or wanted
        tx.save_calendar_entry(hands.couple.id, replace(current, **known))


def _look_first(hands: Hands, partner: str, calendar: Calendar) -> None:
    """Raises Unavailable where our other events are all gone: a new one there would make them look deleted by hand."""
    with hands.store.transaction() as tx:
        entries = tx.calendar_entries(hands.couple.id, ending_after=hands.clock.now())
    calendar.seen([one.event.uid for one in entries if one.partner == partner and one.live and one.written is not None])


def _written(event: Event, tag: str) -> dict[str, Any]:
    return {
        "written": event.sequence,
        "tag": tag,
        "written_starts_at": event.starts_at,
        "written_ends_at": event.ends_at,
    }


def _record(hands: Hands, entry: OutboxEntry, ending: Ending) -> Delivered:
    now = hands.clock.now()
    with hands.store.transaction() as tx:
        if ending.wait is None:
            done = _end(tx, entry, ending.state, ending.note, now)
        else:
            done = _put_off(tx, entry, now + ending.wait, ending.note, dark=ending.dark)
    hands.at("outcome written")
    return done
