"""A calendar's bytes are read the same wherever they come from. Not here: what they mean (test_icsbusy)."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest

from scheduler.adapters.icsbusy.fence import NotNowError
from scheduler.adapters.icsbusy.reader import IcsReader
from scheduler.adapters.icsbusy.wire import Answer, Order
from scheduler.domain.errors import Unavailable
from scheduler.domain.spans import AllDay, span_of
from tests.build import at

START, END = at("2026-11-23 00:00"), at("2026-11-24 00:00")
ZONE = ZoneInfo("Europe/Berlin")
EVENT = b"BEGIN:VEVENT\nUID:1\nDTSTART:20261123T090000Z\nDTEND:20261123T100000Z\nEND:VEVENT\n"
ONE = b"BEGIN:VCALENDAR\n" + EVENT + b"END:VCALENDAR\n"


def reader() -> IcsReader:
    return IcsReader(AllDay.BUSY, ZONE)


def test_bytes_in_memory_are_read_like_a_file() -> None:
    found = reader().read(BytesIO(ONE), START, END, None)
    assert found is not None
    assert found.spans == (span_of(at("2026-11-23 09:00"), at("2026-11-23 10:00")),)


def test_the_same_bytes_and_window_are_no_news() -> None:
    found = reader().read(BytesIO(ONE), START, END, None)
    assert found is not None
    assert reader().read(BytesIO(ONE), START, END, found.version) is None


def test_a_file_is_read_from_its_start_wherever_it_stands() -> None:
    file = BytesIO(ONE)
    file.seek(0, 2)
    found = reader().read(file, START, END, None)
    assert found is not None
    assert found.spans


@pytest.mark.parametrize(
    ("data", "said"),
    [(b"<html></html>", "is not an iCalendar file"), (b"\n" * 20_000_001, "is larger than 20 MB")],
)
def test_what_is_refused_is_told_without_a_subject(data: bytes, said: str) -> None:
    with pytest.raises(Unavailable, match=f"^{said}") as caught:
        reader().read(BytesIO(data), START, END, None)
    assert caught.value.__cause__ is None


def test_a_machine_without_room_is_told_without_a_subject() -> None:
    def parse(order: Order, chunks: Iterable[bytes]) -> Answer:
        raise NotNowError("cannot be read now")

    with pytest.raises(Unavailable, match=r"^cannot be read now$"):
        IcsReader(AllDay.BUSY, ZONE, parse=parse).read(BytesIO(ONE), START, END, None)
