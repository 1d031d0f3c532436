"""Addresses that only one person knows: what one opens, for how long, and that it is used once. Not here: pages (web).

Only the hash of a token is kept: whoever reads the state cannot open what it opens.
"""

from __future__ import annotations

import hashlib
from base64 import b32hexencode
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

_TOKEN_BYTES = 20  # 160 bits


class Purpose(Enum):
    """What a link opens; one for one purpose opens nothing else."""

    FEED = "feed"
    CONNECT = "connect"


@dataclass(frozen=True, slots=True)
class Link:
    """One link of one partner; ``expires_at`` None: until it is replaced. ``used_at`` is for those that work once."""

    digest: str
    partner: str
    purpose: Purpose
    made_at: datetime
    expires_at: datetime | None = None
    used_at: datetime | None = None

    def opens(self, purpose: Purpose, now: datetime) -> bool:
        """Whether it opens that, now."""
        lasts = self.expires_at is None or now < self.expires_at
        return self.purpose is purpose and lasts and self.used_at is None


def token_from(secret: bytes) -> str:
    """32 small letters and digits from at least 20 bytes that nobody can guess.

    >>> token_from(bytes(20))
    '00000000000000000000000000000000'
    """
    if len(secret) < _TOKEN_BYTES:
        raise ValueError("a token needs 160 bits")
    return b32hexencode(secret[:_TOKEN_BYTES]).decode().lower()


def digest_of(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
