"""Calendars as Outlook, Google and others publish them become busy times, and nothing else of them is kept.

Not here: the way to them (test_outward), what their lines mean (tests/unit/test_icsbusy).
"""

from __future__ import annotations

import gc
import gzip
from collections.abc import Iterator
from io import BytesIO
from types import FunctionType, ModuleType
from zoneinfo import ZoneInfo

import pytest

from scheduler.adapters.icsbusy.reader import IcsReader
from scheduler.adapters.outward.client import Outward
from scheduler.adapters.outward.ics import IcsAddress
from scheduler.adapters.outward.limits import Limits
from scheduler.adapters.system import SystemClock
from scheduler.domain.errors import Unavailable
from scheduler.domain.pace import Pace
from scheduler.domain.spans import AllDay, Span, span_of
from scheduler.ports import BusyReading
from tests.build import at
from tests.servers.published import Asked, Published, answer

pytestmark = pytest.mark.slow

WEEK = (at("2026-11-23 00:00"), at("2026-11-30 00:00"))
NEXT_WEEK = (at("2026-11-30 00:00"), at("2026-12-07 00:00"))
SECRET = "/owa/calendar/0123456789abcdef@example.org/fedcba9876543210/calendar.ics"
LOGIN = b"<!DOCTYPE html><html><head><title>Sign in, canary</title></head><body>canary</body></html>"
CANARIES = (  # every property that could carry words, each with one that must not get out (T12)
    "SUMMARY", "DESCRIPTION", "LOCATION", "COMMENT", "CONTACT", "CATEGORIES", "RESOURCES", "URL", "ATTACH", "GEO",
    "ORGANIZER;CN=canary", "ATTENDEE;CN=canary", "CONFERENCE", "IMAGE", "COLOR", "NAME", "RELATED-TO", "REQUEST-STATUS",
    "X-ALT-DESC;FMTTYPE=text/html", "X-MICROSOFT-SKYPETEAMSMEETINGURL", "X-GOOGLE-CONFERENCE", "X-WR-CALNAME",
    "X-WR-CALDESC", "STYLED-DESCRIPTION", "STRUCTURED-DATA", "LINK", "CONCEPT", "REFID", "LOCATION-TYPE", "X-CANARY",
)  # fmt: skip


def calendar(*lines: str) -> bytes:
    event = ("BEGIN:VEVENT", "UID:1", "DTSTART:20261123T090000Z", "DTEND:20261123T100000Z", *lines, "END:VEVENT")
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *event, "END:VCALENDAR", ""]).encode()


@pytest.fixture
def server() -> Iterator[Published]:
    with Published(lambda _: answer(body=calendar(), etag='"1"')) as server:
        yield server


def source(server: Published, host: str = "calendar.test", path: str = SECRET) -> IcsAddress:
    limits = Limits(ports=frozenset({server.port}), plain=True)
    outward = Outward(
        SystemClock(),
        limits=limits,
        trusted=lambda address: address == "127.0.0.1",
        resolve=lambda host, port: ["127.0.0.1"],
    )
    reader = IcsReader(AllDay.BUSY, ZoneInfo("Europe/Berlin"))
    return IcsAddress(server.url(path, host), read=reader.read, outward=outward)


def read(one: IcsAddress) -> BusyReading:
    reading = one.read(*WEEK, None)
    assert reading is not None
    return reading


def hours(start: str, end: str) -> Span:
    return span_of(at(start), at(end))


def marking(server: Published) -> None:
    """From now on the calendar is sent only to those who do not have it."""
    server.says = lambda asked: (
        answer(304) if asked.headers.get("if-none-match") == '"1"' else answer(body=calendar(), etag='"1"')
    )


def conditional(server: Published) -> list[bool]:
    return ["if-none-match" in asked.headers for asked in server.asked]


def test_outlook_s_published_calendar_is_read(server: Published) -> None:
    lines = [
        "BEGIN:VCALENDAR", "METHOD:PUBLISH", "PRODID:Microsoft Exchange Server 2010", "VERSION:2.0",
        "X-WR-CALNAME:Calendar", "BEGIN:VTIMEZONE", "TZID:W. Europe Standard Time",
        "BEGIN:STANDARD", "DTSTART:16010101T030000", "TZOFFSETFROM:+0200", "TZOFFSETTO:+0100",
        "RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10", "END:STANDARD",
        "BEGIN:DAYLIGHT", "DTSTART:16010101T020000", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0200",
        "RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3", "END:DAYLIGHT", "END:VTIMEZONE",
        "BEGIN:VEVENT", "RRULE:FREQ=WEEKLY;UNTIL=20270101T080000Z;INTERVAL=1;BYDAY=MO;WKST=MO",
        "UID:040000008200E00074C5B7101A82E0080000000", " 01", "SUMMARY:Busy",
        "DTSTART;TZID=W. Europe Standard Time:20261102T090000", "DTEND;TZID=W. Europe Standard Time:20261102T103000",
        "CLASS:PUBLIC", "PRIORITY:5", "DTSTAMP:20261122T201512Z", "TRANSP:OPAQUE", "STATUS:CONFIRMED", "SEQUENCE:0",
        "X-MICROSOFT-CDO-BUSYSTATUS:BUSY", "X-MICROSOFT-CDO-ALLDAYEVENT:FALSE", "END:VEVENT",
        "BEGIN:VEVENT", "UID:2", "SUMMARY:Free", "DTSTART;TZID=W. Europe Standard Time:20261124T090000",
        "DTEND;TZID=W. Europe Standard Time:20261124T100000", "TRANSP:TRANSPARENT",
        "X-MICROSOFT-CDO-BUSYSTATUS:FREE", "END:VEVENT", "END:VCALENDAR", "",
    ]  # fmt: skip
    body = gzip.compress("\r\n".join(lines).encode())
    server.says = lambda _: answer(body=body, content_encoding="gzip", content_type="text/calendar; charset=utf-8")
    assert read(source(server)).spans == (hours("2026-11-23 08:00", "2026-11-23 09:30"),)


def test_google_s_published_calendar_is_read(server: Published) -> None:
    lines = [
        "BEGIN:VCALENDAR", "PRODID:-//Google Inc//Google Calendar 70.9054//EN", "VERSION:2.0", "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH", "X-WR-CALNAME:someone@example.org", "X-WR-TIMEZONE:Europe/Berlin",
        "BEGIN:VEVENT", "DTSTART:20261123T090000Z", "DTEND:20261123T100000Z", "DTSTAMP:20261122T201512Z",
        "UID:5h3k2@google.com", "SUMMARY:Busy", "END:VEVENT",
        "BEGIN:VEVENT", "DTSTART;VALUE=DATE:20261125", "DTEND;VALUE=DATE:20261126", "DTSTAMP:20261122T201512Z",
        "UID:6h3k2@google.com", "SUMMARY:Busy", "END:VEVENT", "END:VCALENDAR", "",
    ]  # fmt: skip
    server.says = lambda _: answer(body="\r\n".join(lines).encode(), content_type="text/calendar; charset=UTF-8")
    assert read(source(server)).spans == (
        hours("2026-11-23 09:00", "2026-11-23 10:00"),
        hours("2026-11-24 23:00", "2026-11-25 23:00"),
    )


@pytest.mark.parametrize("kind", ["text/calendar", "text/html", "application/octet-stream", ""])
@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf", b"\r\n"])
def test_a_calendar_is_known_by_its_first_line(server: Published, kind: str, before: bytes) -> None:
    server.says = lambda _: answer(body=before + calendar(), content_type=kind)
    assert read(source(server)).spans == (hours("2026-11-23 09:00", "2026-11-23 10:00"),)


@pytest.mark.parametrize("body", [LOGIN, b"\xef\xbb\xbf\n " + LOGIN, b"<?xml version='1.0'?><html/>", b"Please log in"])
def test_a_login_page_is_told_from_a_calendar(server: Published, body: bytes) -> None:
    def says(asked: Asked) -> list[bytes]:
        return answer(302, location="/login") if asked.target == SECRET else answer(body=body, content_type="text/html")

    server.says = says
    with pytest.raises(Unavailable, match=r"is a web page, not a calendar; copy the address that ends in \.ics$"):
        source(server).read(*WEEK, None)


def test_what_is_neither_page_nor_calendar_is_the_reader_s_to_refuse(server: Published) -> None:
    server.says = lambda _: answer(body=b"canary")
    with pytest.raises(Unavailable, match=r"^the calendar at calendar\.test is not an iCalendar file"):
        source(server).read(*WEEK, None)


def test_an_unchanged_calendar_is_asked_for_by_its_mark(server: Published) -> None:
    marking(server)
    one = source(server)
    first = read(one)
    assert [one.read(*WEEK, first.version) for _ in range(3)] == [None] * 3
    assert conditional(server) == [False, True, True, True]


def test_another_window_needs_the_calendar_again(server: Published) -> None:
    marking(server)
    one = source(server)
    first = read(one)
    second = one.read(*NEXT_WEEK, first.version)
    assert second is not None
    assert second.spans == ()
    assert one.read(*NEXT_WEEK, second.version) is None
    assert conditional(server) == [False, False, True]


@pytest.mark.parametrize("known", [None, "of another day"])
def test_what_we_know_otherwise_is_no_reason_to_ask_by_mark(server: Published, known: str | None) -> None:
    marking(server)
    one = source(server)
    assert read(one) == one.read(*WEEK, known)
    assert conditional(server) == [False, False]


def test_a_new_start_asks_once_and_then_by_mark(server: Published) -> None:
    marking(server)
    known = read(source(server)).version
    again = source(server)
    assert [again.read(*WEEK, known) for _ in range(2)] == [None, None]
    assert conditional(server) == [False, False, True]


def test_a_server_without_marks_still_says_nothing_new(server: Published) -> None:
    server.says = lambda _: answer(body=calendar())
    one = source(server)
    first = read(one)
    assert one.read(*WEEK, first.version) is None
    assert conditional(server) == [False, False]


def test_a_calendar_that_broke_is_not_unchanged_later(server: Published) -> None:
    marking(server)
    one = source(server)
    known = read(one).version
    server.says = lambda _: answer(body=b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT", etag='"2"')
    for _ in range(2):
        with pytest.raises(Unavailable):
            one.read(*WEEK, known)


def test_rfc7986_refresh_interval_1s_ignored(server: Published) -> None:
    lines = ("REFRESH-INTERVAL;VALUE=DURATION:PT1S", "X-PUBLISHED-TTL:PT1S")
    body = calendar().replace(b"VERSION:2.0\r\n", "\r\n".join(["VERSION:2.0", *lines, ""]).encode())
    server.says = lambda _: answer(body=body, cache_control="no-store, max-age=0", expires="0", refresh="1")
    one = source(server)
    assert read(one).spans == (hours("2026-11-23 09:00", "2026-11-23 10:00"),)
    assert one.pace is Pace.SPARING
    assert len(server.asked) == 1


def held_by(thing: object) -> list[bytes]:
    """Every text and every bytes that an object keeps alive, code aside."""
    found: list[bytes] = []
    seen, open_ends = set(), [thing]
    while open_ends:
        one = open_ends.pop()
        if id(one) in seen or isinstance(one, (type, FunctionType, ModuleType)):
            continue
        seen.add(id(one))
        open_ends += gc.get_referents(one)
        match one:
            case str():
                found.append(one.encode())
            case bytes():
                found.append(one)
            case BytesIO():
                found.append(one.getvalue())
    return found


def test_what_is_held_would_be_found(server: Published) -> None:
    assert SECRET.encode() in b" ".join(held_by(source(server)))


@pytest.mark.parametrize("name", CANARIES)
def test_no_word_of_a_calendar_gets_out(server: Published, name: str) -> None:
    server.says = lambda _: answer(body=calendar(f"{name}:canary"), etag='"1"')
    one = source(server)
    assert "canary" not in repr(read(one))
    assert [thing for thing in held_by(one) if b"canary" in thing or b"VEVENT" in thing] == []
    server.says = lambda _: answer(body=calendar(f"{name}:canary", "BEGIN:VEVENT"))
    with pytest.raises(Unavailable) as caught:
        one.read(*WEEK, None)
    assert "canary" not in str(caught.value)


def test_an_error_names_the_host_and_nothing_more(server: Published) -> None:
    server.says = lambda _: answer(404, LOGIN, retry_after="60")
    with pytest.raises(Unavailable) as caught:
        source(server).read(*WEEK, None)
    assert str(caught.value) == (
        "the calendar at calendar.test is no longer published there; publish it again and use the new address"
    )
    assert caught.value.retry_after is not None
    assert caught.value.retry_after.total_seconds() == 60
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("host", ["10.0.0.1", "127.0.0.1", "[::1]", "0x7f.1", "2130706433"])
def test_an_error_never_names_a_numeric_address(server: Published, host: str) -> None:
    server.says = lambda _: answer(404)
    with pytest.raises(Unavailable, match=r"^the calendar's address is no longer"):
        source(server, host).read(*WEEK, None)


def test_a_text_that_is_no_address_is_told_at_the_first_reading(server: Published) -> None:
    one = IcsAddress(
        "cal.ics?canary", read=IcsReader(AllDay.BUSY, ZoneInfo("UTC")).read, outward=Outward(SystemClock())
    )
    with pytest.raises(Unavailable, match=r"^the calendar's address is not an https address") as caught:
        one.read(*WEEK, None)
    assert "canary" not in str(caught.value)
