"""Words near a word, and ids made of names. Not here: which words are allowed where (fields, schema)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches
from zoneinfo import available_timezones


def nearest(text: str, allowed: Iterable[str]) -> str:
    """`; did you mean "weekly"?`, or nothing where no word is close."""
    close = closest(text, allowed)
    return f'; did you mean "{close}"?' if close else ""


def closest(text: str, allowed: Iterable[str], *, cutoff: float = 0.6) -> str:
    """The word that a slip of the pen may have meant, "" where none is close; 1 as cutoff wants the very letters."""
    by_lower = {word.lower(): word for word in allowed}
    close = get_close_matches(text[:60].lower(), by_lower, n=1, cutoff=cutoff)
    return by_lower[close[0]] if close else ""


def choose(what: str, text: str, allowed: Iterable[str]) -> str:
    """The whole complaint about a word that is not among the allowed ones."""
    words = list(allowed)
    near = nearest(text, words)
    return f"is not {what}{near}{'' if near else ';'} allowed: {', '.join(words)}"


def nearest_zone(name: str) -> str:
    """As nearest, for zones: people write "Berlin", so the last part of each name is compared first."""
    cities = {zone.rpartition("/")[2]: zone for zone in sorted(available_timezones())}
    close = get_close_matches(name[:60].replace(" ", "_").title(), cities, n=1, cutoff=0.7)
    return f'; did you mean "{cities[close[0]]}"?' if close else nearest(name, sorted(available_timezones()))


def slug(name: str) -> str:
    """The id made of a name: small letters and digits of any script, joined by hyphens.

    >>> slug("Five-minute check-in, Jürgen's")
    'five-minute-check-in-jurgen-s'
    """
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", name) if not unicodedata.combining(sign))
    joined = re.sub(r"[\W_]+", "-", unicodedata.normalize("NFC", plain).casefold())
    return joined[:40].strip("-")
