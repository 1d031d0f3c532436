"""`rituals connect` on the host: each partner's own step, told plainly, and nothing kept before it is right."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import closing, redirect_stdout
from pathlib import Path

import httpx
import pytest
from click.testing import Result

from scheduler.adapters.google.access import GoogleApp, kept_alive
from scheduler.app.doors import Doors
from scheduler.app.vaults import vault_of
from scheduler.app.wiring import open_store
from scheduler.cli.connect import connect_google, sitting_down
from scheduler.cli.opening import read_settings
from scheduler.domain.errors import Refused, Unavailable
from scheduler.domain.link import Purpose
from scheduler.domain.notes import cut_note
from scheduler.settings import Settings
from tests.build import at
from tests.cli import rituals, write_couple
from tests.servers.dav import PASSWORD, USER, DavServer, radicale_server
from tests.servers.google import FakeGoogle

GOOGLE = '[google]\nclient_id = "rituals.apps.googleusercontent.com"\nclient_secret_file = "secret"\n'
PUBLIC = '[public]\naddress = "https://rituals.example.org"\n'
NOW = at("2026-11-23 09:00")


@pytest.fixture
def google_file(tmp_path: Path) -> Path:
    secret = tmp_path / "secret"
    secret.touch(0o600)
    secret.write_text("fake-client-secret\n")
    return write_couple(tmp_path, sam='calendar = "google"\n', rest=GOOGLE)


def kept(settings: Settings, partner: str, name: str) -> str | None:
    with closing(open_store(settings)) as store:
        return vault_of(settings, store, partner).get(name)


# Google.


@pytest.fixture
def google(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeGoogle]:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")  # the stand-in has no certificate
    with FakeGoogle() as fake:
        fake.person("sam@example.org")
        yield fake


class Person(io.StringIO):
    """Reads what is said, and opens an address as soon as it is shown."""

    def write(self, text: str) -> int:
        if text.startswith("http"):
            httpx.get(text.strip(), follow_redirects=True)
        return super().write(text)


def connected(file: Path, google: FakeGoogle, said: io.StringIO, timeout_s: float = 10) -> str:
    app = GoogleApp(google.client.id, google.client.secret, auth_uri=google.auth_uri, token_uri=google.token_uri)
    with sitting_down(file, "Sam") as sitting, redirect_stdout(said):
        with sitting.store.transaction() as tx:
            tx.set_note("home", cut_note("sam"), NOW.isoformat())
        connect_google(sitting, app, timeout_s=timeout_s)
        with sitting.store.transaction() as tx:
            assert tx.note("home", cut_note("sam")) == ""
    return said.getvalue()


def test_google_connects_from_a_terminal_and_says_what_comes_next(google_file: Path, google: FakeGoogle) -> None:
    said = connected(google_file, google, Person())
    assert "Sam, please open this address" in said
    assert "Sam's Google account is connected." in said
    settings = read_settings(google_file)
    with closing(open_store(settings)) as store:
        kept_alive(vault_of(settings, store, "sam"))
        assert vault_of(settings, store, "kim").get("google") is None
    assert b"1//0" not in (settings.state / "rituals.db").read_bytes()


def test_a_machine_without_a_browser_is_told_of_a_tunnel_with_the_real_port(
    google_file: Path, google: FakeGoogle
) -> None:
    said = connected(google_file, google, Person())
    port = said.partition("redirect_uri=http%3A%2F%2F127.0.0.1%3A")[2].partition("%2F")[0]
    assert port.isdigit()
    assert f"ssh -L {port}:127.0.0.1:{port} " in said


def test_an_answer_that_does_not_come_keeps_nothing(google_file: Path, google: FakeGoogle) -> None:
    with pytest.raises(Unavailable, match="in time"):
        connected(google_file, google, io.StringIO(), timeout_s=0.05)
    assert kept(read_settings(google_file), "sam", "google") is None


def test_whoever_denies_keeps_nothing(google_file: Path, google: FakeGoogle) -> None:
    google.person("sam@example.org").sits_down(denies=True)

    with pytest.raises(Refused, match="did not give access"):
        connected(google_file, google, Person())
    assert kept(read_settings(google_file), "sam", "google") is None


def test_a_partner_without_google_is_told_what_to_write_first(google_file: Path) -> None:
    done = rituals("connect", "google", "--partner", "Kim", "-c", google_file)
    assert done.exit_code == 1
    assert "neither Kim's calendar nor their busy times need google" in done.stderr
    assert 'calendar = "google"' in done.stderr


def test_a_name_that_is_not_in_the_file_names_both(google_file: Path) -> None:
    done = rituals("connect", "google", "--partner", "Nobody", "-c", google_file)
    assert done.exit_code == 2
    assert "Sam or Kim" in done.stderr


# A calendar server.


MAKE = """<C:mkcalendar xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:set><D:prop>
<D:displayname>{}</D:displayname></D:prop></D:set></C:mkcalendar>"""


@pytest.fixture(scope="module")
def dav() -> Iterator[DavServer]:
    with radicale_server() as server:
        for name in ("Work", "Choir"):
            named = MAKE.format(name).encode()
            httpx.request("MKCALENDAR", f"{server.url}/{USER}/{name}/", content=named, auth=(USER, PASSWORD))
        yield server


@pytest.fixture
def dav_file(tmp_path: Path) -> Path:
    return write_couple(tmp_path, sam='calendar = "caldav"\nbusy = ["caldav"]\n')


def connect_caldav(file: Path, *more: str | Path, said: str) -> Result:
    return rituals("connect", "caldav", "--partner", "sam", "-c", file, *more, said=said)


def test_a_calendar_server_is_asked_about_and_its_calendars_are_named(dav_file: Path, dav: DavServer) -> None:
    done = connect_caldav(dav_file, "--inside", said=f"{dav.url}\n{USER}\n{PASSWORD}\n")
    assert done.exit_code == 0, done.output
    assert "Sam's calendar server is connected." in done.stdout
    assert "These calendars tell when Sam is busy: “Choir”, “Work”." in done.stdout
    assert PASSWORD not in done.output
    settings = read_settings(dav_file)
    assert PASSWORD in (kept(settings, "sam", "caldav") or "").encode().decode("unicode_escape")
    assert PASSWORD.encode() not in (settings.state / "rituals.db").read_bytes()


@pytest.mark.parametrize("on_stdin", [True, False])
def test_a_script_hands_the_password_over_as_a_file_or_on_stdin(dav_file: Path, dav: DavServer, on_stdin: bool) -> None:
    (dav_file.parent / "password").write_text(f"{PASSWORD}\n")
    words = ("--inside", "--address", dav.url, "--user", USER)
    given, said = ("-", f"{PASSWORD}\n") if on_stdin else (dav_file.parent / "password", "")
    done = connect_caldav(dav_file, *words, "--password-file", given, said=said)
    assert done.exit_code == 0, done.output
    assert "password" not in done.output.lower()


def test_a_wrong_password_keeps_nothing_and_says_what_is_wanted(dav_file: Path, dav: DavServer) -> None:
    done = connect_caldav(dav_file, "--inside", said=f"{dav.url}\n{USER}\nwrong\n")
    assert done.exit_code == 69
    assert "app password" in done.stderr
    assert kept(read_settings(dav_file), "sam", "caldav") is None


def test_a_server_in_this_house_is_reached_only_where_the_host_says_so(dav_file: Path, dav: DavServer) -> None:
    said = f"{dav.url}\n{USER}\n{PASSWORD}\n"
    for one in (said, said.replace("http:", "https:")):
        assert connect_caldav(dav_file, said=one).exit_code != 0
    assert kept(read_settings(dav_file), "sam", "caldav") is None
    assert connect_caldav(dav_file, "--inside", said=said).exit_code == 0


def test_a_partner_without_a_calendar_server_is_told_what_to_write_first(dav_file: Path) -> None:
    done = rituals("connect", "caldav", "--partner", "Kim", "-c", dav_file)
    assert done.exit_code == 1
    assert 'calendar = "caldav" or busy = ["caldav"]' in done.stderr


# A feed.


@pytest.fixture
def feed_file(tmp_path: Path) -> Path:
    return write_couple(tmp_path, sam='calendar = "feed"\n', rest=PUBLIC)


def shown(file: Path, *more: str) -> str:
    done = rituals("connect", "feed", "--partner", "sam", "-c", file, *more)
    assert done.exit_code == 0, done.output
    return next(line for line in done.stdout.splitlines() if line.startswith("https://"))


def opens(file: Path, address: str) -> bool:
    settings = read_settings(file)
    doors = Doors("home", settings.calendars, "https://rituals.example.org", lambda: bytes(32))
    token = address.rpartition("/")[2].removesuffix(".ics")
    with closing(open_store(settings)) as store, store.transaction() as tx:
        return doors.partner_for(tx, token, Purpose.FEED, NOW) is not None


def test_a_feed_s_address_is_shown_once_with_how_soon_programs_look(feed_file: Path) -> None:
    done = rituals("connect", "feed", "--partner", "sam", "-c", feed_file)
    assert "https://rituals.example.org/feed/" in done.stdout
    assert "every 12 to 24 hours" in done.stdout
    again = rituals("connect", "feed", "--partner", "sam", "-c", feed_file)
    assert again.exit_code == 1
    assert "--new makes another" in again.stderr


def test_a_new_address_ends_the_old_one(feed_file: Path) -> None:
    old = shown(feed_file)
    assert opens(feed_file, old)
    new = shown(feed_file, "--new")
    assert (opens(feed_file, old), opens(feed_file, new)) == (False, True)


def test_without_a_public_address_a_feed_is_refused(google_file: Path) -> None:
    done = rituals("connect", "feed", "--partner", "sam", "-c", google_file)
    assert done.exit_code == 1
    assert "[public] address" in done.stderr


def test_a_feed_beside_another_calendar_is_refused(feed_file: Path) -> None:
    done = rituals("connect", "feed", "--partner", "kim", "-c", feed_file)
    assert done.exit_code == 1
    assert "would show each twice" in done.stderr
