"""What every command needs first: the file, the service, and errors as exit codes. Not here: any command."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import wraps
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click

from scheduler.adapters.system import use_packaged_zones
from scheduler.app.service import Service
from scheduler.app.wiring import open_service
from scheduler.content.assets import Assets
from scheduler.domain.errors import ConfigError, Conflict, Refused, RitualsError, Unavailable, Uncertain
from scheduler.settings import Settings, load

DEFAULT_FILE = "scheduler.toml"
EXIT_CODES: dict[type[RitualsError], int] = {  # Source: sysexits.h
    ConfigError: 78,
    Unavailable: 75,
    Refused: 69,
    Uncertain: 69,
    Conflict: 69,
}

Command = TypeVar("Command", bound=Callable[..., Any])


def config_option(command: Command) -> Command:
    """`--config FILE`, from RITUALS_CONFIG, or scheduler.toml in this folder."""
    option = click.option(
        "--config",
        "-c",
        "file",
        type=click.Path(path_type=Path, dir_okay=False),
        default=DEFAULT_FILE,
        envvar="RITUALS_CONFIG",
        show_default=True,
        show_envvar=True,
        help="The couple's file.",
    )
    return option(in_words(command))


def in_words(command: Command) -> Command:
    """Errors of ours become their text on stderr and an exit code; others stay what they are."""

    @wraps(command)
    def guarded(*args: Any, **options: Any) -> Any:
        try:
            return command(*args, **options)
        except RitualsError as err:
            give_up(err)

    return guarded  # type: ignore[return-value]


def give_up(err: RitualsError) -> NoReturn:
    click.echo(str(err), err=True)
    sys.exit(next(EXIT_CODES[kind] for kind in type(err).__mro__ if kind in EXIT_CODES))


def read_settings(file: Path) -> Settings:
    """Raises ConfigError with every problem of the file."""
    use_packaged_zones()
    return load(file, Assets(), os.environ)


@contextmanager
def opened(file: Path) -> Iterator[tuple[Settings, Service]]:
    """The couple's settings and service, for one command; the state is closed at the end."""
    settings = read_settings(file)
    service = open_service(settings)
    with closing(service.parts.store):
        yield settings, service


def partner_id(settings: Settings, name: str) -> str:
    """A partner by id or name, whatever the case; Raises click's usage error naming both."""
    for partner in settings.couple.partners:
        if name.lower() in (partner.id.lower(), partner.name.lower()):
            return partner.id
    names = " or ".join(partner.name for partner in settings.couple.partners)
    raise click.BadParameter(f"{name!r} is not in the file; say {names}")
