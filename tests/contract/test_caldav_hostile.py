"""Whatever a server answers, the adapter answers in our own words (threats T5, T10 of the reliability notes)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scheduler.adapters.caldav.account import Account, save
from scheduler.adapters.caldav.busy import CaldavBusy
from scheduler.adapters.caldav.calendar import CaldavCalendar
from scheduler.adapters.caldav.connect import connect
from scheduler.adapters.memory import MemoryVault
from scheduler.domain.errors import RitualsError, Unavailable
from scheduler.ports import BusyReading
from tests.build import at
from tests.contract.calendar_contract import make_event
from tests.contract.dav_partner import EXCHANGE
from tests.servers.proxy import Answer, FaultProxy

pytestmark = pytest.mark.slow

DAY = (at("2026-11-23 00:00"), at("2026-11-24 00:00"))
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12) | st.sampled_from(
    ("9" * 400, "9" * 5000, "HTTP/1.1 ²²² x", "HTTP/1.1 404 x", "http://[x", "//", "coffee1.ics", "/sam/rituals/", "'")
)
NAMES = st.sampled_from(
    [
        *(f"d:{name}" for name in ("multistatus", "response", "href", "status", "propstat", "prop", "error")),
        *(f"d:{name}" for name in ("getetag", "sync-token", "resourcetype", "displayname", "current-user-principal")),
        *(f"c:{name}" for name in ("calendar", "calendar-data", "calendar-home-set", "no-uid-conflict")),
        *("html", "x"),
    ]
)
VALUES = st.sampled_from(
    (
        "9" * 400,
        "9" * 5000,
        "-1",
        "1e400",
        "²",
        "Fri, 31 Dec 9999 23:59:59 -2359",
        "Mon, 01 Jan 0001 00:00:00 +2359",
        "https://[::1",
        'W/"',
        "text/xml",
        "text/calendar",
        "gzip",
    )
)
HEADERS = st.dictionaries(
    st.sampled_from(("Retry-After", "ETag", "Location", "Content-Type", "Content-Encoding", "DAV")), VALUES, max_size=3
)
STATUSES = st.sampled_from((200, 201, 204, 207, 301, 302, 304, 400, 401, 403, 404, 409, 410, 412, 429, 500, 503, 507))


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def inside(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(NAMES, st.lists(inner, max_size=4)).map(lambda one: f"<{one[0]}>{''.join(one[1])}</{one[0]}>")


TREES = st.recursive(TEXTS.map(escaped), inside, max_leaves=15).map(
    lambda inner: (
        f'<d:multistatus xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav">{inner}</d:multistatus>'.encode()
    )
)
BODIES = st.one_of(
    TREES,
    st.binary(max_size=60),
    st.sampled_from((b"", b"<", b"<html/>", b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>")),
    TREES.map(lambda tree: tree[: len(tree) // 2]),
)
ANSWERS = st.lists(st.tuples(STATUSES, HEADERS, BODIES), min_size=1, max_size=6)


@pytest.fixture(scope="module")
def proxy() -> Iterator[FaultProxy]:
    with FaultProxy("http://127.0.0.1:9") as proxy:
        yield proxy


def nothing(*_: object) -> BusyReading | None:
    return None


def acts(url: str) -> list[Callable[[], object]]:
    vault = MemoryVault()
    save(vault, Account(f"{url}/sam/", "sam", "secret", collection=f"{url}/sam/rituals/", inside=True))
    calendar = CaldavCalendar(vault, title="Rituals", colour="", zone=ZoneInfo("UTC"), exchange=EXCHANGE)
    return [
        lambda: calendar.put(make_event(), None),
        lambda: calendar.put(make_event(), "a tag"),
        lambda: calendar.seen(["coffee1", "walk1"]),
        lambda: calendar.remove(make_event(), None),
        lambda: CaldavBusy(vault, nothing, exchange=EXCHANGE).read(*DAY, None),
        lambda: connect(url, "sam", "secret", exchange=EXCHANGE, inside=True),
    ]


@given(answers=ANSWERS, act=st.integers(0, 5))
@settings(max_examples=150, suppress_health_check=list(HealthCheck))
def test_no_answer_makes_the_adapter_speak_in_foreign_words(proxy: FaultProxy, answers: list[Answer], act: int) -> None:
    queue = [*answers]
    proxy.quirk = lambda request, forward: queue.pop(0) if len(queue) > 1 else queue[0]
    with suppress(RitualsError):
        acts(proxy.url)[act]()


@pytest.mark.parametrize("status", [429, 503, 500, 423])
@pytest.mark.parametrize("value", ["9" * 400, "9" * 5000, "Fri, 31 Dec 9999 23:59:59 -2359", "-1", "²"])
def test_a_pause_that_no_calendar_holds_is_a_day_or_none(proxy: FaultProxy, status: int, value: str) -> None:
    proxy.quirk = lambda request, forward: (status, {"Retry-After": value}, b"")
    for act in acts(proxy.url)[:5]:
        with pytest.raises(Unavailable) as raised:
            act()
        assert raised.value.retry_after is None or 0 <= raised.value.retry_after.days <= 1


def test_entities_of_a_document_are_not_unfolded(proxy: FaultProxy) -> None:
    bomb = b"<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'>" + b"".join(
        b"<!ENTITY %c '%s'>" % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9)
    )
    body = bomb + b']><d:multistatus xmlns:d="DAV:"><d:response><d:href>&j;</d:href></d:response></d:multistatus>'
    proxy.quirk = lambda request, forward: (207, {"Content-Type": "text/xml"}, body)
    with suppress(RitualsError):
        acts(proxy.url)[2]()
