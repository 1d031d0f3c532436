"""`rituals init` asks a handful of questions and writes a file. Not here: what stands in it (settings/starter)."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from scheduler.adapters.system import use_packaged_zones
from scheduler.cli.opening import DEFAULT_FILE, give_up, read_settings
from scheduler.domain.errors import ConfigError
from scheduler.settings import Settings, SmtpOut, Starter, StarterPartner, starter_text
from scheduler.settings import fields as values

Check = Callable[[object], object]


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), default=DEFAULT_FILE)
@click.option(
    "--partner",
    "partners",
    multiple=True,
    metavar="NAME,EMAIL,ZONE[,BUSY]",
    help='One of the two, given twice: "Sam,sam@example.org,Europe/Berlin,sam.ics".',
)
@click.option("--smtp-host", help="The mail server; empty keeps mails in Maildir folders on this machine.")
@click.option("--sender", help="The address that all mails come from; a mail server needs one.")
@click.option("--contact", help="Whom to write to about pausing or leaving; empty means the sender.")
@click.option("--yes", is_flag=True, help="Ask nothing: what is not given takes its default.")
@click.pass_context
def init(ctx: click.Context, /, file: Path, partners: tuple[str, ...], **given: str | bool | None) -> None:
    """Write a config file with every setting explained, from a handful of questions.

    An existing file is never touched.
    """
    use_packaged_zones()
    if file.exists():
        raise click.ClickException(f"{file} is already there; name another file, or move it away")
    if not file.absolute().parent.is_dir():
        raise click.ClickException(f"the folder {file.absolute().parent} is not there; make it first")
    asker = _Asker(quiet=bool(given["yes"]))
    try:
        answers = _answers(asker, partners, given)
    except ValueError as err:
        raise click.UsageError(str(err), ctx) from err
    settings = _written(file, answers)
    click.echo(_next_steps(file, settings))


@dataclass(frozen=True, slots=True)
class _Asker:
    """Asks until an answer is good; quiet, it takes what was given or the default."""

    quiet: bool

    def ask(self, question: str, check: Check, given: object = None, *, default: str | None = None) -> str:
        """Raises ValueError for a given answer that is not good, and for a missing one that nobody may ask for."""
        if given is None and self.quiet:
            given = default
            if given is None:
                raise ValueError(f"{question}: nothing was given")
        if given is not None:
            return _checked(question, check, str(given))
        return str(click.prompt(question, value_proc=_as_prompt(check), default=default, show_default=bool(default)))


def _checked(question: str, check: Check, given: str) -> str:
    try:
        check(given.strip())
    except ValueError as err:
        raise ValueError(f'{question}: "{given.strip()}" {err}') from None
    return given.strip()


def _as_prompt(check: Check) -> Callable[[str], str]:
    """Click asks again after a UsageError."""

    def convert(answer: str) -> str:
        try:
            check(answer.strip())
        except ValueError as err:
            raise click.UsageError(f'"{answer.strip()}" {err}') from None
        return answer.strip()

    return convert


def _answers(asker: _Asker, partners: tuple[str, ...], given: dict[str, str | bool | None]) -> Starter:
    if partners and len(partners) != 2:
        raise ValueError(f"--partner is needed twice, once for each of the two; here {len(partners)}")
    rows = [_row(text) for text in partners] or [{}, {}]
    first = _partner(asker, "the first", rows[0], None)
    second = _partner(asker, "the second", rows[1], first)
    host = asker.ask(
        "Mail server (empty: mails stay in folders here)", values.maybe_host, given["smtp_host"], default=""
    )
    sender = _sender(asker, given["sender"], needed=bool(host))
    contact = asker.ask(
        "Whom to write to about pausing or leaving", values.words(160, empty=True), given["contact"], default=sender
    )
    return Starter((first, second), sender=sender, contact=contact, smtp_host=host)


def _sender(asker: _Asker, given: object, *, needed: bool) -> str:
    """Mails that stay on this machine need no sender, so nobody is asked for one."""
    if not needed and given is None:
        return ""
    return asker.ask("Address that mails come from", values.address if needed else values.maybe_address, given)


def _row(text: str) -> dict[str, str]:
    """Raises ValueError unless it has three or four parts."""
    parts = [part.strip() for part in text.split(",", 3)]
    if len(parts) < 3:
        raise ValueError(f'--partner "{text}" needs a name, an email and a zone, with commas between')
    return dict(zip(("name", "email", "zone", "busy"), [*parts, ""], strict=False))


def _partner(asker: _Asker, which: str, row: dict[str, str], other: StarterPartner | None) -> StarterPartner:
    name = asker.ask(
        f"Name of {which} partner", _unlike(values.words(60), other.name if other else None), row.get("name")
    )
    email = asker.ask(f"{name}'s email", _unlike(values.address, other.email if other else None), row.get("email"))
    zone = asker.ask(f"{name}'s time zone", values.zone, row.get("zone"), default=other.zone if other else _zone_here())
    question = f"{name}'s calendar as an .ics file (empty: none yet)"
    busy = asker.ask(question, values.own_path, row.get("busy"), default="")
    return StarterPartner(name, email, zone, busy)


def _unlike(check: Check, other: str | None) -> Check:
    """The check, and that it is not what the other partner has."""

    def both(value: object) -> object:
        if other is not None and str(value).casefold() == other.casefold():
            raise ValueError("is the other partner's; each of the two needs one of their own")
        return check(value)

    return both


def _zone_here() -> str | None:
    """The zone that this machine is set to; None where it is UTC, as servers are, or cannot be told."""
    name = os.environ.get("TZ", "") or str(Path("/etc/localtime").resolve()).partition("/zoneinfo/")[2]
    try:
        values.zone(name)
    except ValueError:
        return None
    return name if "/" in name and not name.startswith("Etc/") else None


def _written(file: Path, answers: Starter) -> Settings:
    """Write the file for its owner only, and read it back; one that cannot be used does not stay."""
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
            out.write(starter_text(answers))
    except OSError as err:
        raise click.ClickException(f"{file} cannot be written ({err.strerror})") from err
    try:
        return read_settings(file)
    except ConfigError as err:
        file.unlink()
        give_up(err)


def _next_steps(file: Path, settings: Settings) -> str:
    option = "" if str(file) == DEFAULT_FILE else f" --config {shlex.quote(str(file))}"
    return "\n".join(_steps(file, settings, option))


def _steps(file: Path, settings: Settings, option: str) -> Iterator[str]:
    yield f"\n{file} is written. Every setting stands in it, with its reason; change what you like.\n"
    rows = [(f"rituals doctor{option}", "checks everything, and says what to do")]
    rows += [
        (f"rituals join {shlex.quote(one.name)}{option}", f"{one.name} reads what it means, and may say yes")
        for one in settings.couple.partners
    ]
    rows += [
        (f"rituals simulate{option}", "plays four weeks through; nothing is sent"),
        (f"rituals run{option}", "starts the service"),
    ]
    width = max(len(command) for command, _ in rows)
    yield "Next:"
    yield from (f"  {command:<{width}}  {what}" for command, what in rows)
    if isinstance(settings.mail.route, SmtpOut):
        yield "\nDoes the mail server want a login? Set user and password_env below [mail.smtp]."
