"""What Google's answers mean in our words: the whole error policy. Not here: asking (api), deciding (calendar, busy).

Only the reason word of an answer is looked at, never its message: that may hold an address. A pause that Google
names is handed on; nothing here or above waits in a loop, since a retry is a new due_at in the outbox.
Source: developers.google.com/workspace/calendar/api/guides/errors.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from scheduler.domain.errors import Disconnected, Refused, RitualsError, Unavailable

PARKED = timedelta(hours=6)
_LONGEST_PAUSE = timedelta(days=1)
_TOO_MANY = {"rateLimitExceeded", "userRateLimitExceeded"}
_USED_UP = {"quotaExceeded", "dailyLimitExceeded"}


class Rejected(Refused):
    """400: our request makes no sense to Google."""


class NotThere(Unavailable):
    """404: there is no such calendar, or no such event in it."""


class Expired(NotThere):
    """410: the event was deleted, or the sync token is too old."""


class Taken(Unavailable):
    """409: an event had this id before, alive or deleted."""


class Changed(Unavailable):
    """412: the event has another tag by now."""


_ABOUT_ONE_THING = {
    404: (NotThere, "what we asked for is not at Google"),
    409: (Taken, "this event was at Google before"),
    410: (Expired, "what we asked for is no longer at Google"),
    412: (Changed, "the event was changed at Google meanwhile"),
}


def ended() -> Disconnected:
    return Disconnected("Google no longer gives us access; connect the calendar again")


def unreachable() -> Unavailable:
    return Unavailable("Google cannot be reached, or does not answer in its own words")


def judged(status: int, body: bytes, pause: timedelta | None) -> RitualsError:
    """What an answer of the Calendar API that is no success means; ``pause`` is what it asked us to wait."""
    reason = _reason(body)
    if status == 400:
        return Rejected("Google does not understand our request (400); please report this")
    if status == 401:
        return ended()
    if status == 403:
        return _forbidden(reason, pause)
    # Without a reason somebody else spoke in Google's place: that must not look like a deleted calendar.
    if reason and status in _ABOUT_ONE_THING:
        kind, text = _ABOUT_ONE_THING[status]
        return kind(text)
    if status in (404, 408, 409, 410, 412, 429) or not 400 <= status < 500:
        return Unavailable(f"Google cannot do it now ({status})", pause)
    return Refused(f"Google refuses our request ({status})")


def _forbidden(reason: str, pause: timedelta | None) -> RitualsError:
    if not reason or reason in _TOO_MANY:
        return Unavailable("Google asks us to be slower (403)", pause)
    if reason in _USED_UP:
        return Unavailable("Google's quota for this calendar is used up (403)", pause or PARKED)
    if reason == "insufficientPermissions":
        return ended()
    if reason == "accessNotConfigured":
        return Unavailable("the Calendar API is not switched on in the Google project of this service (403)", PARKED)
    return Refused("Google forbids our request (403)")


def judged_token(status: int, body: bytes, pause: timedelta | None) -> RitualsError | None:
    """What an answer of the token endpoint means; None for a token.

    Source: RFC 6749 §5.2.
    """
    answer = _decoded(body)
    if answer.get("error") == "invalid_grant":
        return ended()
    if status == 429 or status >= 500:
        return Unavailable(f"Google gives no token now ({status})", pause)
    if answer.get("error"):
        return Unavailable("Google does not know this service; its owner should look at client id and secret", PARKED)
    return None if status == 200 and isinstance(answer.get("access_token"), str) else unreachable()


def pause_in(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """What Retry-After names, in seconds or as a date; a day at most.

    Source: RFC 9110 §10.2.3.
    """
    text = headers.get("retry-after") or ""
    try:
        pause = timedelta(seconds=int(text)) if text.isdecimal() else parsedate_to_datetime(text) - now
    except (ValueError, TypeError, OverflowError):
        return None
    return min(pause, _LONGEST_PAUSE) if pause > timedelta(0) else None


@contextmanager
def only_looking() -> Iterator[None]:
    """A look is never refused for good: tomorrow's may be answered."""
    try:
        yield
    except Refused as err:
        raise Unavailable(str(err)) from err


def instant(text: object) -> datetime | None:
    """An RFC 3339 time in UTC; None for anything else, a time without its offset among them."""
    try:
        found = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return found.astimezone(UTC) if found and found.tzinfo else None


def _reason(body: bytes) -> str:
    error = _decoded(body).get("error")
    errors = error.get("errors") if isinstance(error, dict) else None
    first = errors[0] if isinstance(errors, list) and errors else None
    reason = first.get("reason") if isinstance(first, dict) else None
    return reason if isinstance(reason, str) else ""


def _decoded(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
