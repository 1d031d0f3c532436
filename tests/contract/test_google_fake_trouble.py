"""Faults of the fake on demand, its rate limits, and the fake as a server. Not here: what Google's methods do."""

from __future__ import annotations

import http.client
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import httplib2
import httpx
import pytest
from google_auth_httplib2 import AuthorizedHttp
from googleapiclient.errors import HttpError

from tests.build import at
from tests.contract.google_driver import NOW, Driver, body, ids, refusal
from tests.servers.google import SCOPE, FakeGoogle, Fault
from tests.servers.google.discovery import document

pytestmark = pytest.mark.slow


@pytest.fixture
def driver() -> Iterator[Driver]:
    with Driver() as one:
        yield one


def test_a_fault_before_the_work_leaves_nothing_done(driver: Driver) -> None:
    driver.fake.fail_next(Fault(503))
    with pytest.raises(HttpError) as raised:
        driver.insert()
    assert refusal(raised.value) == (503, "backendError")
    assert driver.sam.standing() == 0


def test_a_fault_after_the_work_leaves_it_done(driver: Driver) -> None:
    driver.fake.fail_next(Fault(500, after=True))
    with pytest.raises(HttpError):
        driver.insert()
    assert driver.sam.standing() == 1


@pytest.mark.parametrize(("after", "standing"), [(False, 0), (True, 1)])
def test_a_connection_may_end_without_an_answer(driver: Driver, after: bool, standing: int) -> None:
    driver.fake.fail_next(Fault(drop=True, after=after))
    with pytest.raises(httpx.RemoteProtocolError):
        driver.raw("POST", f"calendars/{driver.calendar}/events", json=body())
    assert driver.sam.standing() == standing
    assert driver.fake.calls[-1].status == 0


def test_the_client_s_transport_repeats_a_request_without_an_answer_by_itself(driver: Driver) -> None:
    # httplib2 sends even a POST again; our adapter must not take the 409 that follows for somebody else's event.
    driver.fake.fail_next(Fault(drop=True, after=True))
    with pytest.raises(HttpError) as raised:
        driver.insert()
    assert refusal(raised.value) == (409, "duplicate")
    assert [call.status for call in driver.fake.calls[-2:]] == [0, 409]


@pytest.mark.parametrize(("after", "standing"), [(False, 0), (True, 1)])
def test_a_reset_connection_is_left_to_the_caller(driver: Driver, after: bool, standing: int) -> None:
    driver.fake.fail_next(Fault(reset=True, after=after))
    with pytest.raises(ConnectionResetError):
        driver.insert()
    assert (driver.sam.standing(), driver.fake.calls[-1].status) == (standing, 0)


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (403, "rateLimitExceeded"),
        (403, "userRateLimitExceeded"),
        (403, "quotaExceeded"),
        (429, "rateLimitExceeded"),
        (403, "forbidden"),
    ],
)
def test_a_fault_carries_its_reason_and_when_to_come_back(driver: Driver, status: int, reason: str) -> None:
    driver.fake.fail_next(Fault(status, reason, retry_after="120"))
    with pytest.raises(HttpError) as raised:
        driver.insert()
    assert refusal(raised.value) == (status, reason)
    assert raised.value.resp["retry-after"] == "120"


def test_a_fault_may_wait_for_one_method(driver: Driver) -> None:
    driver.fake.fail_next(Fault(503, method="events.list"), Fault(500, method="token"))
    driver.insert()
    with pytest.raises(HttpError) as raised:
        driver.list()
    assert refusal(raised.value)[0] == 503
    assert driver.list()["items"]


def test_faults_come_in_order_and_once(driver: Driver) -> None:
    driver.fake.fail_next(Fault(500), Fault(503))
    path = f"calendars/{driver.calendar}"
    assert [driver.raw("GET", path).status_code for _ in range(3)] == [500, 503, 200]


def test_faults_that_are_left_can_be_cleared(driver: Driver) -> None:
    driver.fake.fail_next(Fault(500))
    driver.fake.clear()
    assert driver.raw("GET", f"calendars/{driver.calendar}").status_code == 200


def test_a_login_page_may_come_instead_of_an_answer(driver: Driver) -> None:
    driver.fake.fail_next(Fault(200, body=b"<html>Please log in</html>"))
    answer = driver.raw("GET", f"calendars/{driver.calendar}/events")
    assert (answer.status_code, answer.headers["Content-Type"], answer.text) == (
        200, "text/html", "<html>Please log in</html>",
    )  # fmt: skip


@pytest.mark.parametrize(("keep", "left"), [(0, []), (0.5, ["coffee0", "coffee1"])])
def test_a_listing_may_lose_what_stands_there(driver: Driver, keep: float, left: list[str]) -> None:
    for number in range(4):
        driver.insert(id=f"coffee{number}")
    driver.fake.fail_next(Fault(None, keep=keep))
    thin = driver.list()
    assert ids(thin) == left
    assert "nextSyncToken" in thin
    assert len(driver.list()["items"]) == 4


def test_an_answer_may_be_late(driver: Driver) -> None:
    driver.fake.fail_next(Fault(None, latency_s=0.1))
    since = time.monotonic()
    driver.insert()
    assert time.monotonic() - since >= 0.1


def test_a_late_answer_does_not_hold_up_others_or_the_end(driver: Driver) -> None:
    driver.fake.fail_next(Fault(None, latency_s=60))
    slow = http.client.HTTPConnection("127.0.0.1", int(driver.fake.url.rpartition(":")[2]))
    slow.request("GET", "/calendar/v3/calendars/primary")
    while driver.fake.faults:
        pass
    driver.insert()
    slow.close()


def test_a_person_may_ask_so_often_a_minute(driver: Driver) -> None:
    driver.fake.settings.per_user_a_minute = len(driver.fake.calls) + 2
    path = f"calendars/{driver.calendar}"
    assert [driver.raw("GET", path).status_code for _ in range(3)] == [200, 200, 403]
    assert driver.fake.calls[-1].reason == "userRateLimitExceeded"
    driver.clock.advance(timedelta(seconds=61))
    assert driver.raw("GET", path).status_code == 200


def test_the_minute_slides(driver: Driver) -> None:
    driver.fake.settings.per_user_a_minute = 2
    path = f"calendars/{driver.calendar}"
    driver.clock.advance(timedelta(seconds=40))
    assert driver.raw("GET", path).status_code == 200
    driver.clock.advance(timedelta(seconds=30))
    assert [driver.raw("GET", path).status_code for _ in range(2)] == [200, 403]


def test_another_person_s_minute_is_their_own(driver: Driver) -> None:
    driver.fake.settings.per_user_a_minute = 1
    kim = driver.connect(person=driver.fake.person("kim@example.org"))
    headers = {"Authorization": f"Bearer {kim.access_token}"}
    assert driver.raw("GET", "colors", headers=headers).status_code == 501


def test_the_limit_may_be_told_as_429(driver: Driver) -> None:
    driver.fake.settings.per_user_a_minute, driver.fake.settings.rate_status = 1, 429
    answer = driver.raw("GET", f"calendars/{driver.calendar}")
    assert (answer.status_code, driver.fake.calls[-1].reason) == (429, "rateLimitExceeded")


def test_the_project_has_a_limit_for_all(driver: Driver) -> None:
    driver.fake.settings.per_project_a_minute = 1
    kim = driver.connect(person=driver.fake.person("kim@example.org"))
    answer = driver.raw("GET", "colors", headers={"Authorization": f"Bearer {kim.access_token}"})
    assert (answer.status_code, driver.fake.calls[-1].reason) == (403, "rateLimitExceeded")


def test_many_threads_each_get_their_own_answer(driver: Driver) -> None:
    def put_and_look(number: int) -> Any:
        transport = AuthorizedHttp(driver.credentials(driver.tokens), http=httplib2.Http(timeout=10))
        name = f"coffee{number}"
        try:
            driver.events.insert(calendarId=driver.calendar, body=body(name)).execute(http=transport)
            return driver.events.get(calendarId=driver.calendar, eventId=name).execute(http=transport)["id"]
        finally:
            transport.close()

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(put_and_look, range(16))) == [f"coffee{number}" for number in range(16)]
    assert driver.sam.standing() == 16


@pytest.fixture
def hasty_threads() -> Iterator[None]:
    """Threads take turns so often that whatever is not locked soon goes wrong."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


@pytest.mark.usefixtures("hasty_threads")
def test_of_many_inserts_with_one_id_one_wins(driver: Driver) -> None:
    path = f"calendars/{driver.calendar}/events"
    with ThreadPoolExecutor(8) as pool:
        states = list(pool.map(lambda _: driver.raw("POST", path, json=body()).status_code, range(16)))
    assert sorted(states) == [200] + [409] * 15


def test_it_starts_and_stops_at_once(driver: Driver) -> None:
    document()
    since = time.monotonic()
    with FakeGoogle() as fake:
        assert httpx.get(fake.api_endpoint, verify=False).status_code == 404
    assert time.monotonic() - since < 0.3
    with pytest.raises(httpx.ConnectError):
        httpx.get(fake.api_endpoint, verify=False)


def test_when_it_breaks_itself_the_test_is_told() -> None:
    times = [NOW]
    fake = FakeGoogle(lambda: times[0])
    fake.__enter__()
    tokens = fake.person().connects(f"{SCOPE}calendar")
    times.clear()
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(
            f"{fake.api_endpoint}colors", headers={"Authorization": f"Bearer {tokens.access_token}"}, verify=False
        )
    with pytest.raises(AssertionError, match="the fake itself broke"):
        fake.__exit__()


def test_it_says_nothing(driver: Driver, capfd: pytest.CaptureFixture[str]) -> None:
    driver.insert()
    driver.raw("GET", "no/such/path")
    assert capfd.readouterr() == ("", "")


def test_without_a_clock_it_takes_the_machine_s_time() -> None:
    with FakeGoogle() as fake:
        sam = fake.person()
        day = at("2026-11-24 09:00")
        created = sam.event(sam.adds(day, day + timedelta(hours=1)))["created"]
    assert created > "2026-01-01"
