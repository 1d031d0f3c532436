"""What stands, comes and needs a person, gathered from the state for a host's eyes. Not here: drawing it (cli).

Nothing here writes. What one partner did is the host's to see on this machine only; it never goes into a mail.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from scheduler.adapters.lock import Runner, runner_of
from scheduler.app.calendars import source_names
from scheduler.app.facts import facts_of
from scheduler.app.reload import ERROR_NOTE
from scheduler.app.routes import next_step
from scheduler.domain.couple import Couple, Membership, Partner, Standing
from scheduler.domain.localtime import local_date
from scheduler.domain.message import RECURRING, MailKind, next_due
from scheduler.domain.notes import trouble_note
from scheduler.domain.occurrence import Fate, Placement
from scheduler.domain.outbox import OPEN, EffectKind, OutboxEntry, State
from scheduler.engine import privacy
from scheduler.ports import BusyRecord, Transaction
from scheduler.settings import Settings

AHEAD = timedelta(days=7)
_TRIED_OFTEN = 4  # after about an hour and a half


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that needs a person: what, and what to do."""

    what: str
    do: str


@dataclass(frozen=True, slots=True)
class ComingMail:
    """A mail that is due, or will be; ``due_at`` is UTC."""

    partner: str
    kind: MailKind
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Overview:
    """How one couple's service stands. ``coming`` and ``mails`` are by start, for the next AHEAD."""

    runner: Runner | None
    members: Mapping[str, Membership]
    begun: bool
    coming: tuple[Placement, ...]
    mails: tuple[ComingMail, ...]
    counts: Mapping[State, int]
    troubles: tuple[Trouble, ...]


def overview(settings: Settings, tx: Transaction, now: datetime) -> Overview:
    """Everything that `rituals status` shows."""
    couple, runner = settings.couple, runner_of(settings.state)
    members = privacy.standing_of(tx, couple)
    begun = privacy.has_begun(tx, couple)
    entries = tx.outbox(couple.id)
    standing = [one for one in tx.placements(couple.id, ending_after=now) if one.fate is Fate.PLACED]
    coming = [one for one in standing if one.starts_at < now + AHEAD]
    return Overview(
        runner=runner,
        members=members,
        begun=begun,
        coming=tuple(sorted(coming, key=lambda one: (one.starts_at, one.key))),
        mails=tuple(sorted(_mails(couple, members, entries, now), key=lambda one: (one.due_at, one.partner))),
        counts=Counter(one.state for one in entries),
        troubles=(*_service_troubles(settings, tx, runner), *_reading_troubles(settings, tx), *_effects(entries)),
    )


def _mails(
    couple: Couple, members: Mapping[str, Membership], entries: Iterable[OutboxEntry], now: datetime
) -> Iterable[ComingMail]:
    """Those already wanted, and the next of each recurring kind for whoever will take part on its day."""
    for one in entries:
        if one.kind is EffectKind.MAIL and one.state in OPEN and members[one.partner].standing is not Standing.LEFT:
            yield ComingMail(one.partner, MailKind(one.mail_kind), one.due_at)
    if any(one.joined_at is None for one in members.values()):
        return
    for partner in couple.partners:
        for kind in RECURRING:
            due = next_due(couple.mail[kind], now, partner.zone) if kind in couple.mail else None
            if due and due.due_at < now + AHEAD and members[partner.id].takes_part(due.day):
                yield ComingMail(partner.id, kind, due.due_at)


def _service_troubles(settings: Settings, tx: Transaction, runner: Runner | None) -> Iterable[Trouble]:
    if runner is None:
        yield Trouble("the service is not running", "start it: rituals run")
    elif said := tx.note(settings.couple.id, ERROR_NOTE):
        yield Trouble(
            f"an edit of the file was not taken; the one before it holds:\n{said}", "mend these lines: rituals doctor"
        )


def _reading_troubles(settings: Settings, tx: Transaction) -> Iterable[Trouble]:
    """Only of whoever has joined: of the others nothing is read, so an old trouble is none."""
    couple, sources = settings.couple, source_names(settings)
    records = {one.source: one for one in tx.busy(couple.id)}
    members = privacy.standing_of(tx, couple)
    for one in couple.partners:
        if members[one.id].standing is not Standing.JOINED:
            continue
        for name in sources[one.id]:
            record = records.get(name)
            if record and record.error:
                yield _unreadable(one, record)
        if said := tx.note(couple.id, trouble_note(one.id)):
            yield Trouble(f"{one.name}'s calendar: {said}", next_step(settings.calendars[one.id], one))


def _unreadable(one: Partner, record: BusyRecord) -> Trouble:
    since = when(record.good_at.astimezone(one.zone)) if record.good_at else "never so far"
    said = f"{record.source} {record.error}" if record.emptied_at else record.error
    what = f"{one.name}'s busy times are in doubt (last read: {since}): {said}"
    return Trouble(what, "nothing new is placed meanwhile; rituals doctor reads them now")


def _effects(entries: Iterable[OutboxEntry]) -> Iterable[Trouble]:
    for one in entries:
        what = f"{one.kind.value} {one.key[:8]} for {one.partner}"
        if one.state is State.REFUSED:
            yield Trouble(f"{what} was refused: {one.note}", _retry_or_drop(one))
        elif one.state is State.UNCERTAIN:
            yield Trouble(f"{what} may or may not have arrived: {one.note}", f"look there, then {_retry_or_drop(one)}")
        elif one.state in OPEN and one.attempts >= _TRIED_OFTEN:
            yield Trouble(f"{what} was tried {one.attempts} times: {one.note}", "rituals doctor looks for the cause")


def _retry_or_drop(one: OutboxEntry) -> str:
    return f"rituals outbox retry {one.key[:8]}, or drop {one.key[:8]}"


def when(local: datetime) -> str:
    """A local time with weekday and date: "Wed 25 Nov 12:15"."""
    return f"{local:%a} {local.day} {local:%b %H:%M}"


def occurrence_document(couple: Couple, one: Placement) -> dict[str, Any]:
    """One placement as plain values: times are ISO 8601 in each partner's own zone."""
    ritual, facts = couple.ritual(one.ritual), facts_of(couple, one)
    return {
        "ritual": one.ritual,
        "title": facts.title,
        "local_date": local_date(one.starts_at, couple.clock(ritual)).isoformat(),
        "period": one.period,
        "state": one.fate.value,
        "version": facts.size.name.lower(),
        "minutes": facts.length // timedelta(minutes=1),
        "moved": is_moved(one),
        "turn": facts.planner.id if facts.planner else None,
        "why": one.why,
        "partners": {
            partner.id: {
                "starts_at": one.starts_at.astimezone(partner.zone).isoformat(),
                "ends_at": one.ends_at.astimezone(partner.zone).isoformat(),
                "previous": facts.was.astimezone(partner.zone).isoformat() if facts.was else None,
            }
            for partner in couple.partners
        },
    }


def is_moved(one: Placement) -> bool:
    """Whether it stands elsewhere than at first, whoever moved it."""
    return one.moves > 0 or one.held


def standing_words(couple: Couple, member: Membership, now: datetime) -> str:
    """Where a partner stands, in words for the host."""
    zone = couple.partner(member.partner).zone
    if member.standing is Standing.INVITED:
        return "has not said yes"
    if member.standing is Standing.LEFT:
        return "has left"
    joined = f"joined {_date(member.joined_at.astimezone(zone))}" if member.joined_at else "joined"
    if member.takes_part(local_date(now, zone)) or member.paused_until is None:
        return joined
    return f"{joined}, paused until {member.paused_until.day} {member.paused_until:%b %Y}"


def _date(local: datetime) -> str:
    return f"{local.day} {local:%b %Y}"
