"""Every mail kind, full and empty, open and discreet: the same facts in text and html, and nothing but those."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest

from scheduler.content.assets import Assets
from scheduler.content.mime import to_bytes
from scheduler.content.render import MailTemplates
from scheduler.content.specimen import CARD, specimens
from scheduler.domain.digest import Letter, RitualTime
from scheduler.domain.message import MailKind, Message
from scheduler.domain.ritual import Size
from tests.build import at
from tests.reading import read_aloud, read_plain, tags_of

LETTERS = tuple(specimens())
HOSTILE = "<b onload=x>{{ 7*7 }}</b><!--{% if 1 %}-->{% raw %}&amp;\"'"
TEMPLATES, LOADED_AGAIN = MailTemplates(Assets()), MailTemplates(Assets())


@cache
def write(letter: Letter) -> Message:
    return TEMPLATES.render(letter, "Calendar", "calendar@example.org", "k1")


def named(letter: Letter) -> str:
    fill = "full" if letter.coming else "empty"
    return f"{letter.kind.value}-{fill}{'-discreet' if letter.partner.discreet else ''}"


def letter_of(kind: MailKind, *, full: bool = True, discreet: bool = False) -> Letter:
    return next(
        one for one in LETTERS if one.kind is kind and bool(one.coming) is full and one.partner.discreet is discreet
    )


every_letter = pytest.mark.parametrize("letter", LETTERS, ids=named)
every_kind = pytest.mark.parametrize("kind", MailKind, ids=lambda kind: kind.value)


@every_letter
def test_text_and_html_say_the_same_words_in_the_same_order(letter: Letter) -> None:
    message = write(letter)
    assert read_aloud(message.html) == read_plain(message.text)


@every_letter
def test_the_same_letter_gives_the_same_bytes(letter: Letter) -> None:
    again = LOADED_AGAIN.render(letter, "Calendar", "calendar@example.org", "k1")
    assert to_bytes(again) == to_bytes(write(letter))


@every_letter
def test_a_subject_is_short_neutral_and_plain(letter: Letter) -> None:
    subject = write(letter).subject
    assert 0 < len(subject) <= 40
    assert subject.isascii()
    assert not any(word in subject for word in ("Sam", "Kim", "Coffee", "sound", "!"))


@every_letter
def test_markup_and_template_instructions_in_what_people_typed_stay_literal(letter: Letter) -> None:
    hostile = _with_words(letter, HOSTILE)
    message = write(hostile)
    assert tags_of(message.html) == tags_of(write(_with_words(letter, "word")).html)
    assert read_aloud(message.html) == read_plain(message.text)
    assert "49" not in message.text.replace("{{ 7*7 }}", "")


def _with_words(letter: Letter, words: str) -> Letter:
    times = tuple(replace(one, title=words, why=one.why and words) for one in letter.coming)
    without = tuple(replace(one, title=words, reason=words, remedy=one.remedy and words) for one in letter.without_time)
    card = replace(CARD, prompt=words, how=words, deeper=words, listener=words, short=words, pass_=words)
    return replace(
        letter,
        partner=replace(letter.partner, name=words),
        other_name=words,
        contact=words,
        coming=times,
        past=times,
        card=card if letter.card else None,
        rhythm=((words, words),) if letter.rhythm else (),
        without_time=without,
        tone=letter.tone and words,
    )


@every_letter
def test_control_and_direction_characters_never_reach_a_mail(letter: Letter) -> None:
    message = write(_with_words(letter, "a\r\nb\u202ec\x1b\x85d\u2066"))
    assert not set("\r\x1b\x85\u202e\u2066") & set(message.text + message.html)
    assert "a\nb" not in message.text


@pytest.mark.parametrize("char", ["&", "ж", "💛"])
@every_kind
def test_the_longest_words_keep_a_mail_below_60_kilobytes(kind: MailKind, char: str) -> None:
    start, letter = at("2026-11-23 09:00"), letter_of(kind)
    plain = RitualTime("x", char * 200, start, start, previous=start, size=Size.SHORT, yours=False)
    many = tuple(
        replace(
            plain,
            starts_at=start + timedelta(hours=5 * n),
            ends_at=start + timedelta(hours=5 * n + 1),
            why=f"the closest to the time you like when you are both free {n}",
        )
        for n in range(40)
    )
    longest = replace(_with_words(letter, char * 1000), coming=many, past=many)
    assert len(to_bytes(write(replace(longest, partner=letter.partner)))) < 60_000


@every_kind
def test_a_time_is_told_in_the_readers_zone(kind: MailKind) -> None:
    text = write(letter_of(kind)).text
    assert ("18:00–19:00" in text) is (kind not in (MailKind.INVITATION, MailKind.REFLECTION, MailKind.RECONNECT))
    assert "16:00–17:00" not in text


def test_the_others_clock_stands_beside_a_time_only_where_it_differs() -> None:
    letter = letter_of(MailKind.DIGEST)
    alone = replace(letter, coming=letter.coming[:1])
    assert "17:00 for Kim" in write(alone).text
    assert "for Kim" not in write(replace(alone, other_zone=ZoneInfo("Europe/Paris"))).text


def test_the_others_clock_is_told_once_where_it_holds_for_all_times() -> None:
    letter = letter_of(MailKind.DIGEST)
    text = write(letter).text
    assert text.count("Kim's clock is 1 hour behind yours.") == 1
    assert "for Kim" not in text
    assert "clock is" not in write(replace(letter, other_zone=ZoneInfo("Europe/Paris"))).text
    assert "5 hours 30 minutes" not in text
    india = write(replace(letter, other_zone=ZoneInfo("Asia/Kolkata"))).text
    assert "Kim's clock is 4 hours 30 minutes ahead of yours." in india


def test_another_date_on_the_others_wall_is_said() -> None:
    letter = replace(letter_of(MailKind.DIGEST), other_zone=ZoneInfo("Pacific/Auckland"))
    assert "Wednesday 06:00 for Kim" in write(letter).text


def test_dates_are_written_in_the_readers_language() -> None:
    letter = letter_of(MailKind.DIGEST)
    german = replace(letter, partner=replace(letter.partner, language="de"))
    assert "Tuesday, November 24" in write(letter).text
    assert "Dienstag, 24. November" in write(german).text


def test_an_unknown_language_falls_back_to_english() -> None:
    letter = letter_of(MailKind.DIGEST)
    assert "Tuesday" in write(replace(letter, partner=replace(letter.partner, language="tlh"))).text


def test_a_new_time_tells_old_and_new_and_names_nobody() -> None:
    text = write(letter_of(MailKind.NEW_TIME)).text
    assert "before: Monday, November 23, 18:00" in text
    assert "now: Tuesday, November 24, 18:00–19:00" in text
    assert "Kim" not in text


def test_an_invitation_says_what_is_stored_who_reads_it_and_that_no_needs_nothing() -> None:
    text = " ".join(write(letter_of(MailKind.INVITATION)).text.split())
    for said in ("What is stored", "Whoever runs the server can read all of this", "nothing will unless you say yes"):
        assert said in text
    assert "No needs nothing at all" in text


@every_kind
def test_every_mail_says_why_it_came_and_whom_to_write_to(kind: MailKind) -> None:
    text = write(letter_of(kind, full=False)).text
    assert "You get this" in text
    assert "host@example.org" in text


@pytest.mark.parametrize("kind", [MailKind.QUESTION, MailKind.REFLECTION], ids=lambda kind: kind.value)
@pytest.mark.parametrize("discreet", [False, True])
def test_a_card_is_whole_in_the_mail_that_exists_for_it(kind: MailKind, discreet: bool) -> None:
    text = " ".join(write(letter_of(kind, discreet=discreet)).text.split())
    lines = (CARD.prompt, CARD.how, CARD.deeper, CARD.listener, CARD.short, CARD.pass_, "About 10 minutes")
    assert all(line in text for line in lines)


def test_a_card_that_must_stay_out_of_mail_stays_out() -> None:
    letter = letter_of(MailKind.QUESTION)
    assert CARD.prompt not in write(replace(letter, card=replace(CARD, email="link"))).text


@every_kind
@pytest.mark.parametrize("full", [True, False])
def test_discreet_holds_back_names_and_the_rituals_own_words(kind: MailKind, full: bool) -> None:
    letter = letter_of(kind, full=full, discreet=True)
    neutral = tuple(replace(one, title="Time together") for one in letter.coming)
    message = write(replace(letter, coming=neutral, past=neutral))
    assert message.subject == "A short note"
    assert "Coffee" not in message.text
    if kind is not MailKind.INVITATION:
        assert "Kim" not in message.text
        assert "Sam" not in message.text


def test_a_discreet_digest_leaves_the_card_to_its_own_mail() -> None:
    assert CARD.prompt in write(letter_of(MailKind.DIGEST)).text
    assert CARD.prompt not in write(letter_of(MailKind.DIGEST, discreet=True)).text


def test_the_picture_has_a_plain_twin_and_words() -> None:
    message = write(letter_of(MailKind.DIGEST))
    assert "| evening    ·   ●   ·   ·   ·   ●   ·" in message.text
    assert "Evening: Tuesday and Saturday. Night: Tuesday." in message.text
    assert message.html.count("&#9679;") + message.html.count("●") == 3


def test_the_picture_starts_on_the_day_after_the_letter() -> None:
    letter = letter_of(MailKind.DIGEST)
    wednesday = replace(letter, written_at=at("2026-11-18 16:00"), coming=letter.past[-1:])
    assert "|           Th  Fr  Sa  Su  Mo  Tu  We" in write(wednesday).text


def test_an_address_to_write_to_is_never_cut() -> None:
    contact = f"{'a' * 64}@{'b' * 60}.{'c' * 60}.example.org"
    message = write(replace(letter_of(MailKind.WELCOME), contact=contact))
    assert contact in message.text
    assert contact in message.html


def test_more_times_than_a_mail_holds_are_counted() -> None:
    letter = letter_of(MailKind.TIME_SET)
    first = letter.coming[0]
    many = tuple(
        replace(first, starts_at=first.starts_at + timedelta(days=n), ends_at=first.ends_at + timedelta(days=n))
        for n in range(43)
    )
    text = write(replace(letter, coming=many)).text
    assert text.count("18:00–19:00") == 21
    assert "There are 22 more on your calendar." in text
