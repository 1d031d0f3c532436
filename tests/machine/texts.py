"""An iCalendar object as text: what a person's program does to it, and what stands in it. Not here: our own reader."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from tests.machine.partner import Stands, is_ours

FOREIGN = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Sam//EN\r\nBEGIN:VEVENT\r\nUID:dentist\r\nDTSTAMP:20261101T080000Z\r\n"
    b"DTSTART:20261124T090000Z\r\nDTEND:20261124T100000Z\r\nSUMMARY:Dentist\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


def moved(text: str, starts_at: datetime) -> str:
    """The length stays; the SEQUENCE is counted up, as programs do."""
    (before,) = standing_in(text)
    assert before.starts_at is not None
    assert before.ends_at is not None
    ends_at = starts_at + (before.ends_at - before.starts_at)
    return _with_times(text, f"DTSTART:{starts_at:%Y%m%dT%H%M%SZ}", f"DTEND:{ends_at:%Y%m%dT%H%M%SZ}")


def all_day(text: str, day: datetime) -> str:
    following = day + timedelta(days=1)
    return _with_times(text, f"DTSTART;VALUE=DATE:{day:%Y%m%d}", f"DTEND;VALUE=DATE:{following:%Y%m%d}")


def retitled(text: str, title: str) -> str:
    return _raised(_in_event(text, r"SUMMARY[:;][^\r\n]*(?:\r?\n[ \t][^\r\n]*)*", f"SUMMARY:{title}"))


def touched(text: str, number: int) -> str:
    """With a colour of the person's own."""
    text = re.sub(r"\r?\nCOLOR:[^\r\n]*", "", text)
    return text.replace("END:VEVENT", f"COLOR:{('red', 'teal', 'navy')[number % 3]}\r\nEND:VEVENT", 1)


def standing_in(text: str) -> list[Stands]:
    """Every event of ours that is not cancelled."""
    found = []
    for block in re.findall(r"BEGIN:VEVENT.*?END:VEVENT", re.sub(r"\r?\n[ \t]", "", text), re.DOTALL):
        uid = re.search(r"^UID:(\S+)", block, re.MULTILINE)
        if uid and is_ours(uid[1]) and "STATUS:CANCELLED" not in block:
            title = re.search(r"^SUMMARY[^:\n]*:([^\r\n]*)", block, re.MULTILINE)
            found.append(Stands(uid[1], title[1] if title else "", _time(block, "DTSTART"), _time(block, "DTEND")))
    return found


def _with_times(text: str, start: str, end: str) -> str:
    return _raised(_in_event(_in_event(text, r"DTSTART[:;]\S+", start), r"DTEND[:;]\S+", end))


def _raised(text: str) -> str:
    return re.sub(r"^SEQUENCE:(\d+)", lambda found: f"SEQUENCE:{int(found[1]) + 1}", text, flags=re.MULTILINE)


def _in_event(text: str, pattern: str, new: str) -> str:
    head, begin, rest = text.partition("BEGIN:VEVENT")
    return head + begin + re.sub(f"^{pattern}", new, rest, count=1, flags=re.MULTILINE)


def _time(block: str, name: str) -> datetime | None:
    found = re.search(rf"^{name}:(\d{{8}}T\d{{6}})Z", block, re.MULTILINE)
    return datetime.strptime(found[1], "%Y%m%dT%H%M%S").replace(tzinfo=UTC) if found else None
