"""What a CalDAV server may answer when it goes wrong, and what the partner or the host then hears.

The cases are those of row F11 and F12 of the fault matrix in the reliability notes.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from scheduler.adapters.caldav.account import Account, save
from scheduler.domain.errors import Conflict, Disconnected, Gone, Refused, RitualsError, Unavailable
from scheduler.ports import Calendar
from tests.build import at, read
from tests.contract.calendar_contract import later, make_event
from tests.contract.dav_partner import DavPartner, partner_of
from tests.servers.dav import PASSWORD, USER, radicale_server
from tests.servers.proxy import Answer, Fault, FaultProxy, Forward, Request

pytestmark = pytest.mark.slow

PAGE = b"<!DOCTYPE html><html><body>Welcome! Please log in, Sam.</body></html>"


@pytest.fixture
def partner() -> Iterator[DavPartner]:
    with radicale_server() as server, partner_of(server) as partner:
        partner.calendar.put(make_event(), None)
        yield partner


def test_a_refused_password_is_dead_until_another_is_put(partner: DavPartner) -> None:
    partner.revokes()
    with pytest.raises(Disconnected):
        read(partner.calendar, "coffee1")
    asked = len(partner.proxy.calls)
    partner.restarts()
    with pytest.raises(Disconnected):
        partner.calendar.put(make_event("walk1"), None)
    assert len(partner.proxy.calls) == asked
    save(partner.vault, Account(partner.proxy.url + partner.server.home, USER, "another one", inside=True))
    assert set(read(partner.calendar, "coffee1")) == {"coffee1"}


def test_a_new_password_brings_no_second_calendar(partner: DavPartner) -> None:
    before = partner.collection
    partner.revokes()
    save(partner.vault, Account(partner.proxy.url + partner.server.home, USER, "another one", inside=True))
    partner.calendar.put(make_event("walk1"), None)
    assert partner.collection == before
    assert partner.standing() == 2


def test_credentials_put_while_a_dead_one_is_asked_stay_alive(partner: DavPartner) -> None:
    """The server refuses the old password in the very moment in which the partner connects anew."""
    fresh = Account(partner.proxy.url + partner.server.home, USER, "another one", inside=True)
    partner.revokes()

    def connects_anew(request: Request, forward: Forward) -> Answer:
        save(partner.vault, fresh)
        return forward(request)

    partner.proxy.quirk = connects_anew
    with pytest.raises(Disconnected):
        read(partner.calendar, "coffee1")
    assert set(read(partner.calendar, "coffee1")) == {"coffee1"}


def test_without_an_account_nothing_is_asked(partner: DavPartner) -> None:
    asked = len(partner.proxy.calls)
    partner.vault.forget("caldav")
    with pytest.raises(Disconnected):
        read(partner.calendar, "coffee1")
    assert len(partner.proxy.calls) == asked


def test_a_403_that_asks_for_a_password_ends_the_access(partner: DavPartner) -> None:
    partner.proxy.fail_next(Fault(403, headers={"WWW-Authenticate": 'Basic realm="x"'}))
    with pytest.raises(Disconnected):
        partner.calendar.put(make_event("walk1"), None)


def test_a_403_of_any_other_kind_leaves_the_password_alone(partner: DavPartner) -> None:
    partner.proxy.fail_next(Fault(403, methods=("PUT",)))
    with pytest.raises(Refused):
        partner.calendar.put(make_event("walk1"), None)
    partner.proxy.fail_next(Fault(403, methods=("GET",)))
    with pytest.raises(Unavailable) as raised:
        partner.calendar.put(later(make_event()), "a tag")
    assert not isinstance(raised.value, Disconnected)
    assert set(read(partner.calendar, "coffee1")) == {"coffee1"}


def test_a_server_that_finds_nothing_at_all_has_not_lost_our_calendar(partner: DavPartner) -> None:
    partner.proxy.fail_next(*[Fault(404)] * 9)
    with pytest.raises(Unavailable) as raised:
        read(partner.calendar, "coffee1", "walk1")
    assert not isinstance(raised.value, Gone)


def test_a_calendar_that_nobody_made_yet_is_gone(partner: DavPartner) -> None:
    partner.vault.forget("caldav")
    save(partner.vault, Account(partner.proxy.url + partner.server.home, USER, PASSWORD, inside=True))
    with pytest.raises(Gone):
        read(partner.calendar, "coffee1")


def test_a_409_without_any_reason_is_tried_again_later(partner: DavPartner) -> None:
    partner.proxy.fail_next(Fault(409, methods=("PUT",)))
    with pytest.raises(Unavailable):
        partner.calendar.put(make_event("walk1"), None)
    partner.calendar.put(make_event("walk1"), None)
    assert partner.standing() == 2


def test_an_edit_in_the_moment_of_our_write_is_never_overwritten(partner: DavPartner) -> None:
    tag = read(partner.calendar, "coffee1")["coffee1"].tag

    def person_is_quicker(request: Request, forward: Forward) -> Answer:
        if request.method == "PUT":
            partner.moves("coffee1", at("2026-11-24 07:30"))
        return forward(request)

    partner.proxy.quirk = person_is_quicker
    with pytest.raises(Unavailable):
        partner.calendar.put(later(make_event()), tag)
    with pytest.raises(Conflict):
        partner.calendar.put(later(make_event()), tag)
    assert read(partner.calendar, "coffee1")["coffee1"].starts_at == at("2026-11-24 07:30")


@pytest.mark.parametrize(
    ("named", "pause"),
    [("120", timedelta(minutes=2)), ("Wed, 21 Oct 2015 07:28:00 GMT", timedelta(0)), ("soon", None), (None, None)],
)
def test_a_locked_calendar_is_tried_again_when_it_says(
    partner: DavPartner, named: str | None, pause: timedelta | None
) -> None:
    partner.proxy.fail_next(Fault(423, methods=("PUT",), headers={"Retry-After": named} if named else {}))
    with pytest.raises(Unavailable) as raised:
        partner.calendar.put(make_event("walk1"), None)
    assert raised.value.retry_after == pause


def test_a_pause_of_years_is_cut_to_a_day(partner: DavPartner) -> None:
    partner.proxy.fail_next(Fault(429, headers={"Retry-After": "Wed, 21 Oct 2099 07:28:00 GMT"}))
    with pytest.raises(Unavailable) as raised:
        read(partner.calendar, "coffee1")
    assert raised.value.retry_after == timedelta(days=1)


def test_a_full_account_is_refused_with_what_to_do(partner: DavPartner) -> None:
    partner.proxy.fail_next(Fault(507, methods=("PUT",)))
    with pytest.raises(Refused, match="make room"):
        partner.calendar.put(make_event("walk1"), None)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize(
    "act",
    [
        lambda calendar: calendar.put(make_event("walk1"), None),
        lambda calendar: calendar.remove(make_event(), None),
        lambda calendar: calendar.seen(["coffee1"]),
    ],
    ids=["put", "remove", "seen"],
)
def test_a_password_never_follows_to_another_server(
    partner: DavPartner, status: int, act: Callable[[Calendar], object]
) -> None:
    with FaultProxy(partner.server.url) as other:
        partner.proxy.fail_next(Fault(status, headers={"Location": f"{other.url}/sam/"}))
        with pytest.raises(Unavailable, match="moved"):
            act(partner.calendar)
        assert other.calls == []


def test_a_listing_that_is_cut_off_is_not_believed(partner: DavPartner) -> None:
    partner.restarts()
    half = b'<?xml version="1.0"?><multistatus xmlns="DAV:"><response><href>/sam/couple-rituals/'
    partner.proxy.fail_next(Fault(207, methods=("REPORT",), headers={"Content-Type": "text/xml"}, body=half))
    with pytest.raises(Unavailable, match="cannot be read"):
        read(partner.calendar, "coffee1")
    assert set(read(partner.calendar, "coffee1")) == {"coffee1"}


def test_half_a_listing_is_not_believed(partner: DavPartner) -> None:
    for uid in ("walk1", "talk1", "cook1"):
        partner.calendar.put(make_event(uid), None)
    partner.restarts()
    half = (
        b'<multistatus xmlns="DAV:"><sync-token>http://example.org/7</sync-token>'
        + b"".join(
            f"<response><href>{partner.collection}{uid}.ics</href><propstat><prop><getetag>1</getetag></prop>"
            "<status>HTTP/1.1 200 OK</status></propstat></response>".encode()
            for uid in ("coffee1", "walk1")
        )
        + b"</multistatus>"
    )
    partner.proxy.fail_next(Fault(207, methods=("REPORT",), headers={"Content-Type": "text/xml"}, body=half))
    asked = ("coffee1", "walk1", "talk1", "cook1")
    with pytest.raises(Unavailable, match="still stands"):
        read(partner.calendar, *asked)
    assert set(read(partner.calendar, *asked)) == set(asked)


def test_an_object_that_the_server_rewrote_is_no_edit_of_a_person(partner: DavPartner) -> None:
    tag = read(partner.calendar, "coffee1")["coffee1"].tag
    partner.edits("coffee1", ("TRANSP:OPAQUE", "TRANSP:OPAQUE\r\nX-SERVER-STAMP:7"))
    assert read(partner.calendar, "coffee1")["coffee1"].tag == tag
    partner.calendar.put(later(make_event()), tag)
    assert read(partner.calendar, "coffee1")["coffee1"].starts_at == at("2026-11-23 19:00")


def test_what_a_person_added_stays_when_we_move_the_event(partner: DavPartner) -> None:
    tag = read(partner.calendar, "coffee1")["coffee1"].tag
    partner.edits("coffee1", ("TRANSP:OPAQUE", "TRANSP:OPAQUE\r\nLOCATION:Kitchen\r\nCOLOR:turquoise"))
    partner.calendar.put(later(make_event()), tag)
    data = partner.hand("GET", f"{partner.collection}coffee1.ics")[1]
    assert b"LOCATION:Kitchen" in data
    assert b"COLOR:turquoise" in data
    assert b"20261123T190000Z" in data


def test_a_login_page_in_answer_to_a_write_is_no_success(partner: DavPartner) -> None:
    partner.proxy.fail_next(Fault(200, methods=("PUT",), headers={"Content-Type": "text/html"}, body=PAGE))
    with pytest.raises(Unavailable, match="web page"):
        partner.calendar.put(make_event("walk1"), None)
    partner.proxy.fail_next(Fault(200, methods=("DELETE",), headers={"Content-Type": "text/html"}, body=PAGE))
    with pytest.raises(Unavailable, match="web page"):
        partner.calendar.remove(make_event(), None)
    assert partner.standing() == 1


def test_an_event_that_is_gone_for_good_needs_no_second_removal(partner: DavPartner) -> None:
    partner.proxy.fail_next(Fault(410, methods=("DELETE",)))
    partner.deletes("coffee1")
    partner.calendar.remove(make_event(), None)


def test_an_event_that_a_person_renamed_is_removed_under_its_new_name(partner: DavPartner) -> None:
    read(partner.calendar, "coffee1")
    _, data = partner.hand("GET", f"{partner.collection}coffee1.ics")
    partner.deletes("coffee1")
    partner.hand("PUT", f"{partner.collection}renamed.ics", data)
    partner.calendar.remove(make_event(), None)
    assert partner.standing() == 0


def test_a_removal_from_a_calendar_that_was_deleted_is_a_success(partner: DavPartner) -> None:
    partner.deletes_calendar()
    partner.calendar.remove(make_event(), None)


def test_a_lost_reply_to_the_making_of_the_calendar_makes_no_second_one(partner: DavPartner) -> None:
    partner.deletes_calendar()
    partner.proxy.fail_next(Fault(after=True, methods=("MKCALENDAR",)))
    with pytest.raises(Unavailable):
        partner.calendar.put(make_event(), None)
    partner.calendar.put(make_event(), None)
    _, home = partner.hand("PROPFIND", partner.server.home, b"", Depth="1")
    assert home.count(b"/couple-rituals") == home.count(b"/couple-rituals/") == 1


def test_an_endless_answer_ends(partner: DavPartner) -> None:
    partner.proxy.fail_next(Fault(207, methods=("REPORT",), body=b"<" + b"x" * 20_000_001))
    with pytest.raises(Unavailable, match="far too long"):
        read(partner.calendar, "coffee1")


def test_an_event_dragged_to_a_whole_day_stands_without_times(partner: DavPartner) -> None:
    partner.edits(
        "coffee1", (r"DTSTART:\S+", "DTSTART;VALUE=DATE:20261124"), (r"DTEND:\S+", "DTEND;VALUE=DATE:20261125")
    )
    assert partner.calendar.seen(["coffee1"]) == {"coffee1": None}


def all_words(err: BaseException) -> str:
    return f"{err}{err!r}{''.join(traceback.format_exception(err))}"


@pytest.mark.parametrize("status", [None, 200, 207, 301, 400, 401, 403, 404, 405, 409, 412, 423, 429, 500, 503, 507])
def test_no_error_tells_a_password_a_name_an_address_or_an_answer(partner: DavPartner, status: int | None) -> None:
    body = b"<multistatus>Sam's secret diary"
    partner.proxy.fail_next(*[Fault(status, headers={"Location": "http://example.org/diary"}, body=body)] * 30)
    with pytest.raises(RitualsError) as raised:
        partner.calendar.put(make_event("walk1"), None)
    said = all_words(raised.value).lower()
    for secret in (PASSWORD, "sam's", "diary", "/sam/", partner.proxy.url, "basic "):
        assert secret.lower() not in said


def test_an_account_does_not_show_when_it_is_printed() -> None:
    account = Account("https://dav.example.org/sam/", USER, PASSWORD)
    assert PASSWORD not in f"{account}{account!r}"
