"""No address leads into the host's own network: whatever is written, looked up or sent on to, the trap stays empty.

Sources: notes/reliability.md T10 and fact 8; Postiz CVE-2026-40168 (redirects), Miniflux fe2bfb27 and Dayotter #138
(a name that is looked up twice), Runbound #110 (IPv4-compatible IPv6). Not here: what public addresses answer.
"""

from __future__ import annotations

import socket
import ssl
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack

import pytest
from pytest_socket import socket_allow_hosts

from scheduler.adapters.outward.client import Outward
from scheduler.adapters.outward.connection import addresses_of
from scheduler.adapters.outward.limits import Limits
from scheduler.adapters.system import SystemClock
from scheduler.domain.errors import Unavailable
from scheduler.domain.netplace import is_public
from tests.servers.published import Asked, Published, answer

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the trap takes the only loopback address")

PUBLIC = "127.0.0.3"
TRUSTS_NOBODY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
INSIDE = "leads inside this machine's own network; only public addresses are fetched"
OWN = (  # every way to write an address of our own network that a URL or a resolver takes
    "127.0.0.1", "127.0.0.2", "127.1", "127.0.1", "127.255.255.254", "0177.0.0.1", "0177.1", "00000177.1",
    "017700000001", "2130706433", "0x7f.1", "0x7f000001", "0x7f.0x0.0x0.0x1", "0x7F.0.0.1", "127.0x1", "127.0.0.1.",
    "0", "0.0.0.0", "0.0", "0x0", "0000", "00.0.0.0", "0.0.0.1", "localhost", "LocalHost", "localhost.",
    "10.0.0.1", "10.1", "167772161", "172.16.0.1", "172.31.255.255", "192.168.0.1", "192.168.1", "3232235521",
    "100.64.0.1", "100.100.100.200", "169.254.169.254", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376",
    "168.63.129.16", "192.0.0.192", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1",
    "239.255.255.250", "240.0.0.1", "255.255.255.255", "4294967295",
    "[::]", "[::1]", "[0:0:0:0:0:0:0:1]", "[0000::0001]", "[::127.0.0.1]", "[::7f00:1]", "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]", "[::FFFF:127.0.0.1]", "[::ffff:0:127.0.0.1]", "[::ffff:10.0.0.1]", "[::ffff:169.254.169.254]",
    "[64:ff9b::127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]",
    "[2001:0:7f00:1::]", "[fc00::1]", "[fd00:ec2::254]", "[fe80::1]", "[fec0::1]", "[ff02::1]", "[100::1]",
    "[2001:db8::1]", "[3fff::1]",
)  # fmt: skip
FORMS = (  # a host and a port → an address
    "https://{}:{}/calendar.ics", "webcal://{}:{}/calendar.ics", "http://{}:{}/", "HTTPS://{}:{}", "//{}:{}/",
    "https://example.org@{}:{}/", "https://me:word@{}:{}/", "https://{0}:{1}\\@example.org/",
    "https://{0}:{1}#@example.org/", "https://{0}:{1}?@example.org/",
    "https://\t{}:{}/", "https:/{}:{}/", "https:{}:{}",
)  # fmt: skip
TRICKS = (  # hosts that are refused before they are looked up, or lead nowhere
    "\uff11\uff12\uff17.0.0.1", "127\u30020\u30020\u30021", "\u2460\u2461\u2466.0.0.1", "[::1%25lo]", "[::1%lo]",
    "[fe80::1%25eth0]", "%31%32%37.0.0.1", "127.0.0.1%00.example.org", "127.0.0.1%23.example.org", "[127.0.0.1]",
    "loc\u00adalhost", "l\u043ecalhost", "\u24db\u24de\u24d2\u24d0\u24db\u24d7\u24de\u24e2\u24e3", "::1", "[::1]evil",
)  # fmt: skip


class Traps(ExitStack):
    """One listener on each loopback address, on one port."""

    def __init__(self) -> None:
        super().__init__()
        first = Published(lambda _: answer(body=b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"))
        self.port = first.port
        self.both = [self.enter_context(first)]
        if socket.has_ipv6:
            try:
                self.both.append(self.enter_context(Published(first.says, host="::1", port=self.port)))
            except OSError:  # a machine without IPv6
                return

    @property
    def connections(self) -> int:
        return sum(one.connections for one in self.both)


@pytest.fixture(autouse=True)
def two_places(loopback_only: None) -> None:
    """One that plays the public, one for the trap."""
    socket_allow_hosts(["127.0.0.1", PUBLIC, "::1", "localhost"])


@pytest.fixture(scope="module")
def traps() -> Iterator[Traps]:
    with Traps() as traps:
        yield traps


@pytest.fixture
def port(traps: Traps) -> Iterator[int]:
    """The trap's, that is let through; nobody may have come there."""
    before = traps.connections
    yield traps.port
    assert traps.connections == before


def literals(host: str, port: int) -> Sequence[str]:
    """The system's resolver, where it needs to ask nobody."""
    if host != "localhost" and set(host) & set("ghijklmnopqrstuvwyz"):
        raise socket.gaierror(socket.EAI_NONAME)
    return addresses_of(host, port)


class Names:
    """Knows ``*.test``: each time it is asked the next of the answers, the last one ever after."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self._answers = list(answers)
        self.asked = 0

    def __call__(self, host: str, port: int) -> Sequence[str]:
        if not host.endswith(".test"):
            return literals(host, port)
        self.asked += 1
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


def outward(
    *ports: int, trusted: Callable[[str], bool] = is_public, resolve: Callable[[str, int], Sequence[str]] = literals
) -> Outward:
    limits = Limits(ports=frozenset({80, 443, 8443, *ports}), plain=True)
    return Outward(SystemClock(), limits=limits, trusted=trusted, resolve=resolve, tls=lambda: TRUSTS_NOBODY)


def is_fixed(address: str) -> bool:
    """Stands in for is_public: the one loopback address that the trap does not listen at."""
    return address == PUBLIC


@pytest.mark.parametrize("host", OWN)
def test_a_literal_of_our_own_network_is_not_fetched(host: str, port: int) -> None:
    for scheme in ("https", "http", "webcal"):
        with pytest.raises(Unavailable, match=f"^{INSIDE}$"):
            outward(port).get(f"{scheme}://{host}:{port}/calendar.ics")


@pytest.mark.parametrize("form", FORMS)
def test_no_form_of_address_hides_where_it_leads(form: str, port: int) -> None:
    for host in ("127.0.0.1", "[::1]", "0177.0.0.1", "2130706433", "localhost"):
        with pytest.raises(Unavailable):
            outward(port).get(form.format(host, port))


@pytest.mark.parametrize("host", TRICKS)
def test_a_host_that_programs_read_differently_is_not_fetched(host: str, port: int) -> None:
    with pytest.raises(Unavailable):
        outward(port).get(f"https://{host}:{port}/")


def test_the_trap_would_have_caught_somebody(traps: Traps) -> None:
    before = traps.connections
    for host in ("127.0.0.1", "0177.0.0.1", "localhost"):
        outward(traps.port, trusted=lambda _: True).get(f"http://{host}:{traps.port}/")
    assert traps.connections == before + 3


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "::1", "fe80::1%eth0", "::ffff:127.0.0.1", "127.1", "a"])
def test_a_name_that_leads_inside_is_not_fetched(address: str, port: int) -> None:
    with pytest.raises(Unavailable, match=INSIDE):
        outward(port, resolve=Names([address])).get(f"https://calendar.test:{port}/")


@pytest.mark.parametrize("addresses", [("8.8.8.8", "127.0.0.1"), ("127.0.0.1", "8.8.8.8"), ("2600::", "::1")])
def test_a_name_with_one_answer_inside_is_not_fetched_at_all(addresses: tuple[str, ...], port: int) -> None:
    asked = 0

    def trusted(address: str) -> bool:
        nonlocal asked
        asked += 1
        return is_public(address)

    with pytest.raises(Unavailable, match=INSIDE):
        outward(port, trusted=trusted, resolve=Names(addresses)).get(f"https://calendar.test:{port}/")
    assert asked


def test_miniflux_fe2bfb27_dns_rebinding(port: int) -> None:
    """What was checked is what is connected to: the name is not looked up again."""
    with Published(lambda _: answer(body=b"the checked one"), host=PUBLIC, port=port) as checked:
        names = Names([PUBLIC], ["127.0.0.1"])
        client = outward(port, trusted=is_fixed, resolve=names)
        fetched = client.get(f"http://rebinding.test:{port}/")
    assert fetched is not None
    assert (checked.connections, names.asked) == (1, 1)
    with pytest.raises(Unavailable, match=INSIDE):
        client.get(f"http://rebinding.test:{port}/")


def test_a_name_that_turns_inside_between_two_hops_is_not_followed(port: int) -> None:
    def onwards(_: Asked) -> list[bytes]:
        return answer(302, location=f"http://rebinding.test:{port}/again")

    with Published(onwards, host=PUBLIC, port=port) as checked:
        names = Names([PUBLIC], ["127.0.0.1"])
        client = outward(port, trusted=is_fixed, resolve=names)
        with pytest.raises(Unavailable, match=INSIDE):
            client.get(f"http://rebinding.test:{port}/")
    assert (checked.connections, names.asked) == (1, 2)


@pytest.mark.parametrize("hops", [1, 2, 3])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "0x7f.1", "[::ffff:127.0.0.1]", "localhost", "inside.test"])
def test_postiz_2026_40168_redirect_to_private(hops: int, status: int, host: str, port: int) -> None:
    def onwards(asked: Asked) -> list[bytes]:
        count = int(asked.target[1:]) + 1
        there = f"http://{host}:{port}/" if count == hops else f"/{count}"
        return answer(status, location=there)

    with Published(onwards, host=PUBLIC) as public:
        client = outward(public.port, port, trusted=is_fixed, resolve=Names(["10.0.0.1"]))
        with pytest.raises(Unavailable, match=INSIDE):
            client.get(public.url("/0", PUBLIC))
    assert public.connections == hops


@pytest.mark.parametrize(
    "location",
    ["http://me:word@127.0.0.1:{}/", "//127.0.0.1:{}/", "///127.0.0.1:{}/", "\\\\127.0.0.1:{}\\", "/\\127.0.0.1:{}",
     "https://[::1%25lo]:{}/", "ftp://127.0.0.1:{}/", "file:///etc/passwd", "gopher://127.0.0.1:{}/_",
     "http:127.0.0.1:{}", "dict://127.0.0.1:{}/", "http://example.org@127.0.0.1:{}/", "http://127.0.0.1:{}#@example.org",
     "http://0:{}/", ""],
)  # fmt: skip
def test_no_redirect_leads_inside(location: str, port: int) -> None:
    def says(asked: Asked) -> list[bytes]:
        return answer(302, location=location.format(port)) if asked.target == "/first" else answer(404)

    with Published(says, host=PUBLIC) as public:
        client = outward(public.port, port, trusted=is_fixed)
        with pytest.raises(Unavailable):
            client.get(public.url("/first", PUBLIC))


def test_a_redirect_to_another_port_is_refused(traps: Traps, port: int) -> None:
    with Published(lambda _: answer(302, location=f"http://{PUBLIC}:{port}/"), host=PUBLIC) as public:
        client = outward(public.port, trusted=is_fixed)
        with pytest.raises(Unavailable, match="leads on to an address that is not fetched"):
            client.get(public.url(host=PUBLIC))


def test_proxies_of_the_environment_are_not_used(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{port}")
    with Published(lambda _: answer(), host=PUBLIC) as public:
        client = outward(public.port, trusted=is_fixed)
        assert client.get(public.url(host=PUBLIC))
    assert public.connections == 1


def test_neither_the_literal_nor_the_answer_is_told(port: int) -> None:
    for host in ("10.11.12.13", "inside.test"):
        with pytest.raises(Unavailable) as caught:
            outward(port, resolve=Names(["10.11.12.13"])).get(f"https://{host}:{port}/path")
        assert "10.11" not in str(caught.value)
