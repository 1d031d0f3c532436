"""From settings to a service with its real parts. Not here: what the parts do."""

from __future__ import annotations

from dataclasses import dataclass, replace

from scheduler.adapters.maildir import MaildirMailer
from scheduler.adapters.smtp import SmtpMailer, SmtpServer
from scheduler.adapters.sqlstore import SqlStore
from scheduler.adapters.system import SystemClock, new_secret
from scheduler.app.calendars import Linking, route_key
from scheduler.app.doors import doors_of
from scheduler.app.reaching import reaching
from scheduler.app.service import Log, Parts, Sender, Service
from scheduler.content.assets import Assets
from scheduler.content.decks import load_decks
from scheduler.content.render import MailTemplates
from scheduler.domain.deck import Card
from scheduler.domain.digest import Notice
from scheduler.domain.message import Message
from scheduler.ports import Clock, Mailer, Store
from scheduler.settings import InviteRoute, MaildirOut, Settings, SmtpOut
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


def linking_of(settings: Settings, words: Words, store: Store, clock: Clock) -> Linking:
    """What calendars and busy sources are put together with."""
    mail = settings.mail

    def write(notice: Notice, key: str) -> Message:
        return words.templates.notice(notice, mail.sender_name, mail.sender_address, key)

    return Linking(settings, store, clock, mailer_of(settings), write)


def parts_of(settings: Settings, words: Words, store: Store, clock: Clock) -> Parts:
    """The real parts of a service on this machine."""
    mail, linking = settings.mail, linking_of(settings, words, store, clock)
    return Parts(
        couple=settings.couple,
        store=store,
        clock=clock,
        calendars=linking.calendars(),
        sources=linking.sources(),
        mailer=linking.mailer,
        templates=words.templates,
        cards=words.cards,
        almanac=holidays_of,
        routes={who: route_key(route) for who, route in settings.calendars.items()},
        former=linking.former,
        reach=reaching(settings, doors_of(settings)),
        ahead={who: route.ahead for who, route in settings.calendars.items() if isinstance(route, InviteRoute)},
        sender=Sender(mail.sender_name, mail.sender_address, mail.contact),
    )


def open_service(settings: Settings, *, clock: Clock | None = None, log: Log | None = None) -> Service:
    """A service on the couple's own state; its store must be closed by the caller.

    Raises: ConfigError, templates or cards are broken; Unavailable, the state cannot be opened.
    """
    words = load_words(settings)
    parts = parts_of(settings, words, open_store(settings), clock or SystemClock())
    return Service(replace(parts, log=log) if log else parts)
