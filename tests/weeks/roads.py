"""Every route set up for both partners of a couple, with all that passes over it written down. Not here: the week."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest import mock

import httpx
from google.auth import _helpers

from scheduler.adapters.feed import FeedCalendar
from scheduler.adapters.folder import FolderCalendar
from scheduler.adapters.invite import InviteCalendar
from scheduler.adapters.memory import MemoryBusy, MemoryClock, MemoryMailer
from scheduler.content.feed import feed, feed_etag
from scheduler.domain.couple import Couple, Partner
from scheduler.domain.event import Event
from scheduler.ports import Calendar
from tests.servers.dav import DavServer
from tests.servers.google import FakeGoogle
from tests.servers.proxy import Call, FaultProxy
from tests.servers.published import Asked, Published, answer
from tests.weeks.life import Week
from tests.weeks.sides import DavSide, FolderSide, GoogleSide, LocalSide, own_times
from tests.world import START, templates

AHEAD = timedelta(days=4)


@dataclass
class Road:
    """``calls`` gives what passed so far, by partner id; ``pass_by`` is run after each tick of the week.

    ``remote`` are the sides that a client of another kind could list.
    """

    week: Week
    calls: Callable[[str], Sequence[Call]]
    pass_by: Callable[[], None] = lambda: None
    remote: Mapping[str, GoogleSide | DavSide] = field(default_factory=dict)


@contextmanager
def google(couple: Couple) -> Iterator[Road]:
    """The library that renews tokens lives in the same time as all else."""
    clock = MemoryClock(START)

    def utcnow() -> datetime:
        return clock.now().replace(tzinfo=None)

    with ExitStack() as running:
        running.enter_context(mock.patch.object(_helpers, "utcnow", utcnow))
        fake = running.enter_context(FakeGoogle(clock))
        proxies = {one.id: running.enter_context(FaultProxy(fake.url)) for one in couple.partners}
        sides = {one.id: GoogleSide(fake, proxies[one.id], clock, one) for one in couple.partners}
        yield Road(Week(couple, sides, clock), lambda who: proxies[who].calls, remote=sides)


@contextmanager
def caldav(couple: Couple, server: Callable[[], AbstractContextManager[DavServer]]) -> Iterator[Road]:
    """Each partner has a server of their own."""
    with ExitStack() as running:
        sides = {}
        for one in couple.partners:
            home = running.enter_context(server())
            sides[one.id] = DavSide(home, running.enter_context(FaultProxy(home.url)), one)
        yield Road(Week(couple, sides, MemoryClock(START)), lambda who: sides[who].proxy.calls, remote=sides)


@contextmanager
def invite(couple: Couple) -> Iterator[Road]:
    """Calls are mails."""
    post = {one.id: MemoryMailer() for one in couple.partners}
    sides = {one.id: _local(one, _by_mail(one, post[one.id])) for one in couple.partners}
    week = Week(couple, sides, MemoryClock(START), ahead={one.id: AHEAD for one in couple.partners})
    yield Road(week, lambda who: [Call("MAIL", "", 250, len(one.data), 0) for one in post[who].sent])


def _by_mail(partner: Partner, mailer: MemoryMailer) -> InviteCalendar:
    def write(notice: Any, key: str) -> Any:
        return templates().notice(notice, "Rituals", "rituals@example.org", key)

    return InviteCalendar(mailer, partner=partner, contact="host@example.org", write=write)


def _local(partner: Partner, calendar: Calendar) -> LocalSide:
    spans = own_times(partner)
    return LocalSide(calendar, MemoryBusy(tuple(spans)), spans)


@contextmanager
def subscribed(couple: Couple) -> Iterator[Road]:
    """A program of each partner's fetches the feed every hour, and says what it has."""
    sides = {one.id: _local(one, FeedCalendar()) for one in couple.partners}
    week = Week(couple, sides, MemoryClock(START))
    with ExitStack() as running:
        readers = {one.id: running.enter_context(_Reader(week, one.id)) for one in couple.partners}

        def fetch() -> None:
            for one in readers.values() if week.clock.now().minute == 0 else ():
                one.fetch()

        yield Road(week, lambda who: readers[who].proxy.calls, fetch)


class _Reader(ExitStack):
    """A partner's feed, and the program that reads it."""

    def __init__(self, week: Week, partner: str) -> None:
        super().__init__()
        self._week, self._partner, self._known = week, partner, ""
        self.proxy = self.enter_context(FaultProxy(self.enter_context(Published(self._says)).url("")))

    def fetch(self) -> None:
        known = {"If-None-Match": self._known} if self._known else {}
        self._known = httpx.get(f"{self.proxy.url}/feed.ics", headers=known, trust_env=False).headers["ETag"]

    def _says(self, asked: Asked) -> list[bytes]:
        data = feed([one.event for one in self._week.events(self._partner)], "Together")
        tag = feed_etag(data)
        if asked.headers.get("if-none-match") == tag:
            return answer(304, etag=tag)
        return answer(200, data, etag=tag, content_type="text/calendar; charset=utf-8")


@contextmanager
def folder(couple: Couple) -> Iterator[Road]:
    """Calls are files that were written or taken away; what people do to files is not counted."""
    with TemporaryDirectory() as desk:
        kept = {one.id: _Watched(Path(desk) / one.id, one) for one in couple.partners}
        sides = {}
        for one in couple.partners:
            spans = own_times(one)
            sides[one.id] = FolderSide(kept[one.id], MemoryBusy(tuple(spans)), spans, Path(desk) / one.id)
        yield Road(Week(couple, sides, MemoryClock(START)), lambda who: kept[who].written)


class _Watched(FolderCalendar):
    """Counts the files of events that it replaces, makes and takes away."""

    def __init__(self, path: Path, partner: Partner) -> None:
        super().__init__(path, title="Together", colour="#c2603f", zone=partner.zone)
        self.written: list[Call] = []
        self._folder = path

    def put(self, event: Event, tag: str | None) -> str:
        before = self._inodes()
        tag = super().put(event, tag)
        sizes = [size for inode, size in self._inodes().items() if inode not in before]
        self.written += [Call("WRITE", "", 200, size, 0) for size in sizes]
        return tag

    def remove(self, event: Event, _tag: str | None) -> None:
        before = self._inodes()
        super().remove(event, _tag)
        self.written += [Call("TAKE AWAY", "", 200, 0, 0)] * (len(before) - len(self._inodes()))

    def _inodes(self) -> dict[int, int]:
        """With the size of each file of an event."""
        found = [one.stat() for one in self._folder.glob("*.ics")]
        return {one.st_ino: one.st_size for one in found}
