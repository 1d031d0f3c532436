"""How a partner's events come to them, and what they have to open for it, as a mail may say it. Not here: the mail."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from scheduler.app.doors import Doors
from scheduler.domain.couple import Partner
from scheduler.domain.digest import Reach
from scheduler.domain.message import MailKind
from scheduler.domain.notes import cut_note
from scheduler.ports import Transaction
from scheduler.settings import Account, AccountSource, CaldavRoute, FeedRoute, GoogleRoute, InviteRoute, Route, Settings

Reaching = Callable[[Transaction, Partner, MailKind, datetime], tuple[Reach, str]]


def reaching(settings: Settings, doors: Doors) -> Reaching:
    """What a mail of that kind to the partner says of it; an address is made in the mail's own transaction."""

    def reach(tx: Transaction, partner: Partner, kind: MailKind, now: datetime) -> tuple[Reach, str]:
        route = settings.calendars[partner.id]
        if kind is MailKind.WELCOME and isinstance(route, InviteRoute):
            return Reach.MAIL, ""
        if kind is MailKind.WELCOME and isinstance(route, FeedRoute):
            return Reach.FEED, doors.feed(tx, partner.id, now)
        if _lets_in(settings, tx, partner.id):
            return Reach.CALENDAR, ""
        return Reach.ACCOUNT, doors.connect(tx, partner.id, now)

    return reach


def reach_by(route: Route) -> Reach:
    """How events come on that route, once nothing stands in the way."""
    match route:
        case InviteRoute():
            return Reach.MAIL
        case FeedRoute():
            return Reach.FEED
    return Reach.CALENDAR


def _lets_in(settings: Settings, tx: Transaction, partner: str) -> bool:
    """Whether every account that the file names for the partner was connected, and none has ended."""
    couple = settings.couple.id
    connected = all(tx.sealed(couple, partner, one.value) is not None for one in accounts_of(settings, partner))
    cut = tx.note(couple, cut_note(partner)) or any(one.cut_at for one in tx.busy(couple) if one.partner == partner)
    return connected and not cut


def accounts_of(settings: Settings, partner: str) -> set[Account]:
    """The accounts that the partner's calendar and busy times need."""
    found = {one.account for one in settings.busy[partner] if isinstance(one, AccountSource)}
    match settings.calendars[partner]:
        case GoogleRoute():
            found.add(Account.GOOGLE)
        case CaldavRoute():
            found.add(Account.CALDAV)
    return found
