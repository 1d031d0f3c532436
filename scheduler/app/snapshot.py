"""The couple's state as it stands, for commands that only look: nothing of the real one is made or written.

Not here: playing the coming weeks through (rehearsal), or the only process that may write (service).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace

from scheduler.adapters.memory import MemoryMailer
from scheduler.adapters.sqlstore import MEMORY, SqlStore
from scheduler.adapters.system import new_secret
from scheduler.app.service import Service
from scheduler.app.wiring import DATABASE, load_words, parts_of
from scheduler.ports import Clock, Store
from scheduler.settings import Settings


@contextmanager
def copied_store(settings: Settings) -> Iterator[Store]:
    """A store that begins as the real one is now, or empty where there is none yet, and vanishes with the block.

    Raises: Unavailable, the real state cannot be read or is damaged; ConfigError, it is another program's or newer.
    """
    real = settings.state / DATABASE
    opened = SqlStore.open_copy(real, secret=new_secret) if real.exists() else SqlStore.open(MEMORY, secret=new_secret)
    with closing(opened) as store:
        yield store


@contextmanager
def looking(settings: Settings, clock: Clock) -> Iterator[Service]:
    """A service on a copy of the state: it may read busy times and plan; a mail would reach nobody."""
    words = load_words(settings)
    with copied_store(settings) as store:
        parts = parts_of(settings, words, store, clock)
        yield Service(replace(parts, mailer=MemoryMailer(), routes={}))
