"""From each partner's route to their calendar, and from what the file names to busy sources. Not here: other parts.

A library that only some files need is imported where it is needed: the others pay neither its time nor its memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

from scheduler.adapters.feed import FeedCalendar
from scheduler.adapters.folder import FolderCalendar
from scheduler.adapters.icsbusy.reader import IcsReader
from scheduler.adapters.icsbusy.source import IcsFile
from scheduler.adapters.invite import InviteCalendar
from scheduler.adapters.rota import Rota as RotaSource
from scheduler.app.connecting import google_app
from scheduler.app.routes import route_name
from scheduler.app.vaults import vault_of
from scheduler.domain.couple import Partner
from scheduler.domain.digest import Notice
from scheduler.domain.freebusy import AllDay
from scheduler.domain.message import Message
from scheduler.ports import BusySource, Calendar, Clock, Mailer, Store
from scheduler.settings import (
    Account,
    AccountSource,
    CaldavRoute,
    FeedRoute,
    FolderRoute,
    GoogleRoute,
    IcsSource,
    InviteRoute,
    Reading,
    Rota,
    Route,
    Settings,
    Source,
    WebSource,
)

if TYPE_CHECKING:
    from scheduler.adapters.google.api import GoogleApi
    from scheduler.adapters.outward.exchange import Exchange


@dataclass(slots=True)
class Linking:
    """What calendars and busy sources are put together with. One way to Google for each partner serves both, and one
    to calendar servers serves all."""

    settings: Settings
    store: Store
    clock: Clock
    mailer: Mailer
    write: Callable[[Notice, str], Message]
    _google: dict[str, GoogleApi] = field(default_factory=dict)
    _exchange: Exchange | None = None

    def calendars(self) -> Mapping[str, Calendar]:
        """Each partner's calendar by id."""
        routes = self.settings.calendars
        return {partner.id: self._calendar(partner, routes[partner.id]) for partner in self.settings.couple.partners}

    def former(self, partner: Partner, named: str) -> Calendar | None:
        """The calendar that ``route_key`` once gave that name; None where it can no longer be reached."""
        look, (word, _, path) = self.settings.calendars[partner.id].look, named.partition(" ")
        if word == "google" and self.settings.google is None:
            return None
        routes: dict[str, Route] = {
            "folder": FolderRoute(Path(path), look),
            "google": GoogleRoute(look),
            "caldav": CaldavRoute(look),
            "invite": InviteRoute(look, timedelta()),
            "feed": FeedRoute(look),
        }
        return self._calendar(partner, routes[word]) if word in routes else None

    def sources(self) -> Mapping[str, Mapping[str, BusySource]]:
        """Each partner's busy sources by a name of its own: what both share is two sources."""
        return {partner.id: dict(self._named(partner.id)) for partner in self.settings.couple.partners}

    def _calendar(self, partner: Partner, route: Route) -> Calendar:
        match route:
            case FolderRoute():
                return folder_of(partner, route)
            case GoogleRoute(look):
                from scheduler.adapters.google.calendar import GoogleCalendar

                vault = vault_of(self.settings, self.store, partner.id)
                return GoogleCalendar(self._google_api(partner.id), vault, title=look.title, zone=partner.zone)
            case CaldavRoute(look):
                from scheduler.adapters.caldav.calendar import CaldavCalendar

                vault = vault_of(self.settings, self.store, partner.id)
                return CaldavCalendar(
                    vault, title=look.title, colour=look.colour, zone=partner.zone, exchange=self._to_servers()
                )
            case InviteRoute():
                contact = self.settings.mail.contact
                return InviteCalendar(self.mailer, partner=partner, contact=contact, write=self.write)
            case FeedRoute():
                return FeedCalendar()
            case _ as never:
                assert_never(never)

    def _named(self, partner: str) -> Iterator[tuple[str, BusySource]]:
        for one in self.settings.busy[partner]:
            yield _name(partner, one), self._source(partner, one)
        for rota in self.settings.rotas[partner]:
            shifts = IcsFile(rota.path, all_day=AllDay.IGNORE, zone=rota.zone)
            yield _name(partner, rota), RotaSource(shifts, way=rota.way, sleep=rota.sleep, zone=rota.zone)

    def _source(self, partner: str, source: Source) -> BusySource:
        match source:
            case IcsSource(path, how):
                return IcsFile(path, all_day=how.all_day, zone=how.zone, declined_as=how.declined_as)
            case WebSource(how, url):
                from scheduler.adapters.outward.client import Outward
                from scheduler.adapters.outward.ics import IcsAddress

                return IcsAddress(url, read=_reader(how).read, outward=Outward(self.clock))
            case AccountSource():
                return self._account(partner, source)
            case _ as never:
                assert_never(never)

    def _account(self, partner: str, source: AccountSource) -> BusySource:
        match source.account:
            case Account.GOOGLE:
                from scheduler.adapters.google.busy import GoogleBusy

                return GoogleBusy(self._google_api(partner), source.calendars or ("primary",))
            case Account.CALDAV:
                from scheduler.adapters.caldav.busy import CaldavBusy

                vault = vault_of(self.settings, self.store, partner)
                return CaldavBusy(vault, _reader(source.how).read, source.calendars, exchange=self._to_servers())
            case _ as never:
                assert_never(never)

    def _to_servers(self) -> Exchange:
        from scheduler.adapters.outward.exchange import Exchange

        if self._exchange is None:
            self._exchange = Exchange(self.clock)
        return self._exchange

    def _google_api(self, partner: str) -> GoogleApi:
        from scheduler.adapters.google.api import GoogleApi

        if partner not in self._google:
            vault = vault_of(self.settings, self.store, partner)
            assert self.settings.google is not None  # a file that needs it and lacks it is refused
            self._google[partner] = GoogleApi(google_app(self.settings.google), vault, self.clock)
        return self._google[partner]


def route_key(route: Route) -> str:
    """Tells one calendar of a partner's from another: its word, and the path of a folder."""
    return f"folder {route.path}" if isinstance(route, FolderRoute) else route_name(route)


def folder_of(partner: Partner, route: FolderRoute) -> FolderCalendar:
    return FolderCalendar(route.path, title=route.look.title, colour=route.look.colour, zone=partner.zone)


def rehearsed(settings: Settings, below: Path) -> Mapping[str, FolderCalendar]:
    """A folder for each partner, whatever their route: where a rehearsal writes."""
    looks = {partner.id: settings.calendars[partner.id].look for partner in settings.couple.partners}
    return {
        partner.id: folder_of(partner, FolderRoute(below / partner.id, looks[partner.id]))
        for partner in settings.couple.partners
    }


def _reader(how: Reading) -> IcsReader:
    return IcsReader(how.all_day, how.zone, how.declined_as)


def source_names(settings: Settings) -> Mapping[str, tuple[str, ...]]:
    """What each partner's sources are called in the state, in the order of ``Linking.sources``."""
    return {
        partner: tuple(_name(partner, one) for one in (*sources, *settings.rotas[partner]))
        for partner, sources in settings.busy.items()
    }


def _name(partner: str, source: Source | Rota) -> str:
    """Tells the sources of one couple apart, and changes where a source would mean other times."""
    match source:
        case Rota():
            return f"{partner}: {source_words(source)} (rota)"
        case WebSource(how):
            return f"{partner}: {source_words(source)} {source.mark} ({how.all_day.value})"
        case IcsSource(_, how) | AccountSource(_, _, how):
            return f"{partner}: {source_words(source)} ({how.all_day.value})"
        case _ as never:
            assert_never(never)


def source_words(source: Source | Rota) -> str:
    """What a busy source is called to the host; a published address shows no more than its host."""
    match source:
        case IcsSource(path) | Rota(path):
            return str(path)
        case WebSource():
            return f"the calendar at {source.host}"
        case AccountSource(account, calendars, _):
            return f"{account.value}{': ' + ', '.join(calendars) if calendars else ''}"
        case _ as never:
            assert_never(never)
