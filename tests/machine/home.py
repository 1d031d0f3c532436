"""One couple's service over two partners of the machine: built, restarted, looked into. Not here: steps (life)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

from scheduler.adapters.memory import MemoryBusy, MemoryClock, MemoryMailer
from scheduler.adapters.sqlstore import SqlStore
from scheduler.app.service import Parts, Sender, Service
from scheduler.domain.cadence import Daily
from scheduler.domain.couple import Couple, PlanRules
from scheduler.domain.event import CalendarEntry
from scheduler.domain.localtime import parse_window
from scheduler.domain.message import MailKind
from scheduler.domain.notes import cut_note, looks_note
from scheduler.domain.occurrence import Placement
from scheduler.domain.outbox import EffectKind, OutboxEntry, derived_id
from scheduler.domain.pace import Pace
from scheduler.engine.plan import UID_HOST
from tests.build import make_couple, make_ritual
from tests.machine.partner import MachinePartner
from tests.machine.places import Places
from tests.world import MAIL, START, cards, templates


def couple() -> Couple:
    """Coffee on Saturday, a check-in twice a week, ten days ahead: few events, so that each meets much."""
    rituals = (
        make_ritual("coffee", windows=(parse_window("sat 09:00-12:00"),), ideal=600),
        make_ritual(
            "check-in",
            cadence=Daily(frozenset((1, 3))),
            windows=(parse_window("17:00-20:30"),),
            ideal=18 * 60,
            length=timedelta(minutes=30),
        ),
    )
    rules = PlanRules(horizon=timedelta(days=10))
    return make_couple(rituals=rituals, rules=rules, mail={MailKind.DIGEST: MAIL[MailKind.DIGEST]})


@dataclass(frozen=True, slots=True)
class Sight:
    """What the service has in mind: placements by key; by partner, entries by occurrence, and whose a UID is."""

    placements: Mapping[str, Placement]
    entries: Mapping[str, Mapping[str, CalendarEntry]]
    names: Mapping[str, dict[str, tuple[str, int]]]


def _names(salt: bytes, newest: Iterable[CalendarEntry]) -> dict[str, tuple[str, int]]:
    return {
        derived_id(salt, "event", one.partner, one.occurrence, str(number)) + f"@{UID_HOST}": (one.occurrence, number)
        for one in newest
        for number in range(one.generation + 1)
    }


class Home:
    """``log`` counts what the service says of itself; ``at`` is called at its step boundaries."""

    def __init__(self, partners: Mapping[str, MachinePartner], clock: MemoryClock) -> None:
        self.partners, self.clock = partners, clock
        self.busy = {name: MemoryBusy() for name in partners}
        self.mailer = MemoryMailer()
        self.store = SqlStore.open(":memory:", secret=lambda: b"a secret of thirty-two bytes here")
        self.log: Counter[str] = Counter()
        self.at: Callable[[str], None] = lambda _: None
        self.restarts()
        for name in partners:
            self.service.join(name, shown="the text of a test")

    def restarts(self) -> None:
        """Another process, with the same store and vaults."""
        for partner in self.partners.values():
            partner.restarts()
        self.service = Service(
            Parts(
                couple=couple(),
                store=self.store,
                clock=self.clock,
                calendars={name: one.calendar for name, one in self.partners.items()},
                sources={name: {f"{name}'s file": source} for name, source in self.busy.items()},
                mailer=self.mailer,
                templates=templates(),
                cards=cards(),
                sender=Sender("Rituals", "rituals@example.org", "host@example.org"),
                log=self._hears,
                at=self._reaches,
            )
        )
        self.service.recover()

    def _reaches(self, boundary: str) -> None:
        self.at(boundary)

    def _hears(self, event: str, **fields: Any) -> None:
        outcome = fields.get("outcome")
        self.log[f"{event} {outcome}" if outcome else event] += 1

    def reconnects(self, name: str) -> None:
        """What connecting an account does besides: the next tick looks, and writes what waited."""
        self.partners[name].reconnects()
        with self.store.transaction() as tx:
            for note in (looks_note, cut_note):
                tx.set_note("home", note(name), "")
            tx.hurry("home", name, EffectKind.EVENT, self.clock.now())

    def outbox(self, name: str = "") -> list[OutboxEntry]:
        with self.store.transaction() as tx:
            return [one for one in tx.outbox("home") if not name or one.partner == name]

    def placements(self) -> dict[str, Placement]:
        with self.store.transaction() as tx:
            return {one.key: one for one in tx.placements("home")}

    def entries(self, name: str) -> dict[str, CalendarEntry]:
        with self.store.transaction() as tx:
            return {one.occurrence: one for one in tx.calendar_entries("home") if one.partner == name}

    def note(self, name: str) -> str:
        with self.store.transaction() as tx:
            return tx.note("home", name) or ""

    def sight(self) -> Sight:
        """All that the claims ask the store, in one go."""
        with self.store.transaction() as tx:
            salt, entries = tx.salt("home"), tx.calendar_entries("home")
            placements = {one.key: one for one in tx.placements("home")}
        named: dict[str, dict[str, CalendarEntry]] = {name: {} for name in self.partners}
        for one in entries:
            named[one.partner][one.occurrence] = one
        return Sight(placements, named, {name: _names(salt, known.values()) for name, known in named.items()})

    def names(self, partner: str) -> dict[str, tuple[str, int]]:
        """UID → (occurrence, generation) of everything that was ever wanted on the partner's calendar."""
        return self.sight().names[partner]


@contextmanager
def home(places: Places, routes: tuple[str, str], chance: Random) -> Iterator[Home]:
    clock = MemoryClock(START)
    paces = [chance.choice((Pace.EVERY_TICK, Pace.SPARING)) for _ in routes]
    with (
        places.partner(routes[0], clock, paces[0]) as sam,
        places.partner(routes[1], clock, paces[1]) as kim,
    ):
        made = Home({"sam": sam, "kim": kim}, clock)
        try:
            yield made
        finally:
            made.store.close()
