"""The addresses that only one partner knows: made, replaced and opened. Not here: what stands behind them (feeding,
connecting), serving them (web).

Everything happens inside the caller's transaction: an address in a mail exists exactly if the mail does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from scheduler.adapters.system import new_secret
from scheduler.domain.link import Link, Purpose, digest_of, token_from
from scheduler.ports import Transaction
from scheduler.settings import FeedRoute, GoogleRoute, Route, Settings

CONNECT_LASTS = timedelta(days=14)
_LEADS_TO = {Purpose.FEED: FeedRoute, Purpose.CONNECT: GoogleRoute}


@dataclass(frozen=True, slots=True)
class Doors:
    """One couple's addresses. ``routes`` are by partner id; ``address`` has no slash at its end, "" where partners
    reach nothing; ``secret`` gives 32 bytes that nobody can guess.
    """

    couple: str
    routes: Mapping[str, Route]
    address: str
    secret: Callable[[], bytes] = field(repr=False)

    def feed(self, tx: Transaction, partner: str, now: datetime) -> str:
        """A new address of the partner's feed, from now on the only one; "" where they have no feed."""
        if not self._has(partner, Purpose.FEED):
            return ""
        tx.drop_links(self.couple, partner, Purpose.FEED)
        tx.set_note(self.couple, _feed_note(partner), now.isoformat())
        return f"{self.address}/feed/{self._made(tx, Link('', partner, Purpose.FEED, now))}.ics"

    def has_feed(self, tx: Transaction, partner: str) -> bool:
        """Whether an address was ever made; only its owner has it."""
        return bool(tx.note(self.couple, _feed_note(partner)))

    def connect(self, tx: Transaction, partner: str, now: datetime) -> str:
        """One more address to connect Google, good once and for CONNECT_LASTS; "" where there is nothing to connect.

        Older ones stay: a mail that is sent again carries an address of its own.
        """
        if not self._has(partner, Purpose.CONNECT):
            return ""
        link = Link("", partner, Purpose.CONNECT, now, now + CONNECT_LASTS)
        return f"{self.address}/connect/{self._made(tx, link)}"

    def partner_for(self, tx: Transaction, token: str, purpose: Purpose, now: datetime) -> Link | None:
        """What the token opens for that purpose now; None for any other, whatever the reason."""
        return self.opened(tx, digest_of(token), purpose, now)

    def opened(self, tx: Transaction, digest: str, purpose: Purpose, now: datetime) -> Link | None:
        """As ``partner_for``, where only what is kept of the token is known."""
        link = tx.link(self.couple, digest)
        good = link is not None and link.opens(purpose, now) and self._has(link.partner, purpose)
        return link if good else None

    def title(self, partner: str) -> str:
        """What the partner's calendar of ours is called."""
        return self.routes[partner].look.title

    def _has(self, partner: str, purpose: Purpose) -> bool:
        """Whoever changed to another route has nothing behind an old address."""
        return bool(self.address) and isinstance(self.routes.get(partner), _LEADS_TO[purpose])

    def _made(self, tx: Transaction, link: Link) -> str:
        token = token_from(self.secret())
        tx.add_link(self.couple, replace(link, digest=digest_of(token)))
        return token


def doors_of(settings: Settings) -> Doors:
    """Those of the couple as its file is now."""
    return Doors(settings.couple.id, settings.calendars, settings.public.address if settings.public else "", new_secret)


def _feed_note(partner: str) -> str:
    return f"feed {partner}"
