"""What docs/ show of a command is what it prints, word by word. Not here: links and settings (guard/test_docs)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path

import httpx
import pytest

from scheduler.adapters.google.access import GoogleApp
from scheduler.cli.connect import connect_google, sitting_down
from tests.cli import rituals, write_couple
from tests.edge.test_cli_connect import GOOGLE, MAKE, PUBLIC, Person
from tests.guard.source import modules, texts
from tests.guard.test_docs import fenced
from tests.servers.dav import PASSWORD, USER, DavServer, radicale_server
from tests.servers.google import FakeGoogle

pytestmark = pytest.mark.slow

# What stands in braces in our source, or is put in front of a sentence.
FILLED_IN = r"Sam|seeing when you are busy|^the calendar server (?=cannot be|leads inside)"


def shown(page: str, command: str) -> list[str]:
    """The lines that the page shows below the command."""
    blocks = fenced(texts()[f"docs/{page}.md"], "")
    return next(one for one in blocks if one.startswith(f"$ {command}\n")).splitlines()[1:]


def lines(printed: str, *changes: tuple[str, str]) -> list[str]:
    for pattern, new in changes:
        printed = re.sub(pattern, new, printed)
    return [one.rstrip() for one in printed.rstrip().splitlines()]


@pytest.fixture
def dav() -> Iterator[DavServer]:
    with radicale_server() as server:
        for name in ("Work", "Choir"):
            named = MAKE.format(name).encode()
            httpx.request("MKCALENDAR", f"{server.url}/{USER}/{name}/", content=named, auth=(USER, PASSWORD))
        yield server


def test_connecting_a_calendar_server_reads_as_shown(tmp_path: Path, dav: DavServer) -> None:
    file = write_couple(tmp_path, sam='calendar = "caldav"\nbusy = ["caldav"]\n')
    words = ("connect", "caldav", "--partner", "Sam", "--inside", "-c", file)
    printed = rituals(*words, said=f"{dav.url}\n{USER}\n{PASSWORD}\n").stdout
    assert lines(printed, (re.escape(dav.url), "https://dav.example.org")) == shown(
        "caldav", "rituals connect caldav --partner Sam"
    )


def test_a_feed_s_address_is_shown_as_the_page_has_it(tmp_path: Path) -> None:
    file = write_couple(tmp_path, sam='calendar = "feed"\n', rest=PUBLIC)
    printed = rituals("connect", "feed", "--partner", "Sam", "-c", file).stdout
    expected = shown("feed", "rituals connect feed --partner Sam")
    token = re.compile(r"[a-z0-9]{32}\.ics")
    assert [token.sub("", one) for one in lines(printed)] == [token.sub("", one) for one in expected]


def test_connecting_google_reads_as_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")  # the stand-in has no certificate
    (tmp_path / "secret").touch(0o600)
    (tmp_path / "secret").write_text("fake-client-secret\n")
    file = write_couple(tmp_path, sam='calendar = "google"\n', rest=GOOGLE)
    said = Person()
    with FakeGoogle() as fake, sitting_down(file, "Sam") as sitting, redirect_stdout(said):
        fake.person("sam@example.org")
        app = GoogleApp(fake.client.id, fake.client.secret, auth_uri=fake.auth_uri, token_uri=fake.token_uri)
        connect_google(sitting, app, timeout_s=10)
    address = "https://accounts.google.com/o/oauth2/v2/auth?response_type=code&client_id=…"
    printed = lines(
        said.getvalue(), (r"(?m)^http\S+", address), (r"\d{4,5}:127.0.0.1:\d{4,5}", "44831:127.0.0.1:44831")
    )
    assert printed == shown("google", "rituals connect google --partner Sam")


def said_in(page: str) -> list[str]:
    """Sentences that the page gives as ours: quoted, or in the table of what the command says."""
    text = texts()[f"docs/{page}.md"]
    quoted = re.findall(r"^ *> ([A-Z a-z].*)$", text, re.MULTILINE)
    table = re.search(r"\| it says \| then \|\n\|[-|]+\n((?:\|.*\n)+)", text)
    rows = [row.split("|")[1].strip() for row in table[1].splitlines()] if table else []
    return [*(one for one in quoted if "**" not in one), *rows]


@pytest.mark.parametrize("page", ["caldav", "google", "feed", "invitations"])
def test_every_sentence_that_a_page_gives_as_ours_is_ours(page: str) -> None:
    source = re.sub(r'"\s*f?"|\\(?=")', "", "\n".join(one.text for one in modules()))
    sentences = said_in(page)
    assert sentences
    assert [one for one in sentences if not all(part in source for part in re.split(FILLED_IN, one))] == []
