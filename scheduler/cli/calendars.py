"""`rituals calendars`: how each partner's calendar stands, and what to do next. Not here: gathering it (app/routes)."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import click
from rich.text import Text

from scheduler.adapters.system import SystemClock
from scheduler.app.routes import Station, station_document, stations
from scheduler.app.snapshot import copied_store
from scheduler.cli.drawing import console, plain_table, print_document
from scheduler.cli.opening import config_option, read_settings
from scheduler.domain.couple import Partner


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print a list instead of words.")
@config_option
def calendars(file: Path, *, as_json: bool) -> None:
    """Show each partner's route, the last look and write, the last trouble, and what to do next.

    Exit code 1 when something stands in the way. Nothing is asked of any server: rituals doctor does that.
    """
    settings, now = read_settings(file), SystemClock().now()
    with copied_store(settings) as store, store.transaction() as tx:
        found = stations(settings, tx, now)
    if as_json:
        print_document([station_document(one) for one in found])
    else:
        _show(found, now)
    sys.exit(1 if any(one.trouble for one in found) else 0)


def _show(found: list[Station], now: datetime) -> None:
    screen = console()
    for number, one in enumerate(found):
        if number:
            screen.print()
        screen.print(Text.assemble((one.partner.name, "bold"), f"  {one.route}: {one.words}"))
        table = plain_table("", "")
        for label, words in _rows(one, now):
            table.add_row(Text(f"  {label}", style="dim"), Text(words))
        screen.print(table)


def _rows(one: Station, now: datetime) -> list[tuple[str, str]]:
    rows = [("last look", _looked(one, now)), ("last write", _ago(one.wrote_at, one.partner, now) or "nothing so far")]
    if one.waiting:
        rows.append(("waiting", f"{one.waiting} to be written"))
    if one.cut_since:
        rows.append(("no access since", _ago(one.cut_since, one.partner, now)))
    if one.trouble:
        rows.append(("trouble", one.trouble))
    if one.step:
        rows.append(("next", one.step))
    return rows


def _looked(one: Station, now: datetime) -> str:
    if one.route == "folder":
        return "every minute while the service runs"
    if one.route in ("invite", "feed"):
        return "never: there is nothing to look at"
    return _ago(one.looked_at, one.partner, now) or "not yet"


def _ago(moment: datetime | None, partner: Partner, now: datetime) -> str:
    """ "Fri 27 Nov 18:05, 12 minutes ago", in the partner's time; "" for never."""
    if moment is None:
        return ""
    local, minutes = moment.astimezone(partner.zone), int((now - moment).total_seconds() // 60)
    ago = f"{_span(minutes)} ago" if minutes > 0 else "just now"
    return f"{local:%a} {local.day} {local:%b %H:%M}, {ago}"


def _span(minutes: int) -> str:
    for size, unit in ((2 * 24 * 60, "days"), (2 * 60, "hours")):
        if minutes >= size:
            return f"{minutes // (size // 2)} {unit}"
    return "a minute" if minutes == 1 else f"{minutes} minutes"
