"""A whole service on fakes: two calendars, two busy sources, a mailer, a clock that is stepped by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from scheduler.adapters.memory import MemoryBusy, MemoryCalendar, MemoryClock, MemoryMailer
from scheduler.adapters.sqlstore import SqlStore
from scheduler.app.service import Parts, Sender, Service
from scheduler.content.assets import Assets
from scheduler.content.decks import load_decks
from scheduler.content.render import MailTemplates
from scheduler.domain.cadence import Daily
from scheduler.domain.couple import Couple
from scheduler.domain.deck import Card
from scheduler.domain.localtime import parse_window
from scheduler.domain.message import Every, MailKind, MailRule
from scheduler.domain.outbox import OutboxEntry
from tests.build import at, make_couple, make_ritual

MAIL = {
    MailKind.QUESTION: MailRule(True, 2, 12 * 60 + 15, Every.WEEK),
    MailKind.DIGEST: MailRule(True, 6, 17 * 60, Every.WEEK),
    MailKind.REFLECTION: MailRule(True, 5, 10 * 60, Every.MONTH),
}
START = at("2026-11-23 09:00")


@cache
def templates() -> MailTemplates:
    return MailTemplates(Assets())


@cache
def cards() -> tuple[Card, ...]:
    return load_decks((), Assets())


def usual_couple(**changes: Any) -> Couple:
    """Coffee on Saturday, a check-in on weekdays; mails as by default."""
    rituals = (
        make_ritual("coffee", windows=(parse_window("sat 09:00-12:00"),), ideal=600, with_card=True),
        make_ritual(
            "check-in",
            cadence=Daily(frozenset(range(5))),
            windows=(parse_window("17:00-20:30"),),
            ideal=18 * 60,
            length=timedelta(minutes=5),
        ),
    )
    return make_couple(**{"rituals": rituals, "mail": MAIL, **changes})


@dataclass(frozen=True)
class World:
    service: Service
    clock: MemoryClock
    calendars: dict[str, MemoryCalendar]
    busy: dict[str, MemoryBusy]
    mailer: MemoryMailer
    store: SqlStore

    def until(self, end: datetime, after_tick: Callable[[], None] = lambda: None) -> None:
        """Live through everything that is due up to the instant."""
        while self.clock.now() < end:
            self.service.tick()
            after_tick()
            self.clock.set(min(self.service.next_wake(), end))
        self.service.tick()
        after_tick()

    def titles(self, partner: str) -> list[str]:
        return [event.title for event in self.calendars[partner].events]

    def subjects(self, partner: str) -> list[str]:
        return [_subject(one.data) for one in self.mailer.sent if one.partner == partner]

    def outbox(self, ref: str = "") -> list[OutboxEntry]:
        with self.store.transaction() as tx:
            return tx.outbox(self.service.couple.id, ref=ref)

    def restarted(self, **changes: Any) -> World:
        """The same world as another process finds it."""
        service = Service(replace(self.service.parts, **changes))
        service.recover()
        return replace(self, service=service)


def _subject(data: bytes) -> str:
    head = data.partition(b"\r\n\r\n")[0].decode()
    return next(line.removeprefix("Subject: ") for line in head.split("\r\n") if line.startswith("Subject: "))


@contextmanager
def world(couple: Couple | None = None, *, start: datetime = START, joined: bool = True) -> Iterator[World]:
    couple = couple or usual_couple()
    store = SqlStore.open(":memory:", secret=lambda: b"a secret of thirty-two bytes here")
    clock = MemoryClock(start)
    calendars = {partner.id: MemoryCalendar() for partner in couple.partners}
    busy = {partner.id: MemoryBusy() for partner in couple.partners}
    mailer = MemoryMailer()
    service = Service(
        Parts(
            couple=couple,
            store=store,
            clock=clock,
            calendars=calendars,
            sources={partner: {f"{partner}'s file": source} for partner, source in busy.items()},
            mailer=mailer,
            templates=templates(),
            cards=cards(),
            sender=Sender("Rituals", "rituals@example.org", "host@example.org"),
        )
    )
    if joined:
        for partner in couple.partners:
            service.join(partner.id, shown="the text of a test")
    try:
        yield World(service, clock, calendars, busy, mailer, store)
    finally:
        store.close()
