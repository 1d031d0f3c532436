"""Google's OAuth: consent, codes, tokens, and how access ends. Not here: HTTP (server), what a scope lets do."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from tests.servers.google.answers import Answer, bad_credentials
from tests.servers.google.discovery import document
from tests.servers.google.state import World

# Source: developers.google.com/identity/protocols/oauth2, "Refresh token expiration".
_TESTING_LIFE, _UNUSED_LIFE = timedelta(days=7), timedelta(days=183)
_LOOPBACK = ("127.0.0.1", "localhost", "::1", "[::1]")


@dataclass(frozen=True, slots=True)
class Client:
    """An OAuth client. A desktop client may be redirected to any port of this machine."""

    id: str
    secret: str
    redirect_uris: tuple[str, ...] = ()
    desktop: bool = False

    def may_go_to(self, redirect_uri: str) -> bool:
        parts = urlsplit(redirect_uri)
        loopback = self.desktop and parts.scheme == "http" and parts.hostname in _LOOPBACK
        return loopback or redirect_uri in self.redirect_uris


@dataclass(slots=True)
class Consent:
    """What a person does on the consent page: ``unticked`` scopes are not granted."""

    denies: bool = False
    unticked: frozenset[str] = frozenset()


@dataclass(slots=True)
class Grant:
    """What one consent gave one client; ``refresh_token`` is empty for online access."""

    person: str
    client: str
    scopes: frozenset[str]
    consented_at: datetime
    used_at: datetime
    refresh_token: str = ""
    testing: bool = False
    ended: bool = False


@dataclass(frozen=True, slots=True)
class _Code:
    grant: Grant
    redirect_uri: str
    challenge: tuple[str, str]
    made_at: datetime


@dataclass(slots=True)
class OAuth:
    """All clients, consents and tokens of one fake."""

    world: World
    clients: dict[str, Client] = field(default_factory=dict)
    consents: dict[str, Consent] = field(default_factory=dict)
    grants: list[Grant] = field(default_factory=list)
    at_browser: str = ""
    _codes: dict[str, _Code] = field(default_factory=dict)
    _access: dict[str, tuple[Grant, datetime]] = field(default_factory=dict)

    def authorize(self, query: Mapping[str, str]) -> Answer:
        """The authorization endpoint: the person at the browser answers at once. A redirect, or an error page."""
        client = self.clients.get(query.get("client_id", ""))
        if client is None:
            return _page(401, "invalid_client")
        if not client.may_go_to(query.get("redirect_uri", "")):
            return _page(400, "redirect_uri_mismatch")
        asked = frozenset(query.get("scope", "").split())
        problem = _request_problem(query, asked)
        if problem:
            return _page(400, problem)
        person = query.get("login_hint") or self.at_browser
        if person not in self.world.zones:
            return _page(400, "invalid_request")
        return self._consented(client, person, asked, query)

    def _consented(self, client: Client, person: str, asked: frozenset[str], query: Mapping[str, str]) -> Answer:
        consent = self.consents.get(person, Consent())
        granted = asked - consent.unticked
        state = {"state": query["state"]} if "state" in query else {}
        if consent.denies or not granted:
            return _redirect(query["redirect_uri"], {"error": "access_denied", **state})
        earlier = [one for one in self.grants if (one.person, one.client) == (person, client.id) and not one.ended]
        if query.get("include_granted_scopes") == "true":
            granted = granted.union(*(one.scopes for one in earlier))
        grant = self._new_grant(client, person, granted)
        if query.get("access_type") == "offline" and (query.get("prompt") == "consent" or not earlier):
            grant.refresh_token = f"1//0{self.world.new_id('refresh')}"
        code = f"4/0{self.world.new_id('code')}"
        challenge = query.get("code_challenge", ""), query.get("code_challenge_method", "plain")
        self._codes[code] = _Code(grant, query["redirect_uri"], challenge, self.world.now())
        return _redirect(query["redirect_uri"], {**state, "code": code, "scope": " ".join(sorted(granted))})

    def _new_grant(self, client: Client, person: str, scopes: frozenset[str]) -> Grant:
        now = self.world.now()
        return Grant(person, client.id, scopes, now, now, testing=self.world.settings.testing)

    def connect(self, person: str, client: Client, scopes: frozenset[str]) -> tuple[Grant, str]:
        """Consent without the browser: the grant and a first access token."""
        grant = self._new_grant(client, person, scopes)
        grant.refresh_token = f"1//0{self.world.new_id('refresh')}"
        self._keep(grant)
        return grant, self._new_access(grant)

    def token(self, form: Mapping[str, str]) -> Answer:
        """The token endpoint. Source: RFC 6749 §4.1.3, §5.2, §6 and RFC 7636 §4.6."""
        client = self.clients.get(form.get("client_id", ""))
        if client is None:
            return _refusal(401, "invalid_client", "The OAuth client was not found.")
        if form.get("client_secret") != client.secret:
            return _refusal(401, "invalid_client", "Unauthorized")
        if form.get("grant_type") == "refresh_token":
            return self._refresh(client, form)
        if form.get("grant_type") == "authorization_code":
            return self._exchange(client, form)
        return _refusal(400, "unsupported_grant_type", f"Invalid grant_type: {form.get('grant_type', '')}")

    def _exchange(self, client: Client, form: Mapping[str, str]) -> Answer:
        code = self._codes.pop(form.get("code", ""), None)
        if code is None or code.grant.client != client.id:
            return _refusal(400, "invalid_grant", "Malformed auth code.")
        if self.world.now() - code.made_at > self.world.settings.code_life:
            return _refusal(400, "invalid_grant", "Bad Request")
        if form.get("redirect_uri") != code.redirect_uri:
            return _refusal(400, "redirect_uri_mismatch", "Bad Request")
        if not _verifies(form.get("code_verifier", ""), *code.challenge):
            missing = "code_verifier" not in form
            return _refusal(400, "invalid_grant", f"{'Missing' if missing else 'Invalid'} code verifier.")
        self._keep(code.grant)
        given: dict[str, Any] = {"refresh_token": code.grant.refresh_token} if code.grant.refresh_token else {}
        if given and code.grant.testing:
            given["refresh_token_expires_in"] = int(_TESTING_LIFE.total_seconds())
        return self._tokens(code.grant, given)

    def _refresh(self, client: Client, form: Mapping[str, str]) -> Answer:
        wanted = form.get("refresh_token") or " "
        grant = next((one for one in self.grants if one.refresh_token == wanted and one.client == client.id), None)
        if grant is None or not self.is_live(grant):
            return _refusal(400, "invalid_grant", "Token has been expired or revoked.")
        grant.used_at = self.world.now()
        return self._tokens(grant, {})

    def _tokens(self, grant: Grant, more: Mapping[str, Any]) -> Answer:
        life = int(self.world.settings.access_token_life.total_seconds())
        access = self._new_access(grant)
        scope = " ".join(sorted(grant.scopes))
        return Answer(200, {"access_token": access, "expires_in": life, "scope": scope, "token_type": "Bearer", **more})

    def revoke(self, form: Mapping[str, str]) -> Answer:
        """Any token of a grant ends all of that person for that client. Source: the web server guide, "Revoking"."""
        wanted = form.get("token") or " "
        held = self._access.get(wanted, (None,))[0]
        grant = held or next((one for one in self.grants if one.refresh_token == wanted), None)
        if grant is None or not self.is_live(grant):
            return _refusal(400, "invalid_token", "Token expired or revoked")
        self.end(grant.person, grant.client)
        return Answer(200, {})

    def end(self, person: str, client: str | None = None) -> None:
        """The person takes access away, from every client where none is named."""
        for grant in self.grants:
            if grant.person == person and client in (None, grant.client):
                grant.ended = True

    def holder(self, authorization: str) -> Grant:
        """Whose access token it is. Raises: ApiError 401 for one that is unknown, over or revoked."""
        grant, until = self._access.get(authorization.removeprefix("Bearer "), (None, None))
        if grant is None or until is None or grant.ended or self.world.now() >= until:
            raise bad_credentials()
        return grant

    def is_live(self, grant: Grant) -> bool:
        now = self.world.now()
        too_old = grant.testing and now - grant.consented_at >= _TESTING_LIFE
        return not (grant.ended or too_old or now - grant.used_at > _UNUSED_LIFE)

    def _keep(self, grant: Grant) -> None:
        """Over the limit the oldest dies without a word. Source: identity/protocols/oauth2, "…expiration"."""
        self.grants.append(grant)
        same = [
            one for one in self.grants
            if (one.person, one.client) == (grant.person, grant.client) and one.refresh_token and self.is_live(one)
        ]  # fmt: skip
        for old in same[: -self.world.settings.refresh_tokens_each]:
            old.ended = True

    def _new_access(self, grant: Grant) -> str:
        token = f"ya29.{self.world.new_id('access')}"
        self._access[token] = grant, self.world.now() + self.world.settings.access_token_life
        return token

    def expire_access_tokens(self) -> None:
        self._access = {token: (grant, self.world.now()) for token, (grant, _) in self._access.items()}

    def person_of(self, authorization: str) -> str:
        """Whose access token it is or was; "" where nobody's."""
        held = self._access.get(authorization.removeprefix("Bearer "))
        return held[0].person if held else ""


def _request_problem(query: Mapping[str, str], asked: frozenset[str]) -> str:
    if query.get("response_type") != "code":
        return "unsupported_response_type"
    if not asked or asked - document()["auth"]["oauth2"]["scopes"].keys():
        return "invalid_scope"
    known = (
        query.get("access_type", "online") in ("online", "offline")
        and query.get("code_challenge_method", "plain") in ("S256", "plain")
        and set(query.get("prompt", "consent").split()) <= {"consent", "select_account"}
    )
    return "" if known else "invalid_request"


def _verifies(verifier: str, challenge: str, way: str) -> bool:
    if not challenge:
        return True
    if way == "plain":
        return verifier == challenge
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == challenge


def _page(status: int, error: str) -> Answer:
    text = f"<html><body>Access blocked: Error {status}: {error}</body></html>"
    return Answer(status, text.encode(), {"Content-Type": "text/html"})


def _redirect(to: str, query: Mapping[str, str]) -> Answer:
    return Answer(302, None, {"Location": f"{to}{'&' if '?' in to else '?'}{urlencode(query)}"})


def _refusal(status: int, error: str, description: str) -> Answer:
    return Answer(status, {"error": error, "error_description": description})
