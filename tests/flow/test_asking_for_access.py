"""When a partner's access ends, that partner is asked for it on day 1, 3, 7 and 14; nobody else hears of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from scheduler.domain.couple import Partner
from scheduler.domain.digest import Reach
from scheduler.domain.message import MailKind
from scheduler.domain.notes import cut_note
from scheduler.domain.pace import Pace
from scheduler.ports import Transaction
from tests.world import START, World, world

pytestmark = pytest.mark.slow

DAY = timedelta(days=1)
ASKS = "Your calendar is out of reach"
DOOR = "https://rituals.example.org/connect/abc"


def account(_tx: Transaction, partner: Partner, _kind: MailKind, _now: datetime) -> tuple[Reach, str]:
    return (Reach.ACCOUNT, DOOR) if partner.id == "sam" else (Reach.CALENDAR, "")


@contextmanager
def cut_off() -> Iterator[World]:
    """Sam's calendar lets nobody in from the first hour on."""
    with world() as home:
        home.service.parts = replace(home.service.parts, reach=account)
        for calendar in home.calendars.values():
            calendar.pace = Pace.SPARING
        home.until(START + timedelta(hours=1))
        home.calendars["sam"].cut = True
        yield home


def days_asked(home: World) -> list[int]:
    sent = [one for one in home.outbox("reconnect/") if one.done_at]
    return [(one.done_at - START) // DAY for one in sent if one.done_at]


def test_who_lost_access_is_asked_four_times_and_then_no_more() -> None:
    with cut_off() as home:
        home.until(START + 24 * DAY)
        assert days_asked(home) == [1, 3, 7, 14]
        assert home.subjects("sam").count(ASKS) == 4
        assert ASKS not in home.subjects("kim")


def test_the_mail_has_the_way_back_in() -> None:
    with cut_off() as home:
        home.until(START + 2 * DAY)
        mail = next(one.data for one in home.mailer.sent if ASKS.encode() in one.data)
        assert DOOR.encode() in mail.replace(b"=\r\n", b"")


def test_nobody_is_asked_once_access_is_back() -> None:
    with cut_off() as home:
        home.until(START + 2 * DAY)
        home.calendars["sam"].cut = False
        home.until(START + 20 * DAY)
        assert home.subjects("sam").count(ASKS) == 1


def test_who_loses_it_again_is_asked_again() -> None:
    with cut_off() as home:
        home.until(START + 2 * DAY)
        home.calendars["sam"].cut = False
        home.until(START + 5 * DAY)
        home.calendars["sam"].cut = True
        home.until(START + 7 * DAY)
        assert home.subjects("sam").count(ASKS) == 2


def test_an_account_of_busy_times_alone_is_asked_for_too() -> None:
    with world() as home:
        home.service.parts = replace(home.service.parts, reach=account)
        home.busy["sam"].pace = Pace.SPARING
        home.busy["sam"].cut = True
        home.until(START + 4 * DAY)
        assert home.subjects("sam").count(ASKS) == 2
        with home.store.transaction() as tx:
            assert not tx.note("home", cut_note("sam"))


def test_the_other_one_s_mails_are_the_same_byte_for_byte() -> None:
    with cut_off() as home, world() as calm:
        for calendar in calm.calendars.values():
            calendar.pace = Pace.SPARING
        for one in (home, calm):
            one.until(START + 9 * DAY)
        theirs, same = ([mail.data for mail in one.mailer.sent if mail.partner == "kim"] for one in (home, calm))
        assert theirs == same
