"""The servers of the machine, started once; each run gets fresh accounts on them. Not here: the partners."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from scheduler.adapters.memory import MemoryClock
from scheduler.domain.pace import Pace
from tests.machine.by_caldav import ByCaldav
from tests.machine.by_folder import ByFolder
from tests.machine.by_google import ByGoogle
from tests.machine.by_memory import ByMemory
from tests.machine.faults import CountingProxy
from tests.machine.partner import MachinePartner
from tests.servers.dav import DavServer, radicale_server, xandikos_server
from tests.servers.google import FakeGoogle


class Places:
    """``folder`` is where calendars on this machine may lie."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._dav: dict[str, tuple[DavServer, CountingProxy]] = {}
        self._google: CountingProxy | None = None
        self._folder = Path(stack.enter_context(TemporaryDirectory()))
        self._folders = 0

    @contextmanager
    def partner(self, route: str, clock: MemoryClock, pace: Pace) -> Iterator[MachinePartner]:
        if route == "memory":
            yield ByMemory(pace)
        elif route == "folder":
            self._folders += 1
            yield ByFolder(self._folder / str(self._folders))
        elif route == "google":
            with FakeGoogle(clock) as fake:
                fake.settings.per_user_a_minute = 10**6
                yield ByGoogle(fake, self._google_proxy(fake), clock)
        else:
            yield ByCaldav(route, *self._dav_server(route))

    def _google_proxy(self, fake: FakeGoogle) -> CountingProxy:
        """Always the same, for the client reads its discovery document anew for each address."""
        if self._google is None:
            self._google = CountingProxy(fake.url)
            self._stack.enter_context(self._google)
        self._google.clear()
        self._google.calls.clear()
        self._google.target = urlsplit(fake.url)
        return self._google

    def _dav_server(self, route: str) -> tuple[DavServer, CountingProxy]:
        if route not in self._dav:
            started = {"caldav": radicale_server, "xandikos": xandikos_server}[route]
            server = self._stack.enter_context(started())
            self._dav[route] = server, CountingProxy(server.url)
            self._stack.enter_context(self._dav[route][1])
        server, proxy = self._dav[route]
        proxy.clear()
        proxy.calls.clear()
        return server, proxy


@contextmanager
def places() -> Iterator[Places]:
    with ExitStack() as stack:
        yield Places(stack)
