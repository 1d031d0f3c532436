"""A web proxy on loopback that hands requests on to one server, and goes wrong when it is told to.

Not here: any protocol above HTTP. It speaks HTTP/1.0, one request a connection.
"""

from __future__ import annotations

import http.client
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any
from urllib.parse import urlsplit

_HOP = {"connection", "transfer-encoding", "keep-alive", "content-length", "te", "upgrade"}


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with one request whose method is in ``methods`` (none means any).

    ``status`` None means that the connection ends without an answer. With ``after`` the server has done its work.
    """

    status: int | None = None
    after: bool = False
    methods: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


Answer = tuple[int, dict[str, str], bytes]  # status, headers, body
Forward = Callable[[Request], Answer]
Quirk = Callable[[Request, Forward], Answer]


@dataclass(frozen=True, slots=True)
class Call:
    """One request as it came and how it was answered; sizes in bytes, headers included. ``status`` 0: no answer."""

    method: str
    path: str
    status: int
    sent: int
    received: int


class FaultProxy:
    """Forwards to ``target`` ("http://127.0.0.1:8001"); a context manager. ``calls`` is what went through.

    ``quirk`` stands in for the server's own ways: it answers each request, and may forward it, as it came or changed.
    """

    def __init__(self, target: str) -> None:
        self.target = urlsplit(target)
        self.calls: list[Call] = []
        self.quirk: Quirk = lambda request, forward: forward(request)
        self._faults: deque[Fault] = deque()
        self._lock = Lock()
        handler = type("Handler", (_Handler,), {"proxy": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def fail_next(self, *faults: Fault) -> None:
        """Each meets the next request that it fits, in order."""
        with self._lock:
            self._faults.extend(faults)

    def clear(self) -> None:
        """No more of the faults that are left."""
        with self._lock:
            self._faults.clear()

    def take(self, method: str) -> Fault | None:
        with self._lock:
            if self._faults and (not self._faults[0].methods or method in self._faults[0].methods):
                return self._faults.popleft()
            return None

    def __enter__(self) -> FaultProxy:
        Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    proxy: FaultProxy

    def log_message(self, *_: Any) -> None:
        """Silent."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self._serve
        raise AttributeError(name)

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        fault = self.proxy.take(self.command)
        if fault and not fault.after:
            return self._answer(body, fault.status, dict(fault.headers), fault.body)
        status, headers, data = self.proxy.quirk(
            Request(self.command, self.path, dict(self.headers.items()), body), self._forward
        )
        if fault:
            return self._answer(body, fault.status, dict(fault.headers), fault.body)
        return self._answer(body, status, headers, data)

    def _forward(self, request: Request) -> Answer:
        where = self.proxy.target
        connection = http.client.HTTPConnection(where.hostname or "", where.port or 80, timeout=20)
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _HOP}
        try:
            connection.request(request.method, request.path, request.body or None, headers)
            answer = connection.getresponse()
            data = answer.read()
            return answer.status, {n: v for n, v in answer.getheaders() if n.lower() not in _HOP}, data
        finally:
            connection.close()

    def _answer(self, body: bytes, status: int | None, headers: dict[str, str], data: bytes) -> None:
        """Counted before it goes out: whoever has the answer may look at ``calls`` at once."""
        sent = len(self.requestline) + 2 + len(str(self.headers)) + len(body)
        received = 0
        if status is not None:
            self.send_response_only(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            received = sum(map(len, self._headers_buffer)) + 2 + len(data)
        self.close_connection = True
        self.proxy.calls.append(Call(self.command, self.path, status or 0, sent, received))
        if status is not None:
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(data)
