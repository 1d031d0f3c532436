"""Certificates are checked for the name that was written, though the connection goes to an address that was checked.

Not here: everything else about fetching (test_outward).
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import trustme

from scheduler.adapters.outward.client import Outward
from scheduler.adapters.outward.limits import Limits
from scheduler.adapters.system import SystemClock
from scheduler.domain.errors import Unavailable
from tests.build import at
from tests.servers.published import Published, answer

pytestmark = pytest.mark.slow

INVALID = "has no valid certificate for its name"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


class Secure:
    """A server for one certificate, and the names that clients said they wanted (SNI)."""

    def __init__(self, certificate: trustme.LeafCert) -> None:
        self.wanted: list[str | None] = []
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(self.context)
        self.context.sni_callback = lambda _socket, name, _context: self.wanted.append(name)
        self.server = Published(lambda _: answer(body=b"BEGIN:VCALENDAR"), tls=self.context)


@pytest.fixture
def secure() -> Iterator[Callable[[trustme.LeafCert], Secure]]:
    running: list[Published] = []

    def start(certificate: trustme.LeafCert) -> Secure:
        one = Secure(certificate)
        running.append(one.server.__enter__())
        return one

    yield start
    for one in running:
        one.__exit__()


Start = Callable[[trustme.LeafCert], Secure]


def outward(one: Secure, authority: trustme.CA, connect_s: float = 5) -> Outward:
    def tls() -> ssl.SSLContext:
        context = ssl.create_default_context()
        authority.configure_trust(context)
        return context

    limits = Limits(ports=frozenset({one.server.port}), connect_s=connect_s)
    return Outward(
        SystemClock(),
        limits=limits,
        trusted=lambda address: address == "127.0.0.1",
        resolve=lambda host, port: ["127.0.0.1"],
        tls=tls,
    )


def test_a_certificate_for_the_name_is_accepted(secure: Start, authority: trustme.CA) -> None:
    one = secure(authority.issue_cert("calendar.test"))
    assert outward(one, authority).get(one.server.url(host="calendar.test")) is not None
    assert one.wanted == ["calendar.test"]
    assert one.server.asked[0].headers["host"] == f"calendar.test:{one.server.port}"


def test_a_name_beyond_ascii_is_asked_for_in_its_ascii_form(secure: Start, authority: trustme.CA) -> None:
    one = secure(authority.issue_cert("xn--bcher-kva.test"))
    assert outward(one, authority).get(one.server.url(host="b\u00fccher.test")) is not None
    assert one.wanted == ["xn--bcher-kva.test"]


def test_a_certificate_for_a_literal_is_accepted(secure: Start, authority: trustme.CA) -> None:
    one = secure(authority.issue_cert("127.0.0.1"))
    assert outward(one, authority).get(one.server.url()) is not None


@pytest.mark.parametrize("names", [("other.test",), ("127.0.0.1",), ("*.calendar.test",)])
def test_a_certificate_for_another_name_is_refused(
    secure: Start, authority: trustme.CA, names: tuple[str, ...]
) -> None:
    one = secure(authority.issue_cert(*names))
    with pytest.raises(Unavailable, match=INVALID):
        outward(one, authority).get(one.server.url(host="calendar.test"))
    assert one.server.asked == []


def test_a_certificate_of_an_authority_that_nobody_knows_is_refused(secure: Start, authority: trustme.CA) -> None:
    one = secure(trustme.CA().issue_cert("calendar.test"))
    with pytest.raises(Unavailable, match=INVALID):
        outward(one, authority).get(one.server.url(host="calendar.test"))
    assert one.server.asked == []


def test_a_certificate_that_ran_out_is_refused(secure: Start, authority: trustme.CA) -> None:
    past = at("2020-01-01 00:00")
    one = secure(authority.issue_cert("calendar.test", not_before=past, not_after=past + timedelta(days=1)))
    with pytest.raises(Unavailable, match=INVALID):
        outward(one, authority).get(one.server.url(host="calendar.test"))


def test_a_server_that_speaks_no_tls_is_told(authority: trustme.CA, secure: Start) -> None:
    one = secure(authority.issue_cert("calendar.test"))
    with Published(lambda _: answer()) as plain:
        one.server = plain
        with pytest.raises(Unavailable, match=r"takes too long to answer|cannot be reached"):
            outward(one, authority, connect_s=0.2).get(f"https://calendar.test:{plain.port}/")


def test_a_redirect_from_a_secure_address_to_a_plain_one_is_refused(secure: Start, authority: trustme.CA) -> None:
    one = secure(authority.issue_cert("calendar.test"))
    one.server.says = lambda _: answer(302, location=f"http://calendar.test:{one.server.port}/")
    with pytest.raises(Unavailable, match="leads on to an address that is not fetched"):
        outward(one, authority).get(one.server.url(host="calendar.test"))
    assert len(one.server.asked) == 1
