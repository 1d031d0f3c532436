"""Which internet addresses lead out of this machine's own network. Not here: names, ports, connecting (adapters).

``ipaddress.is_global`` is no such judge: it lets through ``::127.0.0.1``, ``64:ff9b::7f00:1`` and ``fec0::1``.
Source, where nothing else is said: the IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890).
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_address

_CLOSED_4 = tuple(
    IPv4Network(block)
    for block in (
        "0.0.0.0/8",  # this host, on Linux another name for 127.0.0.1 (RFC 791 §3.2)
        "10.0.0.0/8",  # private (RFC 1918)
        "100.64.0.0/10",  # a provider's shared space; metadata of one cloud (RFC 6598)
        "127.0.0.0/8",  # loopback (RFC 1122 §3.2.1.3)
        "168.63.129.16/32",  # looks public; Azure answers it inside every one of its machines (Microsoft Learn)
        "169.254.0.0/16",  # link-local; metadata of most clouds (RFC 3927)
        "172.16.0.0/12",  # private (RFC 1918)
        "192.0.0.0/24",  # protocol assignments; metadata of one cloud (RFC 6890 §2.1)
        "192.0.2.0/24",  # documentation (RFC 5737)
        "192.31.196.0/24",  # AS112, answered by the nearest network (RFC 7535)
        "192.52.193.0/24",  # automatic multicast tunneling, likewise (RFC 7450)
        "192.88.99.0/24",  # 6to4 relays, given up (RFC 7526)
        "192.168.0.0/16",  # private (RFC 1918)
        "192.175.48.0/24",  # AS112, likewise (RFC 7534)
        "198.18.0.0/15",  # benchmarking (RFC 2544)
        "198.51.100.0/24",  # documentation (RFC 5737)
        "203.0.113.0/24",  # documentation (RFC 5737)
        "224.0.0.0/4",  # multicast (RFC 5771)
        "240.0.0.0/4",  # reserved, and broadcast at its end (RFC 1112 §4, RFC 919 §7)
    )
)
# Global unicast is handed out of this block alone (RFC 4291 §2.4, IANA IPv6 Address Space), so nothing outside needs
# a name: ::1, ::127.0.0.1, ::ffff:127.0.0.1, 64:ff9b:1::/48 (RFC 8215), 100::/64 (RFC 6666), 5f00::/16 (RFC 9602),
# fc00::/7 (RFC 4193), fe80::/10 and fec0::/10 (RFC 4291, RFC 3879), ff00::/8, and whatever comes to be.
_OPEN_6 = IPv6Network("2000::/3")
_CLOSED_6 = tuple(
    IPv6Network(block)
    for block in (
        "2001::/23",  # Teredo, benchmarking, ORCHIDs and other protocols (RFC 2928, 4380, 5180, 4843, 7343, 9374)
        "2001:db8::/32",  # documentation (RFC 3849)
        "2002::/16",  # 6to4: an IPv4 address inside, and given up (RFC 3056, RFC 7526)
        "2620:4f:8000::/48",  # AS112 (RFC 7534)
        "3ffe::/16",  # the 6bone, given back (RFC 3701)
        "3fff::/20",  # documentation (RFC 9637)
    )
)
_NAT64 = IPv6Network("64:ff9b::/96")  # how a machine without IPv4 reaches one: the last 32 bits are it (RFC 6052)


def is_public(address: str) -> bool:
    """Whether a connection to ``address``, numeric as a socket names it, leaves the host's own network.

    >>> is_public("1.1.1.1"), is_public("127.0.0.1"), is_public("127.1"), is_public("example.org")
    (True, False, False, False)
    """
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if isinstance(found, IPv4Address):
        return _is_open_4(found)
    if found.scope_id is not None:
        return False
    if found in _NAT64:
        return _is_open_4(IPv4Address(found.packed[-4:]))
    return found in _OPEN_6 and not any(found in block for block in _CLOSED_6)


def _is_open_4(address: IPv4Address) -> bool:
    return not any(address in block for block in _CLOSED_4)
