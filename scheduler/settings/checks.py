"""Rules between the keys of one ritual: what fits, and what the rhythm allows. Not here: the other partner (meeting).

A built-in wish that no longer suits what the couple changed is let go; what they wrote stays, and is checked.
"""

from __future__ import annotations

from typing import Any, assert_never

from scheduler.domain.cadence import Cadence, Daily, EveryDays, Monthly, Quarterly, Weekly, Yearly, cadence_text
from scheduler.domain.localtime import DAY_MINUTES, EVERY_DAY, WEEKDAY_NAMES, clock_text
from scheduler.domain.ritual import Point
from scheduler.settings.report import Place
from scheduler.settings.schema import LengthTable, RitualTable

_SHORTER = ("short", "tiny")
_NO_LENGTH = LengthTable()


def is_sound(place: Place, table: RitualTable) -> bool:
    """Whether the keys go together; complains about each that does not."""
    checks = (_length, _shorter, _ideal, _ideal_day, _days, _spacing, _at_least, _anchor)
    return all([check(place, table) for check in checks])  # noqa: C419 - each of them may have something to say


def settled(place: Place, table: RitualTable) -> RitualTable:
    """The table without the built-in wishes that no longer suit."""
    for change in (_without_ideal, _without_spacing, _without_lengths, _without_anchor):
        table = table.model_copy(update=change(place, table))
    return table


def _without_ideal(place: Place, table: RitualTable) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if "ideal" not in place.raw and not _ideal_fits(table):
        changes["ideal"] = None
    if "ideal_day" not in place.raw and table.ideal_day not in _weekdays(table):
        changes["ideal_day"] = None
    return changes


def _without_spacing(place: Place, table: RitualTable) -> dict[str, Any]:
    changes = {}
    if "spacing" not in place.raw:
        changes["spacing"] = min(table.spacing, _widest_spacing(table.every))
    if "at_least" not in place.raw and table.at_least:
        changes["at_least"] = max(table.at_least, _least_step(table.every))
    return changes


def _without_lengths(place: Place, table: RitualTable) -> dict[str, Any]:
    changes, longer = {}, table.minutes
    for key in _SHORTER:
        minutes = getattr(table, key).minutes
        if key not in place.raw and minutes >= longer:
            changes[key] = _NO_LENGTH
        longer = minutes or longer
    return changes


def _without_anchor(place: Place, table: RitualTable) -> dict[str, Any]:
    # an anchor would go before the time that they wrote
    is_loose = "anchor" not in place.raw and (place.raw.get("ideal") or _anchor_fault(table))
    return {"anchor": None} if is_loose else {}


def _length(place: Place, table: RitualTable) -> bool:
    longest = max(window.end - window.start for window in table.windows)
    if table.minutes <= longest:
        return True
    key = "minutes" if "minutes" in place.raw else "windows"
    place.complain(key, f"minutes = {table.minutes} is longer than every window; the longest has {longest} minutes")
    return False


def _shorter(place: Place, table: RitualTable) -> bool:
    longer, name, good = table.minutes, "minutes", True
    for key in _SHORTER:
        minutes = getattr(table, key).minutes
        if minutes >= longer:
            said = f"{key}.minutes = {minutes} is no shorter than {name} = {longer}"
            place.complain(key, f"{said}; make it shorter, or set {key} = false")
            good = False
        if minutes:
            longer, name = minutes, f"{key}.minutes"
    return good


def _ideal_fits(table: RitualTable) -> bool:
    if table.ideal is None:
        return True
    starts = (table.ideal, table.ideal + DAY_MINUTES)
    return any(w.start <= start and start + table.minutes <= w.end for w in table.windows for start in starts)


def _ideal(place: Place, table: RitualTable) -> bool:
    if table.ideal is None or _ideal_fits(table):
        return True
    windows = ", ".join(f"{clock_text(w.start)}-{clock_text(w.end)}" for w in table.windows)
    said = f"with {table.minutes} minutes does not fit into a window; windows: {windows}"
    place.complain("ideal", f'ideal = "{clock_text(table.ideal)}" {said}')
    return False


def _ideal_day(place: Place, table: RitualTable) -> bool:
    days = _weekdays(table)
    if table.ideal_day is None or table.ideal_day in days:
        return True
    place.complain(
        "ideal_day", f'ideal_day = "{WEEKDAY_NAMES[table.ideal_day]}" has no window; windows: {_names(days)}'
    )
    return False


def _days(place: Place, table: RitualTable) -> bool:
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
        case Yearly():
            return EVERY_DAY, 0  # sooner or later the date falls on each of them
        case _:
            return frozenset(), 1


def _spacing(place: Place, table: RitualTable) -> bool:
    widest, every = _widest_spacing(table.every), cadence_text(table.every)
    if table.spacing <= widest:
        return True
    place.complain("spacing", f'spacing = {table.spacing} days does not go with every = "{every}"; at most {widest}')
    return False


def _at_least(place: Place, table: RitualTable) -> bool:
    step, every = _least_step(table.every), cadence_text(table.every)
    if not table.at_least or table.at_least >= step:
        return True
    said = f'does not go with every = "{every}"; no less than {step}, or a rhythm that comes more often'
    place.complain("at_least", f"at_least = {table.at_least} days {said}")
    return False


def _least_step(cadence: Cadence) -> int:
    """The fewest days that can be promised never to be passed from one to the next, in that rhythm.

    No less than the widest spacing, so at_least and spacing go together where both go with the rhythm.
    """
    match cadence:
        case Daily(weekdays):
            return max(_gaps(sorted(weekdays)))
        case Weekly(times, every):
            return -(-7 * every // times)
        case Monthly(nth=nth):
            return 31 if nth is None else 35
        case Quarterly():
            return 92
        case EveryDays(days):
            return days
        case Yearly():
            return 366
        case _ as never:
            assert_never(never)


def _gaps(weekdays: list[int]) -> list[int]:
    following = [*weekdays[1:], weekdays[0] + 7]
    return [later - day for day, later in zip(weekdays, following, strict=True)]


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


def _weekdays(table: RitualTable) -> frozenset[int]:
    return frozenset().union(*(window.weekdays for window in table.windows))


def _names(weekdays: frozenset[int]) -> str:
    return ", ".join(WEEKDAY_NAMES[day] for day in sorted(weekdays))


def _anchor(place: Place, table: RitualTable) -> bool:
    if not (fault := _anchor_fault(table)):
        return True
    key = "anchor" if "anchor" in place.raw else "minutes"
    place.complain(key, f'{fault}; change it, or set anchor = ""')
    return False


def _anchor_fault(table: RitualTable) -> str:
    """Why the tie to the day can hold on no day at all, "" where it can, as far as this ritual alone tells."""
    if table.anchor is None:
        return ""
    within = int(table.anchor.within.total_seconds()) // 60
    longest = max(window.end - window.start for window in table.windows)
    if table.anchor.point is Point.BEFORE_BED and table.minutes > within:
        return f'anchor = "{within} min before bed" leaves no room for minutes = {table.minutes}'
    if table.anchor.point is Point.FIRST_FREE and within > longest:
        return f'anchor = "first free {within} min" is longer than every window; the longest has {longest} minutes'
    return ""
