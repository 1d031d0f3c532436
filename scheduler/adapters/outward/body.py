"""What a server sends, unpacked and counted: nothing endless, nothing that swells. Not here: what it means."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from io import BytesIO

from scheduler.adapters.outward.limits import Limits
from scheduler.domain.errors import Unavailable

_CHUNK = 2**16
_GZIP = 16 + zlib.MAX_WBITS


def unpacked(chunks: Iterable[bytes], encoding: str, limits: Limits) -> BytesIO:
    """The whole body, in memory only. ``encoding`` is the Content-Encoding; only gzip is asked for.

    Raises Unavailable, without a subject, for what is too much or not whole.
    """
    counted = _Counted(chunks, limits)
    if encoding in {"", "identity"}:
        pieces = iter(counted)
    elif encoding in {"gzip", "x-gzip"}:
        pieces = _gunzipped(counted)
    else:
        raise Unavailable("sends what is packed in a way that is not understood; it is tried again")
    file = BytesIO()
    for piece in pieces:
        counted.allow(file.tell() + len(piece))
        file.write(piece)
    return file


class _Counted:
    """Chunks as they came, and what may become of them so far."""

    def __init__(self, chunks: Iterable[bytes], limits: Limits) -> None:
        self._chunks, self._limits = chunks, limits
        self._came = 0

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self._came += len(chunk)
            self.allow(self._came)  # packed emptiness is endless, too
            yield chunk

    def allow(self, size: int) -> None:
        """Raises Unavailable where a body of ``size`` bytes is too much for what came."""
        if size > self._limits.most_bytes:
            raise Unavailable(self._limits.much)
        if size > max(self._limits.ratio_from, self._limits.ratio * self._came):
            raise Unavailable("swells when it is unpacked, as no calendar does; publish it anew")


def _gunzipped(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """In small pieces, so that nothing grows before it is counted; several members may follow each other (RFC 1952)."""
    member = zlib.decompressobj(_GZIP)
    try:
        for chunk in chunks:
            while chunk:
                if member.eof:
                    member = zlib.decompressobj(_GZIP)
                yield member.decompress(chunk, _CHUNK)
                chunk = member.unconsumed_tail or member.unused_data
    except zlib.error:
        raise _broken() from None
    yield from _rest(member)


def _rest(member: zlib._Decompress) -> Iterator[bytes]:
    while not member.eof:
        piece = member.decompress(b"", _CHUNK)
        if not piece:
            raise _broken()
        yield piece


def _broken() -> Unavailable:
    return Unavailable("was cut off on its way; it is tried again")
