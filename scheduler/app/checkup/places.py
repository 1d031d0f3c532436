"""What the file names: templates and decks, busy sources, the way out for mail. Not here: calendars, the machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing
from datetime import datetime, timedelta
from pathlib import Path

from scheduler.adapters.memory import MemoryMailer
from scheduler.adapters.smtp import SmtpMailer
from scheduler.adapters.sqlstore import MEMORY, SqlStore
from scheduler.adapters.system import SystemClock, new_secret
from scheduler.app.calendars import Linking, source_words
from scheduler.app.checkup.finding import Finding, Level
from scheduler.app.checkup.machine import check_folder
from scheduler.app.checkup.state import Memory
from scheduler.app.snapshot import copied_store
from scheduler.app.wiring import load_words, mailer_of
from scheduler.domain.couple import Partner, Standing
from scheduler.domain.digest import Notice
from scheduler.domain.errors import ConfigError, Refused, Unavailable
from scheduler.domain.freebusy import Spans
from scheduler.domain.message import Message
from scheduler.ports import BusySource, Store
from scheduler.settings import AccountSource, FolderRoute, IcsSource, MaildirOut, Rota, Settings, SmtpOut, WebSource

_Route = IcsSource | WebSource | AccountSource | Rota
_AHEAD = timedelta(weeks=4)


def check_words(settings: Settings) -> Iterator[Finding]:
    try:
        words = load_words(settings)
    except ConfigError as err:
        for problem in err.problems:
            yield Finding("templates and cards", Level.BAD, str(problem), "mend this file, or take it away")
        return
    yield Finding("templates and cards", Level.OK, f"every template loads, and {len(words.cards)} cards")


def check_busy(settings: Settings, memory: Memory, now: datetime, *, offline: bool) -> Iterator[Finding]:
    """Read the sources of whoever said yes, now; of the others only whether a file is there."""
    own = [route.path.resolve() for route in settings.calendars.values() if isinstance(route, FolderRoute)]
    with _store(settings, memory) as store:
        sources = Linking(settings, store, SystemClock(), MemoryMailer(), _no_words).sources()
        for partner in settings.couple.partners:
            subject, named = f"busy, {partner.name}", sources[partner.id]
            if not named:
                told = "no busy source: every hour of the free windows counts as free"
                yield Finding(subject, Level.WARN, told, 'name one if there is one: busy = ["calendar.ics"]')
            routes: tuple[_Route, ...] = (*settings.busy[partner.id], *settings.rotas[partner.id])
            for route, source in zip(routes, named.values(), strict=True):
                path = None if isinstance(route, WebSource | AccountSource) else route.path
                if path and path.resolve().parent in own:
                    yield _own_events(subject, path)
                elif not _has_joined(memory, partner):
                    yield _unread(subject, partner, route)
                elif path is None and offline:
                    yield Finding(subject, Level.OK, f"{source_words(route)} was not asked (--offline)")
                else:
                    yield _read(subject, partner, (source_words(route), source), now)


def _store(settings: Settings, memory: Memory) -> AbstractContextManager[Store]:
    """A copy of the state, which knows what is connected; a state that cannot be read knows nothing."""
    return closing(SqlStore.open(MEMORY, secret=new_secret)) if memory.trouble else copied_store(settings)


def _no_words(_notice: Notice, _key: str) -> Message:
    raise Refused("nothing is sent by a source of busy times")


def _own_events(subject: str, path: Path) -> Finding:
    told = f"{path} lies in a calendar folder that the service writes: its own events would count as busy"
    return Finding(subject, Level.WARN, told, "name the calendar that this partner keeps, not ours")


def _has_joined(memory: Memory, partner: Partner) -> bool:
    member = memory.members.get(partner.id)
    return member is not None and member.standing is Standing.JOINED


def _unread(subject: str, partner: Partner, route: _Route) -> Finding:
    if isinstance(route, WebSource | AccountSource):
        return Finding(subject, Level.OK, f"{source_words(route)} is not asked without {partner.name}'s yes")
    if not os.access(route.path, os.R_OK):
        told = f"{route.path} is not there, or may not be read"
        return Finding(subject, Level.WARN, told, "put the file there, or change its path")
    return Finding(subject, Level.OK, f"{route.path} is there; nothing in it is read without {partner.name}'s yes")


def _read(subject: str, partner: Partner, named: tuple[str, BusySource], now: datetime) -> Finding:
    words, source = named
    try:
        reading = source.read(now, now + _AHEAD, None)
    except Unavailable as err:
        return Finding(subject, Level.BAD, str(err), "until it can be read nothing new is placed")
    hours = _hours(reading.spans if reading else ())
    told = f"{words}: {hours} busy hours in the coming four weeks"
    if not hours:
        return Finding(subject, Level.WARN, told, f"is this the calendar that {partner.name} keeps?")
    if reading and reading.skipped:
        told = f"{told}; {reading.skipped} repeating events have a rule that makes no sense"
        return Finding(subject, Level.WARN, told, "each counts once, at its first time; look at them in the calendar")
    return Finding(subject, Level.OK, told)


def _hours(spans: Spans) -> int:
    """Whole hours, but never 0 for a few minutes."""
    return -(-sum(end - start for start, end in spans) // 3600)


def check_mail(settings: Settings, *, offline: bool) -> Iterator[Finding]:
    match settings.mail.route:
        case MaildirOut(path):
            told = f"{path} can be written; mails stay on this machine, one Maildir for each partner"
            yield from check_folder("mail", path, told)
        case SmtpOut() as out if offline:
            yield Finding("mail", Level.OK, f"{out.host}:{out.port} was not asked (--offline)")
        case SmtpOut() as out:
            yield _asked(settings, out)


def _asked(settings: Settings, out: SmtpOut) -> Finding:
    mailer = mailer_of(settings)
    assert isinstance(mailer, SmtpMailer)
    told = f"{out.host}:{out.port} with {out.security.value}"
    with closing(mailer):
        try:
            mailer.check()
        except Unavailable as err:
            do = "compare mail.smtp.host, port, security, user and the password with what the provider says"
            return Finding("mail", Level.BAD, f"{told}: {err}", do)
    return Finding(
        "mail", Level.OK, f"{told} answers{', and the login is right' if out.user else ''}; nothing was sent"
    )
