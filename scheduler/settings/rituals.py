"""Turns the ritual tables of a file into rituals, over the built-in kinds. Not here: what goes together (checks)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from scheduler.domain.ritual import Ritual, Version
from scheduler.settings.checks import is_sound, settled
from scheduler.settings.fields import length_table
from scheduler.settings.report import Page, Place, literal, ordinal
from scheduler.settings.schema import RitualTable
from scheduler.settings.spelling import choose, slug


@dataclass(frozen=True, slots=True)
class Kind:
    """A built-in kind: the keys it fills in, and the one that it leaves to the couple ("" for none).

    ``usual``: a couple has it without asking.
    """

    name: str
    raw: Mapping[str, Any]
    usual: bool
    asks: str


@dataclass(frozen=True, slots=True)
class Found:
    """A good ritual, the slug of its kind ("" for one of their own), and where it stands.

    ``written``: the couple's file names it; others come by themselves.
    """

    ritual: Ritual
    kind: str
    place: Place
    written: bool


@dataclass(frozen=True, slots=True)
class Known:
    """What a ritual may refer to: kinds by slug, partner ids by name or id in small letters, seasons by slug."""

    kinds: Mapping[str, Kind]
    partners: Mapping[str, str]
    seasons: Mapping[str, str]


def read_kinds(page: Page) -> dict[str, Kind]:
    """The built-in kinds by slug."""
    kinds: dict[str, Kind] = {}
    for index, table in enumerate(page.tables("kind")):
        raw = dict(table)
        name, usual, asks = raw.pop("name", None), raw.pop("usual", False), raw.pop("asks", "")
        if not isinstance(name, str) or not slug(name):
            page.complain(("kind", index), f"the {ordinal(index)} kind needs a name")
        elif page.check(RitualTable, raw, ("kind", index), f'kind "{name}": '):
            kinds[slug(name)] = Kind(name, raw | {"kind": name}, usual is True, str(asks))
    return kinds


def read_rituals(page: Page, known: Known) -> list[Found]:
    """The couple's rituals in the order of the file, then those that the seasons it names bring with them."""
    written = "ritual" in page.data
    tables = page.tables("ritual") if written else [{"kind": one.name} for one in known.kinds.values() if one.usual]
    found = [one for i, raw in enumerate(tables) if (one := _read(_place(page, i, raw), known, written=written))]
    for number, one in enumerate(found):
        if one.ritual.id in [earlier.ritual.id for earlier in found[:number]]:
            hint = f'give this one an id of its own, like id = "{one.ritual.id}-{number + 1}"'
            one.place.complain("id", f'another ritual is known as "{one.ritual.id}"; {hint}')
    return found + _of_seasons(page, known, found)


def _of_seasons(page: Page, known: Known, found: list[Found]) -> list[Found]:
    """The built-in rituals of the seasons that the file names; one that it writes itself goes before."""
    named = {slug(kind) for raw in page.tables("season") if isinstance(kind := raw.get("kind"), str)}
    taken = {name for one in found for name in (one.kind, one.ritual.id)}
    brought = [
        {"kind": kind.name}
        for name, kind in known.kinds.items()
        if name not in taken and named & {slug(season) for season in kind.raw.get("only_in", ())}
    ]
    places = [Place(page, ("season",), raw, f"ritual {literal(raw['kind'])}") for raw in brought]
    return [one for place in places if (one := _read(place, known, written=False))]


def _place(page: Page, index: int, raw: Mapping[str, Any]) -> Place:
    name = raw.get("title") or raw.get("kind")
    label = f"ritual {literal(name)}" if isinstance(name, str) and name else f"the {ordinal(index)} ritual"
    return Place(page, ("ritual", index), raw, label)


def _read(place: Place, known: Known, *, written: bool) -> Found | None:
    is_known = _knows_kind(place, known.kinds)
    kind = known.kinds[slug(place.raw["kind"])] if is_known and place.raw.get("kind") else None
    merged = _merged(kind.raw if kind else {}, place.raw)
    if not is_known:
        merged = {"title": "?"} | {key: value for key, value in merged.items() if key != "kind"}
    table = place.page.check(RitualTable, merged, place.path, f"{place.label}: ")
    if not table or not is_known:
        return None
    table = settled(place, table)
    good = is_sound(place, table) & _has_asked(place, kind) & _knows_seasons(place, table, known.seasons)
    clock_of = _clock_of(place, table, known.partners)
    own_id = table.id or slug(table.kind or table.title)
    if not own_id:
        place.complain("title", 'no id can be made of this title; give one, like id = "our-hour"')
    if not own_id or not good:
        return None
    seasons = tuple(known.seasons[slug(name)] for name in table.only_in)
    return Found(replace(_ritual(table, own_id, clock_of), only_in=seasons), slug(table.kind), place, written)


def _merged(kind: Mapping[str, Any], raw: Mapping[str, Any]) -> dict[str, Any]:
    """What they wrote goes before the kind, key by key inside a shorter length, too."""
    merged = {**kind, **raw}
    for key in ("short", "tiny"):
        if key in kind and key in raw and isinstance(raw[key], dict | int):
            merged[key] = {**kind[key], **_as_table(raw[key])}
    return merged


def _as_table(value: dict[str, Any] | int) -> dict[str, Any]:
    try:
        found = length_table(value)
    except ValueError:
        found = {"minutes": value}  # the check of the table says what is wrong with it
    return found if isinstance(found, dict) else {}


def _knows_kind(place: Place, kinds: Mapping[str, Kind]) -> bool:
    """Whether the ritual has a built-in kind, or does without; complains if not."""
    kind, names = place.raw.get("kind", ""), [one.name for one in kinds.values()]
    if kind == "" and "title" not in place.raw:
        place.complain("kind", f"needs a title of its own or a kind; kinds: {', '.join(names)}")
    elif not isinstance(kind, str):
        place.complain("kind", f"kind = {literal(kind)} must be text in quotes")
    elif kind and slug(kind) not in kinds:
        place.complain("kind", f"kind = {literal(kind)} {choose('a built-in kind', kind, names)}")
    else:
        return True
    return False


def _has_asked(place: Place, kind: Kind | None) -> bool:
    if not kind or not kind.asks or kind.asks in place.raw:
        return True
    hint = f"{kind.asks} = {literal(kind.raw[kind.asks])}"
    place.complain("kind", f'kind = "{kind.name}" leaves {kind.asks} to you; write it as {hint}')
    return False


def _knows_seasons(place: Place, table: RitualTable, seasons: Mapping[str, str]) -> bool:
    unknown = [name for name in table.only_in if slug(name) not in seasons]
    for name in unknown:
        place.complain("only_in", f"only_in = {literal(name)} {choose('a season', name, seasons.values())}")
    return not unknown


def _clock_of(place: Place, table: RitualTable, partners: Mapping[str, str]) -> str | None:
    if not table.clock_of or table.clock_of.lower() in partners:
        return partners.get(table.clock_of.lower())
    said = choose("a partner", table.clock_of, dict.fromkeys(partners.values()))
    place.complain("clock_of", f"clock_of = {literal(table.clock_of)} {said}")
    return None


def _ritual(table: RitualTable, id: str, clock_of: str | None) -> Ritual:
    return Ritual(
        id=id,
        title=table.title,
        cadence=table.every,
        length=timedelta(minutes=table.minutes),
        how_to=tuple(table.how_to),
        windows=tuple(table.windows),
        clock_of=clock_of,
        ideal=table.ideal,
        ideal_weekday=table.ideal_day,
        anchor=table.anchor,
        buffer=timedelta(minutes=table.buffer),
        spacing=table.spacing,
        at_least=table.at_least,
        shorter=_shorter(table),
        takes_turns=table.takes_turns,
        reminder=None if table.reminder is None else timedelta(minutes=table.reminder),
        with_card=table.with_card,
        discreet_title=table.discreet_title,
    )


def _shorter(table: RitualTable) -> tuple[Version, ...]:
    lengths = [one for one in (table.short, table.tiny) if one.minutes]
    return tuple(Version(timedelta(minutes=one.minutes), tuple(one.how_to or table.how_to)) for one in lengths)
