"""Invitations by mail, judged by readers that owe us nothing: ical.js, libical, and Python's own mail parser."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from scheduler.content.assets import Assets
from scheduler.content.imip import Method, cancellation, invitation, mail_key
from scheduler.content.render import MailTemplates
from scheduler.domain.digest import Notice
from scheduler.domain.errors import Refused
from scheduler.domain.event import Event
from scheduler.domain.message import Message, NoticeKind
from tests.build import at, make_partner
from tests.judges import complaints_of_libical, read_by_ical_js

pytestmark = pytest.mark.slow

TEMPLATES = MailTemplates(Assets())
HEADERS = [
    *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress"),
    *("MIME-Version", "Content-Type"),
]
TREE = [
    *("multipart/mixed", "multipart/alternative", "text/plain", "text/html", "text/calendar", "application/ics"),
]
ODD = {
    "emoji": ("☕💛👩‍❤️‍👨 date", "Bring 🕯️\nand 🍷"),
    "signs": ('Wine, cheese; bread: "good" \\ n', "a, b; c: d\\n\n\n, ;"),
    "lines": ("Coffee\r\nATTENDEE:mailto:x@example.org\nEND:VEVENT", "One\r\nTwo\rThree\u2028Four\x85Five"),
    "right to left": ("\u202eקפה עם סם\u202c و قهوة", "\u2067שלום\u2069\nقهوة"),
    "long": ("Ein Abend " * 40, "One tells, one listens, then swap. ☕ " * 300),
    "nothing to say": ("Time together", ""),
}
SEND: dict[Method, Callable[[Event, Message], bytes]] = {Method.REQUEST: invitation, Method.CANCEL: cancellation}
CONTROLS = ["\r", "\n", "\r\n", "\x85", "\u2028", "\u202e", "\x00", "\x0b", "\ud800", "\r\nBcc: evil@example.net"]
typed = st.one_of(
    st.text(max_size=60),
    st.lists(
        st.one_of(
            st.text(max_size=20),
            st.sampled_from([*CONTROLS, '"', ";", ":", ",", "\\", "^n", "=?utf-8?q?hi=0ABcc:_x?=", "END:VCALENDAR"]),
        )
    ).map("".join),
)

every_method = pytest.mark.parametrize("method", Method, ids=lambda method: method.value)
every_oddity = pytest.mark.parametrize("words", ODD.values(), ids=ODD)


def make_event(**changes: Any) -> Event:
    defaults: dict[str, Any] = {
        "uid": "l4gkggt1@couple-rituals",
        "sequence": 2,
        "title": "Coffee date",
        "description": "Sit down together.\nPhones away.",
        "starts_at": at("2026-11-23 18:00"),
        "ends_at": at("2026-11-23 19:00"),
        "revised_at": at("2026-11-20 08:00"),
        "reminder": timedelta(minutes=15),
    }
    return Event(**{**defaults, **changes})


def words_for(event: Event, method: Method, **partner: Any) -> Message:
    kind = NoticeKind.TAKEN_OUT if method is Method.CANCEL else NoticeKind.PROPOSED
    notice = Notice(kind, event, make_partner(**partner), "host@example.org")
    return TEMPLATES.notice(notice, "Rituals", "rituals@example.org", mail_key(event, method))


def mail_of(event: Event, method: Method, **partner: Any) -> EmailMessage:
    data = SEND[method](event, words_for(event, method, **partner))
    return BytesParser(policy=policy.default).parsebytes(data)


def calendar_of(mail: EmailMessage) -> bytes:
    part = next(one for one in mail.walk() if one.get_content_type() == "text/calendar")
    data = part.get_payload(decode=True)
    assert isinstance(data, bytes)
    return data


@every_method
@every_oddity
@pytest.mark.parametrize("sequence", [0, 3])
def test_two_strangers_find_nothing_wrong_with_it(method: Method, words: tuple[str, str], sequence: int) -> None:
    event = make_event(title=words[0], description=words[1], sequence=sequence)
    ics = calendar_of(mail_of(event, method, name='Sam "the" O\'Neil; x,y:z'))
    assert complaints_of_libical(ics) == []
    (calendar,) = read_by_ical_js(ics)
    assert [one.name for one in calendar.walk()][:2] == ["vcalendar", "vevent"]


@pytest.mark.parametrize(
    ("meant", "broken"),
    [(b"\r\nORGANIZER;CN", b"\r\nX-WAS;CN"), (b"\r\nDTSTAMP:", b"\r\nX-WAS:"), (b"METHOD:REQUEST", b"METHOD:PUBLISH")],
)
def test_the_judge_does_say_no(meant: bytes, broken: bytes) -> None:
    ics = calendar_of(mail_of(make_event(), Method.REQUEST))
    assert meant in ics
    assert complaints_of_libical(ics.replace(meant, broken))


def test_a_request_reads_as_it_was_meant() -> None:
    (calendar,) = read_by_ical_js(calendar_of(mail_of(make_event(), Method.REQUEST)))
    (event,) = calendar.inside
    assert calendar.values("method") == ["REQUEST"]
    assert {name: value for name, value, _ in event.properties} == {
        "uid": "l4gkggt1@couple-rituals",
        "sequence": "2",
        "dtstamp": "2026-11-20T08:00:00Z",
        "last-modified": "2026-11-20T08:00:00Z",
        "dtstart": "2026-11-23T18:00:00Z",
        "dtend": "2026-11-23T19:00:00Z",
        "summary": "Coffee date",
        "description": "Sit down together.\nPhones away.",
        "class": "PRIVATE",
        "transp": "OPAQUE",
        "organizer": "mailto:rituals@example.org",
        "attendee": "mailto:sam@example.org",
        "status": "CONFIRMED",
    }
    assert event.parameters("organizer") == [{"cn": "Rituals"}]
    assert event.parameters("attendee") == [
        {"cn": "Sam", "role": "REQ-PARTICIPANT", "partstat": "NEEDS-ACTION", "rsvp": "TRUE"}
    ]
    assert [one.name for one in event.inside] == ["valarm"]


def test_a_cancellation_is_one_revision_newer_asks_for_nothing_and_rings_no_bell() -> None:
    (calendar,) = read_by_ical_js(calendar_of(mail_of(make_event(), Method.CANCEL)))
    (event,) = calendar.inside
    assert calendar.values("method") == ["CANCEL"]
    assert (event.values("uid"), event.values("sequence")) == (["l4gkggt1@couple-rituals"], ["3"])
    assert (event.values("status"), event.values("organizer")) == (["CANCELLED"], ["mailto:rituals@example.org"])
    assert event.values("attendee") == ["mailto:sam@example.org"]
    assert event.parameters("attendee") == [{"cn": "Sam"}]
    assert event.inside == ()


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ('Sam "the" X', "Sam 'the' X"),
        ("a^nb", "a^nb"),
        ("O'Neil; x, y: z", "O'Neil; x, y: z"),
        ("Zoë 李雷 💛", "Zoë 李雷 💛"),
    ],
)
def test_a_name_stays_one_name(name: str, read: str) -> None:
    ics = calendar_of(mail_of(make_event(), Method.REQUEST, name=name))
    (calendar,) = read_by_ical_js(ics)
    assert [one["cn"] for one in calendar.inside[0].parameters("attendee")] == [read]
    assert complaints_of_libical(ics) == []


def test_a_partner_without_a_name_is_asked_by_address() -> None:
    (calendar,) = read_by_ical_js(calendar_of(mail_of(make_event(), Method.REQUEST, name="")))
    assert "cn" not in calendar.inside[0].parameters("attendee")[0]


@pytest.mark.parametrize(("local", "coded"), [("sam+walk", "sam+walk"), ("a%b#c?d&e", "a%25b%23c%3Fd%26e")])
def test_an_address_becomes_a_proper_uri(local: str, coded: str) -> None:
    ics = calendar_of(mail_of(make_event(), Method.REQUEST, address=f"{local}@example.org"))
    (calendar,) = read_by_ical_js(ics)
    assert calendar.inside[0].values("attendee") == [f"mailto:{coded}@example.org"]


@every_method
def test_the_mail_is_built_as_programs_expect_it(method: Method) -> None:
    mail = mail_of(make_event(), method)
    parts = list(mail.walk())
    assert [one.get_content_type() for one in parts] == TREE
    alternative, inside, file = parts[1], parts[4], parts[5]
    assert list(alternative.iter_parts())[-1] is inside
    assert dict(inside["Content-Type"].params) == {"charset": "utf-8", "method": method.value}
    assert (inside["Content-Transfer-Encoding"], inside["Content-Disposition"]) == ("base64", None)
    assert (file.get_filename(), file.get_content_disposition()) == ("invite.ics", "attachment")
    assert file.get_payload(decode=True) == inside.get_payload(decode=True)
    assert f"\r\nMETHOD:{method.value}\r\n".encode() in calendar_of(mail)


@every_method
@every_oddity
def test_the_bytes_are_seven_bit_lines_of_at_most_78_ending_in_crlf(method: Method, words: tuple[str, str]) -> None:
    event = make_event(title=words[0], description=words[1])
    data = SEND[method](event, words_for(event, method))
    assert data.isascii()
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", data)
    assert max(map(len, data.split(b"\r\n"))) <= 78


@every_method
def test_the_mail_s_own_id_comes_from_uid_sequence_and_method(method: Method) -> None:
    event = make_event()
    assert mail_of(event, method)["Message-ID"] == f"<{mail_key(event, method)}@example.org>"
    others = [replace(event, sequence=3), replace(event, uid="walk1@couple-rituals")]
    keys = {mail_key(one, how) for one in (event, *others) for how in Method}
    assert len(keys) == 6


@settings(max_examples=300)
@given(name=typed, title=typed, description=typed)
@every_method
def test_no_typed_words_ever_add_a_header_a_reader_or_a_property(
    method: Method, name: str, title: str, description: str
) -> None:
    event = make_event(title=title, description=f"Words: {description}")
    try:
        mail = mail_of(event, method, name=name)
    except Refused:
        return
    assert sorted(mail.keys()) == sorted(HEADERS)
    assert [one.addr_spec for one in mail["To"].addresses] == ["sam@example.org"]
    assert [one.get_content_type() for one in mail.walk()] == TREE
    assert not any(one.defects for one in mail.walk())
    assert _names(calendar_of(mail)) == _names(calendar_of(mail_of(make_event(), method)))
    (attendee,) = [value for name, value in _properties(calendar_of(mail)) if name == "ATTENDEE"]
    assert attendee == "mailto:sam@example.org"


def _properties(ics: bytes) -> list[tuple[str, object]]:
    return list(Calendar.from_ical(ics).property_items())


def _names(ics: bytes) -> list[str]:
    return [name for name, _ in _properties(ics)]
