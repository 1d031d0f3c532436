"""One couple's service: the four steps that ticks wake, each safe to run at any time. Not here: building it (wiring).

The steps of one couple never run at once; a step that fails leaves the others untouched.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from scheduler.content.mime import to_bytes
from scheduler.content.render import MailTemplates
from scheduler.domain.couple import Couple, Membership, Partner
from scheduler.domain.deck import Card
from scheduler.domain.digest import Reach
from scheduler.domain.message import RECURRING, MailKind, next_due
from scheduler.domain.outbox import OutboxEntry, State
from scheduler.domain.pace import FRESH, READING, Pace
from scheduler.domain.planning import Plan, Question, describe, plan
from scheduler.engine import collect, compose, deliver, privacy, switch
from scheduler.engine import plan as planner
from scheduler.engine.compose import Desk
from scheduler.engine.deliver import Hands
from scheduler.ports import Almanac, BusySource, Calendar, Clock, Mailer, Store, Transaction

Log = Callable[..., None]


def _no_holidays(_place: str, _year: int) -> Mapping[date, str]:
    """The almanac of whoever names no place."""
    return {}


def _silent(event: str, **fields: Any) -> None:
    """The log of whoever wants none."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who writes the mails; ``contact`` is whom to ask about pausing or leaving."""

    name: str
    address: str
    contact: str


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything a service is put together from; ``sources`` are by partner id and by name.

    ``ahead`` is by id of the partners who are told of events by mail: how long before their time. ``routes`` names
    each partner's calendar; ``former`` gives the one that had another name.
    """

    couple: Couple
    store: Store
    clock: Clock
    calendars: Mapping[str, Calendar]
    sources: Mapping[str, Mapping[str, BusySource]]
    mailer: Mailer
    templates: MailTemplates
    cards: tuple[Card, ...]
    sender: Sender
    almanac: Almanac = _no_holidays
    ahead: Mapping[str, timedelta] = field(default_factory=dict)
    routes: Mapping[str, str] = field(default_factory=dict)
    former: Callable[[Partner, str], Calendar | None] = lambda *_: None
    reach: Callable[[Transaction, Partner, MailKind, datetime], tuple[Reach, str]] = lambda *_: (Reach.CALENDAR, "")
    log: Log = _silent
    at: Callable[[str], None] = lambda _: None


@dataclass(slots=True)
class Service:
    """The steps. ``stopping`` ends a long delivery between two effects."""

    parts: Parts
    stopping: threading.Event = field(default_factory=threading.Event)
    turn: threading.RLock = field(default_factory=threading.RLock)

    @property
    def couple(self) -> Couple:
        return self.parts.couple

    def recover(self) -> int:
        """At the start of the only process: what a killed one had in hand waits again."""
        with self.turn:
            with self.parts.store.transaction() as tx:
                taken_back = tx.take_back_all()
            self._follow_routes()
        return taken_back

    def tick(self) -> None:
        """Every step once, in the order of the data's path."""
        self.collect()
        self.plan()
        self.compose()
        self.deliver()

    def collect(self) -> None:
        """Read busy times, and what people did to our events."""
        parts = self.parts
        with self.turn:
            self._follow_routes()
            self._read_busy()
            with parts.store.transaction() as tx:
                begun = privacy.has_begun(tx, parts.couple)
                question = self._question(tx)
            if begun:
                for name, occurrence in collect.read_calendars(parts.store, parts.couple, parts.calendars, question):
                    parts.log(name, occurrence=self._label(occurrence))

    def _follow_routes(self) -> None:
        """Where the file names another calendar than before, nothing of ours stays in the old one.

        Where no route is named (a rehearsal, a look at a copy) no calendar is left.
        """
        parts = self.parts
        for partner in parts.couple.partners:
            if partner.id not in parts.routes:
                continue
            way = switch.Way(partner.id, parts.routes[partner.id], partial(parts.former, partner))
            left = switch.follow_route(parts.store, parts.couple, way, parts.clock.now())
            if left is not None:
                parts.log("calendar_changed", partner=self._number(partner.id), count=left)

    def _read_busy(self, at_most: timedelta = READING) -> None:
        """Read what is due, and what was read longer ago than ``at_most``."""
        parts = self.parts
        for record in collect.read_busy(parts.store, parts.couple, parts.sources, parts.clock.now(), at_most=at_most):
            parts.log("busy_unreadable" if record.error else "busy_read", partner=self._number(record.partner))

    def plan(self) -> Plan | None:
        """Place what is wished; None when there was nothing to decide."""
        parts = self.parts
        with self.turn:
            self._look_before_placing()
            with parts.store.transaction() as tx:
                if not privacy.has_begun(tx, parts.couple):
                    return None
                desk = self._desk(tx)
                compose.draw_ahead(tx, desk, parts.clock.now())
                table = self._table(desk.members)
                answer = planner.apply(tx, table, self._question(tx))
                parts.at("plan about to commit")
            parts.at("plan committed")
        names = Counter(map(describe, answer.changes if answer else ()))
        for name, count in names.items():
            parts.log(name, count=count)
        return answer

    def _look_before_placing(self) -> None:
        """Busy times that cost something are hours old: where anything would be placed by them, read them first."""
        parts = self.parts
        if not any(one.pace is Pace.SPARING for named in parts.sources.values() for one in named.values()):
            return
        with parts.store.transaction() as tx:
            table = self._table(privacy.standing_of(tx, parts.couple))
            stale = privacy.has_begun(tx, parts.couple) and planner.would_place(tx, table, self._question(tx))
        if stale:
            self._read_busy(FRESH)

    def _table(self, members: Mapping[str, Membership]) -> planner.Table:
        parts = self.parts
        return planner.Table(parts.couple, members, {card.id: card for card in parts.cards}, parts.ahead)

    def compose(self) -> None:
        """Decide which mails are due."""
        parts = self.parts
        with self.turn:
            with parts.store.transaction() as tx:
                desk, now = self._desk(tx), parts.clock.now()
                compose.invite(tx, desk, now)
                if privacy.has_begun(tx, parts.couple):
                    compose.decide(tx, desk, now)
            parts.at("mail decided")

    def deliver(self) -> int:
        """Do what is due; returns how many entries were handled."""
        outcomes: Counter[tuple[str, str]] = Counter()
        try:
            with self.turn:
                for one in deliver.drain(self._hands(), self.stopping.is_set):
                    outcomes[one.kind.value, one.state.value] += 1
                    if one.state is not State.DONE:
                        self.parts.log("effect_not_done", kind=one.kind.value, outcome=one.state.value, key=one.key)
        finally:
            for (kind, outcome), count in outcomes.items():
                self.parts.log("effects", kind=kind, outcome=outcome, count=count)
        return outcomes.total()

    def outlook(self) -> Plan:
        """What a plan made now would say; nothing is written."""
        return plan(self.question())

    def question(self) -> Question:
        """What a plan made now would go by."""
        with self.parts.store.transaction() as tx:
            return self._question(tx)

    def memberships(self) -> dict[str, Membership]:
        with self.parts.store.transaction() as tx:
            return privacy.standing_of(tx, self.couple)

    def next_wake(self) -> datetime:
        """The next instant at which anything could be due: an entry, a mail's hour, or a new day to plan."""
        now = self.parts.clock.now()
        with self.parts.store.transaction() as tx:
            found = [tx.next_due(self.couple.id), _next_replan(now)]
        for partner in self.couple.partners:
            rules = [self.couple.mail[kind] for kind in RECURRING if kind in self.couple.mail]
            found += [due.due_at for rule in rules if (due := next_due(rule, now, partner.zone))]
        return min(max(one, now + timedelta(seconds=1)) for one in found if one is not None)

    def _question(self, tx: Transaction) -> Question:
        names = {partner: tuple(named) for partner, named in self.parts.sources.items()}
        return planner.ask(tx, self.couple, names, self.parts.clock.now(), almanac=self.parts.almanac)

    def _number(self, partner: str) -> int:
        """A partner as the log may call them: by place in the file."""
        return [one.id for one in self.couple.partners].index(partner) + 1

    def _label(self, occurrence: str) -> str:
        """An occurrence as the log may call it: the ritual's place in the file, and the period."""
        ritual, _, period = occurrence.partition("/")
        places = [one.id for one in self.couple.rituals]
        return f"{places.index(ritual) + 1 if ritual in places else 0}/{period}"

    def _desk(self, tx: Transaction) -> Desk:
        members = privacy.standing_of(tx, self.couple)
        parts = self.parts
        return Desk(
            couple=self.couple,
            members=members,
            cards=parts.cards,
            contact=parts.sender.contact,
            ask=lambda: self._question(tx),
            reach=parts.reach,
            by_mail=tuple(parts.ahead),
        )

    def _hands(self) -> Hands:
        parts = self.parts
        return Hands(
            store=parts.store,
            clock=parts.clock,
            couple=parts.couple,
            calendars=parts.calendars,
            mailer=parts.mailer,
            sender=parts.sender.address,
            write=self.write,
            by_mail=tuple(parts.ahead),
            at=parts.at,
        )

    def write(self, tx: Transaction, entry: OutboxEntry, now: datetime) -> bytes | None:
        """The exact bytes of a mail; None when there is nothing left to say."""
        letter = compose.letter_for(tx, self._desk(tx), entry, now)
        if letter is None:
            return None
        sender = self.parts.sender
        return to_bytes(self.parts.templates.render(letter, sender.name, sender.address, entry.key))

    def join(self, partner: str, *, shown: str) -> Membership:
        return self._heard(lambda tx, now: privacy.join(tx, self.couple, partner, shown=shown, now=now))

    def leave(self, partner: str) -> Membership:
        return self._heard(lambda tx, _: privacy.leave(tx, self.couple, partner))

    def pause(self, partner: str, *, until: date) -> Membership:
        """Nothing goes to the partner before the local date ``until``."""
        return self._heard(lambda tx, _: privacy.pause(tx, self.couple, partner, until=until))

    def _heard(self, act: Callable[[Transaction, datetime], Membership]) -> Membership:
        with self.turn:
            with self.parts.store.transaction() as tx:
                membership = act(tx, self.parts.clock.now())
            self.parts.log("membership", standing=membership.standing.value)
            self.plan()  # what must go from a calendar is wanted at once
        return membership


def _next_replan(now: datetime) -> datetime:
    """Every night the horizon has a new day."""
    return now.replace(hour=2, minute=0, second=0, microsecond=0) + timedelta(days=now.hour >= 2)
