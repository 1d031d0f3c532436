"""A year in two zones, stepped, with people who move, delete, pause and are busy; every rule after each day."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from scheduler.domain.freebusy import Span, span_of, union
from scheduler.domain.localtime import local_date, parse_window
from scheduler.domain.message import FRESHNESS, MailKind, end_of_quiet
from scheduler.domain.occurrence import Fate
from scheduler.domain.outbox import EffectKind, State
from tests.build import at, make_partner, make_ritual
from tests.world import World, usual_couple, world

START = at("2026-01-05 08:00")
QUIET = parse_window("21:30-07:00")
COUPLE = usual_couple(
    partners=(
        make_partner("sam", zone=ZoneInfo("Europe/Berlin"), quiet=QUIET),
        make_partner("kim", zone=ZoneInfo("America/New_York"), quiet=QUIET, free=(parse_window("06:00-23:30"),)),
    ),
    rituals=(
        make_ritual("coffee", windows=(parse_window("weekend 14:00-20:00"),), clock_of="sam", with_card=True),
        make_ritual(
            "call", windows=(parse_window("17:00-22:00"),), clock_of="sam", spacing=2, length=timedelta(minutes=15)
        ),
    ),
)


def live_through(w: World, days: int, chance: random.Random) -> None:
    taken: dict[str, list[Span]] = {"sam": [], "kim": []}
    for day in range(days):
        morning = START + timedelta(days=day)
        if chance.random() < 0.3:
            who = chance.choice(("sam", "kim"))
            start = morning + timedelta(days=chance.randrange(1, 20), minutes=15 * chance.randrange(96))
            taken[who].append(span_of(start, start + timedelta(hours=chance.randrange(1, 5))))
            w.busy[who].set(union(taken[who]))
        if chance.random() < 0.1:
            meddle(w, chance)
        if day == 120:
            w.service.pause("kim", until=local_date(morning, ZoneInfo("America/New_York")) + timedelta(days=10))
        w.until(morning + timedelta(days=1))
        check(w)


def meddle(w: World, chance: random.Random) -> None:
    calendar = w.calendars[chance.choice(("sam", "kim"))]
    coming = [event for event in calendar.events if event.starts_at > w.clock.now()]
    if not coming:
        return
    event = chance.choice(coming)
    if chance.random() < 0.5:
        calendar.person_deletes(event.uid)
    else:
        calendar.person_moves(event.uid, event.starts_at + timedelta(minutes=15 * chance.randrange(-8, 9)))


def check(w: World) -> None:
    now = w.clock.now()
    with w.store.transaction() as tx:
        placements = tx.placements(COUPLE.id)
        members = tx.memberships(COUPLE.id)
        draws = tx.draws(COUPLE.id)
    standing = [one for one in placements if one.fate is Fate.PLACED and one.starts_at > now]
    assert len({one.key for one in placements}) == len(placements)
    for partner in COUPLE.partners:
        wanted = [one for one in standing if members[partner.id].takes_part(local_date(one.starts_at, partner.zone))]
        events = [event for event in w.calendars[partner.id].events if event.starts_at > now]
        assert sorted(event.starts_at for event in events) == sorted(one.starts_at for one in wanted)
        assert len({event.uid for event in events}) == len(events)
    own = [one for one in standing if not one.held]
    spans = sorted(span_of(one.starts_at, one.ends_at) for one in own)
    assert all(left[1] <= right[0] for left, right in pairwise(spans))
    assert len({draw.card for draw in draws}) == len(draws)


def check_mails(w: World) -> None:
    done = [one for one in w.outbox() if one.kind is EffectKind.MAIL and one.state is State.DONE]
    assert {one.state for one in w.outbox()} <= {State.DONE, State.DROPPED, State.WAITING}
    assert len({one.key for one in w.mailer.sent}) == len(w.mailer.sent) == len(done)
    a_day: Counter[tuple[str, date]] = Counter()
    for one in done:
        partner = COUPLE.partner(one.partner)
        assert one.done_at
        if one.mail_kind != MailKind.WELCOME.value:
            assert end_of_quiet(one.done_at, partner.quiet, partner.zone) is None
            a_day[one.partner, local_date(one.done_at, partner.zone)] += 1
        assert one.fresh_until
        assert (
            one.done_at - (one.fresh_until - FRESHNESS[MailKind(one.mail_kind)]) <= FRESHNESS[MailKind(one.mail_kind)]
        )
    assert max(a_day.values()) <= 2
    paused = [
        one
        for one in done
        if one.partner == "kim"
        and date(2026, 5, 6) <= local_date(one.done_at or START, ZoneInfo("America/New_York")) < date(2026, 5, 15)
    ]
    assert paused == []


@pytest.mark.slow
def test_a_year_keeps_every_promise() -> None:
    with world(COUPLE, start=START) as w:
        live_through(w, 365, random.Random(2026))
        check_mails(w)
        weekly = Counter(one.mail_kind for one in w.outbox() if one.partner == "sam" and one.state is State.DONE)
        assert weekly["question"] >= 50
        assert weekly["digest"] >= 50
        assert weekly["reflection"] == 12
