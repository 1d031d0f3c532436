"""Lays mail into a Maildir for each partner, which any mail program can open. Not here: mail that leaves the host."""

from __future__ import annotations

import os
import re
from email.parser import BytesHeaderParser
from email.utils import parsedate_to_datetime
from pathlib import Path

from scheduler.domain.errors import Refused, Unavailable
from scheduler.ports import Envelope

_SAFE = re.compile(r"[A-Za-z0-9_-]{1,120}")


class MaildirMailer:
    """Fulfils Mailer with ``path/<partner>/{tmp,new,cur}``.

    The file is called "<seconds of its Date, or 0>.<key>.rituals", so a mail that is sent again finds itself
    while it still stands in new or cur, whatever flags a reader gave it. Lines end in LF, as Maildir readers expect.
    Source: https://cr.yp.to/proto/maildir.html.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def send(self, envelope: Envelope) -> str:
        """See Mailer. Raises Refused for a key or partner that cannot be part of a file name."""
        if not (_SAFE.fullmatch(envelope.key) and _SAFE.fullmatch(envelope.partner)):
            raise Refused("this key or partner cannot be part of a file name")
        try:
            return _deliver(self._path / envelope.partner, envelope)
        except OSError as err:
            raise Unavailable(f"the Maildir cannot be written ({err.strerror})") from err

    def close(self) -> None:
        """A folder keeps no connection."""


def _deliver(box: Path, envelope: Envelope) -> str:
    for part in ("tmp", "new", "cur"):
        (box / part).mkdir(mode=0o700, parents=True, exist_ok=True)
    name = f"{_sent_at_s(envelope.data)}.{envelope.key}.rituals"
    # A reader adds ":2,S" and the like behind the name, Dovecot also ",S=1234".
    if any(found.name.startswith(name) for part in ("new", "cur") for found in (box / part).iterdir()):
        return "was in the Maildir already"
    with (box / "tmp" / name).open("wb") as file:
        file.write(envelope.data.replace(b"\r\n", b"\n"))
        file.flush()
        os.fsync(file.fileno())
    (box / "tmp" / name).rename(box / "new" / name)
    _flush(box / "new")
    return "in the Maildir"


def _sent_at_s(data: bytes) -> int:
    """Seconds since 1970 of the Date header; 0 where there is none."""
    try:
        date = BytesHeaderParser().parsebytes(data).get("Date")
        return max(0, int(parsedate_to_datetime(str(date)).timestamp()))
    except (ValueError, TypeError, OverflowError):
        return 0


def _flush(folder: Path) -> None:
    """Make the folder's own entries durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
