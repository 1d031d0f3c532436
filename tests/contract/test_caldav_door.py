"""No calendar address leads inside the host's own network (DESIGN, Never 9): a trap listens there, and hears nobody."""

from __future__ import annotations

import logging
import socket
import ssl
from collections.abc import Iterator
from contextlib import suppress
from threading import Thread
from zoneinfo import ZoneInfo

import pytest
import trustme

from scheduler.adapters.caldav.account import Account, save
from scheduler.adapters.caldav.busy import CaldavBusy
from scheduler.adapters.caldav.calendar import CaldavCalendar
from scheduler.adapters.caldav.connect import connect
from scheduler.adapters.caldav.door import Door
from scheduler.adapters.memory import MemoryVault
from scheduler.adapters.outward.exchange import Exchange
from scheduler.adapters.system import SystemClock
from scheduler.domain.errors import RitualsError, Unavailable
from tests.build import at
from tests.contract.calendar_contract import make_event
from tests.contract.dav_partner import EXCHANGE
from tests.servers.dav import PASSWORD, USER, radicale_server
from tests.servers.proxy import FaultProxy

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
            connect(f"https://{host}:{trap.port}{path}", "sam", "secret", exchange=EXCHANGE)
    assert trap.heard == 0


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "2130706433"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_kept_address_leads_nobody_inside(trap: Trap, host: str, scheme: str) -> None:
    vault = MemoryVault()
    home = f"{scheme}://{host}:{trap.port}/sam/"
    save(vault, Account(home, "sam", "secret", collection=f"{home}rituals/"))
    calendar = CaldavCalendar(vault, title="Rituals", colour="", zone=ZoneInfo("UTC"), exchange=EXCHANGE)
    with pytest.raises(Unavailable):
        calendar.put(make_event(), None)
    with pytest.raises(Unavailable):
        calendar.seen(["coffee1"])
    with pytest.raises(Unavailable):
        calendar.remove(make_event(), None)
    with pytest.raises(Unavailable):
        CaldavBusy(vault, lambda *_: None, exchange=EXCHANGE).read(at("2026-11-23 00:00"), at("2026-11-24 00:00"), None)
    assert trap.heard == 0


def test_the_host_s_word_lets_their_own_server_in(trap: Trap) -> None:
    with pytest.raises(Unavailable):
        connect(f"http://127.0.0.1:{trap.port}/", "sam", "secret", exchange=EXCHANGE, inside=True)
    assert trap.heard > 0


def test_a_name_is_judged_at_each_connection_and_not_once(trap: Trap) -> None:
    """A name server that tells a public address first and then one inside."""
    verdicts = iter([True, False, False, False])
    vault = MemoryVault()
    home = f"https://127.0.0.1:{trap.port}/sam/"
    save(vault, Account(home, "sam", "secret", collection=f"{home}rituals/"))
    exchange = Exchange(SystemClock(), trusted=lambda _: next(verdicts))
    calendar = CaldavCalendar(vault, title="Rituals", colour="", zone=ZoneInfo("UTC"), exchange=exchange)
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
    with pytest.raises(Unavailable):
        connect("https://dav.invalid/", "sam", "secret", exchange=EXCHANGE)
    with radicale_server() as server:
        connect(server.url, USER, PASSWORD, exchange=EXCHANGE, inside=True)
    assert trap.heard == 0


def test_a_line_to_one_server_reaches_no_other(trap: Trap) -> None:
    door = Door(Account("http://127.0.0.1:9/", "sam", "secret", inside=True), EXCHANGE)
    for url in (f"http://127.0.0.1:{trap.port}/", f"https://127.0.0.1:{trap.port}/", "file:///etc/passwd", "nonsense"):
        with pytest.raises(Unavailable):
            door.request("GET", url, data=b"", headers={})
    assert trap.heard == 0


def test_an_address_with_a_space_or_another_alphabet_is_quoted() -> None:
    asked: list[str] = []

    def exchange(method: str, url: str, **_: object) -> tuple[int, dict[str, str], bytes]:
        asked.append(url)
        return 200, {}, b""

    door = Door(Account("https://dav.example.org/", "sam", "secret"), exchange)
    door.request("GET", "https://dav.example.org/our käse/a%20b\\c/?d=e", data=b"", headers={})
    assert asked == ["https://dav.example.org/our%20k%C3%A4se/a%20b%5Cc/?d=e"]


def test_no_log_line_holds_an_address_a_password_or_an_answer(caplog: pytest.LogCaptureFixture) -> None:
    body = b"<canary/>"
    with FaultProxy("http://127.0.0.1:9") as proxy, caplog.at_level(logging.DEBUG):
        for kind, said in (("text/xml", body), ("text/calendar", body[1:]), ("text/xml", body[:-1])):
            proxy.quirk = lambda *_, kind=kind, said=said: (207, {"Content-Type": kind}, said)
            with pytest.raises(RitualsError):
                connect(f"{proxy.url}/canary/", "canary", "canary", exchange=EXCHANGE, inside=True)
    assert proxy.calls
    assert [line for line in caplog.messages if "canary" in line] == []


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
            connect(f"https://127.0.0.1:{listening.getsockname()[1]}/", "sam", "secret", exchange=EXCHANGE, inside=True)
        listening.shutdown(socket.SHUT_RDWR)
        thread.join(5)
    assert b"".join(heard) == b""
