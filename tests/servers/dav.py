"""Two real calendar servers on loopback, Radicale and Xandikos, each with one user in a folder of its own.

Not here: what goes wrong with them (proxy).
"""

from __future__ import annotations

import asyncio
import base64
import socketserver
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import unquote
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import radicale.config
from aiohttp import web
from radicale.app import Application
from radicale.auth import BaseAuth
from xandikos.web import SingleUserFilesystemBackend, XandikosApp

USER, PASSWORD = "sam", "pass:wörd"


@dataclass(slots=True)
class DavServer:
    """A running server; ``password`` is the one that it takes now, ``folder`` where it keeps everything."""

    url: str
    home: str
    folder: Path
    password: str = PASSWORD

    def lets_in(self, user: str, password: str) -> bool:
        return (user, password) == (USER, self.password)


class _Wsgi(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True
    block_on_close = False


class _Silent(WSGIRequestHandler):
    def get_environ(self) -> dict[str, Any]:
        """As Radicale's own handler has it: the path in UTF-8."""
        return {**super().get_environ(), "PATH_INFO": unquote(self.path.partition("?")[0])}

    def log_message(self, *_: Any) -> None:
        """Silent."""


@contextmanager
def radicale_server() -> Iterator[DavServer]:
    with tempfile.TemporaryDirectory() as folder:
        server = DavServer("", f"/{USER}/", Path(folder))

        class Auth(BaseAuth):
            def _login(self, login: str, password: str) -> str:
                return login if server.lets_in(login, password) else ""

        configuration = radicale.config.load()
        own = {"auth": {"type": Auth, "delay": 0}, "storage": {"filesystem_folder": folder, "_filesystem_fsync": False}}
        configuration.update(own, "test", privileged=True)
        http = _Wsgi(("127.0.0.1", 0), _Silent)
        http.set_app(Application(configuration))
        server.url = f"http://127.0.0.1:{http.server_port}"
        thread = Thread(target=http.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            http.shutdown()
            http.server_close()
            thread.join()


@contextmanager
def xandikos_server() -> Iterator[DavServer]:
    with tempfile.TemporaryDirectory() as folder:
        backend: Any = SingleUserFilesystemBackend(folder)
        backend._mark_as_principal(f"/{USER}/")
        backend.create_principal(f"/{USER}/", create_defaults=False)
        app: Any = XandikosApp(backend, current_user_principal=f"/{USER}/", strict=True)
        server = DavServer("", f"/{USER}/calendars/", Path(folder))

        async def serve(request: web.Request) -> web.StreamResponse:
            if not server.lets_in(*_credentials(request.headers.get("Authorization", ""))):
                return web.Response(status=401, headers={"WWW-Authenticate": 'Basic realm="here"'})
            answer: web.StreamResponse = await app.aiohttp_handler(request, "/")
            return answer

        with _aiohttp(serve) as server.url:
            yield server


def _credentials(header: str) -> tuple[str, str]:
    user, _, password = base64.b64decode(header.removeprefix("Basic ")).decode().partition(":")
    return user, password


@contextmanager
def _aiohttp(serve: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> Iterator[str]:
    """The address of an aiohttp application that runs in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def start() -> web.AppRunner:
        application = web.Application(client_max_size=2**24)
        application.router.add_route("*", "/{path_info:.*}", serve)
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return runner

    runner = asyncio.run_coroutine_threadsafe(start(), loop).result(10)
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
