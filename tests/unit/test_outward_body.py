"""What a server sends is unpacked and counted. Not here: the network (tests/edge/test_outward)."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib
from collections.abc import Iterable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.adapters.outward.body import unpacked
from scheduler.adapters.outward.limits import USUAL, Limits
from scheduler.domain.errors import Unavailable

SMALL = Limits(most_bytes=1000, ratio=5, ratio_from=100)


def read(chunks: Iterable[bytes], encoding: str = "", limits: Limits = USUAL) -> bytes:
    file = unpacked(chunks, encoding, limits)
    file.seek(0)
    return file.read()


def in_chunks(data: bytes, size: int) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


@given(st.binary(max_size=2000), st.integers(1, 50))
def test_what_was_packed_is_unpacked_however_it_comes(data: bytes, size: int) -> None:
    assert read(in_chunks(gzip.compress(data), size), "gzip") == data
    assert read(in_chunks(data, size)) == data


def test_members_that_follow_each_other_are_one_body() -> None:
    assert read([gzip.compress(b"a") + gzip.compress(b"b"), gzip.compress(b"c")], "x-gzip") == b"abc"


def test_a_body_of_exactly_the_limit_is_taken() -> None:
    assert len(read([b"a" * 1000], limits=SMALL)) == 1000


@pytest.mark.parametrize("encoding", ["", "gzip"])
def test_an_endless_body_is_left_alone_at_the_limit(encoding: str) -> None:
    came = 0

    def endless() -> Iterator[bytes]:
        nonlocal came
        packer = zlib.compressobj(level=0, wbits=31)
        while True:
            chunk = b"a" * 100 if not encoding else packer.compress(b"a" * 100) + packer.flush(zlib.Z_SYNC_FLUSH)
            came += len(chunk)
            yield chunk

    with pytest.raises(Unavailable, match="is larger than 20 MB"):
        read(endless(), encoding, SMALL)
    assert came <= 1200


def test_packed_emptiness_has_an_end() -> None:
    empty = gzip.compress(b"")
    with pytest.raises(Unavailable, match="is larger than 20 MB"):
        read((empty for _ in range(1000)), "gzip", SMALL)


def test_a_bomb_is_noticed_before_it_takes_memory() -> None:
    bomb = gzip.compress(b"\0" * 100_000_000)
    tracemalloc.start()
    with pytest.raises(Unavailable, match="swells when it is unpacked"):
        read(in_chunks(bomb, 2**16), "gzip")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8_000_000


def test_a_small_body_may_swell() -> None:
    assert read([gzip.compress(b"\n" * 1_000_000)], "gzip") == b"\n" * 1_000_000


def test_only_what_is_asked_for_is_unpacked() -> None:
    for encoding in ("br", "zstd", "deflate", "gzip, gzip", "gzip, br"):
        with pytest.raises(Unavailable, match="packed in a way"):
            read([b""], encoding)


PACKED = gzip.compress(b"a" * 1000, mtime=0)  # the same on every worker, and so the name of its test


@pytest.mark.parametrize("data", [b"", PACKED[:-1], PACKED[:15], b"BEGIN:VCALENDAR", b"\x1f\x8b"])
def test_half_of_what_was_packed_is_never_taken_for_all(data: bytes) -> None:
    with pytest.raises(Unavailable, match="was cut off"):
        read([data], "gzip")


def test_bytes_that_changed_on_their_way_are_noticed() -> None:
    data = bytearray(gzip.compress(b"BEGIN:VCALENDAR" * 100))
    data[-6] ^= 1  # in the check sum
    with pytest.raises(Unavailable, match="was cut off"):
        read([bytes(data)], "gzip")
