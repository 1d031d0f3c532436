"""One request to a server that somebody named: it leads where it may, takes what it should, and tells it in our words.

Not here: what is common to every way out (test_outward, test_outward_inside, test_outward_tls).
"""

from __future__ import annotations

import gzip
import logging
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from threading import Thread
from typing import Any

import pytest
import trustme

from scheduler.adapters.outward.exchange import Exchange, Reply
from scheduler.adapters.outward.limits import NAMED
from scheduler.adapters.system import SystemClock
from scheduler.domain.errors import Unavailable
from tests.servers.proxy import FaultProxy, Forward, Request
from tests.servers.published import Answer, Asked, Published, answer

pytestmark = pytest.mark.slow

EXCHANGE = Exchange(SystemClock())
SECRET = "/sam/canary.ics"


def limited(**limits: Any) -> Exchange:
    return Exchange(SystemClock(), limits=replace(NAMED, **limits))


def ask(url: str, exchange: Exchange = EXCHANGE, *, inside: bool = True) -> Reply:
    return exchange("GET", url, headers={}, body=b"", inside=inside)


@contextmanager
def in_thread(serve: Callable[[socket.socket], None], listening: socket.socket) -> Iterator[None]:
    thread = Thread(target=serve, args=(listening,), daemon=True)
    thread.start()
    yield
    thread.join(5)


Serve = Callable[[Answer], Published]


@pytest.fixture
def serve() -> Iterator[Serve]:
    running: list[Published] = []

    def start(says: Answer) -> Published:
        running.append(Published(says).__enter__())
        return running[-1]

    yield start
    for one in running:
        one.__exit__()


def test_a_request_arrives_as_it_was_meant_and_its_answer_comes_back_whole() -> None:
    came: list[Request] = []

    def says(request: Request, _: Forward) -> tuple[int, dict[str, str], bytes]:
        came.append(request)
        return 207, {"ETag": "7"}, b"said"

    with FaultProxy("http://127.0.0.1:9") as proxy:
        proxy.quirk = says
        reply = EXCHANGE("REPORT", f"{proxy.url}/a%20b/?c=d", headers={"Depth": "1"}, body=b"asked", inside=True)
    assert (reply.status, reply.headers["etag"], reply.body) == (207, "7", b"said")
    assert (came[0].method, came[0].path, came[0].body) == ("REPORT", "/a%20b/?c=d", b"asked")
    assert dict(came[0].headers) == {
        "Host": proxy.url.removeprefix("http://"),
        "Accept-Encoding": "identity",
        "Connection": "close",
        "Content-Length": "5",
        "Depth": "1",
    }


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PROPFIND"])
def test_a_body_that_is_not_there_is_said_to_be_empty(serve: Serve, method: str) -> None:
    server = serve(lambda _: answer(204))
    assert EXCHANGE(method, server.url(), headers={}, body=b"", inside=True).status == 204
    assert server.asked[0].headers["content-length"] == "0"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308, 401, 403, 404, 412, 429, 500, 507])
def test_a_status_is_an_answer_and_nothing_is_followed(serve: Serve, status: int) -> None:
    server = serve(lambda _: answer(status, location="/elsewhere", www_authenticate="Basic", body=b"said"))
    reply = ask(server.url())
    assert (reply.status, reply.headers["location"], reply.body) == (status, "/elsewhere", b"said")
    assert server.connections == 1


def test_each_request_has_a_connection_of_its_own_and_no_cookie(serve: Serve) -> None:
    server = serve(lambda _: [b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nSet-Cookie: a=b\r\n\r\n"])
    for _ in range(2):
        ask(server.url())
    assert server.connections == 2
    assert ["cookie" in asked.headers for asked in server.asked] == [False, False]


@pytest.mark.parametrize("etag", [b'"\xe9"', b'"\xc3\xa9"', b'W/"7"'])
def test_a_header_goes_back_as_it_came(etag: bytes) -> None:
    """Servers may put any letters into an ETag (RFC 9110 §8.8.3)."""
    came: list[bytes] = []

    def serve_twice(listening: socket.socket) -> None:
        for _ in range(2):
            line, _ = listening.accept()
            with line:
                came.append(line.recv(4096))
                line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nETag: " + etag + b"\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listening, in_thread(serve_twice, listening):
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        tag = ask(url).headers["etag"]
        EXCHANGE("GET", url, headers={"If-Match": tag}, body=b"", inside=True)
    assert b"If-Match: " + etag + b"\r\n" in came[1]


def test_of_several_headers_with_one_name_none_is_lost(serve: Serve) -> None:
    server = serve(lambda _: [b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nDAV: 1, 2\r\nDav: calendar-access\r\n\r\n"])
    assert ask(server.url()).headers["dav"] == "1, 2, calendar-access"


@pytest.mark.parametrize("body", [b"", gzip.compress(b"said", mtime=0)])
def test_what_is_packed_unasked_is_unpacked(serve: Serve, body: bytes) -> None:
    server = serve(lambda _: answer(200, body, content_encoding="gzip"))
    assert ask(server.url()).body == (b"said" if body else b"")


@pytest.mark.parametrize("packed", [True, False])
def test_what_is_too_long_is_left_alone(serve: Serve, packed: bool) -> None:
    body = b"x" * 2_000_000
    given = (gzip.compress(body), "gzip") if packed else (body, "identity")
    server = serve(lambda _: answer(200, given[0], content_encoding=given[1]))
    with pytest.raises(Unavailable, match="far too long"):
        ask(server.url(), limited(most_bytes=1_000_000))


@pytest.mark.parametrize(
    "chunks", [[], [b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", b"half"], [b"canary\r\n\r\n"]]
)
def test_what_is_not_whole_is_never_taken_for_all(serve: Serve, chunks: list[bytes]) -> None:
    with pytest.raises(Unavailable, match="ended halfway") as caught:
        ask(serve(lambda _: chunks).url(SECRET))
    assert "canary" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0x7f.1", "2130706433"])
@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_no_address_leads_inside_unless_somebody_says_so(serve: Serve, host: str, method: str) -> None:
    server = serve(lambda _: answer())
    for _ in range(2):
        with pytest.raises(Unavailable, match="--inside allows that"):
            EXCHANGE(method, f"https://{host}:{server.port}/", headers={}, body=b"", inside=False)
    assert server.connections == 0
    assert ask(server.url(host=host)).status == 200


@pytest.mark.parametrize(
    "url", ["http://calendar.example.org/", "file:///etc/passwd", "https://sam:canary@example.org/", "https://[::1"]
)
def test_an_address_that_is_not_asked_is_told_without_it(url: str) -> None:
    with pytest.raises(Unavailable, match="has an address that is not asked") as caught:
        ask(url, inside=False)
    assert "canary" not in str(caught.value)


def test_proxies_of_the_environment_are_not_used(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    trap, server = serve(lambda _: answer()), serve(lambda _: answer())
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, trap.url(""))
    assert ask(server.url()).status == 200
    assert trap.connections == 0


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_an_answer_that_drips_for_ever_ends(scheme: str) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)

    def tls() -> ssl.SSLContext:
        trusting = ssl.create_default_context()
        authority.configure_trust(trusting)
        return trusting

    def drip(_: Asked) -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"
        while not server.over.wait(0.02):
            yield b"x"

    exchange = Exchange(SystemClock(), limits=replace(NAMED, total_s=0.5), tls=tls)
    with Published(drip, tls=context if scheme == "https" else None) as server:
        with pytest.raises(Unavailable, match="takes too long"):
            ask(server.url(), exchange)
        assert server.sent < 1000


def test_a_server_that_says_nothing_is_not_waited_for(serve: Serve) -> None:
    server = serve(lambda _: [b""] if server.over.wait(5) else [])
    with pytest.raises(Unavailable, match="takes too long"):
        ask(server.url(), limited(wait_s=0.1))


def test_no_log_line_holds_an_address_a_login_or_an_answer(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    server = serve(lambda _: answer(302, location=SECRET, body=b"canary"))
    with caplog.at_level(logging.DEBUG):
        headers = {"Authorization": "Basic canary"}
        Exchange(SystemClock())("PUT", server.url(SECRET), headers=headers, body=b"canary", inside=True)
    assert [line for line in caplog.messages if "canary" in line] == []
