"""An address, a name and a password → an account: discovery after RFC 6764 and RFC 4791 §6.2. Not here: asking for
them (cli), keeping them (account)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from scheduler.adapters.caldav.account import Account
from scheduler.adapters.caldav.client import XML, Client
from scheduler.adapters.caldav.collection import OWN_NAME
from scheduler.adapters.caldav.door import Exchange
from scheduler.adapters.caldav.multistatus import CAL, DAV, OF_A_CALENDAR, Found, hrefs_in, path_of, propfind, read
from scheduler.adapters.caldav.providers import may_lead, start_of
from scheduler.domain.errors import Disconnected, Refused, Unavailable

_PRINCIPAL, _HOME, _RIGHTS = (
    f"{DAV}current-user-principal",
    f"{CAL}calendar-home-set",
    f"{DAV}current-user-privilege-set",
)
_MAY_MAKE = frozenset(("all", "write", "bind", "write-content"))
_MOVED = (301, 302, 303, 307, 308)
_NOT_HERE = (404, 405, 410, 501)
_MOST_TURNS = 4

NOT_LET_IN = (
    "the calendar server does not take this name and password. iCloud, Fastmail and others want an app password:"
    " make one in the account's security settings, and give that"
)
NO_CALENDARS = "no calendars were found at that address; the provider's help tells the right one, under CalDAV"
LED_AWAY = (
    "the calendar server leads on to another server, and a password is not carried along; connect to that server's"
    " own address"
)
READ_ONLY = "with this name and password calendars there may only be read; the rituals need one that they may write"


def connect(address: str, user: str, password: str, *, exchange: Exchange, inside: bool = False) -> Account:
    """The account behind what a person typed. ``inside`` is the host's word that it may lie in their own network.

    Raises Refused with what to do; Unavailable, where the server does not answer as one.
    """
    walk = _Walk(user.strip(), password, inside, exchange)
    trouble: Unavailable | None = None
    for url in start_of(address, user.strip(), inside=inside):
        try:
            home = walk.home_from(url)
        except Disconnected:
            raise Refused(NOT_LET_IN) from None
        except Unavailable as err:
            trouble = trouble or err
            continue
        if home:
            return walk.account_at(home)
    raise trouble or Refused(NO_CALENDARS)


@dataclass(frozen=True, slots=True, repr=False)
class _Walk:
    user: str
    password: str
    inside: bool
    exchange: Exchange

    def home_from(self, url: str) -> str | None:
        """Where the calendars stand, by what the address tells of its user; None where it tells nothing."""
        here, found = self._look(url, 0, [_PRINCIPAL, _HOME])
        for name in (_HOME, _PRINCIPAL):
            for href in (href for one in found for href in hrefs_in(one, name)):
                there = _led(here, href)
                return there if name == _HOME else self._home_of(there)
        return None

    def account_at(self, home: str) -> Account:
        """The account, with our own collection where it was made earlier."""
        home, found = self._look(home.rstrip("/") + "/", 1, [*OF_A_CALENDAR, _RIGHTS])
        if not found:
            raise Refused(NO_CALENDARS)
        for one in found:
            rights = one.leaves(_RIGHTS)
            if one.path.rstrip("/") == path_of(home).rstrip("/") and rights and not rights & _MAY_MAKE:
                raise Refused(READ_ONLY)
        return Account(home, self.user, self.password, _own(found, home), self.inside)

    def _home_of(self, principal: str) -> str | None:
        here, found = self._look(principal, 0, [_HOME])
        return next((_led(here, href) for one in found for href in hrefs_in(one, _HOME)), None)

    def _look(self, url: str, depth: int, names: Iterable[str]) -> tuple[str, list[Found]]:
        """Where the answer came from in the end, and what it says; nothing where the address holds nothing."""
        wanted = propfind(names)
        for _ in range(_MOST_TURNS):
            client = Client(Account(url, self.user, self.password, inside=self.inside), _nobody, self.exchange)
            answer = client.ask(
                "PROPFIND", url, wanted, headers={**XML, "Depth": str(depth)}, take=(*_MOVED, *_NOT_HERE)
            )
            if answer.status in _MOVED:
                url = _led(url, answer.headers.get("Location") or "")
                continue
            return url, [one for one in read(answer) if one.status == 200] if answer.is_good else []
        raise Refused(NO_CALENDARS)


def _led(here: str, href: str) -> str:
    """The address that a server names. Raises Refused where the password must not follow."""
    try:
        there = urljoin(here, href)
        if may_lead(here, there):
            return there
    except ValueError:  # no address at all
        raise Refused(LED_AWAY) from None
    raise Refused(LED_AWAY)


def _own(found: Iterable[Found], home: str) -> str | None:
    for one in found:
        if one.path.rstrip("/").rpartition("/")[2] == OWN_NAME:
            return urljoin(home, urlsplit(one.href).path)
    return None


def _nobody() -> None:
    """Nothing is kept yet that could be noted as dead."""
