"""Which mails are due, and what each may say. Not here: rendering (content) or sending (deliver).

A mail is decided when its hour has come and written at its first attempt, so it never speaks of the past;
after that its bytes are fixed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from scheduler.domain.cadence import Daily, cadence_text
from scheduler.domain.couple import Couple, Membership, Partner, Standing
from scheduler.domain.deck import Card
from scheduler.domain.digest import Letter, Reach, RitualTime, time_told, without_time
from scheduler.domain.draw import Occasion, card_of, draw_for
from scheduler.domain.localtime import local_date, to_utc
from scheduler.domain.message import ASK_AGAIN, FRESHNESS, RECURRING, MailKind, last_due
from scheduler.domain.notes import cut_note
from scheduler.domain.occurrence import Fate, Placement, week_label
from scheduler.domain.outbox import EffectKind, OutboxEntry, derived_id
from scheduler.domain.planning import Question
from scheduler.domain.season import Season
from scheduler.ports import Transaction

SETTLE = timedelta(minutes=10)  # changes that come together are told together
SOON = timedelta(days=7)  # what lies further ahead is told by the digest
_TELL_TIMES = (MailKind.TIME_SET, MailKind.NEW_TIME, MailKind.DIGEST)
_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)
_MONTH = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Desk:
    """What mails are made from; ``members`` is used to decide, never to write.

    ``ask`` gives the question that a plan made now would answer; without it a digest tells of no ritual without time.
    ``reach`` says how events come to a partner, and makes the address that they are to open, if any. ``by_mail`` are
    partners to whom each event comes as a mail of its own.
    """

    couple: Couple
    members: dict[str, Membership]
    cards: Sequence[Card]
    contact: str
    ask: Callable[[], Question] | None = None
    reach: Callable[[Transaction, Partner, MailKind, datetime], tuple[Reach, str]] = lambda *_: (Reach.CALENDAR, "")
    by_mail: Collection[str] = ()


def draw_ahead(tx: Transaction, desk: Desk, now: datetime) -> None:
    """Draw the question of every week of the horizon that has none yet, in order."""
    couple = desk.couple
    today = local_date(now, couple.clock())
    weeks = [week_label(today + _WEEK * number) for number in range(couple.rules.horizon // _WEEK + 1)]
    _start(tx, couple, weeks[0])
    for week in weeks:
        _draw(tx, desk, week, "question")


def _start(tx: Transaction, couple: Couple, week: str) -> str:
    if (started := tx.note(couple.id, "started_week")) is None:
        tx.set_note(couple.id, "started_week", week)
    return started or week


def _draw(tx: Transaction, desk: Desk, week: str, slot: str) -> None:
    couple = desk.couple
    occasion = Occasion(couple.id, week, _start(tx, couple, week), slot)
    drawn = draw_for(couple, desk.cards, tx.draws(couple.id), occasion)
    if drawn is not None:
        tx.add_draw(couple.id, drawn)


def invite(tx: Transaction, desk: Desk, now: datetime) -> None:
    """Ask for the one invitation of each partner who has not been asked, and welcome who has said yes."""
    for partner in desk.couple.partners:
        member = desk.members[partner.id]
        if member.standing is Standing.INVITED:
            _want(tx, desk.couple, partner, _Mail(MailKind.INVITATION, "once", now), now)
        elif member.standing is Standing.JOINED and member.joined_at is not None:
            period = f"{member.joined_at:%Y-%m-%dT%H%M%S}"
            _want(tx, desk.couple, partner, _Mail(MailKind.WELCOME, period, member.joined_at), now)


def decide(tx: Transaction, desk: Desk, now: datetime) -> None:
    """Want every mail whose hour has come, once for each partner and period."""
    for partner in desk.couple.partners:
        member = desk.members[partner.id]
        if not member.takes_part(local_date(now, partner.zone)) or member.joined_at is None:
            continue
        for kind in RECURRING:
            rule = desk.couple.mail.get(kind)
            due = last_due(rule, now, partner.zone) if rule else None
            if due and due.due_at >= member.joined_at and not _rests(desk.couple, kind, due.due_at):
                if kind is MailKind.REFLECTION:
                    _draw(tx, desk, week_label(due.day), "reflection")
                period = f"{due.period}/{due.day.isoformat()}"
                _want(tx, desk.couple, partner, _Mail(kind, period, due.due_at), now)
        if partner.id not in desk.by_mail:
            _want_times(tx, desk, partner, now)
        _want_access(tx, desk, partner, now)


def _want_access(tx: Transaction, desk: Desk, partner: Partner, now: datetime) -> None:
    """Ask for access that has ended, a few times and then no more; nobody else hears of it."""
    couple = desk.couple
    since = [one.cut_at for one in tx.busy(couple.id) if one.partner == partner.id and one.cut_at]
    if noted := tx.note(couple.id, cut_note(partner.id)):
        since.append(datetime.fromisoformat(noted))
    for number, wait in enumerate(ASK_AGAIN if since else ()):
        due = min(since) + wait
        if due <= now < due + FRESHNESS[MailKind.RECONNECT]:
            _want(tx, couple, partner, _Mail(MailKind.RECONNECT, f"{min(since).isoformat()}.{number}", due), now)


def _season(couple: Couple, at: datetime) -> Season | None:
    return couple.season_on(local_date(at, couple.clock()))


def _rests(couple: Couple, kind: MailKind, at: datetime) -> bool:
    """Whether a season keeps back the mails of that kind that are due then; none of them is caught up later."""
    season = _season(couple, at)
    return season is not None and kind in season.without


def _want_times(tx: Transaction, desk: Desk, partner: Partner, now: datetime) -> None:
    """A time set or changed inside the coming week that no digest could tell of; never for a daily ritual alone."""
    today = local_date(now, partner.zone)
    if today in desk.couple.tender:
        return  # tomorrow's mail can still tell, and a mail wanted now would be stale by then
    day = today.isoformat()
    since = tx.note(desk.couple.id, _told(partner)) or ""
    for kind in (MailKind.TIME_SET, MailKind.NEW_TIME):
        news = () if _rests(desk.couple, kind, now) else _news(tx, desk.couple, kind, since, now)
        if any(not _is_daily(desk.couple, one) for one in news):
            due_at = now + SETTLE if since else now
            _want(tx, desk.couple, partner, _Mail(kind, f"{day}/{since}", due_at), now)


def _told(partner: Partner) -> str:
    """The note that says when a mail which tells times was last decided for this partner."""
    return f"told {partner.id}"


def _is_daily(couple: Couple, one: Placement) -> bool:
    ritual = couple.ritual(one.ritual)
    return ritual is None or isinstance(ritual.cadence, Daily)


def _news(tx: Transaction, couple: Couple, kind: MailKind, since: str, now: datetime) -> list[Placement]:
    """What was set, or moved, after ``since`` (an instant in ISO form; "" means ever)."""
    moved = kind is MailKind.NEW_TIME
    return [
        one
        for one in tx.placements(couple.id, ending_after=now)
        if one.fate is Fate.PLACED
        and one.starts_at > now
        and one.decided_at.isoformat() > since
        and (one.previous is not None) is moved
        and min(one.starts_at, one.previous or one.starts_at) < now + SOON
    ]


@dataclass(frozen=True, slots=True)
class _Mail:
    """A mail to want; what stands in ``period`` before the first slash makes it one of its kind."""

    kind: MailKind
    period: str
    due_at: datetime


def _want(tx: Transaction, couple: Couple, partner: Partner, mail: _Mail, now: datetime) -> None:
    kind, period, due_at = mail.kind, mail.period, mail.due_at
    rule = couple.mail.get(kind)
    if rule is not None and not rule.on:
        return
    is_new = tx.want(
        OutboxEntry(
            key=derived_id(tx.salt(couple.id), "mail", kind.value, period.partition("/")[0], partner.id),
            couple=couple.id,
            partner=partner.id,
            kind=EffectKind.MAIL,
            ref=f"{kind.value}/{period}",
            due_at=due_at,
            wanted_at=now,
            fresh_until=due_at + FRESHNESS[kind],
        )
    )
    if is_new and kind in _TELL_TIMES:
        tx.set_note(couple.id, _told(partner), now.isoformat())


def letter_for(tx: Transaction, desk: Desk, entry: OutboxEntry, now: datetime) -> Letter | None:
    """All that this mail may know; None when there is nothing left to say."""
    kind_name, _, period = entry.ref.partition("/")
    kind, partner = MailKind(kind_name), desk.couple.partner(entry.partner)
    other = desk.couple.other(partner.id)
    letter = Letter(
        kind=kind,
        period=period.partition("/")[0],
        partner=partner,
        other_name=other.name,
        other_zone=other.zone,
        written_at=now,
        contact=desk.contact,
        rhythm=tuple(
            (_title(one.title, one.discreet_title, partner), cadence_text(one.cadence))
            for one in desk.couple.rituals
            if not one.only_in
        ),
    )
    match kind:
        case MailKind.INVITATION:
            return letter
        case MailKind.WELCOME | MailKind.RECONNECT:
            reach, door = desk.reach(tx, partner, kind, now)
            if kind is MailKind.RECONNECT and reach is not Reach.ACCOUNT:
                return None  # given again meanwhile
            return replace(letter, reach=reach, door=door)
        case MailKind.TIME_SET | MailKind.NEW_TIME:
            since = period.partition("/")[2]
            news = _times(desk.couple, partner, _news(tx, desk.couple, kind, since, now))
            return replace(letter, coming=news) if news else None
        case MailKind.QUESTION | MailKind.DIGEST | MailKind.REFLECTION:
            return _recurring(tx, desk, letter, date.fromisoformat(period.partition("/")[2]))


def _recurring(tx: Transaction, desk: Desk, letter: Letter, day: date) -> Letter:
    """The weekly and monthly mails of the local date ``day``; only what stands or stood on both calendars is told."""
    couple, partner, now = desk.couple, letter.partner, letter.written_at
    season = _season(couple, now)
    letter = replace(letter, tone=season.tone if season else "")
    placed = [one for one in tx.placements(couple.id, ending_after=now - _WEEK * 6) if one.fate is Fate.PLACED]
    if letter.kind is MailKind.QUESTION:
        soon = [one for one in placed if now < one.starts_at < now + _WEEK and _carries_card(couple, one)]
        return replace(
            letter, coming=_times(couple, partner, soon)[:1], card=_card(tx, desk, week_label(day), "question")
        )
    if letter.kind is MailKind.REFLECTION:
        start = to_utc(day - _MONTH, 0, partner.zone)
        past = [one for one in placed if start <= one.starts_at and one.ends_at <= now]
        return replace(letter, past=_times(couple, partner, past), card=_card(tx, desk, week_label(day), "reflection"))
    return _digest(tx, desk, letter, day, placed)


def _digest(tx: Transaction, desk: Desk, letter: Letter, day: date, placed: list[Placement]) -> Letter:
    couple, partner, now = desk.couple, letter.partner, letter.written_at
    tomorrow = day + _DAY
    start, end = (to_utc(one, 0, partner.zone) for one in (tomorrow, tomorrow + _WEEK))
    coming = [one for one in placed if max(now, start) <= one.starts_at < end]
    hour = to_utc(day, couple.mail[letter.kind].minute, partner.zone)  # of this digest, however late it is written
    past = [one for one in placed if hour - _WEEK < one.ends_at <= min(hour, now)]
    known = [one.previous is not None and one.decided_at <= hour - _WEEK for one in coming]  # moved before the last one
    coming = [replace(one, previous=None, why="") if old else one for one, old in zip(coming, known, strict=True)]
    standing = {one.ritual for one in coming}
    return replace(
        letter,
        coming=_times(couple, partner, coming),
        past=_times(couple, partner, past),
        card=_card(tx, desk, week_label(tomorrow), "question"),
        without_time=without_time(desk.ask(), tomorrow, day + _WEEK, standing=standing) if desk.ask else (),
    )


def _carries_card(couple: Couple, one: Placement) -> bool:
    ritual = couple.ritual(one.ritual)
    return ritual is not None and ritual.with_card


def _card(tx: Transaction, desk: Desk, week: str, slot: str) -> Card | None:
    couple, cards = desk.couple, {card.id: card for card in desk.cards}
    return card_of(couple, cards, tx.draws(couple.id), week=week, slot=slot)


def _times(couple: Couple, partner: Partner, placements: Iterable[Placement]) -> tuple[RitualTime, ...]:
    by_start = sorted(placements, key=lambda one: (one.starts_at, one.key))
    return tuple(told for one in by_start if (told := time_told(couple, partner, one)))


def _title(title: str, discreet: str, partner: Partner) -> str:
    return discreet if partner.discreet else title
