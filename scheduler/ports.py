"""Every edge of the system on one page; each port states its contract. Not here: anything that fulfils one (adapters).

An adapter translates foreign exceptions into Refused, Unavailable, Uncertain or Conflict at its edge.
Replies (Inbox) take their seat here when the mail loop needs them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from scheduler.domain.couple import Membership
from scheduler.domain.deck import Draw
from scheduler.domain.event import CalendarEntry, Event, SeenEvent
from scheduler.domain.freebusy import Spans
from scheduler.domain.link import Link, Purpose
from scheduler.domain.occurrence import Placement
from scheduler.domain.outbox import EffectKind, OutboxEntry, State
from scheduler.domain.pace import Pace


class Clock(Protocol):
    """The only reader of the time."""

    def now(self) -> datetime:
        """The instant, aware, in UTC."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """One mail as it goes out: exact bytes with CRLF line ends; ``key`` is the outbox key and gives the Message-ID."""

    key: str
    partner: str
    sender: str
    recipient: str
    data: bytes


class Mailer(Protocol):
    """Hands over one mail to one recipient."""

    def send(self, envelope: Envelope) -> str:
        """Returns what the other side answered, in a few words without addresses.

        Raises: Refused, the address or mail is refused for good; Unavailable, surely not taken, try later;
        Uncertain, cut off after the last byte.
        """

    def close(self) -> None:
        """Let go of any connection; a later send opens a new one."""


class Vault(Protocol):
    """What adapters must remember of one partner: tokens, passwords, where their calendar is. Sealed where it lies.

    Never used inside a transaction: it makes its own.
    """

    def get(self, name: str) -> str | None:
        """What was put last; None where nothing was. Raises Unavailable, the key is not there or does not fit."""

    def put(self, name: str, value: str) -> None:
        """Durable when it returns."""

    def forget(self, name: str) -> None:
        """One that was never put is a success."""


class Calendar(Protocol):
    """One partner's own calendar. Touches only events whose UID it is given.

    Any method raises Unavailable when the calendar cannot be reached or used, with ``retry_after`` where a time was
    named; Disconnected where the partner must give access again; Gone where the whole calendar went away.
    """

    @property
    def pace(self) -> Pace:
        """What a look costs, and so how often it is taken."""

    def put(self, event: Event, tag: str | None) -> str:
        """Create (tag None) or replace the event that ``tag`` names; returns its new tag.

        Makes the calendar where there is none yet. Repeating a put that already happened is a success. Raises:
        Conflict, what stands there was written by someone else since ``tag`` (or is gone although ``tag`` is given,
        or was taken away by a person before); Refused; Uncertain, where it cannot be looked up what came of it.
        """

    def remove(self, event: Event, tag: str | None, /) -> None:
        """Take our event away, whatever became of it; one that is already gone is a success.

        ``tag`` None means that it was surely never written.
        """

    def seen(self, uids: Collection[str]) -> Mapping[str, SeenEvent | None]:
        """Those of the events that stand there now, by UID; None where one stands but its times cannot be read.

        Raises Unavailable also when the calendar is suddenly empty although several are asked for, and nothing says
        of each that it was deleted (a folder never does); or when a listing lacks what a second look at the event
        itself still finds: an absence is never believed at one word.
        """


@dataclass(frozen=True, slots=True)
class BusyReading:
    """Busy intervals inside the window that was asked for; ``version`` names file state and window.

    ``skipped`` counts repeating events whose rule makes no sense: only their first time counts.
    """

    spans: Spans
    version: str
    skipped: int = 0


class BusySource(Protocol):
    """One place that knows when a partner is taken. Titles never leave it."""

    @property
    def pace(self) -> Pace:
        """What a reading costs, and so how often it is taken."""

    def read(self, starts_at: datetime, ends_at: datetime, known: str | None) -> BusyReading | None:
        """Busy intervals in the half-open window; None when ``known`` still is the version.

        Raises Unavailable when the source cannot be read or understood: unknown, never "free".
        """


class Almanac(Protocol):
    """Knows the public holidays of a place."""

    def __call__(self, place: str, year: int, /) -> Mapping[date, str]:
        """The name of each holiday by its date, in a country or region ("DE-BY"); none where it is not known."""


@dataclass(frozen=True, slots=True)
class BusyRecord:
    """The last good reading of one source (a name that is unique in the couple), and what went wrong since.

    ``emptied_at`` is when it was first found without any busy time although it had some: in doubt for a day.
    ``cut_at`` is when it was first found that the partner must give access again.
    """

    source: str
    partner: str
    spans: Spans = ()
    version: str | None = None
    good_at: datetime | None = None
    emptied_at: datetime | None = None
    error: str = ""
    cut_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """An outbox entry that is ours to do until its lease ends."""

    key: str
    couple: str
    epoch: int


class Transaction(Protocol):
    """Reads and writes of one unit of work; all of it becomes durable together, or none.

    Every method but the outbox's claiming takes the couple first: no query crosses couples.
    """

    def salt(self, couple: str) -> bytes:
        """The couple's secret for derived ids; made at first use, never changed."""

    def note(self, couple: str, name: str) -> str | None: ...
    def set_note(self, couple: str, name: str, value: str) -> None: ...

    def memberships(self, couple: str) -> dict[str, Membership]:
        """By partner id; a partner never seen before is absent."""

    def save_membership(self, couple: str, membership: Membership) -> None: ...

    def placements(self, couple: str, ending_after: datetime | None = None) -> list[Placement]:
        """By key."""

    def save_placement(self, couple: str, placement: Placement) -> None: ...

    def calendar_entries(self, couple: str, ending_after: datetime | None = None) -> list[CalendarEntry]:
        """The newest generation for each (partner, occurrence), by start."""

    def calendar_entry(self, couple: str, partner: str, occurrence: str, generation: int) -> CalendarEntry | None: ...

    def save_calendar_entry(self, couple: str, entry: CalendarEntry) -> None:
        """Insert, or replace the row of the same (partner, occurrence, generation)."""

    def busy(self, couple: str) -> list[BusyRecord]: ...
    def save_busy(self, couple: str, record: BusyRecord) -> None: ...

    def sealed(self, couple: str, partner: str, name: str) -> bytes | None: ...
    def save_sealed(self, couple: str, partner: str, name: str, value: bytes | None) -> None:
        """Replace; None takes it away."""

    def link(self, couple: str, digest: str) -> Link | None: ...
    def add_link(self, couple: str, link: Link) -> None: ...

    def use_link(self, couple: str, digest: str, now: datetime) -> bool:
        """By compare-and-set: True for the one who used it first."""

    def drop_links(self, couple: str, partner: str, purpose: Purpose) -> None:
        """None of the partner's links of that purpose opens anything from now on."""

    def draws(self, couple: str) -> list[Draw]:
        """Oldest first."""

    def add_draw(self, couple: str, draw: Draw) -> None:
        """A second draw for the same (week, slot) is ignored."""

    def want(self, entry: OutboxEntry) -> bool:
        """Insert unless the key is already there; True when it is new."""

    def outbox(self, couple: str | None = None, states: Iterable[State] = (), ref: str = "") -> list[OutboxEntry]:
        """By due_at; no states means all of them; ``ref`` is a prefix; couple None is the host's view."""

    def entry(self, key: str) -> OutboxEntry | None: ...

    def mails_done(self, couple: str, partner: str, since: datetime) -> list[OutboxEntry]:
        """Mails of the partner that were sent (done or uncertain) at or after the instant."""

    def next_due(self, couple: str | None = None) -> datetime | None:
        """The earliest due_at among waiting entries."""

    def take_back_all(self) -> int:
        """At the start of the only process: every claimed or sending entry waits again, as if its lease were over."""

    def hand_out(self, now: datetime, lease: timedelta, limit: int) -> list[Claim]:
        """Take back expired leases, then claim what is due: epoch + 1, a new lease.

        An entry that was taken back in ``sending`` keeps its attempts and payload, and cut_off + 1. A couple that
        has an entry under a live lease gets no second claim batch. Ordered by couple, then due_at, then wanted_at,
        then key.
        """

    def begin(self, key: str, epoch: int, payload: bytes | None) -> OutboxEntry | None:
        """The durable intent: claimed → sending, attempts + 1, payload kept. None when the epoch is stale."""

    def finish(self, key: str, epoch: int, state: State, note: str, now: datetime) -> bool:
        """Record the outcome (a final state) by compare-and-set; False when the epoch is stale."""

    def postpone(self, key: str, epoch: int, due_at: datetime, note: str, keep_payload: bool = False) -> bool:
        """Back to waiting with a new due_at; the payload goes unless it must be sent again as it was (cut_off + 1)."""

    def hurry(self, couple: str, partner: str, kind: EffectKind, now: datetime) -> None:
        """What of that kind waits for the partner is due now: what stood in its way is out of it."""

    def release(self, key: str, due_at: datetime) -> bool:
        """A person's retry: a refused, uncertain or dropped entry waits again, attempts and cut_off 0; False if none.

        Its fresh_until becomes None: a person wants it whatever its age.
        """

    def drop(self, key: str, note: str, now: datetime) -> bool:
        """A person's no: a waiting, refused or uncertain entry is dropped; False if there is none."""


class Store(Protocol):
    """Durable state; one writer."""

    def transaction(self) -> AbstractContextManager[Transaction]:
        """Commit at the end of the block, roll back on an exception. Raises Unavailable when locked or full."""

    def close(self) -> None: ...


class Ticker(Protocol):
    """Wakes jobs; a missed or doubled tick is harmless, so nothing else is promised."""

    def every(self, interval: timedelta, name: str, job: Callable[[], object]) -> None: ...
    def start(self) -> None: ...

    def stop(self) -> None:
        """Returns when the running jobs have ended."""
