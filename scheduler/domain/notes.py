"""The names of what is noted about a couple's calendars, which several steps read. Not here: other notes.

A note is a line of text in the store; each step that has notes of its own names them itself.
"""

from __future__ import annotations

PLANNED_NOTE = "planned"
"""What the last plan went by; emptied, the next one writes everything that is missing."""


def trouble_note(partner: str) -> str:
    """What stood in the way of the last look at the partner's calendar; "" where nothing did."""
    return f"calendar {partner}"


def route_note(partner: str) -> str:
    """Which calendar of the partner's the entries are about."""
    return f"route {partner}"


def looks_note(partner: str) -> str:
    """The looks at the partner's calendar (domain/pace.Looks); emptied, the next tick looks."""
    return f"looks {partner}"


def cut_note(partner: str) -> str:
    """Since when the partner's access is gone, an instant in ISO form; "" where it is not."""
    return f"cut off {partner}"


def connected_note(partner: str) -> str:
    """When the partner last gave access to an account, an instant in ISO form."""
    return f"connected {partner}"


def reading_note(source: str) -> str:
    """When a source of busy times that costs something was last asked, an instant in ISO form."""
    return f"read {source}"


def renewed_note(partner: str) -> str:
    """When the partner's calendar was last made anew, an instant in ISO form."""
    return f"renewed {partner}"
