"""One partner's side of each route, on real servers and stand-ins, with an own calendar of 3,000 events beside it.

Not here: what happens in a week (life), a client of another kind (peer).
"""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

import httpx

from scheduler.adapters.caldav.busy import CaldavBusy
from scheduler.adapters.icsbusy.reader import IcsReader
from scheduler.adapters.memory import MemoryBusy, MemoryClock
from scheduler.domain.couple import Partner
from scheduler.domain.freebusy import AllDay, Span, span_of, union
from scheduler.ports import BusySource, Calendar
from tests.contract.dav_partner import EXCHANGE, DavPartner
from tests.contract.google_partner import GooglePartner
from tests.contract.test_busy_caldav import MKCALENDAR
from tests.data.make_own_calendar import Appointment, appointments, whole
from tests.servers.dav import USER, DavServer
from tests.servers.google import FakeGoogle
from tests.servers.proxy import FaultProxy

OWN = "work"


class Side(Protocol):
    """A partner's calendar of ours and their busy times; what follows is what the partner does by hand."""

    @property
    def calendar(self) -> Calendar: ...
    @property
    def busy(self) -> BusySource: ...
    def adds(self, starts_at: datetime, ends_at: datetime) -> None:
        """One more event of their own."""

    def moves(self, uid: str, starts_at: datetime) -> None: ...
    def deletes(self, uid: str) -> None: ...


class GoogleSide(GooglePartner):
    """The own calendar is the main one."""

    def __init__(self, fake: FakeGoogle, proxy: FaultProxy, clock: MemoryClock, partner: Partner) -> None:
        super().__init__(fake, proxy, clock, partner.address)
        for one in appointments(partner.id, partner.zone):
            self.person.adds(one.starts_at, one.ends_at, one.title, **one.fields())

    def adds(self, starts_at: datetime, ends_at: datetime) -> None:
        self.person.adds(starts_at, ends_at)


class DavSide(DavPartner):
    """The own calendar is a collection beside ours."""

    def __init__(self, server: DavServer, proxy: FaultProxy, partner: Partner) -> None:
        super().__init__(server, proxy)
        read = IcsReader(AllDay.IF_MARKED, partner.zone).read
        self.busy = CaldavBusy(self.vault, read, exchange=EXCHANGE)
        self._keeps(appointments(partner.id, partner.zone))

    @property
    def own(self) -> str:
        return f"{self.server.home}{OWN}/"

    def adds(self, starts_at: datetime, ends_at: datetime) -> None:
        one = Appointment(f"new-{starts_at:%d%H%M}", starts_at, ends_at, "Dentist", "", ())
        assert self.hand("PUT", f"{self.own}{one.uid}.ics", one.ics())[0] in (201, 204)

    def deletes(self, uid: str) -> None:
        super().deletes(uid.partition("@")[0])

    def _keeps(self, many: list[Appointment]) -> None:
        """All at once, since one by one takes minutes: Radicale takes a whole calendar, Xandikos keeps it in git."""
        made = MKCALENDAR.format(name="Work", kind="VEVENT").encode()
        assert self.hand("MKCALENDAR", self.own, made)[0] == 201
        folder = self.server.folder / self.own.strip("/")
        if not (folder / ".git").exists():
            login = (USER, self.server.password)
            done = httpx.put(self.server.url + self.own, content=whole(many), auth=login, timeout=120, trust_env=False)
            assert done.status_code == 201
            return
        for one in many:
            (folder / f"{one.uid}.ics").write_bytes(one.ics())
        for words in (
            ("add", "."),
            ("-c", "user.name=Sam", "-c", "user.email=sam@example.org", "commit", "-qm", "All"),
        ):
            subprocess.run(["git", *words], cwd=folder, check=True)


@dataclass
class LocalSide:
    """No server, and busy times as spans. What the partner does to our events is not heard of."""

    calendar: Calendar
    busy: MemoryBusy
    spans: list[Span]

    def adds(self, starts_at: datetime, ends_at: datetime) -> None:
        self.spans.append(span_of(starts_at, ends_at))
        self.busy.set(union(self.spans))

    def moves(self, uid: str, starts_at: datetime) -> None:
        """Nothing that we could see."""

    def deletes(self, uid: str) -> None:
        """Nothing that we could see."""


@dataclass
class FolderSide(LocalSide):
    """``folder`` is edited as khal and its like do it."""

    folder: Path

    def moves(self, uid: str, starts_at: datetime) -> None:
        ends_at, file = starts_at + timedelta(hours=1), self._file(uid)
        text = re.sub(r"DTSTART:\S+", f"DTSTART:{starts_at:%Y%m%dT%H%M%SZ}", file.read_text())
        file.write_text(re.sub(r"DTEND:\S+", f"DTEND:{ends_at:%Y%m%dT%H%M%SZ}", text))

    def deletes(self, uid: str) -> None:
        self._file(uid).unlink()

    def _file(self, uid: str) -> Path:
        return next(one for one in self.folder.glob("*.ics") if f"UID:{uid}" in one.read_text())


def own_times(partner: Partner) -> list[Span]:
    return [span_of(one.starts_at, one.ends_at) for one in appointments(partner.id, partner.zone)]
