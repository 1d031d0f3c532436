"""Turns the season tables of a file into seasons, over the built-in ones. Not here: what a season does (domain)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from scheduler.domain.season import Season
from scheduler.settings.report import Page, Place, literal, ordinal
from scheduler.settings.rituals import Found, Known
from scheduler.settings.schema import SeasonTable
from scheduler.settings.spelling import choose, closest, slug

Presets = Mapping[str, Mapping[str, Any]]

_CHANGES = ("keeps", "size", "depth", "without", "tone")
_ANY_DATES = {"from": "2026-01-01", "to": "2026-01-01"}


def read_presets(page: Page) -> dict[str, dict[str, Any]]:
    """The built-in seasons by slug, each as the keys that it fills in."""
    presets: dict[str, dict[str, Any]] = {}
    for index, raw in enumerate(page.tables("season")):
        label = f"the {ordinal(index)} season: "
        if table := page.check(SeasonTable, raw | _ANY_DATES, ("season", index), label):
            presets[slug(table.kind)] = raw
    return presets


def season_names(page: Page, presets: Presets) -> dict[str, str]:
    """Every season that a ritual may name, by slug: the built-in ones, and the file's own as it first writes them."""
    kinds = [preset["kind"] for preset in presets.values()] + [raw.get("kind") for raw in page.tables("season")]
    found: dict[str, str] = {}
    for kind in kinds:
        if isinstance(kind, str) and kind.strip():
            found.setdefault(slug(kind), kind.strip())
    return found


def read_seasons(page: Page, presets: Presets, known: Known, found: Sequence[Found]) -> tuple[Season, ...]:
    """The seasons by date; complains about those that are wrong or share a date."""
    good = [
        (place, season)
        for index, raw in enumerate(page.tables("season"))
        if (season := _read(place := _place(page, index, raw), presets, known, found))
    ]
    good.sort(key=lambda one: (one[1].first, one[0].path))
    for number, (place, season) in enumerate(good[1:], 1):
        before, earlier = max(good[:number], key=lambda one: one[1].last)
        if season.first <= earlier.last:
            line = page.line_of((*before.path, "to"))
            said = f'lies in the season "{earlier.kind}" (line {line}), which ends on {earlier.last}; one at a time'
            place.complain("from", f"from = {season.first} {said}")
    return tuple(season for _, season in good)


def _place(page: Page, index: int, raw: Mapping[str, Any]) -> Place:
    kind = raw.get("kind")
    label = f"season {literal(kind)}" if isinstance(kind, str) and kind else f"the {ordinal(index)} season"
    return Place(page, ("season", index), raw, label)


def _read(place: Place, presets: Presets, known: Known, found: Sequence[Found]) -> Season | None:
    kind = place.raw.get("kind")
    preset = presets.get(slug(kind), {}) if isinstance(kind, str) else {}
    table = place.page.check(SeasonTable, {**preset, **place.raw}, place.path, f"{place.label}: ")
    if not table or not (preset or _stands_alone(place, table.kind, presets, found)):
        return None
    if table.to < table.from_:
        place.complain("to", f"to = {table.to} is before from = {table.from_}; the earlier date comes first")
        return None
    return Season(
        kind=known.seasons[slug(table.kind)],
        first=table.from_,
        last=table.to,
        keeps=_kept(place, table.keeps, found),
        size=table.size,
        depth=table.depth or None,
        without=tuple(dict.fromkeys(table.without)),
        tone=table.tone,
    )


def _stands_alone(place: Place, kind: str, presets: Presets, found: Sequence[Found]) -> bool:
    """Whether a kind of their own says what it changes, and is no slip of the pen."""
    names = [str(preset["kind"]) for preset in presets.values()]
    if closest(kind, names, cutoff=0.75) or not slug(kind):
        place.complain("kind", f"kind = {literal(kind)} {choose('a season', kind, names)}")
    elif not any(key in place.raw for key in _CHANGES) and slug(kind) not in _named(found):
        said = choose("a built-in season", kind, names)
        place.complain("kind", f"kind = {literal(kind)} {said}; one of your own says what it changes: {_OR}")
    else:
        return True
    return False


_OR = f"{', '.join(_CHANGES[:-1])} or {_CHANGES[-1]}"


def _named(found: Sequence[Found]) -> set[str]:
    return {slug(kind) for one in found for kind in one.ritual.only_in}


def _kept(place: Place, keeps: list[str] | None, found: Sequence[Found]) -> tuple[str, ...] | None:
    """The ids of the rituals that go on. A built-in season names kinds, of which the couple may have any."""
    if keeps is None:
        return None
    words = [slug(word) for word in keeps]
    if "keeps" in place.raw:
        _complain_of_strangers(place, keeps, found)
    return tuple(one.ritual.id for one in found if not _names(one).isdisjoint(words))


def _names(one: Found) -> set[str]:
    return {one.ritual.id, slug(one.ritual.title), one.kind} - {""}


def _complain_of_strangers(place: Place, keeps: list[str], found: Sequence[Found]) -> None:
    names = set[str]().union(*map(_names, found))
    # a ritual that is wrong in itself is told as such, once
    tables = place.page.tables("ritual")
    names |= {slug(word) for raw in tables for key in ("id", "title", "kind") if isinstance(word := raw.get(key), str)}
    for index, word in enumerate(keeps):
        if slug(word) not in names:
            said = choose("a ritual of this file", word, [one.ritual.id for one in found])
            place.page.complain((*place.path, "keeps", index), f"{place.label}: keeps = {literal(word)} {said}")
