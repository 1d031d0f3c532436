"""Public holidays of a country or one of its regions. Not here: what they mean for a partner's day (domain/couple).

The one importer of `holidays`, which costs half a second and 45 MB: it is loaded when a file names a place.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from types import MappingProxyType

from scheduler.settings.spelling import closest

_CODES = 'a country is two letters, like "PT", with a region "DE-BY"'


def check(place: str) -> str:
    """What is wrong with a place, to be read on from its name; "" where its holidays are known.

    >>> check("PT")
    ''
    """
    country, dash, region = place.partition("-")
    countries = _countries()
    if country not in countries:
        return f"is not a country whose holidays are known{_meant(place)}; {_CODES}"
    regions = countries[country]
    if not dash or region in regions:
        return ""
    if not regions:
        return f'names a region, and none of {country} is known; write it as "{country}"'
    return f"is not a region of {country}{_meant(place)}; regions: {', '.join(regions)}"


@cache
def holidays_of(place: str, year: int) -> Mapping[date, str]:
    """The public holidays of a sound place in that year: date → name, in English where the library has it."""
    import holidays  # see the docstring: the price is paid by those who name a place

    country, _, region = place.partition("-")
    found = holidays.country_holidays(
        country, subdiv=region or None, years=year, categories=(holidays.PUBLIC,), language="en_US"
    )
    return MappingProxyType(dict(sorted(found.items())))


@cache
def _countries() -> Mapping[str, tuple[str, ...]]:
    """Two-letter country codes → region codes."""
    import holidays

    listed = holidays.list_supported_countries(include_aliases=True)
    return {code: tuple(regions) for code, regions in listed.items() if len(code) == 2}


def _meant(place: str) -> str:
    """`; did you mean "DE-BY"?` for a code in small letters, a slip, or the names of a country and region."""
    country, _, region = place.partition("-")
    names = _country_names()
    code = names.get(closest(country, names), "")
    if not code:
        return ""
    regions = _region_names(code)
    part = regions.get(closest(region, regions), "")
    return f'; did you mean "{code}-{part}"?' if part else "" if code == country else f'; did you mean "{code}"?'


def _country_names() -> dict[str, str]:
    """What a country may be called → its two letters."""
    from holidays.registry import COUNTRIES

    called = {name: words for words in COUNTRIES.values() for name in words}
    return {name: code for name, words in called.items() for code in words if len(code) == 2}


def _region_names(country: str) -> dict[str, str]:
    """What a region may be called → its code."""
    import holidays

    codes = {code: code for code in _countries()[country]}
    return codes | holidays.country_holidays(country).subdivisions_aliases
