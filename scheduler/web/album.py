"""Both calendars, the mails and the rhythm as one self-contained page. Not here: gathering (cli) or serving (live)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from jinja2 import Environment

from scheduler.app.days import season_words
from scheduler.app.facts import was_words
from scheduler.app.letters import ShownLetter
from scheduler.content.assets import Assets
from scheduler.domain.season import Season
from scheduler.web.paper import page_environment
from scheduler.web.rhythm import draw_rhythm
from scheduler.web.weeks import Side, Week, cut_weeks

# A mail's frame is never fetched, so no frame-src is needed; it inherits this very policy: no scripts, nothing remote.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"


@dataclass(frozen=True, slots=True)
class Missing:
    """What found no place: ``count`` says which or how many, ``helps`` are (change, start it would give)."""

    title: str
    count: str
    reason: str
    helps: tuple[tuple[str, datetime], ...] = ()


@dataclass(frozen=True, slots=True)
class Album:
    """Everything the page shows. ``first`` and ``last`` are local dates; whole weeks around them are drawn.

    ``now`` draws a line and opens its week; None (a simulation) opens the first. ``mail_note`` says why
    no mails are shown. ``kept`` are days kept free that both know of.
    """

    title: str
    first: date
    last: date
    partners: tuple[Side, Side]
    mails: tuple[ShownLetter, ...] = ()
    notes: tuple[str, ...] = ()
    mail_note: str = ""
    now: datetime | None = None
    seasons: tuple[Season, ...] = ()
    kept: frozenset[date] = frozenset()
    missing: tuple[Missing, ...] = ()

    def __post_init__(self) -> None:
        if self.first > self.last:
            raise ValueError("the first day is after the last")


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One partner's mails by month, oldest first."""

    side: Side
    months: tuple[tuple[str, tuple[ShownLetter, ...]], ...]


def render_album(album: Album, assets: Assets) -> str:
    """The whole page as HTML that loads nothing and runs nothing. Raises: FileNotFoundError, a template is gone."""
    weeks = cut_weeks(album.partners, album.first, album.last, album.now)
    return (
        _environment(assets)
        .get_template("week.html")
        .render(
            album=album,
            policy=POLICY,
            weeks=weeks,
            seasons=[_seasons(album, week) for week in weeks],
            opened=_opened(album, weeks),
            rhythm=draw_rhythm(album.partners, album.first, album.last),
            mailboxes=[_mailbox(side, album.mails) for side in album.partners],
        )
    )


def _environment(assets: Assets) -> Environment:
    made = page_environment(assets)
    made.filters |= {"day": _day, "stamp": _stamp, "was": was_words, "words": lambda kind: kind.value.replace("_", " ")}
    return made


def _seasons(album: Album, week: Week) -> list[str]:
    sunday = week.monday + timedelta(days=6)
    return [
        season_words(one, week.monday)
        for one in sorted(album.seasons, key=lambda one: one.first)
        if one.first <= sunday and week.monday <= one.last
    ]


def _day(day: date, form: str = "long") -> str:
    """ "23 November 2026"; without leading zero, which no portable format code drops."""
    return f"{day.day} {day:%B %Y}" if form == "long" else f"{day.day} {day:%b}"


def _stamp(instant: datetime, zone: ZoneInfo) -> str:
    local = instant.astimezone(zone)
    return f"{local:%a} {local.day} {local:%b}, {local:%H:%M}"


def _opened(album: Album, weeks: list[Week]) -> int:
    """The index of the week that is open at first: that of now on the first partner's wall, else the first."""
    today = album.now.astimezone(album.partners[0].zone).date() if album.now else None
    return next((i for i, week in enumerate(weeks) if today and (today - week.monday).days in range(7)), 0)


def _mailbox(side: Side, mails: tuple[ShownLetter, ...]) -> Mailbox:
    own = sorted((mail for mail in mails if mail.partner == side.partner), key=lambda mail: mail.sent_at)
    months = groupby(own, key=lambda mail: f"{mail.sent_at.astimezone(side.zone):%B %Y}")
    return Mailbox(side, tuple((month, tuple(group)) for month, group in months))
