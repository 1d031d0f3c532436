"""Tender dates: nothing is placed or sent, to either, and nothing shows which of the two named them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from scheduler.domain.couple import Couple
from scheduler.domain.dates import Dates, parse_stretch
from scheduler.domain.event import Event
from scheduler.domain.localtime import local_date, parse_window
from scheduler.domain.outbox import EffectKind, OutboxEntry, State
from tests.build import make_partner
from tests.world import START, usual_couple, world

DAYS = 8
DAY = timedelta(days=1)
# A question on Wednesday, a coffee on Saturday and a digest on Sunday would fall on these.
TENDER = Dates(tuple(map(parse_stretch, ("2026-11-25", "2026-11-28 to 2026-11-29"))))
QUIET = parse_window("21:30-07:00")
Mails = list[tuple[datetime, bytes]]


def couple_of(*named_by: str, tender: Dates = TENDER) -> Couple:
    zones = {"sam": "Europe/Berlin", "kim": "Europe/London"}
    dates = {name: tender if name in named_by else Dates() for name in zones}
    sam, kim = (
        make_partner(name, zone=ZoneInfo(zone), quiet=QUIET, tender=dates[name]) for name, zone in zones.items()
    )
    return usual_couple(partners=(sam, kim))


@dataclass(frozen=True)
class Lived:
    """What came of the days: each one's mails with their instants, each one's events, the outbox, the log."""

    mails: dict[str, Mails]
    events: dict[str, list[Event]]
    outbox: list[OutboxEntry]
    log: list[str]


@cache
def lived(*named_by: str) -> Lived:
    log: list[str] = []
    with world(couple_of(*named_by)) as made:
        w = made.restarted(log=lambda event, **fields: log.append(f"{event} {fields}"))
        w.until(START + DAYS * DAY)
        outbox = w.outbox()
        done = {one.key: one.done_at or START for one in outbox}
        mails: dict[str, Mails] = {"sam": [], "kim": []}
        for one in w.mailer.sent:
            mails[one.partner].append((done[one.key], one.data))
        events = {name: [replace(one, revised_at=START) for one in w.calendars[name].events] for name in mails}
        return Lived(mails, events, outbox, log)


def test_mails_and_events_are_the_same_whoever_named_the_dates() -> None:
    sams, kims, both = lived("sam"), lived("kim"), lived("sam", "kim")
    assert sams.mails == kims.mails == both.mails
    assert sams.events == kims.events == both.events


def test_on_ones_own_tender_dates_nothing_comes_and_nothing_stands() -> None:
    for named_by, some in (((), True), (("kim",), False)):
        found = lived(*named_by)
        for partner in couple_of().partners:
            sent = [at for at, _ in found.mails[partner.id] if local_date(at, partner.zone) in TENDER]
            stands = [one for one in found.events[partner.id] if local_date(one.starts_at, partner.zone) in TENDER]
            assert (bool(sent), bool(stands)) == (some, some)


def test_what_waited_comes_once_the_next_night_is_over() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    by_hour = {f"{at.astimezone(berlin):%a %d %H:%M}": data for at, data in lived("kim").mails["sam"]}
    assert b"Subject: This week's note" in by_hour["Thu 26 07:00"]
    assert b"Subject: The week ahead" in by_hour["Mon 30 07:00"]


def test_nothing_is_lost_or_sent_twice() -> None:
    found = lived("kim")
    mails = [one for one in found.outbox if one.kind is EffectKind.MAIL]
    assert {one.state for one in mails} == {State.DONE}
    assert len(mails) == sum(map(len, found.mails.values()))


def test_a_time_that_was_found_on_a_tender_date_is_told_the_day_after() -> None:
    with world(couple_of("kim", tender=Dates((parse_stretch("2026-11-25"),)))) as w:
        w.until(START + DAY)
        told = len(w.subjects("sam"))
        w.until(START + 2 * DAY)  # Wednesday, 10:00 in Berlin
        coffee = next(one for one in w.calendars["sam"].events if one.title == "Coffee")
        w.calendars["sam"].person_moves(coffee.uid, coffee.starts_at + timedelta(minutes=30))
        w.until(START + 2 * DAY + timedelta(hours=12))
        assert len(w.subjects("sam")) == told
        w.until(START + 3 * DAY)
        assert "A new time" in w.subjects("sam")[told:]


def test_neither_the_operators_log_nor_the_outbox_says_anything_of_it() -> None:
    found = lived("kim")
    said = [*found.log, *(one.note for one in found.outbox)]
    assert said
    assert not [text for text in said if "tender" in text.lower() or "2026-11-25" in text]


def test_a_date_that_is_named_later_is_kept_free_at_once() -> None:
    """The couple's dates are no part of what may be shown of it, but they are part of what a plan goes by."""
    with world(couple_of()) as w:
        w.until(START + timedelta(hours=1))
        before = [local_date(one.starts_at, ZoneInfo("Europe/Berlin")) for one in w.calendars["sam"].events]
        later = Dates((parse_stretch(before[-1].isoformat()),))
        w.service.parts = replace(w.service.parts, couple=couple_of("kim", tender=later))
        w.service.tick()
        left = [local_date(one.starts_at, ZoneInfo("Europe/Berlin")) for one in w.calendars["sam"].events]
        assert before[-1] not in left


def test_what_is_shown_of_a_partner_shows_no_tender_date() -> None:
    assert "2026" not in repr(couple_of("sam").partners[0])
