"""The tables and how our values stand in them. Not here: any query (sqlstore), older shapes (migrations).

A column is named after the field of the domain that it keeps. Every primary key starts with the couple.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from enum import Enum as Closed
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Dialect,
    Enum,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    text,
)

from scheduler.domain.couple import Standing
from scheduler.domain.freebusy import Spans
from scheduler.domain.link import Purpose
from scheduler.domain.occurrence import Fate
from scheduler.domain.outbox import EffectKind, State

REVISION = "0002"
"""The newest revision in migrations/versions: the shape that the tables below describe."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Instant(TypeDecorator[datetime]):
    """An aware datetime as whole microseconds since 1970 UTC; comes back in UTC. A naive one is a ValueError."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> int | None:
        if value is None:
            return None
        if value.utcoffset() is None:
            raise ValueError("a naive datetime names no instant")
        return (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: int | None, _dialect: Dialect) -> datetime | None:
        return None if value is None else _EPOCH + timedelta(microseconds=value)


class Seconds(TypeDecorator[timedelta]):
    """A length of time in whole seconds."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: timedelta | None, _dialect: Dialect) -> int | None:
        return None if value is None else value // timedelta(seconds=1)

    def process_result_value(self, value: int | None, _dialect: Dialect) -> timedelta | None:
        return None if value is None else timedelta(seconds=value)


class SpanList(TypeDecorator[Spans]):
    """Busy intervals as a JSON list of pairs."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Spans | None, _dialect: Dialect) -> str:
        return json.dumps(value or (), separators=(",", ":"))

    def process_result_value(self, value: str | None, _dialect: Dialect) -> Spans:
        return tuple((start, end) for start, end in json.loads(value or "[]"))


def _word_of(closed_set: type[Closed]) -> Enum:
    """The member's value as short text: a new member needs no migration."""
    return Enum(
        closed_set,
        native_enum=False,
        create_constraint=False,
        length=16,
        values_callable=lambda members: [one.value for one in members],
    )


def _key(name: str, type_: Any = Text) -> Column[Any]:
    return Column(name, type_, primary_key=True)


def _must(name: str, type_: Any = Text) -> Column[Any]:
    return Column(name, type_, nullable=False)


metadata = MetaData()

salts = Table("salts", metadata, _key("couple"), _must("salt", LargeBinary))

notes = Table("notes", metadata, _key("couple"), _key("name"), _must("value"))

memberships = Table(
    "memberships",
    metadata,
    _key("couple"),
    _key("partner"),
    _must("standing", _word_of(Standing)),
    Column("joined_at", Instant),
    _must("shown"),
    Column("paused_until", Date),
)

placements = Table(
    "placements",
    metadata,
    _key("couple"),
    _key("key"),
    _must("starts_at", Instant),
    _must("ends_at", Instant),
    _must("decided_at", Instant),
    _must("moves", Integer),
    _must("held", Boolean),
    _must("fate", _word_of(Fate)),
    Column("previous", Instant),
    _must("why"),
    Index("placements_by_end", "couple", "ends_at"),
)

calendar_entries = Table(
    "calendar_entries",
    metadata,
    _key("couple"),
    _key("partner"),
    _key("occurrence"),
    _key("generation", Integer),
    _must("uid"),
    _must("sequence", Integer),
    _must("title"),
    _must("description"),
    _must("starts_at", Instant),
    _must("ends_at", Instant),
    _must("revised_at", Instant),
    Column("reminder", Seconds),
    _must("live", Boolean),
    Column("written", Integer),
    Column("tag", Text),
    Column("written_starts_at", Instant),
    Column("written_ends_at", Instant),
    Column("written_title", Text),
    Column("own_title", Text),
    Index("calendar_entries_by_end", "couple", "ends_at"),
)

busy = Table(
    "busy",
    metadata,
    _key("couple"),
    _key("partner"),
    _key("source"),
    _must("spans", SpanList),
    Column("version", Text),
    Column("good_at", Instant),
    Column("emptied_at", Instant),
    _must("error"),
    Column("cut_at", Instant),
)

sealed = Table("sealed", metadata, _key("couple"), _key("partner"), _key("name"), _must("value", LargeBinary))

links = Table(
    "links",
    metadata,
    _key("couple"),
    _key("digest"),
    _must("partner"),
    _must("purpose", _word_of(Purpose)),
    _must("made_at", Instant),
    Column("expires_at", Instant),
    Column("used_at", Instant),
)

draws = Table("draws", metadata, _key("couple"), _key("week"), _key("slot"), _must("card"))

outbox = Table(
    "outbox",
    metadata,
    _key("couple"),
    _key("key"),
    _must("partner"),
    _must("kind", _word_of(EffectKind)),
    _must("ref"),
    _must("due_at", Instant),
    _must("wanted_at", Instant),
    Column("fresh_until", Instant),
    _must("state", _word_of(State)),
    _must("epoch", Integer),
    _must("attempts", Integer),
    _must("cut_off", Integer),
    Column("payload", LargeBinary),
    _must("note"),
    Column("lease_until", Instant),
    Column("done_at", Instant),
    Index("outbox_by_key", "key", unique=True),
    Index("outbox_by_ref", "couple", "ref"),
    Index("outbox_by_state", "couple", "state", "done_at"),
)

# Both stay small however long the history grows. Written as literals because neither SQLite nor PostgreSQL
# uses a partial index for a bound parameter.
Index("outbox_due", outbox.c.due_at, sqlite_where=text("state = 'waiting'"), postgresql_where=text("state = 'waiting'"))
Index(
    "outbox_leased",
    outbox.c.lease_until,
    sqlite_where=text("lease_until IS NOT NULL"),
    postgresql_where=text("lease_until IS NOT NULL"),
)
