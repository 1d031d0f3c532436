"""`rituals outbox`: what is due, sent, failed or uncertain, and a host's word on it. Not here: doing it (engine)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
from rich.text import Text

from scheduler.adapters.system import SystemClock
from scheduler.app.entries import SHORT_KEY, Shown, about, entry_document, listed, state_word
from scheduler.app.entries import drop as drop_entry
from scheduler.app.entries import retry as retry_entry
from scheduler.app.snapshot import copied_store
from scheduler.cli.drawing import console, day_of, plain_table, print_document
from scheduler.cli.opening import config_option, in_words, read_settings
from scheduler.domain.couple import Couple
from scheduler.domain.outbox import EffectKind, OutboxEntry, State

own_config = click.option(
    "--config", "-c", "own_file", type=click.Path(path_type=Path, dir_okay=False), help="The couple's file."
)


@click.group(invoke_without_command=True)
@click.option(
    "--state",
    type=click.Choice([one.value for one in Shown]),
    help="Which entries; default those still to do and those that need you.",
)
@click.option("--json", "as_json", is_flag=True, help="Print a list of documents instead of a table.")
@config_option
@click.pass_context
def outbox(ctx: click.Context, file: Path, state: str | None, *, as_json: bool) -> None:
    """List what is due, sent, failed, uncertain or dropped; never what a mail says."""
    if ctx.invoked_subcommand:
        return
    settings = read_settings(file)
    with copied_store(settings) as store, store.transaction() as tx:
        found = listed(tx, settings.couple, Shown(state) if state else None)
    if as_json:
        print_document([entry_document(settings.couple, one) for one in found])
    elif found:
        _show(settings.couple, found)
    else:
        click.echo("Nothing here." if state else "Nothing is due, and nothing needs you (--state all lists the rest).")


def _show(couple: Couple, found: Sequence[OutboxEntry]) -> None:
    table = plain_table("key", "for", "what", "due", "state")
    for column in (0, 3, 4):
        table.columns[column].no_wrap = True
    for one in found:
        partner = couple.partner(one.partner)
        local = one.due_at.astimezone(partner.zone)
        due = f"{day_of(local)} {local:%H:%M}"
        table.add_row(one.key[:SHORT_KEY], partner.name, _what(couple, one), due, state_word(one.state))
    console().print(table)


def _what(couple: Couple, one: OutboxEntry) -> Text:
    """What it is about; for all but the sent ones also how often it was tried, and how that went."""
    what = Text(about(couple, one))
    if one.state is not State.DONE:
        tries = f"{one.attempts} {'try' if one.attempts == 1 else 'tries'}" if one.attempts else ""
        what.append("\n" + "; ".join(part for part in (tries, one.note) if part), style="dim")
    what.rstrip()
    return what


@outbox.command()
@click.argument("key")
@own_config
@click.pass_context
@in_words
def retry(ctx: click.Context, key: str, own_file: Path | None) -> None:
    """Let an entry that failed, is uncertain or was dropped go out again, now. KEY may be its first letters."""
    settings = read_settings(_file(ctx, own_file))
    entry = retry_entry(settings, SystemClock(), key)
    click.echo(f"{about(settings.couple, entry)} waits again and goes out at the service's next step.")
    if entry.kind is EffectKind.MAIL and entry.state is State.UNCERTAIN:
        click.echo("The first one may have arrived after all: then this is a second copy.")


@outbox.command()
@click.argument("key")
@own_config
@click.pass_context
@in_words
def drop(ctx: click.Context, key: str, own_file: Path | None) -> None:
    """Give up an entry that is due, failed or is uncertain. KEY may be its first letters."""
    settings = read_settings(_file(ctx, own_file))
    entry = drop_entry(settings, SystemClock(), key)
    click.echo(f"{about(settings.couple, entry)} will not go out.")


def _file(ctx: click.Context, own_file: Path | None) -> Path:
    """The option may stand before or behind the sub-command."""
    assert ctx.parent is not None
    given: Path = own_file or ctx.parent.params["file"]
    return given
