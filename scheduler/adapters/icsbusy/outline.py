"""Reduces the bytes of an .ics file to what scheduling needs. Not here: what the values mean (parts).

Titles, descriptions, places, links and people end here: no other line of a file is ever kept. Regular
expressions step over what does not matter, and of an event far from the window only the dates are looked at.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice

Property = tuple[str, str]  # what stands between the name and the last colon, and the value after it
Block = Mapping[str, Sequence[Property]]

MOST_EVENTS = 5000
TOO_MANY = "holds far more than a person's calendar does; split it or remove the oldest series"
_MARGIN = timedelta(days=2)  # covers every UTC offset and a flight across them
_DEEPEST = 50
_HEAD = re.compile(rb"\s*BEGIN:VCALENDAR[^\S\n]*(?:\n|\Z)", re.IGNORECASE)
_LARGE = 4_000_000
_LONE_RETURN = re.compile(rb"\r(?!\n)")
_FOLD = re.compile(rb"\n[ \t]")
# At one stroke whole events that hold nothing or alarms, which nearly all do; else each BEGIN and END.
_LINES = rb"(?:\n(?!BEGIN:|END:)[^\n]*)*+"
_ALARM = rb"\nBEGIN:VALARM[^\S\n]*(?=\n)" + _LINES + rb"\nEND:VALARM[^\S\n]*(?=\n)"
_MARK = re.compile(
    rb"\n(?:BEGIN:VEVENT[^\S\n]*(?=\n)(%b)(?:(?:%b)++(%b))?\nEND:VEVENT[^\S\n]*(?![^\n])"
    rb"|BEGIN:([^\n]*)|END:([^\n]*))" % (_LINES, _ALARM, _LINES),
    re.IGNORECASE,
)
_OWN_LINES, _AFTER_ALARMS, _BEGINS, _ENDS = 1, 2, 3, 4  # the groups of _MARK
_KEPT = re.compile(
    rb"\n(D(?:TSTART|TEND|URATION)|UID|R(?:RULE|DATE|ECURRENCE-ID)|EXDATE|S(?:EQUENCE|TATUS)|TRANSP"
    rb"|X-MICROSOFT-CDO-(?:BUSYSTATUS|ALLDAYEVENT)|ATTENDEE(?=[^\n]*DECLINED))([;:][^\n]*)",
    re.IGNORECASE,
)
_KEPT_OF_ZONE = re.compile(
    rb"\n((?:BEGIN|END|TZID|DTSTART|TZOFFSETFROM|TZOFFSETTO|RRULE|RDATE)[;:][^\n]*)", re.IGNORECASE
)
_OWN_ZONE = re.compile(rb"\nX-WR-TIMEZONE[^\n:]*:([^\n]*)", re.IGNORECASE)
_CALENDAR, _EVENT, _ZONE = [b"VCALENDAR"], [b"VCALENDAR", b"VEVENT"], [b"VCALENDAR", b"VTIMEZONE"]
_RECURS = re.compile(rb"\nR(?:RULE|DATE|ECURRENCE-ID)[;:]")
_UID = re.compile(rb"\nUID[;:]([^\n]*)", re.IGNORECASE)
_SHORT = re.compile(rb"\nDURATION:PT(?:\d{1,2}H)?(?:\d{1,4}M)?(?:\d{1,5}S)?\s*(?:\n|\Z)")
_SHORT_IS = timedelta(days=14)  # at most


class UnusableError(Exception):
    """The file as a whole tells us nothing; the message says what to do and quotes nothing."""


class Outline:
    """What matters of a file, in file order. ``zones`` are VTIMEZONE lines by TZID."""

    __slots__ = ("events", "own_zone", "zones")

    def __init__(self) -> None:
        self.events: list[Block] = []
        self.zones: dict[str, tuple[str, ...]] = {}
        self.own_zone = ""


def read_outline(data: bytes, starts_at: datetime, ends_at: datetime) -> Outline:
    """What may matter between the two; Raises UnusableError where the file is no calendar, not all of one, or absurd.

    Events that recur, singles near the window, and whatever shares a UID with one of them.
    """
    text = _unfolded(data)
    if not _HEAD.match(text):
        raise UnusableError("is not an iCalendar file; export the calendar again as .ics")
    reader = _Reader(text, _Sieve(starts_at, ends_at))
    for mark in _MARK.finditer(text):
        reader.take(mark)
    return reader.finished()


def _unfolded(data: bytes) -> bytes:
    """Every line behind a line feed. Unfolded as bytes, for a fold may stand inside a letter."""
    text = b"\n" + data.removeprefix(b"\xef\xbb\xbf")
    if _LONE_RETURN.search(text):
        text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    text = text.translate(None, b"\r")
    if len(text) > _LARGE:
        return text.replace(b"\n ", b"").replace(b"\n\t", b"")
    return _FOLD.sub(b"", text)  # half as long as the above, but it needs 90 bytes of memory for each fold


class _Sieve:
    """Keeps what may matter of the events; judged by the digits of their dates, for parsing is the dear part."""

    def __init__(self, starts_at: datetime, ends_at: datetime) -> None:
        first, last = starts_at - _MARGIN, ends_at + _MARGIN
        self._early, self._first, self._last = (
            moment.strftime("%Y%m%d").encode() for moment in (first - _SHORT_IS, first, last)
        )
        self._near: dict[bytes, int] = {}
        self._far: dict[bytes, int] = {}

    def add(self, lines: bytes) -> None:
        """``lines`` are an event's own, each behind a line feed. Exact repetitions count once."""
        upper = lines.upper()
        start = _digits(upper, b"\nDTSTART")
        if not start:
            return
        number = len(self._near) + len(self._far)
        if not (self._touches(start, upper) or _RECURS.search(upper)):
            self._far.setdefault(lines, number)
            return
        self._near.setdefault(lines, number)
        if len(self._near) > MOST_EVENTS:
            raise UnusableError(TOO_MANY)

    def _touches(self, start: bytes, upper: bytes) -> bool:
        if start > self._last or start >= self._first:
            return start <= self._last
        if end := _digits(upper, b"\nDTEND"):
            return end >= self._first
        return start >= self._early or (b"\nDURATION" in upper and not _SHORT.search(upper))

    def kept(self, text: bytes) -> list[Block]:
        """In file order, with those that share a UID with one that may matter."""
        own = [uid for lines in self._near for uid in _UID.findall(lines)]
        uids = set(own)
        if sum(uid in uids for uid in _UID.findall(text)) > len(own):  # looking at each of the others is seldom needed
            others = (item for item in self._far.items() if not uids.isdisjoint(_UID.findall(item[0])))
            self._near |= dict(islice(others, MOST_EVENTS + 1))
        if len(self._near) > MOST_EVENTS:
            raise UnusableError(TOO_MANY)
        return [_block(lines) for lines in sorted(self._near, key=self._near.__getitem__)]


def _digits(lines: bytes, name: bytes) -> bytes:
    """The date in the first line that begins so; nothing where there is none."""
    start = lines.find(name)
    if start < 0:
        return b""
    end = lines.find(b"\n", start + 1)
    if end < 0:
        end = len(lines)
    return lines[lines.rfind(b":", start, end) + 1 : end].strip()[:8]


class _Reader:
    """Follows BEGIN and END; a line belongs to the innermost component that is open."""

    def __init__(self, text: bytes, sieve: _Sieve) -> None:
        self.text = text
        self.sieve = sieve
        self.outline = Outline()
        self.open: list[bytes] = []
        self.event: list[bytes] = []  # its lines so far
        self.read = 0  # how much of the text
        self.begun = 0  # where the component began that is open in the calendar

    def take(self, mark: re.Match[bytes]) -> None:
        start, end = mark.span()
        kind = mark.lastindex
        if start > self.read:
            self._lines(start)
        self.read = end
        if kind == _OWN_LINES and self.open == _CALENDAR:
            self.sieve.add(mark[_OWN_LINES])
        elif kind == _AFTER_ALARMS and self.open == _CALENDAR:
            self.sieve.add(mark[_OWN_LINES] + mark[_AFTER_ALARMS])
        elif kind == _BEGINS:
            self._begin(mark[_BEGINS].strip().upper(), start)
        elif kind == _ENDS:
            self._end(mark[_ENDS].strip().upper())
        else:
            self._begin(b"VEVENT", start)
            self._end(b"VEVENT")

    def finished(self) -> Outline:
        self._lines(len(self.text))
        if self.open:
            raise UnusableError("stops in the middle; it may still be being written, else export the calendar again")
        self.outline.events = self.sieve.kept(self.text)
        return self.outline

    def _lines(self, end: int) -> None:
        """The lines before the next BEGIN or END."""
        if self.open == _EVENT:
            self.event.append(self.text[self.read : end])
        elif self.open == _CALENDAR:
            for name in _OWN_ZONE.findall(self.text, self.read, end):
                self.outline.own_zone = _decoded(name)
        elif not self.open and self.text[self.read : end].strip():
            raise UnusableError("goes on after its end; export the calendar again")

    def _begin(self, name: bytes, start: int) -> None:
        self.open.append(name)
        if len(self.open) == len(_EVENT):
            self.event, self.begun = [], start
        elif len(self.open) > _DEEPEST:
            raise UnusableError("has parts inside parts without end; export the calendar again")

    def _end(self, name: bytes) -> None:
        if self.open[-1:] != [name]:
            raise UnusableError("has parts that do not end where they should; export the calendar again")
        if self.open == _EVENT:
            self.sieve.add(b"".join(self.event))
        elif self.open == _ZONE:
            lines = tuple(map(_decoded, _KEPT_OF_ZONE.findall(self.text, self.begun, self.read)))
            tzid = next((line for line in lines if line.upper().startswith("TZID")), ":")
            self.outline.zones[tzid.partition(":")[2].strip('" ')] = lines
        self.open.pop()


def _decoded(value: bytes) -> str:
    # Only ASCII matters to us, so a wrong encoding of somebody's title is no reason to refuse the file.
    return value.decode("utf-8", errors="replace").strip()


def _block(lines: bytes) -> Block:
    block: dict[str, list[Property]] = {}
    for raw, rest in _KEPT.findall(lines):
        name, line = raw.decode().upper(), _decoded(rest)
        head, _, value = line.rpartition(":")
        block.setdefault(name, []).append((head, value) if name != "UID" else ("", line[1:]))
    return block
