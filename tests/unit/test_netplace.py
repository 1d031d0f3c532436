"""Which addresses lead out of the host's own network. Source of the blocks: notes/reliability.md §0.8, RFC 6890."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.netplace import is_public

INSIDE = (
    # IPv4: the first and last address of each block that is not the world's
    "0.0.0.0", "0.0.0.1", "0.255.255.255",
    "10.0.0.0", "10.255.255.255",
    "100.64.0.0", "100.100.100.200", "100.127.255.255",
    "127.0.0.1", "127.0.0.53", "127.255.255.255",
    "168.63.129.16",
    "169.254.0.0", "169.254.169.254", "169.254.255.255",
    "172.16.0.0", "172.17.0.1", "172.31.255.255",
    "192.0.0.0", "192.0.0.8", "192.0.0.192", "192.0.0.255",
    "192.0.2.1", "192.31.196.1", "192.52.193.1", "192.88.99.1",
    "192.168.0.0", "192.168.255.255",
    "192.175.48.1",
    "198.18.0.0", "198.19.255.255",
    "198.51.100.1", "203.0.113.1",
    "224.0.0.1", "239.255.255.255",
    "240.0.0.0", "255.255.255.254", "255.255.255.255",
    # IPv6
    "::", "::1", "::127.0.0.1", "::7f00:1", "::8.8.8.8",
    "::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:10.0.0.1", "::ffff:8.8.8.8", "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1", "64:ff9b::127.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b::169.254.169.254",
    "64:ff9b:1::1", "64:ff9b:1::8.8.8.8", "64:ff9b:0:0:1::1",
    "100::", "100::1", "100:0:0:1::1",
    "2001::1", "2001:0:7f00:1::", "2001:2::1", "2001:10::1", "2001:20::1", "2001:1ff:ffff::1",
    "2001:db8::1",
    "2002:7f00:1::", "2002:a00:1::", "2002:808:808::",
    "2620:4f:8000::1", "3ffe::1", "3fff::1", "3fff:fff::1", "5f00::1", "4000::1",
    "fc00::1", "fd00::1", "fd00:ec2::254", "fd20:ce::254",
    "fe80::1", "fe80::1%eth0", "febf::1", "fec0::1", "feff::1",
    "ff02::1", "ff0e::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
)  # fmt: skip
OUTSIDE = (
    "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0",
    "168.63.129.15", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.167.255.255",
    "192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255",
    "2606:4700:4700::1111", "2001:4860:4860::8888", "2001:200::1", "2a00:1450:4001:82a::200e", "2003::1", "2600::",
    "64:ff9b::8.8.8.8",
)  # fmt: skip
NO_ADDRESSES = (
    # what getaddrinfo takes for 127.0.0.1 or some other place: a socket never says it like that
    "0177.0.0.1", "0177.1", "017700000001", "2130706433", "127.1", "127.0.1", "0x7f.1", "0x7f000001", "0x7f.0.0.1",
    "127.0.0.01", "1.1.1.001", "0x1.1.1.1", "1.1.257", "1.1.1.1.", "1.1.1.256", "16843009",
    # and what is none at all
    "", " ", "localhost", "example.org", "1.1.1.1:80", "[2606:4700:4700::1111]", " 1.1.1.1", "1.1.1.1\n", "1.1.1.1/32",
    "\u0661.1.1.1", "1\u30021.1.1", "2606:4700:4700::1111%", "2606:4700:4700::1111%eth0", "2606:4700:4700::1111%25eth0",
    "1.1.1.1%eth0", "::ffff:0x7f.1", "1.1.1.1\x00",
)  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_the_hosts_own_network_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", OUTSIDE)
def test_the_neighbours_of_closed_blocks_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("text", NO_ADDRESSES)
def test_what_a_socket_would_never_say_is_not_public(text: str) -> None:
    assert not is_public(text)


@given(st.integers(0, 2**32 - 1))
def test_an_ipv4_address_is_never_more_public_than_the_standard_library_says(number: int) -> None:
    address = ip_address(number)
    assert not is_public(str(address)) or (address.is_global and not address.is_multicast)


@given(st.integers(0, 2**32 - 1))
def test_behind_nat64_the_inner_address_decides(number: int) -> None:
    inner = ip_address(number)
    assert is_public(f"64:ff9b::{inner}") == is_public(str(inner))


@given(st.text())
def test_any_text_gets_an_answer(text: str) -> None:
    assert isinstance(is_public(text), bool)


def test_runbound_110_ipv4_compatible_ipv6() -> None:
    assert not is_public("::127.0.0.1")
