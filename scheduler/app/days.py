"""What is special about a date, in words that both may read: a season, a day kept free, a change of the clocks.

A tender date is nobody else's business, so it is told nowhere. Not here: drawing any of it (cli, web).
"""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from scheduler.domain.couple import Couple, HolidayRule, Partner
from scheduler.domain.hours import Holidays
from scheduler.domain.localtime import DAY_MINUTES, days, to_utc
from scheduler.domain.planning import Question, Unplaced
from scheduler.domain.season import Season
from scheduler.domain.slots import Reason

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)


def is_kept_free(couple: Couple, holidays: Holidays, day: date) -> bool:
    """Whether nothing is placed on that date for a reason that both know; who named it is not told."""
    return day in couple.rules.away or any(
        day in one.away or (one.on_holidays is HolidayRule.NOTHING and day in feasts)
        for one, feasts in zip(couple.partners, holidays, strict=True)
    )


def is_private(question: Question, one: Unplaced) -> bool:
    """Whether saying that it has no place would tell of a tender date."""
    couple = question.couple
    return one.reason is Reason.RESTING and any(
        day in couple.tender and not is_kept_free(couple, question.holidays, day)
        for day in days(one.occurrence.first, one.occurrence.last)
    )


def seasons_between(couple: Couple, first: date, last: date) -> tuple[Season, ...]:
    """The seasons that touch the dates first..last, by start."""
    found = [one for one in couple.seasons if one.first <= last and first <= one.last]
    return tuple(sorted(found, key=lambda one: one.first))


def season_words(season: Season, first: date) -> str:
    """ "Newborn until 28 February" as it is told on the date ``first``."""
    name = season.kind[:1].upper() + season.kind[1:]
    begins = "" if season.first <= first else f" from {_words(season.first, first)}"
    return f"{name}{begins} until {_words(season.last, first)}"


def _words(day: date, seen_from: date) -> str:
    return f"{day.day} {day:%B}" + (f" {day.year}" if day.year != seen_from.year else "")


def clock_shift(day: date, zone: ZoneInfo) -> int:
    """The minutes that the clocks jump on that date: 60 in spring, -60 in autumn, mostly 0."""
    return DAY_MINUTES - (to_utc(day + _DAY, 0, zone) - to_utc(day, 0, zone)) // _MINUTE


def clock_words(couple: Couple, day: date) -> str:
    """ "Clocks go back", with a name where it holds for one of the two; "" on most days."""
    shifts = [clock_shift(day, partner.zone) for partner in couple.partners]
    if shifts[0] == shifts[1]:
        return _shift_words(shifts[0])
    return " and ".join(_shift_words(shift, one) for one, shift in zip(couple.partners, shifts, strict=True) if shift)


def _shift_words(shift: int, partner: Partner | None = None) -> str:
    whose = f" for {partner.name}" if partner else ""
    return f"clocks go {'forward' if shift > 0 else 'back'}{whose}" if shift else ""
