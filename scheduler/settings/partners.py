"""Turns the two partner tables into partners, their calendars and their busy sources. Not here: rituals, mail."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scheduler.domain.couple import Partner
from scheduler.domain.dates import Dates
from scheduler.settings.calendars import calendar_of, check_calendars, rotas_of, sources_of
from scheduler.settings.model import FolderRoute, Rota, Route, Source
from scheduler.settings.report import Page, literal, ordinal
from scheduler.settings.schema import PartnerTable
from scheduler.settings.spelling import slug


@dataclass(frozen=True, slots=True)
class Person:
    """A partner with what is theirs on this machine."""

    partner: Partner
    calendar: Route
    busy: tuple[Source, ...]
    rotas: tuple[Rota, ...]


def read_partners(page: Page, folder: Path) -> tuple[Person, ...]:
    """The partners that are good; complains about the others, and unless there are two that differ."""
    tables = page.tables("partner")
    people = [(i, one) for i, raw in enumerate(tables) if (one := _read(page, i, raw, folder))]
    if len(tables) != 2 and isinstance(page.data.get("partner", []), list):
        path = ("partner", min(len(tables), 3) - 1)
        page.complain(path, f"a couple has two [[partner]] tables; here {_count(len(tables))}")
    elif len(people) == 2:
        _tell_apart(page, people[0][1], people[1][1])
    return tuple(one for _, one in people)


def names(page: Page) -> dict[str, str]:
    """The id of each partner by name and by id in small letters, however wrong the rest of the table is."""
    known: dict[str, str] = {}
    for raw in page.tables("partner"):
        name, given = raw.get("name"), raw.get("id")
        if isinstance(name, str):
            chosen = given if isinstance(given, str) and given else slug(name)
            known |= {chosen.lower(): chosen, name.strip().lower(): chosen}
    return known


def _count(tables: int) -> str:
    return {0: "is none", 1: "is one"}.get(tables, f"are {tables}")


def _read(page: Page, index: int, raw: dict[str, Any], folder: Path) -> Person | None:
    name = raw.get("name")
    label = f"partner {literal(name)}" if isinstance(name, str) and name else f"the {ordinal(index)} partner"
    table = page.check(PartnerTable, raw, ("partner", index), f"{label}: ")
    if not table:
        return None
    own_id = table.id or slug(table.name)
    if not own_id:
        page.complain(("partner", index, "name"), f'{label}: no id can be made of this name; give one, like id = "sam"')
        return None
    check_calendars(page, ("partner", index), label, table)
    return Person(
        partner=_partner(table, own_id),
        calendar=calendar_of(table, own_id, index, folder),
        busy=sources_of(table, folder),
        rotas=rotas_of(table, folder),
    )


def _partner(table: PartnerTable, id: str) -> Partner:
    return Partner(
        id=id,
        name=table.name,
        address=table.email,
        zone=table.zone,
        language=table.language,
        free=tuple(table.free),
        quiet=table.quiet,
        discreet=table.discreet,
        bedtime=table.bedtime,
        easy=table.easy,
        holidays=table.holidays,
        on_holidays=table.on_holidays,
        away=Dates(tuple(table.away), table.rest_day),
        tender=Dates(tuple(table.tender)),
    )


def _folder_of(person: Person) -> Path | None:
    return person.calendar.path if isinstance(person.calendar, FolderRoute) else None


def _tell_apart(page: Page, first: Person, second: Person) -> None:
    label = f"partner {literal(second.partner.name)}"
    if first.partner.id == second.partner.id:
        given = any("id" in raw for raw in page.tables("partner"))
        key = "id" if given else "name"
        hint = 'give this one an id of its own, like id = "sam-2"'
        page.complain(("partner", 1, key), f'{label}: the other partner is known as "{first.partner.id}" too; {hint}')
    elif _folder_of(first) is not None and _folder_of(first) == _folder_of(second):
        page.complain(("partner", 1, "calendar", "path"), f"{label}: calendar.path is the other partner's folder too")
    if first.partner.address.casefold() == second.partner.address.casefold():
        page.complain(
            ("partner", 1, "email"),
            f"{label}: email is the other partner's too; each needs an address that only they read",
        )
