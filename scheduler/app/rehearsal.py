"""The coming weeks played through before they happen: the same engine, a stepped clock, a copy of the state.

Nothing real is touched and nothing is sent: calendars and mails go to a folder of the rehearsal's own.
Not here: showing what came out (cli, web).
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from scheduler.adapters.maildir import MaildirMailer
from scheduler.adapters.memory import MemoryBusy, MemoryCalendar, MemoryClock
from scheduler.app.calendars import rehearsed
from scheduler.app.letters import ShownLetter, letters_in
from scheduler.app.service import Parts, Service
from scheduler.app.snapshot import copied_store
from scheduler.app.wiring import Words, parts_of
from scheduler.domain.couple import Standing
from scheduler.domain.errors import ConfigError, Problem, Unavailable
from scheduler.domain.freebusy import Span, Spans, union
from scheduler.domain.occurrence import Placement
from scheduler.domain.planning import Plan
from scheduler.ports import BusySource, Store
from scheduler.settings import Settings

MARK = ".rituals-rehearsal"
_AROUND = timedelta(days=14)  # a plan looks at whole weeks, and a little beyond its horizon


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
    with copied_store(settings) as store:
        clock, calendars = MemoryClock(start), _copied_calendars(settings, store)
        parts = parts_of(settings, words, store, clock)
        sources = _read_once(parts, start, end + settings.couple.rules.horizon)
        parts = replace(
            parts, calendars=calendars, sources=sources, ahead={}, routes={}, mailer=MaildirMailer(out / "mail")
        )
        service = Service(parts)
        assumed = _everybody_joins(service)
        while clock.now() < end:
            service.tick()
            progress((clock.now() - start) / (end - start))
            clock.set(min(service.next_wake(), end))
        with store.transaction() as tx:
            placements = tuple(
                one for one in tx.placements(settings.couple.id, ending_after=start) if one.starts_at < end
            )
        letters = letters_in(service, out / "mail")
        found = Rehearsal(placements, letters, service.outlook(), _busy(service, start, end), assumed, period)
    for partner, folder in rehearsed(settings, out / "calendars").items():
        for event in calendars[partner].events:
            folder.put(event, None)
    progress(1.0)
    return found


def _copied_calendars(settings: Settings, store: Store) -> dict[str, MemoryCalendar]:
    """What we wrote on the real calendars; nobody edits a rehearsal's, so nothing else matters."""
    calendars = {partner.id: MemoryCalendar() for partner in settings.couple.partners}
    with store.transaction() as tx:
        for entry in tx.calendar_entries(settings.couple.id):
            if entry.live and entry.written is not None and entry.tag is not None:
                calendars[entry.partner].stand(entry.event, entry.tag)
    return calendars


def _read_once(parts: Parts, start: datetime, end: datetime) -> dict[str, dict[str, BusySource]]:
    """The sources as they are now, for the whole rehearsal; one that cannot be read stays and says so each time."""
    found: dict[str, dict[str, BusySource]] = {}
    for partner, sources in parts.sources.items():
        found[partner] = dict(sources)
        for name, source in sources.items():
            with suppress(Unavailable):
                reading = source.read(start - _AROUND, end + _AROUND, None)
                found[partner][name] = MemoryBusy(reading.spans if reading else ())
    return found


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
