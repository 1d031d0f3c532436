"""The coming weeks played through before they happen: the same engine, a stepped clock, a copy of the state.

Nothing real is touched and nothing is sent: calendars and mails go to a folder of the rehearsal's own.
Not here: showing what came out (cli, web).
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from scheduler.adapters.maildir import MaildirMailer
from scheduler.adapters.memory import MemoryClock
from scheduler.adapters.sqlstore import SqlStore
from scheduler.adapters.system import new_secret
from scheduler.app.letters import ShownLetter, letters_in
from scheduler.app.service import Parts, Sender, Service
from scheduler.app.wiring import DATABASE, Words, calendars_of, sources_of
from scheduler.domain.couple import Standing
from scheduler.domain.errors import ConfigError, Problem, Unavailable
from scheduler.domain.freebusy import Span, Spans, union
from scheduler.domain.occurrence import Placement
from scheduler.domain.planning import Plan
from scheduler.settings import Settings

MARK = ".rituals-rehearsal"


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What happened: every placement that was made, every mail that was sent, and how things stand at the end."""

    placements: tuple[Placement, ...]
    letters: tuple[ShownLetter, ...]
    outlook: Plan
    busy: dict[str, Spans]
    assumed_joined: tuple[str, ...]
    period: tuple[datetime, datetime]


def clear_folder(out: Path) -> None:
    """Make an empty folder for the rehearsal; Raises ConfigError rather than clear one that is not its own."""
    if out.exists() and any(out.iterdir()) and not (out / MARK).exists():
        raise ConfigError(Problem(str(out), None, "is not empty and not a rehearsal's; name another folder"))
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    (out / MARK).write_text("This folder is written anew by `rituals simulate`.\n", encoding="utf-8")


def rehearse(
    settings: Settings,
    words: Words,
    out: Path,
    *,
    period: tuple[datetime, datetime],
    progress: Callable[[float], None] = lambda _: None,
) -> Rehearsal:
    """Play from the first to the last instant into the empty folder ``out``; ``progress`` gets 0 to 1."""
    start, end = period
    database = out / DATABASE
    _copy_state(settings, out, database)
    with closing(SqlStore.open(database, secret=new_secret)) as store:
        clock = MemoryClock(start)
        service = Service(_parts(settings, words, store, clock, out))
        assumed = _everybody_joins(service)
        while clock.now() < end:
            service.tick()
            progress((clock.now() - start) / (end - start))
            clock.set(min(service.next_wake(), end))
        with store.transaction() as tx:
            placements = tuple(tx.placements(settings.couple.id, ending_after=start))
        letters = letters_in(service, out / "mail")
        found = Rehearsal(placements, letters, service.outlook(), _busy(service, start, end), assumed, period)
    for leftover in out.glob(f"{DATABASE}*"):
        leftover.unlink()
    progress(1.0)
    return found


def _parts(settings: Settings, words: Words, store: SqlStore, clock: MemoryClock, out: Path) -> Parts:
    return Parts(
        couple=settings.couple,
        store=store,
        clock=clock,
        calendars=calendars_of(settings, below=out / "calendars"),
        sources=sources_of(settings),
        mailer=MaildirMailer(out / "mail"),
        templates=words.templates,
        cards=words.cards,
        sender=Sender(settings.mail.sender_name, settings.mail.sender_address, settings.mail.contact),
    )


def _copy_state(settings: Settings, out: Path, database: Path) -> None:
    """The real state and calendars as they are now, so that the rehearsal goes on from there."""
    real = settings.state / DATABASE
    if not real.exists():
        return
    with (
        closing(sqlite3.connect(f"file:{real}?mode=ro", uri=True)) as source,
        closing(sqlite3.connect(database)) as copy,
    ):
        source.backup(copy)
    for partner, route in settings.calendars.items():
        if route.path.is_dir():
            shutil.copytree(route.path, out / "calendars" / partner)


def _busy(service: Service, start: datetime, end: datetime) -> dict[str, Spans]:
    """When each was taken over the whole rehearsal: the state keeps only the horizon's."""
    found: dict[str, Spans] = {}
    for partner, sources in service.parts.sources.items():
        spans: list[Span] = []
        for source in sources.values():
            with suppress(Unavailable):  # the rehearsal itself has already said so
                reading = source.read(start, end, None)
                spans += reading.spans if reading else ()
        found[partner] = union(spans)
    return found


def _everybody_joins(service: Service) -> tuple[str, ...]:
    """A rehearsal shows what would come if both said yes; returns the names of those who have not yet."""
    missing = [one for one in service.memberships().values() if one.standing is not Standing.JOINED]
    for one in missing:
        service.join(one.partner, shown="rehearsal")
    return tuple(service.couple.partner(one.partner).name for one in missing)
