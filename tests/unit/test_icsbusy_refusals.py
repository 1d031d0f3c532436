"""When an .ics file as a whole means "unknown", and what a refusal may say."""

from __future__ import annotations

import os
import zoneinfo
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.adapters.icsbusy.outline import UnusableError
from scheduler.adapters.icsbusy.read import spans_in
from scheduler.adapters.icsbusy.source import IcsFile
from scheduler.adapters.icsbusy.wire import Order
from scheduler.domain.errors import Unavailable
from scheduler.domain.freebusy import AllDay, Spans, span_of
from scheduler.ports import BusyReading
from tests.build import at

START = at("2026-10-19 00:00")
END = START + timedelta(weeks=4)
EVENT = b"BEGIN:VEVENT\nUID:a\nSUMMARY:Canary\nDTSTART:20261020T090000Z\nDTEND:20261020T100000Z\nEND:VEVENT\n"
WHOLE = b"BEGIN:VCALENDAR\n" + EVENT + b"END:VCALENDAR\n"


def read(path: Path) -> BusyReading | None:
    return IcsFile(path, all_day=AllDay.BUSY, zone=ZoneInfo("Europe/Berlin")).read(START, END, None)


def spans_of(data: bytes) -> Spans:
    """As the file is read, without a process of its own."""
    return spans_in(data, Order((START, END), "Europe/Berlin", AllDay.BUSY))[0]


def written(folder: Path, data: bytes) -> Path:
    path = folder / "busy.ics"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("data", "remedy"),
    [
        (b"", "export the calendar again"),
        (b"<!DOCTYPE html><title>Canary</title>", "export the calendar again"),
        (WHOLE.replace(b"END:VCALENDAR\n", b""), "still be being written"),
        (WHOLE.replace(b"END:VEVENT\n", b""), "export the calendar again"),
        (WHOLE[:60], "still be being written"),
        (WHOLE + b"\0\0\0\0", "export the calendar again"),
        (b"END:VEVENT\n" + WHOLE, "export the calendar again"),
        (WHOLE.replace(EVENT, EVENT + b"END:VEVENT\n"), "export the calendar again"),
        (WHOLE + b" " * 20_000_000, "export fewer years"),
        (WHOLE.replace(EVENT, EVENT.replace(b"END:V", b"RRULE:FREQ=DAILY\nEND:V") * 5001), "split it"),
    ],
    ids=["empty", "a page", "no end", "open event", "half", "zeros", "inside out", "ends twice", "20 MB", "5,001"],
)
def test_a_file_that_is_not_whole_is_unavailable(tmp_path: Path, data: bytes, remedy: str) -> None:
    data = b"".join(line.replace(b"UID:a", b"UID:%d" % n) for n, line in enumerate(data.splitlines(keepends=True)))
    with pytest.raises(Unavailable, match=remedy) as caught:
        read(written(tmp_path, data))
    assert "busy.ics" in str(caught.value)
    assert "Canary" not in str(caught.value)


@given(cut=st.integers(0, len(WHOLE) - 2))
def test_no_beginning_of_a_file_passes_for_the_file(cut: int) -> None:
    with pytest.raises(UnusableError):
        spans_of(WHOLE[:cut])


def test_parts_inside_parts_without_end_are_refused() -> None:
    with pytest.raises(UnusableError, match="parts inside parts"):
        spans_of(WHOLE.replace(EVENT, b"BEGIN:VEVENT\n" * 1000 + b"END:VEVENT\n" * 1000))


def test_a_missing_file_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="put the file back"):
        read(tmp_path / "busy.ics")


def test_a_folder_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="give the path"):
        read(tmp_path)


def test_a_pipe_does_not_keep_us_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.ics")
    with pytest.raises(Unavailable, match="give the path"):
        read(tmp_path / "pipe.ics")


def test_a_path_through_a_file_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="check its permissions"):
        read(written(tmp_path, WHOLE) / "busy.ics")


def test_a_calendar_without_events_is_readable_and_free(tmp_path: Path) -> None:
    reading = read(written(tmp_path, b"BEGIN:VCALENDAR\nEND:VCALENDAR\n"))
    assert reading is not None
    assert reading.spans == ()


def test_a_change_that_keeps_size_and_time_stamp_is_noticed(tmp_path: Path) -> None:
    path = written(tmp_path, WHOLE)
    os.utime(path, ns=(10**18, 10**18))
    first = read(path)
    path.write_bytes(WHOLE.replace(b"T090000Z", b"T080000Z"))
    os.utime(path, ns=(10**18, 10**18))
    second = read(path)
    assert first is not None
    assert second is not None
    assert first.version != second.version


def test_another_rule_for_all_day_events_is_another_version(tmp_path: Path) -> None:
    path = written(tmp_path, WHOLE)
    zone = ZoneInfo("Europe/Berlin")
    readings = [IcsFile(path, all_day=rule, zone=zone).read(START, END, None) for rule in AllDay]
    assert len({reading.version for reading in readings if reading}) == len(AllDay)


BOMBS = [
    "DTSTART:20160101T000000Z\nDTEND:20160101T000001Z\nRRULE:FREQ=SECONDLY",
    "DTSTART:20160101T000000Z\nDTEND:20160101T000001Z\nRRULE:FREQ=MINUTELY",
    "DTSTART:20160101T000000Z\nDURATION:P3000W\nRRULE:FREQ=HOURLY",
    "DTSTART:20160101T000000Z\nRRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
    "DTSTART:20160101T000000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
    "DTSTART:00010101T000000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY",
    "DTSTART:20160101T000000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY\nEXDATE:" + ",".join(["20261020T000000Z"] * 100_000),
    "DTSTART:20160101T000000Z\nDURATION:P999999W\nRRULE:FREQ=DAILY",
    "DTSTART:20160101T000000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=" + "9" * 5000,
    "DTSTART:20160101T000000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;INTERVAL=0",
    "DTSTART:20160101T000000Z\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;BYDAY=MO;BYSETPOS=2",
    "DTSTART:20160101T000000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;BYYEARDAY=60;BYMONTH=7",
]


@pytest.mark.timeout(20)  # without the limits each of them takes minutes, or never ends
@pytest.mark.parametrize("bomb", BOMBS, ids=range(len(BOMBS)))
def test_a_bomb_is_read_and_harms_no_other_event(tmp_path: Path, bomb: str) -> None:
    event = f"BEGIN:VEVENT\nUID:b\n{bomb}\nEND:VEVENT\n".encode()
    reading = read(written(tmp_path, WHOLE.replace(EVENT, EVENT + event)))
    assert reading is not None
    assert any(start <= START.timestamp() + 33 * 3600 < end for start, end in reading.spans)


def test_a_series_with_over_a_thousand_exceptions_counts_once(tmp_path: Path) -> None:
    gone = ",".join(["20200101T000000Z"] * 1001)
    lines = f"DTEND:20261020T100000Z\nRRULE:FREQ=DAILY\nEXDATE:{gone}".encode()
    reading = read(written(tmp_path, WHOLE.replace(b"DTEND:20261020T100000Z", lines)))
    assert reading is not None
    assert reading.spans == (span_of(at("2026-10-20 09:00"), at("2026-10-20 10:00")),)


OLD_AND_COUNTED = [
    "RRULE:FREQ=DAILY;COUNT=99999",
    "RRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1;COUNT=9999",
    "RRULE:FREQ=DAILY\nRRULE:FREQ=DAILY;INTERVAL=2",
]


@pytest.mark.parametrize("rule", OLD_AND_COUNTED, ids=["by day", "by month", "two rules"])
def test_many_old_series_that_must_be_walked_from_their_start_are_refused_before_they_cost(rule: str) -> None:
    series = "".join(
        f"BEGIN:VEVENT\nUID:{n}\nDTSTART:19000101T{n % 24:02d}0000Z\nDURATION:PT1H\n{rule}\nEND:VEVENT\n"
        for n in range(50)
    )
    with pytest.raises(UnusableError, match="split it"):
        spans_of(WHOLE.replace(EVENT, series.encode()))


def test_more_dates_than_a_calendar_holds_are_refused() -> None:
    days = ",".join(["20200101T000000Z"] * 999)
    series = "".join(f"BEGIN:VEVENT\nUID:{n}\nDTSTART:20260101T000000Z\nRDATE:{days}\nEND:VEVENT\n" for n in range(21))
    with pytest.raises(UnusableError, match="split it"):
        spans_of(WHOLE.replace(EVENT, series.encode()))


def test_repeated_events_count_once_however_many_they_are() -> None:
    assert spans_of(WHOLE.replace(EVENT, EVENT * 6000)) == spans_of(WHOLE)


@pytest.mark.parametrize("tzid", ["a/" * 30_000 + "b", "a" * 5000, "a/b/c/d/e"])
def test_a_zone_name_that_no_zone_has_means_the_zone_of_the_calendar(tzid: str) -> None:
    start = f"DTSTART;TZID={tzid}:20261020T110000".encode()
    folders = zoneinfo.TZPATH
    zoneinfo.reset_tzpath(to=())  # only the package is left to look in, which goes down a name part by part
    try:
        assert spans_of(WHOLE.replace(b"DTSTART:20261020T090000Z", start)) == spans_of(WHOLE)
    finally:
        zoneinfo.reset_tzpath(to=folders)


LINES = st.sampled_from(
    [
        "BEGIN:VEVENT",
        "END:VEVENT",
        "BEGIN:VTIMEZONE",
        "END:VTIMEZONE",
        "TZID:x",
        "BEGIN:STANDARD",
        "END:STANDARD",
        "TZOFFSETFROM:+0100",
        "TZOFFSETTO:+99",
        "UID:a",
        "RRULE:FREQ=WEEKLY;BYDAY=MO",
        "RRULE:FREQ=YEARLY;BYWEEKNO=0",
        "RRULE:FREQ=MONTHLY;BYDAY=99MO,FR;UNTIL=x",
        "RRULE:FREQ=YEARLY;UNTIL=20261101;COUNT=3",
        "RRULE:FREQ=YEARLY;BYDAY=0MO",
        "RRULE:FREQ=MONTHLY;BYMONTHDAY=0",
        "RDATE:20261020,20261021T080000Z/PT1H,x",
        "RDATE;VALUE=DATE:20261020",
        "EXDATE;TZID=x:20261020T080000",
        "EXDATE:99991231T235959Z",
        "RECURRENCE-ID;RANGE=THISANDFUTURE:20261020",
        "RECURRENCE-ID:20261020T080000",
        "DTSTART;TZID=x:20261020T080000",
        "DTSTART:99991231T235959Z",
        "DTSTART:00010101T000000Z",
        "DTSTART;VALUE=DATE:20261020",
        "DTEND:20261020T100000Z",
        "DTEND;VALUE=DATE:20261022",
        "DURATION:P1W",
        "DURATION:-PT5M",
        "DURATION:P",
        "SEQUENCE:x",
        "X-WR-TIMEZONE:../../etc/passwd",
    ]
)


@given(lines=st.lists(LINES, max_size=40), inside=st.booleans())
def test_any_mix_of_lines_is_a_reading_or_unavailable(lines: list[str], inside: bool) -> None:
    opened, closed = ("BEGIN:VEVENT\nDTSTART:20261020T080000\n", "END:VEVENT\n") if inside else ("", "")
    body = "\n".join(line for line in lines if not (inside and line[:3] in ("BEG", "END")))
    data = f"BEGIN:VCALENDAR\n{opened}{body}\n{closed}END:VCALENDAR\n"
    try:
        spans = spans_of(data.encode())
    except UnusableError:
        return
    assert all(START.timestamp() <= start < end <= END.timestamp() for start, end in spans)
