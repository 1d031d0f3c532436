"""A partner whose calendar stands on a real CalDAV server, and the partner's own hands. Not here: any claim."""

from __future__ import annotations

import base64
import http.client
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from scheduler.adapters.caldav.account import Account, read, save
from scheduler.adapters.caldav.calendar import CaldavCalendar
from scheduler.adapters.memory import MemoryVault
from scheduler.adapters.outward.exchange import Exchange
from scheduler.adapters.system import SystemClock
from scheduler.ports import Calendar
from tests.servers.dav import PASSWORD, USER, DavServer
from tests.servers.proxy import Fault, FaultProxy

EXCHANGE = Exchange(SystemClock())  # what the app hands in
FOREIGN = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Sam//EN\r\nBEGIN:VEVENT\r\nUID:dentist\r\nDTSTAMP:20261101T080000Z\r\n"
    b"DTSTART:20261124T090000Z\r\nDTEND:20261124T100000Z\r\nSUMMARY:Dentist\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


class DavPartner:
    """Fulfils NetworkPartner. ``hand`` is what any other program of the partner's would do, past the proxy."""

    empty_listing = Fault(
        207,
        methods=("REPORT",),
        headers={"Content-Type": "text/xml"},
        body=b'<multistatus xmlns="DAV:"><sync-token>http://example.org/7</sync-token></multistatus>',
    )

    def __init__(self, server: DavServer, proxy: FaultProxy) -> None:
        self.server, self.proxy = server, proxy
        self.vault = MemoryVault()
        save(self.vault, Account(proxy.url + server.home, USER, PASSWORD, inside=True))
        self.restarts()

    def restarts(self) -> None:
        self.calendar: Calendar = CaldavCalendar(
            self.vault,
            title="Our rituals",
            colour="#7a5c99",
            zone=ZoneInfo("Europe/Berlin"),
            exchange=EXCHANGE,
        )

    def hand(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, bytes]:
        login = base64.b64encode(f"{USER}:{self.server.password}".encode()).decode()
        kind = "text/calendar" if method == "PUT" else "text/xml"
        connection = http.client.HTTPConnection(urlsplit(self.server.url).netloc, timeout=10)
        try:
            named = {"Authorization": f"Basic {login}", "Content-Type": kind, **headers}
            connection.request(method, path, body, named)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    @property
    def collection(self) -> str:
        return urlsplit(read(self.vault).collection or "").path

    def hrefs(self) -> list[str]:
        _, listing = self.hand("PROPFIND", self.collection, b"", Depth="1")
        return [urlsplit(one).path for one in re.findall(r"href>([^<]*\.ics)<", listing.decode())]

    def edits(self, uid: str, *changes: tuple[str, str]) -> None:
        """What calendar programs do: read the object, write it back with some text replaced."""
        for href in self.hrefs():
            _, data = self.hand("GET", href)
            if f"UID:{uid}\r\n".encode() in data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"):
                text = data.decode()
                for pattern, new in changes:
                    text = re.sub(pattern, new, text)
                assert self.hand("PUT", href, text.encode())[0] in (201, 204)

    def moves(self, uid: str, starts_at: datetime) -> None:
        ends_at = starts_at + timedelta(hours=1)
        start, end = (f"{one:%Y%m%dT%H%M%SZ}" for one in (starts_at, ends_at))
        self.edits(uid, (r"DTSTART:\S+", f"DTSTART:{start}"), (r"DTEND:\S+", f"DTEND:{end}"))

    def retitles(self, uid: str, title: str) -> None:
        self.edits(uid, (r"SUMMARY:[^\r\n]*", f"SUMMARY:{title}"))

    def deletes(self, uid: str) -> None:
        assert self.hand("DELETE", f"{self.collection}{uid}.ics")[0] in (200, 204)

    def deletes_calendar(self) -> None:
        assert self.hand("DELETE", self.collection)[0] in (200, 204)

    def unplugs(self) -> None:
        self.proxy.fail_next(*[Fault(None)] * 100)

    def revokes(self) -> None:
        self.server.password = "another one"

    def adds_foreign(self) -> None:
        assert self.hand("PUT", f"{self.collection}dentist.ics", FOREIGN)[0] == 201

    def foreign(self) -> Mapping[str, bytes]:
        return {href: self.hand("GET", href)[1] for href in self.hrefs() if "dentist" in href}

    def standing(self) -> int:
        return sum("dentist" not in href for href in self.hrefs())


@contextmanager
def partner_of(server: DavServer) -> Iterator[DavPartner]:
    with FaultProxy(server.url) as proxy:
        yield DavPartner(server, proxy)
