"""A partner's account on a calendar server, as the vault keeps it. Not here: speaking to the server."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import Any

from scheduler.domain.errors import Disconnected
from scheduler.ports import Vault

NAME = "caldav"


@dataclass(frozen=True, slots=True, repr=False)
class Account:
    """``url`` is the home where the calendars stand, ``collection`` our own one, once it is made.

    ``inside`` lets connections stay in the host's own network. ``dead`` is noted once the server no longer takes
    exactly this password. Nothing of it shows when it is printed.
    """

    url: str
    user: str
    password: str
    collection: str | None = None
    inside: bool = False
    dead: bool = False

    def __repr__(self) -> str:
        return "Account(…)"


def read(vault: Vault) -> Account:
    """Raises Disconnected where there is none, or none that could be used; Unavailable as the vault does."""
    kept = vault.get(NAME)
    if kept is None:
        raise Disconnected("no calendar server is connected; run: rituals connect caldav")
    try:
        return Account(**json.loads(kept))
    except (ValueError, TypeError):
        raise Disconnected("what is kept of the calendar server cannot be read; connect it again") from None


def save(vault: Vault, account: Account) -> None:
    """Keep an account that was just connected; our collection in it stays known when only the password is new."""
    try:
        before = read(vault)
    except Disconnected:
        before = account
    if account.collection is None and (before.url, before.user) == (account.url, account.user):
        account = replace(account, collection=before.collection)
    _put(vault, account)


def note(vault: Vault, account: Account, **facts: Any) -> Account:
    """Keep what was learnt about the account, unless other credentials were put meanwhile: those stay untouched."""
    now = read(vault)
    if (now.url, now.user, now.password) != (account.url, account.user, account.password):
        return now
    learnt = replace(now, **facts)
    if learnt != now:
        _put(vault, learnt)
    return learnt


def _put(vault: Vault, account: Account) -> None:
    vault.put(NAME, json.dumps(asdict(account)))
