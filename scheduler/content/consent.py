"""The words that a partner says yes to on the host. Not here: the invitation's (templates), or keeping the yes (engine).

They are kept with the date of the yes, so an edit here changes what later partners see, never what one agreed to.
"""

from __future__ import annotations

_TEXT = """\
{name}, this is for you to read. Nobody else can say yes for you.

What this is

A calendar service for you and {other}. It finds times that are free for both of you, puts small rituals
on both calendars, and sends each of you a short mail now and then. It is not therapy and does not replace it.

What comes

- Events on your own calendar. Move one and that is its new time; delete one and it means: not this one.
- A few mails a week at most, from {sender}. Each one works as it is: nothing to click, nothing to answer.
- Nothing more: no counting, no reminders about what you did not do, no trace of whether you opened a mail.

What is stored, and where

- Your name, mail address, language and time zone, in the file that set this up.
- When you are busy, never with what; the times that were found; what was sent to you and when.
- This text and the date of your yes.

All of it lies on the computer that this runs on. Whoever runs that computer can read all of it,
also if that is {other}. On your calendar only our own events are touched.

How to pause or leave

Say so to whoever runs this ({contact}), on any day and for no reason. A pause has an end that you choose.
Leaving takes the coming events from your calendar and ends the mails, at once. {other} is told neither.

This is not for you if you feel watched, or if a no would not be safe. A no needs nothing at all.
"""


def consent_text(partner_name: str, other_name: str, sender: str, contact: str) -> str:
    """What is stored, where and who can read it, what comes, how to pause and leave; lines of at most 110 signs."""
    return _TEXT.format(name=partner_name, other=other_name, sender=sender, contact=contact)
