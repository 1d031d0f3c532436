"""Made-up letters on which templates are tried before any real one is written. Not here: the trying (render)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from scheduler.domain.couple import Partner
from scheduler.domain.deck import Card, CardFormat, Theme
from scheduler.domain.digest import Letter, RitualTime, WithoutTime
from scheduler.domain.message import MailKind
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
            )


def _empty(kind: MailKind, discreet: bool) -> Letter:
    partner = Partner("sam", "Sam", "sam@example.org", ZoneInfo("Europe/Berlin"), discreet=discreet)
    return Letter(
        kind=kind,
        period="2026-W48",
        partner=partner,
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
