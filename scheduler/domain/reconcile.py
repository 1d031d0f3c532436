"""What follows from what we want, what we wrote and what stands there: a pure table. Not here: doing it (engine).

| we want    | we wrote      | there stands             | verdict                                   |
|------------|---------------|--------------------------|-------------------------------------------|
| the event  | nothing       | nothing                  | CREATE                                    |
| the event  | nothing       | it, at our time          | LEAVE: a reply was lost, it is noted      |
| the event  | just this     | it, at our time          | LEAVE: a title of the person's own stays  |
| the event  | an older one  | the older one            | UPDATE                                    |
| the event  | anything      | it, at any other time    | ADOPT: a drag is a command                |
| the event  | anything      | nothing, or cancelled    | DECLINE: "not this one"                   |
| the event  | anything      | it, without any instants | LEAVE: nothing can be made of it          |
| the event  | anything      | no calendar at all       | RENEW: the calendar is made anew          |
| it gone    | nothing       | nothing                  | LEAVE                                     |
| it gone    | anything      | anything                 | REMOVE, whatever became of it             |
"""

from __future__ import annotations

from dataclasses import replace
from enum import Enum

from scheduler.domain.event import CalendarEntry, SeenEvent


class Absence(Enum):
    """What stands there instead of an event."""

    NOTHING = "nothing"
    ILLEGIBLE = "an event without instants"
    NO_CALENDAR = "no calendar"


class Verdict(Enum):
    """What is to be done about one entry."""

    CREATE = "create"
    UPDATE = "update"
    ADOPT = "adopt"
    DECLINE = "decline"
    RENEW = "renew"
    REMOVE = "remove"
    LEAVE = "leave"


def verdict(entry: CalendarEntry, standing: SeenEvent | Absence) -> Verdict:
    """The row of the table that holds."""
    if not entry.live:
        untouched = entry.written is None and standing is Absence.NOTHING
        return Verdict.LEAVE if untouched else Verdict.REMOVE
    match standing:
        case Absence.NO_CALENDAR:
            return Verdict.RENEW
        case Absence.ILLEGIBLE:
            return Verdict.LEAVE
        case Absence.NOTHING:
            return Verdict.CREATE if entry.written is None else Verdict.DECLINE
        case SeenEvent():
            return _about(entry, standing)


def _about(entry: CalendarEntry, seen: SeenEvent) -> Verdict:
    if seen.cancelled:
        return Verdict.DECLINE
    times, event = (seen.starts_at, seen.ends_at), entry.event
    if times == (event.starts_at, event.ends_at) and entry.written in (None, event.sequence):
        return Verdict.LEAVE
    if times == (entry.written_starts_at, entry.written_ends_at):
        return Verdict.LEAVE if entry.written == event.sequence else Verdict.UPDATE
    # A write of ours that was cut off before it was noted must not look like a person's choice later on.
    return Verdict.LEAVE if times == (event.starts_at, event.ends_at) else Verdict.ADOPT


def noted(entry: CalendarEntry, seen: SeenEvent) -> CalendarEntry:
    """The entry with what stands there written down, where its time is one of ours: a LEAVE or an UPDATE.

    Programs raise SEQUENCE with each edit of a person's; ours goes on from there.
    """
    known = _titled(replace(entry, tag=seen.tag), seen)
    if verdict(entry, seen) is Verdict.UPDATE:
        return known  # the newer write of ours keeps its number
    return _standing(known, seen)


def adopted(entry: CalendarEntry, seen: SeenEvent) -> CalendarEntry:
    """The entry as a person has moved it."""
    event = replace(entry.event, starts_at=seen.starts_at, ends_at=seen.ends_at)
    return _standing(_titled(replace(entry, event=event, tag=seen.tag), seen), seen)


def _standing(entry: CalendarEntry, seen: SeenEvent) -> CalendarEntry:
    sequence = max(seen.sequence, entry.event.sequence)
    return replace(
        entry,
        event=replace(entry.event, sequence=sequence),
        written=sequence,
        written_starts_at=seen.starts_at,
        written_ends_at=seen.ends_at,
    )


def _titled(entry: CalendarEntry, seen: SeenEvent) -> CalendarEntry:
    """With the person's own title, or ours again where they took theirs back."""
    found = _plain(seen.title)
    if not found or entry.written_title is None:
        return entry
    own = found if found != _plain(entry.written_title) else None
    if own == entry.own_title:
        return entry
    return replace(entry, own_title=own, event=replace(entry.event, title=own or entry.written_title))


def _plain(title: str) -> str:
    return " ".join(title.split())
