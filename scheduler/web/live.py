"""One read-only page on this machine alone. Not here: what the page shows (album), the server (serving).

Only GET and HEAD of "/" are answered, and only under a name of this machine: a foreign page that points its own
name at 127.0.0.1 (DNS rebinding) is refused, so that it cannot read a couple's calendar.
"""

from __future__ import annotations

from collections.abc import Callable

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from scheduler.domain.errors import Unavailable
from scheduler.web.album import POLICY
from scheduler.web.serving import LOOPBACK, OurHeaders, Place, Serving

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": f"{POLICY}; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class LiveView(Serving):
    """A page on http://127.0.0.1; ``page`` is a pure read that may be called from any thread, at any time.

    Port 0 takes any free one. ``page`` may raise Unavailable: the visitor is then asked to come back.
    """

    def __init__(self, page: Callable[[], str], *, port: int) -> None:
        super().__init__(_application(page), Place(port, "live-view"))


def _application(page: Callable[[], str]) -> ASGIApp:
    def answer(_: Request) -> Response:
        try:
            return HTMLResponse(page())
        except Unavailable:
            return PlainTextResponse("The page cannot be read just now. Please come back in a moment.", 503)

    return Starlette(
        routes=[Route("/", answer, methods=["GET"])],
        middleware=[
            Middleware(OurHeaders, headers=HEADERS),
            Middleware(TrustedHostMiddleware, allowed_hosts=[LOOPBACK, "localhost"], www_redirect=False),
        ],
    )
