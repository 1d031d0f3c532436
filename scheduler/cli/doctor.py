"""`rituals doctor` says what is well, what is not, and what to do. Not here: the checks (app/checkup)."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from rich.text import Text

from scheduler.adapters.system import SystemClock, use_packaged_zones
from scheduler.app.checkup import Finding, Level, checkup
from scheduler.app.checkup.hello import say_hello
from scheduler.cli.drawing import console, plain_table, print_document
from scheduler.cli.opening import config_option, opened, read_settings

_MARKS = {Level.OK: ("ok", "green"), Level.WARN: ("warn", "yellow"), Level.BAD: ("bad", "bold red")}


@click.command()
@click.option("--offline", is_flag=True, help="Leave mail servers and calendars on servers alone.")
@click.option("--hello", is_flag=True, help="Also write an event that each partner can see, and take it away again.")
@click.option("--yes", is_flag=True, help="With --hello: do not wait until somebody has seen it.")
@click.option("--json", "as_json", is_flag=True, help="Print a list of findings instead of words.")
@config_option
def doctor(file: Path, *, offline: bool, hello: bool, yes: bool, as_json: bool) -> None:
    """Check everything the service needs, and say what to do; exit code 1 when something is bad.

    Looking changes nothing: no folder is made, and no mail is sent. With --hello each partner who has said yes gets
    an event that goes away again; where events go by mail, an invitation and its cancellation.
    """
    use_packaged_zones()
    findings = checkup(lambda: read_settings(file), SystemClock().now(), offline=offline)
    if hello:
        findings += _greeted(file, wait=not (yes or as_json))
    if as_json:
        print_document(
            [{"subject": one.subject, "level": one.level.value, "what": one.what, "do": one.do} for one in findings]
        )
    else:
        _show(findings)
    sys.exit(1 if any(one.level is Level.BAD for one in findings) else 0)


def _greeted(file: Path, *, wait: bool) -> list[Finding]:
    def seen(name: str, where: str) -> None:
        click.echo(f"{name}: a hello stands in {where}, in the coming two hours.")
        click.pause("Press any key once it was seen; then it is taken away again.")

    with opened(file) as (settings, service):
        return list(say_hello(settings, service, wait=seen) if wait else say_hello(settings, service))


def _show(findings: list[Finding]) -> None:
    screen, table = console(), plain_table("", "")
    for one in findings:
        text = Text.assemble((one.subject, "bold"), ": ", one.what)
        if one.do:
            text.append(f"\n→ {one.do}", style="dim")
        table.add_row(Text(*_MARKS[one.level]), text)
    screen.print(table)
    bad, warned = (sum(one.level is level for one in findings) for level in (Level.BAD, Level.WARN))
    if bad:
        screen.print(f"\n{bad} to mend before the service can work.")
    else:
        screen.print("\nNothing stands in the way." + (f" {warned} to know about." if warned else ""))
