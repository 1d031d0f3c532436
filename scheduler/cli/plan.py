"""`rituals plan` shows the coming weeks. Not here: planning (engine), or making anything of it real (run)."""

from __future__ import annotations

from pathlib import Path

import click

from scheduler.adapters.system import SystemClock
from scheduler.app.forecast import Forecast, forecast, forecast_document, grouped
from scheduler.cli.drawing import by_week, console, print_document
from scheduler.cli.opening import config_option, read_settings
from scheduler.domain.couple import Couple
from scheduler.domain.planning import Unplaced


@click.command()
@click.option("--weeks", type=click.IntRange(1, 12), help="How many weeks; default the file's planning.horizon_weeks.")
@click.option("--explain", is_flag=True, help="Say why each slot was chosen, and what found none and why.")
@click.option("--json", "as_json", is_flag=True, help="Print one document instead of tables.")
@config_option
def plan(file: Path, weeks: int | None, *, explain: bool, as_json: bool) -> None:
    """Show the coming weeks, in each one's own time.

    Busy times are read afresh; nothing is written, and nothing is sent.
    """
    settings = read_settings(file)
    found = forecast(settings, SystemClock(), weeks=weeks)
    if as_json:
        print_document(forecast_document(settings, found))
        return
    screen = console()
    for part in by_week(settings.couple, found.standing, explain=explain):
        screen.print(part)
    if not found.standing:
        screen.print("Nothing stands in these weeks.")
    for line in _afterwords(settings.couple, found, explain=explain):
        screen.print(line)


def _afterwords(couple: Couple, found: Forecast, *, explain: bool) -> list[str]:
    lines = [f"\nIn doubt, so nothing new is placed: {name}\n  {why}" for name, why in found.unreadable.items()]
    if found.unplaced and explain:
        lines.append("\nWithout a place")
        lines += [f"  {_group(one, number)}" for one, number in grouped(found.unplaced)]
    elif found.unplaced:
        lines.append(f"\n{len(found.unplaced)} more found no place; --explain says why.")
    if found.waiting:
        names = " and ".join(couple.partner(one).name for one in found.waiting)
        lines.append(f"\nThis is what could come; nothing is planned before {names} said yes.")
        lines.append("Until then their busy times are not read: free windows stand for them.")
    return lines


def _group(one: Unplaced, number: int) -> str:
    is_daily = one.occurrence.first == one.occurrence.last
    what = f"{number} {'day' if is_daily else 'time'}{'s' if number > 1 else ''}"
    return f"{one.title}, {what if number > 1 else _period(one)}: {one.reason.value}"


def _period(one: Unplaced) -> str:
    first, last = one.occurrence.first, one.occurrence.last
    start = f"{first:%a} {first.day} {first:%b}"
    return start if first == last else f"{start} to {last:%a} {last.day} {last:%b}"
