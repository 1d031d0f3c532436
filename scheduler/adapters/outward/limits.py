"""How far, how long and how much one errand may take. Not here: keeping to it (client, connection, body)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """``ports`` None means any. ``plain`` lets http through as well as https; sizes are in bytes, unpacked.

    ``shut`` and ``much`` are said where the way leads inside and where a body is larger than ``most_bytes``.

    ``ratio`` is how many times its packed size a body may have once it is larger than ``ratio_from``. Measured:
    a published calendar that says only "Busy" unpacks to 15 times its size, one whose meetings all carry the same
    long text to 44 times, a bomb to 1,000 times. Source of the kinds of limits: notes/reliability.md T10, T11.
    """

    ports: frozenset[int] | None = frozenset({80, 443, 8443})
    plain: bool = False
    redirects: int = 3
    total_s: float = 20
    wait_s: float = 10  # for the next bytes
    connect_s: float = 5  # for one of a host's addresses, and for what TLS needs first
    most_bytes: int = 20_000_000
    ratio: int = 100
    ratio_from: int = 1_000_000
    shut: str = "leads inside this machine's own network; only public addresses are fetched"
    much: str = "is larger than 20 MB; publish fewer years or only one calendar"


USUAL = Limits()
# A server that the host or a partner named for an account. It may stand at any port, since whoever names it knows the
# password, too; it answers large questions, and is not asked to pack, so that its size alone is what counts.
NAMED = Limits(
    ports=None,
    total_s=60,
    ratio_from=USUAL.most_bytes,
    shut="leads inside this machine's own network; --inside allows that for a server in your own house",
    much="answers with more than 20 MB, which is far too long",
)
