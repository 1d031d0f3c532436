"""The mails that lie in the couple's Maildirs, for a view that may show them. Not here: whether it may (settings)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

from scheduler.app.service import Service
from scheduler.domain.message import MailKind
from scheduler.domain.outbox import EffectKind, OutboxEntry, State


@dataclass(frozen=True, slots=True)
class ShownLetter:
    """One mail as its reader has it; ``sent_at`` is UTC."""

    partner: str
    kind: MailKind
    sent_at: datetime
    subject: str
    html: str
    text: str


def letters_in(service: Service, maildirs: Path) -> tuple[ShownLetter, ...]:
    """Every mail of ours that lies in a Maildir below the folder, oldest first."""
    with service.parts.store.transaction() as tx:
        entries = tx.outbox(service.couple.id, [State.DONE])
    sent = {entry.key: entry for entry in entries if entry.kind is EffectKind.MAIL}
    files = [file for partner in service.couple.partners for file in (maildirs / partner.id).glob("[nc]*/*")]
    found = [letter for file in files if (letter := _letter(file, sent))]
    return in_reading_order(found)


def in_reading_order(letters: Iterable[ShownLetter]) -> tuple[ShownLetter, ...]:
    """Oldest first; of two mails of one second the welcome comes before the first times."""
    story = list(MailKind)
    return tuple(sorted(letters, key=lambda one: (one.sent_at, story.index(one.kind), one.partner)))


def _letter(file: Path, sent: dict[str, OutboxEntry]) -> ShownLetter | None:
    message = BytesParser(policy=policy.default).parsebytes(file.read_bytes())
    key = str(message["Message-ID"] or "").strip("<>").partition("@")[0]
    entry = sent.get(key)
    if entry is None or entry.done_at is None:
        return None
    return ShownLetter(
        partner=entry.partner,
        kind=MailKind(entry.mail_kind),
        sent_at=entry.done_at,
        subject=str(message["Subject"]),
        html=_part(message, "html"),
        text=_part(message, "plain"),
    )


def _part(message: EmailMessage, subtype: str) -> str:
    part = message.get_body((subtype,))
    return str(part.get_content()) if part else ""
