"""`rituals connect`: a partner lets the service reach their calendar. Not here: how each server is asked (adapters).

Every command is one partner's own step: whoever types the password or answers Google is the one whose account it is.
The adapters are imported by the command that needs them: their libraries are large.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO
from urllib.parse import parse_qs, urlsplit

import click

from scheduler.adapters.system import SystemClock, new_secret
from scheduler.app.connecting import google_app, mended
from scheduler.app.doors import doors_of
from scheduler.app.vaults import vault_of
from scheduler.app.wiring import open_store
from scheduler.cli.opening import config_option, partner_id, read_settings
from scheduler.ports import Store, Vault
from scheduler.settings import Account, AccountSource, CaldavRoute, FeedRoute, GoogleRoute, Settings

if TYPE_CHECKING:
    from scheduler.adapters.google.access import GoogleApp
    from scheduler.adapters.outward.exchange import Exchange

_SOON = (
    "The coming events stand there a few minutes from now if the service runs, else soon after its start: rituals run."
)

partner_option = click.option("--partner", "name", required=True, metavar="NAME", help="Whose calendar it is.")


@click.group()
def connect() -> None:
    """Let the service reach a partner's calendar.

    Which calendar a partner has stands in the file; this gives the access to it, or a new one where the old has ended.
    """


@dataclass(frozen=True, slots=True)
class Sitting:
    """One partner's state while they connect."""

    settings: Settings
    store: Store
    partner: str

    @property
    def name(self) -> str:
        return self.settings.couple.partner(self.partner).name

    @property
    def vault(self) -> Vault:
        return vault_of(self.settings, self.store, self.partner)

    def mended(self) -> None:
        with self.store.transaction() as tx:
            mended(tx, self.settings.couple.id, self.partner, SystemClock().now())


@contextmanager
def sitting_down(file: Path, name: str) -> Iterator[Sitting]:
    settings = read_settings(file)
    who = partner_id(settings, name)
    with closing(open_store(settings)) as store:
        yield Sitting(settings, store, who)


@connect.command()
@partner_option
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, help="Where Google's answer is awaited; 0 takes any free one."
)
@config_option
def google(file: Path, name: str, port: int) -> None:
    """Connect NAME's Google account.

    It shows an address to open in a browser, where Google asks two questions. Without a browser on this machine,
    follow the hint about ssh; --port keeps it the same each time.
    """
    with sitting_down(file, name) as sitting:
        _need(sitting, "google", isinstance(sitting.settings.calendars[sitting.partner], GoogleRoute), Account.GOOGLE)
        assert sitting.settings.google is not None  # a file that needs it and lacks it is refused
        connect_google(sitting, google_app(sitting.settings.google), port=port)


def connect_google(sitting: Sitting, app: GoogleApp, *, port: int = 0, timeout_s: float = 300) -> None:
    """Show an address, wait for the answer, keep what it grants. Raises: Refused, Unavailable."""
    from scheduler.adapters.google.loopback import Waiting, run_local

    waiting = Waiting(port, timeout_s)
    run_local(app, sitting.vault, secret=new_secret, show_url=_ask_to_open(sitting.name), waiting=waiting)
    sitting.mended()
    click.echo(f"{sitting.name}'s Google account is connected.")
    click.echo(_SOON)


def _ask_to_open(name: str) -> Callable[[str], None]:
    def ask(url: str) -> None:
        back = urlsplit(parse_qs(urlsplit(url).query)["redirect_uri"][0])
        click.echo(f"{name}, please open this address in a browser on this machine, and tick both boxes there:\n")
        click.echo(f"{url}\n")
        click.echo("Is there no browser here? Then run this first on the machine that has one, and open it there:")
        click.echo(f"  ssh -L {back.port}:127.0.0.1:{back.port} USER@THIS-MACHINE\n")
        click.echo("Waiting for five minutes. Ctrl-C ends it, and nothing is kept.")

    return ask


@dataclass(frozen=True, slots=True)
class Login:
    """What was typed to get into a calendar server; what is None is asked for."""

    address: str | None
    user: str | None
    password_file: TextIO | None
    inside: bool


@connect.command()
@partner_option
@click.option("--address", help='"icloud", "fastmail", "nextcloud cloud.example.org", or the server\'s address.')
@click.option("--user", help="The name that the server knows; often the mail address.")
@click.option(
    "--password-file", type=click.File("r"), help="Read the app password's only line from there; - means stdin."
)
@click.option(
    "--inside", is_flag=True, help="The server stands in this house: a private address or plain http is meant."
)
@config_option
def caldav(file: Path, name: str, **typed: Any) -> None:
    """Connect NAME's account at a calendar server (CalDAV).

    Most providers want an app password: one made for this service alone, which can be taken back by itself.
    """
    with sitting_down(file, name) as sitting:
        route = sitting.settings.calendars[sitting.partner]
        _need(sitting, "caldav", isinstance(route, CaldavRoute), Account.CALDAV)
        _connect_caldav(sitting, Login(**typed))


def _connect_caldav(sitting: Sitting, login: Login) -> None:
    from scheduler.adapters.caldav import account, connect
    from scheduler.adapters.outward.exchange import Exchange

    exchange = Exchange(SystemClock())
    address = login.address or click.prompt("Calendar server (icloud, fastmail, nextcloud HOST, or its address)")
    user = login.user or click.prompt("User name", default=sitting.settings.couple.partner(sitting.partner).address)
    password = _password(login.password_file)
    found = connect.connect(address, user, password, exchange=exchange, inside=login.inside)
    account.save(sitting.vault, found)
    sitting.mended()
    click.echo(f"{sitting.name}'s calendar server is connected.")
    _tell_what_counts(sitting, exchange)
    click.echo(_SOON)


def _password(file: TextIO | None) -> str:
    if file:
        return file.readline().rstrip("\r\n")
    click.echo("An app password opens the whole account; it is kept sealed, and used for calendars alone.")
    return str(click.prompt("App password (not shown)", hide_input=True))


def _tell_what_counts(sitting: Sitting, exchange: Exchange) -> None:
    from scheduler.adapters.caldav.busy import CaldavBusy

    for source in sitting.settings.busy[sitting.partner]:
        if isinstance(source, AccountSource) and source.account is Account.CALDAV:
            found = CaldavBusy(sitting.vault, lambda *_: None, source.calendars, exchange=exchange).names()
            names = ", ".join(f"“{one}”" for one in found) or "none yet"
            click.echo(f"These calendars tell when {sitting.name} is busy: {names}.")


@connect.command()
@partner_option
@click.option("--new", is_flag=True, help="Another address; the old one ends at once.")
@config_option
def feed(file: Path, name: str, *, new: bool) -> None:
    """Show the private address of NAME's feed.

    Any calendar program can subscribe to it. It is shown once, since only its fingerprint is kept. Whoever has it can
    read NAME's rituals.
    """
    with sitting_down(file, name) as sitting:
        settings, now = sitting.settings, SystemClock().now()
        if settings.public is None:
            raise click.ClickException(
                'a feed needs an address that can be reached from outside: [public] address = "https://…" in the file'
            )
        if not isinstance(settings.calendars[sitting.partner], FeedRoute):
            raise click.ClickException(
                f"{sitting.name}'s events go another way, and a feed beside it would show each twice; "
                'write calendar = "feed" in the file first'
            )
        doors = doors_of(settings)
        with sitting.store.transaction() as tx:
            if doors.has_feed(tx, sitting.partner) and not new:
                raise click.ClickException(
                    f"{sitting.name} was given an address before, and it cannot be shown again; --new makes another, "
                    "and the old one ends"
                )
            address = doors.feed(tx, sitting.partner, now)
        click.echo(f"This is {sitting.name}'s own address, shown this once:\n\n{address}\n")
        click.echo(_HOW_TO_SUBSCRIBE)


_HOW_TO_SUBSCRIBE = """\
Google Calendar: Other calendars, +, From URL.
Outlook:         Add calendar, Subscribe from web.
Apple:           File, New Calendar Subscription; on an iPhone under Calendars, Add Calendar.

How soon a change shows is up to the program, not to us: Google looks again only every 12 to 24 hours, Outlook about
every 3 hours, Apple as often as chosen there. For changes on the same day another kind of calendar is better.
A feed can only be read: an event that is moved or deleted there stays as it was for the service."""


def _need(sitting: Sitting, word: str, is_route: bool, account: Account) -> None:
    """Raises click's error where the file makes no use of such an account."""
    sources = sitting.settings.busy[sitting.partner]
    if not is_route and not any(isinstance(one, AccountSource) and one.account is account for one in sources):
        raise click.ClickException(
            f"neither {sitting.name}'s calendar nor their busy times need {word}; "
            f'write calendar = "{word}" or busy = ["{word}"] in the file first'
        )
