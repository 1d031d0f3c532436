"""How long a plan over four weeks takes: at first, from the busy times of two, and with nothing changed.

Three couples: five weekly rituals (twenty occurrences), twenty rituals as a keen couple might have them, and a
calendar that cannot hold what is asked. Times are of the processor, for these machines are shared. The peer of the
search walks through every minute of the four weeks and asks whether both are free; the unchanged re-plan goes through
a real database, as the service's does.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from time import process_time
from typing import TypeVar

from scheduler.adapters.sqlstore import SqlStore
from scheduler.domain.cadence import Cadence, Daily, Monthly, Quarterly, Weekly
from scheduler.domain.couple import Couple, Membership, PlanRules, Standing
from scheduler.domain.freebusy import BusyView, Spans, span_of, union
from scheduler.domain.ground import Ground
from scheduler.domain.localtime import parse_window
from scheduler.domain.occurrence import Occurrence, expand
from scheduler.domain.planning import Plan, Question, ground_of, plan
from scheduler.domain.ritual import Ritual
from scheduler.domain.slots import Search, Wish, wish_for
from scheduler.engine import plan as planner
from scheduler.ports import BusyRecord
from tests.build import at, make_couple, make_partner, make_ritual

NOW, ROUNDS = at("2026-11-23 09:00"), 15
T = TypeVar("T")
Shape = tuple[tuple[Cadence, str, int], ...]  # cadence, windows, minutes
WEEKLY: Shape = (
    (Weekly(), "weekend 09:00-20:00", 60),
    (Weekly(), "weekdays 17:00-22:00", 30),
    (Weekly(), "17:00-22:00", 45),
    (Weekly(), "12:00-22:00", 90),
    (Weekly(), "fri-sun 16:00-22:30", 60),
)
KEEN: Shape = (
    *WEEKLY,
    *((Weekly(every=2), f"{days} 15:00-22:00", 45) for days in ("mon-wed", "thu-sat", "weekend", "daily")),
    *((Monthly(), "09:00-22:00", 60) for _ in range(6)),
    *((Quarterly(), "weekend 08:00-22:00", 120) for _ in range(3)),
    (Daily(), "06:30-08:30", 5),
    (Daily(), "21:00-22:30", 5),
)
TOO_MUCH: Shape = tuple((Weekly(times=2), "17:00-22:00", 30 + 15 * (number % 4)) for number in range(20))


def main() -> None:
    busy = _busy()
    for name, shape in (("20 occurrences", WEEKLY), ("20 rituals", KEEN), ("more than fits", TOO_MUCH)):
        couple = _couple(shape)
        first = Question(couple, (), (BusyView(busy[0]), BusyView(busy[1])), NOW)
        answer, spent = _timed(partial(plan, first))
        print(f"{name}: {len(shape)} rituals, {len(answer.standing)} placed, {len(answer.unplaced)} without a place")
        print(f"  plan: {spent * 1000:.1f} ms at first (median of {ROUNDS})")
        again = Question(couple, answer.standing, first.busy, NOW)
        same, unchanged = _timed(partial(plan, again))
        print(f"  plan of what stands already: {unchanged * 1000:.1f} ms, {len(same.changes)} changes")
        print(f"  the service's re-plan, nothing changed: {_replan(first) * 1000:.2f} ms, no writes")
    _search(_couple(KEEN), busy)


def _replan(question: Question) -> float:
    couple = question.couple
    members = {one.id: Membership(one.id, Standing.JOINED, NOW) for one in couple.partners}
    table = planner.Table(couple, members, {})
    with tempfile.TemporaryDirectory() as folder:
        store = SqlStore.open(Path(folder) / "bench.db", secret=lambda: bytes(32))
        with store.transaction() as tx:
            for one, view in zip(couple.partners, question.busy, strict=True):
                tx.save_busy(couple.id, BusyRecord(one.id, one.id, view.spans, "1", NOW))

        def replan() -> Plan | None:
            with store.transaction() as tx:
                sources = {one.id: (one.id,) for one in couple.partners}
                return planner.apply(tx, table, planner.ask(tx, couple, sources, NOW, almanac=lambda *_: {}))

        assert replan() is not None
        answer, spent = _timed(replan)
        assert answer is None
        store.close()
    return spent


def _search(couple: Couple, busy: tuple[Spans, Spans]) -> None:
    """Both look for the places of the same wishes, without choosing among them."""
    question = Question(couple, (), (BusyView(busy[0]), BusyView(busy[1])), NOW)
    last = NOW.date() + couple.rules.horizon
    wishes = [(one, ritual) for ritual in couple.rituals for one in expand(ritual, NOW.date(), last)]

    def search() -> list[Wish]:
        ground = ground_of(question)
        return [wish_for(one, ritual, ground, Search(int(NOW.timestamp()), widely=True)) for one, ritual in wishes]

    found, ours = _timed(search)
    ground = ground_of(question)
    by_minute, theirs = _timed(lambda: [_minute_by_minute(one, ritual, ground) for one, ritual in wishes], rounds=1)
    agree = sum(_starts(wish) == starts for wish, starts in zip(found, by_minute, strict=True))
    print(f"candidates: {ours / len(wishes) * 1000:.3f} ms for each of {len(wishes)} wishes")
    print(f"  peer: every minute in turn: {theirs / len(wishes) * 1000:.1f} ms, ratio {ours / theirs:.4f}")
    print(f"  the same places for {agree} of {len(wishes)} wishes")


def _starts(wish: Wish) -> set[int]:
    return {slot.start for slot in wish.slots}


def _minute_by_minute(occurrence: Occurrence, ritual: Ritual, ground: Ground) -> set[int]:
    """Every step from which each minute suits both; knows nothing of spans."""
    last = min(occurrence.last, ground.last)
    start = datetime.combine(occurrence.first, datetime.min.time(), ground.couple.clock(ritual))
    length, buffer = ritual.length // timedelta(minutes=1), ritual.buffer // timedelta(minutes=1)
    minutes = (last - occurrence.first + timedelta(days=2)) // timedelta(minutes=1)
    first, step = int(start.timestamp()) // 60, 15 if length >= 15 else 5
    taken = {minute for low, high in ground.taken for minute in range(low // 60 - buffer, high // 60 + buffer)}
    fits = [_suits(first + n, ritual, ground, (occurrence.first, last)) for n in range(minutes)]
    free = [suits and first + n not in taken for n, suits in enumerate(fits)]
    earliest = int(NOW.timestamp()) // 60
    begins = (n for n in range(minutes) if (first + n) % step == 0 and first + n >= earliest)
    return {60 * (first + n) for n in begins if n + length <= minutes and all(free[n : n + length])}


def _suits(minute: int, ritual: Ritual, ground: Ground, between: tuple[date, date]) -> bool:
    """Inside the ritual's windows on either wall; these windows never cross midnight."""
    for partner in ground.couple.partners:
        wall = datetime.fromtimestamp(minute * 60, partner.zone)
        now = wall.hour * 60 + wall.minute
        for windows in (ritual.windows, partner.free):
            if not any(wall.weekday() in one.weekdays and one.start <= now < one.end for one in windows):
                return False
    here = datetime.fromtimestamp(minute * 60, ground.couple.clock(ritual)).date()
    return between[0] <= here <= between[1]


def _couple(shape: Shape) -> Couple:
    rituals = tuple(_ritual(number, *one) for number, one in enumerate(shape))
    partners = (make_partner("sam"), make_partner("kim", zone=make_couple().partners[1].zone))
    return make_couple(rituals=rituals, partners=partners, rules=PlanRules(max_a_day=5, max_a_week=30))


def _ritual(number: int, cadence: Cadence, window: str, minutes: int) -> Ritual:
    return make_ritual(
        f"ritual-{number}",
        cadence=cadence,
        windows=(parse_window(window),),
        length=timedelta(minutes=minutes),
        ideal=parse_window(window).start + 60 if minutes > 5 else None,
        buffer=timedelta(minutes=10 if minutes > 5 else 0),
    )


def _busy() -> tuple[Spans, Spans]:
    """Work, and something on most evenings: every day differs, every run is the same; about 210 times for each."""
    return _life(0), _life(1)


def _life(person: int) -> Spans:
    spans = []
    for day in range(42):
        midnight = at("2026-11-22 00:00") + timedelta(days=day)
        if midnight.weekday() < 5:
            for hour in (8, 10, 13, 15):
                begin = midnight + timedelta(hours=hour, minutes=10 * person)
                spans.append(span_of(begin, begin + timedelta(minutes=60 + 10 * (day % 5))))
        evening = midnight + timedelta(hours=17 + (day + person) % 4)
        spans.append(span_of(evening, evening + timedelta(minutes=30 * ((day + 2 * person) % 5))))
    return union(spans)


def _timed(work: Callable[[], T], rounds: int = ROUNDS) -> tuple[T, float]:
    spent = []
    for _ in range(rounds):
        began = process_time()
        found = work()
        spent.append(process_time() - began)
    return found, median(spent)


if __name__ == "__main__":
    main()
