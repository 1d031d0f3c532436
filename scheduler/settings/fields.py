"""Turns what people write into domain values, one small function for each kind of value.

Not here: which table has which keys (schema) and how a complaint names its place (report). A ValueError raised
here reads on from ``key = "value" …``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from enum import Enum
from ipaddress import ip_address
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from scheduler.domain.cadence import CADENCES, Cadence, parse_cadence
from scheduler.domain.deck import Theme
from scheduler.domain.localtime import (
    DAY_MINUTES,
    WEEKDAY_NAMES,
    WallSpan,
    parse_clock,
    parse_weekday,
    parse_window,
    zone_named,
)
from scheduler.domain.message import MailKind
from scheduler.domain.ritual import ANCHORS, Anchor, Size, parse_anchor
from scheduler.settings.spelling import choose, nearest_zone

Choice = TypeVar("Choice", bound=Enum)

_LOCAL = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*", re.ASCII)
_DOMAIN = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9-]{1,63}(?<!-))*")
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_DECK = re.compile(r"[a-z0-9_-]{1,40}")
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_UNSAFE = {"Cc", "Cs", "Co", "Zl", "Zp"}
_TURNS_TEXT = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("must be text in quotes")
    return value


def words(longest: int, *, empty: bool = False) -> Callable[[object], str]:
    """One line of plain text that is safe in a mail header and in a calendar; 1 to ``longest`` characters."""

    def check(value: object) -> str:
        line = text(value).strip()
        if not line and not empty:
            raise ValueError("is empty")
        if len(line) > longest:
            raise ValueError(f"is too long; at most {longest} characters")
        if any(unicodedata.category(sign) in _UNSAFE or sign in _TURNS_TEXT for sign in line):
            raise ValueError("must be one line without control characters")
        if "=?" in line:
            raise ValueError('must not contain "=?": mail programs read it as code')
        return line

    return check


def between(low: float, high: float, unit: str) -> Callable[[float], float]:
    """A number in low..high, both included."""

    def check(value: float) -> float:
        if not low <= value <= high:
            raise ValueError(f"is outside {low:g} to {high:g} ({unit})")
        return value

    return check


def one_of(kinds: type[Choice], what: str) -> Callable[[object], Choice]:
    def check(value: object) -> Choice:
        word = text(value)
        for kind in kinds:
            if kind.value == word:
                return kind
        raise ValueError(choose(what, word, [kind.value for kind in kinds]))

    return check


theme = one_of(Theme, "a theme")


def address(value: object) -> str:
    """An email address; an international domain in its xn-- form."""
    mail = text(value).strip()
    local, at, domain = mail.rpartition("@")
    good = at and len(local) <= 64 and len(mail) <= 254 and _LOCAL.fullmatch(local) and _DOMAIN.fullmatch(domain)
    if not good:
        raise ValueError('is not an email address; write it as "name@example.org"')
    return mail


def maybe_address(value: object) -> str:
    return "" if value == "" else address(value)


def maybe_host(value: object) -> str:
    host = text(value)
    if host and not _DOMAIN.fullmatch(host) and not _is_ip(host):
        raise ValueError('is not the name of a server; write it as "mail.example.org", the port apart')
    return host


def _is_ip(host: str) -> bool:
    try:
        return bool(ip_address(host))
    except ValueError:
        return False


def zone(value: object) -> ZoneInfo:
    name = text(value)
    try:
        return zone_named(name)
    except ValueError:
        near = nearest_zone(name) or '; write it like "Europe/Berlin"'
        raise ValueError(f"is not an IANA time zone{near}") from None


def zone_or_none(value: object) -> ZoneInfo | None:
    return None if value == "" else zone(value)


def window(value: object) -> WallSpan:
    written = text(value)
    try:
        return parse_window(written)
    except ValueError as err:
        told = str(err)
        if told.startswith(f'"{written}"') or not told.startswith('"'):
            told = 'write it as "mon-thu 18:00-21:30"'
        raise ValueError(f"is not a window: {told}") from None


def window_or_none(value: object) -> WallSpan | None:
    """A window, or None for false."""
    if value is False:
        return None
    if not isinstance(value, str):
        raise ValueError('must be a window like "21:30-07:00", or false')
    return window(value)


def clock(value: object) -> int:
    """Minutes after midnight, 0-1439."""
    try:
        minute = parse_clock(text(value))
    except ValueError:
        minute = DAY_MINUTES
    if minute == DAY_MINUTES:
        raise ValueError('is not a time of day; write it as "18:30"')
    return minute


def clock_or_none(value: object) -> int | None:
    return None if value == "" else clock(value)


def weekday(value: object) -> int:
    word = text(value)
    try:
        return parse_weekday(word)
    except ValueError:
        raise ValueError(choose("a weekday", word, WEEKDAY_NAMES)) from None


def weekday_or_none(value: object) -> int | None:
    return None if value == "" else weekday(value)


def cadence(value: object) -> Cadence:
    written = text(value)
    try:
        return parse_cadence(written)
    except ValueError as err:
        if "day of the year" in str(err):
            raise ValueError('is not a day of the year; write it as "yearly on 14 june"') from None
        raise ValueError(choose("a cadence", written, CADENCES)) from None


def anchor_or_none(value: object) -> Anchor | None:
    """What ties a ritual to the day, or None for empty text."""
    if (written := text(value)) == "":
        return None
    try:
        return parse_anchor(written)
    except ValueError as err:
        complaint = choose("an anchor", written, ANCHORS)
        raise ValueError("is outside 5 minutes to 4 hours" if "holds for" in str(err) else complaint) from None


def size(value: object) -> Size:
    names = [one.name.lower() for one in Size]
    if (word := text(value)) not in names:
        raise ValueError(choose("a length", word, names))
    return Size[word.upper()]


def restful_mail(value: object) -> MailKind:
    """A kind of mail that may rest: consent, its first hello and access are not among them."""
    lasting = (MailKind.INVITATION, MailKind.WELCOME, MailKind.RECONNECT)
    kinds = [one.value for one in MailKind if one not in lasting]
    if (word := text(value)) not in kinds:
        raise ValueError(choose("a mail that can rest", word, kinds))
    return MailKind(word)


def everything_or_names(value: object) -> list[str] | None:
    """A list of names, or None for "all"."""
    if value == "all":
        return None
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise ValueError('must be "all", or a list of rituals')
    return value


def minutes_or_none(low: int, high: int) -> Callable[[object], int | None]:
    """A whole number of minutes, or None for false."""

    def check(value: object) -> int | None:
        if value is False:
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValueError("must be a whole number of minutes, or false")
        return int(between(low, high, "minutes")(value))

    return check


def own_path(value: object) -> Path | None:
    """A path on this machine, ~ expanded; None for empty text. Relative ones are made absolute later."""
    written = words(1000, empty=True)(value)
    if "://" in written:
        raise ValueError("is an address; here goes a file or folder on this machine")
    try:
        return Path(written).expanduser() if written else None
    except RuntimeError:
        raise ValueError("names a home folder that is not there") from None


def needed_path(value: object) -> Path:
    if (path := own_path(value)) is None:
        raise ValueError("is empty")
    return path


def length_table(value: object) -> object:
    """A shorter length that is given by its minutes alone, or by false for none, as the table it stands for."""
    if isinstance(value, dict):
        return value
    if value is not False and (isinstance(value, bool) or not isinstance(value, int)):
        raise ValueError("must be a whole number of minutes, a table, or false")
    return {"minutes": int(value)}


def colour(value: object) -> str:
    written = text(value)
    if written and not _COLOUR.fullmatch(written):
        raise ValueError('is not a colour; write it as "#3f7c85"')
    return written.lower()


def own_id(value: object) -> str:
    """An id of the owner's choice, or empty text for the one made of the name."""
    written = text(value)
    if written and (len(written) > 40 or not _SLUG.fullmatch(written)):
        raise ValueError("is not an id; use small letters, digits and single hyphens, at most 40")
    return written


def needed_id(value: object) -> str:
    if not (written := own_id(value)):
        raise ValueError("is empty")
    return written


def deck_name(value: object) -> str:
    written = text(value)
    if not _DECK.fullmatch(written):
        raise ValueError("is not the name of a deck; use small letters, digits, - and _")
    return written


def not_all_themes(off: list[Theme]) -> list[Theme]:
    if set(off) == set(Theme):
        raise ValueError("leaves no theme; to end the weekly question set mail.question.on = false")
    return off


def language(value: object) -> str:
    word = text(value)
    if word != "en":
        raise ValueError(choose("a language of this version", word, ["en"]))
    return word


def some(items: list[WallSpan]) -> list[WallSpan]:
    if not items:
        raise ValueError("is empty; give at least one window")
    return items


def five_at_most(lines: list[str]) -> list[str]:
    if not 1 <= len(lines) <= 5:
        raise ValueError("has one to five lines")
    return lines


def none_or_five_at_most(lines: list[str]) -> list[str]:
    return lines and five_at_most(lines)
