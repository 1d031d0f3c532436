"""A season begins and ends by itself, also while one of the two pauses and a tender date lies in it."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta

from scheduler.domain.couple import Couple
from scheduler.domain.dates import Dates, parse_stretch
from scheduler.domain.localtime import local_date, parse_window
from scheduler.domain.message import MailKind
from scheduler.domain.season import Season
from tests.build import make_partner
from tests.world import START, World, usual_couple, world

DAY = timedelta(days=1)
LAST = date(2026, 12, 4)
EXAMS = Season(
    "exams",
    START.date(),
    LAST,
    keeps=("check-in",),
    depth=1,
    without=(MailKind.DIGEST,),
    tone="Short and easy is good enough.",
)
TENDER, BACK = date(2026, 12, 1), date(2026, 11, 27)


def couple() -> Couple:
    quiet = parse_window("21:30-07:00")
    dates = Dates((parse_stretch(TENDER.isoformat()),))
    sam, kim = make_partner("sam", quiet=quiet), make_partner("kim", quiet=quiet, tender=dates)
    return usual_couple(partners=(sam, kim), seasons=(EXAMS,))


def mails(w: World, partner: str) -> list[tuple[datetime, str]]:
    """(when, kind) of each mail that came."""
    zone = w.service.couple.partner(partner).zone
    sent = {one.key for one in w.mailer.sent if one.partner == partner}
    return [(one.done_at.astimezone(zone), one.mail_kind) for one in w.outbox() if one.done_at and one.key in sent]


def test_a_season_a_pause_and_a_tender_date_hold_together_and_end_by_themselves() -> None:
    with world(couple()) as w:
        w.service.pause("kim", until=BACK)
        w.until(START + 16 * DAY)
        for name in ("sam", "kim"):
            coffees = [one for one in w.calendars[name].events if one.title == "Coffee"]
            days = [local_date(one.starts_at, w.service.couple.partner(name).zone) for one in w.calendars[name].events]
            assert TENDER not in days
            assert min(local_date(one.starts_at, couple().clock()) for one in coffees) == LAST + DAY
            assert [day for day in days if day <= LAST]  # what it keeps went on
            came = mails(w, name)
            assert not [at for at, _ in came if at.date() == TENDER]
            assert [kind for at, kind in came if kind == "digest"] == ["digest"]
            assert [at.date() for at, kind in came if kind == "digest"] == [date(2026, 12, 6)]
            assert max(Counter(at.date() for at, _ in came).values()) <= 2
        assert min(local_date(one.starts_at, couple().clock()) for one in w.calendars["kim"].events) == BACK
        assert not [at for at, kind in mails(w, "kim") if at.date() < BACK]


def test_the_question_of_the_season_opens_with_its_line_and_the_one_after_does_not() -> None:
    with world(couple()) as w:
        w.until(START + 17 * DAY)
        questions = [one.data for one in w.mailer.sent if one.partner == "sam" and b"This week's note" in one.data]
        assert [EXAMS.tone.encode() in one for one in questions] == [True, True, False]
