"""Which texts are addresses that may be asked. Not here: where their names lead (tests/edge/test_outward_inside)."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.adapters.outward.address import Address, read_address, redirected
from scheduler.adapters.outward.limits import USUAL, Limits
from scheduler.domain.errors import Unavailable

HERE = Address("https", "example.org", 443, "/a/calendar.ics?key=1")
PLAIN = Limits(plain=True)


def read(text: str) -> Address:
    return read_address(text, USUAL)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://example.org/a.ics", Address("https", "example.org", 443, "/a.ics")),
        ("webcal://example.org/a.ics", Address("https", "example.org", 443, "/a.ics")),
        ("webcals://example.org/a.ics", Address("https", "example.org", 443, "/a.ics")),
        ("  https://EXAMPLE.org./a.ics\n", Address("https", "example.org", 443, "/a.ics")),
        ("https://example.org", Address("https", "example.org", 443, "/")),
        ("https://example.org:8443/a?b=c#d", Address("https", "example.org", 8443, "/a?b=c")),
        ("https://example.org/%7Ea/b%20c", Address("https", "example.org", 443, "/%7Ea/b%20c")),
        ("https://example.org/käse", Address("https", "example.org", 443, "/k%C3%A4se")),
        ("https://bücher.example/a", Address("https", "xn--bcher-kva.example", 443, "/a")),
        ("https://[2606:4700:4700::1111]/a", Address("https", "2606:4700:4700::1111", 443, "/a")),
        ("https://example.org/a@b/c", Address("https", "example.org", 443, "/a@b/c")),
    ],
)
def test_a_published_address_is_read(text: str, address: Address) -> None:
    assert read(text) == address


@pytest.mark.parametrize(
    ("address", "netloc"),
    [
        (Address("https", "example.org", 443, "/"), "example.org"),
        (Address("https", "example.org", 8443, "/"), "example.org:8443"),
        (Address("http", "example.org", 80, "/"), "example.org"),
        (Address("https", "::1", 80, "/"), "[::1]:80"),
    ],
)
def test_the_host_header_is_what_servers_expect(address: Address, netloc: str) -> None:
    assert address.netloc == netloc


@pytest.mark.parametrize(
    "text",
    ["http://example.org/a.ics", "ftp://example.org/a", "file:///etc/passwd", "gopher://example.org", "//example.org/a",
     "example.org/a.ics", "", "javascript:alert(1)", "unix:///run/a.sock", "data:text/calendar,BEGIN:VCALENDAR"],
)  # fmt: skip
def test_only_https_is_asked(text: str) -> None:
    with pytest.raises(Unavailable, match="begins with https"):
        read(text)


@pytest.mark.parametrize(
    "text",
    ["https://me:word@example.org/a", "https://me@example.org/a", "https://@example.org/a",
     "https://example.org@evil.example/a", "https://example.org:443@evil.example/a"],
)  # fmt: skip
def test_a_login_in_an_address_is_refused_with_advice(text: str) -> None:
    with pytest.raises(Unavailable, match="needs no login"):
        read(text)


@pytest.mark.parametrize("port", [0, 1, 22, 25, 8080, 5984, 6379, 65535])
def test_only_ports_of_web_servers_are_asked(port: int) -> None:
    with pytest.raises(Unavailable, match="443 or 8443"):
        read(f"https://example.org:{port}/a")


@pytest.mark.parametrize(
    "text",
    [
        "https:///a.ics", "https://", "https://:443/a", "https://example.org:99999/a", "https://example.org:x/a",
        "https://example.org\\@evil.example/a", "https://evil.example\\.example.org/a", "https:\\\\example.org\\a",
        "https://exam ple.org/a", "https://example.org/a b", "https://example.org/a\tb", "https://exam\nple.org/a",
        "https://example.org/\x00", "https://example.org/a\u2028b", "https://exam\u200bple.org/",
        "https://ex%61mple.org/a", "https://127.0.0.1%2f@example.org", "https://example.org%00.evil.example/",
        "https://example..org/a", "https://.example.org/a", "https://-example.org/", f"https://{'a' * 64}.org/",
        f"https://{'a.' * 127}org/", f"https://example.org/{'a' * 4096}",
        "https://[::1/a", "https://::1]/a", "https://[fe80::1%25eth0]/a", "https://[fe80::1%eth0]/a",
        "https://[v1.fe80]/a", "https://[127.0.0.1]/a", "https://2606:4700::1/a", "https://[]/a",
        "https://fa\u00df.example/a", "https://example\u3002org/a", "https://\uff11\uff12\uff17.0.0.1/a",
        "https://\u2460.example/a", "https://exam\u00adple.org/", "https://ex\u2100mple.org/",
        "https://example,org/", "https://example.org;a/", "https://ex*mple.org/", "https://$(id).example/",
    ],
)  # fmt: skip
def test_what_can_be_read_in_two_ways_is_asked_in_neither(text: str) -> None:
    with pytest.raises(Unavailable, match=r"copy it again|needs no login"):
        read(text)


@pytest.mark.parametrize(
    ("location", "there"),
    [
        ("b.ics", Address("https", "example.org", 443, "/a/b.ics")),
        ("/b.ics?c=d", Address("https", "example.org", 443, "/b.ics?c=d")),
        ("../b.ics", Address("https", "example.org", 443, "/b.ics")),
        ("https://other.example/b", Address("https", "other.example", 443, "/b")),
        ("//other.example/b", Address("https", "other.example", 443, "/b")),
        ("webcal://other.example/b", Address("https", "other.example", 443, "/b")),
        ("/\u00e4", Address("https", "example.org", 443, "/%C3%A4")),
    ],
)
def test_a_redirect_is_followed_from_where_we_are(location: str, there: Address) -> None:
    assert redirected(HERE, location, USUAL) == there


@pytest.mark.parametrize(
    "location",
    ["http://example.org/a", "ftp://example.org/a", "file:///etc/passwd", "https://me:word@example.org/",
     "//me@evil.example/", "\\\\evil.example/", "/\\evil.example/", "https://example.org:22/", "https://[::1",
     "https://fe80::1%25eth0/", "/a b", "\ufffd\u200b", "https://ex%61mple.org/"],
)  # fmt: skip
def test_a_redirect_is_held_to_the_same_rules(location: str) -> None:
    with pytest.raises(Unavailable, match="leads on to an address that is not fetched"):
        redirected(HERE, location, USUAL)


def test_even_where_http_is_let_through_a_secure_address_does_not_lead_to_it() -> None:
    with pytest.raises(Unavailable, match="from a secure address to one that is not"):
        redirected(HERE, "http://example.org/a", PLAIN)


def test_the_secret_part_is_not_shown_where_an_address_is_printed() -> None:
    assert "key" not in repr(HERE)


@given(st.text())
def test_any_text_is_an_address_or_refused(text: str) -> None:
    with suppress(Unavailable):
        read(f"https://{text}")
    with suppress(Unavailable):
        redirected(HERE, text, USUAL)


@given(st.text(max_size=40))
def test_an_address_that_is_read_holds_only_what_a_request_line_may(text: str) -> None:
    with suppress(Unavailable):
        address = read(f"https://example.org/{text}")
        assert set(address.target) <= set(map(chr, range(0x21, 0x7F)))
        assert address.host == "example.org"
