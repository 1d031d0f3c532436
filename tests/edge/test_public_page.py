"""What partners reach from outside: a GET changes nothing, closed doors look alike, and strangers get nowhere."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from scheduler.app.connecting import BACK
from scheduler.content.assets import Assets
from scheduler.domain.link import Purpose, digest_of
from scheduler.web.public import application
from tests.doors import ADDRESS, Browser, House, at_google, consent_page, house

GUESS = "0" * 32


@pytest.fixture
def home(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path) as made:
        yield made


@pytest.fixture
def browser(home: House) -> Browser:
    return home.browser()


def token_of(link: str) -> str:
    return link.rpartition("/")[2].removesuffix(".ics")


def title(answer: httpx.Response) -> str:
    found = re.search("<title>(.+)</title>", answer.text)
    assert found
    return found[1]


# A GET changes nothing.


def patterns(browser: Browser) -> set[str]:
    assert isinstance(browser.app, Starlette)
    return {route.path for route in browser.app.routes if isinstance(route, Route)}


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_healthchecks_2019_atp_js_get_changes_nothing(home: House, browser: Browser, method: str) -> None:
    link, feed = home.link(), home.link("lee", feed=True)
    answer = at_google(consent_page(home, browser, link), home.google.person("sam@example.org"))
    query = f"{BACK}?state={answer['state']}&code={answer['code']}"
    paths = {
        "/": ["/"],
        "/feed/{token}.ics": [feed, f"/feed/{GUESS}.ics"],
        "/connect/{token}": [link, f"/connect/{GUESS}"],
        BACK: [query, BACK, f"{BACK}?error=access_denied&state={answer['state']}"],
    }
    assert paths.keys() == patterns(browser)
    before = hashlib.sha256(home.everything()).hexdigest()
    for path in (one for many in paths.values() for one in many):
        assert browser.ask(method, path).status_code in ((405,) if method == "OPTIONS" else (200, 404))
    assert hashlib.sha256(home.everything()).hexdigest() == before
    assert title(browser.post(BACK, data=answer)) == "Your calendar is connected"


@pytest.mark.parametrize("method", ["OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "BREW"])
def test_every_other_method_is_refused_on_every_route(home: House, browser: Browser, method: str) -> None:
    for path in ("/", home.link(), home.link("lee", feed=True), BACK):
        answer = browser.ask(method, path)
        assert (answer.status_code, title(answer)) == (405, "That cannot be done here")
        assert answer.headers["content-security-policy"]


# Closed doors look alike.


def closed_doors(home: House) -> dict[str, str]:
    """A path for every reason why a door may be closed."""
    used, ended, dropped, open_one = home.link(), home.link(), home.link("kim"), home.link()
    rotated, feed = home.link("lee", feed=True), home.link("lee", feed=True)
    with home.store.transaction() as tx:
        tx.use_link("home", digest_of(token_of(used)), home.clock.now())
        tx.drop_links("home", "kim", Purpose.CONNECT)
    ended_at = home.clock.now() + timedelta(days=14)
    home.clock.set(ended_at)
    fresh = home.link()
    assert home.browser().get(fresh).status_code == home.browser().get(feed).status_code == 200
    return {
        "unknown link": f"/connect/{GUESS}",
        "used link": used,
        "ended link": ended,
        "older ended link": open_one,
        "dropped link": dropped,
        "feed's token as a link": f"/connect/{token_of(feed)}",
        "unknown feed": f"/feed/{GUESS}.ics",
        "rotated feed": rotated,
        "link's token as a feed": f"/feed/{token_of(fresh)}.ics",
        "no such page": "/nothing",
        "feeds": "/feed",
        "feeds, with a slash": "/feed/",
        "links": "/connect/",
        "a link with a slash": f"{fresh}/",
        "return without an answer": BACK,
    }


def test_nextcloud_2017_0894_feed_token_not_listed_and_every_closed_door_alike(home: House) -> None:
    seen = {}
    for name, path in closed_doors(home).items():
        answer = home.browser().get(path)
        seen[name] = (answer.status_code, answer.content, sorted(answer.headers.items()))
    assert {status for status, _, _ in seen.values()} == {404}
    assert len({body for _, body, _ in seen.values()}) == 1
    assert len({tuple(headers) for _, _, headers in seen.values()}) == 1


def test_a_closed_link_begins_nothing_either(home: House) -> None:
    page, closed = home.browser().get(f"/connect/{GUESS}").content, closed_doors(home)
    for name in ("unknown link", "used link", "ended link", "dropped link", "feed's token as a link"):
        answer = home.browser().post(closed[name])
        assert (answer.status_code, answer.content) == (404, page)
        assert "set-cookie" not in answer.headers


# Strangers get nowhere.


@pytest.mark.parametrize(
    "origin", [None, "null", "https://evil.example.org", "http://rituals.example.org", f"{ADDRESS}:444", f"{ADDRESS}."]
)
def test_a_form_of_another_site_is_refused(home: House, browser: Browser, origin: str | None) -> None:
    headers = {} if origin is None else {"origin": origin}
    answer = at_google(consent_page(home, browser), home.google.person("sam@example.org"))
    link = home.link()
    before = home.everything()
    for path in (BACK, link):
        refused = browser.post(path, headers=headers, data=answer)
        assert (refused.status_code, title(refused)) == (403, "This did not come from our page")
    assert home.everything() == before


@pytest.mark.parametrize(
    "host",
    [
        "evil.example.org",
        "rituals.example.org.evil.example.org",
        "127.0.0.1",
        "",
        "evil.example.org@rituals.example.org",
    ],
)
def test_a_foreign_host_name_is_refused(home: House, browser: Browser, host: str) -> None:
    assert browser.get(home.link(), headers={"host": host}).status_code == 400


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "rituals.example.org:8080"},
        {"host": "RITUALS.example.org"},
        {"x-forwarded-host": "evil.example.org"},
        {"x-forwarded-proto": "http", "x-forwarded-port": "8080"},
        {"forwarded": "host=evil.example.org;proto=http"},
        {"x-original-url": "/evil", "x-rewrite-url": "/evil", "x-forwarded-prefix": "/evil"},
    ],
)
def test_monica_2026_26747_host_header(home: House, browser: Browser, headers: dict[str, str]) -> None:
    link = home.link()
    page = browser.get(link)
    assert browser.get(link, headers=headers).content == page.content
    answer = browser.post(link, headers={"origin": ADDRESS, **headers})
    assert answer.headers["location"].startswith(home.google.auth_uri)
    assert "redirect_uri=https%3A%2F%2Frituals.example.org%2Fconnect%2Fgoogle&" in answer.headers["location"]
    assert "evil" not in answer.headers["location"]


@pytest.mark.parametrize(
    "path",
    [r"/\evil.example.org", "//evil.example.org", "//evil.example.org/..", "/?next=//evil.example.org",
     "/%5Cevil.example.org", f"{BACK}?next=https://evil.example.org&code=1&state=1",
     f"/connect/{GUESS}/?url=//evil.example.org"],
)  # fmt: skip
def test_miniflux_c896bafd_backslash_redirect(home: House, browser: Browser, path: str) -> None:
    for method in ("GET", "POST"):
        answer = browser.ask(method, path, headers={"origin": ADDRESS})
        assert "location" not in answer.headers
        assert answer.status_code in (200, 400, 404, 405)


@pytest.mark.parametrize("route", ["feed", "offer", "begin", "returned", "finish"])
def test_vaultwarden_2026_43914_secondary_route_rate_limited(home: House, browser: Browser, route: str) -> None:
    knocks = {
        "feed": ("GET", f"/feed/{GUESS}.ics"),
        "offer": ("GET", f"/connect/{GUESS}"),
        "begin": ("POST", f"/connect/{GUESS}"),
        "returned": ("GET", BACK),
        "finish": ("POST", BACK),
    }
    method, path = knocks[route]
    answers = [browser.ask(method, path, headers={"origin": ADDRESS}) for _ in range(21)]
    assert 429 not in [one.status_code for one in answers[:20]]
    assert (answers[20].status_code, answers[20].headers["retry-after"]) == (429, "60")
    good = home.link("lee", feed=True)
    assert browser.get(good).status_code == 429
    browser.where = "192.0.2.8"
    assert browser.get(good).status_code == 200
    browser.where = "192.0.2.7"
    home.clock.advance(timedelta(minutes=1))
    assert browser.get(good).status_code == 200


def test_the_first_page_has_no_limit_and_names_nobody(browser: Browser) -> None:
    answers = {browser.get("/").text for _ in range(30)}
    assert len(answers) == 1
    for word in ("Sam", "Kim", "Lee", "Coffee", "example.org"):
        assert word not in min(answers)


# Every page is careful.


def every_page(home: House, browser: Browser) -> list[httpx.Response]:
    link = home.link()
    answer = at_google(consent_page(home, browser, link), home.google.person("sam@example.org"))
    return [
        browser.get("/"),
        browser.get(link),
        browser.get("/nothing"),
        browser.ask("OPTIONS", "/"),
        browser.get(BACK, params=answer),
        browser.get(BACK, params={"error": "access_denied"}),
        browser.post(BACK, data=answer, headers={}),
        browser.post(BACK, data=answer),
        browser.post(BACK, data=answer),
    ]


def test_every_page_carries_the_protective_headers(home: House, browser: Browser) -> None:
    for answer in every_page(home, browser):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        policy = answer.headers["content-security-policy"]
        for one in ("default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self' http"):
            assert one in policy
        # A form's page may tell its own site where it stood, or its POST would come from "null".
        has_form = "<form" in answer.text
        assert answer.headers["referrer-policy"] == ("same-origin" if has_form else "no-referrer")


def test_no_page_loads_or_runs_anything(home: House, browser: Browser) -> None:
    for answer in every_page(home, browser):
        for word in ("<script", "src=", "@import", "url(", " on", "<link", "javascript:"):
            assert word not in re.sub("<p.*?</p>|<li.*?</li>", "", answer.text), word


def test_no_page_names_a_partner(home: House, browser: Browser) -> None:
    for answer in every_page(home, browser):
        assert "sam" not in answer.text.lower()


def test_google_alone_is_where_forms_may_lead_in_earnest(home: House) -> None:
    earnest = Browser(application(home.rooms, Assets(), ADDRESS), ADDRESS, ADDRESS)
    policy = earnest.get("/").headers["content-security-policy"]
    assert "form-action 'self' https://accounts.google.com;" in policy


def test_what_google_brings_back_is_shown_as_text(browser: Browser) -> None:
    evil = '"><script>alert(1)</script>'
    text = browser.get(BACK, params={"state": evil, "code": evil}).text
    assert "<script" not in text
    assert text.count("&#34;&gt;&lt;script&gt;") == 2


def test_a_form_that_is_long_is_not_read(home: House, browser: Browser) -> None:
    assert browser.post(BACK, content=b"state=" + b"x" * 17_000).status_code == 413
    assert browser.post(BACK, content=b"&".join([b"a=b"] * 20)).status_code == 400
    assert browser.post(BACK, content=b"state=\xff").status_code == 400
