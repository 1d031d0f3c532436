"""A real browser goes the whole way: its rules about forms, redirects and cookies let through what we mean to let."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from scheduler.content.assets import Assets
from scheduler.web.public import application
from scheduler.web.serving import Place, Serving
from tests.chromium import PROGRAM, Chromium
from tests.doors import House, house

pytestmark = [pytest.mark.slow, pytest.mark.skipif(PROGRAM is None, reason="there is no Chromium here")]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        port: int = one.getsockname()[1]
        return port


@contextmanager
def shown(tmp_path: Path, google: str = "") -> Iterator[tuple[House, Chromium]]:
    """The pages of a link in a browser; ``google`` is where forms may lead instead of the stand-in."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with house(tmp_path, address=address) as home:
        home.google.person("sam@example.org")
        pages = Serving(application(home.rooms, Assets(), address, google or home.google.url), Place(port, "pages"))
        pages.start()
        try:
            with Chromium(tmp_path / "browser") as browser:
                assert browser.open(address + home.link()) == "Connect your Google calendar"
                yield home, browser
        finally:
            pages.stop()


def test_a_browser_goes_to_google_and_back_and_finishes(tmp_path: Path) -> None:
    with shown(tmp_path) as (home, browser):
        assert browser.press("button") == "Almost there"
        assert home.kept() is None
        assert browser.press("button") == "Your calendar is connected"
        assert home.kept()
        assert browser.complaints == []


def test_a_browser_lets_no_form_lead_anywhere_else(tmp_path: Path) -> None:
    with shown(tmp_path, google="https://accounts.google.com") as (_, browser):
        assert "form-action" in browser.press_in_vain("button")
