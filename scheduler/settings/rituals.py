"""Turns the ritual tables of a file into rituals, over the built-in kinds. Not here: what one key may say (fields)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, assert_never

from scheduler.domain.cadence import Cadence, Daily, EveryDays, Monthly, Quarterly, Weekly, Yearly, cadence_text
from scheduler.domain.localtime import DAY_MINUTES, WEEKDAY_NAMES, clock_text
from scheduler.domain.ritual import Ritual
from scheduler.settings.report import KeyPath, Page, literal, ordinal
from scheduler.settings.schema import RitualTable
from scheduler.settings.spelling import choose, slug

Kinds = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class _Place:
    """One ritual table on its page: ``raw`` has only the keys that the couple wrote."""

    page: Page
    path: KeyPath
    raw: Mapping[str, Any]
    label: str

    def complain(self, key: str, text: str) -> None:
        self.page.complain((*self.path, key), f"{self.label}: {text}")


def read_kinds(page: Page) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """The built-in kinds by slug, and the names of those that a couple has without asking."""
    kinds: dict[str, dict[str, Any]] = {}
    usual: list[str] = []
    for index, table in enumerate(page.tables("kind")):
        raw = dict(table)
        name, is_usual = raw.pop("name", None), raw.pop("usual", False)
        if not isinstance(name, str) or not slug(name):
            page.complain(("kind", index), f"the {ordinal(index)} kind needs a name")
            continue
        place = _Place(page, ("kind", index), raw, f'kind "{name}"')
        if page.check(RitualTable, raw, place.path, f"{place.label}: "):
            kinds[slug(name)] = raw | {"kind": name}
            usual += [name] if is_usual is True else []
    return kinds, usual


def read_rituals(page: Page, kinds: Kinds, usual: list[str], partners: Mapping[str, str]) -> tuple[Ritual, ...]:
    """The couple's rituals in the order of the file; ``partners`` maps name or id, in small letters, to id."""
    tables = page.tables("ritual")
    if "ritual" not in page.data:
        tables = [{"kind": name} for name in usual]
    found = [(_place(page, index, raw), raw) for index, raw in enumerate(tables)]
    rituals = [(place, ritual) for place, _ in found if (ritual := _read(place, kinds, partners))]
    for number, (place, ritual) in enumerate(rituals):
        if ritual.id in [earlier.id for _, earlier in rituals[:number]]:
            hint = f'give this one an id of its own, like id = "{ritual.id}-{number + 1}"'
            place.complain("id", f'another ritual is known as "{ritual.id}"; {hint}')
    return tuple(ritual for _, ritual in rituals)


def _place(page: Page, index: int, raw: Mapping[str, Any]) -> _Place:
    name = raw.get("title") or raw.get("kind")
    label = f"ritual {literal(name)}" if isinstance(name, str) and name else f"the {ordinal(index)} ritual"
    return _Place(page, ("ritual", index), raw, label)


def _read(place: _Place, kinds: Kinds, partners: Mapping[str, str]) -> Ritual | None:
    known = _knows_kind(place, kinds)
    merged = {**(kinds[slug(place.raw["kind"])] if known and place.raw.get("kind") else {}), **place.raw}
    if not known:
        merged = {"title": "?"} | {key: value for key, value in merged.items() if key != "kind"}
    table = place.page.check(RitualTable, merged, place.path, f"{place.label}: ")
    if not table or not known:
        return None
    table = _settled(place, table)
    checks = [check(place, table) for check in (_length, _ideal, _ideal_day, _days, _spacing)]
    clock_of = _clock_of(place, table, partners)
    own_id = table.id or slug(table.kind or table.title)
    if not own_id:
        place.complain("title", 'no id can be made of this title; give one, like id = "our-hour"')
    return _ritual(table, own_id, clock_of) if own_id and all(checks) else None


def _knows_kind(place: _Place, kinds: Kinds) -> bool:
    """Whether the ritual has a built-in kind, or does without; complains if not."""
    kind, names = place.raw.get("kind", ""), [str(one["kind"]) for one in kinds.values()]
    if kind == "" and "title" not in place.raw:
        place.complain("kind", f"needs a title of its own or a kind; kinds: {', '.join(names)}")
    elif not isinstance(kind, str):
        place.complain("kind", f"kind = {literal(kind)} must be text in quotes")
    elif kind and slug(kind) not in kinds:
        place.complain("kind", f"kind = {literal(kind)} {choose('a built-in kind', kind, names)}")
    else:
        return True
    return False


def _settled(place: _Place, table: RitualTable) -> RitualTable:
    """Let go of built-in wishes that no longer suit what the couple changed; what they wrote stays, and is checked."""
    changes: dict[str, Any] = {}
    if "ideal" not in place.raw and not _ideal_fits(table):
        changes["ideal"] = None
    if "ideal_day" not in place.raw and table.ideal_day not in _weekdays(table):
        changes["ideal_day"] = None
    if "spacing" not in place.raw:
        changes["spacing"] = min(table.spacing, _widest_spacing(table.every))
    return table.model_copy(update=changes)


def _length(place: _Place, table: RitualTable) -> bool:
    longest = max(window.end - window.start for window in table.windows)
    if table.minutes <= longest:
        return True
    key = "minutes" if "minutes" in place.raw else "windows"
    place.complain(key, f"minutes = {table.minutes} is longer than every window; the longest has {longest} minutes")
    return False


def _ideal_fits(table: RitualTable) -> bool:
    if table.ideal is None:
        return True
    starts = (table.ideal, table.ideal + DAY_MINUTES)
    return any(w.start <= start and start + table.minutes <= w.end for w in table.windows for start in starts)


def _ideal(place: _Place, table: RitualTable) -> bool:
    if table.ideal is None or _ideal_fits(table):
        return True
    windows = ", ".join(f"{clock_text(w.start)}-{clock_text(w.end)}" for w in table.windows)
    said = f"with {table.minutes} minutes does not fit into a window; windows: {windows}"
    place.complain("ideal", f'ideal = "{clock_text(table.ideal)}" {said}')
    return False


def _ideal_day(place: _Place, table: RitualTable) -> bool:
    days = _weekdays(table)
    if table.ideal_day is None or table.ideal_day in days:
        return True
    place.complain(
        "ideal_day", f'ideal_day = "{WEEKDAY_NAMES[table.ideal_day]}" has no window; windows: {_names(days)}'
    )
    return False


def _days(place: _Place, table: RitualTable) -> bool:
    """Whether there is a window on every day, or on as many days, as the cadence asks for."""
    days = _weekdays(table)
    wanted, needed = _asked_days(table.every)
    if wanted <= days and needed <= len(days):
        return True
    key = "every" if "every" in place.raw else "windows"
    lacking = _names(wanted - days) if wanted - days else f"{needed} different days, there are {len(days)}"
    place.complain(key, f'every = "{cadence_text(table.every)}" needs a window on {lacking}; add it to windows')
    return False


def _asked_days(cadence: Cadence) -> tuple[frozenset[int], int]:
    match cadence:
        case Daily(weekdays):
            return weekdays, 0
        case Monthly(weekday=int(weekday)):
            return frozenset({weekday}), 0
        case Weekly(times=times):
            return frozenset(), times
        case _:
            return frozenset(), 1


def _spacing(place: _Place, table: RitualTable) -> bool:
    widest = _widest_spacing(table.every)
    if table.spacing <= widest:
        return True
    every = cadence_text(table.every)
    place.complain("spacing", f'spacing = {table.spacing} days does not go with every = "{every}"; at most {widest}')
    return False


def _widest_spacing(cadence: Cadence) -> int:
    """The most days that can lie between one and the next, again and again, in that rhythm."""
    match cadence:
        case Daily():
            return 1
        case Weekly(times, every):
            return 7 * every // times
        case Monthly():
            return 28
        case Quarterly():
            return 90
        case EveryDays(days):
            return days
        case Yearly():
            return 365
        case _ as never:
            assert_never(never)


def _clock_of(place: _Place, table: RitualTable, partners: Mapping[str, str]) -> str | None:
    if not table.clock_of or table.clock_of.lower() in partners:
        return partners.get(table.clock_of.lower())
    said = choose("a partner", table.clock_of, dict.fromkeys(partners.values()))
    place.complain("clock_of", f"clock_of = {literal(table.clock_of)} {said}")
    return None


def _weekdays(table: RitualTable) -> frozenset[int]:
    return frozenset().union(*(window.weekdays for window in table.windows))


def _names(weekdays: frozenset[int]) -> str:
    return ", ".join(WEEKDAY_NAMES[day] for day in sorted(weekdays))


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
        buffer=timedelta(minutes=table.buffer),
        spacing=table.spacing,
        reminder=None if table.reminder is None else timedelta(minutes=table.reminder),
        with_card=table.with_card,
        discreet_title=table.discreet_title,
    )
