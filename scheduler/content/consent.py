"""The words that a partner says yes to on the host. Not here: the invitation (templates), keeping the yes (engine).

They are kept with the date of the yes: an edit here changes what is shown from then on, never what one agreed to.
"""

from __future__ import annotations

from collections.abc import Sequence

from scheduler.domain.digest import Reach

_TEXT = """\
{name}, this is for you to read. Nobody else can say yes for you.

What this is

A calendar service for you and {other}.
It finds times that are free for both of you, puts small rituals on both
calendars, and now and then sends each of you a short mail.
It is not therapy, and no stand-in for it.

What comes, and how often

{rhythm}
{comes}
- {besides} few mails a week, at most two a day, from {sender}.
  There is nothing to click and nothing to answer.
- Nothing is counted, and nobody sees whether you opened a mail.

What is stored, and where

- Your name, mail address, language and time zone.
- When you are busy, never with what.
- The times that were found, and what was sent to you and when.
- This text, with the date of your yes.
- Access to your calendar, if you give it, sealed with a key of your own.

All of it lies on the computer that the service runs on. Whoever runs that
computer can read all of it, also if that is {other}.
On your calendar only the service's own events are touched.

How to pause or leave

Tell whoever runs the service, on any day and without a reason:
{contact}
A pause has an end that you choose. Leaving takes the coming events from your
calendar and ends the mails, at once. {other} is told of neither.

This is not for you if you feel watched, or if a no would not be safe.
A no needs nothing at all.
"""


_COMES = {
    Reach.MAIL: """\
- Each comes as an invitation by mail, a few days ahead. Say yes or no there:
  either is fine, and stays between you and your calendar.""",
    Reach.FEED: """\
- Each stands in a calendar of its own that you subscribe to, to be read alone.""",
}
_ON_CALENDAR = """\
- Each is an event on your own calendar. Move it, and that is its new time.
  Delete it, and it means: not this one."""


def consent_text(
    names: tuple[str, str],
    *,
    sender: str,
    contact: str,
    rhythm: Sequence[tuple[str, str]] = (),
    reach: Reach = Reach.CALENDAR,
) -> str:
    """What comes, what is stored and who can read it, how to pause and leave.

    ``names`` are the reader's and the other one's, ``rhythm`` is (title, cadence) pairs.
    """
    lines = [f"- {title}: {cadence}" for title, cadence in rhythm] or [
        "- No ritual yet; they stand in the couple's file."
    ]
    return _TEXT.format(
        name=names[0],
        other=names[1],
        sender=sender,
        contact=contact,
        rhythm="\n".join(lines),
        comes=_COMES.get(reach, _ON_CALENDAR),
        besides="Besides these, a" if reach is Reach.MAIL else "A",
    )
