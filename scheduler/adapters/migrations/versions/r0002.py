"""Calendars on servers: sealed values, links, and the titles that people gave to our events. Never edited."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "sealed",
        *(sa.Column(name, sa.Text, primary_key=True) for name in ("couple", "partner", "name")),
        sa.Column("value", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "links",
        *(sa.Column(name, sa.Text, primary_key=True) for name in ("couple", "digest")),
        sa.Column("partner", sa.Text, nullable=False),
        sa.Column("purpose", sa.String(16), nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        *(sa.Column(name, sa.BigInteger) for name in ("expires_at", "used_at")),
    )
    for name in ("written_title", "own_title"):
        op.add_column("calendar_entries", sa.Column(name, sa.Text))
    op.add_column("busy", sa.Column("cut_at", sa.BigInteger))
