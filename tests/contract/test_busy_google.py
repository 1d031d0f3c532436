"""Google's free/busy as a source of busy times: intervals and nothing else, and never "free" by mistake."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from scheduler.adapters.google.busy import GoogleBusy
from scheduler.domain.errors import Unavailable
from scheduler.domain.freebusy import Spans, span_of
from scheduler.domain.pace import Pace
from tests.build import at
from tests.contract.calendar_contract import HOUR, make_event
from tests.contract.google_partner import JSON, GooglePartner, google_partner
from tests.servers.google import Fault
from tests.servers.proxy import Fault as Cut

pytestmark = pytest.mark.slow

MONDAY, TUESDAY = at("2026-11-23 00:00"), at("2026-11-24 00:00")


@pytest.fixture
def partner() -> Iterator[GooglePartner]:
    with google_partner() as one:
        yield one


def spans(partner: GooglePartner, starts_at: datetime = MONDAY, ends_at: datetime = TUESDAY) -> Spans:
    reading = partner.busy.read(starts_at, ends_at, None)
    assert reading
    return reading.spans


def windows_asked(partner: GooglePartner) -> list[tuple[datetime, datetime]]:
    bodies = [call.body for call in partner.fake.calls if call.method == "calendar.freebusy.query"]
    return [(datetime.fromisoformat(one["timeMin"]), datetime.fromisoformat(one["timeMax"])) for one in bodies]


def test_a_reading_is_taken_sparingly(partner: GooglePartner) -> None:
    assert partner.busy.pace is Pace.SPARING


def test_busy_times_are_read_and_cut_to_the_window(partner: GooglePartner) -> None:
    partner.person.adds(at("2026-11-22 22:00"), at("2026-11-23 02:00"))
    partner.person.adds(at("2026-11-23 12:00"), at("2026-11-23 13:00"))
    assert spans(partner) == (
        span_of(MONDAY, at("2026-11-23 02:00")),
        span_of(at("2026-11-23 12:00"), at("2026-11-23 13:00")),
    )


def test_our_own_rituals_are_no_busy_time(partner: GooglePartner) -> None:
    partner.calendar.put(make_event(), None)
    assert spans(partner) == ()


def test_what_is_marked_free_is_free(partner: GooglePartner) -> None:
    partner.person.adds(at("2026-11-23 12:00"), at("2026-11-23 13:00"), transparency="transparent")
    assert spans(partner) == ()


def test_an_all_day_event_lasts_from_midnight_to_midnight_where_its_owner_lives(partner: GooglePartner) -> None:
    partner.person.adds_all_day(date(2026, 11, 23))
    assert spans(partner, MONDAY - timedelta(days=1)) == (span_of(at("2026-11-22 23:00"), at("2026-11-23 23:00")),)


def test_a_long_window_is_asked_in_pieces_of_four_weeks(partner: GooglePartner) -> None:
    partner.person.adds(MONDAY + timedelta(days=28) - HOUR, MONDAY + timedelta(days=28) + HOUR)
    partner.person.adds(MONDAY + timedelta(days=60), MONDAY + timedelta(days=60) + HOUR)
    end = MONDAY + timedelta(days=61)
    found = spans(partner, MONDAY, end)
    assert len(found) == 2, "what lies across two pieces is one time"
    asked = windows_asked(partner)
    assert asked == [
        (MONDAY, MONDAY + timedelta(days=28)),
        (MONDAY + timedelta(days=28), MONDAY + timedelta(days=56)),
        (MONDAY + timedelta(days=56), end),
    ]


def test_an_unchanged_reading_is_told_apart_from_a_changed_one(partner: GooglePartner) -> None:
    first = partner.busy.read(MONDAY, TUESDAY, None)
    assert first
    assert partner.busy.read(MONDAY, TUESDAY, first.version) is None
    assert partner.busy.read(MONDAY, TUESDAY + HOUR, first.version) is not None
    partner.person.adds(at("2026-11-23 12:00"), at("2026-11-23 13:00"))
    second = partner.busy.read(MONDAY, TUESDAY, first.version)
    assert second
    assert second.version != first.version


@pytest.mark.parametrize("reason", ["notFound", "internalError", "groupTooBig"])
def test_an_error_inside_a_success_is_unknown_and_never_free(partner: GooglePartner, reason: str) -> None:
    partner.person.breaks_freebusy(reason)
    with pytest.raises(Unavailable):
        partner.busy.read(MONDAY, TUESDAY, None)
    partner.person.breaks_freebusy("")
    assert spans(partner) == ()


def test_one_calendar_that_cannot_be_read_makes_all_unknown(partner: GooglePartner) -> None:
    busy = GoogleBusy(partner.api, ["primary", "work@example.org"])
    with pytest.raises(Unavailable):
        busy.read(MONDAY, TUESDAY, None)


@pytest.mark.parametrize(
    "calendars",
    [
        None,
        {},
        {"primary": None},
        {"primary": {}},
        {"primary": {"busy": None}},
        {"primary": {"busy": [{"start": "2026-11-23T12:00:00Z"}]}},
        {"primary": {"busy": [{"start": "2026-11-23T12:00:00", "end": "2026-11-23T13:00:00"}]}},
        {"primary": {"busy": ["all day"]}},
        {"sam@example.org": {"busy": []}},
    ],
)
def test_an_answer_that_lacks_what_was_asked_is_unknown(partner: GooglePartner, calendars: Any) -> None:
    spans(partner)
    partner.proxy.fail_next(Cut(200, headers=JSON, body=json.dumps({"calendars": calendars}).encode()))
    with pytest.raises(Unavailable):
        partner.busy.read(MONDAY, TUESDAY, None)


def test_times_with_any_offset_are_the_same_instants(partner: GooglePartner) -> None:
    spans(partner)
    one = {"start": "2026-11-23T13:00:00+01:00", "end": "2026-11-23T14:00:00+01:00"}
    body = json.dumps({"calendars": {"primary": {"busy": [one]}}}).encode()
    partner.proxy.fail_next(Cut(200, headers=JSON, body=body))
    assert spans(partner) == (span_of(at("2026-11-23 12:00"), at("2026-11-23 13:00")),)


def test_what_lies_outside_the_window_is_nobody_s_business(partner: GooglePartner) -> None:
    spans(partner)
    one = {"start": "2026-11-22T13:00:00Z", "end": "2026-11-23T01:00:00Z"}
    body = json.dumps({"calendars": {"primary": {"busy": [one]}}}).encode()
    partner.proxy.fail_next(Cut(200, headers=JSON, body=body))
    assert spans(partner) == (span_of(MONDAY, MONDAY + HOUR),)


def test_trouble_in_the_second_piece_makes_all_unknown(partner: GooglePartner) -> None:
    spans(partner)
    partner.fake.fail_next(Fault(None, method="freebusy.query"), Fault(503, method="freebusy.query"))
    with pytest.raises(Unavailable):
        partner.busy.read(MONDAY, MONDAY + timedelta(days=40), None)
