"""An event as a mail that calendar programs understand: asked for, changed, or taken back.

Not here: the words around it (notice), the writing of headers (mime) and properties (ics), whether anything goes out
(adapters/invite).

The service is the organizer and the one reader the only attendee, so neither partner invites the other. Organizer and
sender are one address, attendee and reader another: programs show no buttons where they differ.
Source: RFC 5546 §3.2.2, §3.2.5; RFC 6047 §2.4; CalConnect's iMIP best practices.
"""

from __future__ import annotations

from dataclasses import replace
from enum import Enum
from urllib.parse import quote

from scheduler.content.ics import Line, event_lines, one_line, packed
from scheduler.content.mime import branch, in_base64, readable, sealed, sender_name
from scheduler.domain.event import Event
from scheduler.domain.message import Message
from scheduler.domain.outbox import derived_id

_BARE = "@!$'*+"  # beside letters, digits and "-._~"; RFC 6068 §2


class Method(Enum):
    """What the reader's calendar is asked to do."""

    REQUEST = "REQUEST"
    CANCEL = "CANCEL"


def mail_key(event: Event, method: Method) -> str:
    """The name of the one mail about this revision: the same each time it is sent, and no other's."""
    return derived_id(event.uid.encode(), str(event.sequence), method.value)


def invitation(event: Event, message: Message) -> bytes:
    """The mail that asks for the event to stand in the reader's calendar as it is now; ``message`` are its words.

    Raises Refused as ``mime.sealed`` and ``ics.packed`` do.
    """
    asked = (*_people(message, ";ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE"), ("STATUS", "CONFIRMED"))
    return _mail(message, Method.REQUEST, event_lines(event, asked))


def cancellation(event: Event, message: Message) -> bytes:
    """The mail that takes the event back. Its SEQUENCE is one above the event's, whatever was sent of it by now.

    ``event`` is the one that stands there or was to stand there: it may have been sent without our knowing, and a
    cancellation that is not newer is ignored (RFC 5546 §2.1.5). Raises Refused as ``invitation`` does.
    """
    gone = replace(event, sequence=event.sequence + 1, reminder=None)
    return _mail(message, Method.CANCEL, event_lines(gone, (*_people(message, ""), ("STATUS", "CANCELLED"))))


def _people(message: Message, duties: str) -> tuple[Line, Line]:
    organizer = f"ORGANIZER{_name(sender_name(message))}"
    attendee = f"ATTENDEE{_name(message.recipient_name)}{duties}"
    return (organizer, _mailto(message.sender_address)), (attendee, _mailto(message.recipient_address))


def _name(name: str) -> str:
    """As a parameter, which cannot hold a double quote; a circumflex is written twice. Source: RFC 6868 §3."""
    words = one_line(name).replace('"', "'").replace("^", "^^")
    return f';CN="{words}"' if words else ""


def _mailto(address: str) -> str:
    return f"mailto:{quote(address, safe=_BARE)}"


def _mail(message: Message, method: Method, event: list[Line]) -> bytes:
    """Words first, the calendar last and without a disposition: this is how Outlook and Gmail come to show buttons.

    The same bytes hang on as a file, for programs that show none.
    """
    ics = packed(event, [("METHOD", method.value)])
    inside = in_base64(ics, "text/calendar", f'charset="utf-8"; method={method.value}')
    file = in_base64(
        ics, "application/ics", 'name="invite.ics"', ("Content-Disposition", 'attachment; filename="invite.ics"')
    )
    return sealed(message, branch("mixed", (readable(message, inside), file), f"{message.key}/mixed"))
