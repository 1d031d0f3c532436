"""Asks Google's Calendar API as one partner, one HTTP object a request. Not here: what answers mean (answers)."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime
from functools import cache
from http.client import HTTPException
from threading import Lock
from typing import Any

from google.auth.exceptions import GoogleAuthError
from google_auth_httplib2 import AuthorizedHttp
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError
from googleapiclient.http import build_http
from httplib2 import HttpLib2Error

from scheduler.adapters.google.access import Access, GoogleApp, keep, kept_alive, note_dead
from scheduler.adapters.google.answers import judged, pause_in, unreachable
from scheduler.domain.errors import Disconnected, RitualsError, Unavailable
from scheduler.ports import Clock, Vault

# An answer that breaks the client's own parsing (ValueError, AttributeError) is none of Google's either.
_NO_ANSWER = (OSError, HTTPException, HttpLib2Error, GoogleAuthError, ValueError, AttributeError)


class GoogleApi:
    """One partner's way to Google; any number of threads may use it.

    A token that Google no longer takes is never sent again, and a pause that it named is kept, here and not by each
    caller.
    """

    def __init__(self, app: GoogleApp, vault: Vault, clock: Clock, timeout_s: float = 10) -> None:
        self._app, self._vault, self._clock, self._timeout_s = app, vault, clock, timeout_s
        self._lock = Lock()
        self._credentials = ""
        self._access: Access | None = None
        self._not_before: datetime | None = None

    @property
    def service(self) -> Any:
        """Builds requests for ``call``; it never sends any."""
        return _service(self._app.api_root)

    def call(self, request: Any) -> dict[str, Any]:
        """Send it once; a deletion answers with nothing.

        Raises: Disconnected; Rejected or Refused; Unavailable and its kinds in ``answers``.
        """
        credentials = kept_alive(self._vault)
        access = self._access_for(credentials)
        try:
            return self._sent(request, access)
        except Disconnected:
            note_dead(self._vault, credentials)
            raise
        except Unavailable as err:
            self._not_before = self._clock.now() + err.retry_after if err.retry_after else None
            raise

    def _access_for(self, credentials: str) -> Access:
        with self._lock:
            if self._access is None or credentials != self._credentials:
                self._access = Access(self._app, credentials, self._clock, self._renewed)
                self._credentials, self._not_before = credentials, None
            if self._not_before is not None and (pause := self._not_before - self._clock.now()).total_seconds() > 0:
                raise Unavailable("Google asked us to wait", pause)
            return self._access

    def _renewed(self, credentials: str) -> None:
        with self._lock:
            keep(self._vault, credentials)
            self._credentials = credentials

    def _sent(self, request: Any, access: Access) -> dict[str, Any]:
        # One shared Http mixes up the answers of threads, and so of partners: googleapis/google-api-python-client#568.
        # httplib2 itself sends once more where the connection ends without an answer; our ids make that harmless.
        with closing(build_http()) as http:
            http.timeout, http.follow_redirects = self._timeout_s, False
            try:
                answer = request.execute(http=AuthorizedHttp(access, http, max_refresh_attempts=1), num_retries=0)
            except HttpError as err:
                raise self._judged(err) from None
            except _NO_ANSWER:  # their texts may name addresses and tokens
                raise unreachable() from None
        if answer and not isinstance(answer, dict):
            raise unreachable()
        return answer or {}

    def _judged(self, err: HttpError) -> RitualsError:
        return judged(err.resp.status, err.content, pause_in(err.resp, self._clock.now()))


@cache
def _service(api_root: str) -> Any:
    """One for all partners, since it holds the whole discovery document; ``http`` is given lest the client look for
    credentials on this machine."""
    return build("calendar", "v3", http=build_http(), static_discovery=True, client_options={"api_endpoint": api_root})
