"""The command `rituals`: argv in, words out. Not here: decisions (engine) or settings (settings).

A command's module is imported only when the command runs: `--help` stays quick.
"""

from __future__ import annotations

from importlib import import_module

import click

COMMANDS = {
    "init": ("setup", "Write a config file from a handful of questions."),
    "doctor": ("doctor", "Check everything the service needs, and say what to do."),
    "connect": ("connect", "Let the service reach a partner's calendar."),
    "join": ("people", "Record a partner's yes."),
    "pause": ("people", "Silence everything for one partner until a date."),
    "leave": ("people", "Stop for one partner, at once."),
    "plan": ("plan", "Show the coming weeks, in each one's own time."),
    "calendars": ("calendars", "Show how each partner's calendar stands."),
    "status": ("status", "Show in one screen what is planned, due and wrong."),
    "outbox": ("outbox", "List what is due, sent, failed or uncertain; retry or drop."),
    "run": ("run", "Run the service."),
    "tick": ("run", "Do once what is due at a time."),
    "simulate": ("simulate", "Play the coming weeks through, touching and sending nothing."),
}


class _Commands(click.Group):
    """Knows every command by name and imports it only to run it."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"scheduler.cli.{COMMANDS[name][0]}"), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        self.commands = dict.fromkeys(COMMANDS, click.Command(None))  # names for "Did you mean …?"
        return super().resolve_command(ctx, args)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="couple-rituals", prog_name="rituals")
def main() -> None:
    """Small rituals on both partners' calendars, and a good question a week."""
