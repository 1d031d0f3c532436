"""A server that breaks off at every step: what had certainly not left is Unavailable, what may have is Uncertain."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from typing import BinaryIO

import pytest

from scheduler.adapters.smtp import SmtpMailer, SmtpServer
from scheduler.domain.errors import Refused, Unavailable, Uncertain
from tests.contract.mailer_contract import MAIL, make_envelope
from tests.contract.smtp_server import free_port

HANG_UP, SILENCE = "hang up", "silence"
GOOD = {
    "BANNER": "220 hello",
    "EHLO": "250 hello",
    "MAIL": "250 ok",
    "RCPT": "250 ok",
    "DATA": "354 go on",
    "END": "250 2.0.0 ok",
}
LARGE = MAIL + b"a line of text that is not short at all\r\n" * 250_000


@dataclass
class Faulty:
    """A server that follows ``scripts``, one a connection (the last for all others), and notes what it took."""

    scripts: Sequence[dict[str, str]]
    connections: int = 0
    mails: list[bytes] = field(default_factory=list)

    def serve(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                peer, _ = listener.accept()
                script = GOOD | self.scripts[min(self.connections, len(self.scripts) - 1)]
                self.connections += 1
                threading.Thread(target=self.talk, args=(peer, script), daemon=True).start()

    def talk(self, peer: socket.socket, script: dict[str, str]) -> None:
        with suppress(OSError, ValueError), closing(peer), peer.makefile("rb") as lines:
            going = self.answer(peer, script["BANNER"])
            while going and (line := lines.readline()):
                verb = line[:4].decode().strip().upper()
                going = self.answer(peer, self.answer_to(verb, script))
                if going and verb == "DATA" and script["DATA"].startswith("354"):
                    going = self.take_mail(peer, lines, script)

    def answer_to(self, verb: str, script: dict[str, str]) -> str:
        first = script.get(verb, "250 ok")
        return script.get(f"SECOND {verb}", first) if self.mails else first

    def answer(self, peer: socket.socket, text: str) -> bool:
        if text == SILENCE:
            peer.recv(1)  # until the other side gives up
        elif text != HANG_UP:
            peer.sendall(text.encode() + b"\r\n")
            return not text.startswith("421")
        return False

    def take_mail(self, peer: socket.socket, lines: BinaryIO, script: dict[str, str]) -> bool:
        if script.get("BODY") == HANG_UP:
            lines.readline()
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return False
        body = []
        for line in iter(lines.readline, b".\r\n"):
            if not line:
                return False
            body.append(line)
        end = self.answer_to("END", script)
        if end.startswith("250"):
            self.mails.append(b"".join(body))
        return self.answer(peer, end) and script.get("AFTER") != HANG_UP


@contextmanager
def conversation(*scripts: dict[str, str], timeout_s: float = 5.0) -> Iterator[tuple[Faulty, SmtpMailer]]:
    faulty = Faulty(scripts)
    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=faulty.serve, args=(listener,), daemon=True).start()
    mailer = SmtpMailer(SmtpServer("127.0.0.1", listener.getsockname()[1], "none", timeout_s=timeout_s))
    try:
        yield faulty, mailer
    finally:
        mailer.close()
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def test_a_server_that_is_not_there_is_unavailable() -> None:
    mailer = SmtpMailer(SmtpServer("127.0.0.1", free_port(), "none"))
    with pytest.raises(Unavailable):
        mailer.send(make_envelope())
    with pytest.raises(Unavailable):
        mailer.check()


@pytest.mark.parametrize("step", ["BANNER", "EHLO", "MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("fault", [HANG_UP, "421 4.3.2 closing for sam@example.org", "999 what", "nonsense"])
def test_nothing_had_left_when_it_broke_before_the_body(step: str, fault: str) -> None:
    with conversation({step: fault, "HELO": fault}, {}) as (faulty, mailer):
        with pytest.raises(Unavailable) as caught:
            mailer.send(make_envelope())
        assert "example" not in str(caught.value)
        assert (faulty.connections, faulty.mails) == (1, [])
        mailer.send(make_envelope())
    assert faulty.mails == [MAIL.replace(b"\r\n.", b"\r\n..")]


def test_nothing_had_left_when_it_broke_inside_the_body() -> None:
    with conversation({"BODY": HANG_UP}, {}) as (faulty, mailer):
        with pytest.raises(Unavailable, match="while the mail was sent"):
            mailer.send(make_envelope(data=LARGE))
        mailer.send(make_envelope())
    assert (faulty.connections, len(faulty.mails)) == (2, 1)


@pytest.mark.parametrize("end", [HANG_UP, "nonsense", "999 what", "354 more"])
def test_after_the_final_dot_nobody_can_say(end: str) -> None:
    with conversation({"END": end}, {}) as (faulty, mailer):
        with pytest.raises(Uncertain):
            mailer.send(make_envelope())
        assert faulty.connections == 1
        mailer.send(make_envelope())
    assert (faulty.connections, len(faulty.mails)) == (2, 1)


def test_no_answer_in_time_after_the_final_dot_is_uncertain() -> None:
    with conversation({"END": SILENCE}, timeout_s=0.1) as (_, mailer), pytest.raises(Uncertain):
        mailer.send(make_envelope())


@pytest.mark.parametrize("step", ["BANNER", "EHLO", "MAIL", "RCPT", "DATA"])
def test_no_answer_in_time_before_that_is_unavailable(step: str) -> None:
    with conversation({step: SILENCE}, timeout_s=0.1) as (faulty, mailer), pytest.raises(Unavailable):
        mailer.send(make_envelope())
    assert faulty.connections == 1


@pytest.mark.parametrize(
    ("end", "error"),
    [
        ("421 4.3.0 closing", Unavailable),
        ("451 4.3.0 later", Unavailable),
        ("452 4.3.1 full", Unavailable),
        ("552 5.2.2 too big for sam@example.org", Refused),
        ("554 5.7.1 no", Refused),
    ],
)
def test_an_answer_to_the_final_dot_is_a_sure_one(end: str, error: type[Refused] | type[Unavailable]) -> None:
    with conversation({"END": end}, {}) as (faulty, mailer):
        with pytest.raises(error, match=end[:9]) as caught:
            mailer.send(make_envelope())
        assert "example" not in str(caught.value)
    assert faulty.connections == 1


def test_a_server_that_hangs_up_after_its_yes_has_the_mail_and_the_next_goes_over_a_new_connection() -> None:
    with conversation({"AFTER": HANG_UP}) as (faulty, mailer):
        assert mailer.send(make_envelope()) == "250 2.0.0"
        assert mailer.send(make_envelope()) == "250 2.0.0"
    assert (faulty.connections, len(faulty.mails)) == (2, 2)


def test_a_kept_connection_that_died_is_replaced_once_and_not_for_ever() -> None:
    with conversation({"AFTER": HANG_UP}, {"MAIL": HANG_UP}) as (faulty, mailer):
        mailer.send(make_envelope())
        with pytest.raises(Unavailable):
            mailer.send(make_envelope())
    assert (faulty.connections, len(faulty.mails)) == (2, 1)


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("fault", [HANG_UP, "421 4.4.2 idle too long"])
def test_a_kept_connection_that_the_server_ends_costs_no_mail(verb: str, fault: str) -> None:
    with conversation({f"SECOND {verb}": fault}, {}) as (faulty, mailer):
        mailer.send(make_envelope())
        mailer.send(make_envelope())
    assert (faulty.connections, len(faulty.mails)) == (2, 2)


def test_an_uncertain_mail_on_a_kept_connection_is_not_repeated_by_itself() -> None:
    with conversation({"SECOND END": HANG_UP}, {}) as (faulty, mailer):
        mailer.send(make_envelope())
        with pytest.raises(Uncertain):
            mailer.send(make_envelope())
    assert faulty.connections == 1


def test_a_mail_cut_short_by_ourselves_leaves_no_half_mail_in_the_next() -> None:
    with conversation({}) as (faulty, mailer):
        mailer.send(make_envelope())
        with pytest.raises(TypeError):
            mailer.send(make_envelope(data="no bytes"))
        mailer.send(make_envelope())
    assert (faulty.connections, len(faulty.mails)) == (2, 2)
