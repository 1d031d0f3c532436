"""A partner, a calendar and a bad line do things in any order: what a person did is never undone (row F13 of the fault
matrix). Not here: single faults (faults)."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from scheduler.content.ics import read_event
from scheduler.domain.errors import Conflict, Unavailable
from scheduler.domain.event import Event
from tests.build import at
from tests.contract.calendar_contract import make_event
from tests.contract.dav_partner import DavPartner, partner_of
from tests.servers.dav import radicale_server
from tests.servers.proxy import Fault

pytestmark = pytest.mark.slow

UIDS = st.sampled_from(("coffee1", "walk1", "talk1"))
FAULTS = st.builds(
    Fault,
    status=st.sampled_from((None, 500, 503, 429, 423, 412)),
    after=st.booleans(),
    methods=st.sampled_from(((), ("PUT",), ("GET",), ("REPORT",), ("DELETE",))),
)


class Line(RuleBasedStateMachine):
    """``ours`` is what we last asked for, ``tags`` what we were told, ``maybe`` the starts of which the server may hold
    one; ``theirs`` is when a person moved an event to, None where they deleted it."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        server = self.stack.enter_context(radicale_server())
        self.partner: DavPartner = self.stack.enter_context(partner_of(server))
        self.ours: dict[str, Event] = {}
        self.tags: dict[str, str] = {}
        self.theirs: dict[str, datetime | None] = {}
        self.maybe: dict[str, set[datetime]] = {}
        self.hour = 0

    def teardown(self) -> None:
        self.stack.close()

    def starts(self) -> dict[str, datetime]:
        """What stands on the server, seen past the bad line."""
        found = {}
        for href in self.partner.hrefs() if self.partner.collection else []:
            event = read_event(self.partner.hand("GET", href)[1], ZoneInfo("UTC"))
            assert event
            assert event.uid not in found, "two live events for one UID"
            found[event.uid] = event.starts_at
        return found

    def hour_not_used_yet(self) -> datetime:
        self.hour += 1
        return at("2026-11-23 00:00") + timedelta(hours=self.hour)

    def moved(self, event: Event) -> Event:
        start = self.hour_not_used_yet()
        return replace(event, starts_at=start, ends_at=start + timedelta(hours=1))

    @rule(uid=UIDS)
    def we_put(self, uid: str) -> None:
        if uid in self.theirs:
            return
        tag, before = self.tags.get(uid), self.ours.get(uid)
        repeat = before is not None and tag is None
        event = before if before and repeat else self.moved(before or make_event(uid))
        self.ours[uid] = event
        self.maybe.setdefault(uid, set()).add(event.starts_at)
        with suppress(Unavailable):  # and never Conflict: nobody else was here
            self.tags[uid] = self.partner.calendar.put(event, tag)
            self.maybe[uid] = {event.starts_at}

    @precondition(lambda self: self.theirs)
    @rule(uid=UIDS)
    def we_put_what_a_person_has_changed(self, uid: str) -> None:
        if uid in self.theirs:
            with pytest.raises((Conflict, Unavailable)):
                self.partner.calendar.put(self.moved(self.ours[uid]), self.tags[uid])

    @rule(uid=UIDS)
    def a_person_moves(self, uid: str) -> None:
        if uid in self.tags and uid in self.starts():
            start = self.theirs[uid] = self.hour_not_used_yet()
            self.partner.moves(uid, start)

    @rule(uid=UIDS)
    def a_person_deletes(self, uid: str) -> None:
        if uid in self.tags and uid in self.starts():
            self.partner.deletes(uid)
            self.theirs[uid] = None

    @rule(uid=UIDS)
    def a_person_paints(self, uid: str) -> None:
        self.partner.edits(uid, ("TRANSP:OPAQUE", "TRANSP:OPAQUE\r\nX-PAINT:red"))

    @rule()
    def we_look(self) -> None:
        truth = self.starts()
        try:
            seen = self.partner.calendar.seen(sorted(self.tags))
        except Unavailable:
            return
        assert {uid: one.starts_at for uid, one in seen.items() if one} == {
            uid: start for uid, start in truth.items() if uid in self.tags
        }

    @rule()
    def we_restart(self) -> None:
        self.partner.restarts()

    @rule(fault=FAULTS)
    def the_line_goes_bad(self, fault: Fault) -> None:
        self.partner.proxy.fail_next(fault)

    @rule()
    def the_line_is_good_again(self) -> None:
        self.partner.proxy.clear()

    @invariant()
    def what_stands_is_ours_or_theirs(self) -> None:
        standing = self.starts()
        for uid, theirs in self.theirs.items():
            assert standing.get(uid) == theirs
        for uid in self.tags.keys() - self.theirs.keys():
            assert standing[uid] in self.maybe[uid]


TestLine = Line.TestCase
TestLine.settings = settings(
    max_examples=15, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
