"""The ways of iCloud, Fastmail, Nextcloud and others, imitated in front of a real server. Sources: the calendar notes,
the server profiles of caldav 3.6.0, and the issues named below."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import unquote

import pytest

from scheduler.adapters.caldav.account import Account, save
from scheduler.adapters.caldav.providers import start_of
from scheduler.domain.errors import Conflict, Disconnected, Refused
from tests.build import at, read
from tests.contract.calendar_contract import later, make_event
from tests.contract.dav_partner import FOREIGN, DavPartner, partner_of
from tests.servers.dav import PASSWORD, USER, radicale_server
from tests.servers.proxy import Answer, Fault, Forward, Request

pytestmark = pytest.mark.slow

SABRE = '<d:error xmlns:d="DAV:" xmlns:s="http://sabredav.org/ns"><s:message>{}</s:message></d:error>'


@pytest.fixture
def partner() -> Iterator[DavPartner]:
    with radicale_server() as server, partner_of(server) as partner:
        yield partner


@pytest.fixture
def heard(partner: DavPartner) -> list[Request]:
    """What the server is asked while a partner's calendar lives through everything that we do."""
    requests: list[Request] = []

    def listen(request: Request, forward: Forward) -> Answer:
        requests.append(request)
        return forward(request)

    partner.proxy.quirk = listen
    tag = partner.calendar.put(make_event(), None)
    read(partner.calendar, "coffee1", "never1")
    tag = partner.calendar.put(later(make_event()), tag)
    partner.restarts()
    read(partner.calendar, "coffee1")
    partner.calendar.put(later(later(make_event())), tag)
    partner.calendar.remove(make_event(), None)
    partner.calendar.remove(make_event(), None)
    return requests


def written(heard: list[Request]) -> list[bytes]:
    bodies = [request.body for request in heard if request.method == "PUT"]
    assert len(bodies) == 3
    return bodies


def test_icloud_refuses_events_without_an_end_so_each_has_one(heard: list[Request]) -> None:
    assert all(b"\nDTEND:" in body for body in written(heard))


def test_icloud_takes_if_match_star_the_wrong_way_round_so_it_is_never_sent(heard: list[Request]) -> None:
    assert {request.headers.get("If-Match", '"a tag"')[0] for request in heard} == {'"'}
    assert all("If-Schedule-Tag-Match" not in request.headers for request in heard)


def test_icloud_finds_no_event_by_its_uid_so_none_is_searched_for(heard: list[Request]) -> None:
    """home-assistant/core PR 176565."""
    assert not any(b"prop-filter" in request.body for request in heard)


def test_icloud_and_xandikos_lose_changes_beyond_a_limit_so_none_is_sent(heard: list[Request]) -> None:
    assert not any(b"limit" in request.body for request in heard)


def test_icloud_names_objects_on_its_other_host_and_only_their_path_counts(partner: DavPartner) -> None:
    def absolute(request: Request, forward: Forward) -> Answer:
        status, headers, data = forward(request)
        return status, headers, data.replace(b"<href>/", b"<href>https://caldav.icloud.com/")

    partner.proxy.quirk = absolute
    tag = partner.calendar.put(make_event(), None)
    partner.restarts()
    assert read(partner.calendar, "coffee1")["coffee1"].tag == tag
    partner.calendar.put(later(make_event()), tag)


def test_icloud_keeps_a_uid_in_one_calendar_only_so_ours_was_moved_by_a_person(partner: DavPartner) -> None:
    partner.calendar.put(make_event("walk1"), None)
    taken = b'<error xmlns="DAV:"><C:no-uid-conflict xmlns:C="urn:ietf:params:xml:ns:caldav"/></error>'
    for status in (403, 409, 412):
        partner.proxy.fail_next(Fault(status, methods=("PUT",), headers={"Content-Type": "text/xml"}, body=taken))
        with pytest.raises(Conflict):
            partner.calendar.put(make_event(), None)


def test_fastmail_and_nextcloud_mail_whoever_attends_so_nobody_does(heard: list[Request]) -> None:
    """calcom/cal.diy#9485: the server itself would send invitations."""
    for body in written(heard):
        assert b"ATTENDEE" not in body
        assert b"ORGANIZER" not in body
        assert b"METHOD" not in body


def test_nextcloud_calls_empty_answers_html_and_they_are_good(partner: DavPartner) -> None:
    """PHP's default type stands even where nothing follows."""

    def php(request: Request, forward: Forward) -> Answer:
        status, headers, data = forward(request)
        return status, headers if data else {**headers, "Content-Type": "text/html; charset=UTF-8"}, data

    partner.proxy.quirk = php
    tag = partner.calendar.put(make_event(), None)
    partner.calendar.put(later(make_event()), tag)
    assert partner.standing() == 1


def test_nextcloud_keeps_a_deleted_uid_in_its_bin_and_that_is_a_person_s_no(partner: DavPartner) -> None:
    """nextcloud/server#30096."""
    partner.calendar.put(make_event("walk1"), None)
    text = SABRE.format("Deleted calendar object with uid already exists in this calendar collection.")
    partner.proxy.fail_next(
        Fault(400, methods=("PUT",), headers={"Content-Type": "application/xml"}, body=text.encode())
    )
    with pytest.raises(Conflict):
        partner.calendar.put(make_event(), None)


def test_nextcloud_s_full_bin_is_a_refusal_and_no_wrong_password(partner: DavPartner) -> None:
    """python-caldav/caldav#371: create, delete, create, delete of one UID ends in 403. Each event of ours has a new
    UID, so only a host's hands lead there."""
    partner.calendar.put(make_event(), None)
    text = SABRE.format("A calendar object with URI coffee1-deleted.ics already exists, so it can't be moved")
    partner.proxy.fail_next(Fault(403, methods=("DELETE",), body=text.encode()))
    with pytest.raises(Refused):
        partner.calendar.remove(make_event(), None)
    assert set(read(partner.calendar, "coffee1")) == {"coffee1"}


def test_nextcloud_keeps_the_name_of_a_deleted_calendar_so_the_next_one_is_tried(partner: DavPartner) -> None:
    partner.proxy.fail_next(Fault(405, methods=("MKCALENDAR",)))
    partner.calendar.put(make_event(), None)
    assert partner.collection == "/sam/couple-rituals-2/"


def test_nextcloud_s_well_known_is_often_wrong_so_its_own_path_is_asked_first() -> None:
    """pimutils/vdirsyncer#842."""
    assert (
        start_of("nextcloud cloud.example.org", "sam", inside=False)[0] == "https://cloud.example.org/remote.php/dav/"
    )
    own = "https://cloud.example.org/remote.php/dav"
    assert start_of(own, "sam", inside=False)[0] == own


def test_a_listing_in_several_parts_is_read_to_its_end(partner: DavPartner) -> None:
    """RFC 6578 §3.6: 507 for the collection itself means that there is more."""
    partner.calendar.put(make_event(), None)
    first = (
        f'<multistatus xmlns="DAV:"><response><href>{partner.collection}</href>'
        "<status>HTTP/1.1 507 Insufficient Storage</status></response><sync-token/></multistatus>"
    )
    partner.restarts()
    part = Fault(207, methods=("REPORT",), headers={"Content-Type": "text/xml"}, body=first.encode())
    partner.proxy.fail_next(part, part)
    assert set(read(partner.calendar, "coffee1")) == {"coffee1"}


@pytest.mark.parametrize("status", [403, 409, 410, 412])
def test_an_old_sync_token_means_a_full_look_and_no_wrong_password(partner: DavPartner, status: int) -> None:
    """Radicale says 403 to it, Xandikos 412."""
    partner.calendar.put(make_event(), None)
    read(partner.calendar, "coffee1")
    partner.moves("coffee1", at("2026-11-24 07:30"))
    partner.proxy.fail_next(Fault(status, methods=("REPORT",)))
    assert read(partner.calendar, "coffee1")["coffee1"].starts_at == at("2026-11-24 07:30")
    asked = len(partner.proxy.calls)
    read(partner.calendar, "coffee1")
    assert [call.method for call in partner.proxy.calls[asked:]] == ["REPORT"]


def test_radicale_s_own_no_to_an_old_token_is_understood(partner: DavPartner) -> None:
    def forgetful(request: Request, forward: Forward) -> Answer:
        old = request.body.replace(b"http://radicale.org/ns/sync/", b"http://radicale.org/ns/sync/0")
        return forward(replace(request, body=old))

    partner.calendar.put(make_event(), None)
    read(partner.calendar, "coffee1")
    partner.proxy.quirk = forgetful
    assert set(read(partner.calendar, "coffee1")) == {"coffee1"}


def test_a_server_without_sync_collection_is_listed_each_time(partner: DavPartner) -> None:
    def old_fashioned(request: Request, forward: Forward) -> Answer:
        return (501, {}, b"") if b"sync-collection" in request.body else forward(request)

    partner.proxy.quirk = old_fashioned
    partner.calendar.put(make_event(), None)
    read(partner.calendar, "coffee1")
    partner.moves("coffee1", at("2026-11-24 07:30"))
    assert read(partner.calendar, "coffee1")["coffee1"].starts_at == at("2026-11-24 07:30")
    asked = len(partner.proxy.calls)
    read(partner.calendar, "coffee1")
    assert [call.method for call in partner.proxy.calls[asked:]] == ["PROPFIND"]


def test_a_server_that_tells_no_etag_of_what_it_took_is_no_trouble(partner: DavPartner) -> None:
    def reticent(request: Request, forward: Forward) -> Answer:
        status, headers, data = forward(request)
        return status, {name: value for name, value in headers.items() if name != "ETag"}, data

    partner.proxy.quirk = reticent
    tag = partner.calendar.put(make_event(), None)
    assert read(partner.calendar, "coffee1")["coffee1"].tag == tag
    tag = partner.calendar.put(later(make_event()), tag)
    assert read(partner.calendar, "coffee1")["coffee1"].tag == tag


def test_an_etag_that_is_called_weak_still_guards_a_change(partner: DavPartner) -> None:
    def weak(request: Request, forward: Forward) -> Answer:
        status, headers, data = forward(request)
        named = {n: f"W/{v}" if n == "ETag" else v for n, v in headers.items()}
        return status, named, data.replace(b'<getetag>"', b'<getetag>W/"')

    partner.proxy.quirk = weak
    tag = partner.calendar.put(make_event(), None)
    partner.calendar.put(later(make_event()), tag)
    assert read(partner.calendar, "coffee1")["coffee1"].starts_at == at("2026-11-23 19:00")


@pytest.mark.parametrize("name", ["7f3a", "caf%C3%A9%20%281%29", "a%2Bb%26c", "x@y", "x%40y"])
def test_a_server_that_renames_what_it_takes_makes_no_second_event(partner: DavPartner, name: str) -> None:
    """RFC 4791 §5.3.2 lets a server choose; then only the UID inside tells."""

    def renaming(request: Request, forward: Forward) -> Answer:
        return forward(
            replace(request, path=request.path.replace("coffee1", name)) if request.method == "PUT" else request
        )

    partner.proxy.quirk = renaming
    tag = partner.calendar.put(make_event(), None)
    partner.proxy.quirk = lambda request, forward: forward(request)
    partner.restarts()
    assert partner.calendar.put(make_event(), None) == tag
    partner.restarts()
    partner.calendar.put(later(make_event()), tag)
    assert partner.standing() == 1
    partner.restarts()
    partner.calendar.remove(make_event(), None)
    assert partner.standing() == 0


def test_yahoo_asks_for_no_password_in_its_401_and_that_too_is_an_end(partner: DavPartner) -> None:
    partner.proxy.fail_next(Fault(401, body=b'{"error": "unauthorized"}'))
    with pytest.raises(Disconnected):
        partner.calendar.put(make_event(), None)


def test_posteo_lets_nobody_make_a_calendar_and_says_so(partner: DavPartner) -> None:
    partner.proxy.fail_next(*[Fault(403, methods=("MKCALENDAR",))] * 3)
    with pytest.raises(Refused, match="by hand"):
        partner.calendar.put(make_event(), None)


@pytest.mark.parametrize("name", ["a9c1", "Unsere%20Rituale%20%281%29", "caf%C3%A9", "sam%40example.org"])
def test_a_calendar_made_by_hand_under_our_title_is_taken(partner: DavPartner, name: str) -> None:
    body = (
        '<C:mkcalendar xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><set><prop>'
        "<displayname>Our rituals</displayname></prop></set></C:mkcalendar>"
    )
    assert partner.hand("MKCALENDAR", f"/sam/{name}/", body.encode())[0] == 201
    tag = partner.calendar.put(make_event(), None)
    assert unquote(partner.collection) == unquote(f"/sam/{name}/")
    partner.restarts()
    assert read(partner.calendar, "coffee1")["coffee1"].tag == tag
    partner.restarts()
    partner.calendar.put(later(make_event()), tag)
    assert partner.standing() == 1
    partner.restarts()
    partner.calendar.remove(make_event(), None)
    assert partner.standing() == 0


def test_an_object_of_the_partner_s_own_is_read_once_and_then_left_alone(partner: DavPartner) -> None:
    partner.calendar.put(make_event(), None)
    assert partner.hand("PUT", f"{partner.collection}abc.ics", FOREIGN)[0] == 201
    partner.restarts()
    read(partner.calendar, "coffee1", "never1")
    asked = len(partner.proxy.calls)
    read(partner.calendar, "coffee1", "never1")
    assert len(partner.proxy.calls) == asked + 1


def test_an_event_is_stored_without_the_at_sign_that_servers_spell_in_two_ways(partner: DavPartner) -> None:
    event = make_event("coffee1@couple-rituals.invalid")
    tag = partner.calendar.put(event, None)
    assert partner.hrefs() == [f"{partner.collection}coffee1.ics"]
    assert read(partner.calendar, event.uid)[event.uid].tag == tag


def test_a_password_with_letters_beyond_ascii_is_sent_as_utf_8(partner: DavPartner) -> None:
    """RFC 7617 §2.1."""
    assert not PASSWORD.isascii()
    save(partner.vault, Account(partner.proxy.url + partner.server.home, USER, PASSWORD, inside=True))
    partner.calendar.put(make_event(), None)
