"""A message as the exact bytes that go out. Not here: words (templates) or sending (adapters).

Headers are written by hand. Python's own writer decodes ``=?…?=`` inside a name and so lets a line break through
(CVE-2024-6923 and its family, live on 3.11.7): here nothing a person typed is ever decoded, and what was written
is parsed again and compared with what was meant.
"""

from __future__ import annotations

import re
from base64 import b64encode, encodebytes
from binascii import b2a_qp
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.parser import BytesParser
from email.policy import compat32
from email.utils import format_datetime, getaddresses
from hashlib import sha256

from scheduler.content.wording import is_control
from scheduler.domain.errors import Refused
from scheduler.domain.message import Message

_CRLF = "\r\n"
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9][A-Za-z0-9.-]{0,252}")
_KEY = re.compile(r"[A-Za-z0-9._-]{1,100}")
_PLAIN_WORDS = re.compile(r"[A-Za-z0-9 !'*+/,;:.?&()_-]{1,60}")
_PHRASE = re.compile(r"[A-Za-z0-9 !'*+/_-]{1,60}")
_WORD_OCTETS = 39  # 52 in base64, 64 with its frame, 73 behind "Subject: "; RFC 2047 §2 allows 75 and 76


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a mail's body; ``types`` are those that a reader meets in it, its own first."""

    head: tuple[tuple[str, str], ...]
    body: str
    types: tuple[str, ...]


def to_bytes(message: Message, domain: str | None = None) -> bytes:
    """The mail with its words as its body; see ``sealed``."""
    return sealed(message, readable(message), domain)


def sealed(message: Message, body: Part, domain: str | None = None) -> bytes:
    """The mail with CRLF line ends, 7-bit clean; the same message and body give the same bytes.

    ``domain`` is the right side of the Message-ID, that of the sender's address where None.
    Raises: Refused where a name, address, subject or key cannot stand in a header as it is.
    """
    headers = [*_headers(message, domain or message.sender_address.rpartition("@")[2]), *body.head]
    data = (_lines_of(headers) + _CRLF * 2 + body.body).encode("ascii")
    _check(data, message, [name for name, _ in headers], body.types)
    return data


def readable(message: Message, *others: Part) -> Part:
    """The words as text and as html, and ``others`` that say the same to programs, the most telling last."""
    return branch("alternative", (_text("plain", message.text), _text("html", message.html), *others), message.key)


def branch(subtype: str, parts: tuple[Part, ...], seed: str) -> Part:
    """Parts side by side; two branches of one mail need two seeds."""
    # Holds "=_", which neither quoted-printable nor base64 text ever does.
    boundary = f"=_{sha256(seed.encode()).hexdigest()[:32]}"
    body = "".join(f"--{boundary}{_CRLF}{_lines_of(one.head)}{_CRLF * 2}{one.body}{_CRLF}" for one in parts)
    return Part(
        head=(("Content-Type", f'multipart/{subtype};{_CRLF} boundary="{boundary}"'),),
        body=f"{body}--{boundary}--{_CRLF}",
        types=(f"multipart/{subtype}", *(kind for one in parts for kind in one.types)),
    )


def in_base64(data: bytes, kind: str, parameters: str, *more: tuple[str, str]) -> Part:
    """Bytes that must arrive as they are, in base64: ``kind`` "text/calendar", ``parameters`` 'charset="utf-8"'."""
    head = (("Content-Type", f"{kind}; {parameters}"), ("Content-Transfer-Encoding", "base64"), *more)
    return Part(head, _ascii_lines(encodebytes(data)), (kind,))


def _lines_of(headers: Iterable[tuple[str, str]]) -> str:
    return _CRLF.join(f"{name}: {value}" for name, value in headers)


def _ascii_lines(encoded: bytes) -> str:
    return encoded.decode("ascii").replace("\n", _CRLF)


def _headers(message: Message, domain: str) -> Iterator[tuple[str, str]]:
    yield "From", _mailbox(sender_name(message), message.sender_address)
    yield "To", _mailbox(message.recipient_name, message.recipient_address)
    yield "Subject", _words(message.subject, _PLAIN_WORDS)
    yield "Date", format_datetime(message.date)
    yield "Message-ID", f"<{_matching(_KEY, message.key, 'key')}@{_matching(_KEY, domain, 'domain')}>"
    yield "Auto-Submitted", "auto-generated"
    yield "X-Auto-Response-Suppress", "All"
    yield "MIME-Version", "1.0"


def sender_name(message: Message) -> str:
    """The name before the sender's address, or "". Raises Refused where the two do not belong together."""
    end = f"<{message.sender_address}>"
    if message.sender != message.sender_address and not message.sender.endswith(end):
        raise Refused("the sender of a mail and its address do not belong together")
    return message.sender.removesuffix(end).removesuffix(" ") if message.sender.endswith(end) else ""


def _mailbox(name: str, address: str) -> str:
    address = _matching(_ADDRESS, address, "mail address")
    words = _words(name, _PHRASE)
    return f"{words}{_CRLF} <{address}>" if words else address


def _matching(pattern: re.Pattern[str], text: str, what: str) -> str:
    if not pattern.fullmatch(text):
        raise Refused(f"a {what} holds a character that a mail header cannot carry")
    return text


def _words(text: str, safe: re.Pattern[str]) -> str:
    """Plain words as they are, all else as encoded words of whole characters (RFC 2047 §5)."""
    if any(map(is_control, text)) or "=?" in text:
        raise Refused("a name or subject holds a control character, a direction mark or an encoded word")
    text = " ".join(text.split())
    if not text or safe.fullmatch(text):
        return text
    return f"{_CRLF} ".join(f"=?utf-8?b?{b64encode(part).decode()}?=" for part in _pieces(text))


def _pieces(text: str) -> Iterator[bytes]:
    piece = b""
    for octets in (char.encode() for char in text):
        if len(piece) + len(octets) > _WORD_OCTETS:
            yield piece
            piece = b""
        piece += octets
    yield piece


def _text(subtype: str, text: str) -> Part:
    """In quoted-printable, or base64 where that is shorter: letters beyond ASCII take three times their octets."""
    lines = "\n".join(text.splitlines()) + "\n"
    try:
        quoted = _ascii_lines(b2a_qp(lines.encode(), istext=True))
    except UnicodeEncodeError as err:
        raise Refused("a mail holds text that is not Unicode") from err
    kind, charset = f"text/{subtype}", 'charset="utf-8"'
    whole = in_base64(
        lines.replace("\n", _CRLF).encode(), kind, charset
    )  # RFC 2045 §6.8: line ends are made CRLF first
    if len(whole.body) < len(quoted):
        return whole
    head = (("Content-Type", f"{kind}; {charset}"), ("Content-Transfer-Encoding", "quoted-printable"))
    return Part(head, quoted, (kind,))


def _check(data: bytes, message: Message, meant: list[str], types: tuple[str, ...]) -> None:
    """Read the bytes as a stranger would: the headers meant and no other, to the one address meant."""
    parsed = BytesParser(policy=compat32).parsebytes(data)
    people = ((parsed["From"], message.sender_address), (parsed["To"], message.recipient_address))
    found = tuple(part.get_content_type() for part in parsed.walk())
    if sorted(parsed.keys()) != sorted(meant) or not all(_names(*one) for one in people) or found != types:
        raise Refused("a mail does not read back as it was meant")


def _names(header: str, address: str) -> bool:
    return [found for _, found in getaddresses([header])] == [address]
