"""What the public pages say in a few sentences, whatever happens. Not here: when (public).

No sentence names anybody or tells one reason for a closed door from another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Saying:
    """``status`` is the HTTP status that goes with it."""

    status: int
    title: str
    sentences: tuple[str, ...]


HOME = Saying(
    200,
    "A private calendar service",
    (
        "It puts small rituals on the calendars of two people.",
        "There is nothing to see here and nothing to sign in to. What is yours has reached you by mail.",
    ),
)
CONNECTED = Saying(
    200,
    "Your calendar is connected",
    (
        "In a few minutes your coming rituals stand in a calendar of their own in your Google account.",
        "Move one, and that is its new time. Delete one, and it means: not this one.",
        "You can close this page.",
    ),
)
DENIED = Saying(
    200,
    "Nothing was connected",
    (
        "You did not give access, and that is all right.",
        "Should you want it one day, the link in your mail begins anew.",
    ),
)
AGAIN = "To begin anew, open the link in your mail once more."
SAYINGS: Mapping[int, Saying] = {
    one.status: one
    for one in (
        Saying(400, "This could not be read", ("Nothing was changed. " + AGAIN,)),
        Saying(403, "This did not come from our page", ("Nothing was changed. " + AGAIN,)),
        Saying(
            404,
            "There is nothing here",
            (
                "The address may have been used already, may have been replaced by a newer one, or have a slip in it.",
                "If it came by mail, look for a newer mail, or ask whoever runs the service for another.",
            ),
        ),
        Saying(405, "That cannot be done here", ("Nothing was changed.",)),
        Saying(408, "That took too long", ("Nothing was changed. " + AGAIN,)),
        Saying(413, "That is too much to read", ("Nothing was changed.",)),
        Saying(429, "A moment, please", ("Many requests came at once. Please come back in a minute.",)),
        Saying(
            503,
            "Not just now",
            (
                "Something that this page needs does not answer, so nothing was changed.",
                "Please come back in a few minutes.",
            ),
        ),
    )
}


def refused(sentence: str) -> Saying:
    """A step that came to nothing, for the reason that the sentence gives."""
    return Saying(400, "Nothing has changed", (sentence, AGAIN))
