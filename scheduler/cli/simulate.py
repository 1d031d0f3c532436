"""`rituals simulate` plays the coming weeks through. Not here: the engine's steps, or the page (web)."""

from __future__ import annotations

import json
import tempfile
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from scheduler.adapters.system import SystemClock
from scheduler.app.rehearsal import Rehearsal, clear_folder, rehearse
from scheduler.app.report import occurrence_document
from scheduler.app.wiring import load_words
from scheduler.cli.opening import DEFAULT_FILE, config_option, read_settings
from scheduler.content.assets import Assets
from scheduler.domain.localtime import local_date, to_utc
from scheduler.settings import Settings
from scheduler.web.album import render_album
from scheduler.web.gather import rehearsed_album

EXAMPLE = "config/example/couple.toml"


@click.command()
@config_option
@click.option("--weeks", type=click.IntRange(1, 104), default=4, show_default=True, help="How many weeks to play.")
@click.option("--from", "start", metavar="DATE", help="The first day, 2026-11-23; default today.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Keep calendars, mails and a page here.")
@click.option("--json", "as_json", is_flag=True, help="Print one document instead of words.")
def simulate(file: Path, weeks: int, start: str | None, out: Path | None, *, as_json: bool) -> None:
    """Play the coming weeks through on a copy: no real calendar is touched, no mail is sent."""
    settings, is_example = _settings(file)
    words = load_words(settings)
    with ExitStack() as stack:
        folder = out or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rituals-"))) / "rehearsal"
        clear_folder(folder)
        bar = stack.enter_context(_bar(weeks, hidden=as_json))
        done = 0

        def progress(share: float) -> None:
            nonlocal done
            bar.update(int(share * weeks * 7) - done)
            done = int(share * weeks * 7)

        begins = _first_instant(settings, start)
        period = (begins, _weeks_later(begins, weeks, settings))
        found = rehearse(settings, words, folder, period=period, progress=progress)
        _write_page(settings, found, folder)
    if as_json:
        click.echo(json.dumps(document(settings, found), ensure_ascii=False, indent=2))
    else:
        _tell(settings, found, out, is_example=is_example)


def _settings(file: Path) -> tuple[Settings, bool]:
    """The couple's file, or the example couple where there is none and none was asked for."""
    if not file.exists() and str(file) == DEFAULT_FILE:
        return read_settings(Assets().path(EXAMPLE)), True
    return read_settings(file), False


def _first_instant(settings: Settings, start: str | None) -> datetime:
    if start is None:
        return SystemClock().now().replace(second=0, microsecond=0)
    zone = settings.couple.clock()
    try:
        return to_utc(local_date(datetime.fromisoformat(start).replace(tzinfo=zone), zone), 0, zone)
    except ValueError as err:
        raise click.BadParameter(f'{start!r} is not a date; write "2026-11-23"', param_hint="--from") from err


def _weeks_later(begins: datetime, weeks: int, settings: Settings) -> datetime:
    """The same hour on the wall: a change of the clocks neither adds a day to the last week nor takes one."""
    return (begins.astimezone(settings.couple.clock()) + timedelta(weeks=weeks)).astimezone(UTC)


def _bar(weeks: int, *, hidden: bool) -> Any:
    return click.progressbar(length=weeks * 7, label=f"{weeks} weeks", hidden=hidden, show_pos=False)


def _write_page(settings: Settings, found: Rehearsal, folder: Path) -> None:
    album = rehearsed_album(settings.couple, found, _not_yet(found))
    (folder / "index.html").write_text(render_album(album, Assets(settings.override)), encoding="utf-8")


def _not_yet(found: Rehearsal) -> tuple[str, ...]:
    """What to say of partners who have not joined; nothing where both have."""
    names = found.assumed_joined
    if not names:
        return ()
    verb = "has" if len(names) == 1 else "have"
    return (f"{' and '.join(names)} {verb} not said yes yet; this is what would come if both did.",)


def document(settings: Settings, found: Rehearsal) -> dict[str, Any]:
    """What happened as plain values: instants are ISO 8601 in each partner's own zone."""
    return {
        "occurrences": [
            occurrence_document(settings.couple, one)
            for one in sorted(found.placements, key=lambda one: (one.starts_at, one.key))
        ],
        "messages": [
            {
                "partner": one.partner,
                "kind": one.kind.value,
                "sent_at": one.sent_at.astimezone(UTC).isoformat(),
                "subject": one.subject,
            }
            for one in found.letters
        ],
        "unplaced": [
            {"ritual": one.occurrence.ritual, "period": one.occurrence.period, "reason": one.reason.value}
            for one in found.outlook.unplaced
        ],
    }


def _tell(settings: Settings, found: Rehearsal, out: Path | None, *, is_example: bool) -> None:
    if is_example:
        click.echo(f"No {DEFAULT_FILE} here, so this is the example couple. Write your own with: rituals init")
    for note in _not_yet(found):
        click.echo(note)
    for partner in settings.couple.partners:
        mails = sum(letter.partner == partner.id for letter in found.letters)
        click.echo(f"{partner.name}: {len(found.placements)} rituals, {mails} mails")
    if out is None:
        click.echo("Nothing was kept; with --out DIR you get both calendars, every mail and a page to look at.")
    else:
        click.echo(f"Open {out / 'index.html'}")
