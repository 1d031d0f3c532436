"""`rituals status`: what is planned, due and wrong, on one screen. Not here: gathering it (app/report)."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click
from rich.padding import Padding
from rich.text import Text

from scheduler.adapters.system import SystemClock
from scheduler.app.entries import state_word
from scheduler.app.report import Overview, occurrence_document, overview, standing_words
from scheduler.app.snapshot import copied_store
from scheduler.cli.drawing import console, day_of, plain_table, print_document, times
from scheduler.cli.opening import config_option, read_settings
from scheduler.domain.outbox import State
from scheduler.settings import Settings


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one document instead of words.")
@config_option
def status(file: Path, *, as_json: bool) -> None:
    """Show in one screen what is planned, due and wrong; exit code 1 when something needs a person.

    This is the view of whoever runs the service: it tells where each partner stands.
    """
    settings, clock = read_settings(file), SystemClock()
    with copied_store(settings) as store, store.transaction() as tx:
        found = overview(settings, tx, clock.now())
    if as_json:
        print_document(_document(settings, found))
    else:
        _show(settings, found, standing={
            one.id: standing_words(settings.couple, found.members[one.id], clock.now())
            for one in settings.couple.partners
        })  # fmt: skip
    sys.exit(1 if found.troubles else 0)


def _show(settings: Settings, found: Overview, *, standing: dict[str, str]) -> None:
    screen, couple = console(), settings.couple
    people = plain_table("", "", "")
    people.add_row("service", _running(found), "")
    for one in couple.partners:
        people.add_row(one.name, standing[one.id], one.zone.key)
    screen.print(people)
    screen.print(Text("\nThe next seven days", style="bold"))
    if found.coming:
        screen.print(Padding(times(couple, list(found.coming)), (0, 0, 0, 2)))
    else:
        screen.print("  nothing" if found.begun else "  nothing before both have said yes (rituals join NAME)")
    _show_mails(settings, found)
    screen.print(Text("\nOutbox", style="bold"), _counted(found), sep="  ")
    _show_troubles(found)


def _running(found: Overview) -> str:
    if found.runner is None:
        return "not running"
    return f"running, process {found.runner.pid}" if found.runner.pid else "running"


def _show_mails(settings: Settings, found: Overview) -> None:
    if not found.mails:
        return
    table = plain_table("", "", "", "")
    for mail in found.mails:
        partner = settings.couple.partner(mail.partner)
        local = mail.due_at.astimezone(partner.zone)
        table.add_row(day_of(local), f"{local:%H:%M}", partner.name, mail.kind.value.replace("_", " "))
    screen = console()
    screen.print(Text("\nThe next mails, each in its reader's time", style="bold"))
    screen.print(Padding(table, (0, 0, 0, 2)))


def _by_word(found: Overview) -> dict[str, int]:
    counts = {state_word(state): 0 for state in State}
    for state, number in found.counts.items():
        counts[state_word(state)] += number
    return counts


def _counted(found: Overview) -> str:
    return ", ".join(f"{number} {word}" for word, number in _by_word(found).items())


def _show_troubles(found: Overview) -> None:
    screen = console()
    if not found.troubles:
        screen.print(Text("\nNothing needs you.", style="green"))
        return
    screen.print(Text("\nThis needs you", style="bold red"))
    table = plain_table("", "")
    for one in found.troubles:
        table.add_row("  -", Text.assemble(one.what, (f"\n→ {one.do}", "dim")))
    screen.print(table)


def _document(settings: Settings, found: Overview) -> dict[str, Any]:
    return {
        "couple": settings.couple.id,
        "service": {"running": found.runner is not None, "pid": found.runner.pid if found.runner else None},
        "partners": [_partner(settings, found, one.id) for one in settings.couple.partners],
        "coming": [occurrence_document(settings.couple, one) for one in found.coming],
        "mails": [
            {"partner": one.partner, "kind": one.kind.value, "due_at": one.due_at.isoformat()} for one in found.mails
        ],
        "outbox": _by_word(found),
        "troubles": [{"what": one.what, "do": one.do} for one in found.troubles],
    }


def _partner(settings: Settings, found: Overview, id: str) -> dict[str, Any]:
    partner, member = settings.couple.partner(id), found.members[id]
    return {
        "id": id,
        "name": partner.name,
        "zone": partner.zone.key,
        "standing": member.standing.value,
        "joined_at": member.joined_at.isoformat() if member.joined_at else None,
        "paused_until": member.paused_until.isoformat() if member.paused_until else None,
    }
