"""Generated calendars against a walk over the days that knows no recurrence library, and against whole-file reading."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.adapters.icsbusy.outline import read_outline
from scheduler.adapters.icsbusy.read import spans_in
from scheduler.adapters.icsbusy.source import IcsFile
from scheduler.adapters.icsbusy.wire import Order
from scheduler.domain.freebusy import AllDay, Span, Spans, intersection, span_of, union
from tests.build import at
from tests.data.by_libraries import busy_of, events_near

ZONES = (
    "Europe/Berlin",
    "Europe/Lisbon",
    "America/New_York",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "Africa/Cairo",
)
NAMES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
WINDOWS = ((at("2026-10-05 00:00"), at("2026-11-16 00:00")), (at("2027-03-08 00:00"), at("2027-05-10 00:00")))
EXAMPLES = Path(__file__).parent.parent.parent / "config" / "example"


@dataclass(frozen=True)
class Series:
    zone: str
    start: datetime  # wall time
    minutes: int
    by_end: bool
    interval: int
    weekdays: frozenset[int]  # empty: by the day
    count: int | None
    until: int | None  # days after the start
    gone: frozenset[int]  # which of the instances
    moved: tuple[int, int]  # which of them, by how many hours; by 0 it is cancelled

    def walls(self) -> list[datetime]:
        return [wall for number, wall in enumerate(self._all()) if number not in self.gone]

    def _all(self) -> list[datetime]:
        days = (self.start + timedelta(days=number) for number in range(900))
        found = [day for day in days if self._falls_on(day.date())]
        if self.until is not None:
            found = [day for day in found if day <= self.start + timedelta(days=self.until)]
        return found[: self.count]

    def _falls_on(self, day: date) -> bool:
        first = self.start.date()
        if not self.weekdays:
            return (day - first).days % self.interval == 0
        weeks = (day - timedelta(day.weekday()) - (first - timedelta(first.weekday()))).days // 7
        return weeks % self.interval == 0 and day.weekday() in self.weekdays | {first.weekday()}

    def epoch(self, wall: datetime) -> int:
        return int(wall.replace(tzinfo=ZoneInfo(self.zone)).timestamp())

    def truth(self) -> list[Span]:
        end = self.start + timedelta(minutes=self.minutes)
        length = self.epoch(end) - self.epoch(self.start) if self.by_end else 60 * self.minutes
        changed, hours = self._nth(self.moved[0]), self.moved[1]
        spans = []
        for wall in self.walls():
            if wall == changed and hours:
                begin = self.epoch(wall + timedelta(hours=hours))
                spans.append((begin, begin + 60 * self.minutes))
            elif wall != changed:
                begin = self.epoch(wall)
                spans.append((begin, begin + length))
        return spans

    def _nth(self, number: int) -> datetime | None:
        found = self.walls()
        return found[number] if number < len(found) else None

    def lines(self, uid: str) -> list[str]:
        wall: Callable[[datetime], str] = "{:%Y%m%dT%H%M%S}".format
        here = f";TZID={self.zone}:"
        end = f"DTEND{here}{wall(self.start + timedelta(minutes=self.minutes))}"
        lines = [
            f"UID:{uid}",
            f"DTSTART{here}{wall(self.start)}",
            end if self.by_end else f"DURATION:PT{self.minutes}M",
        ]
        lines.append(f"RRULE:{self._rule()}")
        lines += [f"EXDATE{here}{wall(day)}" for number, day in enumerate(self._all()) if number in self.gone]
        if changed := self._nth(self.moved[0]):
            utc = datetime.fromtimestamp(self.epoch(changed), UTC)
            moved = wall(changed + timedelta(hours=self.moved[1]))
            override = [f"UID:{uid}", f"RECURRENCE-ID:{wall(utc)}Z", f"DTSTART{here}{moved}"]
            override += [f"DURATION:PT{self.minutes}M", "STATUS:" + ("CONFIRMED" if self.moved[1] else "CANCELLED")]
            lines += ["END:VEVENT", "BEGIN:VEVENT", *override]
        return ["BEGIN:VEVENT", *lines, "END:VEVENT"]

    def _rule(self) -> str:
        rule = f"FREQ={'WEEKLY' if self.weekdays else 'DAILY'};INTERVAL={self.interval}"
        if self.weekdays:
            days = sorted(self.weekdays | {self.start.weekday()})
            rule += f";BYDAY={','.join(NAMES[day] for day in days)}"
        if self.count:
            rule += f";COUNT={self.count}"
        elif self.until is not None:
            last = datetime.fromtimestamp(self.epoch(self.start + timedelta(days=self.until)), UTC)
            rule += f";UNTIL={last:%Y%m%dT%H%M%SZ}"
        return rule


@st.composite
def series(draw: st.DrawFn) -> Series:
    day = draw(st.integers(0, 500))
    quarter = draw(st.integers(0, 95) | st.integers(4, 14))  # clocks change between 1 and 3
    count = draw(st.none() | st.integers(1, 300))
    return Series(
        zone=draw(st.sampled_from(ZONES)),
        start=datetime.fromisoformat("2025-12-01") + timedelta(days=day, minutes=15 * quarter),
        minutes=draw(st.integers(1, 40)) * 15,
        by_end=draw(st.booleans()),
        interval=draw(st.integers(1, 3)),
        weekdays=draw(st.frozensets(st.integers(0, 6), max_size=3)),
        count=count,
        until=None if count else draw(st.none() | st.integers(0, 400)),
        gone=draw(st.frozensets(st.integers(0, 60), max_size=4)),
        moved=(draw(st.integers(0, 60)), draw(st.integers(-30, 30))),
    )


@settings(max_examples=60)
@given(found=st.lists(series(), min_size=1, max_size=4), window=st.sampled_from(WINDOWS))
def test_generated_calendars_are_busy_exactly_as_a_walk_over_the_days_says(
    found: list[Series], window: tuple[datetime, datetime]
) -> None:
    lines = [line for number, one in enumerate(found) for line in one.lines(str(number))]
    data = "\n".join(["BEGIN:VCALENDAR", *lines, "END:VCALENDAR", ""]).encode()
    spans, _ = spans_in(data, Order(window, "Europe/Berlin", AllDay.BUSY))
    truth = union(span for one in found for span in one.truth())
    assert spans == intersection(truth, (span_of(*window),))


MONTHS = [(at(f"2026-{month:02d}-01 00:00"), at(f"2026-{month + 1:02d}-01 00:00")) for month in (9, 10, 11)]
MONTHS += [(at("2026-12-20 00:00"), at("2027-01-20 00:00")), (at("2027-03-10 00:00"), at("2027-04-10 00:00"))]
FOUR_YEARS = (at("2024-01-01 00:00"), at("2028-01-01 00:00"))
PEOPLE = [("mara", "Europe/Lisbon"), ("jon", "Europe/Berlin")]


@pytest.mark.parametrize("window", MONTHS, ids=lambda window: f"{window[0]:%Y-%m}")
@pytest.mark.parametrize(("name", "zone"), PEOPLE)
def test_leaving_out_far_events_changes_no_answer(name: str, zone: str, window: tuple[datetime, datetime]) -> None:
    data = (EXAMPLES / f"{name}.ics").read_bytes()
    near, everything = read_outline(data, *window), read_outline(data, *FOUR_YEARS)
    assert len(near.events) < len(everything.events)
    (spans, _), (all_spans, _) = (spans_in(data, Order(one, zone, AllDay.BUSY)) for one in (window, FOUR_YEARS))
    assert spans == intersection(all_spans, (span_of(*window),)) != ()


@pytest.mark.slow
@pytest.mark.parametrize("window", MONTHS, ids=lambda window: f"{window[0]:%Y-%m}")
@pytest.mark.parametrize(("name", "zone"), PEOPLE)
def test_the_example_files_read_as_the_libraries_read_them_whole(
    name: str, zone: str, window: tuple[datetime, datetime]
) -> None:
    path = EXAMPLES / f"{name}.ics"
    address = f"{name}@example.org"
    source = IcsFile(path, all_day=AllDay.IF_MARKED, zone=ZoneInfo(zone), declined_as=(address,))
    reading = source.read(*window, None)
    assert reading is not None
    assert reading.spans == _by_the_libraries(path.read_bytes(), ZoneInfo(zone), window, address)


def _by_the_libraries(data: bytes, zone: ZoneInfo, window: tuple[datetime, datetime], address: str) -> Spans:
    data = b"".join(line for line in data.splitlines(keepends=True) if not line.startswith(b"X-WR-TIMEZONE"))
    spans = busy_of(events_near(data, window), zone, address, whole_days=False)
    return intersection(union(spans), (span_of(*window),))
