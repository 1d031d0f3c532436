"""Tables and words on a terminal, or in 80 columns of plain text. Not here: what is shown (the commands).

Rich is imported here and nowhere else, so a command that draws nothing does not pay for it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

import click
from rich.cells import cell_len
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from scheduler.app.report import is_moved
from scheduler.domain.couple import Couple, Partner
from scheduler.domain.localtime import local_date
from scheduler.domain.occurrence import Placement, monday_of

_TITLE = 1
_NARROWEST_TITLE = 8
_INDENT = 2


def console() -> Console:
    """Where to draw: no markup, so that a title in square brackets stays a title."""
    return Console(markup=False, emoji=False, highlight=False, soft_wrap=False)


def print_document(document: Any) -> None:
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))


def plain_table(*headings: str) -> Table:
    """A table without lines; an empty heading makes a column of marks."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim", show_header=any(headings))
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table


def by_week(couple: Couple, standing: Iterable[Placement], *, explain: bool = False) -> Iterator[RenderableType]:
    """For each week a heading and its times; the weeks are those of the first partner's zone."""
    zone = couple.clock()
    rows = sorted(standing, key=lambda one: (one.starts_at, one.key))
    for monday, week in groupby(rows, key=lambda one: monday_of(local_date(one.starts_at, zone))):
        yield Text(f"\nWeek of {monday:%A} {monday.day} {monday:%B %Y}", style="bold")
        yield Padding(times(couple, list(week), explain=explain), (0, 0, 0, _INDENT))


def times(couple: Couple, standing: list[Placement], *, explain: bool = False) -> RenderableType:
    """One row for each: date, ritual, and the time in each one's zone, or one time where their clocks agree.

    With ``explain`` a line below each says why it stands there.
    """
    headings, rows = _headings(couple, standing), _rows(couple, standing)
    widths = _widths(headings, rows)
    if not explain:
        return _table(headings, rows, widths)
    parts: list[RenderableType] = [_table(headings, [], widths)]
    for row, one in zip(rows, standing, strict=True):
        parts.append(_table([""] * len(row), [row], widths))
        parts.append(Padding(Text(one.why, style="dim"), (0, 0, 0, widths[0] + 4)))
    return Group(*parts)


def _widths(headings: list[str], rows: list[list[str]]) -> list[int]:
    """Each column as wide as its widest cell, but the title no wider than what the others leave."""
    date, title, *others = (max(map(cell_len, column)) for column in zip(headings, *rows, strict=True))
    room = console().width - date - sum(others) - 2 * len(headings) - _INDENT
    return [date, max(min(title, room), _NARROWEST_TITLE), *others]


def _table(headings: list[str], rows: list[list[str]], widths: list[int]) -> Table:
    table = plain_table(*headings)
    for number, (column, width) in enumerate(zip(table.columns, widths, strict=True)):
        column.min_width = column.max_width = width
        column.no_wrap = number != _TITLE
    for row in rows:
        table.add_row(*row)
    return table


def _are_apart(couple: Couple, standing: list[Placement]) -> bool:
    first, second = couple.partners
    return any(_offset(one, first) != _offset(one, second) for one in standing)


def _headings(couple: Couple, standing: list[Placement]) -> list[str]:
    apart = _are_apart(couple, standing)
    return ["", "", *([f"{one.name} ({_city(one)})" for one in couple.partners] if apart else ["both"]), ""]


def _rows(couple: Couple, standing: list[Placement]) -> list[list[str]]:
    first, shown = couple.partners[0], couple.partners if _are_apart(couple, standing) else couple.partners[:1]
    rows, before = [], ""
    for one in standing:
        day = day_of(one.starts_at.astimezone(first.zone))
        ritual = couple.ritual(one.ritual)
        clocks = [_time(one, partner, first) for partner in shown]
        mark = "moved" if is_moved(one) else ""
        rows.append([day if day != before else "", ritual.title if ritual else one.ritual, *clocks, mark])
        before = day
    return rows


def _offset(one: Placement, partner: Partner) -> timedelta | None:
    return one.starts_at.astimezone(partner.zone).utcoffset()


def _city(partner: Partner) -> str:
    return partner.zone.key.rpartition("/")[2].replace("_", " ")


def _time(one: Placement, partner: Partner, first: Partner) -> str:
    """ "18:30–19:30", with the weekday where it differs from the first partner's."""
    start, end = (moment.astimezone(partner.zone) for moment in (one.starts_at, one.ends_at))
    away = start.date() != one.starts_at.astimezone(first.zone).date()
    return f"{f'{start:%a} ' if away else ''}{start:%H:%M}–{end:%H:%M}"


def day_of(local: datetime) -> str:
    """ "Wed  2 Dec", as wide on every day."""
    return f"{local:%a} {local.day:>2} {local:%b}"
