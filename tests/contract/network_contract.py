"""What every Calendar that is reached over a network promises besides: faults, people, and other people's events.

Not here: the adapters; each brings its own ``partner``, with a FaultProxy between it and a real server.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Protocol

import pytest

from scheduler.domain.errors import Conflict, Disconnected, Gone, Refused, Unavailable
from scheduler.domain.pace import Pace
from tests.build import at
from tests.contract.calendar_contract import CalendarContract, PartnerWithCalendar, later, make_event
from tests.servers.proxy import Fault, FaultProxy

WRITES = ("PUT", "POST", "PATCH", "DELETE")


class NetworkPartner(PartnerWithCalendar, Protocol):
    """A partner whose calendar stands on a server; ``proxy`` lies in between."""

    @property
    def proxy(self) -> FaultProxy: ...
    def restarts(self) -> None:
        """``calendar`` becomes a new object with the same vault, as after a restart."""

    def retitles(self, uid: str, title: str) -> None: ...
    def deletes_calendar(self) -> None: ...
    def revokes(self) -> None:
        """Access ends: the password is changed, the token revoked."""

    def adds_foreign(self) -> None:
        """Puts events of the partner's own beside ours, in the same calendar where the server lets them, else in
        another one of theirs."""

    def foreign(self) -> Mapping[str, bytes]:
        """The partner's own events as the server keeps them."""

    def standing(self) -> int:
        """How many events of ours the server keeps, whatever our adapter believes."""

    empty_listing: Fault
    """The answer of a server that has suddenly lost everything, to the request with which a look begins anew."""


class NetworkCalendarContract(CalendarContract):
    def test_a_look_over_the_network_is_taken_sparingly(self, partner: NetworkPartner) -> None:
        assert partner.calendar.pace is Pace.SPARING

    def test_a_lost_reply_to_a_create_makes_no_second_event(self, partner: NetworkPartner) -> None:
        partner.calendar.put(make_event("walk1"), None)
        partner.proxy.fail_next(Fault(after=True, methods=WRITES))
        try:
            tag = partner.calendar.put(make_event(), None)
        except Unavailable:
            tag = partner.calendar.put(make_event(), None)
        assert self.seen_now(partner)["coffee1"].tag == tag
        assert partner.standing() == 2

    def test_a_lost_reply_to_a_change_is_no_edit_of_a_person(self, partner: NetworkPartner) -> None:
        old = partner.calendar.put(make_event(), None)
        partner.proxy.fail_next(Fault(after=True, methods=WRITES))
        try:
            new = partner.calendar.put(later(make_event()), old)
        except Unavailable:
            new = partner.calendar.put(later(make_event()), old)
        assert self.seen_now(partner)["coffee1"].tag == new

    def test_a_lost_reply_to_a_removal_is_a_success_in_the_end(self, partner: NetworkPartner) -> None:
        tag = partner.calendar.put(make_event(), None)
        partner.calendar.put(make_event("walk1"), None)
        partner.proxy.fail_next(Fault(after=True, methods=WRITES))
        try:
            partner.calendar.remove(make_event(), tag)
        except Unavailable:
            partner.calendar.remove(make_event(), tag)
        assert partner.standing() == 1

    @pytest.mark.parametrize("status", [500, 502, 503, 429, None])
    def test_trouble_before_the_write_is_tried_again_later_and_writes_once(
        self, partner: NetworkPartner, status: int | None
    ) -> None:
        partner.calendar.put(make_event("walk1"), None)
        partner.proxy.fail_next(*[Fault(status)] * 12)
        with pytest.raises(Unavailable):
            partner.calendar.put(make_event(), None)
        partner.proxy.clear()
        partner.calendar.put(make_event(), None)
        assert partner.standing() == 2

    def test_a_named_pause_is_kept(self, partner: NetworkPartner) -> None:
        partner.calendar.put(make_event("walk1"), None)
        partner.proxy.fail_next(*[Fault(503, headers={"Retry-After": "1200"})] * 12)
        with pytest.raises(Unavailable) as raised:
            partner.calendar.put(make_event(), None)
        assert raised.value.retry_after == timedelta(seconds=1200)
        assert sum(call.status == 503 for call in partner.proxy.calls) == 1

    def test_a_person_s_title_is_seen(self, partner: NetworkPartner) -> None:
        tag = partner.calendar.put(make_event(), None)
        partner.retitles("coffee1", "Pancakes")
        seen = self.seen_now(partner)["coffee1"]
        assert (seen.title, seen.starts_at) == ("Pancakes", at("2026-11-23 18:00"))
        assert seen.tag != tag

    def test_what_a_person_deleted_is_not_made_again(self, partner: NetworkPartner) -> None:
        partner.calendar.put(make_event(), None)
        partner.calendar.put(make_event("walk1"), None)
        partner.deletes("walk1")
        partner.restarts()
        assert set(self.seen_now(partner, ["coffee1", "walk1"])) == {"coffee1"}
        assert partner.standing() == 1

    def test_where_a_person_deleted_every_single_event_none_is_there(self, partner: NetworkPartner) -> None:
        """Otherwise such a calendar would never be written to again."""
        for uid in ("coffee1", "walk1", "talk1"):
            partner.calendar.put(make_event(uid), None)
            partner.deletes(uid)
        assert self.seen_now(partner, ["coffee1", "walk1", "talk1"]) == {}
        partner.restarts()
        assert self.seen_now(partner, ["coffee1", "walk1", "talk1"]) == {}

    def test_a_calendar_that_was_deleted_is_gone_and_the_next_put_makes_one(self, partner: NetworkPartner) -> None:
        tag = partner.calendar.put(make_event(), None)
        partner.calendar.put(make_event("walk1"), None)
        partner.deletes_calendar()
        with pytest.raises(Gone):
            self.seen_now(partner, ["coffee1", "walk1"])
        with pytest.raises((Conflict, Gone)):
            partner.calendar.put(later(make_event()), tag)
        partner.calendar.put(make_event("coffee2"), None)
        assert set(self.seen_now(partner, ["coffee2"])) == {"coffee2"}
        assert partner.standing() == 1

    @pytest.mark.parametrize("times", [1, 2, 3, 4])
    def test_a_server_that_finds_nothing_for_a_moment_has_lost_no_calendar(
        self, partner: NetworkPartner, times: int
    ) -> None:
        for uid in ("coffee1", "walk1"):
            partner.calendar.put(make_event(uid), None)
        partner.proxy.fail_next(*[Fault(404)] * times)
        with suppress(Unavailable):
            self.seen_now(partner, ["coffee1", "walk1"])
        partner.proxy.clear()
        partner.calendar.put(make_event("talk1"), None)
        assert set(self.seen_now(partner, ["coffee1", "walk1", "talk1"])) == {"coffee1", "walk1", "talk1"}

    def test_a_server_that_finds_nothing_for_a_moment_does_not_say_that_the_calendar_is_gone(
        self, partner: NetworkPartner
    ) -> None:
        partner.calendar.put(make_event(), None)
        partner.proxy.fail_next(*[Fault(404)] * 2)
        with pytest.raises(Unavailable, check=lambda err: not isinstance(err, Gone)):
            self.seen_now(partner)

    def test_ended_access_is_told_and_not_tried_again(self, partner: NetworkPartner) -> None:
        tag = partner.calendar.put(make_event(), None)
        partner.revokes()
        partner.restarts()
        with pytest.raises(Disconnected):
            self.seen_now(partner)
        asked = len(partner.proxy.calls)
        for _ in range(3):
            with pytest.raises(Disconnected):
                self.seen_now(partner)
            with pytest.raises(Disconnected):
                partner.calendar.put(later(make_event()), tag)
        assert len(partner.proxy.calls) == asked

    def test_an_empty_listing_is_not_believed(self, partner: NetworkPartner) -> None:
        for uid in ("coffee1", "walk1", "talk1"):
            partner.calendar.put(make_event(uid), None)
        partner.restarts()
        partner.proxy.fail_next(partner.empty_listing)
        try:
            seen = self.seen_now(partner, ["coffee1", "walk1", "talk1"])
        except Unavailable:
            seen = self.seen_now(partner, ["coffee1", "walk1", "talk1"])
        assert set(seen) == {"coffee1", "walk1", "talk1"}

    def test_a_login_page_instead_of_a_listing_is_unavailable(self, partner: NetworkPartner) -> None:
        partner.calendar.put(make_event(), None)
        partner.restarts()
        page = Fault(200, headers={"Content-Type": "text/html"}, body=b"<html><body>Please log in</body></html>")
        partner.proxy.fail_next(*[page] * 12)
        with pytest.raises(Unavailable):
            self.seen_now(partner)

    def test_other_people_s_events_stay_byte_for_byte(self, partner: NetworkPartner) -> None:
        tag = partner.calendar.put(make_event(), None)
        partner.adds_foreign()
        before = partner.foreign()
        assert before
        tag = partner.calendar.put(later(make_event()), tag)
        partner.calendar.put(make_event("walk1"), None)
        assert set(self.seen_now(partner, ["coffee1", "walk1"])) == {"coffee1", "walk1"}
        partner.calendar.remove(make_event("walk1"), None)
        partner.calendar.remove(later(make_event()), tag)
        assert partner.foreign() == before

    def test_a_refusal_for_good_is_refused(self, partner: NetworkPartner) -> None:
        partner.calendar.put(make_event("walk1"), None)
        partner.proxy.fail_next(Fault(400, methods=WRITES, body=b"{}"))
        with pytest.raises(Refused):
            partner.calendar.put(make_event(), None)

    @pytest.mark.parametrize("status", [404, 409, 410, 412])
    def test_a_word_about_its_state_never_refuses_a_removal_for_good(
        self, partner: NetworkPartner, status: int
    ) -> None:
        tag = partner.calendar.put(make_event(), None)
        partner.calendar.put(make_event("walk1"), None)
        partner.proxy.fail_next(Fault(status, methods=("DELETE",), body=b"{}"))
        try:
            partner.calendar.remove(make_event(), tag)
        except Unavailable:
            partner.calendar.remove(make_event(), tag)
        assert partner.standing() == 1

    def test_a_quiet_look_costs_one_request(self, partner: NetworkPartner) -> None:
        partner.calendar.put(make_event(), None)
        self.seen_now(partner)
        asked = len(partner.proxy.calls)
        self.seen_now(partner)
        assert len(partner.proxy.calls) == asked + 1
