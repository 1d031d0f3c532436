"""Texts → addresses that may be asked at all. Not here: where their names lead to (connection).

Strict where programs disagree about a text (a backslash, a login in front of the host, a percent sign in it): what
is read in two ways is asked in neither.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from ipaddress import IPv6Address
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from scheduler.adapters.outward.limits import Limits
from scheduler.domain.errors import Unavailable

_LONGEST = 4096
_PORTS = {"https": 443, "http": 80}
_SUBSCRIBED = {"webcal": "https", "webcals": "https"}  # what programs that subscribe to a calendar are started by
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*", re.ASCII)
_LONGEST_NAME = 253  # RFC 1035 §2.3.4
_AS_IT_IS = "".join(map(chr, range(0x21, 0x7F)))


@dataclass(frozen=True, slots=True)
class Address:
    """``host`` is ASCII and lower case, an IPv6 literal without its brackets; ``target`` the path and query."""

    scheme: str
    host: str
    port: int
    target: str = field(repr=False)  # the secret part

    @property
    def netloc(self) -> str:
        """Host and port as the Host header says them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


def read_address(text: str, limits: Limits) -> Address:
    """The address that a person wrote. Raises Unavailable with what to do, without a subject."""
    parts = _split(text.strip())
    scheme = _SUBSCRIBED.get(parts.scheme, parts.scheme)
    if scheme not in _PORTS or (scheme == "http" and not limits.plain):
        raise Unavailable("is not an https address; copy the published address that begins with https")
    if "@" in parts.netloc:
        raise Unavailable("carries a name or password; use a published address, which needs no login")
    port = _PORTS[scheme] if (named := _port(parts)) is None else named
    if limits.ports is not None and port not in limits.ports:
        raise Unavailable("names a port that is not asked; published calendars are at 443 or 8443")
    query = f"?{parts.query}" if parts.query else ""
    return Address(scheme, _host(parts), port, quote((parts.path or "/") + query, safe=_AS_IT_IS))


def redirected(here: Address, location: str, limits: Limits) -> Address:
    """Where an answer sends on to; ``location`` may be relative. Raises Unavailable where we do not follow."""
    try:
        there = read_address(urljoin(f"{here.scheme}://{here.netloc}{here.target}", location), limits)
    except (Unavailable, ValueError):
        raise Unavailable("leads on to an address that is not fetched; copy the calendar's own address") from None
    if here.scheme == "https" and there.scheme == "http":
        raise Unavailable("leads on from a secure address to one that is not; copy the calendar's own address")
    return there


def _split(text: str) -> SplitResult:
    if len(text) > _LONGEST or "\\" in text or not text.isprintable() or any(map(str.isspace, text)):
        raise _unreadable()
    try:
        return urlsplit(text)
    except ValueError:
        raise _unreadable() from None


def _port(parts: SplitResult) -> int | None:
    try:
        return parts.port
    except ValueError:
        raise _unreadable() from None


def _host(parts: SplitResult) -> str:
    host = (parts.hostname or "").removesuffix(".")
    if parts.netloc.startswith("["):
        return _literal(host)
    name = host if host.isascii() else _in_ascii(host)
    if len(name) > _LONGEST_NAME or not _NAME.fullmatch(name):
        raise _unreadable()
    return name


def _literal(host: str) -> str:
    try:
        address = IPv6Address(host)
    except ValueError:
        raise _unreadable() from None
    if address.scope_id is not None:
        raise _unreadable()
    return str(address)


def _in_ascii(host: str) -> str:
    """Only names that the old and the new rules (RFC 3490, RFC 5891) write alike: others lead to two hosts."""
    try:
        name = host[:_LONGEST_NAME].encode("idna").decode("ascii")
        same = name.encode("ascii").decode("idna") == host
    except UnicodeError:
        raise _unreadable() from None
    if not same:
        raise _unreadable()
    return name


def _unreadable() -> Unavailable:
    return Unavailable("cannot be read as an address; copy it again, whole and as it is")
