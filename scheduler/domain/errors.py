"""Every way in which the service says no. Not here: exit codes (cli) and log events (app).

RitualsError
├── ConfigError   the owner must change something; carries every Problem at once
├── Refused       never retry: the other side said no for good
├── Unavailable   retry later; ``retry_after`` when the other side named a time
│   ├── Disconnected  the partner must give access again; until then nothing is tried
│   └── Gone          the calendar itself is no longer there; what stood in it went with it
├── Uncertain     the effect may have happened: look, or ask a person, before repeating
└── Conflict      a person changed it meanwhile: read again first
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


class RitualsError(Exception):
    """What, which, and what to do; never a name, an address, an answer or a token."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a file: where it stands and what would be right.

    >>> str(Problem("config.toml", 14, 'every = "weekley" is not a cadence'))
    'config.toml:14: every = "weekley" is not a cadence'
    """

    file: str
    line: int | None
    text: str

    def __str__(self) -> str:
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{where}: {self.text}"


class ConfigError(RitualsError):
    """The configuration cannot be used; ``problems`` is never empty."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


class Refused(RitualsError):
    """The other side said no for good."""


class Unavailable(RitualsError):
    """Not now; try again, after ``retry_after`` if it is given."""

    def __init__(self, message: str, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Disconnected(Unavailable):
    """The partner's access has ended: a token that was revoked, a password that was changed."""


class Gone(Unavailable):
    """The whole calendar was taken away, by a person or with its account; a put makes a new one."""


class Uncertain(RitualsError):
    """We were cut off at a moment when the effect may already have happened."""


class Conflict(RitualsError):
    """What stands there is not what we last wrote."""
