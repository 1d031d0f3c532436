"""Everything the service needs, looked at once: what `rituals doctor` says. Not here: any single check.

Looking changes nothing: no folder is made, no mail is sent, the state is read from a copy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from scheduler.app.checkup.calendars import check_calendars
from scheduler.app.checkup.finding import Finding, Level
from scheduler.app.checkup.machine import check_clock, check_disk, check_keys, check_state, check_zones
from scheduler.app.checkup.places import check_busy, check_mail, check_words
from scheduler.app.checkup.state import Memory, check_people, check_service, read_memory
from scheduler.domain.errors import ConfigError
from scheduler.settings import Settings

__all__ = ["Finding", "Level", "checkup"]


def checkup(read: Callable[[], Settings], now: datetime, *, offline: bool = False) -> list[Finding]:
    """All findings, in the order in which they should be mended; ``offline`` leaves the mail server alone."""
    try:
        settings = read()
    except ConfigError as err:
        found = [Finding("config", Level.BAD, str(one), "mend this line") for one in err.problems]
        return [*found, *check_zones(now), *check_clock(now, Memory())]
    return [Finding("config", Level.OK, f"{settings.source} is sound"), *_all(settings, now, offline=offline)]


def _all(settings: Settings, now: datetime, *, offline: bool) -> Iterator[Finding]:
    yield from check_words(settings)
    yield from check_zones(now, settings.couple)
    memory = read_memory(settings)
    yield from check_clock(now, memory)
    yield from check_disk(settings.state)
    yield from check_state(settings.state, memory.trouble)
    yield from check_service(settings)
    yield from check_calendars(settings, memory, now)
    yield from check_keys(settings.keys)
    yield from check_busy(settings, memory, now, offline=offline)
    yield from check_mail(settings, offline=offline)
    yield from check_people(settings, memory)
