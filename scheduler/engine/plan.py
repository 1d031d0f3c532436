"""From what is wished and known to what should stand on each calendar, in one transaction with its outbox entries.

Not here: the decision itself (domain/planning), writing to a calendar (deliver), reading one (collect).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from scheduler.content.description import Telling, description
from scheduler.domain.couple import Couple, Membership, Partner, Standing
from scheduler.domain.deck import Card
from scheduler.domain.draw import card_of
from scheduler.domain.event import CalendarEntry, Event
from scheduler.domain.freebusy import BusyView, Span, union
from scheduler.domain.localtime import local_date
from scheduler.domain.notes import PLANNED_NOTE
from scheduler.domain.occurrence import Fate, Placement, week_label
from scheduler.domain.outbox import EffectKind, OutboxEntry, derived_id
from scheduler.domain.planning import LOOK_BACK, Add, Move, Plan, Question, plan
from scheduler.ports import Almanac, BusyRecord, Transaction

_MARGIN = timedelta(days=7)
_CALLED_OFF = timedelta(days=30)
UID_HOST = "couple-rituals"


@dataclass(frozen=True, slots=True)
class Table:
    """What the planner works with: the couple, who takes part, and the cards that events may carry.

    ``ahead`` is by partner id: whose events are written only so long before their time.
    """

    couple: Couple
    members: Mapping[str, Membership]
    cards: Mapping[str, Card]
    ahead: Mapping[str, timedelta] = field(default_factory=dict)


def ask(
    tx: Transaction, couple: Couple, sources: Mapping[str, Sequence[str]], now: datetime, *, almanac: Almanac
) -> Question:
    """The question that the planner answers; ``sources`` names each partner's busy sources."""
    records = {record.source: record for record in tx.busy(couple.id)}
    left = [one.partner for one in tx.memberships(couple.id).values() if one.standing is Standing.LEFT]
    first, second = (
        busy_view(records, () if partner.id in left else sources.get(partner.id, ())) for partner in couple.partners
    )
    placed = tx.placements(couple.id, ending_after=now - LOOK_BACK)
    feasts = [_holidays(couple, partner, now, almanac) for partner in couple.partners]
    return Question(couple, placed, (first, second), now, (feasts[0], feasts[1]))


def _holidays(couple: Couple, partner: Partner, now: datetime, almanac: Almanac) -> frozenset[date]:
    if not partner.holidays:
        return frozenset()
    years = range(now.year, (now + couple.rules.horizon + _MARGIN).year + 1)
    return frozenset(day for year in years for day in almanac(partner.holidays, year))


def busy_view(records: Mapping[str, BusyRecord], names: Sequence[str]) -> BusyView:
    """One partner's busy times from the last good reading of every source; a source in doubt spoils the trust."""
    spans: list[Span] = []
    trusted = True
    for name in names:
        record = records.get(name, BusyRecord(name, ""))
        spans += record.spans
        trusted &= record.good_at is not None and not record.error
    return BusyView(union(spans), trusted)


def apply(tx: Transaction, table: Table, question: Question) -> Plan | None:
    """Plan, and write down what changes; None when nothing that the plan depends on has changed."""
    mark = _fingerprint(tx, table, question)
    if tx.note(table.couple.id, PLANNED_NOTE) == mark:
        return None
    answer = plan(question)
    for change in answer.changes:
        tx.save_placement(table.couple.id, change.placement)
    _write_entries(tx, table, answer.standing, question.now)
    settled = replace(question, placed=tx.placements(table.couple.id, ending_after=question.now - LOOK_BACK))
    tx.set_note(table.couple.id, PLANNED_NOTE, _fingerprint(tx, table, settled))
    return answer


def would_place(tx: Transaction, table: Table, question: Question) -> bool:
    """Whether a plan made now would find anything a time, or a new one."""
    if tx.note(table.couple.id, PLANNED_NOTE) == _fingerprint(tx, table, question):
        return False
    return any(isinstance(one, Add | Move) for one in plan(question).changes)


def _fingerprint(tx: Transaction, table: Table, question: Question) -> str:
    today = [str(local_date(question.now, partner.zone)) for partner in table.couple.partners]
    cards = [draw.card for draw in tx.draws(table.couple.id)]
    dates = ([sorted(feasts) for feasts in question.holidays], table.couple.tender)  # a partner does not show theirs
    parts = (table.couple, sorted(table.members.items()), question.placed, question.busy, dates, today, cards)
    return hashlib.sha256(repr(parts).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class _Pen:
    """What writing one couple's calendar entries needs."""

    tx: Transaction
    couple: Couple
    salt: bytes
    now: datetime
    ahead: Mapping[str, timedelta]

    def save(self, entry: CalendarEntry, old: CalendarEntry | None) -> None:
        """Keep the entry and want its effect, in this one transaction; nothing when it is as before."""
        if entry == old:
            return
        self.tx.save_calendar_entry(self.couple.id, entry)
        wish = "there" if entry.live else "away"
        natural = ("write", entry.partner, entry.occurrence, str(entry.generation), str(entry.event.sequence), wish)
        self.tx.want(
            OutboxEntry(
                key=derived_id(self.salt, *natural),
                couple=self.couple.id,
                partner=entry.partner,
                kind=EffectKind.EVENT,
                ref=f"{entry.occurrence}#{entry.generation}",
                due_at=self._due_at(entry),
                wanted_at=self.now,
                fresh_until=self._fresh_until(entry),
            )
        )

    def _due_at(self, entry: CalendarEntry) -> datetime:
        """Now, but for the first word of an event that is told shortly before its time."""
        ahead = self.ahead.get(entry.partner)
        if ahead is None or entry.written is not None or not entry.live:
            return self.now
        return max(self.now, entry.event.starts_at - ahead)

    def _fresh_until(self, entry: CalendarEntry) -> datetime:
        """Until neither its time nor the one at which it still stands is to come.

        What was called off goes late, too: a person may have moved it to a day that is still to come.
        """
        ends_at = max(entry.event.ends_at, entry.written_ends_at or entry.event.ends_at)
        called_off = not entry.live and entry.partner not in self.ahead
        return ends_at + (_CALLED_OFF if called_off else timedelta(0))

    def entry(self, old: CalendarEntry | None, partner: Partner, occurrence: str, draft: Event) -> CalendarEntry:
        """The next state of one entry: a new event, a revision, or the old one where nothing to see has changed."""
        if old is None or not old.live:
            generation = old.generation + 1 if old else 0
            uid = derived_id(self.salt, "event", partner.id, occurrence, str(generation)) + f"@{UID_HOST}"
            return CalendarEntry(partner.id, occurrence, generation, replace(draft, uid=uid, revised_at=self.now))
        if old.own_title:
            draft = replace(draft, title=old.own_title)
        if _looks_the_same(old.event, draft):
            return old
        event = replace(draft, uid=old.event.uid, sequence=old.event.sequence + 1, revised_at=self.now)
        return replace(old, event=event)


def _write_entries(tx: Transaction, table: Table, standing: Iterable[Placement], now: datetime) -> None:
    couple = table.couple
    pen = _Pen(tx, couple, tx.salt(couple.id), now, table.ahead)
    # What has been counts too: its UID is used up, and a person may have moved what took its place.
    known = tx.calendar_entries(couple.id, ending_after=now - LOOK_BACK)
    entries = {(one.partner, one.occurrence): one for one in known}
    draws = tx.draws(couple.id)
    wanted: set[tuple[str, str]] = set()
    for placement in standing:
        ritual = couple.ritual(placement.ritual)
        for partner in couple.partners:
            if ritual is None or not _is_wanted(placement, partner, table.members[partner.id], now):
                continue
            place = (partner.id, placement.key)
            wanted.add(place)
            old = entries.get(place)
            week = week_label(local_date(placement.starts_at, couple.clock(ritual)))
            card = card_of(couple, table.cards, draws, week=week, slot="question") if ritual.with_card else None
            draft = _event(Telling(couple, ritual, placement, partner, _stood_at(old, placement)), card)
            pen.save(pen.entry(old, partner, placement.key, draft), old)
    for place, old in entries.items():
        if place not in wanted and old.live and old.event.ends_at > now:
            pen.save(_withdrawn(old, now), old)


def _withdrawn(old: CalendarEntry, now: datetime) -> CalendarEntry:
    """Taking away is a revision too: a cancellation that is no newer than the invitation is ignored."""
    return replace(old, live=False, event=replace(old.event, revised_at=now))


def _is_wanted(placement: Placement, partner: Partner, member: Membership, now: datetime) -> bool:
    day = local_date(placement.starts_at, partner.zone)
    return placement.fate is Fate.PLACED and placement.ends_at > now and member.takes_part(day)


def _stood_at(old: CalendarEntry | None, placement: Placement) -> datetime | None:
    """When the event stands on the calendar that is to move now; None where it stays, or stands nowhere."""
    written = old.written_starts_at if old and old.live and old.written is not None else None
    return written if written != placement.starts_at else None


def _event(telling: Telling, card: Card | None) -> Event:
    placement, ritual = telling.placement, telling.ritual
    return Event(
        uid="",
        sequence=0,
        title=ritual.discreet_title if telling.reader.discreet else ritual.title,
        description=description(telling, card),
        starts_at=placement.starts_at,
        ends_at=placement.ends_at,
        revised_at=placement.decided_at,
        reminder=ritual.reminder,
    )


def _looks_the_same(left: Event, right: Event) -> bool:
    """An update goes out only if title, time or alarm changed."""
    one, other = ((event.title, event.starts_at, event.ends_at, event.reminder) for event in (left, right))
    return one == other
