"""Fetching from real servers on loopback: what is whole is taken once, what is not is told in words of our own.

Not here: addresses that lead inside (test_outward_inside), certificates (test_outward_tls).
"""

from __future__ import annotations

import gzip
import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from scheduler.adapters.memory import MemoryClock
from scheduler.adapters.outward.client import Fetched, Outward
from scheduler.adapters.outward.limits import Limits
from scheduler.adapters.system import SystemClock
from scheduler.domain.errors import Unavailable
from scheduler.ports import Clock
from tests.build import at
from tests.servers.published import Answer, Asked, Published, answer

pytestmark = pytest.mark.slow

CALENDAR = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"
SECRET = "/private-0123456789abcdef/calendar.ics?key=canary"
NOON = at("2026-11-23 12:00")


def outward(server: Published, clock: Clock | None = None, **limits: Any) -> Outward:
    kept = Limits(ports=frozenset({server.port}), plain=True, **limits)
    return Outward(clock or SystemClock(), limits=kept, trusted=lambda address: address == "127.0.0.1")


@pytest.fixture
def serve() -> Iterator[Callable[[Answer], Published]]:
    running: list[Published] = []

    def start(says: Answer) -> Published:
        running.append(Published(says).__enter__())
        return running[-1]

    yield start
    for one in running:
        one.__exit__()


Serve = Callable[[Answer], Published]


def taken(fetched: Fetched | None) -> bytes:
    assert fetched is not None
    fetched.file.seek(0)
    return fetched.file.read()


def refusal(server: Published, **limits: Any) -> Unavailable:
    with pytest.raises(Unavailable) as caught:
        outward(server, MemoryClock(NOON) if not limits else None, **limits).get(server.url(SECRET))
    for secret in ("canary", "0123456789abcdef", "127.0.0.1", str(server.port)):
        assert secret not in str(caught.value)
    assert caught.value.__cause__ is None
    return caught.value


def test_what_is_published_is_fetched(serve: Serve) -> None:
    server = serve(lambda _: answer(body=CALENDAR, content_type="Text/Calendar; charset=utf-8"))
    fetched = outward(server).get(server.url(SECRET))
    assert taken(fetched) == CALENDAR
    assert fetched is not None
    assert fetched.kind == "text/calendar; charset=utf-8"
    assert server.asked[0].target == SECRET


def test_a_request_says_who_asks_and_nothing_more(serve: Serve) -> None:
    server = serve(lambda _: answer(set_cookie="a=b", body=CALENDAR))
    client = outward(server)
    client.get(server.url())
    client.get(server.url())
    assert [dict(asked.headers) for asked in server.asked] == [
        {
            "host": f"127.0.0.1:{server.port}",
            "user-agent": "couple-rituals",
            "accept": "text/calendar, */*;q=0.1",
            "accept-encoding": "gzip",
        }
    ] * 2


def test_what_is_packed_is_unpacked(serve: Serve) -> None:
    server = serve(lambda _: answer(body=gzip.compress(CALENDAR), content_encoding="gzip"))
    assert taken(outward(server).get(server.url())) == CALENDAR


def test_a_body_in_chunks_is_put_together(serve: Serve) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    server = serve(lambda _: [head, b"5\r\nBEGIN\r\n", b"4\r\n:VCA\r\n0\r\n\r\n"])
    assert taken(outward(server).get(server.url())) == b"BEGIN:VCA"


def test_what_did_not_change_is_not_sent_again(serve: Serve) -> None:
    def says(asked: Asked) -> list[bytes]:
        known = (asked.headers.get("if-none-match"), asked.headers.get("if-modified-since"))
        marks: dict[str, Any] = {"etag": 'W/"7"', "last_modified": "Mon, 23 Nov 2026 08:00:00 GMT"}
        return answer(304, **marks) if known == tuple(marks.values()) else answer(body=CALENDAR, **marks)

    server = serve(says)
    client = outward(server)
    first = client.get(server.url())
    assert first is not None
    assert client.get(server.url(), first.mark) is None
    assert client.get(server.url("/other.ics"), first.mark) is not None


def test_a_server_that_marks_nothing_is_asked_for_all_of_it(serve: Serve) -> None:
    server = serve(lambda _: answer(body=CALENDAR))
    fetched = outward(server).get(server.url())
    assert fetched is not None
    assert fetched.mark is None


@pytest.mark.parametrize("etag", ["a" * 500, "a" * 5000])
def test_a_mark_of_absurd_length_is_not_kept(serve: Serve, etag: str) -> None:
    server = serve(lambda _: answer(body=CALENDAR, etag=etag))
    fetched = outward(server).get(server.url())
    assert fetched is not None
    assert fetched.mark is None


def test_unchanged_is_not_believed_where_nothing_was_known(serve: Serve) -> None:
    assert "cannot be had" in str(refusal(serve(lambda _: answer(304))))


def test_a_redirect_is_followed_and_its_end_is_what_is_marked(serve: Serve) -> None:
    def says(asked: Asked) -> list[bytes]:
        if asked.target == "/calendar.ics":
            return answer(302, location="/elsewhere.ics", etag="wrong")
        return answer(304) if "if-none-match" in asked.headers else answer(body=CALENDAR, etag="right")

    server = serve(says)
    client = outward(server)
    first = client.get(server.url())
    assert first is not None
    assert client.get(server.url(), first.mark) is None
    assert [asked.headers.get("if-none-match") for asked in server.asked] == [None, None, None, "right"]


def test_three_redirects_are_followed_and_a_fourth_is_not(serve: Serve) -> None:
    def says(asked: Asked) -> list[bytes]:
        left = int(asked.target[1:])
        return answer(302, location=f"/{left - 1}") if left else answer(body=CALENDAR)

    server = serve(says)
    assert taken(outward(server).get(server.url("/3"))) == CALENDAR
    with pytest.raises(Unavailable, match="leads on and on"):
        outward(server).get(server.url("/4"))
    assert len(server.asked) == 8


def test_a_redirect_to_nowhere_is_told(serve: Serve) -> None:
    with pytest.raises(Unavailable, match="leads on and on"):
        outward(server := serve(lambda _: answer(302))).get(server.url())


@pytest.mark.parametrize(
    ("status", "said"),
    [(401, "asks for a login"), (403, "asks for a login"), (404, "is no longer published there"),
     (410, "is no longer published there"), (400, "cannot be had"), (429, "cannot be had"), (500, "cannot be had"),
     (503, "cannot be had"), (204, "cannot be had"), (206, "cannot be had"), (300, "cannot be had"),
     (999, "cannot be had")],
)  # fmt: skip
def test_each_refusal_says_what_to_do(serve: Serve, status: int, said: str) -> None:
    err = refusal(serve(lambda _: answer(status, b"canary 0123456789abcdef", www_authenticate="Basic realm=canary")))
    assert str(err).startswith(said)
    assert err.retry_after is None
    assert str(status) not in str(err)


@pytest.mark.parametrize(
    ("named", "later"),
    [
        ("120", timedelta(minutes=2)), ("0", timedelta(0)), ("99999999999999999999", timedelta(days=1)),
        ("Mon, 23 Nov 2026 12:30:00 GMT", timedelta(minutes=30)),
        ("Mon, 23 Nov 2026 13:30:00 +0100", timedelta(minutes=30)),
        ("Mon, 23 Nov 2026 12:30:00 -0000", timedelta(minutes=30)),
        ("Sun, 22 Nov 2026 12:30:00 GMT", timedelta(0)), ("Mon, 23 Nov 2099 12:30:00 GMT", timedelta(days=1)),
        ("soon", None), ("-5", None), ("1.5", None), ("\u0665", None), ("Mon, 99 Nov 2026 12:30:00 GMT", None),
        ("Mon, 23 Nov 99999999999999999999 12:30:00 GMT", None),
    ],
)  # fmt: skip
def test_a_time_that_the_server_names_is_honoured(serve: Serve, named: str, later: timedelta | None) -> None:
    head = b"HTTP/1.1 503 Later\r\nContent-Length: 0\r\nRetry-After: " + named.encode() + b"\r\n\r\n"
    assert refusal(serve(lambda _: [head])).retry_after == later


LENGTH = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n"


@pytest.mark.parametrize(
    "chunks",
    [
        [], [b"HTTP/1.1 200"], [b"\x00\x01\x02canary\r\n\r\n"], [b"HTTP/9.9 canary\r\n\r\n"],
        [b"HTTP/1.1 200 OK\r\ncanary\r\n\r\n"], [LENGTH % 100, b"BEGIN:VCALENDAR\r\n"],
        [b"HTTP/1.1 200 OK\r\nContent-Length: canary\r\n\r\n"],
        [b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n12"],
        [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"canary\r\n"],
        [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"ff\r\nBEGIN"],
        [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", b"canary"],
        [b"HTTP/1.1 200 OK\r\n" + b"X: canary\r\n" * 20_000 + b"\r\n"],
    ],
)  # fmt: skip
def test_what_is_not_whole_is_never_taken_for_all(serve: Serve, chunks: list[bytes]) -> None:
    assert str(refusal(serve(lambda _: chunks))).startswith("cannot be reached, or ended halfway")


def test_a_length_that_is_too_short_hides_nothing(serve: Serve) -> None:
    server = serve(lambda _: [LENGTH % 5, b"BEGIN:VCALENDAR\r\n"])
    assert taken(outward(server).get(server.url())) == b"BEGIN"  # and that is no calendar


def test_a_server_that_is_not_there_is_told() -> None:
    with Published(lambda _: answer()) as server:
        url = server.url(SECRET)
    with pytest.raises(Unavailable, match="cannot be reached") as caught:
        outward(server).get(url)
    assert "canary" not in str(caught.value)


def test_an_endless_body_is_left_alone(serve: Serve) -> None:
    def endless(_: Asked) -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\n\r\n"
        while True:
            yield b"a" * 100_000

    server = serve(endless)
    assert str(refusal(server)).startswith("is larger than 20 MB")
    assert server.sent < 40_000_000


def test_a_bomb_is_left_alone(serve: Serve) -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    server = serve(lambda _: answer(body=bomb, content_encoding="gzip"))
    assert str(refusal(server)).startswith("swells when it is unpacked")


def dripping(server: list[Published], first: Iterable[bytes], drop: bytes) -> Answer:
    def drip(_: Asked) -> Iterator[bytes]:
        yield from first
        while not server[0].over.wait(0.02):
            yield drop

    return drip


@pytest.mark.parametrize(
    ("first", "drop"),
    [([b"HTTP/1.1 200 OK\r\n\r\n"], b"a"), ([b"HTTP/1.1 200 OK\r\n"], b"X: a\r\n"), ([], b"HTTP/1.1 102 Wait\r\n\r\n"),
     ([b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n", gzip.compress(b"")[:10]], b"\x00\x00\x00\xff\xff")],
)  # fmt: skip
def test_a_server_that_drips_is_left_alone_in_time(serve: Serve, first: list[bytes], drop: bytes) -> None:
    holder: list[Published] = []
    server = serve(dripping(holder, first, drop))
    holder.append(server)
    assert str(refusal(server, total_s=0.3)).startswith("takes too long to answer")


def test_what_comes_after_the_time_is_not_taken(serve: Serve) -> None:
    clock = MemoryClock(NOON)

    def says(_: Asked) -> Iterator[bytes]:
        clock.advance(timedelta(seconds=20))
        yield LENGTH % 100

    server = serve(says)
    with pytest.raises(Unavailable, match="takes too long to answer"):
        outward(server, clock).get(server.url())


def test_a_server_that_says_nothing_is_left_alone_in_time(serve: Serve) -> None:
    server = serve(lambda _: [b""] if server.over.wait(5) else [])
    assert str(refusal(server, total_s=5, wait_s=0.1)).startswith("takes too long to answer")


def test_a_name_that_is_looked_up_for_ever_is_left_alone_in_time(serve: Serve) -> None:
    server = serve(lambda _: answer())
    limits = Limits(ports=frozenset({server.port}), plain=True, total_s=0.1)
    client = Outward(SystemClock(), limits=limits, resolve=lambda host, port: ["8.8.8.8"] * server.over.wait(5))
    with pytest.raises(Unavailable, match="takes too long to answer"):
        client.get(server.url(host="calendar.test"))


def test_an_address_of_a_host_that_does_not_answer_is_not_the_last(serve: Serve) -> None:
    server = serve(lambda _: answer(body=CALENDAR))
    limits = Limits(ports=frozenset({server.port}), plain=True)
    client = Outward(
        SystemClock(), limits=limits, trusted=lambda _: True, resolve=lambda host, port: ["::1", "127.0.0.1"]
    )
    assert taken(client.get(server.url(host="calendar.test"))) == CALENDAR
    assert server.asked[0].headers["host"] == f"calendar.test:{server.port}"


def test_no_log_line_holds_a_published_address(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    def says(asked: Asked) -> list[bytes]:
        return answer(302, location=SECRET) if asked.target.startswith("/first") else answer(body=b"canary")

    server = serve(says)
    with caplog.at_level(logging.DEBUG):
        outward(server).get(server.url("/first?canary"))
    assert len(server.asked) == 2
    assert [line for line in caplog.messages if "canary" in line or "0123456789abcdef" in line] == []
