"""How a partner connects Google, from the web and from a terminal: nothing is stored before all of it is right."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.client import HTTPConnection
from threading import Thread
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest

from scheduler.adapters.google.access import keep
from scheduler.adapters.google.api import GoogleApi
from scheduler.adapters.google.consent import BUSY_TIMES, PLACING, SCOPES, begin, finish
from scheduler.adapters.google.loopback import Waiting, run_local
from scheduler.domain.errors import Disconnected, Refused, RitualsError, Unavailable
from tests.contract.calendar_contract import make_event
from tests.contract.google_partner import GooglePartner, google_partner
from tests.servers.google import Fault

pytestmark = pytest.mark.slow

REDIRECT = "http://127.0.0.1:8000/google"


@pytest.fixture
def partner(monkeypatch: pytest.MonkeyPatch) -> Iterator[GooglePartner]:
    """Not connected yet; oauthlib is told that tokens may come over plain HTTP, since the fake has no certificate."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    with google_partner() as one:
        one.vault.kept.clear()
        yield one


def get(url: str) -> tuple[int, str, str]:
    """Status, where to go next, body; no redirect is followed."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port or 80, timeout=10)
    try:
        connection.request("GET", f"{parts.path or '/'}?{parts.query}")
        answer = connection.getresponse()
        return answer.status, answer.getheader("Location") or "", answer.read().decode()
    finally:
        connection.close()


def answered(url: str) -> dict[str, str]:
    """What the browser brings back from Google."""
    status, location, body = get(url)
    assert status == 302, body
    return dict(parse_qsl(urlsplit(location).query))


def finished(partner: GooglePartner) -> str:
    started = begin(partner.app, REDIRECT, "state-1")
    return finish(partner.app, REDIRECT, answered(started.url), started.verifier)


def test_exactly_two_scopes_are_asked_for_and_neither_reads_an_event(partner: GooglePartner) -> None:
    query = parse_qs(urlsplit(begin(partner.app, REDIRECT, "state-1").url).query)
    assert query["scope"] == [
        "https://www.googleapis.com/auth/calendar.app.created https://www.googleapis.com/auth/calendar.freebusy"
    ]
    assert {name: query[name] for name in ("access_type", "prompt", "state", "code_challenge_method")} == {
        "access_type": ["offline"], "prompt": ["consent"], "state": ["state-1"], "code_challenge_method": ["S256"],
    }  # fmt: skip
    assert "include_granted_scopes" not in query


def test_a_consent_gives_credentials_that_work_and_hold_no_client_secret(partner: GooglePartner) -> None:
    credentials = finished(partner)
    assert json.loads(credentials)["scopes"] == list(SCOPES)
    assert partner.app.client_secret not in credentials
    assert "ya29." not in credentials
    keep(partner.vault, credentials)
    partner.calendar.put(make_event(), None)
    assert partner.standing() == 1


def test_a_hosted_service_is_answered_at_its_own_address(partner: GooglePartner) -> None:
    ours = "https://rituals.example.org/google"
    client = partner.fake.registers("web.apps.googleusercontent.com", "web-secret", ours)
    app = replace(partner.app, client_id=client.id, client_secret=client.secret)
    started = begin(app, ours, "state-1")
    _, back, _ = get(started.url)
    assert back.startswith(f"{ours}?")
    keep(partner.vault, finish(app, ours, dict(parse_qsl(urlsplit(back).query)), started.verifier))
    assert json.loads(partner.vault.kept["google"])["scopes"] == list(SCOPES)


def test_a_second_consent_gives_lasting_access_too(partner: GooglePartner) -> None:
    assert finished(partner) != finished(partner)


@pytest.mark.parametrize(
    ("unticked", "named"),
    [({PLACING}, "placing rituals"), ({BUSY_TIMES}, "seeing when you are busy")],
)
def test_an_unticked_box_is_named_in_plain_words(partner: GooglePartner, unticked: set[str], named: str) -> None:
    partner.person.sits_down(unticks=unticked)
    with pytest.raises(Refused, match=named):
        finished(partner)


def test_a_denied_consent_is_a_kind_sentence(partner: GooglePartner) -> None:
    partner.person.sits_down(denies=True)
    with pytest.raises(Refused, match="You did not give access"):
        finished(partner)


@pytest.mark.parametrize("answer", [{}, {"error": "admin_policy_enforced"}, {"code": ""}])
def test_an_answer_without_a_code_is_refused(partner: GooglePartner, answer: dict[str, str]) -> None:
    with pytest.raises(Refused):
        finish(partner.app, REDIRECT, answer, "verifier")


def test_a_code_is_good_once(partner: GooglePartner) -> None:
    started = begin(partner.app, REDIRECT, "state-1")
    answer = answered(started.url)
    finish(partner.app, REDIRECT, answer, started.verifier)
    with pytest.raises(Refused, match="used before"):
        finish(partner.app, REDIRECT, answer, started.verifier)


def test_a_stolen_code_is_worth_nothing_without_the_verifier(partner: GooglePartner) -> None:
    answer = answered(begin(partner.app, REDIRECT, "state-1").url)
    with pytest.raises(Refused):
        finish(partner.app, REDIRECT, answer, begin(partner.app, REDIRECT, "state-2").verifier)


def test_access_that_would_not_last_is_refused(partner: GooglePartner) -> None:
    body = json.dumps({"access_token": "ya29.x", "token_type": "Bearer", "scope": " ".join(SCOPES)}).encode()
    partner.fake.fail_next(Fault(200, method="token", body=body))
    with pytest.raises(Refused, match="no lasting access"):
        finished(partner)


@pytest.mark.parametrize(
    "fault",
    [
        Fault(503, method="token"),
        Fault(200, method="token", body=b"<html>captive</html>"),
        Fault(401, method="token", body=b'{"error": "invalid_client"}'),
        Fault(drop=True, method="token"),
    ],
)
def test_trouble_at_google_is_no_fault_of_the_partner_s(partner: GooglePartner, fault: Fault) -> None:
    partner.fake.fail_next(fault)
    with pytest.raises(Unavailable) as raised:
        finished(partner)
    assert not isinstance(raised.value, Disconnected)


def test_neither_address_nor_verifier_is_shown_by_mistake(partner: GooglePartner) -> None:
    started = begin(partner.app, REDIRECT, "state-1")
    assert repr(started) == "Started()"


def connected(partner: GooglePartner, *visits: Callable[[str], object], timeout_s: float = 10) -> RitualsError | None:
    """Run the terminal's way, with a browser that makes these visits one after the other; what it ended with."""
    browser: list[Thread] = []

    def show(url: str) -> None:
        browser.append(Thread(target=lambda: [visit(url) for visit in visits]))
        browser[0].start()

    try:
        run_local(partner.app, partner.vault, secret=lambda: b"s" * 32, show_url=show, waiting=Waiting(0, timeout_s))
    except RitualsError as err:
        return err
    finally:
        browser[0].join()
    return None


class Browser:
    """Keeps the pages that it was shown after Google sent it back."""

    def __init__(self) -> None:
        self.pages: list[tuple[int, str]] = []

    def consents(self, url: str) -> None:
        self.visits(get(url)[1])

    def visits(self, url: str) -> None:
        status, _, page = get(url)
        self.pages.append((status, page))

    def comes_with(self, **query: str) -> Callable[[str], None]:
        """To our address, with a query that Google never gave."""

        def visit(url: str) -> None:
            here = parse_qs(urlsplit(url).query)["redirect_uri"][0]
            self.visits(f"{here}?{urlencode(query)}")

        return visit


def test_the_terminal_waits_for_one_redirect_and_keeps_what_it_grants(partner: GooglePartner) -> None:
    browser = Browser()
    assert connected(partner, browser.consents) is None
    ((status, page),) = browser.pages
    assert status == 200
    assert "You can close this page" in page
    partner.calendar.put(make_event(), None)
    assert partner.standing() == 1


def test_connecting_again_mends_what_was_dead(partner: GooglePartner) -> None:
    keep(partner.vault, '{"refresh_token": "dead"}')
    with pytest.raises(Disconnected):
        partner.calendar.put(make_event(), None)
    assert connected(partner, Browser().consents) is None
    partner.calendar.put(make_event(), None)
    assert partner.standing() == 1


@pytest.mark.parametrize("foreign", [{"code": "4/0x"}, {"code": "4/0x", "state": "other"}, {"state": "é"}, {}])
def test_a_foreign_answer_stores_nothing_and_the_true_one_still_counts(
    partner: GooglePartner, foreign: dict[str, str]
) -> None:
    browser = Browser()
    kept: list[dict[str, str]] = []
    visits = (browser.comes_with(**foreign), lambda _: kept.append(dict(partner.vault.kept)), browser.consents)
    assert connected(partner, *visits) is None
    assert kept == [{}]
    assert [status for status, _ in browser.pages] == [400, 200]
    assert "not part of connecting" in browser.pages[0][1]


def test_other_paths_are_nobody_s_answer(partner: GooglePartner) -> None:
    browser = Browser()

    def asks_for_an_icon(url: str) -> None:
        here = parse_qs(urlsplit(url).query)["redirect_uri"][0]
        browser.visits(f"{here}favicon.ico?state={(b's' * 32).hex()}")

    assert connected(partner, asks_for_an_icon, browser.consents) is None
    assert [status for status, _ in browser.pages] == [404, 200]


@pytest.mark.parametrize(
    ("sits_down", "word"),
    [({"denies": True}, "did not give access"), ({"unticks": {PLACING}}, "placing rituals")],
)
def test_a_half_given_consent_stores_nothing_and_says_why_on_the_page(
    partner: GooglePartner, sits_down: dict[str, object], word: str
) -> None:
    partner.person.sits_down(**sits_down)  # type: ignore[arg-type]  # one of the two
    browser = Browser()
    assert isinstance(connected(partner, browser.consents), Refused)
    assert word in browser.pages[0][1]
    assert partner.vault.kept == {}


def test_an_answer_that_comes_twice_is_used_once(partner: GooglePartner) -> None:
    browser = Browser()
    partner.fake.fail_next(Fault(None, latency_s=0.3, method="token"))

    def consents_twice(url: str) -> None:
        back = get(url)[1]
        both = [Thread(target=browser.visits, args=(back,)) for _ in range(2)]
        for one in both:
            one.start()
        for one in both:
            one.join()

    assert connected(partner, consents_twice) is None
    assert sorted(status for status, _ in browser.pages) == [200, 400]
    assert sum(call.method == "token" for call in partner.fake.calls) == 1


def test_nobody_who_comes_back_is_waited_for_no_longer_than_said(partner: GooglePartner) -> None:
    assert isinstance(connected(partner, timeout_s=0.1), Unavailable)
    assert partner.vault.kept == {}


def test_a_page_repeats_nothing_that_came_and_loads_nothing(partner: GooglePartner) -> None:
    browser = Browser()
    assert connected(partner, browser.comes_with(state="<script>"), browser.consents) is None
    assert all("<script" not in page and "http" not in page for _, page in browser.pages)


def test_a_wrong_client_secret_is_the_owner_s_to_mend(partner: GooglePartner) -> None:
    keep(partner.vault, finished(partner))
    api = GoogleApi(replace(partner.app, client_secret="wrong"), partner.vault, partner.clock)
    with pytest.raises(Unavailable, match="its owner"):
        api.call(api.service.calendars().get(calendarId="primary"))
    assert "google dead" not in partner.vault.kept
