"""No calendar address leads inside the host's own network (DESIGN, Never 9): a trap listens there, and hears nobody."""

from __future__ import annotations

import select
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from threading import Thread
from zoneinfo import ZoneInfo

import pytest
import trustme

from scheduler.adapters.caldav.account import Account, save
from scheduler.adapters.caldav.busy import CaldavBusy
from scheduler.adapters.caldav.calendar import CaldavCalendar
from scheduler.adapters.caldav.connect import connect
from scheduler.adapters.caldav.door import ShutError, Wire
from scheduler.adapters.memory import MemoryVault
from scheduler.domain.errors import RitualsError, Unavailable
from tests.build import at
from tests.contract.calendar_contract import make_event
from tests.servers.dav import PASSWORD, USER, radicale_server

pytestmark = pytest.mark.slow


class Trap:
    """Listens on every loopback address of one port; ``heard`` counts who came."""

    def __init__(self) -> None:
        self.heard = 0
        self._listening = [socket.create_server(("127.0.0.1", 0))]
        self.port = self._listening[0].getsockname()[1]
        if socket.has_dualstack_ipv6():
            self._listening.append(socket.create_server(("::1", self.port), family=socket.AF_INET6))
        self._threads = [Thread(target=self._listen, args=(one,), daemon=True) for one in self._listening]
        for thread in self._threads:
            thread.start()

    def _listen(self, listening: socket.socket) -> None:
        while True:
            try:
                came, _ = listening.accept()
            except OSError:
                return
            self.heard += 1
            came.close()

    def close(self) -> None:
        for one in self._listening:
            one.shutdown(socket.SHUT_RDWR)
            one.close()
        for thread in self._threads:
            thread.join()


@pytest.fixture
def trap() -> Iterator[Trap]:
    trap = Trap()
    yield trap
    trap.close()


HOSTS = [
    "127.0.0.1",
    "localhost",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "127.1",
    "0x7f.1",
    "0177.0.0.1",
    "2130706433",
    "0",
    "0.0.0.0",
    "[::]",
    "127.0.0.1.",
    "LOCALHOST",
]


@pytest.mark.parametrize("host", HOSTS)
def test_connecting_leads_nobody_inside(trap: Trap, host: str) -> None:
    for path in ("/", "/dav/"):
        with pytest.raises(RitualsError):
            connect(f"https://{host}:{trap.port}{path}", "sam", "secret")
    assert trap.heard == 0


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "2130706433"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_kept_address_leads_nobody_inside(trap: Trap, host: str, scheme: str) -> None:
    vault = MemoryVault()
    home = f"{scheme}://{host}:{trap.port}/sam/"
    save(vault, Account(home, "sam", "secret", collection=f"{home}rituals/"))
    calendar = CaldavCalendar(vault, title="Rituals", colour="", zone=ZoneInfo("UTC"))
    with pytest.raises(Unavailable):
        calendar.put(make_event(), None)
    with pytest.raises(Unavailable):
        calendar.seen(["coffee1"])
    with pytest.raises(Unavailable):
        calendar.remove(make_event(), None)
    with pytest.raises(Unavailable):
        CaldavBusy(vault, lambda *_: None).read(at("2026-11-23 00:00"), at("2026-11-24 00:00"), None)
    assert trap.heard == 0


def test_the_host_s_word_lets_their_own_server_in(trap: Trap) -> None:
    with pytest.raises(Unavailable):
        connect(f"http://127.0.0.1:{trap.port}/", "sam", "secret", inside=True)
    assert trap.heard > 0


def test_a_name_is_judged_at_each_connection_and_not_once(trap: Trap) -> None:
    """A name server that tells a public address first and then one inside."""
    verdicts = iter([True, False, False, False])
    vault = MemoryVault()
    home = f"https://127.0.0.1:{trap.port}/sam/"
    save(vault, Account(home, "sam", "secret", collection=f"{home}rituals/"))
    calendar = CaldavCalendar(vault, title="Rituals", colour="", zone=ZoneInfo("UTC"), public=lambda _: next(verdicts))
    for _ in range(3):
        with pytest.raises(Unavailable):
            calendar.seen(["coffee1"])
    assert trap.heard == 1


def test_no_variable_of_the_environment_leads_past_the_door(trap: Trap, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{trap.port}")
        monkeypatch.setenv(name.upper(), f"http://127.0.0.1:{trap.port}")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NIQUESTS_DNS_URL", f"dou://127.0.0.1:{trap.port}")
    with pytest.raises(Unavailable):
        connect("https://dav.invalid/", "sam", "secret")
    with radicale_server() as server:
        connect(server.url, USER, PASSWORD, inside=True)
    assert trap.heard == 0


def test_a_line_to_one_server_reaches_no_other(trap: Trap) -> None:
    wire = Wire("http://127.0.0.1:9/", inside=True)
    for url in (f"http://127.0.0.1:{trap.port}/", f"https://127.0.0.1:{trap.port}/", "file:///etc/passwd", "nonsense"):
        with pytest.raises(ShutError):
            wire.request("GET", url)
    wire.close()
    assert trap.heard == 0


def dripping(listening: socket.socket, context: ssl.SSLContext | None) -> None:
    came, _ = listening.accept()
    with suppress(OSError):
        line = context.wrap_socket(came, server_side=True) if context else came
        with line:
            line.recv(4096)
            line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
            for _ in range(600):
                line.sendall(b"x")
                select.select([], [], [], 0.05)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_an_answer_that_drips_for_ever_ends(scheme: str, tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        given = (listening, context if scheme == "https" else None)
        thread = Thread(target=dripping, args=given, daemon=True)
        thread.start()
        url = f"{scheme}://127.0.0.1:{listening.getsockname()[1]}/"
        wire = Wire(url, inside=True, longest=timedelta(seconds=0.3))
        begun = time.monotonic()
        with pytest.raises(OSError):  # noqa: PT011 - the library has many names for a line that went dead
            wire.request("GET", url, timeout=10, verify=str(tmp_path / "ca.pem"))
        assert time.monotonic() - begun < 5
        wire.close()
        thread.join(5)
        assert not thread.is_alive()


def test_a_server_that_says_nothing_is_not_waited_for(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        with pytest.raises(OSError, match="timed out"):
            Wire(url, inside=True).request("GET", url, timeout=0.2)


def test_a_server_that_cannot_prove_who_it_is_gets_no_password() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    heard: list[bytes] = []

    def serve(listening: socket.socket) -> None:
        while True:
            with suppress(ssl.SSLError, ConnectionError):
                try:
                    came, _ = listening.accept()
                except OSError:
                    return
                with came, context.wrap_socket(came, server_side=True) as line:
                    heard.append(line.recv(4096))

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = Thread(target=serve, args=(listening,), daemon=True)
        thread.start()
        with pytest.raises(Unavailable, match="certificate"):
            connect(f"https://127.0.0.1:{listening.getsockname()[1]}/", "sam", "secret", inside=True)
        listening.shutdown(socket.SHUT_RDWR)
        thread.join(5)
    assert b"".join(heard) == b""
