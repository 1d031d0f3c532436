"""Each row of Google's error policy, and what becomes of access that has ended. Not here: what a calendar promises."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from scheduler.adapters.google.access import GoogleApp, keep
from scheduler.adapters.google.answers import Changed, Expired, NotThere, Rejected, Taken, pause_in
from scheduler.adapters.google.api import GoogleApi
from scheduler.adapters.google.consent import PLACING
from scheduler.domain.errors import Disconnected, Refused, RitualsError, Unavailable
from tests.build import at
from tests.contract.calendar_contract import make_event
from tests.contract.google_partner import GooglePartner, google_partner, google_partners
from tests.servers.google import Fault

pytestmark = pytest.mark.slow

SIX_HOURS = timedelta(hours=6)
MONDAY = at("2026-11-23 00:00"), at("2026-11-24 00:00")


@pytest.fixture
def partner() -> Iterator[GooglePartner]:
    with google_partner() as one:
        one.calendar.put(make_event(), None)
        yield one


def ask(partner: GooglePartner) -> dict[str, Any]:
    events = partner.api.service.events()
    return partner.api.call(events.get(calendarId=partner.vault.kept["google calendar"], eventId="coffee1"))


def asked(partner: GooglePartner) -> int:
    return len(partner.proxy.calls)


def tokens_asked(partner: GooglePartner) -> int:
    return sum(call.method == "token" for call in partner.fake.calls)


@pytest.mark.parametrize(
    ("fault", "kind", "retry_after"),
    [
        (Fault(500), Unavailable, None),
        (Fault(502, retry_after="7"), Unavailable, timedelta(seconds=7)),
        (Fault(503, retry_after="Fri, 20 Nov 2026 09:20:00 GMT"), Unavailable, timedelta(minutes=20)),
        (Fault(503, retry_after="soon"), Unavailable, None),
        (Fault(429, "rateLimitExceeded", retry_after="30"), Unavailable, timedelta(seconds=30)),
        (Fault(403, "rateLimitExceeded"), Unavailable, None),
        (Fault(403, "userRateLimitExceeded", retry_after="60"), Unavailable, timedelta(minutes=1)),
        (Fault(403, "quotaExceeded"), Unavailable, SIX_HOURS),
        (Fault(403, "dailyLimitExceeded"), Unavailable, SIX_HOURS),
        (Fault(403, "accessNotConfigured"), Unavailable, SIX_HOURS),
        (Fault(403, "forbiddenForServiceAccounts"), Refused, None),
        (Fault(403, body=b"<html>captive</html>"), Unavailable, None),
        (Fault(400, "invalid"), Rejected, None),
        (Fault(404, "notFound"), NotThere, None),
        (Fault(404, body=b"<html>captive</html>"), Unavailable, None),
        (Fault(405, "httpMethodNotAllowed"), Refused, None),
        (Fault(408, "timeout"), Unavailable, None),
        (Fault(409, "duplicate"), Taken, None),
        (Fault(410, "deleted"), Expired, None),
        (Fault(412, "conditionNotMet"), Changed, None),
        (Fault(302, body=b""), Unavailable, None),
        (Fault(200, body=b"<html>captive</html>"), Unavailable, None),
        (Fault(500, body=b'{"error": {"message": 3}}'), Unavailable, None),
        (Fault(drop=True), Unavailable, None),
    ],
    ids=lambda given: f"{given.status} {given.reason}" if isinstance(given, Fault) else None,
)
def test_an_answer_means_one_thing(
    partner: GooglePartner, fault: Fault, kind: type[RitualsError], retry_after: timedelta | None
) -> None:
    partner.fake.fail_next(fault, *[fault] * fault.drop)  # httplib2 asks once more where there was no answer at all
    with pytest.raises(kind) as raised:
        ask(partner)
    assert type(raised.value) is kind
    assert getattr(raised.value, "retry_after", None) == retry_after
    partner.clock.advance(SIX_HOURS)
    assert ask(partner)["id"] == "coffee1"


@pytest.mark.parametrize("status", [500, 503, 429, 403])
def test_an_error_is_asked_about_once(partner: GooglePartner, status: int) -> None:
    before = asked(partner)
    partner.fake.fail_next(*[Fault(status, "rateLimitExceeded")] * 5)
    with pytest.raises(Unavailable):
        ask(partner)
    assert asked(partner) == before + 1


def test_google_that_does_not_answer_is_waited_for_no_longer_than_said(partner: GooglePartner) -> None:
    api = GoogleApi(partner.app, partner.vault, partner.clock, timeout_s=0.3)
    api.call(api.service.calendars().get(calendarId=partner.vault.kept["google calendar"]))
    partner.fake.fail_next(Fault(None, latency_s=20))
    with pytest.raises(Unavailable):
        api.call(api.service.calendars().get(calendarId=partner.vault.kept["google calendar"]))


def test_a_server_that_is_not_there_is_unavailable(partner: GooglePartner) -> None:
    app = GoogleApp("id", "secret", token_uri="http://127.0.0.1:9/token", api_root="http://127.0.0.1:9/calendar/v3/")
    api = GoogleApi(app, partner.vault, partner.clock)
    with pytest.raises(Unavailable):
        api.call(api.service.calendars().get(calendarId="c"))


def test_a_look_is_never_refused_for_good(partner: GooglePartner) -> None:
    for fault in (Fault(400, "invalid"), Fault(403, "forbidden")):
        partner.fake.fail_next(fault)
        with pytest.raises(Unavailable):
            partner.calendar.seen(["coffee1"])
        partner.fake.fail_next(fault)
        with pytest.raises(Unavailable):
            partner.busy.read(*MONDAY, None)


def test_a_named_pause_holds_for_every_question_and_then_ends(partner: GooglePartner) -> None:
    partner.fake.fail_next(Fault(503, retry_after="600"))
    with pytest.raises(Unavailable):
        ask(partner)
    before = asked(partner)
    partner.clock.advance(timedelta(minutes=4))
    with pytest.raises(Unavailable) as raised:
        partner.busy.read(*MONDAY, None)
    assert raised.value.retry_after == timedelta(minutes=6)
    assert asked(partner) == before
    partner.clock.advance(timedelta(minutes=6))
    assert ask(partner)["id"] == "coffee1"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("120", 120), ("0", None), ("-5", None), ("", None), ("1e3", None), ("99999999999999999999", None),
     ("999999", 86_400), ("Fri, 20 Nov 2026 09:00:30 GMT", 30), ("Fri, 20 Nov 2026 08:00:00 GMT", None),
     ("Fri, 20 Nov 2026 09:00:30", None), ("nonsense", None)],
)  # fmt: skip
def test_retry_after_is_read_as_seconds_or_as_a_date(text: str, seconds: int | None) -> None:
    now = datetime(2026, 11, 20, 9, tzinfo=UTC)
    assert pause_in({"retry-after": text}, now) == (None if seconds is None else timedelta(seconds=seconds))


def test_an_access_token_that_ran_out_is_renewed_in_the_same_call(partner: GooglePartner) -> None:
    partner.fake.expire_access_tokens()
    before = tokens_asked(partner)
    assert ask(partner)["id"] == "coffee1"
    assert tokens_asked(partner) == before + 1


def test_a_restart_needs_one_token(partner: GooglePartner) -> None:
    partner.restarts()
    before = tokens_asked(partner)
    for _ in range(3):
        ask(partner)
    assert tokens_asked(partner) == before + 1


def in_eight_threads(work: Callable[[int], Any]) -> list[Any]:
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(work, range(8)))


def test_eight_threads_buy_one_token(partner: GooglePartner) -> None:
    partner.restarts()
    before = tokens_asked(partner)
    assert [one["id"] for one in in_eight_threads(lambda _: ask(partner))] == ["coffee1"] * 8
    assert tokens_asked(partner) == before + 1


def error_of(work: Callable[[], Any]) -> RitualsError | None:
    try:
        work()
    except RitualsError as err:
        return err
    return None


def test_eight_threads_learn_of_a_dead_token_from_one_question(partner: GooglePartner) -> None:
    partner.revokes()
    partner.restarts()
    before = asked(partner)
    errors = in_eight_threads(lambda _: error_of(lambda: ask(partner)))
    assert {type(one) for one in errors} == {Disconnected}
    assert asked(partner) == before + 1


@pytest.mark.parametrize("died", ["revoked", "unlisted after seven days", "401 for a new token", "scopes taken back"])
def test_after_a_dead_token_nothing_is_asked_until_there_is_a_new_one(partner: GooglePartner, died: str) -> None:
    if died == "revoked":
        partner.revokes()
    elif died == "unlisted after seven days":
        partner.fake.settings.testing = True
        partner.connects()
        partner.clock.advance(timedelta(days=8))
        partner.fake.expire_access_tokens()
    elif died == "401 for a new token":
        partner.fake.fail_next(*[Fault(401, "authError", method="events.get")] * 2)
    else:
        partner.fake.fail_next(Fault(403, "insufficientPermissions", method="events.get"))
    with pytest.raises(Disconnected):
        ask(partner)
    before = asked(partner)
    for _ in range(2):
        partner.restarts()
        partner.clock.advance(timedelta(days=1))
        for look in (lambda: partner.calendar.seen(["coffee1"]), lambda: partner.calendar.put(make_event(), None)):
            assert type(error_of(look)) is Disconnected
        assert type(error_of(lambda: partner.busy.read(*MONDAY, None))) is Disconnected
    assert asked(partner) == before
    partner.connects()
    assert set(partner.calendar.seen(["coffee1"])) == {"coffee1"}


def test_a_reconnect_is_noticed_without_a_restart_and_finds_the_old_calendar(partner: GooglePartner) -> None:
    partner.revokes()
    with pytest.raises(Disconnected):
        ask(partner)
    partner.connects()
    partner.calendar.put(make_event("talk1"), None)
    assert len(partner.person.app_calendars()) == 1
    assert partner.standing() == 2


def test_one_partner_s_dead_token_is_nobody_else_s(partner: GooglePartner) -> None:
    with google_partners("sam@example.org", "kim@example.org") as (sam, kim):
        sam.revokes()
        with pytest.raises(Disconnected):
            sam.calendar.put(make_event(), None)
        kim.calendar.put(make_event(), None)
        assert kim.standing() == 1


def test_a_late_no_to_the_old_token_does_not_end_the_new_one(partner: GooglePartner) -> None:
    old = partner.vault.kept["google"]
    partner.revokes()
    with pytest.raises(Disconnected):
        ask(partner)
    dead = partner.vault.kept["google dead"]
    partner.connects()
    partner.vault.put("google dead", dead)
    assert partner.vault.kept["google"] != old
    assert ask(partner)["id"] == "coffee1"


def test_a_partner_who_never_connected_costs_no_request(partner: GooglePartner) -> None:
    partner.vault.forget("google")
    before = asked(partner)
    with pytest.raises(Disconnected):
        ask(partner)
    assert asked(partner) == before


@pytest.mark.parametrize("kept", ["", "{}", "[]", "no"])
def test_credentials_that_cannot_be_read_ask_for_new_ones(partner: GooglePartner, kept: str) -> None:
    keep(partner.vault, kept)
    with pytest.raises(Disconnected):
        ask(partner)


@pytest.mark.parametrize(
    ("fault", "retry_after"),
    [
        (Fault(503, method="token", retry_after="90"), timedelta(seconds=90)),
        (Fault(429, method="token"), None),
        (Fault(200, method="token", body=b"<html>captive</html>"), None),
        (Fault(200, method="token", body=b"{}"), None),
        (Fault(400, method="token", body=b'{"error": "temporarily_unavailable"}'), SIX_HOURS),
        (Fault(401, method="token", body=b'{"error": "invalid_client"}'), SIX_HOURS),
        (Fault(drop=True, method="token"), None),
    ],
)
def test_trouble_with_tokens_is_not_the_partner_s_and_is_asked_about_once(
    partner: GooglePartner, fault: Fault, retry_after: timedelta | None
) -> None:
    partner.restarts()
    before = tokens_asked(partner)
    partner.fake.fail_next(fault, *[fault] * fault.drop)
    with pytest.raises(Unavailable) as raised:
        ask(partner)
    assert not isinstance(raised.value, Disconnected)
    assert raised.value.retry_after == retry_after
    assert tokens_asked(partner) == before + 1 + fault.drop
    partner.clock.advance(SIX_HOURS)
    assert ask(partner)["id"] == "coffee1"


def test_a_refresh_token_that_google_exchanges_is_kept_before_it_is_needed(partner: GooglePartner) -> None:
    new = partner.person.connects(PLACING)
    partner.fake.fail_next(
        Fault(200, method="token", body=json.dumps(
            {"access_token": new.access_token, "refresh_token": new.refresh_token, "expires_in": 3599}).encode())
    )  # fmt: skip
    partner.restarts()
    before = tokens_asked(partner)
    ask(partner)
    ask(partner)
    assert json.loads(partner.vault.kept["google"])["refresh_token"] == new.refresh_token
    assert tokens_asked(partner) == before + 1


def test_no_answer_of_one_partner_reaches_another_in_eight_threads() -> None:
    with google_partners("sam@example.org", "kim@example.org") as both:
        for one in both:
            one.calendar.put(make_event(title=one.person.email), None)

        def look(number: int) -> list[bool]:
            one = both[number % 2]
            return [ask(one)["summary"] == one.person.email for _ in range(10)]

        assert [found for answers in in_eight_threads(look) for found in answers] == [True] * 80


SAID = b'{"error": {"errors": [{"reason": "SAID", "message": "SAID"}], "message": "SAID"}}'


@pytest.mark.parametrize(
    "fault",
    [
        *(
            Fault(status, body=SAID, method="events.get")
            for status in (302, 400, 401, 403, 404, 409, 410, 412, 418, 500)
        ),
        Fault(200, body=b"SAID", method="events.get"),
        Fault(drop=True, method="events.get"),
        Fault(400, method="token", body=b'{"error": "invalid_grant", "error_description": "SAID"}'),
        Fault(401, method="token", body=b'{"error": "SAID"}'),
        Fault(500, method="token", body=SAID),
        Fault(200, method="token", body=b"SAID"),
    ],
    ids=lambda given: f"{given.method} {given.status}",
)
def test_no_error_holds_a_secret_an_address_or_what_google_said(partner: GooglePartner, fault: Fault) -> None:
    refresh_token = json.loads(partner.vault.kept["google"])["refresh_token"]
    never = [refresh_token, partner.app.client_secret, partner.person.email, partner.vault.kept["google calendar"]]
    never += ["ya29.", "SAID"]
    partner.restarts()
    partner.fake.fail_next(*[fault] * 3)
    with pytest.raises(RitualsError) as raised:
        ask(partner)
    said = f"{raised.value!r} {raised.value.__cause__!r} {partner.app!r}"
    said += "".join(line for line in traceback.format_exception(raised.value) if not line.startswith("  File"))
    assert [one for one in never if one in said] == []
