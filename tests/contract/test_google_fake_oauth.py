"""Consent, codes and tokens of the fake, driven by google-auth and its Flow. Not here: what a scope opens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import httpx
import pytest
from google.auth.exceptions import RefreshError
from google.auth.transport.requests import Request
from google_auth_oauthlib.flow import Flow
from googleapiclient.discovery import build

from tests.contract.google_driver import OURS, Driver
from tests.servers.google import SCOPE, Client

pytestmark = pytest.mark.slow

HERE = "http://127.0.0.1:8765/back"
THERE = "https://rituals.example.org/google"
SCOPES = [f"{SCOPE}{one}" for one in OURS]


@pytest.fixture
def driver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Driver]:
    # oauthlib takes no http, not even on loopback, unless it is told.
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    with Driver() as one:
        yield one


def flow_of(driver: Driver, client: Client | None = None, redirect_uri: str = HERE) -> Flow:
    used = client or driver.fake.client
    config = {
        "client_id": used.id,
        "client_secret": used.secret,
        "auth_uri": driver.fake.auth_uri,
        "token_uri": driver.fake.token_uri,
    }
    return Flow.from_client_config({"installed": config}, SCOPES, redirect_uri=redirect_uri)


def consented(driver: Driver, flow: Flow, **more: str) -> dict[str, str]:
    """What stands in the address to which the browser is sent."""
    url, _ = flow.authorization_url(**{"access_type": "offline", "prompt": "consent", **more})
    answer = driver.http.get(url)
    assert answer.status_code == 302, answer.text
    assert answer.headers["Location"].startswith(f"{flow.redirect_uri}?")
    return dict(parse_qsl(urlsplit(answer.headers["Location"]).query))


def exchanged(driver: Driver, form: Mapping[str, str], client: Client | None = None) -> httpx.Response:
    used = client or driver.fake.client
    whole = {"client_id": used.id, "client_secret": used.secret, **form}
    return driver.http.post(driver.fake.token_uri, data=whole)


def error_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]


def refreshed(driver: Driver, token: str) -> httpx.Response:
    return exchanged(driver, {"grant_type": "refresh_token", "refresh_token": token})


def tokens_by(driver: Driver, flow: Flow, back: Mapping[str, str]) -> dict[str, Any]:
    """What the token endpoint answers, whole; oauthlib would raise where a scope is missing."""
    form = {"grant_type": "authorization_code", "code": back["code"], "redirect_uri": flow.redirect_uri or ""}
    config = flow.client_config
    whole = {**form, "client_id": config["client_id"], "client_secret": config["client_secret"]}
    answer = driver.http.post(config["token_uri"], data={**whole, "code_verifier": flow.code_verifier or ""})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_the_whole_dance_ends_in_a_token_that_works(driver: Driver) -> None:
    flow = flow_of(driver)
    back = consented(driver, flow, state="abc")
    assert back["state"] == "abc"
    with flow.oauth2session as session:
        flow.fetch_token(code=back["code"])
        credentials = flow.credentials
        credentials.refresh(Request(session))
    assert set(credentials.granted_scopes or ()) == set(SCOPES)
    options = {"api_endpoint": driver.fake.api_endpoint}
    with build("calendar", "v3", credentials=credentials, static_discovery=True, client_options=options) as api:
        assert api.calendars().get(calendarId=driver.calendar).execute()["id"] == driver.calendar


def test_the_answer_names_scopes_and_life(driver: Driver) -> None:
    flow = flow_of(driver)
    found = tokens_by(driver, flow, consented(driver, flow))
    assert set(found) == {"access_token", "refresh_token", "expires_in", "scope", "token_type"}
    assert (found["expires_in"], found["token_type"]) == (3599, "Bearer")
    assert set(found["scope"].split()) == set(SCOPES)


def test_a_scope_that_was_unticked_is_not_granted(driver: Driver) -> None:
    driver.sam.sits_down(unticks=[f"{SCOPE}calendar.freebusy"])
    flow = flow_of(driver)
    back = consented(driver, flow)
    assert back["scope"] == f"{SCOPE}calendar.app.created"
    assert tokens_by(driver, flow, back)["scope"] == f"{SCOPE}calendar.app.created"


@pytest.mark.parametrize("choice", [{"denies": True}, {"unticks": SCOPES}])
def test_a_person_may_say_no(driver: Driver, choice: Any) -> None:
    driver.sam.sits_down(**choice)
    assert consented(driver, flow_of(driver), state="abc") == {"error": "access_denied", "state": "abc"}


def test_who_sits_at_the_browser_is_who_consents(driver: Driver) -> None:
    kim = driver.fake.person("kim@example.org")
    kim.sits_down()
    flow = flow_of(driver)
    tokens = tokens_by(driver, flow, consented(driver, flow))
    driver.raw("GET", "calendars/primary", headers={"Authorization": f"Bearer {tokens['access_token']}"})
    assert driver.fake.calls[-1].person == "kim@example.org"


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"client_id": "who.apps.googleusercontent.com"}, "invalid_client"),
        ({"redirect_uri": "https://evil.example.org/"}, "redirect_uri_mismatch"),
        ({"redirect_uri": "http://192.0.2.1:8765/back"}, "redirect_uri_mismatch"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": ""}, "invalid_scope"),
        ({"scope": f"{SCOPE}calendar.everything"}, "invalid_scope"),
        ({"access_type": "always"}, "invalid_request"),
        ({"code_challenge_method": "S512"}, "invalid_request"),
    ],
)
def test_a_question_that_makes_no_sense_is_answered_with_a_page_and_no_redirect(
    driver: Driver, change: Any, error: str
) -> None:
    url, _ = flow_of(driver).authorization_url(access_type="offline")
    query = {**dict(parse_qsl(urlsplit(url).query)), **change}
    answer = driver.http.get(f"{driver.fake.auth_uri}?{urlencode(query)}")
    assert (answer.status_code >= 400, "Location" in answer.headers, error in answer.text) == (True, False, True)


def test_a_web_client_returns_only_to_what_is_registered(driver: Driver) -> None:
    web = driver.fake.registers("web.apps.googleusercontent.com", "secret", THERE)
    assert consented(driver, flow_of(driver, web, THERE))["code"]
    for other in (HERE, f"{THERE}/", "http://rituals.example.org/google"):
        url, _ = flow_of(driver, web, other).authorization_url()
        assert "redirect_uri_mismatch" in driver.http.get(url).text


def test_a_code_is_good_once(driver: Driver) -> None:
    flow = flow_of(driver)
    back = consented(driver, flow)
    tokens_by(driver, flow, back)
    form = {"grant_type": "authorization_code", "code": back["code"], "redirect_uri": HERE}
    again = exchanged(driver, {**form, "code_verifier": flow.code_verifier or ""})
    assert error_of(again) == (400, "invalid_grant")


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"code_verifier": "x" * 43}, (400, "invalid_grant")),
        ({"code_verifier": ""}, (400, "invalid_grant")),
        ({"redirect_uri": "http://127.0.0.1:9999/back"}, (400, "redirect_uri_mismatch")),
        ({"client_secret": "guess"}, (401, "invalid_client")),
        ({"client_id": "who"}, (401, "invalid_client")),
        ({"code": "4/0guess"}, (400, "invalid_grant")),
        ({"grant_type": "password"}, (400, "unsupported_grant_type")),
    ],
)
def test_a_code_is_good_only_with_all_that_belongs_to_it(driver: Driver, change: Any, error: Any) -> None:
    flow = flow_of(driver)
    form = {"grant_type": "authorization_code", "code": consented(driver, flow)["code"], "redirect_uri": HERE}
    assert error_of(exchanged(driver, {**form, "code_verifier": flow.code_verifier or "", **change})) == error


def test_a_code_does_not_keep(driver: Driver) -> None:
    flow = flow_of(driver)
    back = consented(driver, flow)
    driver.clock.advance(timedelta(minutes=11))
    form = {"grant_type": "authorization_code", "code": back["code"], "redirect_uri": HERE}
    answer = exchanged(driver, {**form, "code_verifier": flow.code_verifier or ""})
    assert error_of(answer) == (400, "invalid_grant")


def test_a_client_may_name_itself_in_a_header(driver: Driver) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": driver.tokens.refresh_token}
    auth = driver.fake.client.id, driver.fake.client.secret
    assert driver.http.post(driver.fake.token_uri, data=form, auth=auth).status_code == 200


def test_a_refresh_token_comes_only_for_offline_access(driver: Driver) -> None:
    flow = flow_of(driver)
    assert "refresh_token" not in tokens_by(driver, flow, consented(driver, flow, access_type="online"))


def test_a_refresh_token_comes_again_only_with_a_new_consent(driver: Driver) -> None:
    driver.sam.revokes()
    given = []
    for prompt in ("select_account", "select_account", "consent"):
        flow = flow_of(driver)
        given.append("refresh_token" in tokens_by(driver, flow, consented(driver, flow, prompt=prompt)))
    assert given == [True, False, True]


def test_earlier_scopes_are_added_when_asked(driver: Driver) -> None:
    driver.connect("calendar.settings.readonly")
    plain, added = flow_of(driver), flow_of(driver)
    assert f"{SCOPE}calendar.settings.readonly" not in consented(driver, plain)["scope"]
    assert f"{SCOPE}calendar.settings.readonly" in consented(driver, added, include_granted_scopes="true")["scope"]


def test_an_access_token_expires_and_the_client_gets_another(driver: Driver) -> None:
    driver.clock.advance(timedelta(seconds=3599))
    driver.insert()
    assert [call.method for call in driver.fake.calls[-3:]] == [
        "calendar.events.insert", "token", "calendar.events.insert",
    ]  # fmt: skip
    assert driver.fake.calls[-3].reason == "authError"


def test_all_access_tokens_can_be_ended_at_once(driver: Driver) -> None:
    driver.fake.expire_access_tokens()
    assert driver.raw("GET", "calendars/primary").status_code == 401
    driver.insert()


def test_a_refresh_answers_with_the_same_scopes_and_no_new_refresh_token(driver: Driver) -> None:
    found = refreshed(driver, driver.tokens.refresh_token).json()
    assert "refresh_token" not in found
    assert set(found["scope"].split()) == set(SCOPES)


def test_revoked_access_ends_every_token_at_once(driver: Driver) -> None:
    driver.sam.revokes()
    with pytest.raises(RefreshError) as raised:
        driver.insert()
    assert raised.value.args[1]["error"] == "invalid_grant"
    assert not raised.value.retryable
    assert driver.raw("GET", "calendars/primary").status_code == 401


@pytest.mark.parametrize("which", ["access_token", "refresh_token"])
def test_the_client_can_give_access_back(driver: Driver, which: str) -> None:
    token = getattr(driver.tokens, which)
    answers = [driver.http.post(driver.fake.revoke_uri, data={"token": token}) for _ in range(2)]
    assert [one.status_code for one in answers] == [200, 400]
    assert answers[1].json()["error"] == "invalid_token"
    assert error_of(refreshed(driver, driver.tokens.refresh_token)) == (400, "invalid_grant")


def test_in_testing_mode_a_consent_lasts_seven_days(driver: Driver) -> None:
    driver.fake.settings.testing = True
    flow = flow_of(driver)
    tokens = tokens_by(driver, flow, consented(driver, flow))
    assert tokens["refresh_token_expires_in"] == 604_800
    driver.clock.advance(timedelta(days=7) - timedelta(seconds=1))
    assert refreshed(driver, tokens["refresh_token"]).status_code == 200
    driver.clock.advance(timedelta(seconds=1))
    assert error_of(refreshed(driver, tokens["refresh_token"])) == (400, "invalid_grant")


def test_a_refresh_token_that_is_not_used_for_six_months_dies(driver: Driver) -> None:
    for _ in range(3):
        driver.clock.advance(timedelta(days=100))
        assert refreshed(driver, driver.tokens.refresh_token).status_code == 200
    driver.clock.advance(timedelta(days=184))
    assert error_of(refreshed(driver, driver.tokens.refresh_token)) == (400, "invalid_grant")


def test_over_the_limit_the_oldest_refresh_token_dies(driver: Driver) -> None:
    driver.fake.settings.refresh_tokens_each = 2
    second, third = driver.connect(), driver.connect()
    states = [refreshed(driver, one.refresh_token).status_code for one in (driver.tokens, second, third)]
    assert states == [400, 200, 200]


def test_each_person_and_client_has_a_limit_of_its_own(driver: Driver) -> None:
    driver.fake.settings.refresh_tokens_each = 1
    driver.connect(person=driver.fake.person("kim@example.org"))
    other = driver.fake.registers("other.apps.googleusercontent.com", "secret")
    driver.sam.connects(*SCOPES, client=other)
    assert refreshed(driver, driver.tokens.refresh_token).status_code == 200


def test_a_refresh_token_belongs_to_its_client(driver: Driver) -> None:
    other = driver.fake.registers("other.apps.googleusercontent.com", "secret")
    form = {"grant_type": "refresh_token", "refresh_token": driver.tokens.refresh_token}
    assert error_of(exchanged(driver, form, other)) == (400, "invalid_grant")


def test_the_address_of_consent_holds_a_challenge_and_no_secret(driver: Driver) -> None:
    url, _ = flow_of(driver).authorization_url()
    query = parse_qs(urlsplit(url).query)
    assert query["code_challenge_method"] == ["S256"]
    assert driver.fake.client.secret not in url
