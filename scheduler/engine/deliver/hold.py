"""What must not go out now: stale, unwanted, too many, at a quiet hour, on a tender date. Not here: doing the rest."""

from __future__ import annotations

from datetime import datetime, timedelta

from scheduler.domain.couple import Couple, Membership, Standing
from scheduler.domain.localtime import local_date, to_utc
from scheduler.domain.message import FRESHNESS, LATE, LATE_PAUSE, MORNING, MailKind, end_of_quiet, end_of_tender
from scheduler.domain.outbox import MAX_MAIL_COPIES, EffectKind, OutboxEntry, State
from scheduler.engine.deliver.hands import Delivered, Hands, end, put_off, wanted_by
from scheduler.ports import Transaction

MAILS_A_DAY = 2
_ON_REQUEST = (MailKind.INVITATION, MailKind.WELCOME)


def held_back(tx: Transaction, hands: Hands, entry: OutboxEntry, now: datetime) -> Delivered | None:
    """What must not go out now: stale, unwanted, too many, at a quiet hour, on a tender date."""
    if entry.partner not in hands.calendars:
        return end(tx, entry, State.DROPPED, "the file no longer names this partner", now)
    if entry.fresh_until is not None and now > entry.fresh_until:
        is_mail = entry.kind is EffectKind.MAIL or entry.partner in hands.by_mail
        if entry.cut_off and is_mail:
            return end(tx, entry, State.UNCERTAIN, "cut off, and too late to repeat", now)
        return end(tx, entry, State.DROPPED, "too late to be kind", now)
    if entry.kind is EffectKind.EVENT:
        return _held_invitation(tx, hands, entry, now) if entry.partner in hands.by_mail else None
    if entry.cut_off >= MAX_MAIL_COPIES:
        return end(tx, entry, State.UNCERTAIN, f"cut off {entry.cut_off} times; a person decides", now)
    if not _may_have(tx, hands, entry, now):
        return end(tx, entry, State.DROPPED, "not taking part", now)
    if entry.cut_off:
        return None  # it may stand there already: the rest of a doubt is settled at once
    later = _later(tx, hands, entry, now)
    return put_off(tx, entry, later, "for a better hour") if later else None


def _held_invitation(tx: Transaction, hands: Hands, entry: OutboxEntry, now: datetime) -> Delivered | None:
    """An event that goes out as a mail keeps to the hours of mails, unless its time would be over by then."""
    wanted, partner = wanted_by(tx, hands, entry), hands.couple.partner(entry.partner)
    if wanted is None:
        return None
    if entry.cut_off >= MAX_MAIL_COPIES:
        return end(tx, entry, State.UNCERTAIN, f"cut off {entry.cut_off} times; a person decides", now)
    if entry.cut_off:
        return None
    if now >= wanted.event.starts_at:
        return end(tx, entry, State.DROPPED, "too late to be kind", now)
    if not (wanted.live or wanted.tag is not None):
        return None  # no mail will go
    better = end_of_tender(now, hands.couple.tender, partner.quiet, partner.zone)
    better = better or end_of_quiet(now, partner.quiet, partner.zone)
    if better and better < wanted.event.starts_at:
        return put_off(tx, entry, better, "for a better hour")
    return None


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
