"""One run: fifty steps over two partners, then quiet. Not here: what must hold (claims)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from random import Random

from scheduler.domain.freebusy import Span, span_of
from scheduler.domain.localtime import local_date
from scheduler.domain.notes import cut_note
from scheduler.domain.occurrence import Fate
from scheduler.domain.outbox import OPEN, EffectKind, State
from tests.machine import claims
from tests.machine.faults import REFUSING
from tests.machine.hands import Act, Hands
from tests.machine.home import Home
from tests.machine.ledger import Ledger

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
STEPS = 50
QUIET = 61 * MINUTE
_MOST_QUIET_TICKS = 60
_WAITS = (MINUTE, 5 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR, 65 * MINUTE, 3 * HOUR, 8 * HOUR, DAY, 2 * DAY)
_ODDS = (4, 6, 10, 8, 8, 10, 6, 4, 3, 2)
_BOUNDARIES = ("claimed", "intent written", "calendar changed", "outcome written", "plan about to commit",
               "plan committed", "mail decided", "mail handed over")  # fmt: skip
_FAR = span_of(datetime.fromisoformat("2027-06-01T00:00+00:00"), datetime.fromisoformat("2027-06-02T00:00+00:00"))


class KilledError(BaseException):
    """The process ends here."""


class Life:
    """Everything is drawn from ``chance``: the same one, on the same routes, lives the same life."""

    def __init__(self, home: Home, ledger: Ledger, chance: Random) -> None:
        self.home, self.ledger, self.chance = home, ledger, chance
        self.hands = Hands(home, ledger, chance)
        self.busy: dict[str, list[Span]] = {name: [_FAR] for name in home.partners}
        self.troubled: set[str] = set()
        self._steps: dict[str, tuple[int, Callable[[str], None]]] = {
            "time": (40, self.time_passes),
            "edit": (16, self.edits),
            "edit and half a tick": (8, self.edits_amid),
            "edit at a boundary": (6, self.edits_at_boundary),
            "edit of what is being written": (8, self.edits_what_is_written),
            "kill": (5, self.is_killed),
            "restart": (3, lambda _: self.home.restarts()),
            "fault": (14, self.meets_trouble),
            "mend": (5, self.mends),
            "clash": (6, self.gets_busy),
            "free again": (3, self.gets_free),
            "pause": (2, self.pauses),
            "resume": (3, self.resumes),
            "access ends": (2, self.revokes),
            "calendar deleted": (1, self.deletes_calendar),
            "all deleted": (1, self.deletes_all),
            "foreign": (2, self.adds_foreign),
        }

    def run(self, steps: int = STEPS) -> None:
        for name in self.home.partners:
            self.ledger.foreign[name] = self.home.partners[name].foreign()
        self.tick()
        for name in self.home.partners:
            self.adds_foreign(name)
        weights = [weight for weight, _ in self._steps.values()]
        for _ in range(steps):
            (kind,) = self.chance.choices(tuple(self._steps), weights)
            name = self.chance.choice(tuple(self.home.partners))
            self.say(f"{name}: {kind}")
            self.ledger.tally[f"step: {kind}"] += 1
            self._steps[kind][1](name)
            claims.at_any_step(self.home, self.ledger)
        self.becomes_quiet()
        claims.when_all_is_quiet(self.home, self.ledger)

    def say(self, line: str) -> None:
        self.ledger.say(self.home.clock.now(), line)

    def tick(self) -> None:
        self.home.service.tick()
        for name in self.home.partners.keys() - self.troubled:
            late = [one.ref for one in self.home.outbox(name) if one.kind is EffectKind.EVENT and one.state in OPEN]
            claims.claim(not late, f"{late} waits for {name}, who has no trouble")

    def time_passes(self, _: str) -> None:
        self.home.clock.advance(self.chance.choices(_WAITS, _ODDS)[0])
        self.tick()

    def edits(self, name: str) -> None:
        self._act(self.hands.any_edit(name))

    def edits_amid(self, name: str) -> None:
        """A person acts between two steps of the service."""
        service = self.home.service
        before, after = self.chance.choice(((service.collect, service.plan), (service.plan, service.deliver)))
        if self.chance.random() < 0.5:
            self.home.clock.advance(65 * MINUTE)
        before()
        self._act(self.hands.any_edit(name))
        after()

    def edits_at_boundary(self, name: str) -> None:
        """A person acts while a step is under way, so that it is the service that must notice."""
        act = self.hands.any_edit(name)
        if act is None:
            return
        self.at_boundary(("claimed", "intent written", "calendar changed", "outcome written"), act)
        self.troubled |= set(self.home.partners)
        self.tick()
        self.home.at = lambda _: None

    def edits_what_is_written(self, name: str) -> None:
        """The other moves a ritual, and while that is on its way here, the very event is edited here."""
        (other,) = self.home.partners.keys() - {name}
        self._act(self.hands.move(other))
        self.home.clock.advance(65 * MINUTE)

        def act() -> None:
            in_hand = [one for one in self.home.outbox(name) if one.state in (State.CLAIMED, State.SENDING)]
            keys = {one.ref for one in in_hand if one.kind is EffectKind.EVENT}
            names = self.home.sight().names[name]
            uids = [uid for uid, (occurrence, number) in names.items() if f"{occurrence}#{number}" in keys]
            if uids:
                self.ledger.tally["hand: what was being written"] += 1
                self._act(self.hands.edit_of(name, uids))

        self.at_boundary(("claimed", "intent written"), act)
        self.troubled |= set(self.home.partners)
        self.tick()
        self.home.at = lambda _: None

    def is_killed(self, _: str) -> None:
        def act() -> None:
            self.ledger.tally["killed"] += 1
            raise KilledError

        if self.chance.random() < 0.5:
            self.home.clock.advance(self.chance.choice(_WAITS[:7]))
        self.at_boundary(_BOUNDARIES, act)
        with suppress(KilledError):
            self.home.service.tick()
        self.home.at = lambda _: None
        self.home.restarts()
        self.troubled |= set(self.home.partners)

    def at_boundary(self, names: tuple[str, ...], act: Act) -> None:
        """Do it once, at one of the next times that one of the boundaries is reached."""
        left = [self.chance.choice((1, 1, 2, 3))]
        wanted = self.chance.choice(names)
        self.say(f"… at {wanted}, time {left[0]}")

        def reached(name: str) -> None:
            left[0] -= name == wanted
            if left[0] == 0:
                left[0] = -1
                act()

        self.home.at = reached

    def meets_trouble(self, name: str) -> None:
        kind = self.home.partners[name].trouble(self.chance)
        self.troubled.add(name)
        self.say(f"{name}: trouble, {kind}")
        self.ledger.tally[f"fault: {kind}"] += 1
        if any(word in kind for word in REFUSING):
            self.ledger.refusable.add(name)

    def mends(self, name: str) -> None:
        self.home.partners[name].mends()
        self.home.reconnects(name)

    def gets_busy(self, name: str) -> None:
        coming = [one for one in self.home.placements().values() if one.fate is Fate.PLACED]
        coming = [one for one in coming if one.starts_at > self.home.clock.now()]
        if coming:
            one = self.chance.choice(coming)
            self.busy[name].append(span_of(one.starts_at - HOUR, one.ends_at + HOUR))
            self.home.busy[name].set(tuple(sorted(self.busy[name])))

    def gets_free(self, name: str) -> None:
        self.busy[name] = [_FAR]
        self.home.busy[name].set((_FAR,))

    def pauses(self, name: str) -> None:
        today = local_date(self.home.clock.now(), self.home.service.couple.partner(name).zone)
        self.home.service.pause(name, until=today + self.chance.randint(1, 6) * DAY)
        self.ledger.overtaken(name)

    def resumes(self, name: str) -> None:
        self.home.service.join(name, shown="the text of a test")

    def revokes(self, name: str) -> None:
        if "access" in self.home.partners[name].can:
            self.home.partners[name].revokes()
            self.troubled.add(name)

    def deletes_calendar(self, name: str) -> None:
        """At most once a week: the second time means that it stays away."""
        partner, before = self.home.partners[name], self.ledger.calendars_deleted.setdefault(name, [])
        now = self.home.clock.now()
        if "calendar" not in partner.can or before or not partner.stands():
            return
        before.append(now)
        partner.deletes_calendar()
        self.ledger.foreign[name] = partner.foreign()
        self.ledger.overtaken(name)
        self.troubled.add(name)

    def deletes_all(self, name: str) -> None:
        self._act(self.hands.delete_all(name))

    def adds_foreign(self, name: str) -> None:
        self.home.partners[name].adds_foreign()
        self.ledger.foreign[name] = self.home.partners[name].foreign()

    def _act(self, act: Act | None) -> None:
        if act:
            act()

    def becomes_quiet(self) -> None:
        """All trouble ends, and time goes on until nothing changes any more."""
        for name in self.home.partners:
            self.mends(name)
            self.resumes(name)
        self.say("quiet")
        before: object = None
        same = 0
        for _ in range(_MOST_QUIET_TICKS):
            self.home.clock.advance(QUIET)
            self.home.service.tick()
            self._host_looks()
            now = [self.home.entries(name) for name in self.home.partners], self.home.placements()
            is_open = any(one.kind is EffectKind.EVENT and one.state in OPEN for one in self.home.outbox())
            same = 0 if is_open or now != before else same + 1
            before = now
            if same == 2:
                return
        raise claims.BrokenClaimError("it never becomes quiet")

    def _host_looks(self) -> None:
        """Access that ended is given again; what a server refused for good is tried again by the host."""
        for name in self.home.partners:
            if self.home.note(cut_note(name)):
                self.home.reconnects(name)
        for one in self.home.outbox():
            if one.state is State.REFUSED and one.partner in self.ledger.refusable:
                self.ledger.tally["released by the host"] += 1
                with self.home.store.transaction() as tx:
                    tx.release(one.key, self.home.clock.now())
