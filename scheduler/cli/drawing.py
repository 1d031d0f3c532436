"""Tables and words on a terminal, or in 80 columns of plain text. Not here: what is shown (the commands).

Rich is imported here and by what draws, so a command that draws nothing does not pay for it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import date, timedelta
from typing import Any

import click
from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.table import Table
from rich.text import Text

from scheduler.app.report import is_moved
from scheduler.domain.couple import Couple, Partner
from scheduler.domain.occurrence import Placement

_TITLE = 1
_NARROWEST_TITLE = 8
_INDENT = 2


def console() -> Console:
    """Where to draw: no markup, so that a title in square brackets stays a title."""
    return Console(markup=False, emoji=False, highlight=False, soft_wrap=False)


@contextmanager
def waiting(words: str) -> Iterator[None]:
    """Say on stderr, where a person looks on, that something takes its time."""
    screen = Console(stderr=True, markup=False)
    with screen.status(Text(words)) if screen.is_terminal else nullcontext():
        yield


def print_document(document: Any) -> None:
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))


def plain_table(*headings: str) -> Table:
    """A table without lines; an empty heading makes a column of marks."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim", show_header=any(headings))
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table


def times(couple: Couple, standing: list[Placement]) -> Table:
    """One row for each: date, ritual, and the time in each one's zone, or one time where their clocks agree."""
    headings, rows = _headings(couple, standing), _rows(couple, standing)
    return _table(headings, rows, _widths(headings, rows))


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


def are_apart(couple: Couple, standing: list[Placement]) -> bool:
    first, second = couple.partners
    return any(_offset(one, first) != _offset(one, second) for one in standing)


def _headings(couple: Couple, standing: list[Placement]) -> list[str]:
    apart = are_apart(couple, standing)
    return ["", "", *([f"{one.name} ({city_of(one)})" for one in couple.partners] if apart else ["both"]), ""]


def _rows(couple: Couple, standing: list[Placement]) -> list[list[str]]:
    first, shown = couple.partners[0], couple.partners if are_apart(couple, standing) else couple.partners[:1]
    rows, before = [], ""
    for one in standing:
        day = day_of(one.starts_at.astimezone(first.zone))
        ritual = couple.ritual(one.ritual)
        clocks = [time_of(one, partner, first) for partner in shown]
        mark = "moved" if is_moved(one) else ""
        rows.append([day if day != before else "", ritual.title if ritual else one.ritual, *clocks, mark])
        before = day
    return rows


def _offset(one: Placement, partner: Partner) -> timedelta | None:
    return one.starts_at.astimezone(partner.zone).utcoffset()


def city_of(partner: Partner) -> str:
    return partner.zone.key.rpartition("/")[2].replace("_", " ")


def time_of(one: Placement, partner: Partner, first: Partner) -> str:
    """ "18:30–19:30", with the weekday where it differs from the first partner's."""
    start, end = (moment.astimezone(partner.zone) for moment in (one.starts_at, one.ends_at))
    away = start.date() != one.starts_at.astimezone(first.zone).date()
    return f"{f'{start:%a} ' if away else ''}{start:%H:%M}–{end:%H:%M}"


def fitted(text: str, width: int) -> str:
    """The text in exactly so many columns, cut with "…" where it is longer."""
    return set_cell_size(text, width) if cell_len(text) <= width else f"{set_cell_size(text, width - 1)}…"


def day_of(local: date) -> str:
    """ "Wed  2 Dec", as wide on every day."""
    return f"{local:%a} {local.day:>2} {local:%b}"
