"""The fake asks of a request what the discovery document asks. Not here: what each method then does."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from googleapiclient.errors import HttpError

from tests.contract.google_driver import Driver, body, refusal
from tests.servers.google import SCOPE
from tests.servers.google.discovery import document, methods
from tests.servers.google.service import HANDLERS

pytestmark = pytest.mark.slow


@pytest.fixture
def driver() -> Iterator[Driver]:
    with Driver() as one:
        yield one


@pytest.fixture
def anything() -> Iterator[Driver]:
    """A client that may do everything."""
    with Driver("calendar") as one:
        yield one


def error_of(response: Any) -> dict[str, Any]:
    return dict(response.json()["error"]["errors"][0])


def test_what_is_modelled_stands_in_the_document() -> None:
    assert set(HANDLERS) - {method.id for method in methods()} == set()


def test_the_document_is_the_one_whose_rules_are_cited() -> None:
    # A new revision: read what changed, mend the fake, then rules.md and this number.
    assert document()["revision"] == "20261030"


def test_a_method_that_is_not_modelled_says_so_loudly(anything: Driver) -> None:
    strangers = [method for method in methods() if method.id not in HANDLERS]
    paths = [re.sub(r"\(\?P<(\w+)>.+?\)", r"\1", method.pattern.pattern) for method in strangers]
    said = [anything.raw(method.verb, path) for method, path in zip(strangers, paths, strict=True)]
    assert [(one.status_code, error_of(one)["message"]) for one in said] == [
        (501, f"the fake does not model {method.id}") for method in strangers
    ]


def test_a_path_that_the_document_does_not_know_is_not_found(driver: Driver) -> None:
    assert driver.raw("GET", "calendars/a/b/c").status_code == 404


def test_a_verb_that_the_document_does_not_know_is_not_allowed(driver: Driver) -> None:
    assert driver.raw("POST", "calendars/primary/events/coffee1").status_code == 405


def test_batches_are_not_modelled(driver: Driver) -> None:
    assert driver.raw("POST", "../../batch/calendar/v3").status_code == 501


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ({"maxresults": "3"}, "badRequest"),
        ({"maxResults": "many"}, "invalid"),
        ({"maxResults": "0"}, "invalid"),
        ({"singleEvents": "yes"}, "invalid"),
        ({"orderBy": "summary"}, "invalid"),
        ({"eventTypes": ["default", "party"]}, "invalid"),
        ({"timeZone": ["UTC", "Europe/Berlin"]}, "invalid"),
        ({"timeMin": "2026-11-23T18:00:00"}, "badRequest"),
        ({"timeMin": "2026-11-23"}, "badRequest"),
        ({"timeZone": "Europe/Bonn"}, "invalid"),
    ],
)
def test_a_parameter_that_the_document_would_not_have_is_refused(driver: Driver, query: Any, reason: str) -> None:
    answer = driver.raw("GET", f"calendars/{driver.calendar}/events", params=query)
    assert (answer.status_code, error_of(answer)["reason"]) == (400, reason)


def test_a_parameter_that_may_stand_often_may(driver: Driver) -> None:
    query = {"eventTypes": ["default", "focusTime"]}
    assert driver.raw("GET", f"calendars/{driver.calendar}/events", params=query).status_code == 200


@pytest.mark.parametrize(
    ("change", "location"),
    [
        ({"sumary": "Coffee"}, "the body"),
        ({"summary": 7}, "summary"),
        ({"sequence": "1"}, "sequence"),
        ({"status": "maybe"}, "status"),
        ({"transparency": "free"}, "transparency"),
        ({"start": {"dateTime": "2026-11-23T18:00:00Z", "tz": "UTC"}}, "start"),
        ({"reminders": {"overrides": [{"method": "popup", "minutes": "15"}]}}, "reminders.overrides.0.minutes"),
        ({"extendedProperties": {"private": {"ritual": 1}}}, "extendedProperties.private.ritual"),
    ],
)
def test_a_body_that_its_schema_would_not_have_is_refused(driver: Driver, change: Any, location: str) -> None:
    with pytest.raises(HttpError) as raised:
        driver.insert(**change)
    assert refusal(raised.value) == (400, "invalid")
    assert f"Invalid value at {location}: " in raised.value.error_details[0]["message"]


@pytest.mark.parametrize("missing", ["start", "end"])
def test_a_field_that_the_method_requires_is_required(driver: Driver, missing: str) -> None:
    with pytest.raises(HttpError) as raised:
        driver.insert(**{missing: None})
    assert refusal(raised.value) == (400, "required")


def test_a_field_that_another_method_requires_is_not(driver: Driver) -> None:
    driver.insert()
    assert driver.patch({"summary": "Tea"})["summary"] == "Tea"


def test_a_body_that_is_no_json_cannot_be_parsed(driver: Driver) -> None:
    answer = driver.raw("POST", f"calendars/{driver.calendar}/events", content=b"id=coffee1")
    assert (answer.status_code, error_of(answer)["reason"]) == (400, "parseError")


def test_an_error_has_google_s_shape(driver: Driver) -> None:
    driver.insert()
    answer = driver.raw("POST", f"calendars/{driver.calendar}/events", json=body())
    message = "The requested identifier already exists."
    one = {"domain": "global", "reason": "duplicate", "message": message}
    assert answer.json() == {"error": {"errors": [one], "code": 409, "message": message}}
    assert answer.headers["Content-Type"] == "application/json; charset=UTF-8"


@pytest.mark.parametrize("scope", ["calendar.settings.readonly", "calendar.freebusy", "calendar.readonly"])
def test_a_scope_that_the_document_does_not_list_is_not_enough(scope: str) -> None:
    with Driver(scope) as driver, pytest.raises(HttpError) as raised:
        driver.insert()
    assert refusal(raised.value) == (403, "insufficientPermissions")


def test_any_scope_that_the_document_lists_is_enough() -> None:
    with Driver("calendar.events.owned") as driver:
        assert driver.insert()["status"] == "confirmed"


def test_a_client_sees_only_the_calendars_it_made_itself(driver: Driver) -> None:
    other = driver.fake.registers("other.apps.googleusercontent.com", "secret")
    theirs = driver.service(driver.sam.connects(f"{SCOPE}calendar.app.created", client=other))
    with theirs, pytest.raises(HttpError) as raised:
        theirs.events().list(calendarId=driver.calendar).execute()
    assert refusal(raised.value) == (403, "insufficientPermissions")
    with pytest.raises(HttpError) as raised:
        driver.events.list(calendarId="primary").execute()
    assert refusal(raised.value) == (403, "insufficientPermissions")


def test_another_person_s_calendar_is_not_found(driver: Driver) -> None:
    kim = driver.fake.person("kim@example.org")
    with driver.service(driver.connect(person=kim)) as theirs, pytest.raises(HttpError) as raised:
        theirs.events().list(calendarId=driver.calendar).execute()
    assert refusal(raised.value) == (404, "notFound")


def test_the_free_busy_scope_opens_nothing_but_free_busy() -> None:
    with Driver("calendar.freebusy") as driver:
        assert driver.freebusy("2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z")["calendars"] == {"primary": {"busy": []}}
        for request in (driver.api.calendars().get(calendarId="primary"), driver.events.list(calendarId="primary")):
            with pytest.raises(HttpError) as raised:
                request.execute()
            assert refusal(raised.value) == (403, "insufficientPermissions")


def test_the_app_s_scope_opens_no_free_busy() -> None:
    with Driver("calendar.app.created") as driver, pytest.raises(HttpError) as raised:
        driver.freebusy("2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z")
    assert refusal(raised.value) == (403, "insufficientPermissions")


def test_without_a_token_a_login_is_required(driver: Driver) -> None:
    answer = driver.raw("GET", "calendars/primary", headers={"Authorization": ""})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer ")


def test_a_partial_answer_holds_what_was_asked_for(driver: Driver) -> None:
    driver.insert(extendedProperties={"private": {"ritual": "x", "v": "1"}})
    listing = driver.list(fields="items(id,extendedProperties/private/v,start(dateTime))")
    start = {"dateTime": "2026-11-23T18:00:00+01:00"}
    one = {"id": "coffee1", "start": start, "extendedProperties": {"private": {"v": "1"}}}
    assert listing == {"items": [one]}


@pytest.mark.parametrize("fields", ["items(id", "items id)", "items;id", ")"])
def test_a_partial_answer_that_cannot_be_read_is_refused(driver: Driver, fields: str) -> None:
    answer = driver.raw("GET", f"calendars/{driver.calendar}/events", params={"fields": fields})
    assert answer.status_code == 400


def test_what_the_reader_has_already_is_not_sent_again(driver: Driver) -> None:
    etag = driver.insert()["etag"]
    path = f"calendars/{driver.calendar}/events/coffee1"
    assert driver.raw("GET", path, headers={"If-None-Match": etag}).status_code == 304
    driver.patch({"summary": "Tea"})
    assert driver.raw("GET", path, headers={"If-None-Match": etag}).status_code == 200


def test_every_call_stands_in_the_ledger(driver: Driver) -> None:
    driver.insert()
    driver.events.insert(calendarId=driver.calendar, body=body("tea11"), sendUpdates="none").execute()
    call = driver.fake.calls[-1]
    assert (call.method, call.verb, call.status, call.person) == (
        "calendar.events.insert", "POST", 200, "sam@example.org",
    )  # fmt: skip
    assert call.query["sendUpdates"] == ["none"]
    assert json.loads(json.dumps(call.body))["id"] == "tea11"
