"""How our values stand in the tables."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Dialect, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex

from scheduler.adapters.tables import Instant, Seconds, SpanList, metadata
from tests.build import at

SQLITE = sqlite.dialect()
ZONES = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.datetimes(timezones=ZONES, min_value=datetime(1900, 1, 2), max_value=datetime(9998, 1, 1)))  # noqa: DTZ001
def test_an_instant_survives_to_the_microsecond(instant: datetime) -> None:
    stored = Instant().process_bind_param(instant, SQLITE)
    back = Instant().process_result_value(stored, SQLITE)
    assert back == instant
    assert back is not None
    assert back.tzinfo is UTC


def test_an_instant_is_whole_microseconds_since_1970() -> None:
    assert Instant().process_bind_param(at("1970-01-01 00:01"), SQLITE) == 60_000_000


def test_a_naive_datetime_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        Instant().process_bind_param(datetime(2026, 11, 23), SQLITE)  # noqa: DTZ001


def test_none_stays_none() -> None:
    assert Instant().process_bind_param(None, SQLITE) is None
    assert Instant().process_result_value(None, SQLITE) is None
    assert Seconds().process_bind_param(None, SQLITE) is None
    assert Seconds().process_result_value(None, SQLITE) is None


def test_a_length_is_whole_seconds() -> None:
    assert Seconds().process_bind_param(timedelta(minutes=30), SQLITE) == 1800
    assert Seconds().process_result_value(1800, SQLITE) == timedelta(minutes=30)


def test_spans_come_back_as_tuples() -> None:
    stored = SpanList().process_bind_param(((1, 2), (5, 9)), SQLITE)
    assert stored == "[[1,2],[5,9]]"
    assert SpanList().process_result_value(stored, SQLITE) == ((1, 2), (5, 9))


@pytest.mark.parametrize("table", metadata.sorted_tables, ids=str)
def test_every_primary_key_starts_with_the_couple(table: Table) -> None:
    assert next(iter(table.primary_key)).name == "couple"


@pytest.mark.parametrize("dialect", [sqlite.dialect, postgresql.dialect])
def test_due_rows_are_indexed_by_a_literal(dialect: Callable[[], Dialect]) -> None:
    due = next(index for index in metadata.tables["outbox"].indexes if index.name == "outbox_due")
    assert str(CreateIndex(due).compile(dialect=dialect())).endswith("(due_at) WHERE state = 'waiting'")
