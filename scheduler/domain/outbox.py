"""Effects still to do, mail and calendar alike: identity, states and waits. Not here: doing them (engine/deliver).

waiting ──claim──▶ claimed ──begin──▶ sending ──finish──▶ done | refused | uncertain | dropped
   ▲                  │ lease over        │ lease over, attempts left
   └──────────────────┴───────────────────┘   (a retry is a new due_at, never the engine's own)
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import b32hexencode
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

LEASE = timedelta(seconds=60)
MAX_MAIL_COPIES = 3
_WAITS = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 180, 360))


class EffectKind(Enum):
    MAIL = "mail"
    EVENT = "event"


class State(Enum):
    WAITING = "waiting"
    CLAIMED = "claimed"
    SENDING = "sending"
    DONE = "done"
    REFUSED = "refused"
    UNCERTAIN = "uncertain"
    DROPPED = "dropped"


OPEN = (State.WAITING, State.CLAIMED, State.SENDING)


def derived_id(salt: bytes, *natural_key: str) -> str:
    """32 lower-case letters and digits (0-9, a-v) that only the salt's owner can derive.

    Legal as an iCalendar UID, a Google event id and the local part of a Message-ID.

    >>> derived_id(b"salt", "coffee", "2026-W48", "sam")[:8]
    'l4gkggt1'
    """
    digest = hmac.new(salt, "\x1f".join(natural_key).encode(), hashlib.sha256).digest()
    return b32hexencode(digest[:20]).decode().lower()


@dataclass(frozen=True, slots=True)
class OutboxEntry:
    """One effect wanted. ``ref`` names what it is about: an occurrence key, or "<mail kind>/<period>".

    ``fresh_until`` None: never stale. ``payload`` holds the exact bytes once the first attempt began.
    ``cut_off`` counts attempts that ended in the dark: each may have been a copy.
    """

    key: str
    couple: str
    partner: str
    kind: EffectKind
    ref: str
    due_at: datetime
    wanted_at: datetime
    fresh_until: datetime | None = None
    state: State = State.WAITING
    epoch: int = 0
    attempts: int = 0
    cut_off: int = 0
    payload: bytes | None = None
    note: str = ""
    lease_until: datetime | None = None
    done_at: datetime | None = None

    @property
    def mail_kind(self) -> str:
        return self.ref.partition("/")[0]


def wait_after(attempts: int) -> timedelta:
    """How long to wait after that many failed attempts: 1, 5, 15, 60 minutes, 3 h, then 6 h."""
    return _WAITS[min(max(attempts, 1), len(_WAITS)) - 1]
