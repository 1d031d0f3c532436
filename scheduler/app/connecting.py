"""A partner gives access to their Google account, in two steps on the web. Not here: pages (web), asking (consent).

A step that was begun is kept as one pending note for each partner, sealed: the hash of the state that Google must
bring back, the verifier of the code, the link that it was begun with. It is taken away before anything is done with
it, so that whatever comes of it, it works once.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING

from scheduler.app.doors import Doors, doors_of
from scheduler.app.vaults import vaults_of
from scheduler.domain.errors import Refused, Unavailable
from scheduler.domain.link import Purpose, digest_of, token_from
from scheduler.domain.notes import connected_note, cut_note, looks_note, reading_note, renewed_note, trouble_note
from scheduler.domain.outbox import EffectKind
from scheduler.ports import Store, Transaction, Vault
from scheduler.settings import GoogleAccess, Settings

if TYPE_CHECKING:
    from scheduler.adapters.google.access import GoogleApp

BACK = "/connect/google"
STEP_LASTS = timedelta(minutes=10)
_PENDING = "google pending"

NOT_OURS = (
    "This step was taken already, or it was not begun in this browser. If you have just been told that your calendar is"
    " connected, it is."
)
TOO_LATE = "This took longer than ten minutes, so nothing was connected."
NO_LINK = "This link has been used, replaced or has ended, so nothing was connected."


@dataclass(frozen=True, slots=True)
class _Pending:
    """``state`` and ``link`` are hashes; ``until`` is an instant in ISO form."""

    state: str = field(repr=False)
    verifier: str = field(repr=False)
    link: str
    until: str


@dataclass(frozen=True, slots=True)
class Connecting:
    """The two steps of one couple; ``vaults`` are by partner id. Any number of threads may use it.

    ``turn`` guards the pending notes: two of these on the same state must share one.
    """

    store: Store
    doors: Doors
    vaults: Mapping[str, Vault]
    app: GoogleApp
    turn: Lock = field(default_factory=Lock, repr=False)

    def partner_for(self, token: str, now: datetime) -> str | None:
        """Whose account the link connects; None where it opens nothing."""
        with self.store.transaction() as tx:
            link = self.doors.partner_for(tx, token, Purpose.CONNECT, now)
        return link.partner if link else None

    def begin(self, token: str, now: datetime) -> tuple[str, str]:
        """Where to send the partner, and the state that their browser must bring back beside Google's answer.

        A step that was begun before is forgotten. Raises: Refused, the link opens nothing; Unavailable.
        """
        # Google's library is large, and most of the pages never need it.
        from scheduler.adapters.google.consent import begin

        partner = self.partner_for(token, now)
        if partner is None:
            raise Refused(NO_LINK)
        state = token_from(self.doors.secret())
        started = begin(self.app, self.doors.address + BACK, state)
        pending = _Pending(digest_of(state), started.verifier, digest_of(token), (now + STEP_LASTS).isoformat())
        with self.turn:
            self.vaults[partner].put(_PENDING, json.dumps(asdict(pending)))
        return started.url, state

    def finish(self, state: str, answer: Mapping[str, str], now: datetime) -> str:
        """Keep what Google's ``answer`` grants; returns the partner's id.

        Raises: Refused, with a sentence for the partner, and nothing is stored; Unavailable, likewise.
        """
        # See begin.
        from scheduler.adapters.google.access import keep
        from scheduler.adapters.google.consent import finish

        partner, pending = self._taken(state)
        if now >= datetime.fromisoformat(pending.until):
            raise Refused(TOO_LATE)
        with self.store.transaction() as tx:
            link = self.doors.opened(tx, pending.link, Purpose.CONNECT, now)
        if link is None:
            raise Refused(NO_LINK)
        keep(self.vaults[partner], finish(self.app, self.doors.address + BACK, answer, pending.verifier))
        with self.store.transaction() as tx:
            mended(tx, self.doors.couple, partner, now)
        return partner

    def _taken(self, state: str) -> tuple[str, _Pending]:
        """The step that was begun with the state, which from now on nobody can take again. Raises Refused."""
        wanted = digest_of(state)
        with self.turn:
            begun = [(partner, self._pending(partner)) for partner in self.vaults]
            found = [(who, one) for who, one in begun if one and hmac.compare_digest(one.state, wanted)]
            if not found:
                raise Refused(NOT_OURS)
            self.vaults[found[0][0]].forget(_PENDING)
        return found[0]

    def _pending(self, partner: str) -> _Pending | None:
        try:
            kept = self.vaults[partner].get(_PENDING)
        except Unavailable:  # a key that is lost is that partner's trouble alone
            return None
        return _Pending(**json.loads(kept)) if kept else None


def connecting_of(settings: Settings, store: Store, turn: Lock) -> Connecting | None:
    """That of the couple as its file is now; None where it names no way to Google, or none from outside."""
    if settings.google is None or settings.public is None:
        return None
    app = google_app(settings.google)
    return Connecting(store, doors_of(settings), vaults_of(settings, store), app, turn)


def google_app(access: GoogleAccess) -> GoogleApp:
    """The host's own OAuth client."""
    # Whoever names no Google calendar imports nothing of its library.
    from scheduler.adapters.google.access import GoogleApp

    return GoogleApp(access.client_id, access.client_secret)


def mended(tx: Transaction, couple: str, partner: str, now: datetime) -> None:
    """The partner has just given access: what stood in the way is forgotten, and what waited for it is due."""
    tx.drop_links(couple, partner, Purpose.CONNECT)
    tx.set_note(couple, connected_note(partner), now.isoformat())
    read = [reading_note(one.source) for one in tx.busy(couple) if one.partner == partner]
    for note in (looks_note(partner), cut_note(partner), trouble_note(partner), renewed_note(partner), *read):
        tx.set_note(couple, note, "")
    tx.hurry(couple, partner, EffectKind.EVENT, now)
