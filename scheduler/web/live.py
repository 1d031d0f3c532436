"""Serves one read-only page on this machine alone, from a thread. Not here: what the page shows (album).

Only GET and HEAD of "/" are answered, and only under a name of this machine: a foreign page that points its own
name at 127.0.0.1 (DNS rebinding) is refused, so that it cannot read a couple's calendar.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from threading import Thread

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn import Config, Server

from scheduler.domain.errors import Unavailable
from scheduler.web.album import POLICY

_LOOPBACK = "127.0.0.1"
_BACKLOG = 32
_STOP_S = 3
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": f"{POLICY}; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_RAW_HEADERS = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]


class LiveView:
    """A page on http://127.0.0.1; ``page`` is a pure read that may be called from any thread, at any time.

    Port 0 takes any free one. ``page`` may raise Unavailable: the visitor is then asked to come back.
    """

    def __init__(self, page: Callable[[], str], *, port: int) -> None:
        self._port = port
        self._server = Server(
            Config(
                _application(page),
                http="h11",
                loop="asyncio",
                ws="none",
                lifespan="off",
                log_config=None,
                log_level="error",
                access_log=False,
                server_header=False,
                limit_concurrency=_BACKLOG,
                timeout_graceful_shutdown=_STOP_S,
            )
        )
        self._thread: Thread | None = None

    def start(self) -> str:
        """Listen and answer from now on; returns the address. Raises: OSError, the port is taken."""
        listening = socket.create_server((_LOOPBACK, self._port), backlog=_BACKLOG)
        port = listening.getsockname()[1]
        # The socket listens before the thread runs: whoever has the address can connect at once.
        self._thread = Thread(target=self._server.run, args=([listening],), name="live-view", daemon=True)
        self._thread.start()
        return f"http://{_LOOPBACK}:{port}/"

    def stop(self) -> None:
        """Answer no more; returns when the thread has ended, within a few seconds. Twice is once."""
        self._server.should_exit = True
        if self._thread:
            self._thread.join(2 * _STOP_S)


def _application(page: Callable[[], str]) -> ASGIApp:
    def answer(_: Request) -> Response:
        try:
            return HTMLResponse(page())
        except Unavailable:
            return PlainTextResponse("The page cannot be read just now. Please come back in a moment.", 503)

    return Starlette(
        routes=[Route("/", answer, methods=["GET"])],
        middleware=[
            Middleware(_OurHeaders),
            Middleware(TrustedHostMiddleware, allowed_hosts=[_LOOPBACK, "localhost"], www_redirect=False),
        ],
    )


class _OurHeaders:
    """Puts the protective headers on every answer, refusals too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *_RAW_HEADERS]
            await send(message)

        await self._app(scope, receive, send_with_headers)
