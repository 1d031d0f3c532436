"""An SMTP server that writes each mail it accepts into a ledger, durably, before it says so. Not here: judging them.

A trap makes it call back in the midst of a mail: that is how a test kills the client between our yes and its record.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import socketserver
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

STAGES = ("announced", "half sent", "last byte sent", "in the ledger")


class Sink:
    """Listens on loopback from ``with`` to its end; ``now`` is the scenario's time, written beside each mail."""

    def __init__(self, ledger: Path) -> None:
        self.now = ""
        self._ledger = ledger
        self._trap: tuple[str, int, Callable[[], None]] | None = None
        self._turn = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Talk)
        self._server.sink = self
        self.port: int = self._server.server_address[1]

    def __enter__(self) -> Sink:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, err: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def set_trap(self, stage: str, nth: int, spring: Callable[[], None]) -> None:
        """Call ``spring`` when a mail comes to the stage for the nth time from now."""
        with self._turn:
            self._trap = (stage, nth, spring)

    def clear_trap(self) -> None:
        with self._turn:
            self._trap = None

    def springs(self, stage: str) -> bool:
        """Whether the trap was for this; it springs only once."""
        with self._turn:
            if self._trap is None or self._trap[0] != stage:
                return False
            _, left, spring = self._trap
            self._trap = (stage, left - 1, spring) if left > 1 else None
            if left == 1:
                spring()
            return left == 1

    def accept(self, recipient: str, data: bytes) -> None:
        head = data.partition(b"\r\n\r\n")[0].decode()
        named = dict(re.findall(r"(?m)^(Message-ID|Subject): ((?:.|\n[ \t])*?)\r?$", head))
        line = {
            "id": named["Message-ID"].strip(" <>"),
            "to": recipient,
            "sha": hashlib.sha256(data).hexdigest(),
            "subject": named["Subject"],
            "now": self.now,
        }
        with self._turn, self._ledger.open("ab") as file:
            file.write(json.dumps(line).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    sink: Sink

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that died is what this server is for; anything else shows as a mail that is not in the ledger."""


class _Talk(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        self._say("220 sink")
        recipient = ""
        while (line := self.rfile.readline()).endswith(b"\r\n"):
            match line[:4].upper():
                case b"RCPT":
                    recipient = line.decode().partition("<")[2].partition(">")[0]
                    self._stage("announced")
                    self._say("250 fine")
                case b"DATA":
                    self._say("354 go on")
                    if (data := self._data()) is None:
                        return
                    self.server.sink.accept(recipient, data)
                    self._stage("in the ledger")
                    self._say("250 2.0.0 taken")
                case b"QUIT":
                    return
                case _:
                    self._say("250 fine")

    def _data(self) -> bytes | None:
        lines: list[bytes] = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line.endswith(b"\r\n"):
                return None
            if not lines:
                self._stage("half sent")
            lines.append(line.removeprefix(b"."))
        self._stage("last byte sent")
        return b"".join(lines)

    def _say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")

    def _stage(self, name: str) -> None:
        """Where the trap was for this, the client is dead or dying: wait for its end, then hang up."""
        if self.server.sink.springs(name):
            while self.rfile.readline():
                pass
            raise ConnectionAbortedError
