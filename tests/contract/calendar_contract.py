"""What every Calendar promises, as one class of claims. Not here: the adapters, each brings its own ``partner``."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Protocol

import pytest

from scheduler.domain.errors import Conflict, Unavailable
from scheduler.domain.event import Event, SeenEvent
from scheduler.ports import Calendar
from tests.build import at, read

HOUR = timedelta(hours=1)


class PartnerWithCalendar(Protocol):
    """The calendar, and what its owner may do to it by hand."""

    @property
    def calendar(self) -> Calendar: ...
    def moves(self, uid: str, starts_at: datetime) -> None: ...
    def deletes(self, uid: str) -> None: ...
    def unplugs(self) -> None: ...


def make_event(uid: str = "coffee1", **changes: Any) -> Event:
    defaults: dict[str, Any] = {
        "sequence": 0,
        "title": "Coffee date",
        "description": "Sit down together.\nPhones away.",
        "starts_at": at("2026-11-23 18:00"),
        "ends_at": at("2026-11-23 19:00"),
        "revised_at": at("2026-11-20 08:00"),
        "reminder": timedelta(minutes=15),
    }
    return Event(uid, **{**defaults, **changes})


def later(event: Event, by: timedelta = HOUR) -> Event:
    return replace(event, sequence=event.sequence + 1, starts_at=event.starts_at + by, ends_at=event.ends_at + by)


def times(seen: Mapping[str, SeenEvent]) -> dict[str, tuple[datetime, datetime]]:
    return {uid: (one.starts_at, one.ends_at) for uid, one in seen.items()}


class CalendarContract:
    def seen_now(self, partner: PartnerWithCalendar, uids: Collection[str] = ("coffee1",)) -> Mapping[str, SeenEvent]:
        return read(partner.calendar, *uids)

    def test_an_event_that_was_put_is_seen_as_it_was_meant(self, partner: PartnerWithCalendar) -> None:
        tag = partner.calendar.put(make_event(sequence=3), None)
        assert self.seen_now(partner) == {
            "coffee1": SeenEvent("coffee1", 3, at("2026-11-23 18:00"), at("2026-11-23 19:00"), tag, title="Coffee date")
        }

    def test_only_the_events_that_are_asked_for_are_seen(self, partner: PartnerWithCalendar) -> None:
        for uid in ("coffee1", "walk1", "talk1"):
            partner.calendar.put(make_event(uid), None)
        assert set(self.seen_now(partner, ["walk1", "talk1", "never1"])) == {"walk1", "talk1"}

    def test_asking_for_nothing_is_answered_with_nothing(self, partner: PartnerWithCalendar) -> None:
        assert self.seen_now(partner, []) == {}

    def test_a_put_that_already_happened_is_a_success(self, partner: PartnerWithCalendar) -> None:
        tag = partner.calendar.put(make_event(), None)
        assert partner.calendar.put(make_event(), None) == tag
        assert self.seen_now(partner)["coffee1"].tag == tag

    def test_a_replacing_put_that_already_happened_is_a_success(self, partner: PartnerWithCalendar) -> None:
        old = partner.calendar.put(make_event(), None)
        new = partner.calendar.put(later(make_event()), old)
        assert partner.calendar.put(later(make_event()), old) == new

    def test_a_put_replaces_what_its_tag_names(self, partner: PartnerWithCalendar) -> None:
        tag = partner.calendar.put(make_event(), None)
        new = partner.calendar.put(later(make_event()), tag)
        assert new != tag
        assert times(self.seen_now(partner)) == {"coffee1": (at("2026-11-23 19:00"), at("2026-11-23 20:00"))}

    def test_a_tag_that_was_seen_is_good_for_the_next_put(self, partner: PartnerWithCalendar) -> None:
        partner.calendar.put(make_event(), None)
        partner.moves("coffee1", at("2026-11-24 07:00"))
        partner.calendar.put(later(make_event(), 5 * HOUR), self.seen_now(partner)["coffee1"].tag)
        assert self.seen_now(partner)["coffee1"].starts_at == at("2026-11-23 23:00")

    def test_a_move_by_a_person_is_seen_under_a_new_tag(self, partner: PartnerWithCalendar) -> None:
        tag = partner.calendar.put(make_event(), None)
        partner.moves("coffee1", at("2026-11-24 07:30"))
        assert times(self.seen_now(partner)) == {"coffee1": (at("2026-11-24 07:30"), at("2026-11-24 08:30"))}
        assert self.seen_now(partner)["coffee1"].tag != tag

    def test_what_a_person_changed_is_not_overwritten(self, partner: PartnerWithCalendar) -> None:
        tag = partner.calendar.put(make_event(), None)
        partner.moves("coffee1", at("2026-11-24 07:30"))
        with pytest.raises(Conflict):
            partner.calendar.put(later(make_event()), tag)
        assert self.seen_now(partner)["coffee1"].starts_at == at("2026-11-24 07:30")

    def test_what_stands_there_is_not_created_again(self, partner: PartnerWithCalendar) -> None:
        partner.calendar.put(make_event(), None)
        with pytest.raises(Conflict):
            partner.calendar.put(later(make_event()), None)
        assert self.seen_now(partner)["coffee1"].sequence == 0

    def test_what_a_person_deleted_does_not_come_back_by_a_change(self, partner: PartnerWithCalendar) -> None:
        tag = partner.calendar.put(make_event(), None)
        partner.calendar.put(make_event("walk1"), None)
        partner.deletes("coffee1")
        with pytest.raises(Conflict):
            partner.calendar.put(later(make_event()), tag)
        assert set(self.seen_now(partner, ["coffee1", "walk1"])) == {"walk1"}

    def test_a_removed_event_is_gone_and_the_others_stay(self, partner: PartnerWithCalendar) -> None:
        partner.calendar.put(make_event(), None)
        tag = partner.calendar.put(make_event("walk1"), None)
        partner.calendar.remove(make_event(), None)
        assert {uid: one.tag for uid, one in self.seen_now(partner, ["coffee1", "walk1"]).items()} == {"walk1": tag}

    def test_removing_what_is_gone_is_a_success(self, partner: PartnerWithCalendar) -> None:
        partner.calendar.remove(make_event("never1"), None)
        partner.calendar.put(make_event(), None)
        partner.calendar.remove(make_event(), None)
        partner.calendar.remove(make_event(), None)
        assert self.seen_now(partner) == {}

    def test_our_event_is_removed_whatever_became_of_it(self, partner: PartnerWithCalendar) -> None:
        partner.calendar.put(make_event(), None)
        partner.moves("coffee1", at("2026-11-24 07:30"))
        partner.calendar.remove(make_event(), None)
        assert self.seen_now(partner) == {}

    def test_one_event_that_a_person_deleted_is_just_not_there(self, partner: PartnerWithCalendar) -> None:
        partner.calendar.put(make_event(), None)
        partner.deletes("coffee1")
        assert self.seen_now(partner) == {}

    def test_a_calendar_that_cannot_be_read_is_unavailable_and_never_empty(self, partner: PartnerWithCalendar) -> None:
        tag = partner.calendar.put(make_event(), None)
        partner.unplugs()
        with pytest.raises(Unavailable):
            self.seen_now(partner)
        with pytest.raises(Unavailable):
            partner.calendar.put(later(make_event()), tag)
