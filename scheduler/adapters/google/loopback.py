"""Connects Google from a terminal: one redirect is awaited on this machine. Not here: the consent itself (consent).

Source: RFC 8252 §7.3.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from scheduler.adapters.google.access import GoogleApp, keep
from scheduler.adapters.google.consent import Started, begin, finish
from scheduler.domain.errors import RitualsError, Unavailable
from scheduler.ports import Vault

_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Rituals</title><body style="font:18px/1.5 system-ui;max-width:32em;margin:15vh auto;padding:0 1em"><p>{}</p>"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Where the redirect is awaited: port 0 takes any that is free; a tunnel needs a fixed one."""

    port: int = 0
    timeout_s: float = 300


def run_local(
    app: GoogleApp, vault: Vault, *, secret: Callable[[], bytes], show_url: Callable[[str], None], waiting: Waiting
) -> None:
    """Show an address to open in a browser, wait for its answer, and keep what it grants.

    Raises: Refused, the partner or Google said no; Unavailable, nobody answered in time, or Google does not.
    """
    with _Server(("127.0.0.1", waiting.port), _Handler) as server:
        server.expect(app, vault, secret().hex())
        thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            show_url(server.started.url)
            answered = server.answered.wait(waiting.timeout_s)
        finally:
            server.shutdown()
            thread.join()
    if not answered:
        raise Unavailable("nobody came back from Google in time; start again")
    if server.error:
        raise server.error


class _Server(ThreadingHTTPServer):
    """Closing it waits for the page that is being sent."""

    daemon_threads = False

    def expect(self, app: GoogleApp, vault: Vault, state: str) -> None:
        self._app, self._vault, self._state = app, vault, state
        self._redirect_uri = f"http://127.0.0.1:{self.server_port}/"
        self.started: Started = begin(app, self._redirect_uri, state)
        self.answered, self.error = Event(), None
        self._once = Lock()

    error: RitualsError | None

    def take(self, answer: dict[str, str]) -> tuple[int, str]:
        """Status and sentence for one request; a foreign one changes nothing and the waiting goes on."""
        if not hmac.compare_digest(answer.get("state", "").encode(), self._state.encode()):
            return 400, "This page is not part of connecting your calendar. Nothing was changed."
        with self._once:
            if self.answered.is_set():
                return 400, "This answer was used already. Nothing was changed."
            try:
                keep(self._vault, finish(self._app, self._redirect_uri, answer, self.started.verifier))
            except RitualsError as err:
                self.error = err
            self.answered.set()
        if self.error:
            return 400, f"{self.error} You can close this page."
        return 200, "Thank you, your calendar is connected. You can close this page."


class _Handler(BaseHTTPRequestHandler):
    timeout = 5
    server: _Server

    def do_GET(self) -> None:
        where = urlsplit(self.path)
        if where.path != "/":
            return self._page(404, "There is nothing here.")
        return self._page(*self.server.take(dict(parse_qsl(where.query))))

    def log_message(self, *_: Any) -> None:
        """Silent: a request line holds the code."""

    def _page(self, status: int, sentence: str) -> None:
        data = _PAGE.format(escape(sentence)).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
        self.end_headers()
        self.wfile.write(data)
