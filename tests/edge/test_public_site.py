"""From the link in a mail to a connected calendar, as a browser goes; and the feed, as calendar programs fetch it."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from icalendar import Calendar

from scheduler.adapters.google.access import kept_alive
from scheduler.adapters.google.consent import BUSY_TIMES
from scheduler.app.connecting import BACK
from scheduler.app.doors import doors_of
from scheduler.app.wiring import open_store
from scheduler.content.assets import Assets
from scheduler.domain.errors import Unavailable
from scheduler.domain.event import CalendarEntry, Event
from scheduler.web.public import PublicSite, application, rooms_of
from tests.cli import couple_in
from tests.doors import ADDRESS, NOW, Browser, House, at_google, consent_page, house
from tests.servers.google import Fault

HOUR = timedelta(hours=1)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path) as made:
        yield made


@pytest.fixture
def browser(home: House) -> Browser:
    return home.browser()


def title(answer: httpx.Response) -> str:
    found = re.search("<title>(.+)</title>", answer.text)
    assert found
    return found[1]


def form_of(answer: httpx.Response) -> dict[str, str]:
    """What the form of a page sends."""
    return dict(re.findall('<input type="hidden" name="(.+?)" value="(.+?)">', answer.text))


def sent_back(home: House, browser: Browser, partner: str = "sam", **answers: object) -> dict[str, str]:
    """What the browser brings back from Google, once the partner has answered there."""
    url = consent_page(home, browser, home.link(partner))
    return at_google(url, home.google.person(f"{partner}@example.org"), **answers)  # type: ignore[arg-type]


# Connecting.


def test_the_whole_way_from_the_mail_to_the_calendar(home: House, browser: Browser) -> None:
    link = home.link()
    offer = browser.get(link)
    assert title(offer) == "Connect your Google calendar"
    assert "“Together”" in offer.text
    answer = at_google(consent_page(home, browser, link), home.google.person("sam@example.org"))
    finish = browser.get(BACK, params=answer)
    assert home.kept() is None
    assert title(browser.post(BACK, data=form_of(finish))) == "Your calendar is connected"
    token = json.loads(kept_alive(home.vaults["sam"]))["refresh_token"]
    assert token.encode() not in home.everything()
    assert browser.get(link).status_code == 404
    assert not list(browser.cookies.jar)


def test_the_cookie_is_for_this_host_and_this_step_alone(home: House, browser: Browser) -> None:
    said = browser.post(home.link()).headers["set-cookie"]
    name, _, rest = said.partition("=")
    assert name == "__Host-connect"
    assert {part.strip().lower() for part in rest.split(";")[1:]} == {
        "httponly", "max-age=600", "path=/", "samesite=lax", "secure",
    }  # fmt: skip


def test_at_home_it_can_be_tried_without_https(tmp_path: Path) -> None:
    with house(tmp_path, address="http://localhost:8766") as home:
        browser = home.browser()
        said = browser.post(home.link())
        assert said.headers["set-cookie"].startswith("connect=")
        assert "secure" not in said.headers["set-cookie"].lower()
        answer = at_google(said.headers["location"], home.google.person("sam@example.org"))
        assert title(browser.post(BACK, data=answer)) == "Your calendar is connected"


def test_a_browser_that_did_not_begin_finishes_nothing_and_stops_nobody(home: House, browser: Browser) -> None:
    answer = sent_back(home, browser)
    stranger = home.browser()
    assert title(stranger.post(BACK, data=answer)) == "Nothing has changed"
    assert home.kept() is None
    assert title(browser.post(BACK, data=answer)) == "Your calendar is connected"


def test_the_other_partner_s_cookie_finishes_nothing(home: House, browser: Browser) -> None:
    kims = home.browser()
    sams_answer, kims_answer = sent_back(home, browser, "sam"), sent_back(home, kims, "kim")
    assert kims.post(BACK, data=sams_answer).status_code == 400
    assert kims.post(BACK, data={**kims_answer, "code": sams_answer["code"]}).status_code == 400
    assert home.kept("sam") is None
    assert home.kept("kim") is None


@pytest.mark.parametrize("state", ["", "0" * 32, "ß", "\x00"])
def test_a_state_that_nobody_began_finishes_nothing(home: House, browser: Browser, state: str) -> None:
    answer = sent_back(home, browser)
    for cookie in (state, answer["state"]):
        browser.cookies.set("__Host-connect", cookie.encode("ascii", "ignore").decode().strip("\x00"))
        assert browser.post(BACK, data={**answer, "state": state}).status_code == 400
    assert home.kept() is None


def test_a_second_press_says_that_all_is_well(home: House, browser: Browser) -> None:
    answer, cookie = sent_back(home, browser), httpx.Cookies(browser.cookies)
    browser.post(BACK, data=answer)
    before = home.kept()
    browser.cookies = cookie
    again = browser.post(BACK, data=answer)
    assert again.status_code == 400
    assert "connected, it is." in again.text
    assert home.kept() == before


def test_who_gives_no_access_is_told_so_without_a_press(home: House, browser: Browser) -> None:
    page = browser.get(BACK, params=sent_back(home, browser, denies=True))
    assert (page.status_code, title(page)) == (200, "Nothing was connected")
    assert "all right" in page.text


def test_a_refusal_that_is_sent_on_stores_nothing(home: House, browser: Browser) -> None:
    page = browser.post(BACK, data=sent_back(home, browser, denies=True))
    assert page.status_code == 400
    assert "You did not give access" in page.text
    assert home.kept() is None


def test_an_unticked_box_is_named(home: House, browser: Browser) -> None:
    page = browser.post(BACK, data=sent_back(home, browser, unticks=(BUSY_TIMES,)))
    assert page.status_code == 400
    assert "You left out seeing when you are busy" in page.text
    assert home.kept() is None


def test_whoever_comes_back_too_late_is_told_so(home: House, browser: Browser) -> None:
    answer = sent_back(home, browser)
    home.clock.advance(timedelta(minutes=10))
    page = browser.post(BACK, data=answer)
    assert page.status_code == 400
    assert "ten minutes" in page.text


def test_while_google_is_out_of_reach_the_page_says_come_back(home: House, browser: Browser) -> None:
    answer = sent_back(home, browser)
    home.google.fail_next(Fault(503))
    assert title(browser.post(BACK, data=answer)) == "Not just now"
    assert home.kept() is None


# The feed.


def entry(home: House, partner: str, title: str, *, live: bool = True) -> CalendarEntry:
    now = home.clock.now()
    event = Event(f"uid-{partner}-{title}", 0, title, "Sit down.", now + HOUR, now + 2 * HOUR, now)
    return CalendarEntry(partner, f"{title}/2026-W48", 0, event, live=live)


@pytest.fixture
def feed(home: House) -> str:
    with home.store.transaction() as tx:
        for one in (entry(home, "lee", "Coffee"), entry(home, "lee", "Gone", live=False), entry(home, "sam", "Theirs")):
            tx.save_calendar_entry("home", one)
    return home.link("lee", feed=True)


def test_a_feed_is_a_calendar_that_may_be_kept_for_an_hour(browser: Browser, feed: str) -> None:
    answer = browser.get(feed)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["cache-control"] == "private, max-age=3600"
    assert [str(one["SUMMARY"]) for one in Calendar.from_ical(answer.content).walk("VEVENT")] == ["Coffee"]


@pytest.mark.parametrize("said", ["{}", "W/{}", '"other", {}', "*"])
def test_a_feed_that_is_known_is_not_sent_again(browser: Browser, feed: str, said: str) -> None:
    etag = browser.get(feed).headers["etag"]
    answer = browser.get(feed, headers={"if-none-match": said.format(etag)})
    assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", etag)
    assert answer.headers["cache-control"] == "private, max-age=3600"


def test_a_feed_that_changed_is_sent_with_another_tag(home: House, browser: Browser, feed: str) -> None:
    etag = browser.get(feed).headers["etag"]
    with home.store.transaction() as tx:
        tx.save_calendar_entry("home", entry(home, "lee", "Walk"))
    answer = browser.get(feed, headers={"if-none-match": etag})
    assert answer.status_code == 200
    assert answer.headers["etag"] != etag


def test_listmonk_2026_34828_revoke_kills_sessions_and_links(home: House, browser: Browser, feed: str) -> None:
    new = home.link("lee", feed=True)
    assert [browser.get(one).status_code for one in (feed, new)] == [404, 200]


def test_a_feed_of_a_busy_state_asks_to_come_back(home: House) -> None:
    def locked(_: str, __: datetime) -> bytes:
        raise Unavailable("rituals.db is held by another program")

    pages = application(replace(home.rooms, feed=locked), Assets(), ADDRESS)
    answer = Browser(pages, ADDRESS, ADDRESS).get("/feed/token.ics")
    assert (answer.status_code, title(answer)) == (503, "Not just now")
    assert "rituals.db" not in answer.text


# As the couple's file says.


def test_an_edited_file_counts_from_the_next_request(tmp_path: Path) -> None:
    public = '[public]\naddress = "https://rituals.example.org"\n'
    feeds = couple_in(tmp_path, kim='calendar = "feed"\n', rest=public)
    folders = couple_in(tmp_path, rest=public)
    said = [feeds]
    with closing(open_store(feeds)) as store:
        with store.transaction() as tx:
            feed = doors_of(feeds).feed(tx, "kim", NOW).removeprefix(ADDRESS)
        pages = application(rooms_of(lambda: said[0], store, lambda: NOW), Assets(), ADDRESS)
        browser = Browser(pages, ADDRESS, ADDRESS)
        assert browser.get(feed).status_code == 200
        said[0] = folders
        assert browser.get(feed).status_code == 404


def test_a_couple_without_google_has_nothing_to_connect(tmp_path: Path) -> None:
    settings = couple_in(tmp_path, rest='[public]\naddress = "https://rituals.example.org"\n')
    with closing(open_store(settings)) as store:
        browser = Browser(
            application(rooms_of(lambda: settings, store, lambda: NOW), Assets(), ADDRESS), ADDRESS, ADDRESS
        )
        for method in ("GET", "POST"):
            assert browser.ask(method, f"/connect/{'0' * 32}", headers={"origin": ADDRESS}).status_code == 404


# On a real server.


@pytest.fixture
def served(home: House) -> Iterator[str]:
    site = PublicSite(home.rooms, Assets(), address=ADDRESS, port=0)
    yield site.start()
    site.stop()


def ask(served: str, method: str, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    where = urlsplit(served)
    connection = HTTPConnection(where.hostname or "", where.port or 0, timeout=10)
    try:
        connection.request(method, path, headers={"Host": "rituals.example.org", "Origin": ADDRESS, **headers})
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def test_a_real_server_answers_under_the_public_name_only(served: str, feed: str) -> None:
    assert ask(served, "GET", feed)[0] == 200
    assert ask(served, "GET", feed, Host=urlsplit(served).netloc)[0] == 400
    status, headers, body = ask(served, "HEAD", feed)
    assert (status, body) == (200, b"")
    assert int(headers["content-length"]) > 100
    assert "server" not in headers


def test_a_proxy_s_word_tells_visitors_apart_and_no_link_is_made_from_it(home: House, served: str, feed: str) -> None:
    def knock(**headers: str) -> int:
        return ask(served, "GET", feed, **headers)[0]

    assert [knock(**{"X-Forwarded-For": f"10.0.0.{one}, 192.0.2.7"}) for one in range(21)] == [200] * 20 + [429]
    assert knock(**{"X-Forwarded-For": "192.0.2.8"}) == 200
    answer = ask(
        served, "POST", home.link(), **{"X-Forwarded-For": "192.0.2.9", "X-Forwarded-Host": "evil.example.org"}
    )
    assert "redirect_uri=https%3A%2F%2Frituals.example.org" in answer[1]["location"]


def test_miniflux_4e8a0e06_no_token_in_log(
    home: House, served: str, feed: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    link = home.link()
    with caplog.at_level(logging.DEBUG):
        _, headers, _ = ask(served, "POST", link)
        answer = at_google(headers["location"], home.google.person("sam@example.org"))
        cookie = headers["set-cookie"].partition(";")[0]
        where = urlsplit(served)
        connection = HTTPConnection(where.hostname or "", where.port or 0, timeout=10)
        form = str(httpx.QueryParams({"state": answer["state"], "code": answer["code"]}))
        connection.request("POST", BACK, form, {"Host": "rituals.example.org", "Origin": ADDRESS, "Cookie": cookie})
        assert connection.getresponse().status == 200
        connection.close()
        for method, path in (("GET", feed), ("BREW", feed), ("GET", f"{link}/x"), ("GET", f"{BACK}?code=secret-code")):
            ask(served, method, path)
    token = json.loads(home.kept() or "")["refresh_token"]
    ours = [one.getMessage() for one in caplog.records if not one.name.startswith(("httpx", "httpcore"))]
    written = "\n".join([*ours, *capfd.readouterr()])
    for secret in (
        link.rpartition("/")[2],
        feed.rpartition("/")[2],
        answer["state"],
        answer["code"],
        token,
        "secret-code",
    ):
        assert secret not in written
