"""A partner's calendar that is reached by mail: one mail for each real change.

Not here: the mail itself (content/imip), sending it (Mailer), hearing an answer.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from scheduler.content.imip import Method, cancellation, invitation, mail_key
from scheduler.domain.couple import Partner
from scheduler.domain.digest import Notice
from scheduler.domain.event import Event, SeenEvent
from scheduler.domain.message import Message, NoticeKind
from scheduler.domain.pace import Pace
from scheduler.ports import Envelope, Mailer


class InviteCalendar:
    """Fulfils Calendar by mail; a tag is the SEQUENCE that was sent last.

    ``write`` puts a notice into words: the message of that key, from the service to this partner. It must give the
    same message each time, since a mail that was cut off is sent again.
    """

    pace = Pace.NEVER

    def __init__(
        self, mailer: Mailer, *, partner: Partner, contact: str, write: Callable[[Notice, str], Message]
    ) -> None:
        self._mailer, self._partner, self._contact, self._write = mailer, partner, contact, write

    def put(self, event: Event, tag: str | None) -> str:
        """See Calendar; it never conflicts, since what a person did to it is not known."""
        if tag != str(event.sequence):
            kind = NoticeKind.CHANGED if tag else NoticeKind.PROPOSED
            message = self._write(Notice(kind, event, self._partner, self._contact), mail_key(event, Method.REQUEST))
            self._send(message, invitation(event, message))
        return str(event.sequence)

    def remove(self, event: Event, tag: str | None) -> None:
        """See Calendar; what was never sent is not taken back."""
        if tag is not None:
            notice = Notice(NoticeKind.TAKEN_OUT, event, self._partner, self._contact)
            message = self._write(notice, mail_key(event, Method.CANCEL))
            self._send(message, cancellation(event, message))

    def seen(self, uids: Collection[str]) -> Mapping[str, SeenEvent | None]:
        """Each stands for all we know, and nothing can be said of its times: None, so that nothing follows from it."""
        return dict.fromkeys(uids)

    def _send(self, message: Message, data: bytes) -> None:
        envelope = Envelope(message.key, self._partner.id, message.sender_address, message.recipient_address, data)
        self._mailer.send(envelope)
