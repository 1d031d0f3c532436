"""From a service's state to the album that the page shows. Not here: markup (album), or who may see mails (cli)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from scheduler.app.letters import ShownLetter
from scheduler.app.rehearsal import Rehearsal
from scheduler.app.service import Service
from scheduler.domain.couple import Couple, Partner
from scheduler.domain.freebusy import union
from scheduler.domain.localtime import local_date
from scheduler.domain.occurrence import Fate, Placement
from scheduler.ports import BusyRecord
from scheduler.web.album import Album
from scheduler.web.weeks import RitualSlot, Side


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
    )


def rehearsed_album(couple: Couple, found: Rehearsal, notes: tuple[str, ...]) -> Album:
    """A rehearsal from its first to its last day."""
    standing, clock = list(found.placements), couple.clock()
    first, second = (
        Side(partner.id, partner.name, partner.zone, found.busy.get(partner.id, ()), _slots(couple, partner, standing))
        for partner in couple.partners
    )
    return Album(
        title=_title(couple),
        first=local_date(found.period[0], clock),
        last=local_date(found.period[1] - timedelta(seconds=1), clock),
        partners=(first, second),
        mails=found.letters,
        notes=notes,
    )


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
            found.append(RitualSlot(ritual.id, title, one.starts_at, one.ends_at, one.why, one.fate))
    return tuple(found)


def _trouble(couple: Couple, records: list[BusyRecord]) -> Iterable[str]:
    for record in records:
        if record.error:
            name = couple.partner(record.partner).name
            yield f"{name}'s calendar cannot be read just now: the last good times stay, and nothing new is placed."
