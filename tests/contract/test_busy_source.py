"""The contract of ports.BusySource, run by every adapter that fulfils it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

import pytest

from scheduler.adapters.icsbusy.reader import IcsReader
from scheduler.adapters.icsbusy.source import IcsFile
from scheduler.adapters.memory import MemoryBusy
from scheduler.adapters.outward.client import Outward
from scheduler.adapters.outward.ics import IcsAddress
from scheduler.adapters.outward.limits import Limits
from scheduler.adapters.system import SystemClock
from scheduler.domain.errors import Unavailable
from scheduler.domain.freebusy import AllDay, Span, span_of
from scheduler.ports import BusySource
from tests.build import at
from tests.servers.published import Asked, Published, answer

DAY = (at("2026-11-23 00:00"), at("2026-11-24 00:00"))
Busy = tuple[datetime, datetime]


def hours(start: int, end: int) -> Busy:
    return at(f"2026-11-23 {start:02d}:00"), at(f"2026-11-23 {end:02d}:00")


def spans(*busy: Busy) -> tuple[Span, ...]:
    return tuple(span_of(*one) for one in busy)


class Stage(Protocol):
    """A source under test and the two things that its world can do to it."""

    source: BusySource

    def say(self, *busy: Busy) -> None:
        """From now on the partner is busy exactly then."""

    def become_unreadable(self) -> None: ...


class BusySourceContract:
    """Subclass it, and give a ``stage`` fixture."""

    def test_what_is_busy_is_read(self, stage: Stage) -> None:
        stage.say(hours(9, 10), hours(12, 14))
        reading = stage.source.read(*DAY, None)
        assert reading is not None
        assert reading.spans == spans(hours(9, 10), hours(12, 14))

    def test_spans_come_sorted_and_disjoint(self, stage: Stage) -> None:
        stage.say(hours(12, 14), hours(9, 10), hours(13, 15), hours(15, 16))
        reading = stage.source.read(*DAY, None)
        assert reading is not None
        assert reading.spans == spans(hours(9, 10), hours(12, 16))

    def test_spans_are_cut_to_the_window(self, stage: Stage) -> None:
        stage.say(hours(9, 12), hours(13, 14), hours(14, 15))
        reading = stage.source.read(*hours(10, 14), None)
        assert reading is not None
        assert reading.spans == spans(hours(10, 12), hours(13, 14))

    def test_the_same_state_and_window_need_no_second_reading(self, stage: Stage) -> None:
        stage.say(hours(9, 10))
        first = stage.source.read(*DAY, None)
        assert first is not None
        assert stage.source.read(*DAY, first.version) is None

    def test_without_a_known_version_there_is_always_a_reading(self, stage: Stage) -> None:
        stage.say(hours(9, 10))
        assert stage.source.read(*DAY, None) == stage.source.read(*DAY, None) is not None

    def test_a_change_makes_a_new_reading(self, stage: Stage) -> None:
        stage.say(hours(9, 10))
        first = stage.source.read(*DAY, None)
        assert first is not None
        stage.say(hours(8, 9))
        second = stage.source.read(*DAY, first.version)
        assert second is not None
        assert second.spans == spans(hours(8, 9))
        assert second.version != first.version

    def test_another_window_makes_a_new_reading(self, stage: Stage) -> None:
        stage.say(hours(9, 10), hours(12, 13))
        first = stage.source.read(*hours(8, 11), None)
        assert first is not None
        second = stage.source.read(*hours(11, 14), first.version)
        assert second is not None
        assert second.spans == spans(hours(12, 13))

    def test_an_unreadable_source_is_never_free(self, stage: Stage) -> None:
        stage.say(hours(9, 10))
        first = stage.source.read(*DAY, None)
        assert first is not None
        stage.become_unreadable()
        for known in (None, first.version):
            with pytest.raises(Unavailable):
                stage.source.read(*DAY, known)

    def test_a_source_that_came_back_is_read_again(self, stage: Stage) -> None:
        stage.become_unreadable()
        stage.say(hours(9, 10))
        reading = stage.source.read(*DAY, None)
        assert reading is not None
        assert reading.spans == spans(hours(9, 10))


def as_ics(busy: Iterable[Busy]) -> str:
    events = [
        f"BEGIN:VEVENT\nUID:{number}\nDTSTART:{start:%Y%m%dT%H%M%SZ}\nDTEND:{end:%Y%m%dT%H%M%SZ}\nEND:VEVENT\n"
        for number, (start, end) in enumerate(busy)
    ]
    return f"BEGIN:VCALENDAR\n{''.join(events)}END:VCALENDAR\n"


class IcsStage:
    def __init__(self, folder: Path) -> None:
        self._path = folder / "busy.ics"
        self.source: BusySource = IcsFile(self._path, all_day=AllDay.BUSY, zone=ZoneInfo("Europe/Berlin"))

    def say(self, *busy: Busy) -> None:
        self._path.write_text(as_ics(busy), encoding="utf-8")

    def become_unreadable(self) -> None:
        self._path.write_text("BEGIN:VCALENDAR\nBEGIN:VEV", encoding="utf-8")


class TestIcsFile(BusySourceContract):
    @pytest.fixture
    def stage(self, tmp_path: Path) -> Stage:
        return IcsStage(tmp_path)


class AddressStage:
    """A server that marks what it sends, unless it ``forgets`` to."""

    def __init__(self, server: Published, forgets: bool) -> None:
        self._server, self._forgets = server, forgets
        self._revision = 0
        outward = Outward(
            SystemClock(),
            limits=Limits(ports=frozenset({server.port}), plain=True),
            trusted=lambda address: address == "127.0.0.1",
        )
        reader = IcsReader(AllDay.BUSY, ZoneInfo("Europe/Berlin"))
        self.source: BusySource = IcsAddress(server.url(), read=reader.read, outward=outward)

    def say(self, *busy: Busy) -> None:
        self._publish(as_ics(busy))

    def become_unreadable(self) -> None:
        self._publish("BEGIN:VCALENDAR\nBEGIN:VEV")

    def _publish(self, text: str) -> None:
        self._revision += 1
        mark, body = f'"{self._revision}"', text.encode()

        def says(asked: Asked) -> list[bytes]:
            if self._forgets:
                return answer(body=body)
            known = asked.headers.get("if-none-match") == mark
            return answer(304, etag=mark) if known else answer(body=body, etag=mark)

        self._server.says = says


class TestIcsAddress(BusySourceContract):
    @pytest.fixture(params=[False, True], ids=["marks", "forgets"])
    def stage(self, request: pytest.FixtureRequest) -> Iterator[Stage]:
        with Published(lambda _: answer(503)) as server:
            yield AddressStage(server, request.param)


class MemoryStage:
    def __init__(self) -> None:
        self._memory = MemoryBusy()
        self.source: BusySource = self._memory

    def say(self, *busy: Busy) -> None:
        self._memory.down = False
        self._memory.set(spans(*busy))

    def become_unreadable(self) -> None:
        self._memory.down = True


class TestMemoryBusy(BusySourceContract):
    @pytest.fixture
    def stage(self) -> Stage:
        return MemoryStage()
