"""The wall times that a rule means (RFC 5545 §3.3.10). Not here: which rules we follow (rules), what one excepts.

A day belongs to a rule or not whatever came before it, so only the days asked for are looked at, and a rule
that never matches costs no more than any other. COUNT alone must be counted from the start.

Where dateutil and the RFC part, this follows the RFC: BYSETPOS counts in the whole of the first week; of
"BYDAY=MO,2TU" either is meant; BYWEEKNO alone keeps the weekday of the start; days have no BYHOUR.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date, datetime, time, timedelta
from itertools import product

from scheduler.adapters.icsbusy.rules import MONTH_LENGTHS, Rule
from scheduler.adapters.icsbusy.values import When

Check = Callable[[date], bool]

_LONGEST_PERIOD = 2 * 366
_OF_THE_CLOCK = frozenset(("BYHOUR", "BYMINUTE", "BYSECOND"))


def wall_times(rule: Rule, start: When, first: date, last: date) -> Iterator[datetime]:
    """The rule's times on the days from first to last, in order, none before start; UNTIL is not looked at."""
    begin = datetime.combine(start, start.time() if isinstance(start, datetime) else time())
    clock = _clock(rule, start)
    positions = rule.numbers.get("BYSETPOS", ())
    checks = _checks(rule, begin.date())
    left = rule.count
    for ordinals in _stretches(rule, begin.date(), first, last):
        days = list(map(date.fromordinal, ordinals))
        for check in checks:
            days = [day for day in days if check(day)]
        found = [datetime.combine(day, moment) for day in days for moment in clock]
        found = [moment for moment in (_chosen(found, positions) if positions else found) if moment >= begin]
        if left is not None:
            found = found[:left]
            left -= len(found)
        yield from (moment for moment in found if first <= moment.date() <= last)
        if left == 0:
            return


def cost(rule: Rule, start: When, first: date, last: date) -> int:
    """How many times ``wall_times`` looks at, or somewhat more."""
    low = start.toordinal() if rule.count is not None else max(start.toordinal(), first.toordinal())
    days = max(0, last.toordinal() - low) + (_LONGEST_PERIOD if "BYSETPOS" in rule.numbers else 1)
    return (days // rule.interval + 1) * len(_clock(rule, start))


def _clock(rule: Rule, start: When) -> list[time]:
    if not isinstance(start, datetime):
        return [time()]
    if _OF_THE_CLOCK.isdisjoint(rule.numbers):
        return [start.time()]
    hours, minutes, seconds = (
        sorted(set(rule.numbers.get(key, (own,))))
        for key, own in (("BYHOUR", start.hour), ("BYMINUTE", start.minute), ("BYSECOND", start.second))
    )
    return [time(*parts) for parts in product(hours, minutes, seconds)]


def _chosen(found: list[datetime], positions: Collection[int]) -> list[datetime]:
    count = len(found)
    places = {place - 1 if place > 0 else count + place for place in positions}
    return [found[place] for place in sorted(places) if 0 <= place < count]


def _stretches(rule: Rule, begin: date, first: date, last: date) -> Iterator[Iterable[int]]:
    """Ordinals of the days to look at: all at once, or period by period where the rule counts within each."""
    low = begin if rule.count is not None else max(begin, first)
    if "BYSETPOS" not in rule.numbers:
        yield _ordinals(rule, begin, low.toordinal(), last.toordinal())
        return
    origin, nearest = _period(rule, begin), _period(rule, low)
    nearest += (origin - nearest) % rule.interval
    for period in range(nearest, _period(rule, last) + 1, rule.interval):
        yield _ordinals(rule, begin, *_bounds(rule, period))


def _ordinals(rule: Rule, begin: date, low: int, high: int) -> Iterable[int]:
    """In order, with no day that the rhythm rules out where that is cheaply told."""
    origin = begin.toordinal()
    if rule.freq == "DAILY":
        return range(low + (origin - low) % rule.interval, high + 1, rule.interval)
    if rule.freq != "WEEKLY":
        return _of_months(rule, begin, low, high)
    weekdays = {weekday for _, weekday in rule.weekdays} or {begin.weekday()}
    week, rhythm = _bounds(rule, _period(rule, begin))[0], 7 * rule.interval
    days = (week + (weekday - rule.week_start) % 7 for weekday in weekdays)
    return sorted(one for day in days for one in range(low + (day - low) % rhythm, high + 1, rhythm))


def _of_months(rule: Rule, begin: date, low: int, high: int) -> Iterator[int]:
    """The days of a monthly or yearly rule; what it leaves open is as at the start."""
    months, days = _numbers(rule, "BYMONTH"), _numbers(rule, "BYMONTHDAY")
    if not (days or rule.weekdays or _numbers(rule, "BYYEARDAY") or _numbers(rule, "BYWEEKNO")):
        days = (begin.day,)
        months = months or ((begin.month,) if rule.freq == "YEARLY" else ())
    origin, by_year = _period(rule, begin), rule.freq == "YEARLY"
    for number in range(_month(low), _month(high) + 1) if low <= high else ():
        year, month = number // 12, number % 12 + 1
        if (months and month not in months) or ((year if by_year else number) - origin) % rule.interval:
            continue
        before, length = date(year, month, 1).toordinal() - 1, _month_length(year, month)
        if days:
            found = sorted({day if day > 0 else length + 1 + day for day in days})
            yield from (before + day for day in found if 1 <= day <= length and low <= before + day <= high)
        else:
            yield from range(max(low, before + 1), min(high, before + length) + 1)


def _numbers(rule: Rule, key: str) -> tuple[int, ...]:
    return rule.numbers.get(key, ())


def _month(ordinal: int) -> int:
    day = date.fromordinal(ordinal)
    return day.year * 12 + day.month - 1


def _month_length(year: int, month: int) -> int:
    return 28 if month == 2 and not _is_leap(year) else MONTH_LENGTHS[month - 1]


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _period(rule: Rule, day: date) -> int:
    """The number of the week, month or year, as the rule divides time."""
    match rule.freq:
        case "WEEKLY":
            return (day.toordinal() - 1 - rule.week_start) // 7  # ordinal 1 was a Monday
        case "MONTHLY":
            return day.year * 12 + day.month - 1
        case _:
            return day.year


def _bounds(rule: Rule, period: int) -> tuple[int, int]:
    match rule.freq:
        case "WEEKLY":
            low = period * 7 + 1 + rule.week_start
            return low, low + 6
        case "MONTHLY":
            year, month = divmod(period, 12)
            low = date(year, month + 1, 1).toordinal()
            return low, low + _month_length(year, month + 1) - 1
        case _:
            return date(period, 1, 1).toordinal(), date(period, 12, 31).toordinal()


def _checks(rule: Rule, begin: date) -> list[Check]:
    """What a day must fulfil beside ``_ordinals``, the cheap first."""
    months, days, weekdays = _numbers(rule, "BYMONTH"), _numbers(rule, "BYMONTHDAY"), rule.weekdays
    year_days, weeks = _numbers(rule, "BYYEARDAY"), _numbers(rule, "BYWEEKNO")
    if weeks and not (days or weekdays or year_days):
        weekdays = ((0, begin.weekday()),)
    by_day = rule.freq in ("DAILY", "WEEKLY")
    checks: list[Check] = []
    if by_day and months:
        checks.append(lambda day: day.month in months)
    if weekdays and rule.freq != "WEEKLY":
        checks.append(_weekday_check(rule, weekdays))
    if by_day and days:
        checks.append(lambda day: _is_one_of(days, day.day, _month_length(day.year, day.month)))
    if year_days:
        checks.append(lambda day: _is_one_of(year_days, *_in_year(day)))
    if weeks:
        checks.append(lambda day: _is_one_of(weeks, *_week(day, rule.week_start)))
    return checks


def _weekday_check(rule: Rule, weekdays: Collection[tuple[int, int]]) -> Check:
    any_week = {weekday for which, weekday in weekdays if not which or rule.freq in ("DAILY", "WEEKLY")}
    counted = [{which for which, day in weekdays if day == weekday} for weekday in range(7)]
    of_month = rule.freq == "MONTHLY" or "BYMONTH" in rule.numbers
    if not any(counted[weekday] for weekday in range(7) if weekday not in any_week):
        return lambda day: day.weekday() in any_week

    def check(day: date) -> bool:
        weekday = day.weekday()
        if weekday in any_week or not counted[weekday]:
            return weekday in any_week
        number, of = (day.day, _month_length(day.year, day.month)) if of_month else _in_year(day)
        return (number + 6) // 7 in counted[weekday] or -1 - (of - number) // 7 in counted[weekday]

    return check


def _is_one_of(numbers: Collection[int], number: int, of: int) -> bool:
    """Whether the numbers hold that one of so many, counted from either end."""
    return number in numbers or number - 1 - of in numbers


def _in_year(day: date) -> tuple[int, int]:
    length = 366 if _is_leap(day.year) else 365
    return day.toordinal() - date(day.year, 1, 1).toordinal() + 1, length


def _week(day: date, week_start: int) -> tuple[int, int]:
    """The number of the day's week, and how many weeks that year has: week 1 holds 4 January."""
    year = (day + timedelta(days=3 - (day.weekday() - week_start) % 7)).year
    first, after = (_first_week(year, week_start), _first_week(year + 1, week_start))
    return (day.toordinal() - first) // 7 + 1, (after - first) // 7


def _first_week(year: int, week_start: int) -> int:
    fourth = date(year, 1, 4)
    return fourth.toordinal() - (fourth.weekday() - week_start) % 7
