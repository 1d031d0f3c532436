"""Made-up letters and notices, on which templates are tried before any real ones. Not here: the trying (render)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from scheduler.domain.couple import Partner
from scheduler.domain.deck import Card, CardFormat, Theme
from scheduler.domain.digest import Letter, Notice, Reach, RitualTime, WithoutTime
from scheduler.domain.event import Event
from scheduler.domain.message import MailKind, NoticeKind
from scheduler.domain.ritual import Size

_SUNDAY = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)

CARD = Card(
    id="question_pair-daily-000",
    deck="core",
    theme=Theme.DAILY,
    format=CardFormat.QUESTION_PAIR,
    depth=1,
    minutes=10,
    mode="talk",
    prompt="Which sound of this week would you like to hear again?",
    how="One tells, one listens, then swap.",
    short="Name the sound. One word is plenty.",
    share="spoken",
    family="week-sound",
    concepts=(),
    deeper="What did it bring back?",
    listener="Ask where it came from.",
    pass_="Hum it.",  # noqa: S106 - a way to pass on the question
    care=True,
)


_DOOR = "https://rituals.example.org/connect/l4gkggt1l4gkggt1l4gkggt1l4gkggt1"
_WAYS = (
    (Size.FULL, True, "the first evening you are both free"),
    (Size.SHORT, False, "the closest to the time you like"),
    (Size.TINY, None, ""),
)
_WITHOUT_TIME = (
    WithoutTime("Walk", "nothing is long enough", "20 instead of 30 minutes", (_SUNDAY.date(), date(2026, 11, 24))),
    WithoutTime("Supper", "other rituals stand there"),
)


def specimens() -> Iterator[Letter]:
    """For every kind a letter with everything in it, one with nothing, and both again in discreet mode."""
    for kind in MailKind:
        for discreet in (False, True):
            empty = _empty(kind, discreet)
            yield empty
            yield replace(
                empty,
                coming=_times(0),
                past=_times(-7),
                card=CARD,
                rhythm=(("Coffee", "weekly"),),
                without_time=_WITHOUT_TIME,
                tone="Heads are full just now.",
                reach=Reach.ACCOUNT,
                door=_DOOR,
            )
            yield from (replace(empty, reach=reach, door=_DOOR) for reach in Reach if kind is MailKind.WELCOME)


def notices() -> Iterator[Notice]:
    """For every kind one whose event says what to do and one whose event says nothing, and both again in discreet
    mode."""
    event = Event(
        uid="l4gkggt1@couple-rituals",
        sequence=0,
        title="Coffee",
        description="Sit down together.\nPhones away.\n\nWhy this time: the first evening you are both free.",
        starts_at=_SUNDAY + timedelta(days=2, hours=1),
        ends_at=_SUNDAY + timedelta(days=2, hours=2),
        revised_at=_SUNDAY,
    )
    for kind in NoticeKind:
        for discreet in (False, True):
            full = Notice(kind, event, _reader(discreet), "host@example.org")
            yield full
            yield replace(full, event=replace(event, description=""))


def _reader(discreet: bool) -> Partner:
    return Partner("sam", "Sam", "sam@example.org", ZoneInfo("Europe/Berlin"), discreet=discreet)


def _empty(kind: MailKind, discreet: bool) -> Letter:
    return Letter(
        kind=kind,
        period="2026-W48",
        partner=_reader(discreet),
        other_name="Kim",
        other_zone=ZoneInfo("Europe/London"),
        written_at=_SUNDAY,
        contact="host@example.org",
    )


def _times(days_on: int) -> tuple[RitualTime, ...]:
    first = _SUNDAY + timedelta(days=days_on)
    starts = (first + timedelta(days=2, hours=1), first + timedelta(days=2, hours=4), first + timedelta(days=6))
    return tuple(
        RitualTime(
            ritual="coffee",
            title="Coffee",
            starts_at=start,
            ends_at=start + timedelta(hours=1),
            how_to=("Sit down.",),
            previous=start - timedelta(days=1),
            size=size,
            yours=yours,
            why=why,
        )
        for start, (size, yours, why) in zip(starts, _WAYS, strict=True)
    )
