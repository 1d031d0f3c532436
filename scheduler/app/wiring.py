"""From settings to a service with its real parts. Not here: what the parts do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from scheduler.adapters.folder import FolderCalendar
from scheduler.adapters.icsbusy.source import IcsFile
from scheduler.adapters.maildir import MaildirMailer
from scheduler.adapters.rota import Rota
from scheduler.adapters.smtp import SmtpMailer, SmtpServer
from scheduler.adapters.sqlstore import SqlStore
from scheduler.adapters.system import SystemClock, new_secret
from scheduler.app.service import Log, Parts, Sender, Service
from scheduler.content.assets import Assets
from scheduler.content.decks import load_decks
from scheduler.content.render import MailTemplates
from scheduler.domain.deck import Card
from scheduler.domain.freebusy import AllDay
from scheduler.ports import BusySource, Calendar, Clock, Mailer, Store
from scheduler.settings import MaildirOut, Settings, SmtpOut
from scheduler.settings.places import holidays_of

DATABASE = "rituals.db"


@dataclass(frozen=True, slots=True)
class Words:
    """Templates and cards, checked: the slow part of a start, needed once for each reading of the file."""

    templates: MailTemplates
    cards: tuple[Card, ...]


def load_words(settings: Settings) -> Words:
    """Raises: ConfigError with every broken template or card."""
    assets = Assets(settings.override)
    return Words(MailTemplates(assets), load_decks(settings.decks, assets))


def open_store(settings: Settings) -> Store:
    """The couple's state in its folder, which is made if it is missing; only its owner may read it."""
    settings.state.mkdir(parents=True, exist_ok=True, mode=0o700)
    return SqlStore.open(settings.state / DATABASE, secret=new_secret)


def calendars_of(settings: Settings, below: Path | None = None) -> Mapping[str, Calendar]:
    """Each partner's calendar by id; ``below`` puts all of them into one folder (a rehearsal's)."""
    return {
        partner.id: FolderCalendar(
            below / partner.id if below else settings.calendars[partner.id].path,
            title=settings.calendars[partner.id].title,
            colour=settings.calendars[partner.id].colour,
            zone=partner.zone,
        )
        for partner in settings.couple.partners
    }


def sources_of(settings: Settings) -> Mapping[str, Mapping[str, BusySource]]:
    """Each partner's busy sources by a name of its own: a file that both share is two sources."""
    found: dict[str, dict[str, BusySource]] = {partner.id: {} for partner in settings.couple.partners}
    for partner, sources in settings.busy.items():
        for source in sources:
            found[partner][f"{partner}: {source.path} ({source.all_day.value})"] = IcsFile(
                source.path, all_day=source.all_day, zone=source.zone, declined_as=source.declined_as
            )
    for partner, rotas in settings.rotas.items():
        for rota in rotas:
            shifts = IcsFile(rota.path, all_day=AllDay.IGNORE, zone=rota.zone)
            found[partner][f"{partner}: {rota.path} (rota)"] = Rota(
                shifts, way=rota.way, sleep=rota.sleep, zone=rota.zone
            )
    return found


def mailer_of(settings: Settings) -> Mailer:
    match settings.mail.route:
        case MaildirOut(path):
            return MaildirMailer(path)
        case SmtpOut() as out:
            server = SmtpServer(
                host=out.host,
                port=out.port,
                security=out.security.value,
                user=out.user or None,
                password=out.password,
                timeout_s=out.timeout_s,
            )
            return SmtpMailer(server)


def parts_of(settings: Settings, words: Words, store: Store, clock: Clock) -> Parts:
    """The real parts of a service on this machine."""
    mail = settings.mail
    return Parts(
        couple=settings.couple,
        store=store,
        clock=clock,
        calendars=calendars_of(settings),
        sources=sources_of(settings),
        mailer=mailer_of(settings),
        templates=words.templates,
        cards=words.cards,
        almanac=holidays_of,
        sender=Sender(mail.sender_name, mail.sender_address, mail.contact),
    )


def open_service(settings: Settings, *, clock: Clock | None = None, log: Log | None = None) -> Service:
    """A service on the couple's own state; its store must be closed by the caller.

    Raises: ConfigError, templates or cards are broken; Unavailable, the state cannot be opened.
    """
    words = load_words(settings)
    parts = parts_of(settings, words, open_store(settings), clock or SystemClock())
    return Service(replace(parts, log=log) if log else parts)
