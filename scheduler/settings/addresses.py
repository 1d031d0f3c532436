"""Turns what people write about calendars and addresses into values. Not here: which go together (calendars)."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

from scheduler.settings.fields import text
from scheduler.settings.model import Account
from scheduler.settings.spelling import choose

ROUTES = ("folder", "google", "caldav", "invite", "feed")
_ACCOUNTS = tuple(one.value for one in Account)
_PRINTED = re.compile(r"[!-~]{1,2000}")
_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


def route(value: object) -> str:
    word = text(value)
    if word not in ROUTES:
        raise ValueError(choose("a calendar route", word, list(ROUTES)))
    return word


def route_table(value: object) -> object:
    """A calendar that is given by its route alone, as the table it stands for."""
    if not isinstance(value, str | dict):
        raise ValueError('must be "folder", "google", "caldav", "invite", "feed", or a table')
    return {"route": value} if isinstance(value, str) else value


def path_table(value: object) -> object:
    """A file that is given by its path alone, as the table it stands for."""
    if not isinstance(value, str | dict):
        raise ValueError("must be a path in quotes, or a table")
    return {"path": value} if isinstance(value, str) else value


def busy_table(value: object) -> object:
    """A busy source that is given by one word, path or address alone, as the table it stands for."""
    if isinstance(value, str):
        key = "account" if value in _ACCOUNTS else "url" if "://" in value else "path"
        value = {key: value}
    if not isinstance(value, dict):
        raise ValueError("must be a path, an address or an account in quotes, or a table")
    return {"path": "", **value} if {"url", "account"} & value.keys() else value


def account_or_none(value: object) -> Account | None:
    word = text(value)
    if word and word not in _ACCOUNTS:
        raise ValueError(choose("an account", word, list(_ACCOUNTS)))
    return Account(word) if word else None


def maybe_url(value: object) -> str:
    """The address of a published calendar; webcal:// is another spelling of https://."""
    written = text(value).strip()
    if not written:
        return ""
    written = re.sub(r"(?i)^webcals?://", "https://", written)
    parts = _parts(written)
    if parts is None or parts.scheme.lower() != "https":
        raise ValueError("is not the address of a calendar; it begins with https:// or webcal://")
    if "@" in parts.netloc:
        raise ValueError("holds a name or password; publish the calendar under an address that needs none")
    return written


def maybe_origin(value: object) -> str:
    """Scheme and host, such as "https://rituals.example.org"; plain http goes for this machine alone."""
    written = text(value).strip().rstrip("/")
    if not written:
        return ""
    parts = _parts(written)
    if parts is None or parts.path or parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError('is not an address; write it as "https://rituals.example.org", without anything behind it')
    host = parts.netloc.rpartition(":")[0] if re.search(r":\d+$", parts.netloc) else parts.netloc
    if parts.scheme != "https" and not (parts.scheme == "http" and host in _LOOPBACK):
        raise ValueError("must begin with https://: what partners open there is private")
    return written


def _parts(written: str) -> SplitResult | None:
    try:
        parts = urlsplit(written)
        good = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None
    return parts if good and _PRINTED.fullmatch(written) else None
