"""One partner's calendar and busy sources as the file names them, and what goes together. Not here: other keys."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from scheduler.domain.couple import Partner
from scheduler.settings.model import (
    Account,
    AccountSource,
    CaldavRoute,
    FeedRoute,
    FolderRoute,
    GoogleRoute,
    IcsSource,
    InviteRoute,
    Look,
    Reading,
    Rota,
    Route,
    Source,
    WebSource,
)
from scheduler.settings.report import KeyPath, Page, literal
from scheduler.settings.schema import BusyTable, CalendarTable, CoupleFile, PartnerTable, RotaTable

_COLOURS = ("#c2603f", "#3f7c85")
_ONLY_FOR = {"path": "folder", "ahead": "invite"}


def calendar_of(table: PartnerTable, own_id: str, index: int, folder: Path) -> Route:
    """The partner's route; ``index`` is the partner's place in the file, ``folder`` where relative paths begin."""
    written = table.calendar
    title = written.title or ("Calendar" if table.discreet else "Together")
    look = Look(title, written.colour or _COLOURS[index % 2])
    match written.route:
        case "google":
            return GoogleRoute(look)
        case "caldav":
            return CaldavRoute(look)
        case "invite":
            return InviteRoute(look, timedelta(days=written.ahead))
        case "feed":
            return FeedRoute(look)
    return FolderRoute(folder / (written.path or Path("calendars") / own_id), look)


def sources_of(table: PartnerTable, folder: Path) -> tuple[Source, ...]:
    return tuple(_source(busy, table, folder) for busy in table.busy)


def rotas_of(table: PartnerTable, folder: Path) -> tuple[Rota, ...]:
    return tuple(_rota(rota, table, folder) for rota in table.rota)


def _source(busy: BusyTable, partner: PartnerTable, folder: Path) -> Source:
    how = Reading(busy.all_day, busy.zone or partner.zone, tuple(busy.declined_as) or (partner.email,))
    if busy.account:
        return AccountSource(busy.account, tuple(busy.calendars), how)
    return WebSource(how, busy.url) if busy.url else IcsSource(folder / (busy.path or ""), how)


def _rota(rota: RotaTable, partner: PartnerTable, folder: Path) -> Rota:
    return Rota(
        path=folder / rota.path,
        way=timedelta(minutes=rota.way),
        sleep=timedelta(hours=rota.sleep),
        zone=rota.zone or partner.zone,
    )


def check_calendars(page: Page, path: KeyPath, label: str, table: PartnerTable) -> None:
    """Complain about keys of one partner that do not go together."""
    _check_route(page, (*path, "calendar"), label, table.calendar)
    for index, busy in enumerate(table.busy):
        _check_busy(page, (*path, "busy", index), label, busy)


def _check_route(page: Page, path: KeyPath, label: str, table: CalendarTable) -> None:
    usual = CalendarTable()
    for key, route in _ONLY_FOR.items():
        if table.route != route and getattr(table, key) != getattr(usual, key):
            page.complain((*path, key), f'{label}: calendar.{key} goes with route = "{route}" only')


def _check_busy(page: Page, path: KeyPath, label: str, table: BusyTable) -> None:
    named = [key for key in ("path", "url", "account") if getattr(table, key)]
    if len(named) != 1:
        said = "busy.path is empty" if not named else f"busy has {' and '.join(named)}; keep one"
        page.complain((*path, named[-1] if named else "path"), f"{label}: {said}")
    if table.calendars and not table.account:
        page.complain((*path, "calendars"), f"{label}: busy.calendars goes with account only")


def check_places(page: Page, table: CoupleFile, people: Sequence[tuple[Partner, Route, tuple[Source, ...]]]) -> None:
    """Complain where a partner's calendar needs what the rest of the file lacks; ``people`` in the file's order."""
    for index, (partner, route, sources) in enumerate(people):
        needs, where = f"partner {literal(partner.name)}", ("partner", index)
        if not table.google.client_id:
            said = "needs google.client_id; docs/google.md says where it comes from"
            if isinstance(route, GoogleRoute):
                page.complain((*where, "calendar", "route"), f'{needs}: calendar.route = "google" {said}')
            elif _reads_google(sources):
                page.complain((*where, "busy"), f'{needs}: busy.account = "google" {said}')
        if isinstance(route, FeedRoute) and not table.public.address:
            said = 'needs public.address; write it as address = "https://rituals.example.org"'
            page.complain((*where, "calendar", "route"), f'{needs}: calendar.route = "feed" {said}')
        if isinstance(route, InviteRoute) and table.mail.sender.casefold() == partner.address.casefold():
            said = "cannot come from their own address: who invites themselves is never asked; use another mail.sender"
            page.complain((*where, "calendar", "route"), f"{needs}: invitations {said}")
    if table.public.address and table.view.on and table.public.port == table.view.port:
        page.complain(("public", "port"), f"public.port = {table.public.port} is view.port too; each needs its own")


def _reads_google(sources: Sequence[Source]) -> bool:
    return any(isinstance(one, AccountSource) and one.account is Account.GOOGLE for one in sources)
