"""One partner's access: what the vault keeps of it, and the short-lived tokens it buys. Not here: consent (consent).

The vault keeps the refresh token and what was granted; access tokens live in memory. A token that Google no longer
takes is noted by its fingerprint, so that it is never tried again and its successor is not taken for it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from google.oauth2.credentials import Credentials

from scheduler.adapters.google.answers import ended, judged_token, pause_in
from scheduler.domain.errors import Disconnected
from scheduler.ports import Clock, Vault

KEPT = "google"
_DEAD = "google dead"


@dataclass(frozen=True, slots=True)
class GoogleApp:
    """This service as Google knows it; the addresses are Google's own unless a test says otherwise."""

    client_id: str
    client_secret: str = field(repr=False)
    auth_uri: str = "https://accounts.google.com/o/oauth2/v2/auth"
    token_uri: str = "https://oauth2.googleapis.com/token"  # noqa: S105  # an address
    api_root: str = "https://www.googleapis.com/calendar/v3/"


def keep(vault: Vault, credentials: str) -> None:
    """Store what ``consent.finish`` gave; whatever was dead before is forgotten."""
    vault.put(KEPT, credentials)
    vault.forget(_DEAD)


def note_dead(vault: Vault, credentials: str) -> None:
    """Never try these again."""
    vault.put(_DEAD, _fingerprint(credentials))


def kept_alive(vault: Vault) -> str:
    """What was stored last. Raises Disconnected where there is nothing, or Google said no to it before."""
    credentials = vault.get(KEPT)
    if credentials is None:
        raise Disconnected("Google is not connected yet")
    if vault.get(_DEAD) == _fingerprint(credentials):
        raise ended()
    return credentials


def _fingerprint(credentials: str) -> str:
    return hashlib.sha256(credentials.encode()).hexdigest()


class Access(Credentials):
    """Buys access tokens, one thread at a time; whoever waited takes what the other bought.

    ``renewed`` gets the whole credentials again, should Google ever exchange the refresh token.
    """

    def __init__(self, app: GoogleApp, credentials: str, clock: Clock, renewed: Callable[[str], None]) -> None:
        try:
            self._info: dict[str, Any] = json.loads(credentials)
            refresh_token = self._info["refresh_token"]
        except (ValueError, KeyError, TypeError):
            raise Disconnected("what is kept of Google's access cannot be read; connect the calendar again") from None
        super().__init__(  # type: ignore[no-untyped-call]  # typed in name only
            None,
            refresh_token=refresh_token,
            token_uri=app.token_uri,
            client_id=app.client_id,
            client_secret=app.client_secret,
        )
        self._clock, self._renewed, self._turn, self._ended = clock, renewed, Lock(), False

    def refresh(self, request: Callable[..., Any]) -> None:
        """See Credentials. Raises Disconnected or Unavailable, and never asks twice."""
        stale = self.token
        with self._turn:
            if self.token != stale:
                return
            if self._ended:
                raise ended()
            try:
                super().refresh(self._judging(request))  # type: ignore[no-untyped-call]  # typed in name only
            except Disconnected:
                self._ended = True
                raise
            self._keep_renewed()

    def _judging(self, request: Callable[..., Any]) -> Callable[..., Any]:
        """The library would wait and ask again: judge each answer before it does."""

        def ask(**given: Any) -> Any:
            answer = request(**given)
            if error := judged_token(answer.status, answer.data, pause_in(answer.headers, self._clock.now())):
                raise error
            return answer

        return ask

    def _keep_renewed(self) -> None:
        if self.refresh_token != self._info["refresh_token"]:
            self._info["refresh_token"] = self.refresh_token
            self._renewed(json.dumps(self._info))
