"""What Alembic runs for every command: our connection, our tables. Not here: the changes (versions)."""

from __future__ import annotations

from alembic import context

from scheduler.adapters.tables import metadata

# SQLite cannot alter most things in place; a batch rebuilds the table instead.
context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
