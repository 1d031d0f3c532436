"""What the file names: templates and decks, calendars, busy sources, the way out for mail. Not here: the machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from scheduler.adapters.smtp import SmtpMailer
from scheduler.app.checkup.finding import Finding, Level
from scheduler.app.checkup.machine import check_folder
from scheduler.app.checkup.state import Memory
from scheduler.app.wiring import load_words, mailer_of, sources_of
from scheduler.content.ics import uids_in
from scheduler.domain.couple import Partner, Standing
from scheduler.domain.errors import ConfigError, Unavailable
from scheduler.domain.freebusy import Spans
from scheduler.engine.plan import UID_HOST
from scheduler.ports import BusySource
from scheduler.settings import IcsSource, MaildirOut, Rota, Settings, SmtpOut

_Route = IcsSource | Rota
_AHEAD = timedelta(weeks=4)


def check_words(settings: Settings) -> Iterator[Finding]:
    try:
        words = load_words(settings)
    except ConfigError as err:
        for problem in err.problems:
            yield Finding("templates and cards", Level.BAD, str(problem), "mend this file, or take it away")
        return
    yield Finding("templates and cards", Level.OK, f"every template loads, and {len(words.cards)} cards")


def check_calendars(settings: Settings, memory: Memory) -> Iterator[Finding]:
    for partner in settings.couple.partners:
        subject, folder = f"calendar, {partner.name}", settings.calendars[partner.id].path
        if said := memory.notes.get(partner.id):
            yield Finding(subject, Level.BAD, f"at the last look: {said}", f"look at {folder}")
        yield from check_folder(subject, folder, f"{folder} can be written; {_counted(folder)}")


def _counted(folder: Path) -> str:
    """How many files hold events of ours, and how many are other people's."""
    files = list(folder.glob("*.ics")) if folder.is_dir() else []
    ours = sum(_is_ours(file) for file in files)
    foreign = len(files) - ours
    return f"{ours} events of ours" + (f", {foreign} files of others, which are left alone" if foreign else "")


def _is_ours(file: Path) -> bool:
    try:
        return any(uid.endswith(f"@{UID_HOST}") for uid in uids_in(file.read_bytes()))
    except OSError:
        return False


def check_busy(settings: Settings, memory: Memory, now: datetime) -> Iterator[Finding]:
    """Read the sources of whoever said yes, now; of the others only whether the file is there."""
    own = {partner: route.path.resolve() for partner, route in settings.calendars.items()}
    for partner in settings.couple.partners:
        subject, named = f"busy, {partner.name}", sources_of(settings)[partner.id]
        if not named:
            told = "no busy source: every hour of the free windows counts as free"
            yield Finding(subject, Level.WARN, told, 'name one if there is one: busy = ["calendar.ics"]')
        routes: tuple[_Route, ...] = (*settings.busy[partner.id], *settings.rotas[partner.id])
        for route, source in zip(routes, named.values(), strict=True):
            if route.path.resolve().parent in own.values():
                yield _own_events(subject, route)
            elif not _has_joined(memory, partner):
                yield _unread(subject, partner, route)
            else:
                yield _read(subject, partner, route, source, now)


def _own_events(subject: str, route: _Route) -> Finding:
    told = f"{route.path} lies in a calendar folder that the service writes: its own events would count as busy"
    return Finding(subject, Level.WARN, told, "name the calendar that this partner keeps, not ours")


def _has_joined(memory: Memory, partner: Partner) -> bool:
    member = memory.members.get(partner.id)
    return member is not None and member.standing is Standing.JOINED


def _unread(subject: str, partner: Partner, route: _Route) -> Finding:
    if not os.access(route.path, os.R_OK):
        told = f"{route.path} is not there, or may not be read"
        return Finding(subject, Level.WARN, told, "put the file there, or change its path")
    return Finding(subject, Level.OK, f"{route.path} is there; nothing in it is read without {partner.name}'s yes")


def _read(subject: str, partner: Partner, route: _Route, source: BusySource, now: datetime) -> Finding:
    try:
        reading = source.read(now, now + _AHEAD, None)
    except Unavailable as err:
        return Finding(subject, Level.BAD, str(err), "until it can be read nothing new is placed")
    hours = _hours(reading.spans if reading else ())
    told = f"{route.path}: {hours} busy hours in the coming four weeks"
    if not hours:
        return Finding(subject, Level.WARN, told, f"is this the file that {partner.name}'s calendar program writes?")
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
