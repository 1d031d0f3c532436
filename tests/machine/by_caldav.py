"""A partner with an account on a real CalDAV server, a proxy in between."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from random import Random
from urllib.parse import urlsplit

from scheduler.adapters.caldav.account import Account, save
from scheduler.domain.errors import Disconnected
from tests.contract.dav_partner import DavPartner
from tests.machine.faults import CountingProxy, over_http
from tests.machine.partner import Stands
from tests.machine.texts import FOREIGN, all_day, moved, retitled, standing_in, touched
from tests.servers.dav import PASSWORD, USER, DavServer

_ALL = (
    b'<c:calendar-query xmlns="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><prop><c:calendar-data/></prop>'
    b'<c:filter><c:comp-filter name="VCALENDAR"/></c:filter></c:calendar-query>'
)
_KIND = b'<propfind xmlns="DAV:"><prop><resourcetype/></prop></propfind>'


class ByCaldav(DavPartner):
    """Fulfils MachinePartner; begins with an empty account."""

    can = frozenset({"all-day", "calendar", "access"})

    def __init__(self, route: str, server: DavServer, proxy: CountingProxy) -> None:
        self.route = route
        server.password = PASSWORD
        super().__init__(server, proxy)
        self._counting, self._met_before, self._touches = proxy, proxy.met, 0
        for path in self._collections():
            assert self.hand("DELETE", path)[0] in (200, 204)

    def _collections(self) -> list[str]:
        _, found = self.hand("PROPFIND", self.server.home, _KIND, Depth="1")
        paths = {urlsplit(one).path for one in re.findall(r"href>([^<]*)<", found.decode())}
        return sorted(path for path in paths if path.startswith(self.server.home) and path != self.server.home)

    def stands(self) -> list[Stands]:
        """Of every collection in the account."""
        found = []
        for path in self._collections():
            _, listing = self.hand("REPORT", path, _ALL, Depth="1")
            found += standing_in(html.unescape(listing.decode()).replace("\r", ""))
        return found

    def foreign(self) -> Mapping[str, bytes]:
        status, data = self.hand("GET", self._path("dentist")) if self._known else (404, b"")
        return {"dentist": data} if status == 200 else {}

    def adds_foreign(self) -> None:
        if self._known:
            self.hand("PUT", self._path("dentist"), FOREIGN)

    @property
    def _known(self) -> bool:
        try:
            return bool(self.collection)
        except Disconnected:
            return False

    def _path(self, uid: str) -> str:
        return f"{self.collection}{uid.partition('@')[0]}.ics"

    def _change(self, uid: str, change: Callable[[str], str]) -> None:
        status, data = self.hand("GET", self._path(uid))
        assert status == 200
        assert self.hand("PUT", self._path(uid), change(data.decode()).encode())[0] in (200, 201, 204)

    def moves(self, uid: str, starts_at: datetime) -> None:
        self._change(uid, lambda text: moved(text, starts_at))

    def retitles(self, uid: str, title: str) -> None:
        self._change(uid, lambda text: retitled(text, title))

    def touches(self, uid: str) -> None:
        self._touches += 1
        self._change(uid, lambda text: touched(text, self._touches))

    def makes_all_day(self, uid: str, day: datetime) -> None:
        self._change(uid, lambda text: all_day(text, day))

    def deletes(self, uid: str) -> None:
        assert self.hand("DELETE", self._path(uid))[0] in (200, 204)

    def reconnects(self) -> None:
        save(self.vault, Account(self.proxy.url + self.server.home, USER, self.server.password, inside=True))

    def trouble(self, chance: Random) -> str:
        return over_http(self.proxy, self.empty_listing, chance)

    def mends(self) -> None:
        self.proxy.clear()

    @property
    def met(self) -> int:
        return self._counting.met - self._met_before
