"""From a service's state to the album that the page shows. Not here: markup (album), or who may see mails (cli)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

from scheduler.app.days import is_kept_free
from scheduler.app.facts import facts_of
from scheduler.app.forecast import count_words, grouped, what_would_help
from scheduler.app.letters import ShownLetter
from scheduler.app.rehearsal import Rehearsal
from scheduler.app.service import Service
from scheduler.domain.couple import Couple, Partner
from scheduler.domain.freebusy import union
from scheduler.domain.localtime import days, local_date
from scheduler.domain.occurrence import Fate, Placement, monday_of
from scheduler.domain.planning import plan
from scheduler.domain.slots import Reason
from scheduler.ports import Almanac, BusyRecord
from scheduler.settings.places import holidays_of
from scheduler.web.album import Album, Missing
from scheduler.web.weeks import RitualSlot, Side

_NO_LACK = (Reason.RESTING, Reason.UNKNOWN)  # days are kept free by wish; what cannot be read has a note of its own


def live_album(service: Service, letters: Iterable[ShownLetter], mail_note: str) -> Album:
    """The week that is running and the weeks of the horizon, with everything that stands or stood there."""
    couple, now = service.couple, service.parts.clock.now()
    with service.parts.store.transaction() as tx:
        placements = tx.placements(couple.id, ending_after=now - timedelta(days=7))
        records = tx.busy(couple.id)
    today = local_date(now, couple.clock())
    return Album(
        title=_title(couple),
        first=today,
        last=today + couple.rules.horizon,
        partners=_sides(couple, placements, records),
        mails=tuple(letters),
        notes=tuple(_trouble(couple, records)),
        mail_note=mail_note,
        now=now,
        seasons=couple.seasons,
        kept=_kept(couple, today, today + couple.rules.horizon, service.parts.almanac),
        missing=tuple(_missing(service)),
    )


def rehearsed_album(couple: Couple, found: Rehearsal, notes: tuple[str, ...]) -> Album:
    """A rehearsal from its first to its last day."""
    standing, clock = list(found.placements), couple.clock()
    first_day, last_day = local_date(found.period[0], clock), local_date(found.period[1] - timedelta(seconds=1), clock)
    first, second = (
        Side(partner.id, partner.name, partner.zone, found.busy.get(partner.id, ()), _slots(couple, partner, standing))
        for partner in couple.partners
    )
    return Album(
        title=_title(couple),
        first=first_day,
        last=last_day,
        partners=(first, second),
        mails=found.letters,
        notes=notes,
        seasons=couple.seasons,
        kept=_kept(couple, first_day, last_day, holidays_of),
    )


def _kept(couple: Couple, first: date, last: date, almanac: Almanac) -> frozenset[date]:
    """The days kept free in the whole weeks around the dates."""
    shown = [*days(monday_of(first), monday_of(last) + timedelta(days=6))]
    one, other = (
        frozenset(day for year in {day.year for day in shown} for day in almanac(partner.holidays, year))
        if partner.holidays
        else frozenset()
        for partner in couple.partners
    )
    return frozenset(day for day in shown if is_kept_free(couple, (one, other), day))


def _missing(service: Service) -> Iterable[Missing]:
    """What a plan made now finds no place for. Nothing before both have said yes."""
    if any(one.joined_at is None for one in service.memberships().values()):
        return
    question = service.question()
    question = replace(question, couple=_veiled(question.couple))
    answer = plan(question)
    unplaced = [one for one in answer.unplaced if one.reason not in _NO_LACK]
    helps = what_would_help(question, answer, unplaced)
    for one, number in grouped(unplaced):
        found = tuple((way.text, way.starts_at) for way in helps[one.occurrence.key])
        yield Missing(one.title, count_words(one, number), one.reason.value, found)


def _veiled(couple: Couple) -> Couple:
    """The couple as a page for both may name its rituals, where one of the two is discreet."""
    if not any(partner.discreet for partner in couple.partners):
        return couple
    return replace(couple, rituals=tuple(replace(one, title=one.discreet_title) for one in couple.rituals))


def _title(couple: Couple) -> str:
    return " and ".join(partner.name for partner in couple.partners)


def _sides(couple: Couple, placements: list[Placement], records: list[BusyRecord]) -> tuple[Side, Side]:
    first, second = (
        Side(
            partner=partner.id,
            name=partner.name,
            zone=partner.zone,
            busy=union(span for record in records if record.partner == partner.id for span in record.spans),
            rituals=_slots(couple, partner, placements),
        )
        for partner in couple.partners
    )
    return first, second


def _slots(couple: Couple, partner: Partner, placements: list[Placement]) -> tuple[RitualSlot, ...]:
    found = []
    for one in placements:
        ritual = couple.ritual(one.ritual)
        if ritual is not None and one.fate is not Fate.WITHDRAWN:
            title = ritual.discreet_title if partner.discreet else ritual.title
            facts = facts_of(couple, one)
            slot = RitualSlot(ritual.id, title, one.starts_at, one.ends_at, one.why, one.fate, facts.words, facts.was)
            found.append(slot)
    return tuple(found)


def _trouble(couple: Couple, records: list[BusyRecord]) -> Iterable[str]:
    for record in records:
        if record.error:
            name = couple.partner(record.partner).name
            yield f"{name}'s calendar cannot be read just now: the last good times stay, and nothing new is placed."
