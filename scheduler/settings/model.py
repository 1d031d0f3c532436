"""What a good file says, ready for use: every path absolute, every default in place. Not here: how it is read."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from scheduler.domain.couple import Couple
from scheduler.domain.freebusy import AllDay


class LogStyle(Enum):
    HUMAN = "human"
    JSON = "json"


class Security(Enum):
    """How the way to the SMTP server is protected."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Look:
    """What calendar programs call a calendar and paint it in ("#rrggbb")."""

    title: str
    colour: str


@dataclass(frozen=True, slots=True)
class FolderRoute:
    """A partner's calendar as a folder of .ics files."""

    path: Path
    look: Look


@dataclass(frozen=True, slots=True)
class GoogleRoute:
    """A calendar of our own in the partner's Google account; who the account is, only the vault knows."""

    look: Look


@dataclass(frozen=True, slots=True)
class CaldavRoute:
    """A collection of our own on the partner's CalDAV server; where and who, only the vault knows."""

    look: Look


@dataclass(frozen=True, slots=True)
class InviteRoute:
    """Invitations by mail, each ``ahead`` of its time."""

    look: Look
    ahead: timedelta


@dataclass(frozen=True, slots=True)
class FeedRoute:
    """A private address to subscribe to."""

    look: Look


Route = FolderRoute | GoogleRoute | CaldavRoute | InviteRoute | FeedRoute


class Account(Enum):
    """Where a partner is known besides their calendar of ours."""

    GOOGLE = "google"
    CALDAV = "caldav"


@dataclass(frozen=True, slots=True)
class Reading:
    """How busy events are read: ``zone`` is for times without one, and one that any address of ``declined_as`` said
    no to is not busy."""

    all_day: AllDay
    zone: ZoneInfo
    declined_as: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IcsSource:
    """A file that knows when a partner is taken."""

    path: Path
    how: Reading


@dataclass(frozen=True, slots=True)
class WebSource:
    """A published calendar; its address is a secret."""

    how: Reading
    url: str = field(repr=False)

    @property
    def host(self) -> str:
        """All of the address that may be shown."""
        return urlsplit(self.url).hostname or ""

    @property
    def mark(self) -> str:
        """Tells two addresses at one host apart."""
        return hashlib.sha256(self.url.encode()).hexdigest()[:8]


@dataclass(frozen=True, slots=True)
class AccountSource:
    """Calendars of an account of the partner's, by name or id; none means the one or those they usually keep."""

    account: Account
    calendars: tuple[str, ...]
    how: Reading


Source = IcsSource | WebSource | AccountSource


@dataclass(frozen=True, slots=True)
class Rota:
    """A file of shifts. ``way`` is taken before and after each, ``sleep`` after one that went through the night.

    ``zone`` is for times without one, and says what night is.
    """

    path: Path
    way: timedelta
    sleep: timedelta
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class MaildirOut:
    """One Maildir per partner below ``path``, named by partner id."""

    path: Path


@dataclass(frozen=True, slots=True)
class SmtpOut:
    """A mail server; ``user`` is empty where none logs in."""

    host: str
    port: int
    security: Security
    user: str
    password: str = field(repr=False)
    timeout_s: int


@dataclass(frozen=True, slots=True)
class MailOut:
    """Who writes, whom to answer about pausing or leaving, and the way out."""

    sender_name: str
    sender_address: str
    contact: str
    route: MaildirOut | SmtpOut


@dataclass(frozen=True, slots=True)
class ViewSettings:
    """The read-only page on 127.0.0.1."""

    on: bool
    port: int
    show_mail: bool


@dataclass(frozen=True, slots=True)
class GoogleAccess:
    """The host's own OAuth client at Google."""

    client_id: str
    client_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class PublicPage:
    """Where partners reach the service from outside: ``address`` has no slash at its end, ``port`` is on 127.0.0.1."""

    address: str
    port: int


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything one file says. ``calendars``, ``busy``, ``rotas`` are by partner id; ``text_hash`` tells an edit."""

    couple: Couple
    calendars: Mapping[str, Route]
    busy: Mapping[str, tuple[Source, ...]]
    rotas: Mapping[str, tuple[Rota, ...]]
    mail: MailOut
    state: Path
    decks: tuple[Path, ...]
    override: Path | None
    view: ViewSettings
    log: LogStyle
    source: Path
    text_hash: str
    keys: Path
    google: GoogleAccess | None = None
    public: PublicPage | None = None


@dataclass(frozen=True, slots=True)
class StarterPartner:
    """What `rituals init` asks about one of the two; ``busy`` may stay empty."""

    name: str
    email: str
    zone: str
    busy: str = ""


@dataclass(frozen=True, slots=True)
class Starter:
    """The answers that `rituals init` turns into a file; empty text takes the default."""

    partners: tuple[StarterPartner, StarterPartner]
    sender: str = ""
    contact: str = ""
    smtp_host: str = ""
