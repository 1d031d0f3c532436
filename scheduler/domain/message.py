"""The mails a couple may get, when each is due and how long it stays kind to send. Not here: words (content)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from typing import assert_never
from zoneinfo import ZoneInfo

from scheduler.domain.dates import Dates, next_outside
from scheduler.domain.localtime import WallSpan, local_date, to_utc
from scheduler.domain.occurrence import monday_of, week_label

LATE = timedelta(hours=1)
LATE_PAUSE = timedelta(hours=24)
MORNING = 9 * 60  # minutes after midnight: when a mail that waited for another day goes out


class MailKind(Enum):
    """A kind of mail; its value names the folder in templates/email/."""

    INVITATION = "invitation"
    WELCOME = "welcome"
    TIME_SET = "time_set"
    NEW_TIME = "new_time"
    QUESTION = "question"
    DIGEST = "digest"
    REFLECTION = "reflection"
    RECONNECT = "reconnect"


class NoticeKind(Enum):
    """What a mail with an event in it says of that event; its value names the folder in templates/email/.

    Not a kind of mail that is planned: it goes out because the event's calendar is a mailbox.
    """

    PROPOSED = "event_proposed"
    CHANGED = "event_changed"
    TAKEN_OUT = "event_taken_out"


FRESHNESS: dict[MailKind, timedelta] = {
    MailKind.INVITATION: timedelta(days=14),
    MailKind.WELCOME: timedelta(days=7),
    MailKind.TIME_SET: timedelta(hours=20),
    MailKind.NEW_TIME: timedelta(hours=20),
    MailKind.QUESTION: timedelta(days=2),
    MailKind.DIGEST: timedelta(days=3),
    MailKind.REFLECTION: timedelta(days=3),
    MailKind.RECONNECT: timedelta(days=1),
}

ASK_AGAIN = tuple(timedelta(days=number) for number in (1, 3, 7, 14))
"""How long after a partner's access ended they are asked to give it again; then nobody asks any more."""

RECURRING = (MailKind.QUESTION, MailKind.DIGEST, MailKind.REFLECTION)


class Every(Enum):
    """How often a recurring mail comes."""

    WEEK = "weekly"
    TWO_WEEKS = "every 2 weeks"
    MONTH = "monthly"


@dataclass(frozen=True, slots=True)
class MailRule:
    """When a recurring mail is due: ``weekday`` 0 = Monday, ``minute`` after local midnight.

    Monthly means the first such weekday of the month.
    """

    on: bool
    weekday: int
    minute: int
    every: Every


@dataclass(frozen=True, slots=True)
class DueMail:
    """One scheduled mail: ``period`` is its label ("2026-W48", "2026-11"), ``day`` the local date it belongs to."""

    period: str
    day: date
    due_at: datetime


def last_due(rule: MailRule, now: datetime, zone: ZoneInfo) -> DueMail | None:
    """The latest mail of the rule that was due at or before now; None where it is switched off."""
    if not rule.on:
        return None
    day = local_date(now, zone)
    for _ in range(70):
        if (found := _due_on(rule, day, zone)) and found.due_at <= now:
            return found
        day -= timedelta(days=1)
    return None


def next_due(rule: MailRule, now: datetime, zone: ZoneInfo) -> DueMail | None:
    """The first mail of the rule that is due after now; None where it is switched off."""
    if not rule.on:
        return None
    day = local_date(now, zone)
    for _ in range(70):
        if (found := _due_on(rule, day, zone)) and found.due_at > now:
            return found
        day += timedelta(days=1)
    return None


def _due_on(rule: MailRule, day: date, zone: ZoneInfo) -> DueMail | None:
    if day.weekday() != rule.weekday:
        return None
    match rule.every:
        case Every.WEEK:
            period = week_label(day)
        case Every.TWO_WEEKS:
            if monday_of(day).toordinal() // 7 % 2:
                return None
            period = week_label(day)
        case Every.MONTH:
            if day.day > 7:
                return None
            period = f"{day:%Y-%m}"
        case _ as never:
            assert_never(never)
    return DueMail(period, day, to_utc(day, rule.minute, zone))


def end_of_quiet(now: datetime, quiet: WallSpan | None, zone: ZoneInfo) -> datetime | None:
    """When the quiet hours that now lies in are over; None outside them."""
    if quiet is None:
        return None
    today = local_date(now, zone)
    for day in (today - timedelta(days=1), today):
        span = quiet.on(day, zone)
        if span and span[0] <= now < span[1]:
            return span[1]
    return None


def end_of_tender(now: datetime, tender: Dates, quiet: WallSpan | None, zone: ZoneInfo) -> datetime | None:
    """When mail may go out again after the tender date that now lies in: once the quiet hours of the next other
    date are over, or in its morning; None on any other date."""
    today = local_date(now, zone)
    day = next_outside(today, tender)
    if day == today:
        return None
    return end_of_quiet(to_utc(day, 0, zone), quiet, zone) or to_utc(day, MORNING, zone)


@dataclass(frozen=True, slots=True)
class Message:
    """One rendered mail: plain values, no markup but ``html``. ``key`` gives the Message-ID."""

    key: str
    sender: str  # name and address as "Name <a@b>"
    sender_address: str
    recipient_name: str
    recipient_address: str
    subject: str
    text: str
    html: str
    language: str
    date: datetime
