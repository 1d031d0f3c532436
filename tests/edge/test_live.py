"""The live view answers this machine, read-only, and nobody else."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from scheduler.domain.errors import Unavailable
from scheduler.web.live import HEADERS, LiveView


class Pages:
    """Counts how often it was read; never changes otherwise."""

    def __init__(self) -> None:
        self.reads = 0
        self.locked = False

    def __call__(self) -> str:
        self.reads += 1
        if self.locked:
            raise Unavailable("locked")
        return "<!doctype html><title>Ours</title>grüße"


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[str, Pages]]:
    """One server for all claims: it keeps no state that they could share."""
    pages = Pages()
    view = LiveView(pages, port=0)
    yield view.start(), pages
    view.stop()


@pytest.fixture
def address(served: tuple[str, Pages]) -> str:
    return served[0]


@pytest.fixture
def pages(served: tuple[str, Pages]) -> Iterator[Pages]:
    served[1].reads = 0
    yield served[1]
    served[1].locked = False


def ask(
    address: str, method: str = "GET", path: str = "/", host: str | None = None
) -> tuple[http.client.HTTPResponse, bytes]:
    where = urlsplit(address)
    connection = http.client.HTTPConnection(where.hostname or "", where.port or 0, timeout=10)
    try:
        connection.request(method, path, headers={"Host": where.netloc if host is None else host})
        answer = connection.getresponse()
        return answer, answer.read()
    finally:
        connection.close()


def test_the_page_is_served_with_every_protective_header(address: str) -> None:
    answer, body = ask(address)
    assert (answer.status, body.decode()) == (200, "<!doctype html><title>Ours</title>grüße")
    assert answer.getheader("Content-Type") == "text/html; charset=utf-8"
    assert {name: answer.getheader(name) for name in HEADERS} == HEADERS
    assert answer.getheader("Server") is None


def test_the_address_is_on_loopback_with_its_real_port(address: str) -> None:
    where = urlsplit(address)
    assert (where.scheme, where.hostname, where.path) == ("http", "127.0.0.1", "/")
    assert where.port


def test_head_answers_without_a_body(address: str) -> None:
    answer, body = ask(address, "HEAD")
    assert (answer.status, body) == (200, b"")


def test_every_get_reads_the_page_again_and_answers_alike(address: str, pages: Pages) -> None:
    assert ask(address)[1] == ask(address)[1]
    assert pages.reads == 2


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_every_other_method_is_refused_and_reads_nothing(address: str, pages: Pages, method: str) -> None:
    answer, _ = ask(address, method)
    assert answer.status == 405
    assert answer.getheader("Content-Security-Policy")
    assert pages.reads == 0


@pytest.mark.parametrize("path", ["/x", "//", "/index.html", "/../etc/passwd", "/%2e%2e/"])
def test_every_other_path_is_unknown(address: str, pages: Pages, path: str) -> None:
    assert ask(address, path=path)[0].status == 404
    assert pages.reads == 0


@pytest.mark.parametrize(
    "host", ["evil.example.org", "127.0.0.1.example.org", "192.168.1.2", "", "localhost@example.org"]
)
def test_a_foreign_host_name_is_refused(address: str, pages: Pages, host: str) -> None:
    answer, body = ask(address, host=host)
    assert answer.status == 400
    assert b"Ours" not in body
    assert pages.reads == 0


def test_localhost_is_this_machine_too(address: str) -> None:
    assert ask(address, host="localhost:8080")[0].status == 200


def test_a_busy_store_asks_to_come_back_and_tells_nothing(address: str, pages: Pages) -> None:
    pages.locked = True
    answer, body = ask(address)
    assert answer.status == 503
    assert b"locked" not in body


def test_a_taken_port_says_so_at_start(address: str, pages: Pages) -> None:
    with pytest.raises(OSError, match="in use"):
        LiveView(pages, port=urlsplit(address).port or 0).start()


def test_a_stopped_view_frees_its_port(pages: Pages) -> None:
    view = LiveView(pages, port=0)
    address = view.start()
    view.stop()
    view.stop()
    with pytest.raises(ConnectionRefusedError):
        ask(address)
