"""One letter as the plain values its templates show. Not here: any sentence (templates) or markup (render), or what
the mail around an event shows (notice).

Every string a person typed passes ``plain``: one line, no control or direction characters, a bounded length.
What discreet mode holds back is left out here, so that no template, ours or a host's own, can show it.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.dates import format_skeleton, get_day_names, get_month_names

from scheduler.domain.deck import Card
from scheduler.domain.digest import DAY_PARTS, Letter, RitualTime, WithoutTime, week_picture
from scheduler.domain.localtime import WEEKDAY_NAMES, local_date
from scheduler.domain.message import MailKind
from scheduler.domain.ritual import Size

MOST_TIMES = 21  # three a day for a week
_MOST_TITLES = 8
_WEEK_DAYS = 7
_DIRECTION = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
LONGEST_NAME, LONGEST_TITLE, LONGEST_ADDRESS, LONGEST_LINE, LONGEST_TEXT = 40, 60, 254, 120, 350
_TELL_WHY = (MailKind.TIME_SET, MailKind.DIGEST)
_TELL_OLD = (MailKind.NEW_TIME, MailKind.DIGEST)
_SIZES = {Size.FULL: "", Size.SHORT: "a short one", Size.TINY: "a tiny one"}


@dataclass(frozen=True, slots=True)
class TimeWords:
    """One ritual: ``clock`` "18:30–19:30" in the reader's zone; any of the rest may be empty.

    ``note`` is its length and whose turn it is ("a short one, your turn to plan"), ``why`` a sentence.
    """

    title: str
    clock: str
    elsewhere: str = ""
    was: str = ""
    note: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class DayWords:
    """One local day and what stands on it, by start."""

    day: str
    times: tuple[TimeWords, ...]


@dataclass(frozen=True, slots=True)
class OpenWords:
    """A ritual that found ``what`` ("no time", "no time on Tuesday"); ``remedy`` may be empty.

    ``remedy_on`` is the one weekday that it helps on, "" for all of it.
    """

    title: str
    what: str
    reason: str
    remedy: str
    remedy_on: str


@dataclass(frozen=True, slots=True)
class CardWords:
    """A card's lines; those it does not have are empty. ``minutes`` are for both, or for one where ``solo``."""

    prompt: str
    how: str
    deeper: str
    listener: str
    short: str
    smaller: str
    minutes: int
    solo: bool
    care: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """Seven days as a grid: ``rows`` are (part of the day, how many rituals on each day); ``words`` say the same."""

    days: tuple[str, ...]
    rows: tuple[tuple[str, tuple[int, ...]], ...]
    words: str


def letter_words(letter: Letter) -> dict[str, Any]:
    """Everything a mail template can see, in the reader's own zone and language.

    Discreet: no partner's name (but in the invitation, which nobody could answer without it), no second clock,
    no ritual's own title, no length, turn, reason or season, and the card only in the mails that exist for it
    (question, reflection), never in the digest. The card itself stays in: there is no page to read it on yet, and
    without it those mails say nothing.
    """
    discreet, locale = letter.partner.discreet, locale_of(letter.partner.language)
    hidden = discreet and letter.kind is not MailKind.INVITATION
    shown = _shown(letter)
    shows_card = not (discreet and letter.kind is MailKind.DIGEST)
    return {
        "discreet": discreet,
        "name": "" if hidden else plain(letter.partner.name, LONGEST_NAME),
        "other": "" if hidden else plain(letter.other_name, LONGEST_NAME),
        "contact": plain(letter.contact, LONGEST_ADDRESS) or "the person who runs this",
        "days": _days(letter, shown, locale),
        "clocks": _clocks(letter, shown),
        "count": len(letter.coming),
        "more": 0 if letter.kind is MailKind.QUESTION else len(letter.coming) - len(shown),
        "past": _titles(letter.past),
        "rhythm": tuple(("" if discreet else plain(title), plain(cadence)) for title, cadence in letter.rhythm),
        "open": () if discreet else tuple(_open(one, locale) for one in letter.without_time),
        "reach": letter.reach.value,
        "door": letter.door,
        "tone": "" if discreet else plain(letter.tone, LONGEST_LINE),
        "card": _card(letter.card) if letter.card and shows_card and letter.card.email != "link" else None,
        "picture": _picture(letter, locale),
    }


def _shown(letter: Letter) -> tuple[RitualTime, ...]:
    return letter.coming[: 1 if letter.kind is MailKind.QUESTION else MOST_TIMES]


def plain(text: str, most: int = LONGEST_TITLE) -> str:
    """One line without control or direction characters, cut at ``most`` characters or twice as many octets.

    >>> plain("Sam\\r\\n  \\u202eBcc")
    'Sam Bcc'
    """
    kept = "".join(char for char in " ".join(text.split()) if not is_control(char))
    if len(kept) <= most and len(kept.encode()) <= 2 * most:
        return kept
    return kept[: most - 1].encode()[: 2 * most].decode(errors="ignore").rstrip() + "…"


def is_control(char: str) -> bool:
    """Whether the character steers instead of showing: C0, C1, lone surrogates, direction marks (Unicode UAX 9 §2)."""
    return unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") or char in _DIRECTION


def day_and_clock(local: datetime, language: str) -> str:
    """A local time in few words: "Sat, Nov 28, 10:00"."""
    return f"{format_skeleton('MMMEd', local, locale=locale_of(language))}, {local:%H:%M}"


def locale_of(language: str) -> Locale:
    try:
        return Locale.parse(language.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale("en")


def short_month(day: date, language: str) -> str:
    """As it stands on a calendar's leaf: "Nov"."""
    names = get_month_names("abbreviated", context="stand-alone", locale=locale_of(language))
    return str(names[day.month]).rstrip(".")


def long_day(day: date, locale: Locale) -> str:
    """A date in words: "Saturday, November 28"."""
    return f"{get_day_names('wide', locale=locale)[day.weekday()]}, {format_skeleton('MMMMd', day, locale=locale)}"


def _days(letter: Letter, times: tuple[RitualTime, ...], locale: Locale) -> tuple[DayWords, ...]:
    said: set[tuple[str, str]] = set()
    words = []
    for one in times:
        time = _time(letter, one, locale)
        is_news = (one.ritual, time.why) not in said  # the same reason all week is told once
        said.add((one.ritual, time.why))
        words.append((local_date(one.starts_at, letter.partner.zone), time if is_news else replace(time, why="")))
    by_day = groupby(words, key=lambda one: one[0])
    return tuple(DayWords(long_day(day, locale), tuple(time for _, time in some)) for day, some in by_day)


def _time(letter: Letter, one: RitualTime, locale: Locale) -> TimeWords:
    zone, discreet = letter.partner.zone, letter.partner.discreet
    start, end = one.starts_at.astimezone(zone), one.ends_at.astimezone(zone)
    before = one.previous.astimezone(zone) if one.previous else None
    return TimeWords(
        title=plain(one.title),
        clock=f"{start:%H:%M}–{end:%H:%M}",
        elsewhere=_elsewhere(letter, one, locale),
        was=f"{long_day(before.date(), locale)}, {before:%H:%M}" if before and letter.kind in _TELL_OLD else "",
        note="" if discreet else _note(letter, one),
        why=_sentence(plain(one.why, LONGEST_LINE)) if letter.kind in _TELL_WHY and not discreet else "",
    )


def _note(letter: Letter, one: RitualTime) -> str:
    """Its length, where it is not the full one, and whose turn it is to plan; of a new time nobody else is named."""
    turn = ""
    if one.yours:
        turn = "your turn to plan"
    elif one.yours is False and letter.kind is not MailKind.NEW_TIME:
        turn = f"{plain(letter.other_name, LONGEST_NAME // 2)} plans"
    return ", ".join(part for part in (_SIZES[one.size], turn) if part)


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}." if text else ""


def _open(one: WithoutTime, locale: Locale) -> OpenWords:
    names = [get_day_names("wide", locale=locale)[day.weekday()] for day in one.days]
    some = 0 < len(names) < _WEEK_DAYS
    return OpenWords(
        title=plain(one.title),
        what=f"no time on {_listed(tuple(names))}" if some else "no further time" if one.partly else "no time",
        reason=plain(one.reason, LONGEST_LINE),
        remedy=plain(one.remedy, LONGEST_LINE),
        remedy_on=names[0] if len(names) > 1 and not _names_a_day(one.remedy) else "",
    )


def _names_a_day(text: str) -> bool:
    return any(name.capitalize() in text for name in WEEKDAY_NAMES)


def _clocks(letter: Letter, shown: tuple[RitualTime, ...]) -> str:
    """How far the other's clock is ahead, said once where it holds for several times; else each time tells its own."""
    apart = {_apart(letter, one) for one in shown}
    if len(shown) < 2 or len(apart) > 1 or not _tells_both_clocks(letter) or not (minutes := apart.pop()):
        return ""
    hours, rest = divmod(abs(minutes), 60)
    parts = [f"{hours} hour{'s' * (hours > 1)}"] * (hours > 0) + [f"{rest} minutes"] * (rest > 0)
    side = "ahead of" if minutes > 0 else "behind"
    return f"{plain(letter.other_name, LONGEST_NAME // 2)}'s clock is {' '.join(parts)} {side} yours."


def _tells_both_clocks(letter: Letter) -> bool:
    """A new time names nobody, so it tells one clock only."""
    return not (letter.partner.discreet or letter.kind is MailKind.NEW_TIME)


def _apart(letter: Letter, one: RitualTime) -> int:
    """Minutes by which the other's wall is ahead of the reader's at that time."""
    here, there = one.starts_at.astimezone(letter.partner.zone), one.starts_at.astimezone(letter.other_zone)
    return int((there.replace(tzinfo=None) - here.replace(tzinfo=None)).total_seconds()) // 60


def _elsewhere(letter: Letter, one: RitualTime, locale: Locale) -> str:
    """The other's time, only where it differs and is not said once for all; always where even the day differs."""
    here, there = one.starts_at.astimezone(letter.partner.zone), one.starts_at.astimezone(letter.other_zone)
    if not _tells_both_clocks(letter) or not _apart(letter, one):
        return ""
    if here.date() == there.date() and _clocks(letter, _shown(letter)):
        return ""
    weekday = "" if here.date() == there.date() else f"{get_day_names('wide', locale=locale)[there.weekday()]} "
    return f"{weekday}{there:%H:%M} for {plain(letter.other_name, LONGEST_NAME // 2)}"


def _titles(times: tuple[RitualTime, ...]) -> str:
    """Each title once, in the order met, as a list in a sentence."""
    return _listed(tuple(dict.fromkeys(plain(one.title) for one in times))[:_MOST_TITLES])


def _listed(words: tuple[str, ...]) -> str:
    return " and ".join(part for part in (", ".join(words[:-1]), *words[-1:]) if part)


def _card(card: Card) -> CardWords:
    return CardWords(
        prompt=plain(card.prompt, LONGEST_TEXT),
        how=plain(card.how, LONGEST_TEXT),
        deeper=plain(card.deeper, LONGEST_TEXT),
        listener=plain(card.listener, LONGEST_TEXT),
        short=plain(card.short, LONGEST_TEXT),
        smaller=plain(card.pass_, LONGEST_TEXT),
        minutes=card.minutes,
        solo=card.mode == "solo",
        care=card.care,
    )


def _picture(letter: Letter, locale: Locale) -> Picture | None:
    """The seven days from tomorrow, or from the first ritual where that is sooner; None where nothing comes."""
    if not letter.coming:
        return None
    zone, night_ends = letter.partner.zone, timedelta(hours=5)
    tomorrow = local_date(letter.written_at, zone) + timedelta(days=1)
    first = min(tomorrow, local_date(letter.coming[0].starts_at - night_ends, zone))
    grid = week_picture(letter.coming, first, zone)
    week = tuple(first + timedelta(days=offset) for offset in range(7))
    short = get_day_names("short", locale=locale)
    rows = tuple(zip(DAY_PARTS, grid, strict=True))
    return Picture(tuple(short[day.weekday()] for day in week), rows, _picture_words(week, rows, locale))


def _picture_words(week: tuple[date, ...], rows: tuple[tuple[str, tuple[int, ...]], ...], locale: Locale) -> str:
    """Part by part the days on which something stands: "Morning: Saturday. Evening: Monday and Tuesday (2)"."""
    names = get_day_names("wide", locale=locale)
    parts = []
    for part, cells in rows:
        marked = (
            names[day.weekday()] + (f" ({times})" if times > 1 else "")
            for day, times in zip(week, cells, strict=True)
            if times
        )
        if words := _listed(tuple(marked)):
            parts.append(f"{part.capitalize()}: {words}.")
    return " ".join(parts)
