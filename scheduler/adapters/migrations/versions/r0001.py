"""The first shape. Instants are microseconds since 1970 UTC. Never edited: a change is a new file."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    _couple_tables()
    _time_tables()
    _outbox()


def _key(name: str, type_: Any = sa.Text) -> sa.Column[Any]:
    return sa.Column(name, type_, primary_key=True)


def _must(name: str, type_: Any = sa.Text) -> sa.Column[Any]:
    return sa.Column(name, type_, nullable=False)


def _may(name: str, type_: Any = sa.Text) -> sa.Column[Any]:
    return sa.Column(name, type_)


def _couple_tables() -> None:
    op.create_table("salts", _key("couple"), _must("salt", sa.LargeBinary))
    op.create_table("notes", _key("couple"), _key("name"), _must("value"))
    op.create_table("draws", _key("couple"), _key("week"), _key("slot"), _must("card"))
    op.create_table(
        "memberships",
        *(_key("couple"), _key("partner"), _must("standing", sa.String(16))),
        *(_may("joined_at", sa.BigInteger), _must("shown"), _may("paused_until", sa.Date)),
    )
    op.create_table(
        "busy",
        *(_key("couple"), _key("partner"), _key("source"), _must("spans")),
        *(_may("version"), _may("good_at", sa.BigInteger), _may("emptied_at", sa.BigInteger), _must("error")),
    )


def _time_tables() -> None:
    op.create_table(
        "placements",
        *(_key("couple"), _key("key")),
        *(_must(name, sa.BigInteger) for name in ("starts_at", "ends_at", "decided_at")),
        *(_must("moves", sa.Integer), _must("held", sa.Boolean), _must("fate", sa.String(16))),
        *(_may("previous", sa.BigInteger), _must("why")),
    )
    op.create_index("placements_by_end", "placements", ["couple", "ends_at"])
    op.create_table(
        "calendar_entries",
        *(_key("couple"), _key("partner"), _key("occurrence"), _key("generation", sa.Integer)),
        *(_must("uid"), _must("sequence", sa.Integer), _must("title"), _must("description")),
        *(_must(name, sa.BigInteger) for name in ("starts_at", "ends_at", "revised_at")),
        *(_may("reminder", sa.Integer), _must("live", sa.Boolean), _may("written", sa.Integer), _may("tag")),
        *(_may(name, sa.BigInteger) for name in ("written_starts_at", "written_ends_at")),
    )
    op.create_index("calendar_entries_by_end", "calendar_entries", ["couple", "ends_at"])


def _outbox() -> None:
    op.create_table(
        "outbox",
        *(_key("couple"), _key("key"), _must("partner"), _must("kind", sa.String(16)), _must("ref")),
        *(_must("due_at", sa.BigInteger), _must("wanted_at", sa.BigInteger), _may("fresh_until", sa.BigInteger)),
        _must("state", sa.String(16)),
        *(_must(name, sa.Integer) for name in ("epoch", "attempts", "cut_off")),
        *(_may("payload", sa.LargeBinary), _must("note")),
        *(_may("lease_until", sa.BigInteger), _may("done_at", sa.BigInteger)),
    )
    op.create_index("outbox_by_key", "outbox", ["key"], unique=True)
    op.create_index("outbox_by_ref", "outbox", ["couple", "ref"])
    op.create_index("outbox_by_state", "outbox", ["couple", "state", "done_at"])
    for name, column, rows in (
        ("outbox_due", "due_at", sa.text("state = 'waiting'")),
        ("outbox_leased", "lease_until", sa.text("lease_until IS NOT NULL")),
    ):
        op.create_index(name, "outbox", [column], sqlite_where=rows, postgresql_where=rows)
