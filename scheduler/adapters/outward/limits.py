"""How far, how long and how much one fetch may take. Not here: keeping to it (client, connection, body)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """``plain`` lets http through as well as https; sizes are in bytes, unpacked.

    ``ratio`` is how many times its packed size a body may have once it is larger than ``ratio_from``. Measured:
    a published calendar that says only "Busy" unpacks to 15 times its size, one whose meetings all carry the same
    long text to 44 times, a bomb to 1,000 times. Source of the kinds of limits: notes/reliability.md T10, T11.
    """

    ports: frozenset[int] = frozenset({80, 443, 8443})
    plain: bool = False
    redirects: int = 3
    total_s: float = 20
    wait_s: float = 10  # for the next bytes
    connect_s: float = 5  # for one of a host's addresses, and for what TLS needs first
    most_bytes: int = 20_000_000
    ratio: int = 100
    ratio_from: int = 1_000_000


USUAL = Limits()
