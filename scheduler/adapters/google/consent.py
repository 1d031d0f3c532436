"""How a partner gives us access: the address to send them to, and what their answer is worth. Not here: who may ask.

The caller keeps ``state`` and compares it in constant time before ``finish``; ``loopback`` does so for the terminal.
Nothing is stored here: ``access.keep`` does that with what ``finish`` returns.
Source: RFC 6749 §4.1, RFC 7636.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from google_auth_oauthlib.flow import Flow

from scheduler.adapters.google.access import GoogleApp
from scheduler.adapters.google.answers import judged_token, unreachable
from scheduler.domain.errors import Disconnected, Refused

PLACING = "https://www.googleapis.com/auth/calendar.app.created"
BUSY_TIMES = "https://www.googleapis.com/auth/calendar.freebusy"
SCOPES = (PLACING, BUSY_TIMES)
_IN_WORDS = {PLACING: "placing rituals", BUSY_TIMES: "seeing when you are busy"}
_TIMEOUT_S = 10


@dataclass(frozen=True, slots=True)
class Started:
    """Where to send the partner, and the secret that ``finish`` will need."""

    url: str = field(repr=False)
    verifier: str = field(repr=False)


def begin(app: GoogleApp, redirect_uri: str, state: str) -> Started:
    """Ask for the two scopes and nothing else, and for a token that outlives the browser."""
    flow = _flow(app, redirect_uri, scopes=SCOPES)
    # Without prompt=consent a second consent brings no refresh token.
    url, _ = flow.authorization_url(state=state, access_type="offline", prompt="consent")
    return Started(url, flow.code_verifier)


def finish(app: GoogleApp, redirect_uri: str, answer: Mapping[str, str], verifier: str) -> str:
    """The credentials to keep, for the query that Google sent the partner back with.

    Raises: Refused, with a sentence for the partner; Unavailable.
    """
    if answer.get("error") == "access_denied":
        raise Refused("You did not give access, so nothing was connected. You can start again at any time.")
    if "error" in answer or not answer.get("code"):
        raise Refused("Google did not let you give access, so nothing was connected. Please start again.")
    try:
        token = _exchanged(app, redirect_uri, answer["code"], verifier)
    except Disconnected:
        raise Refused("This answer of Google's was used before, or came too late. Please start again.") from None
    return json.dumps({"refresh_token": _refresh_token(token), "scopes": _granted(token)})


def _flow(app: GoogleApp, redirect_uri: str, **given: Any) -> Flow:
    client = {
        "client_id": app.client_id,
        "client_secret": app.client_secret,
        "auth_uri": app.auth_uri,
        "token_uri": app.token_uri,
    }
    return Flow.from_client_config({"web": client}, redirect_uri=redirect_uri, **given)


def _exchanged(app: GoogleApp, redirect_uri: str, code: str, verifier: str) -> dict[str, Any]:
    """Asked without scopes, the library does not mind that fewer were granted; ``_granted`` looks for itself."""
    flow = _flow(app, redirect_uri, scopes=None, code_verifier=verifier)
    # Where a host turns on debugging, the library would write the token itself into the log.
    logging.getLogger("requests_oauthlib").setLevel(logging.INFO)
    with closing(flow.oauth2session) as session:
        session.register_compliance_hook("access_token_response", _judge)
        try:
            return dict(flow.fetch_token(code=code, include_client_id=True, timeout=_TIMEOUT_S))
        except (OSError, ValueError):  # their texts may name the code
            raise unreachable() from None


def _judge(answer: Any) -> Any:
    if error := judged_token(answer.status_code, answer.content, None):
        raise error
    return answer


def _granted(token: Mapping[str, Any]) -> list[str]:
    """Raises Refused where a box was left unticked. An answer without scopes grants what was asked (RFC 6749 §5.1)."""
    granted = token.get("scope") or list(SCOPES)
    lacking = [words for scope, words in _IN_WORDS.items() if scope not in granted]
    if lacking:
        raise Refused(
            f"You left out {' and '.join(lacking)}; without it nothing can be connected. "
            "Please start again and tick both boxes."
        )
    return list(SCOPES)


def _refresh_token(token: Mapping[str, Any]) -> str:
    found = token.get("refresh_token")
    if not isinstance(found, str) or not found:
        raise Refused(
            "Google gave no lasting access. Please remove this service at myaccount.google.com/connections, "
            "then start again."
        )
    return found
