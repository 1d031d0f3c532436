"""Busy times from the bytes of iCalendar. Not here: fetching calendars from anywhere but this machine.

source     one file → BusyReading
reader     any bytes → BusyReading; hash decides whether anything is new; errors become Unavailable
fence, wire, child   the reading in a process of its own, under limits that no file can lift
read       bytes → busy spans
outline    bytes → only scheduling lines, only events that may matter near the window (everything else ends there)
zones      TZID → time zone, vtimezone where only the file knows it      values   dates, times, lengths
rules      which recurrences we follow: daily or slower, able to match      walk   the wall times that one means
parts      lines of one VEVENT → Part: when, how long, does it count
series     Parts that belong together → spans near the window, or by thorough (a library) where a change moves
           all that follows

What is left out is one event's recurrence (its first time still counts) where that is absurd or unreadable,
one event where its start is; the whole file becomes Unavailable where it as a whole is too much or not whole.

What child loads, it loads at each reading: no dataclasses, typing or calendar there (together they take longer
than our code does), hence the plain slotted classes. A test keeps it so.
"""
