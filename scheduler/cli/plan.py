"""`rituals plan` shows the coming weeks. Not here: planning (engine), or making anything of it real (run)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from scheduler.adapters.system import SystemClock
from scheduler.app.forecast import Forecast, count_words, forecast, forecast_document, grouped
from scheduler.cli.drawing import console, plain_table, print_document, waiting
from scheduler.cli.opening import config_option, read_settings
from scheduler.cli.week import Look, draw_weeks
from scheduler.domain.couple import Couple
from scheduler.domain.relax import Relaxation
from scheduler.domain.slots import Reason

_INDENT = 2


@click.command()
@click.option("--weeks", type=click.IntRange(1, 12), help="How many weeks; default the file's planning.horizon_weeks.")
@click.option("--explain", is_flag=True, help="Say why each slot was chosen, what found none, and what would help.")
@click.option("--list", "as_list", is_flag=True, help="Leave out the pictures of the weeks.")
@click.option("--json", "as_json", is_flag=True, help="Print one document instead of words.")
@config_option
def plan(file: Path, weeks: int | None, *, explain: bool, as_list: bool, as_json: bool) -> None:
    """Show the coming weeks, in each one's own time.

    Busy times are read afresh; nothing is written, and nothing is sent.

    The document of --json has couple, first, last, partners, seasons, waiting_for_a_yes (partners' ids), unreadable
    (source: why), occurrences, going (those that stand until now and would not after this plan) and unplaced.

    An occurrence has ritual, title, local_date, period, state, version ("full", "short", "tiny"), minutes, moved,
    turn (who plans it, or null), why, change ("add", "move" or null: against what stands until now), and under
    partners for each id starts_at, ends_at and previous (where it started before, or null) in their own zone.

    An unplaced one has ritual, title, period, first, last, reason and relaxations: the smallest changes that would
    give it a place, each with text, starts_at and ends_at; null where it was not worked out, as it is only for the
    first of each ritual and reason.
    """
    settings = read_settings(file)
    with waiting("Reading both calendars …"):
        found = forecast(settings, SystemClock(), weeks=weeks, helping=explain or as_json)
    if as_json:
        print_document(forecast_document(settings, found))
        return
    screen = console()
    for part in draw_weeks(found, Look(screen.width, explain=explain, pictures=not as_list)):
        screen.print(part)
    for line in afterwords(settings.couple, found, explain=explain):
        screen.print(line)


def afterwords(couple: Couple, found: Forecast, *, explain: bool) -> Iterator[Text | Padding]:
    for name, why in found.unreadable.items():
        yield Text(f"\nIn doubt, so nothing new is placed: {name}")
        yield _indented(Text(why))
    open_ones = [one for one in found.unplaced if one.reason is not Reason.RESTING]
    if found.unplaced and explain:
        yield Text("\nWithout a place", style="bold")
        for one, number in grouped(found.unplaced):
            yield _indented(Text(f"{one.title}, {count_words(one, number)}: {one.reason.value}"))
            yield from _helps(found.helps.get(one.occurrence.key, ()), found)
    elif open_ones:
        yield Text(f"\n{len(open_ones)} more found no place; --explain says why, and what would help.")
    if found.waiting:
        names = " and ".join(couple.partner(one).name for one in found.waiting)
        yield Text(f"\nThis is what could come; nothing is planned before {names} said yes.")
        yield Text("Until then their busy times are not read: free windows stand for them.")


def _helps(helps: tuple[Relaxation, ...], found: Forecast) -> Iterator[Padding]:
    """What would help, smallest first, each with the time that it gives."""
    zone = found.question.couple.clock()
    if helps:
        table = plain_table("", "")
        for one in helps:
            local = one.starts_at.astimezone(zone)
            table.add_row("→", Text(f"{one.text}: {local:%a} {local.day} {local:%b}, {local:%H:%M}"))
        yield _indented(Text("What would help:", style="dim"), deep=2)
        yield _indented(table, deep=2)


def _indented(words: RenderableType, *, deep: int = 1) -> Padding:
    return Padding(words, (0, 0, 0, deep * _INDENT), expand=False)
