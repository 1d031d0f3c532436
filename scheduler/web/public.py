"""The pages that partners reach from outside: feeds, and connecting Google. Not here: what they do (app), the words.

They are served on 127.0.0.1 behind a proxy of the host's own, apart from the live view, which shows both calendars.
A GET changes nothing: mail scanners follow links. No address is made from what a request says of itself.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from urllib.parse import parse_qsl, urlsplit

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from scheduler.app.connecting import BACK, NOT_OURS, STEP_LASTS, Connecting, connecting_of
from scheduler.app.doors import doors_of
from scheduler.app.feeding import feed_for
from scheduler.content.assets import Assets
from scheduler.content.feed import feed_etag
from scheduler.domain.errors import Refused, RitualsError
from scheduler.ports import Store
from scheduler.settings import Settings
from scheduler.web.gate import A_MINUTE, Gate
from scheduler.web.paper import page_environment
from scheduler.web.sayings import CONNECTED, DENIED, HOME, SAYINGS, Saying, refused
from scheduler.web.serving import OurHeaders, Place, Serving

GOOGLE = "https://accounts.google.com"
_CROWD = 64
_LARGEST_BODY, _BODY_S, _LONGEST_WORD = 16 * 1024, 10, 2048
_FEED_HEADERS = {"Cache-Control": "private, max-age=3600"}
# A form of a page with "no-referrer" is sent with "Origin: null" and could not be told from a stranger's. To other
# sites this says as little. Source: Fetch, "append a request Origin header".
_FORM_HEADERS = {"Referrer-Policy": "same-origin"}


@dataclass(frozen=True, slots=True)
class Rooms:
    """What stands behind the pages, asked anew at each request: the couple's file may have been edited meanwhile.

    ``feed`` gives what a token opens now, ``connecting`` is None where nobody can connect Google here.
    """

    feed: Callable[[str, datetime], bytes | None]
    connecting: Callable[[], Connecting | None]
    now: Callable[[], datetime]


def rooms_of(settings: Callable[[], Settings], store: Store, now: Callable[[], datetime]) -> Rooms:
    """What stands behind the pages of a couple whose file says ``settings`` now."""
    turn = Lock()
    return Rooms(
        feed=lambda token, at: feed_for(store, doors_of(settings()), token, at),
        connecting=lambda: connecting_of(settings(), store, turn),
        now=now,
    )


class PublicSite(Serving):
    """The pages on http://127.0.0.1; ``address`` is where a proxy offers them to partners."""

    def __init__(self, rooms: Rooms, assets: Assets, *, address: str, port: int) -> None:
        super().__init__(application(rooms, assets, address), Place(port, "public-site", _CROWD, behind_proxy=True))


def application(rooms: Rooms, assets: Assets, address: str, google: str = GOOGLE) -> Starlette:
    """The pages as an ASGI application; forms lead to ``address`` and to ``google``, and nowhere else."""
    pages = _Pages(rooms, assets, address)
    headers = {
        "Cache-Control": "no-store",
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
        f"form-action 'self' {google}; frame-ancestors 'none'",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
    made = Starlette(
        routes=[
            Route("/", pages.home, methods=["GET"]),
            Route("/feed/{token}.ics", pages.feed, methods=["GET"]),
            Route(BACK, pages.returned, methods=["GET"]),
            Route(BACK, pages.finish, methods=["POST"]),
            Route("/connect/{token}", pages.offer, methods=["GET"]),
            Route("/connect/{token}", pages.begin, methods=["POST"]),
        ],
        middleware=[
            Middleware(OurHeaders, headers=headers),
            Middleware(TrustedHostMiddleware, allowed_hosts=[urlsplit(address).hostname or ""], www_redirect=False),
        ],
        exception_handlers={HTTPException: pages.said_no, RitualsError: pages.not_now},
    )
    made.router.redirect_slashes = False  # its address would be the one that the request names
    return made


class _Pages:
    """One answer for each route."""

    def __init__(self, rooms: Rooms, assets: Assets, address: str) -> None:
        self._rooms, self._address = rooms, address
        self._templates = page_environment(assets)
        self._gate = Gate(rooms.now)
        self._is_secret = address.startswith("https://")
        # Browsers keep a cookie of this prefix only over https, from exactly this host. Source: RFC 6265bis §4.1.3.2.
        self._cookie = "__Host-connect" if self._is_secret else "connect"

    def home(self, _: Request) -> Response:
        return self._said(HOME)

    def feed(self, request: Request) -> Response:
        self._knock(request)
        data = self._rooms.feed(request.path_params["token"], self._rooms.now())
        if data is None:
            raise HTTPException(404)
        headers = {**_FEED_HEADERS, "ETag": feed_etag(data)}
        if _is_known(request.headers.get("if-none-match", ""), headers["ETag"]):
            return Response(status_code=304, headers=headers)
        return Response(data, media_type="text/calendar; charset=utf-8", headers=headers)

    def offer(self, request: Request) -> Response:
        self._knock(request)
        connecting = self._connecting()
        partner = connecting.partner_for(request.path_params["token"], self._rooms.now())
        if partner is None:
            raise HTTPException(404)
        return self._form("connect", "Connect your Google calendar", calendar=connecting.doors.title(partner))

    def begin(self, request: Request) -> Response:
        self._be_ours(request)
        self._knock(request)
        try:
            url, state = self._connecting().begin(request.path_params["token"], self._rooms.now())
        except Refused:
            raise HTTPException(404) from None
        answer = RedirectResponse(url, 303)
        answer.set_cookie(
            self._cookie,
            state,
            max_age=int(STEP_LASTS.total_seconds()),
            secure=self._is_secret,
            httponly=True,
            samesite="lax",
        )
        return answer

    def returned(self, request: Request) -> Response:
        """Google's redirect: a GET, so all it does is to ask for one more press."""
        self._knock(request)
        said = request.query_params
        if "error" in said:
            return self._said(DENIED)
        state, code = said.get("state", ""), said.get("code", "")
        if not (state and code) or len(state) + len(code) > _LONGEST_WORD:
            raise HTTPException(404)
        return self._form("finish", "Almost there", action=BACK, state=state, code=code)

    async def finish(self, request: Request) -> Response:
        self._be_ours(request)
        self._knock(request)
        said = await _form_of(request)
        return await run_in_threadpool(self._finished, request.cookies.get(self._cookie, ""), said)

    def _finished(self, cookie: str, said: Mapping[str, str]) -> Response:
        state = said.get("state", "")
        if not state or not hmac.compare_digest(cookie.encode(), state.encode()):
            return self._said(refused(NOT_OURS))
        try:
            self._connecting().finish(state, said, self._rooms.now())
            answer = self._said(CONNECTED)
        except Refused as err:
            answer = self._said(refused(str(err)))
        answer.delete_cookie(self._cookie, secure=self._is_secret, httponly=True, samesite="lax")
        return answer

    def said_no(self, _: Request, err: Exception) -> Response:
        assert isinstance(err, HTTPException)
        answer = self._said(SAYINGS.get(err.status_code, SAYINGS[400]))
        answer.headers.update(err.headers or {})
        return answer

    def not_now(self, _: Request, __: Exception) -> Response:
        return self._said(SAYINGS[503])

    def _connecting(self) -> Connecting:
        found = self._rooms.connecting()
        if found is None:
            raise HTTPException(404)
        return found

    def _knock(self, request: Request) -> None:
        if not self._gate.lets_in(request.client.host if request.client else ""):
            raise HTTPException(429, headers={"Retry-After": str(int(A_MINUTE.total_seconds()))})

    def _be_ours(self, request: Request) -> None:
        if request.headers.get("origin") != self._address:
            raise HTTPException(403)

    def _said(self, saying: Saying) -> Response:
        text = self._templates.get_template("public/said.html").render(title=saying.title, sentences=saying.sentences)
        return HTMLResponse(text, saying.status)

    def _form(self, name: str, title: str, **words: str) -> Response:
        text = self._templates.get_template(f"public/{name}.html").render(title=title, **words)
        return HTMLResponse(text, headers=_FORM_HEADERS)


def _is_known(if_none_match: str, etag: str) -> bool:
    """Source: RFC 9110 §13.1.2."""
    known = [one.strip().removeprefix("W/") for one in if_none_match.split(",")]
    return "*" in known or etag in known


async def _form_of(request: Request) -> dict[str, str]:
    """The fields of a short form. Raises HTTPException for one that is long, slow, or none."""
    data = bytearray()
    try:
        async with asyncio.timeout(_BODY_S):
            async for chunk in request.stream():
                data += chunk
                if len(data) > _LARGEST_BODY:
                    raise HTTPException(413)
        return dict(parse_qsl(data.decode("ascii"), max_num_fields=8))
    except TimeoutError:
        raise HTTPException(408) from None
    except (ClientDisconnect, ValueError):
        raise HTTPException(400) from None
