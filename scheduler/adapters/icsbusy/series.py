"""Which parts belong together, and when they are busy near the window. Not here: what a rule means (walk).

DTSTART counts although its rule does not match it, which the RFC leaves open: programs show it, and the
library that reads the rest says the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta, tzinfo

from scheduler.adapters.icsbusy.parts import Part
from scheduler.adapters.icsbusy.rules import Rule
from scheduler.adapters.icsbusy.values import When, alike, epoch, is_all_day, on_the_wall, span_from
from scheduler.adapters.icsbusy.walk import cost, wall_times
from scheduler.domain.spans import Span

Window = tuple[datetime, datetime]

_MARGIN = timedelta(days=2)  # walls are compared with a window in UTC; the caller cuts exactly
_PERIODS = {"DAILY": 1, "WEEKLY": 7, "MONTHLY": 28, "YEARLY": 365}
_BY_LIBRARY, _DEARER = 2000, 5  # what it costs us to ask it, and how much dearer each step is


def grouped(parts: Iterable[Part]) -> Iterator[list[Part]]:
    """Parts that belong together: a master, if there is one, with what replaces its instances.

    Of several masters the newest revision counts. Where several share that too, the UID was not unique: each
    counts, for a busy time must not get lost.
    """
    by_uid: dict[str, list[Part]] = {}
    for part in parts:
        by_uid.setdefault(part.uid, []).append(part)
    for group in by_uid.values():
        if len(group) == 1:
            yield group
            continue
        changes = [part for part in group if part.replaces is not None]
        masters = [part for part in group if part.replaces is None]
        newest = max((part.sequence for part in masters), default=0)
        masters = [part for part in masters if part.sequence == newest]
        yield [*masters[:1], *changes]
        yield from ([part] for part in masters[1:])


def steps(series: Sequence[Part], window: Window) -> int:
    """What ``busy_near`` costs, in days looked at."""
    if covers(series):
        return sum(cost(rule, part.start, *_days(part, window)) for part in series for rule in part.rules)
    end = window[1].toordinal()
    periods = sum(
        (end - part.start.toordinal()) // _PERIODS[rule.freq] // rule.interval for part in series for rule in part.rules
    )
    return _BY_LIBRARY + max(0, periods) * _DEARER


def busy_near(series: Sequence[Part], window: Window, zone: tzinfo) -> Iterable[Span]:
    """Busy instances of one series that touch the window, and some beside it; ``zone`` is that of dates."""
    if len(series) == 1 and not series[0].repeats:
        return own_times(series, zone)
    align(series, zone)
    if covers(series):
        return _instances(series, window, zone)
    # Imported where a file needs it: the libraries behind it cost more than reading a usual calendar does.
    from scheduler.adapters.icsbusy import thorough

    return thorough.instances(series, window, zone)


def own_times(series: Iterable[Part], zone: tzinfo) -> list[Span]:
    """Each part as if it did not repeat."""
    return [span_from(part.start, part.length, zone) for part in series if part.busy]


def align(series: Sequence[Part], zone: tzinfo) -> None:
    """Write every date that names an instance as its master writes its start."""
    master = series[0]
    if master.replaces is not None:
        return
    start = master.start
    master.extra = tuple((alike(one, start, zone), length) for one, length in master.extra)
    # A bare date as exception of a timed series excepts that whole day.
    master.gone = tuple(alike(one, start, zone) if isinstance(one, datetime) else one for one in master.gone)
    for part in series[1:]:
        if part.replaces is not None:
            part.replaces = alike(part.replaces, start, zone)


def covers(series: Sequence[Part]) -> bool:
    """Whether this module can be trusted with it: not where a change moves all that follows."""
    return not any(part.onwards or len(part.rules) > 1 for part in series)


def _instances(series: Sequence[Part], window: Window, zone: tzinfo) -> Iterator[Span]:
    master = series[0]
    gone = _names(master.gone, zone)
    changes = [part for part in _newest(series, zone) if gone.isdisjoint(_names([part.replaces], zone))]
    for part in changes:
        if part.busy:
            yield span_from(part.start, part.length, zone)
    if master.replaces is not None or not master.busy:
        return
    gone |= _names((part.replaces for part in changes), zone)
    days_gone = set() if is_all_day(master.start) else {when for when in master.gone if is_all_day(when)}
    lengths = {epoch(start, zone): length for start, length in master.extra if length}
    for start in _starts(master, window, zone):
        begin, end = span_from(start, master.length, zone)
        if gone and (begin in gone or _wall(start) in gone or _wall(start).date() in days_gone):
            continue
        yield span_from(start, lengths[begin], zone) if begin in lengths else (begin, end)


def _newest(series: Iterable[Part], zone: tzinfo) -> Iterable[Part]:
    """The changes, one for each instance; of equal revisions the first in the file."""
    changes: dict[int, Part] = {}
    for part in series:
        if part.replaces is not None:
            other = changes.setdefault(epoch(part.replaces, zone), part)
            if part.sequence > other.sequence:
                changes[epoch(part.replaces, zone)] = part
    return changes.values()


def _names(whens: Iterable[When | None], zone: tzinfo) -> set[int | datetime]:
    """By the instant and by the wall: in the hours that a clock change skips or doubles, files name either."""
    return {name for when in whens if when is not None for name in (epoch(when, zone), _wall(when))}


def _wall(when: When) -> datetime:
    return when.replace(tzinfo=None) if isinstance(when, datetime) else datetime.combine(when, time())


def _starts(master: Part, window: Window, zone: tzinfo) -> Iterator[When]:
    yield from (start for start, _ in master.extra)
    until = master.rules[0].until if master.rules else None
    if until is not None and epoch(until, zone) < epoch(master.start, zone):
        return
    yield master.start
    for rule in master.rules:
        yield from _starts_by(rule, master, window, zone)


def _starts_by(rule: Rule, master: Part, window: Window, zone: tzinfo) -> Iterator[When]:
    first, last = _days(master, window)
    until = None
    if rule.until is not None:
        until = epoch(rule.until, zone)
        if rule.until.toordinal() < last.toordinal():
            last = date.fromordinal(rule.until.toordinal() + 1)  # in no zone it is later than that
    for wall in wall_times(rule, master.start, first, last):
        start = wall.replace(tzinfo=master.start.tzinfo) if isinstance(master.start, datetime) else wall.date()
        if until is not None and epoch(start, zone) > until:
            return
        yield start


def _days(part: Part, window: Window) -> tuple[date, date]:
    """The first and last on which an instance may begin."""
    return (window[0] - _MARGIN - on_the_wall(part.length)).date(), (window[1] + _MARGIN).date()
