"""Reads one couple's file into Settings, or says everything that is wrong with it at once.

Not here: what one key may say (schema, fields) and how complaints find their lines (report).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType

from scheduler.content.assets import Assets
from scheduler.domain.couple import Couple, PlanRules
from scheduler.domain.dates import Dates
from scheduler.domain.deck import Taste
from scheduler.domain.errors import ConfigError, Problem
from scheduler.domain.message import Every, MailKind, MailRule
from scheduler.domain.ritual import Ritual
from scheduler.domain.season import Season
from scheduler.settings.calendars import check_places
from scheduler.settings.hidden import Hiding
from scheduler.settings.meeting import with_room
from scheduler.settings.model import GoogleAccess, MailOut, PublicPage, Settings, SmtpOut, ViewSettings
from scheduler.settings.outgoing import mail_out
from scheduler.settings.partners import Person, names, read_partners
from scheduler.settings.report import Page, key_literal, literal, unknown
from scheduler.settings.rituals import Found, Known, read_kinds, read_rituals
from scheduler.settings.schema import CoupleFile, GoogleTable, MailTable, PlanningTable, SwitchTable, ThemesTable
from scheduler.settings.seasons import read_presets, read_seasons, season_names

_KINDS, _SEASONS = "config/rituals.toml", "config/seasons.toml"
_NO_ENVIRONMENT: Mapping[str, str] = MappingProxyType({})


def load(path: Path, assets: Assets, env: Mapping[str, str] = _NO_ENVIRONMENT) -> Settings:
    """What the file says, with every default in place.

    Relative paths are taken from the file's own folder; ``env`` is where password_env looks.
    Raises: ConfigError with every problem at once, by line; files are named as they were given.
    """
    page = _page(path)
    folder = path.absolute().parent
    table = _couple_file(page)
    people = read_partners(page, folder)
    own = folder / table.service.override if table and table.service.override else None
    rituals, seasons, built_in = _rituals(page, Assets(own) if own else assets)
    out = mail_out(page, table.mail, folder, env) if table else None
    if table and out:
        _keep_boxes_closed(page, table, out)
        _find_folders(page, table, folder)
        check_places(page, table, [(one.partner, one.calendar, one.busy) for one in people])
        google = _google(page, table.google, folder, env)
        if len({one.partner.id for one in people}) == 2:
            rituals = with_room((people[0].partner, people[1].partner), table.planning.rest_day, rituals)
    problems = [*page.problems(), *(problem for one in built_in for problem in one.problems())]
    if problems or not table or not out:
        raise ConfigError(*problems)
    couple = _couple(table, people, tuple(one.ritual for one in rituals), seasons)
    return replace(_settings(page, path, table, (couple, people, out)), google=google)


def _page(path: Path) -> Page:
    try:
        page = Page(str(path), path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n"))
    except FileNotFoundError:
        raise ConfigError(Problem(str(path), None, "there is no such file; `rituals init` writes one")) from None
    except UnicodeDecodeError as err:
        line = err.object.count(b"\n", 0, err.start) + 1
        raise ConfigError(Problem(str(path), line, "is not UTF-8 text; save it as UTF-8")) from None
    except OSError as err:
        raise ConfigError(Problem(str(path), None, f"cannot be read: {err.strerror}")) from err
    if not page.readable:
        raise ConfigError(*page.problems())
    return page


def _couple_file(page: Page) -> CoupleFile | None:
    apart = ("partner", "ritual", "season")
    known = ["id", *apart, *(key for key in CoupleFile.model_fields if key != "id")]
    for key in page.data:
        if key not in known:
            page.complain((key,), unknown(key_literal(key), key, known))
    rest = {key: value for key, value in page.data.items() if key in known and key not in apart}
    return page.check(CoupleFile, rest, (), "")


def _rituals(page: Page, assets: Assets) -> tuple[list[Found], tuple[Season, ...], tuple[Page, Page]]:
    kinds_page, seasons_page = _built_in(assets, _KINDS), _built_in(assets, _SEASONS)
    kinds = read_kinds(kinds_page) | read_kinds(seasons_page)
    presets = read_presets(seasons_page)
    pages = kinds_page, seasons_page
    if any(one.problems() for one in pages):
        # broken kinds would make every ritual of the couple look wrong
        return [], (), pages
    known = Known(kinds, names(page), season_names(page, presets))
    found = read_rituals(page, known)
    return found, read_seasons(page, presets, known, found), pages


def _built_in(assets: Assets, name: str) -> Page:
    try:
        path = assets.path(name)
        return Page(str(path), path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as err:
        raise ConfigError(Problem(name, None, f"cannot be read: {err}")) from err


def _keep_boxes_closed(page: Page, table: CoupleFile, out: MailOut) -> None:
    if table.view.show_mail and isinstance(out.route, SmtpOut):
        why = "a host who is one of the partners must not read the other's box"
        page.complain(("view", "show_mail"), f"view.show_mail = true does not go with mail.smtp.host: {why}")


def _find_folders(page: Page, table: CoupleFile, folder: Path) -> None:
    if (own := table.service.override) and not (folder / own).is_dir():
        page.complain(("service", "override"), f"service.override = {literal(str(own))} is not a folder")
    for index, deck in enumerate(table.decks.folders):
        if not (folder / deck).is_dir():
            page.complain(("decks", "folders", index), f"decks.folders = {literal(str(deck))} is not a folder")


def _couple(
    table: CoupleFile, people: tuple[Person, ...], rituals: tuple[Ritual, ...], seasons: tuple[Season, ...]
) -> Couple:
    return Couple(
        id=table.id,
        partners=(people[0].partner, people[1].partner),
        rituals=rituals,
        mail=_mail_rules(table.mail),
        taste=_taste(table.themes, table.decks.on),
        rules=_rules(table.planning),
        seasons=seasons,
    )


def _settings(page: Page, path: Path, table: CoupleFile, found: tuple[Couple, tuple[Person, ...], MailOut]) -> Settings:
    couple, people, out = found
    folder = path.absolute().parent
    return Settings(
        couple=couple,
        calendars={one.partner.id: one.calendar for one in people},
        busy={one.partner.id: one.busy for one in people},
        rotas={one.partner.id: one.rotas for one in people},
        mail=out,
        state=folder / (table.service.state or "state"),
        decks=tuple(folder / one for one in table.decks.folders),
        override=folder / table.service.override if table.service.override else None,
        view=ViewSettings(table.view.on, table.view.port, table.view.show_mail),
        log=table.service.log,
        source=path,
        text_hash=hashlib.sha256(page.text.encode()).hexdigest(),
        keys=folder / (table.service.keys or "keys/keys.json"),
        public=PublicPage(table.public.address, table.public.port) if table.public.address else None,
    )


def _google(page: Page, table: GoogleTable, folder: Path, env: Mapping[str, str]) -> GoogleAccess | None:
    hiding = Hiding(
        *(("google",), "client_secret", "client_id", '"….apps.googleusercontent.com"'),
        env=table.client_secret_env,
        file=table.client_secret_file,
    )
    secret = hiding.read(page, folder, env, owned=bool(table.client_id))
    if table.client_id and not (table.client_secret_env or table.client_secret_file):
        page.complain(("google", "client_id"), "google.client_id needs client_secret_env or client_secret_file")
    return GoogleAccess(table.client_id, secret) if table.client_id else None


def _mail_rules(table: MailTable) -> dict[MailKind, MailRule]:
    """One rule for each kind; an invitation cannot be switched off: without it nobody could say yes."""
    rules = {MailKind.INVITATION: _whenever(SwitchTable(on=True))}
    rules |= {
        MailKind.WELCOME: _whenever(table.welcome),
        MailKind.TIME_SET: _whenever(table.time_set),
        MailKind.NEW_TIME: _whenever(table.new_time),
    }
    for kind, rhythm in (
        (MailKind.QUESTION, table.question),
        (MailKind.DIGEST, table.digest),
        (MailKind.REFLECTION, table.reflection),
    ):
        rules[kind] = MailRule(rhythm.on, rhythm.day, rhythm.at, rhythm.every)
    return rules


def _whenever(table: SwitchTable) -> MailRule:
    """The rule of a mail that comes when something happens: only ``on`` counts."""
    return MailRule(table.on, weekday=0, minute=0, every=Every.WEEK)


def _taste(table: ThemesTable, decks: list[str]) -> Taste:
    weights = {theme: weight for theme, weight in table.weights.items() if weight != 1}
    return Taste(weights=weights, off=frozenset(table.off), max_depth=table.depth, decks=frozenset(decks))


def _rules(table: PlanningTable) -> PlanRules:
    return PlanRules(
        horizon=timedelta(weeks=table.horizon_weeks),
        notice=timedelta(hours=table.notice_hours),
        freeze=timedelta(hours=table.freeze_hours),
        max_a_day=table.max_a_day,
        max_a_week=table.max_a_week,
        away=Dates(tuple(table.away), table.rest_day),
    )
