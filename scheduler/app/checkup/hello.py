"""A hello that each partner can see in their calendar, and that goes away again. Not here: asking whether they saw it.

It goes the way that rituals go: an own event under an own UID, written, looked for, taken out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial

from scheduler.app.checkup.finding import Finding, Level
from scheduler.app.routes import next_step, route_words
from scheduler.app.service import Service
from scheduler.domain.couple import Partner, Standing
from scheduler.domain.errors import RitualsError
from scheduler.domain.event import Event
from scheduler.domain.outbox import derived_id
from scheduler.domain.pace import Pace
from scheduler.engine.plan import UID_HOST
from scheduler.ports import Calendar
from scheduler.settings import FeedRoute, InviteRoute, Settings

_SOON = timedelta(hours=1)
_LENGTH = timedelta(minutes=15)


def say_hello(
    settings: Settings, service: Service, *, wait: Callable[[str, str], object] = lambda _name, _where: None
) -> Iterator[Finding]:
    """Write, look, wait until ``wait`` (name, where) returns, take away; for each partner who has said yes."""
    members = service.memberships()
    for partner in settings.couple.partners:
        subject, route = f"hello, {partner.name}", settings.calendars[partner.id]
        if members[partner.id].standing is not Standing.JOINED:
            yield Finding(subject, Level.OK, f"nothing is written before {partner.name} has said yes")
        elif isinstance(route, FeedRoute):
            yield Finding(subject, Level.OK, "a feed is not written to; open its address in a browser to see it")
        else:
            try:
                told = _greet(service, partner, partial(wait, partner.name, route_words(route)))
                by_mail = "; two mails went out" if isinstance(route, InviteRoute) else ""
                yield Finding(subject, Level.OK, f"{told}{by_mail}")
            except RitualsError as err:
                yield Finding(subject, Level.BAD, str(err), next_step(route, partner))


def _greet(service: Service, partner: Partner, wait: Callable[[], object]) -> str:
    calendar, event = service.parts.calendars[partner.id], _hello(service, partner)
    tag = calendar.put(event, None)
    try:
        seen = _is_seen(calendar, event)
        wait()
    finally:
        calendar.remove(event, tag)
    return "an event was written, found and taken away again" if seen else "an event was written and taken back"


def _is_seen(calendar: Calendar, event: Event) -> bool:
    return calendar.pace is not Pace.NEVER and calendar.seen([event.uid]).get(event.uid) is not None


def _hello(service: Service, partner: Partner) -> Event:
    """In the hour after the next, so that it stands on the day that a calendar shows first."""
    now = service.parts.clock.now()
    starts_at = now.replace(minute=0, second=0, microsecond=0) + 2 * _SOON
    return Event(
        uid=f"{_id(service, partner, now)}@{UID_HOST}",
        sequence=0,
        title="Hello" if partner.discreet else "Hello from Rituals",
        description="Only a test, which goes away by itself. If you can see it, your rituals will be seen too.",
        starts_at=starts_at,
        ends_at=starts_at + _LENGTH,
        revised_at=now,
    )


def _id(service: Service, partner: Partner, now: datetime) -> str:
    with service.parts.store.transaction() as tx:
        return derived_id(tx.salt(service.couple.id), "hello", partner.id, now.isoformat())
