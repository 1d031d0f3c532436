"""Busy times from .ics files. Not here: fetching calendars from anywhere else.

source   one file → BusyReading; hash decides whether anything is new; errors become Unavailable
outline  bytes → only scheduling lines, only events near the window (everything else ends there)
zones    TZID → time zone         values   dates, times, lengths
rules    which recurrences we follow: daily or slower, able to match, affordable
parts    lines of one VEVENT → Part: when, how long, does it count
expand   Parts → spans

What is left out is one event's recurrence (its first time still counts) where that is absurd or unreadable,
one event where its start is; the whole file becomes Unavailable where it as a whole is too much or not whole.
"""

from scheduler.adapters.icsbusy.source import IcsFile

__all__ = ["IcsFile"]
