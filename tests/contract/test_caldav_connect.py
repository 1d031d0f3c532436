"""From what a person types to an account, on real servers; and what they read where it does not work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial

import pytest

from scheduler.adapters.caldav import connect as connecting
from scheduler.adapters.caldav.account import read as read_account
from scheduler.adapters.caldav.account import save
from scheduler.adapters.caldav.providers import may_lead, start_of
from scheduler.adapters.memory import MemoryVault
from scheduler.domain.errors import Disconnected, Refused, RitualsError, Unavailable
from tests.contract.calendar_contract import make_event
from tests.contract.dav_partner import EXCHANGE, DavPartner
from tests.servers.dav import PASSWORD, USER, DavServer, radicale_server, xandikos_server
from tests.servers.proxy import Answer, Fault, FaultProxy, Forward, Request

pytestmark = pytest.mark.slow
connect = partial(connecting.connect, exchange=EXCHANGE)


@pytest.fixture(params=[radicale_server, xandikos_server], ids=["radicale", "xandikos"])
def server(request: pytest.FixtureRequest) -> Iterator[DavServer]:
    with request.param() as server:
        yield server


@pytest.fixture
def proxy(server: DavServer) -> Iterator[FaultProxy]:
    with FaultProxy(server.url) as proxy:
        yield proxy


@pytest.mark.parametrize("path", ["", "/", "/sam/"])
def test_the_calendars_are_found_from_the_server_s_address(server: DavServer, path: str) -> None:
    account = connect(f" {server.url}{path} ", USER, PASSWORD, inside=True)
    assert account.url == f"{server.url}{server.home}"
    assert (account.user, account.password, account.collection, account.dead) == (USER, PASSWORD, None, False)


def test_an_account_that_was_connected_can_be_used(server: DavServer, proxy: FaultProxy) -> None:
    partner = DavPartner(server, proxy)
    save(partner.vault, connect(proxy.url, USER, PASSWORD, inside=True))
    tag = partner.calendar.put(make_event(), None)
    seen = partner.calendar.seen(["coffee1"])["coffee1"]
    assert seen
    assert seen.tag == tag


def test_our_calendar_is_found_again_by_a_new_host(server: DavServer, proxy: FaultProxy) -> None:
    partner = DavPartner(server, proxy)
    partner.calendar.put(make_event(), None)
    account = connect(proxy.url, USER, PASSWORD, inside=True)
    assert account.collection == read_account(partner.vault).collection


@pytest.mark.parametrize(("user", "password"), [(USER, "wrong"), ("kim", PASSWORD)])
def test_a_wrong_password_is_answered_with_what_many_overlook(server: DavServer, user: str, password: str) -> None:
    with pytest.raises(Refused, match="app password") as raised:
        connect(server.url, user, password, inside=True)
    assert not isinstance(raised.value, Disconnected)


def test_an_address_without_calendars_is_answered_with_where_to_look(server: DavServer, proxy: FaultProxy) -> None:
    proxy.fail_next(*[Fault(404)] * 9)
    with pytest.raises(Refused, match="no calendars were found"):
        connect(proxy.url, USER, PASSWORD, inside=True)


def test_a_web_site_is_told_from_a_calendar_server(proxy: FaultProxy) -> None:
    page = Fault(200, headers={"Content-Type": "text/html"}, body=b"<!doctype html><html></html>")
    proxy.fail_next(*[page] * 9)
    with pytest.raises(Unavailable, match="web page"):
        connect(proxy.url, USER, PASSWORD, inside=True)


def test_a_server_that_is_down_is_worth_another_try(proxy: FaultProxy) -> None:
    proxy.fail_next(*[Fault(None)] * 9)
    with pytest.raises(Unavailable, match="cannot be reached"):
        connect(proxy.url, USER, PASSWORD, inside=True)


def test_a_way_round_in_circles_ends(proxy: FaultProxy) -> None:
    proxy.quirk = lambda request, forward: (301, {"Location": f"{request.path}x"}, b"")
    with pytest.raises(Refused):
        connect(proxy.url, USER, PASSWORD, inside=True)
    assert len(proxy.calls) < 10


@pytest.mark.parametrize("location", ["", "https://[::1", "//", "mailto:sam@example.org"])
def test_a_redirect_to_nowhere_is_followed_by_nobody(proxy: FaultProxy, location: str) -> None:
    proxy.fail_next(*[Fault(301, headers={"Location": location})] * 20)
    with pytest.raises(RitualsError):
        connect(proxy.url, USER, PASSWORD, inside=True)


@pytest.mark.parametrize("where", ["redirect", "home"])
def test_a_password_is_never_carried_to_another_server(server: DavServer, proxy: FaultProxy, where: str) -> None:
    with ExitStack() as stack:
        other = stack.enter_context(FaultProxy(server.url))

        def leads_away(request: Request, forward: Forward) -> Answer:
            if where == "redirect":
                return 302, {"Location": f"{other.url}{request.path}"}, b""
            status, headers, data = forward(request)
            return status, headers, data.replace(b"href>/sam/", f"href>{other.url}/sam/".encode())

        proxy.quirk = leads_away
        with pytest.raises(Refused, match="another server"):
            connect(proxy.url, USER, PASSWORD, inside=True)
        assert other.calls == []


def test_calendars_that_may_only_be_read_are_no_place_for_rituals(proxy: FaultProxy) -> None:
    def read_only(request: Request, forward: Forward) -> Answer:
        if request.headers.get("Depth") != "1":
            return forward(request)
        body = (
            f'<d:multistatus xmlns:d="DAV:"><d:response><d:href>{request.path}</d:href><d:propstat><d:prop>'
            "<d:current-user-privilege-set><d:privilege><d:read/></d:privilege></d:current-user-privilege-set></d:prop>"
            "<d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response></d:multistatus>"
        )
        return 207, {"Content-Type": "application/xml"}, body.encode()

    proxy.quirk = read_only
    with pytest.raises(Refused, match="only be read"):
        connect(proxy.url, USER, PASSWORD, inside=True)


@pytest.mark.parametrize(
    "address",
    ["google", "gmail.com", "sam@gmail.com", "sam@googlemail.com", "https://apidata.googleusercontent.com/caldav/v2/"],
)
def test_google_is_sent_to_its_own_route(address: str) -> None:
    with pytest.raises(Refused, match="route"):
        connect(address, USER, PASSWORD)


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("http://dav.example.org/", "https"),
        ("webcal://dav.example.org/", "https"),
        ("https://sam:secret@dav.example.org/", "leave the name and the password out"),
        ("https://", "no address"),
        ("https://[::1", "no address"),
        ("my calendar", "know"),
        ("", "know"),
        ("nextcloud", "know"),
        ("https://dav.example.org:99999/", "no address"),
    ],
)
def test_an_address_that_is_none_is_answered_with_what_would_be_one(address: str, why: str) -> None:
    with pytest.raises(RitualsError, match=why):
        connect(address, USER, PASSWORD)


@pytest.mark.parametrize(
    ("address", "begins"),
    [
        ("icloud", "https://caldav.icloud.com/"),
        ("sam@me.com", "https://caldav.icloud.com/"),
        ("fastmail", "https://caldav.fastmail.com/"),
        ("sam@fastmail.com", "https://caldav.fastmail.com/"),
        ("gmx", "https://caldav.gmx.net/begenda/dav/sam%40gmx.net/"),
        ("posteo.de", "https://posteo.de:8443/"),
        ("Nextcloud cloud.example.org", "https://cloud.example.org/remote.php/dav/"),
        ("nextcloud https://example.org/cloud/", "https://example.org/cloud/remote.php/dav/"),
        ("example.org", "https://example.org/.well-known/caldav"),
        ("sam@example.org", "https://example.org/.well-known/caldav"),
        ("https://dav.example.org", "https://dav.example.org/.well-known/caldav"),
        ("https://dav.example.org/sam/", "https://dav.example.org/sam/"),
        ("dav.example.org/sam", "https://dav.example.org/sam"),
    ],
)
def test_what_people_type_begins_somewhere(address: str, begins: str) -> None:
    assert start_of(address, "sam@gmx.net", inside=False)[0] == begins


@pytest.mark.parametrize(
    ("then", "may"),
    [
        ("https://p42-caldav.icloud.com/123/calendars/", True),
        ("https://caldav.icloud.com:443/123/", True),
        ("http://caldav.icloud.com/123/", False),
        ("https://icloud.com.example.org/", False),
        ("https://evilicloud.com/", False),
        ("https://dav.example.org/", False),
    ],
)
def test_icloud_leads_to_the_host_of_the_account_and_nobody_leads_elsewhere(then: str, may: bool) -> None:
    assert may_lead("https://caldav.icloud.com/", then) is may


def test_a_domain_may_lead_to_a_host_below_it() -> None:
    assert may_lead("https://example.org/.well-known/caldav", "https://cloud.example.org/remote.php/dav")
    assert not may_lead("https://cloud.example.org/", "https://example.org/")


def test_a_kept_account_comes_back_as_it_was() -> None:
    vault = MemoryVault()
    with radicale_server() as server:
        account = connect(server.url, USER, PASSWORD, inside=True)
    save(vault, account)
    assert read_account(vault) == account


@pytest.mark.parametrize("kept", ["", "{}", "[]", "null", '{"url": 1, "nonsense": 2}'])
def test_an_account_that_cannot_be_read_must_be_connected_again(kept: str) -> None:
    with pytest.raises(Disconnected):
        read_account(MemoryVault(caldav=kept))
