"""Hands mail to an SMTP server over one kept connection. Not here: the mail's bytes, when and how often to try.

smtplib opens the connection and logs in; MAIL, RCPT and DATA are our own, because only then do we know whether
the final dot had left: before it nothing was sent, after it nobody can say. Server texts may hold addresses, so
they are never passed on, not even as the cause of an error: the code and the enhanced code (RFC 3463) are.
"""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Lock
from typing import Literal

from scheduler.domain.errors import Refused, Unavailable, Uncertain
from scheduler.ports import Envelope

Security = Literal["starttls", "tls", "none"]

MAX_MAILS_A_CONNECTION = 100
# Sent as HELO name: the host's own name is nobody's business, and looking it up may take seconds.
_HELO = "[127.0.0.1]"
_ADDRESS = re.compile(r"[!-;=?-~]+@[!-;=?-~]+")
_ENHANCED = re.compile(rb"[245]\.\d{1,3}\.\d{1,3}\b")
# 530, 534, 535, 538: the login is wrong, not the mail. Source: RFC 4954 §6.
_LOGIN_CODES = frozenset({530, 534, 535, 538})


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where and how to hand over mail; user None means no login. With "starttls" nothing is ever sent in the clear."""

    host: str
    port: int
    security: Security = "starttls"
    user: str | None = field(default=None, repr=False)
    password: str = field(default="", repr=False)
    timeout_s: float = 30.0


class SmtpMailer:
    """Fulfils Mailer; any thread may send, one mail goes at a time."""

    def __init__(self, server: SmtpServer) -> None:
        self._server = server
        self._lock = Lock()
        self._session: smtplib.SMTP | None = None
        self._mails = 0

    def send(self, envelope: Envelope) -> str:
        """See Mailer; trouble before the server hears of this mail is Unavailable, whatever its code."""
        if not (_ADDRESS.fullmatch(envelope.sender) and _ADDRESS.fullmatch(envelope.recipient)):
            raise Refused("an address is not of the form name@host in plain ASCII")
        with self._lock:
            kept = self._session is not None and self._mails < MAX_MAILS_A_CONNECTION
            try:
                return self._hand_over(envelope)
            except _DiedError as err:
                # A kept connection may have died of old age long ago; a fresh one may not.
                if not kept:
                    raise Unavailable(str(err)) from None
            try:
                return self._hand_over(envelope)
            except _DiedError as err:
                raise Unavailable(str(err)) from None

    def check(self) -> None:
        """Open a connection and log in, without any mail. Raises Unavailable, with the step that went wrong."""
        with self._lock:
            self._drop()
            self._ready()

    def close(self) -> None:
        """Say goodbye; a later send connects anew."""
        with self._lock:
            self._drop()

    def _hand_over(self, envelope: Envelope) -> str:
        """Send over the connection, which stays ours only after an end that both sides know of."""
        session, self._session = self._ready(), None
        try:
            self._mails += 1
            _announce(session, envelope)
            said = _transfer(session, envelope.data)
        except (Refused, Unavailable):
            if _forgets_mail(session):
                self._session = session
            raise
        else:
            self._session = session
            return said
        finally:
            if self._session is None:
                session.close()

    def _ready(self) -> smtplib.SMTP:
        if self._mails >= MAX_MAILS_A_CONNECTION:
            self._drop()
        if self._session is None:
            self._session, self._mails = _connect(self._server), 0
        return self._session

    def _drop(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            # The answer to QUIT is not awaited: a dead server would hold us for the whole timeout.
            with suppress(OSError, smtplib.SMTPException):
                session.putcmd("QUIT")
            session.close()


class _DiedError(Exception):
    """The connection broke, or the server ended it with 421, before the final dot."""


def _connect(server: SmtpServer) -> smtplib.SMTP:
    """A greeted, encrypted, logged-in session. Raises Unavailable."""
    session: smtplib.SMTP | None = None
    try:
        session = _open(server)
        session.ehlo_or_helo_if_needed()
        if server.security == "starttls":
            session.starttls(context=ssl.create_default_context())
            session.ehlo_or_helo_if_needed()
        if server.user is not None:
            session.login(server.user, server.password)
        assert session.sock is not None
        # The final dot is a packet of its own: without this it would wait for the peer's delayed acknowledgement.
        session.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except (OSError, smtplib.SMTPException, UnicodeError) as err:
        if session is not None:
            session.close()
        raise Unavailable(f"the SMTP server cannot be used: {_why(err)}") from None
    return session


def _open(server: SmtpServer) -> smtplib.SMTP:
    where = (server.host, server.port, _HELO)
    if server.security == "tls":
        return smtplib.SMTP_SSL(*where, timeout=server.timeout_s, context=ssl.create_default_context())
    return smtplib.SMTP(*where, timeout=server.timeout_s)


def _why(err: Exception) -> str:
    """What went wrong, in words that are surely ours or the operating system's."""
    match err:
        case smtplib.SMTPServerDisconnected():
            return "the connection was closed"
        case smtplib.SMTPAuthenticationError():
            return f"the login was refused ({_code(err.smtp_code, err.smtp_error)})"
        case smtplib.SMTPResponseException():
            return f"it answered {_code(err.smtp_code, err.smtp_error)}"
        case smtplib.SMTPNotSupportedError():
            return "it does not offer STARTTLS or a login that we know"
        case ssl.SSLCertVerificationError():
            return "its certificate is not valid for this host"
        case TimeoutError():
            return "no answer in time"
        case UnicodeError():
            return "the host, user or password holds characters that SMTP cannot carry"
        case OSError():
            return err.strerror or type(err).__name__
    return type(err).__name__


def _forgets_mail(session: smtplib.SMTP) -> bool:
    """Whether the server is ready for the next mail after it did not take this one."""
    try:
        return session.rset()[0] == 250
    except (OSError, smtplib.SMTPException):
        return False


def _announce(session: smtplib.SMTP, envelope: Envelope) -> None:
    try:
        _expect(250, "MAIL", session.docmd("MAIL", f"FROM:<{envelope.sender}>"))
        _expect(250, "RCPT", session.docmd("RCPT", f"TO:<{envelope.recipient}>"))
        _expect(354, "DATA", session.docmd("DATA"))
    except (OSError, smtplib.SMTPException) as err:
        raise _DiedError(f"before the mail was sent: {_why(err)}") from None


def _transfer(session: smtplib.SMTP, data: bytes) -> str:
    try:
        session.send(_stuffed(data))
    except (OSError, smtplib.SMTPException) as err:
        raise _DiedError(f"while the mail was sent: {_why(err)}") from None
    try:
        session.send(b".\r\n")
        code, text = session.getreply()
    except (OSError, smtplib.SMTPException) as err:
        raise Uncertain(f"cut off after the last byte: {_why(err)}") from None
    if not 200 <= code <= 299:
        raise _refusal("the mail", code, text) or Uncertain("after the last byte the answer made no sense")
    return _code(code, text)


def _stuffed(data: bytes) -> bytes:
    """The mail with CRLF everywhere and leading dots doubled. Source: RFC 5321 §4.5.2, §2.3.8.

    A bare CR or LF would let a mail's text pose as the end of the mail to some servers.
    """
    lines = re.sub(rb"\r\n|\r|\n", b"\r\n", data)
    return re.sub(rb"(?m)^\.", b"..", lines) + (b"" if lines.endswith(b"\r\n") else b"\r\n")


def _expect(wanted: int, step: str, reply: tuple[int, bytes]) -> None:
    """Raises _DiedError for 421 and for nonsense, else what the code says."""
    code, text = reply
    if code == wanted or (code == 251 and step == "RCPT"):
        return
    refusal = _refusal(step, code, text)
    raise refusal if refusal and code != 421 else _DiedError(f"{step} was answered with {_code(code, text)}")


def _refusal(step: str, code: int, text: bytes) -> Refused | Unavailable | None:
    said = f"{step} was answered with {_code(code, text)}"
    if 400 <= code <= 499 or code in _LOGIN_CODES:
        return Unavailable(said)
    return Refused(said) if 500 <= code <= 599 else None


def _code(code: int, text: bytes | str) -> str:
    found = _ENHANCED.match(text.encode() if isinstance(text, str) else text)
    return f"{code} {found[0].decode()}" if found else str(code)
