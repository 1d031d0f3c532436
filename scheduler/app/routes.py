"""How each partner's calendar stands: its route, the last look and write, what is wrong, what to do next.

Not here: drawing it (cli), testing it by an event (checkup/hello).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from os.path import normpath
from typing import Any, assert_never

from scheduler.domain.couple import Membership, Partner, Standing
from scheduler.domain.notes import cut_note, looks_note, trouble_note
from scheduler.domain.outbox import OPEN, EffectKind, OutboxEntry, State
from scheduler.domain.pace import Looks
from scheduler.engine import privacy
from scheduler.ports import Transaction
from scheduler.settings import CaldavRoute, FeedRoute, FolderRoute, GoogleRoute, InviteRoute, Route, Settings


@dataclass(frozen=True, slots=True)
class Station:
    """One partner's calendar. Instants are UTC, None where it never was; ``waiting`` events are still to be written.

    ``trouble`` and ``step`` are "" where all is well.
    """

    partner: Partner
    route: str
    words: str
    looked_at: datetime | None
    wrote_at: datetime | None
    waiting: int
    cut_since: datetime | None
    trouble: str
    step: str


def stations(settings: Settings, tx: Transaction, now: datetime) -> list[Station]:
    """In the order of the file."""
    members = privacy.standing_of(tx, settings.couple)
    entries = [one for one in tx.outbox(settings.couple.id) if one.kind is EffectKind.EVENT]
    return [_station(settings, tx, (partner, members, entries), now) for partner in settings.couple.partners]


def _station(
    settings: Settings,
    tx: Transaction,
    known: tuple[Partner, Mapping[str, Membership], list[OutboxEntry]],
    now: datetime,
) -> Station:
    partner, members, entries = known
    couple, route = settings.couple.id, settings.calendars[partner.id]
    mine = [one for one in entries if one.partner == partner.id]
    trouble = tx.note(couple, trouble_note(partner.id)) or ""
    looks = Looks.from_words(tx.note(couple, looks_note(partner.id)) or "")
    cut = tx.note(couple, cut_note(partner.id))
    joined = members[partner.id].standing is Standing.JOINED
    return Station(
        partner=partner,
        route=route_name(route),
        words=route_words(route),
        looked_at=looks.last,
        wrote_at=max((one.done_at for one in mine if one.done_at and one.state is State.DONE), default=None),
        waiting=sum(one.state in OPEN and one.due_at <= now for one in mine),
        cut_since=datetime.fromisoformat(cut) if cut else None,
        trouble=trouble if joined else "",
        step=next_step(route, partner) if trouble and joined else _first_step(tx, couple, route, members[partner.id]),
    )


def _first_step(tx: Transaction, couple: str, route: Route, member: Membership) -> str:
    """What is still to be done before anything can stand there; "" where all is."""
    steps = []
    if isinstance(route, GoogleRoute | CaldavRoute) and tx.sealed(couple, member.partner, route_name(route)) is None:
        steps.append(f"rituals connect {route_name(route)} --partner {member.partner}")
    if member.standing is not Standing.JOINED:
        steps.append(f"nothing is written without a yes: rituals join {member.partner}")
    return "; ".join(steps)


def next_step(route: Route, partner: Partner) -> str:
    """What to do when something stands in the way of a calendar on that route."""
    match route:
        case FolderRoute(path):
            return f"look at {path}; nothing is taken for deleted meanwhile"
        case GoogleRoute() | CaldavRoute():
            command = f"rituals connect {route_name(route)} --partner {partner.id}"
            return f"where access is lacking: {command}; all else is tried again by itself"
        case InviteRoute():
            return "rituals outbox shows which mails wait, rituals doctor asks the mail server"
        case FeedRoute():
            return f"rituals connect feed --partner {partner.id} gives the address"
        case _ as never:
            assert_never(never)


def route_name(route: Route) -> str:
    """The word that the file has for it."""
    match route:
        case FolderRoute():
            return "folder"
        case GoogleRoute():
            return "google"
        case CaldavRoute():
            return "caldav"
        case InviteRoute():
            return "invite"
        case FeedRoute():
            return "feed"
        case _ as never:
            assert_never(never)


def route_words(route: Route) -> str:
    """Where the events go, in a few words."""
    match route:
        case FolderRoute(path):
            return normpath(path)
        case GoogleRoute():
            return "an own calendar in their Google account"
        case CaldavRoute():
            return "an own calendar on their CalDAV server"
        case InviteRoute(_, ahead):
            return f"invitations by mail, {ahead.days} days ahead"
        case FeedRoute():
            return "a private address to subscribe to"
        case _ as never:
            assert_never(never)


def station_document(one: Station) -> dict[str, Any]:
    """A station as plain values; instants are ISO 8601."""
    return {
        "partner": one.partner.id,
        "route": one.route,
        "looked_at": one.looked_at.isoformat() if one.looked_at else None,
        "wrote_at": one.wrote_at.isoformat() if one.wrote_at else None,
        "waiting": one.waiting,
        "access_lost_at": one.cut_since.isoformat() if one.cut_since else None,
        "trouble": one.trouble,
        "next_step": one.step,
    }
