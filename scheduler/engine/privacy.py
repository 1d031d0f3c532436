"""Who takes part: joining, pausing, leaving; alone, at once, unannounced. Not here: taking events away (plan)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from scheduler.domain.couple import Couple, Membership, Standing
from scheduler.domain.link import Purpose
from scheduler.ports import BusyRecord, Transaction


def standing_of(tx: Transaction, couple: Couple) -> dict[str, Membership]:
    """Every partner's membership by id; someone never asked counts as invited."""
    known = tx.memberships(couple.id)
    return {partner.id: known.get(partner.id) or Membership(partner.id) for partner in couple.partners}


def join(tx: Transaction, couple: Couple, partner: str, *, shown: str, now: datetime) -> Membership:
    """Record a partner's yes and the text that they said yes to; joining again resumes after a pause or leaving."""
    membership = standing_of(tx, couple)[partner]
    if membership.standing is not Standing.JOINED:
        membership = replace(membership, standing=Standing.JOINED, joined_at=now, shown=shown)
    membership = replace(membership, paused_until=None)
    tx.save_membership(couple.id, membership)
    return membership


def leave(tx: Transaction, couple: Couple, partner: str) -> Membership:
    """From now on nothing goes to this partner, and nothing of theirs is read or kept to plan by."""
    for record in tx.busy(couple.id):
        if record.partner == partner:
            tx.save_busy(couple.id, BusyRecord(record.source, partner))
    tx.drop_links(couple.id, partner, Purpose.CONNECT)  # a feed's link may stay: an empty feed clears the calendar
    membership = replace(standing_of(tx, couple)[partner], standing=Standing.LEFT, paused_until=None)
    tx.save_membership(couple.id, membership)
    return membership


def pause(tx: Transaction, couple: Couple, partner: str, *, until: date) -> Membership:
    """Nothing goes to this partner before the local date ``until``; it resumes by itself."""
    membership = replace(standing_of(tx, couple)[partner], paused_until=until)
    tx.save_membership(couple.id, membership)
    return membership


def has_begun(tx: Transaction, couple: Couple) -> bool:
    """Whether both have said yes at some time: before that nothing is planned or sent but an invitation."""
    return all(one.joined_at is not None for one in standing_of(tx, couple).values())
