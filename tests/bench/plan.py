"""How long a plan of 20 rituals over four weeks takes, at first and with nothing changed, and the candidate search.

The peer of the search walks through every minute of the four weeks and asks whether both are free.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from statistics import median
from time import perf_counter
from typing import TypeVar

from scheduler.domain.cadence import Cadence, Daily, Monthly, Weekly
from scheduler.domain.couple import Couple
from scheduler.domain.freebusy import BusyView, Spans, span_of, union
from scheduler.domain.localtime import parse_window
from scheduler.domain.occurrence import Occurrence, expand
from scheduler.domain.planning import Plan, Question, plan
from scheduler.domain.ritual import Ritual
from scheduler.domain.slots import Calendar, Wish, wish_for
from tests.build import at, make_couple, make_partner, make_ritual

NOW, ROUNDS = at("2026-11-23 09:00"), 5
T = TypeVar("T")
RHYTHMS: tuple[tuple[Cadence, str], ...] = (
    (Daily(), "06:30-22:30"),
    (Weekly(), "sat, sun 09:00-20:00"),
    (Weekly(times=2), "17:00-22:00"),
    (Weekly(every=2), "12:00-22:00"),
    (Monthly(), "10:00-21:00"),
)


def main() -> None:
    couple, busy = _couple(), _busy()
    first = Question(couple, (), (BusyView(busy), BusyView(busy)), NOW)
    answer, at_first = _timed(lambda: plan(first))
    again = Question(couple, answer.standing, first.busy, NOW)
    same, unchanged = _timed(lambda: plan(again))
    assert isinstance(answer, Plan)
    print(f"plan of {len(couple.rituals)} rituals over 4 weeks: {at_first * 1000:.0f} ms at first")
    print(f"  {len(answer.standing)} placed, {len(answer.unplaced)} without a place, {len(busy)} busy spans")
    print(f"  again: {unchanged * 1000:.0f} ms, {len(same.changes)} changes, ratio {unchanged / at_first:.2f}")
    _search(couple, busy)


def _search(couple: Couple, busy: Spans) -> None:
    """Both look for the places of the same wishes, without choosing among them."""
    last = NOW.date() + couple.rules.horizon
    calendar = Calendar(couple, busy, NOW, last)
    wishes = [(one, ritual) for ritual in couple.rituals for one in expand(ritual, NOW.date(), last)]
    found, ours = _timed(lambda: [wish_for(one, ritual, calendar) for one, ritual in wishes])
    by_minute, theirs = _timed(lambda: [_minute_by_minute(one, ritual, calendar) for one, ritual in wishes], rounds=1)
    agree = sum(_starts(wish) == starts for wish, starts in zip(found, by_minute, strict=True))
    print(f"candidates of {len(wishes)} wishes: {ours * 1000:.0f} ms")
    print(f"  peer: every minute in turn: {theirs * 1000:.0f} ms, ratio {ours / theirs:.3f}")
    print(f"  the same places for {agree} of {len(wishes)} wishes")


def _starts(wish: Wish) -> set[int]:
    return {slot.start for slot in wish.slots}


def _minute_by_minute(occurrence: Occurrence, ritual: Ritual, calendar: Calendar) -> set[int]:
    """Every quarter of an hour from which each minute suits both; knows nothing of spans."""
    last = min(occurrence.last, calendar.last)
    start = datetime.combine(occurrence.first, datetime.min.time(), calendar.couple.clock(ritual))
    length, buffer = ritual.length // timedelta(minutes=1), ritual.buffer // timedelta(minutes=1)
    minutes = (last - occurrence.first + timedelta(days=2)) // timedelta(minutes=1)
    first = int(start.timestamp()) // 60
    taken = {minute for low, high in calendar.busy for minute in range(low // 60 - buffer, high // 60 + buffer)}
    fits = [_suits(first + n, ritual, calendar, (occurrence.first, last)) for n in range(minutes)]
    free = [suits and first + n not in taken for n, suits in enumerate(fits)]
    earliest = int(calendar.earliest.timestamp()) // 60
    begins = (n for n in range(minutes) if (first + n) % 15 == 0 and first + n >= earliest)
    return {60 * (first + n) for n in begins if n + length <= minutes and all(free[n : n + length])}


def _suits(minute: int, ritual: Ritual, calendar: Calendar, between: tuple[date, date]) -> bool:
    """Inside the ritual's windows on either wall; these windows never cross midnight."""
    for partner in calendar.couple.partners:
        wall = datetime.fromtimestamp(minute * 60, partner.zone)
        now = wall.hour * 60 + wall.minute
        for windows in (ritual.windows, partner.free):
            if not any(wall.weekday() in one.weekdays and one.start <= now < one.end for one in windows):
                return False
    here = datetime.fromtimestamp(minute * 60, calendar.couple.clock(ritual)).date()
    return between[0] <= here <= between[1]


def _couple() -> Couple:
    rituals = tuple(_ritual(number) for number in range(20))
    partners = (make_partner("sam"), make_partner("kim", zone=make_couple().partners[1].zone))
    return make_couple(rituals=rituals, partners=partners)


def _ritual(number: int) -> Ritual:
    cadence, window = RHYTHMS[number % len(RHYTHMS)]
    return make_ritual(
        f"ritual-{number}",
        cadence=cadence,
        windows=(parse_window(window),),
        length=timedelta(minutes=15 + 15 * (number % 4)),
        ideal=(10 + number % 10) * 60,
        buffer=timedelta(minutes=10),
    )


def _busy() -> Spans:
    """Work, and something on most evenings: every day differs, every run is the same."""
    spans = []
    for day in range(42):
        midnight = at("2026-11-22 00:00") + timedelta(days=day)
        if midnight.weekday() < 5:
            spans += [span_of(midnight + timedelta(hours=8), midnight + timedelta(hours=16 + day % 3))]
        evening = midnight + timedelta(hours=17 + day % 4)
        spans += [span_of(evening, evening + timedelta(minutes=30 * (day % 5)))]
    return union(spans)


def _timed(work: Callable[[], T], rounds: int = ROUNDS) -> tuple[T, float]:
    spent = []
    for _ in range(rounds):
        began = perf_counter()
        found = work()
        spent.append(perf_counter() - began)
    return found, median(spent)


if __name__ == "__main__":
    main()
