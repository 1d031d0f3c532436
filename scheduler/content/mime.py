"""A message as the exact bytes that go out. Not here: words (templates) or sending (adapters).

Headers are written by hand. Python's own writer decodes ``=?…?=`` inside a name and so lets a line break through
(CVE-2024-6923 and its family, live on 3.11.7): here nothing a person typed is ever decoded, and what was written
is parsed again and compared with what was meant.
"""

from __future__ import annotations

import re
from base64 import b64encode, encodebytes
from binascii import b2a_qp
from collections.abc import Iterator
from email.message import Message as Parsed
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


def to_bytes(message: Message, domain: str | None = None) -> bytes:
    """The mail with CRLF line ends, 7-bit clean; the same message gives the same bytes.

    ``domain`` is the right side of the Message-ID, that of the sender's address where None.
    Raises: Refused where a name, address, subject or key cannot stand in a header as it is.
    """
    headers = [*_headers(message, domain or message.sender_address.rpartition("@")[2])]
    data = (_CRLF.join(f"{name}: {value}" for name, value in headers) + _CRLF * 2 + _body(message)).encode("ascii")
    _check(data, message, [name for name, _ in headers])
    return data


def _headers(message: Message, domain: str) -> Iterator[tuple[str, str]]:
    yield "From", _mailbox(_sender_name(message), message.sender_address)
    yield "To", _mailbox(message.recipient_name, message.recipient_address)
    yield "Subject", _words(message.subject, _PLAIN_WORDS)
    yield "Date", format_datetime(message.date)
    yield "Message-ID", f"<{_matching(_KEY, message.key, 'key')}@{_matching(_KEY, domain, 'domain')}>"
    yield "Auto-Submitted", "auto-generated"
    yield "X-Auto-Response-Suppress", "All"
    yield "MIME-Version", "1.0"
    yield "Content-Type", f'multipart/alternative;{_CRLF} boundary="{_boundary(message)}"'


def _sender_name(message: Message) -> str:
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


def _boundary(message: Message) -> str:
    """Holds "=_", which neither quoted-printable nor base64 text ever does."""
    return f"=_{sha256(message.key.encode()).hexdigest()[:32]}"


def _body(message: Message) -> str:
    start = f"--{_boundary(message)}"
    parts = (_part("plain", message.text), _part("html", message.html))
    return "".join(f"{start}{_CRLF}{part}{_CRLF}" for part in parts) + f"{start}--{_CRLF}"


def _part(subtype: str, text: str) -> str:
    """In quoted-printable, or base64 where that is shorter: letters beyond ASCII take three times their octets."""
    lines = "\n".join(text.splitlines()) + "\n"
    try:
        quoted = b2a_qp(lines.encode(), istext=True)
    except UnicodeEncodeError as err:
        raise Refused("a mail holds text that is not Unicode") from err
    packed = encodebytes(lines.replace("\n", _CRLF).encode())  # RFC 2045 §6.8: line ends are made CRLF beforehand
    name, encoded = ("base64", packed) if len(packed) < len(quoted) else ("quoted-printable", quoted)
    head = (f'Content-Type: text/{subtype}; charset="utf-8"', f"Content-Transfer-Encoding: {name}")
    return _CRLF.join((*head, "", encoded.decode("ascii").replace("\n", _CRLF)))


def _check(data: bytes, message: Message, meant: list[str]) -> None:
    """Read the bytes as a stranger would: the headers meant and no other, to the one address meant."""
    parsed = BytesParser(policy=compat32).parsebytes(data)
    people = ((parsed["From"], message.sender_address), (parsed["To"], message.recipient_address))
    if sorted(parsed.keys()) != sorted(meant) or not all(_names(*one) for one in people) or not _has_parts(parsed):
        raise Refused("a mail does not read back as it was meant")


def _names(header: str, address: str) -> bool:
    return [found for _, found in getaddresses([header])] == [address]


def _has_parts(parsed: Parsed) -> bool:
    parts = [part.get_content_type() for part in parsed.walk()]
    return parts == ["multipart/alternative", "text/plain", "text/html"]
