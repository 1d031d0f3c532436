"""Busy times from a real CalDAV server keep the contract of a busy source, and more."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO

import pytest

from scheduler.adapters.caldav.busy import CaldavBusy
from scheduler.adapters.icsbusy.outline import UnusableError
from scheduler.adapters.icsbusy.read import spans_in
from scheduler.adapters.icsbusy.wire import Order
from scheduler.domain.errors import Disconnected, Unavailable
from scheduler.domain.freebusy import AllDay
from scheduler.domain.pace import Pace
from scheduler.ports import BusyReading, BusySource
from tests.build import at
from tests.contract.calendar_contract import make_event
from tests.contract.dav_partner import EXCHANGE, DavPartner, partner_of
from tests.contract.test_busy_source import DAY, Busy, BusySourceContract, Stage, hours, spans
from tests.servers.dav import radicale_server, xandikos_server
from tests.servers.proxy import Fault

pytestmark = pytest.mark.slow

MKCALENDAR = (
    '<C:mkcalendar xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><set><prop><displayname>{name}</displayname>'
    '<C:supported-calendar-component-set><C:comp name="{kind}"/></C:supported-calendar-component-set>'
    "</prop></set></C:mkcalendar>"
)


def read_events(file: BinaryIO, starts_at: datetime, ends_at: datetime, known: str | None) -> BusyReading | None:
    """What the app hands in, without its child process."""
    data = file.read()
    version = hashlib.sha256(data).hexdigest()
    if version == known:
        return None
    try:
        found, skipped = spans_in(data, Order((starts_at, ends_at), "Europe/Berlin", AllDay.BUSY))
    except UnusableError as err:
        raise Unavailable(f"the calendar {err}") from None
    return BusyReading(found, version, skipped)


class Days:
    """A partner with calendars of their own; ``office`` is one of them."""

    def __init__(self, partner: DavPartner) -> None:
        self.partner = partner
        self.source: BusySource = self.over()
        self.office = self.makes("office")

    def over(self, *calendars: str) -> CaldavBusy:
        return CaldavBusy(self.partner.vault, read_events, calendars, exchange=EXCHANGE)

    def makes(self, name: str, kind: str = "VEVENT") -> str:
        path = f"{self.partner.server.home}{name}/"
        body = MKCALENDAR.format(name=name.capitalize(), kind=kind).encode()
        assert self.partner.hand("MKCALENDAR", path, body)[0] == 201
        return path

    def writes(self, path: str, uid: str, *lines: str) -> None:
        """An event; ``lines`` say when."""
        head = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Sam//EN", "BEGIN:VEVENT", f"UID:{uid}")
        facts = ("DTSTAMP:20261101T080000Z", "SUMMARY:Secret dentist", *lines)
        text = "\r\n".join((*head, *facts, "END:VEVENT", "END:VCALENDAR", ""))
        assert self.partner.hand("PUT", f"{path}{uid}.ics", text.encode())[0] in (201, 204)

    def says(self, path: str, *busy: Busy) -> None:
        _, listing = self.partner.hand("PROPFIND", path, b"", Depth="1")
        for number in range(10):
            if f"{path}{number}.ics".encode() in listing:
                self.partner.hand("DELETE", f"{path}{number}.ics")
        for number, (start, end) in enumerate(busy):
            self.writes(path, str(number), f"DTSTART:{start:%Y%m%dT%H%M%SZ}", f"DTEND:{end:%Y%m%dT%H%M%SZ}")

    def say(self, *busy: Busy) -> None:
        self.partner.proxy.clear()
        self.says(self.office, *busy)

    def become_unreadable(self) -> None:
        self.partner.proxy.fail_next(*[Fault(503)] * 50)

    def taken(self, *calendars: str) -> tuple[tuple[int, int], ...]:
        reading = self.over(*calendars).read(*DAY, None)
        assert reading is not None
        return reading.spans


@pytest.fixture
def days() -> Iterator[Days]:
    with radicale_server() as server, partner_of(server) as partner:
        yield Days(partner)


class TestBusyOnRadicale(BusySourceContract):
    @pytest.fixture
    def stage(self, days: Days) -> Stage:
        return days


class TestBusyOnXandikos(BusySourceContract):
    @pytest.fixture
    def stage(self) -> Iterator[Stage]:
        with xandikos_server() as server, partner_of(server) as partner:
            yield Days(partner)


def test_a_reading_over_the_network_is_taken_sparingly(days: Days) -> None:
    assert days.source.pace is Pace.SPARING


def test_every_calendar_with_events_counts_and_ours_does_not(days: Days) -> None:
    days.partner.calendar.put(make_event(starts_at=at("2026-11-23 07:00"), ends_at=at("2026-11-23 08:00")), None)
    days.makes("tasks", kind="VTODO")
    days.says(days.office, hours(9, 10))
    days.says(days.makes("family"), hours(12, 13))
    assert days.taken() == spans(hours(9, 10), hours(12, 13))


def test_only_the_named_calendars_count(days: Days) -> None:
    days.says(days.office, hours(9, 10))
    days.says(days.makes("family"), hours(12, 13))
    assert days.taken("Family") == spans(hours(12, 13))


def test_a_named_calendar_that_is_not_there_is_unknown_and_never_free(days: Days) -> None:
    with pytest.raises(Unavailable, match="spelled"):
        days.taken("Office", "Famly")


def test_a_series_is_expanded_by_us(days: Days) -> None:
    days.writes(days.office, "stand-up", "DTSTART:20260105T090000Z", "DTEND:20260105T100000Z", "RRULE:FREQ=WEEKLY")
    assert days.taken() == spans(hours(9, 10))


def test_a_whole_day_is_taken_in_the_partner_s_own_zone(days: Days) -> None:
    days.writes(days.office, "holiday", "DTSTART;VALUE=DATE:20261124", "DTEND;VALUE=DATE:20261125")
    assert days.taken() == spans((at("2026-11-23 23:00"), at("2026-11-24 00:00")))


def test_an_unchanged_account_costs_one_question(days: Days) -> None:
    days.says(days.office, hours(9, 10))
    days.says(days.makes("family"), hours(12, 13))
    first = days.source.read(*DAY, None)
    assert first
    asked = len(days.partner.proxy.calls)
    assert days.source.read(*DAY, first.version) is None
    assert [call.method for call in days.partner.proxy.calls[asked:]] == ["PROPFIND"]


def test_without_signs_of_change_the_content_decides(days: Days) -> None:
    """A server that tells neither ctag nor sync token."""
    days.says(days.office, hours(9, 10))
    calendars = Fault(
        207,
        methods=("PROPFIND",),
        headers={"Content-Type": "application/xml"},
        body=f'<d:multistatus xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><d:response><d:href>{days.office}'
        "</d:href><d:propstat><d:prop><d:resourcetype><d:collection/><c:calendar/></d:resourcetype></d:prop>"
        "<d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response></d:multistatus>".encode(),
    )
    days.partner.proxy.fail_next(calendars, calendars)
    first = days.source.read(*DAY, None)
    assert first
    assert first.spans == spans(hours(9, 10))
    assert days.source.read(*DAY, first.version) is None


def test_half_an_answer_is_never_free(days: Days) -> None:
    days.says(days.office, hours(9, 10))
    half = b'<multistatus xmlns="DAV:"><response><href>/sam/office/0.ics</href>'
    days.partner.proxy.fail_next(Fault(207, methods=("REPORT",), headers={"Content-Type": "text/xml"}, body=half))
    with pytest.raises(Unavailable):
        days.source.read(*DAY, None)


def test_a_login_page_is_never_free(days: Days) -> None:
    page = Fault(200, headers={"Content-Type": "text/html"}, body=b"<!DOCTYPE html><html><body>Log in</body></html>")
    for methods in (("PROPFIND",), ("REPORT",)):
        days.partner.proxy.fail_next(Fault(page.status, methods=methods, headers=page.headers, body=page.body))
        with pytest.raises(Unavailable):
            days.source.read(*DAY, None)


def test_ended_access_is_told_and_not_tried_again(days: Days) -> None:
    days.partner.revokes()
    for _ in range(2):
        with pytest.raises(Disconnected):
            days.source.read(*DAY, None)
    assert len(days.partner.proxy.calls) == 1


def test_no_word_of_an_event_is_kept(days: Days) -> None:
    days.says(days.office, hours(9, 10))
    reading = days.source.read(*DAY, None)
    assert "dentist" not in repr((reading, vars(days.source), days.partner.vault.kept)).lower()
