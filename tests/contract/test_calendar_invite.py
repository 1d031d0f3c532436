"""A calendar that is reached by mail: one mail for each real change, and nothing that anybody could take for two."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar

from scheduler.adapters.invite import InviteCalendar
from scheduler.adapters.maildir import MaildirMailer
from scheduler.adapters.memory import MemoryMailer
from scheduler.content.assets import Assets
from scheduler.content.render import MailTemplates
from scheduler.domain.digest import Notice
from scheduler.domain.errors import Refused, Unavailable, Uncertain
from scheduler.domain.message import Message
from scheduler.domain.pace import Pace
from scheduler.ports import Calendar as CalendarPort
from scheduler.ports import Envelope, Mailer
from tests.build import at, make_partner
from tests.contract.calendar_contract import later, make_event

TEMPLATES = MailTemplates(Assets())


def write(notice: Notice, key: str) -> Message:
    return TEMPLATES.notice(notice, "Rituals", "rituals@example.org", key)


def calendar_by(mailer: Mailer, **partner: Any) -> InviteCalendar:
    return InviteCalendar(mailer, partner=make_partner(**partner), contact="host@example.org", write=write)


class Post:
    """A mailer, and what went through it, read as a stranger would."""

    def __init__(self) -> None:
        self.mailer = MemoryMailer()

    @property
    def envelopes(self) -> list[Envelope]:
        return self.mailer.sent

    @property
    def mails(self) -> list[EmailMessage]:
        return [BytesParser(policy=policy.default).parsebytes(one.data) for one in self.mailer.sent]

    @property
    def events(self) -> list[dict[str, str]]:
        """What each mail asks for: the event's properties and the METHOD."""
        return [_event(mail) for mail in self.mails]


def calendar_in(mail: EmailMessage) -> str:
    part = next(one for one in mail.walk() if one.get_content_type() == "text/calendar")
    return str(part.get_content())


def _event(mail: EmailMessage) -> dict[str, str]:
    calendar = Calendar.from_ical(calendar_in(mail))
    (event,) = calendar.walk("VEVENT")
    found = {name: value.to_ical().decode() for name, value in event.items()}  # a second ATTENDEE would have no to_ical
    return {**found, "METHOD": str(calendar["METHOD"])}


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def calendar(post: Post) -> InviteCalendar:
    return calendar_by(post.mailer)


def told(post: Post) -> list[tuple[str, str]]:
    return [(one["METHOD"], one["SEQUENCE"]) for one in post.events]


def test_an_event_that_is_put_is_asked_for_once(post: Post, calendar: CalendarPort) -> None:
    assert calendar.put(make_event(), None) == "0"
    assert told(post) == [("REQUEST", "0")]


def test_what_was_sent_is_not_sent_again(post: Post, calendar: CalendarPort) -> None:
    tag = calendar.put(make_event(), None)
    assert calendar.put(make_event(), tag) == tag
    assert len(post.mails) == 1


def test_each_real_change_is_one_mail_about_the_same_event(post: Post, calendar: CalendarPort) -> None:
    first = make_event()
    second = replace(later(first), revised_at=at("2026-11-21 09:30"))
    third = replace(later(second), revised_at=at("2026-11-22 10:00"))
    tag = None
    for event in (first, second, third):
        tag = calendar.put(event, tag)
    calendar.remove(third, tag)
    assert told(post) == [("REQUEST", "0"), ("REQUEST", "1"), ("REQUEST", "2"), ("CANCEL", "3")]
    assert {one["UID"] for one in post.events} == {"coffee1"}
    stamps = [one["DTSTAMP"] for one in post.events]
    assert stamps == ["20261120T080000Z", "20261121T093000Z", "20261122T100000Z", "20261122T100000Z"]
    assert len({mail["Message-ID"] for mail in post.mails}) == len({one.key for one in post.envelopes}) == 4


def test_the_words_fit_what_is_asked(post: Post, calendar: CalendarPort) -> None:
    tag = calendar.put(make_event(), None)
    tag = calendar.put(later(make_event()), tag)
    calendar.remove(later(make_event()), tag)
    assert [mail["Subject"] for mail in post.mails] == [
        "Coffee date: Mon, Nov 23, 19:00",
        "Coffee date, now Mon, Nov 23, 20:00",
        "Off your calendar: Coffee date, Mon, Nov 23, 20:00",
    ]


def test_what_was_never_sent_is_not_taken_back(post: Post, calendar: CalendarPort) -> None:
    calendar.remove(make_event(), None)
    assert post.mails == []


@pytest.mark.parametrize("sequence", [0, 1])
def test_a_cancellation_is_newer_than_whatever_was_sent(post: Post, calendar: CalendarPort, sequence: int) -> None:
    calendar.put(make_event(), None)
    calendar.remove(make_event(sequence=sequence), "0")
    assert int(post.events[-1]["SEQUENCE"]) > sequence


def test_a_mail_that_was_cut_off_is_sent_again_byte_for_byte(post: Post, calendar: CalendarPort) -> None:
    steps: list[Callable[[], object]] = [
        lambda: calendar.put(make_event(), None),
        lambda: calendar.put(later(make_event()), "0"),
        lambda: calendar.remove(later(make_event()), "1"),
    ]
    for step in steps:
        post.mailer.fail_next(Uncertain("cut off"))
        with pytest.raises(Uncertain):
            step()
        step()
        assert post.envelopes[-1] == post.envelopes[-2]


def test_another_process_writes_the_same_bytes(post: Post, calendar: CalendarPort) -> None:
    calendar.put(make_event(), None)
    calendar_by(post.mailer).put(make_event(), None)
    assert post.envelopes[0] == post.envelopes[1]


@pytest.mark.parametrize("error", [Unavailable("not now"), Refused("never")])
def test_what_the_mailer_says_is_passed_on(post: Post, calendar: CalendarPort, error: Exception) -> None:
    post.mailer.fail_next(error)
    with pytest.raises(type(error)):
        calendar.put(make_event(), None)
    assert post.mails == []


def test_it_goes_from_the_organizer_to_the_only_attendee(post: Post) -> None:
    calendar_by(post.mailer, name='Sam "the" O\'Neil').put(make_event(), None)
    (envelope,), (mail,), (event,) = post.envelopes, post.mails, post.events
    assert (envelope.sender, envelope.recipient) == ("rituals@example.org", "sam@example.org")
    assert mail["From"].addresses[0].addr_spec == event["ORGANIZER"].removeprefix("mailto:") == envelope.sender
    assert mail["To"].addresses[0].addr_spec == event["ATTENDEE"].removeprefix("mailto:") == envelope.recipient
    assert mail["To"].addresses[0].display_name == 'Sam "the" O\'Neil'


def test_the_other_partner_stands_in_no_header_and_no_property_but_the_words(
    post: Post, calendar: CalendarPort
) -> None:
    calendar.put(make_event(description="Kim plans this one."), None)
    head = post.envelopes[0].data.partition(b"\r\n\r\n")[0]
    assert b"Kim" not in head
    assert b"kim@" not in post.envelopes[0].data
    assert [name for name, value in post.events[0].items() if "Kim" in value] == ["DESCRIPTION"]


def test_the_partner_s_own_clock_and_language_are_used(post: Post) -> None:
    calendar_by(post.mailer, language="de").put(make_event(starts_at=at("2026-11-23 17:30")), None)
    assert post.mails[0]["Subject"] == "Coffee date: Mo., 23. Nov., 18:30"


def test_nothing_can_be_seen_and_nothing_follows_from_that(calendar: CalendarPort) -> None:
    assert calendar.seen(["coffee1", "walk1"]) == {"coffee1": None, "walk1": None}
    assert calendar.seen([]) == {}
    assert calendar.pace is Pace.NEVER


def test_a_maildir_holds_a_repeated_invitation_once(tmp_path: Path) -> None:
    calendar = calendar_by(MaildirMailer(tmp_path))
    for _ in range(2):
        calendar.put(make_event(), None)
    assert len(list((tmp_path / "sam" / "new").iterdir())) == 1


def test_a_reminder_rings_by_request_and_not_in_a_cancellation(post: Post, calendar: CalendarPort) -> None:
    event = make_event(reminder=timedelta(minutes=20))
    calendar.put(event, None)
    calendar.remove(event, "0")
    assert ["VALARM" in calendar_in(mail) for mail in post.mails] == [True, False]
