"""The account of now and a client that lives as long as its credentials do. Not here: connecting one (connect)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from scheduler.adapters.caldav.account import Account, note, read
from scheduler.adapters.caldav.client import ENDED, Client
from scheduler.adapters.caldav.door import Exchange
from scheduler.domain.errors import Disconnected
from scheduler.ports import Vault


class Access:
    """What a calendar and its busy times share."""

    def __init__(self, vault: Vault, exchange: Exchange) -> None:
        self._vault, self._exchange = vault, exchange
        self._open: tuple[Account, Client] | None = None

    def account(self) -> Account:
        """Raises Disconnected where there is none, or where the server was heard to refuse exactly this password."""
        account = read(self._vault)
        if account.dead:
            raise Disconnected(ENDED)
        return account

    def client(self, account: Account) -> Client:
        """The same one as long as nobody put other credentials."""
        key = replace(account, collection=None)
        if self._open and self._open[0] == key:
            return self._open[1]
        client = Client(key, lambda: note(self._vault, account, dead=True), self._exchange)
        self._open = key, client
        return client

    def learn(self, account: Account, **facts: Any) -> Account:
        """Keep what was learnt about the account."""
        return note(self._vault, account, **facts)
