"""The coming weeks on a terminal: for each a picture, and a list of what stands. Not here: planning, or words for why.

From 64 columns on the list is a table, below that a few short lines for each; it reads the same without colour.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from scheduler.app.days import clock_words, is_kept_free, season_words, seasons_between
from scheduler.app.facts import Facts, facts_of, was_words
from scheduler.app.forecast import Forecast
from scheduler.cli.drawing import are_apart, city_of, day_of, plain_table, time_of
from scheduler.cli.ribbon import BEGINS, HUES, legend, picture, sides_of
from scheduler.domain.couple import Couple, Partner
from scheduler.domain.localtime import local_date
from scheduler.domain.occurrence import Placement
from scheduler.domain.planning import Add, Cancel, Move
from scheduler.web.weeks import cut_weeks, hues_of

_WIDE = 64
_WIDEST = 120
_INDENT = 2
_DATE = 10


@dataclass(frozen=True, slots=True)
class Look:
    """How the weeks are shown: in so many columns, with why-lines, with pictures."""

    width: int
    explain: bool = False
    pictures: bool = True


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the list: an occurrence, its colour, and what this plan would change about it."""

    one: Placement
    facts: Facts
    style: str
    change: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """One week of the list: the dates that are shown, what stands on them by start, and what the days say."""

    dates: tuple[date, ...]
    entries: tuple[Entry, ...]
    notes: dict[date, str]


Rows = Sequence[tuple[str, str | Entry]]  # date where it is a new one, and a note or an entry


def draw_weeks(found: Forecast, look: Look) -> Iterator[RenderableType]:
    """Each week in its turn; the weeks are those of the first partner's wall."""
    question, couple = found.question, found.question.couple
    look = Look(min(look.width, _WIDEST), look.explain, look.pictures)
    sides = sides_of(question, found.standing)
    hues = hues_of(sides)
    for number, week in enumerate(cut_weeks(sides, found.first, found.last, question.now)):
        shown = [position for position in range(7) if found.first <= week.monday + timedelta(position) <= found.last]
        page = _page(found, tuple(week.monday + timedelta(position) for position in shown), hues, look)
        yield _heading(couple, week.monday, page, look)
        if look.pictures and (drawn := picture(question, week, shown, look.width - _INDENT)):
            yield _indented(drawn)
            if number == 0:
                yield _indented(legend())
            yield Text()
        yield _indented(_list(couple, page, look))


def _indented(part: RenderableType) -> Padding:
    return Padding(part, (0, 0, 0, _INDENT), expand=False)


def _heading(couple: Couple, monday: date, page: Page, look: Look) -> Text:
    line = Text(f"\nWeek of {monday:%A} {monday.day} {monday:%B %Y}", style="bold")
    for season in seasons_between(couple, page.dates[0], page.dates[-1]):
        line.append(f"\n{' ' * _INDENT}{season_words(season, page.dates[0])}", style="italic not bold")
    return line.append("\n") if look.pictures else line


def _page(found: Forecast, dates: tuple[date, ...], hues: dict[str, int], look: Look) -> Page:
    zone = found.question.couple.clock()
    ours = [
        _entry(found, one, hues)
        for one in (*found.standing, *found.going)
        if dates[0] <= local_date(one.starts_at, zone) <= dates[-1]
    ]
    notes = {day: said for day in dates if (said := _note(found, day, look))}
    return Page(dates, tuple(sorted(ours, key=lambda one: (one.one.starts_at, one.one.key))), notes)


def _entry(found: Forecast, one: Placement, hues: dict[str, int]) -> Entry:
    style = HUES[hues[one.ritual]] if one.ritual in hues else "dim"
    word = ""
    match found.changes.get(one.key):
        case Cancel():
            word = "goes"
        case Move():
            word = "moves"
        case Add() if not found.is_first:
            word = "new"
    return Entry(one, facts_of(found.question.couple, one), style, word)


def _note(found: Forecast, day: date, look: Look) -> str:
    """What the picture does not say already."""
    couple = found.question.couple
    kept = not look.pictures and is_kept_free(couple, found.question.holidays, day)
    return ", ".join(part for part in ("kept free" if kept else "", clock_words(couple, day)) if part)


def _list(couple: Couple, page: Page, look: Look) -> RenderableType:
    rows = _by_day(couple, page)
    empty = () if page.entries else (Text("Nothing is planned: these days are yours."),)
    if not rows:
        return Group(*empty)
    if look.width < _WIDE:
        return Group(*empty, *_lines(couple, rows, look))
    return Group(*empty, _table(couple, page, rows, look))


def _by_day(couple: Couple, page: Page) -> Rows:
    found: list[tuple[date, str | Entry]] = []
    zone = couple.clock()
    for day in page.dates:
        found += [(day, page.notes[day])] if day in page.notes else []
        found += [(day, one) for one in page.entries if local_date(one.one.starts_at, zone) == day]
    rows: list[tuple[str, str | Entry]] = []
    for day, group in groupby(found, key=lambda pair: pair[0]):
        rows += [("" if index else day_of(day), what) for index, (_, what) in enumerate(group)]
    return rows


def _table(couple: Couple, page: Page, rows: Rows, look: Look) -> Table:
    """Date, the time on each one's clock, and what; old times stand below the new ones."""
    apart = are_apart(couple, [one.one for one in page.entries])
    shown = couple.partners if apart else couple.partners[:1]
    names = [f"{one.name} ({city_of(one)})" for one in shown] if apart else ["both" if page.entries else ""]
    table = plain_table("", *names, "")
    table.columns[0].width, table.columns[0].no_wrap = _DATE, True
    for column, name in zip(table.columns[1:-1], names, strict=True):
        column.overflow, column.no_wrap = "ellipsis", True
        column.min_width = min(cell_len(name), (look.width - _DATE - 2) // 4)
    for label, what in rows:
        if isinstance(what, str):
            table.add_row(label, *("" for _ in shown), Text(what, style="dim"))
        else:
            clocks = [Text("\n").join(_times(what, one, couple)) for one in shown]
            table.add_row(label, *clocks, Text("\n").join(_told(what, look)))
    return table


def _times(entry: Entry, partner: Partner, couple: Couple) -> Iterator[Text]:
    one, was = entry.one, entry.facts.was
    yield Text(time_of(one, partner, couple.partners[0]), style="strike" if entry.change == "goes" else "")
    if was:
        yield Text(was_words(was, one.starts_at, partner.zone), style="dim")


def _told(entry: Entry, look: Look) -> Iterator[Text]:
    """The title with what is to be known, and why it stands there: always where it moved."""
    facts, gone = entry.facts, entry.change == "goes"
    line = Text.assemble((f"{BEGINS} ", entry.style), (facts.title, "strike" if gone else "bold"))
    line.append(f"  {' · '.join(facts.words)}", style="")
    if entry.change:
        line.append(f"  {entry.change}", style="italic")
    yield line
    if facts.why and not gone and (look.explain or facts.was):
        yield Text(facts.why, style="dim")


def _lines(couple: Couple, rows: Rows, look: Look) -> Iterable[RenderableType]:
    apart = are_apart(couple, [what.one for _, what in rows if not isinstance(what, str)])
    for label, what in rows:
        if label:
            yield Text(label, style="bold")
        if isinstance(what, str):
            yield _indented(Text(what, style="dim"))
            continue
        title, *why = _told(what, look)
        clocks = [_clock_line(what, one, couple, apart=apart) for one in couple.partners[: 2 if apart else 1]]
        yield _indented(title)
        yield from (_indented(_indented(part)) for part in (*clocks, *why))


def _clock_line(entry: Entry, partner: Partner, couple: Couple, *, apart: bool) -> Text:
    line = Text(", ").join(_times(entry, partner, couple))
    return line.append(f"  {partner.name}") if apart else line
