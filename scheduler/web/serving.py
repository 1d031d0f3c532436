"""Serves pages on 127.0.0.1 from a thread, with protective headers on every answer. Not here: any page."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Thread

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn import Config, Server

LOOPBACK = "127.0.0.1"
_STOP_S = 3


@dataclass(frozen=True, slots=True)
class Place:
    """Where to listen: port 0 takes any that is free; ``name`` is the thread's; ``crowd`` limits connections at once.

    ``behind_proxy``: a proxy on this machine says who asks.
    """

    port: int
    name: str
    crowd: int = 32
    behind_proxy: bool = False


class Serving:
    """One server of one application; no request of it is ever logged, since paths hold secrets."""

    def __init__(self, application: ASGIApp, place: Place) -> None:
        self._place = place
        self._server = Server(
            Config(
                application,
                http="h11",
                loop="asyncio",
                ws="none",
                lifespan="off",
                log_config=None,
                log_level="error",
                access_log=False,
                server_header=False,
                proxy_headers=place.behind_proxy,
                forwarded_allow_ips=LOOPBACK,
                limit_concurrency=place.crowd,
                timeout_graceful_shutdown=_STOP_S,
            )
        )
        self._thread: Thread | None = None

    def start(self) -> str:
        """Listen and answer from now on; returns the address. Raises: OSError, the port is taken."""
        listening = socket.create_server((LOOPBACK, self._place.port), backlog=self._place.crowd)
        port = listening.getsockname()[1]
        # The socket listens before the thread runs: whoever has the address can connect at once.
        self._thread = Thread(target=self._server.run, args=([listening],), name=self._place.name, daemon=True)
        self._thread.start()
        return f"http://{LOOPBACK}:{port}/"

    def stop(self) -> None:
        """Answer no more; returns when the thread has ended, within a few seconds. Twice is once."""
        self._server.should_exit = True
        if self._thread:
            self._thread.join(2 * _STOP_S)


class OurHeaders:
    """Puts headers on every answer, refusals too, unless a page has its own word for one."""

    def __init__(self, app: ASGIApp, headers: Mapping[str, str]) -> None:
        self._app = app
        self._headers = {name.lower().encode(): value.encode() for name, value in headers.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = list(message.get("headers", ()))
                said = {name for name, _ in own}
                message["headers"] = own + [one for one in self._headers.items() if one[0] not in said]
            await send(message)

        await self._app(scope, receive, send_with_headers)
