"""The Google calendar keeps every promise of a calendar on a network, and a few that are Google's own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from scheduler.adapters.google.event import event_id
from scheduler.domain.errors import Conflict, Gone, Refused, Unavailable
from scheduler.domain.outbox import derived_id
from tests.build import at, read
from tests.contract.calendar_contract import HOUR, later, make_event
from tests.contract.google_partner import GooglePartner, google_partner
from tests.contract.network_contract import NetworkCalendarContract
from tests.servers.google import Fault
from tests.servers.proxy import Fault as Cut

pytestmark = pytest.mark.slow


@pytest.fixture
def partner() -> Iterator[GooglePartner]:
    with google_partner() as one:
        yield one


class TestGoogleCalendar(NetworkCalendarContract):
    @pytest.fixture
    def partner(self, partner: GooglePartner) -> GooglePartner:
        return partner


def methods(partner: GooglePartner) -> list[str]:
    return [call.method.removeprefix("calendar.") for call in partner.fake.calls]


def body_of_last(partner: GooglePartner, method: str) -> dict[str, Any]:
    return next(call.body for call in reversed(partner.fake.calls) if call.method == f"calendar.{method}")


def test_the_first_event_makes_our_calendar_and_the_next_uses_it(partner: GooglePartner) -> None:
    partner.calendar.put(make_event(), None)
    partner.restarts()
    partner.calendar.put(make_event("walk1"), None)
    assert body_of_last(partner, "calendars.insert") == {"summary": "Rituals", "timeZone": "Europe/Berlin"}
    assert partner.person.app_calendars() == [partner.vault.kept["google calendar"]]
    assert partner.standing() == 2
    assert partner.person.events("primary") == []


def test_an_event_is_private_busy_and_mails_nobody(partner: GooglePartner) -> None:
    partner.calendar.put(make_event(sequence=3), None)
    assert body_of_last(partner, "events.insert") == {
        "id": "coffee1",
        "summary": "Coffee date",
        "description": "Sit down together.\nPhones away.",
        "start": {"dateTime": "2026-11-23T18:00:00Z", "timeZone": "Europe/Berlin"},
        "end": {"dateTime": "2026-11-23T19:00:00Z", "timeZone": "Europe/Berlin"},
        "reminders": {"useDefault": False, "overrides": [{"method": "popup", "minutes": 15}]},
        "sequence": 3,
        "visibility": "private",
        "transparency": "opaque",
        "eventType": "default",
        "extendedProperties": {"private": {"ritual": "1"}},
    }
    assert partner.fake.calls[-1].query["sendUpdates"] == ["none"]


def test_nothing_in_a_description_becomes_markup(partner: GooglePartner) -> None:
    event = make_event(title="Tea <b>", description='<a href="x">us</a> <!-- --> & I <3 you, 1 < 2')
    tag = partner.calendar.put(event, None)
    assert partner.person.events()[0]["description"] == '‹a href="x">us‹/a> ‹!-- --> & I <3 you, 1 < 2'
    assert partner.calendar.put(event, None) == tag


def test_no_reminder_means_none_and_not_the_usual_one(partner: GooglePartner) -> None:
    partner.calendar.put(make_event(reminder=None), None)
    assert partner.person.events()[0]["reminders"] == {"useDefault": False}


def test_what_a_person_adds_to_an_event_survives_our_change(partner: GooglePartner) -> None:
    partner.calendar.put(make_event(), None)
    partner.person.edits("coffee1", location="The blue café", colorId="5")
    partner.calendar.put(later(make_event()), read(partner.calendar, "coffee1")["coffee1"].tag)
    event = partner.person.event("coffee1")
    assert (event["location"], event["colorId"]) == ("The blue café", "5")
    assert event["start"]["dateTime"].startswith("2026-11-23T19:00")


@pytest.mark.parametrize(
    ("uid", "id"),
    [
        (f"{derived_id(b'salt', 'coffee')}@couple-rituals", derived_id(b"salt", "coffee")),
        ("coffee1", "coffee1"),
        ("walk1", "ritualetgmoqph"),
        ("Ab", "ritual85h0"),
        ("a" * 4, "ritualc5gm2o8"),
    ],
)
def test_a_uid_becomes_an_id_that_google_takes(uid: str, id: str) -> None:
    assert event_id(uid) == id


def test_a_second_generation_stands_where_the_first_was_deleted(partner: GooglePartner) -> None:
    first, second = make_event("coffee1g1"), make_event("coffee1g2")
    partner.calendar.put(first, None)
    partner.deletes(first.uid)
    with pytest.raises(Conflict):
        partner.calendar.put(first, None)
    partner.calendar.put(second, None)
    assert set(read(partner.calendar, first.uid, second.uid)) == {second.uid}
    assert partner.standing() == 1


def test_an_event_that_is_removed_and_wanted_again_is_not_resurrected(partner: GooglePartner) -> None:
    partner.calendar.put(make_event(), None)
    partner.calendar.remove(make_event(), None)
    with pytest.raises(Conflict):
        partner.calendar.put(make_event(), None)
    assert partner.standing() == 0


def test_a_lost_reply_to_the_first_put_makes_one_event(partner: GooglePartner) -> None:
    partner.fake.fail_next(*[Fault(after=True, method="events.insert")] * 2)
    with pytest.raises(Unavailable):
        partner.calendar.put(make_event(), None)
    with pytest.raises(Unavailable):
        partner.calendar.put(make_event(), None)
    tag = partner.calendar.put(make_event(), None)
    assert read(partner.calendar, "coffee1")["coffee1"].tag == tag
    assert partner.standing() == 1


def test_a_lost_reply_to_making_the_calendar_leaves_an_empty_one_at_worst(partner: GooglePartner) -> None:
    partner.fake.fail_next(Fault(after=True, method="calendars.insert"))
    with pytest.raises(Unavailable):
        partner.calendar.put(make_event(), None)
    partner.calendar.put(make_event(), None)
    empty, ours = partner.person.app_calendars()
    assert partner.person.events(empty) == []
    assert partner.vault.kept["google calendar"] == ours
    assert partner.standing() == 1


def test_an_old_sync_token_leads_to_a_whole_listing(partner: GooglePartner) -> None:
    partner.calendar.put(make_event(), None)
    partner.calendar.put(make_event("walk1"), None)
    read(partner.calendar, "coffee1", "walk1")
    partner.moves("coffee1", at("2026-11-24 07:30"))
    partner.deletes("walk1")
    partner.fake.expire_sync_tokens()
    assert {uid: one.starts_at for uid, one in read(partner.calendar, "coffee1", "walk1").items()} == {
        "coffee1": at("2026-11-24 07:30")
    }
    assert [call.status for call in partner.fake.calls if call.method == "calendar.events.list"] == [200, 410, 200]


def test_a_listing_in_many_pages_is_read_whole(partner: GooglePartner) -> None:
    partner.fake.settings.page_size = 3
    tags = {uid: partner.calendar.put(make_event(uid), None) for uid in map("event{}".format, range(8))}
    partner.restarts()
    assert {uid: one.tag for uid, one in read(partner.calendar, *tags).items()} == tags


def test_a_listing_cut_off_before_its_sync_token_says_nothing(partner: GooglePartner) -> None:
    partner.calendar.put(make_event(), None)
    partner.restarts()
    partner.fake.fail_next(Fault(200, method="events.list", body=b'{"kind": "calendar#events", "items": []}'))
    with pytest.raises(Unavailable):
        partner.calendar.seen(["coffee1"])
    assert set(read(partner.calendar, "coffee1")) == {"coffee1"}


@pytest.mark.parametrize("body", [b"", b"[]", b'"no"', b"{", b'{"items": 3}', b'{"items": [3], "nextSyncToken": "C"}'])
def test_a_listing_that_is_none_says_nothing(partner: GooglePartner, body: bytes) -> None:
    partner.calendar.put(make_event(), None)
    read(partner.calendar, "coffee1")
    partner.fake.fail_next(Fault(200, method="events.list", body=body))
    with pytest.raises(Unavailable):
        partner.calendar.seen(["coffee1"])
    assert set(read(partner.calendar, "coffee1")) == {"coffee1"}


def test_half_a_listing_deletes_nothing(partner: GooglePartner) -> None:
    uids = ["coffee1", "talk1", "tea11", "game1"]
    for uid in uids:
        partner.calendar.put(make_event(uid), None)
    partner.restarts()
    partner.fake.fail_next(Fault(None, method="events.list", keep=0.5))
    with pytest.raises(Unavailable):
        partner.calendar.seen(uids)
    assert set(read(partner.calendar, *uids)) == set(uids)


def test_a_listing_that_lags_behind_our_write_is_no_deletion(partner: GooglePartner) -> None:
    partner.calendar.put(make_event("talk1"), None)
    partner.clock.advance(HOUR)
    read(partner.calendar, "talk1")
    partner.fake.settings.listing_lag = timedelta(minutes=5)
    tag = partner.calendar.put(make_event(), None)
    assert read(partner.calendar, "coffee1", "talk1")["coffee1"].tag == tag
    partner.restarts()
    with pytest.raises(Unavailable):
        partner.calendar.seen(["coffee1", "talk1"])
    partner.clock.advance(HOUR)
    assert set(read(partner.calendar, "coffee1", "talk1")) == {"coffee1", "talk1"}


def test_a_listing_that_lags_behind_our_change_is_no_edit_of_a_person(partner: GooglePartner) -> None:
    tag = partner.calendar.put(make_event(), None)
    partner.clock.advance(HOUR)
    read(partner.calendar, "coffee1")
    partner.fake.settings.listing_lag = timedelta(minutes=5)
    tag = partner.calendar.put(later(make_event()), tag)
    partner.fake.expire_sync_tokens()
    assert read(partner.calendar, "coffee1")["coffee1"].tag == tag


def test_an_event_dragged_to_all_day_is_no_deletion(partner: GooglePartner) -> None:
    tag = partner.calendar.put(make_event(), None)
    partner.person.makes_all_day("coffee1", date(2026, 11, 24))
    assert partner.calendar.seen(["coffee1"]) == {"coffee1": None}
    with pytest.raises(Conflict):
        partner.calendar.put(later(make_event()), tag)


def test_a_person_who_dragged_twice_is_not_refused_but_followed(partner: GooglePartner) -> None:
    tag = partner.calendar.put(make_event(), None)
    for hour in ("07:30", "08:30"):
        partner.moves("coffee1", at(f"2026-11-24 {hour}"))
    partner.fake.fail_next(Fault(400, reason="invalid", method="events.patch"))
    with pytest.raises(Conflict):
        partner.calendar.put(later(make_event()), tag)


def test_a_change_that_google_refuses_for_good_is_refused(partner: GooglePartner) -> None:
    tag = partner.calendar.put(make_event(), None)
    partner.fake.fail_next(Fault(400, reason="invalid", method="events.patch"))
    with pytest.raises(Refused):
        partner.calendar.put(later(make_event()), tag)


def test_an_event_that_was_forgotten_at_google_is_a_conflict_and_our_calendar_stays(partner: GooglePartner) -> None:
    tag = partner.calendar.put(make_event(), None)
    partner.deletes("coffee1")
    partner.person.forgets_deleted()
    with pytest.raises(Conflict):
        partner.calendar.put(later(make_event()), tag)
    assert partner.vault.kept["google calendar"] in partner.person.app_calendars()


def test_a_change_whose_calendar_is_gone_says_so(partner: GooglePartner) -> None:
    tag = partner.calendar.put(make_event(), None)
    partner.deletes_calendar()
    with pytest.raises(Gone):
        partner.calendar.put(later(make_event()), tag)
    assert "google calendar" not in partner.vault.kept


def test_a_create_whose_calendar_is_gone_says_so_before_it_makes_another(partner: GooglePartner) -> None:
    partner.calendar.put(make_event(), None)
    partner.deletes_calendar()
    with pytest.raises(Gone):
        partner.calendar.put(make_event("talk1"), None)
    with pytest.raises(Gone):
        partner.calendar.seen(["coffee1"])
    partner.calendar.remove(make_event(), None)
    partner.calendar.put(make_event("talk1"), None)
    assert partner.standing() == 1


def test_one_wrong_404_costs_nobody_their_calendar(partner: GooglePartner) -> None:
    partner.calendar.put(make_event(), None)
    partner.fake.fail_next(Fault(404, reason="notFound", method="events.list"))
    with pytest.raises(Unavailable) as raised:
        partner.calendar.seen(["coffee1"])
    assert not isinstance(raised.value, Gone)
    assert set(read(partner.calendar, "coffee1")) == {"coffee1"}


def test_a_404_of_somebody_else_is_not_google_s(partner: GooglePartner) -> None:
    partner.calendar.put(make_event(), None)
    partner.proxy.fail_next(*[Cut(404, body=b"<html>Not found</html>")] * 4)
    with pytest.raises(Unavailable) as raised:
        partner.calendar.seen(["coffee1"])
    assert not isinstance(raised.value, Gone)
    assert "google calendar" in partner.vault.kept


def test_a_person_who_emptied_the_calendar_and_put_an_event_back_is_seen_again(partner: GooglePartner) -> None:
    for uid in ("coffee1", "talk1"):
        partner.calendar.put(make_event(uid), None)
        partner.deletes(uid)
    assert read(partner.calendar, "coffee1", "talk1") == {}
    partner.person.restores("talk1")
    assert set(read(partner.calendar, "coffee1", "talk1")) == {"talk1"}


@pytest.mark.parametrize(("status", "reason"), [(404, "notFound"), (410, "deleted")])
def test_an_event_that_only_seems_gone_is_not_left_behind(partner: GooglePartner, status: int, reason: str) -> None:
    tag = partner.calendar.put(make_event(), None)
    partner.fake.fail_next(Fault(status, reason, method="events.delete"))
    with pytest.raises(Unavailable):
        partner.calendar.remove(make_event(), tag)
    partner.calendar.remove(make_event(), tag)
    assert partner.standing() == 0


def test_a_change_of_an_event_that_only_seems_gone_is_tried_again(partner: GooglePartner) -> None:
    tag = partner.calendar.put(make_event(), None)
    partner.fake.fail_next(Fault(404, "notFound", method="events.patch"))
    with pytest.raises(Unavailable):
        partner.calendar.put(later(make_event()), tag)
    partner.calendar.put(later(make_event()), tag)
    assert read(partner.calendar, "coffee1")["coffee1"].starts_at == later(make_event()).starts_at


def test_an_empty_calendar_that_does_not_know_our_events_is_not_believed(partner: GooglePartner) -> None:
    for uid in ("coffee1", "talk1"):
        partner.calendar.put(make_event(uid), None)
        partner.deletes(uid)
    partner.person.forgets_deleted()
    partner.restarts()
    with pytest.raises(Unavailable, match="emptied"):
        partner.calendar.seen(["coffee1", "talk1"])


def test_many_looks_list_the_whole_calendar_once(partner: GooglePartner) -> None:
    partner.calendar.put(make_event(), None)
    for hours in range(5):
        partner.moves("coffee1", at("2026-11-24 07:30") + hours * HOUR)
        assert read(partner.calendar, "coffee1")["coffee1"].starts_at == at("2026-11-24 07:30") + hours * HOUR
    listings = [call.query for call in partner.fake.calls if call.method == "calendar.events.list"]
    assert ["syncToken" in one for one in listings] == [False, True, True, True, True]
