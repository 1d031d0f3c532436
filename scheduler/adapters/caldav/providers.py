"""What a person types for a calendar server → where to begin to look. Not here: looking (connect)."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

from scheduler.domain.errors import Refused

WELL_KNOWN = "/.well-known/caldav"  # RFC 6764 §5
# Where each begins. Source: the server profiles of caldav 3.6.0 (compatibility_hints), but for Fastmail, whose
# address the calendar notes give. Nextcloud stands on its owner's host.
_KNOWN = {
    "icloud": "https://caldav.icloud.com/",
    "fastmail": "https://caldav.fastmail.com/",
    "gmx": "https://caldav.gmx.net/begenda/dav/{user}/",
    "posteo": "https://posteo.de:8443/",
}
_DOMAINS = {
    "icloud.com": "icloud",
    "me.com": "icloud",
    "mac.com": "icloud",
    "fastmail.com": "fastmail",
    "fastmail.fm": "fastmail",
    "gmx.de": "gmx",
    "gmx.net": "gmx",
    "posteo.de": "posteo",
    "posteo.net": "posteo",
}
_GOOGLE = ("google", "gmail")
_GOOGLES_HOST = re.compile(r"(?:.*\.)?(?:google|gmail|googlemail|googleusercontent)\.com")
_HOST = re.compile(r"(?i)[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?")
# Families of hosts among which an account may be led on with its password: iCloud gives each account one of its own.
_FAMILIES = (".icloud.com",)

_TYPE = "give the address of the calendar server, as https://dav.example.org, or icloud, fastmail, nextcloud HOST"


def start_of(address: str, user: str, *, inside: bool) -> tuple[str, ...]:
    """Where to look for what a person typed: a provider's name, "nextcloud HOST", a URL, a domain, a mail address.

    In order. Raises Refused with what would be right.
    """
    typed = address.strip()
    word, _, rest = typed.partition(" ")
    if word.lower() == "nextcloud" and rest.strip():
        return _at_url(f"https://{rest.strip().removeprefix('https://').rstrip('/')}/remote.php/dav/", inside)
    if "://" in typed:
        return _at_url(typed, inside)
    domain = typed.rpartition("@")[2].rstrip("/").lower()
    if domain in _GOOGLE or _GOOGLES_HOST.fullmatch(domain):
        raise _google()
    known = _KNOWN.get(domain) or _KNOWN.get(_DOMAINS.get(domain, ""))
    if known:
        return (known.format(user=quote(user, safe="")),)
    host, slash, path = domain.partition("/")
    if "." not in host or not _HOST.fullmatch(host):
        raise Refused(f"that is no calendar server that we know; {_TYPE}")
    return _at_url(f"https://{typed.rpartition('@')[2]}" if slash and path else f"https://{host}", inside)


def may_lead(start: str, then: str) -> bool:
    """Whether the password may follow from one address to another: same host, one below it, or of one family."""
    one, other = urlsplit(start), urlsplit(then)
    host, next_host = (part.hostname or "" for part in (one, other))
    if (other.scheme, other.netloc) == (one.scheme, one.netloc):
        return True
    if other.scheme != "https":
        return False
    return next_host == host or next_host.endswith((f".{host}", *(f for f in _FAMILIES if host.endswith(f))))


def _at_url(url: str, inside: bool) -> tuple[str, ...]:
    try:
        parts = urlsplit(url)
        netloc_is_plain = bool(_HOST.fullmatch(parts.netloc)) or parts.netloc.startswith("[")
        _ = parts.port  # raises for one beyond 65535
    except ValueError:
        raise Refused(f"that is no address; {_TYPE}") from None
    if "@" in parts.netloc:
        raise Refused("leave the name and the password out of the address; they are asked for by themselves")
    if parts.scheme != "https" and not (inside and parts.scheme == "http"):
        raise Refused("the address must begin with https://, or anybody on the way could read the password")
    if not netloc_is_plain:
        raise Refused(f"that is no address; {_TYPE}")
    if _GOOGLES_HOST.fullmatch((parts.hostname or "").lower()):
        raise _google()
    root = f"{parts.scheme}://{parts.netloc}"
    own = f"{root}{parts.path}"
    return (own, f"{root}{WELL_KNOWN}") if parts.path.strip("/") else (f"{root}{WELL_KNOWN}", f"{root}/")


def _google() -> Refused:
    return Refused('Google lets nobody in with a password; choose route = "google" and run: rituals connect google')
