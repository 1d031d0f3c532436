"""The words around an event that comes by mail: true of every change, in the reader's own clock, kind."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from scheduler.content.assets import Assets
from scheduler.content.mime import to_bytes
from scheduler.content.render import MailTemplates
from scheduler.content.specimen import notices
from scheduler.domain.digest import Notice
from scheduler.domain.message import Message, NoticeKind
from tests.reading import read_aloud, read_plain, tags_of

NOTICES = tuple(notices())
HOSTILE = "<b onload=x>{{ 7*7 }}</b><!--{% if 1 %}-->{% raw %}&amp;\"'"
TEMPLATES = MailTemplates(Assets())

every_notice = pytest.mark.parametrize(
    "notice",
    NOTICES,
    ids=lambda one: f"{one.kind.value}-{bool(one.event.description)}-{one.partner.discreet}",
)


def write(notice: Notice) -> Message:
    return TEMPLATES.notice(notice, "Calendar", "calendar@example.org", "k1")


def notice_of(kind: NoticeKind, *, discreet: bool = False) -> Notice:
    return next(one for one in NOTICES if one.kind is kind and one.partner.discreet is discreet)


@every_notice
def test_text_and_html_say_the_same_words_in_the_same_order(notice: Notice) -> None:
    message = write(notice)
    assert read_aloud(message.html) == read_plain(message.text)


@pytest.mark.parametrize(
    ("kind", "subject"),
    [
        (NoticeKind.PROPOSED, "Coffee: Tue, Nov 24, 18:00"),
        (NoticeKind.CHANGED, "Coffee, now Tue, Nov 24, 18:00"),
        (NoticeKind.TAKEN_OUT, "Off your calendar: Coffee, Tue, Nov 24, 18:00"),
    ],
)
def test_a_subject_is_the_title_and_the_local_time(kind: NoticeKind, subject: str) -> None:
    assert write(notice_of(kind)).subject == subject


@every_notice
def test_the_time_is_told_in_the_reader_s_zone_and_language(notice: Notice) -> None:
    reader = replace(notice.partner, zone=ZoneInfo("Asia/Tokyo"), language="de")
    message = write(replace(notice, partner=reader))
    assert "Mi., 25. Nov., 02:00" in message.subject
    assert "Mittwoch, 25. November, 02:00–03:00" in message.text
    assert "18:00" not in message.text


@every_notice
def test_markup_and_template_instructions_in_what_people_typed_stay_literal(notice: Notice) -> None:
    def typed(words: str) -> Notice:
        event = replace(notice.event, title=words, description=f"{words}\n{words}")
        return replace(notice, event=event, partner=replace(notice.partner, name=words), contact=words)

    message = write(typed(HOSTILE))
    assert tags_of(message.html) == tags_of(write(typed("word")).html)
    assert read_aloud(message.html) == read_plain(message.text)
    assert "49" not in message.text.replace("{{ 7*7 }}", "")


@every_notice
def test_a_mail_says_why_it_came_and_whom_to_write_to(notice: Notice) -> None:
    assert "You get this because you said yes to it." in write(notice).text
    assert "host@example.org" in write(notice).text


@pytest.mark.parametrize("kind", NoticeKind)
def test_a_discreet_reader_is_not_named(kind: NoticeKind) -> None:
    assert "Sam" in write(notice_of(kind)).text
    assert "Sam" not in write(notice_of(kind, discreet=True)).text


def test_what_to_do_is_told_until_the_event_is_taken_out() -> None:
    told = {kind for kind in NoticeKind if "Phones away." in write(notice_of(kind)).text}
    assert told == {NoticeKind.PROPOSED, NoticeKind.CHANGED}


def test_a_change_is_not_called_a_new_time_since_it_may_be_a_new_name() -> None:
    assert "time has moved" not in write(notice_of(NoticeKind.CHANGED)).text


@pytest.mark.parametrize("char", ["&", "ж", "💛"])
@pytest.mark.parametrize("kind", NoticeKind)
def test_the_longest_words_keep_a_mail_below_60_kilobytes(kind: NoticeKind, char: str) -> None:
    notice = notice_of(kind)
    event = replace(notice.event, title=char * 500, description="\n".join([char * 2000] * 100))
    assert len(to_bytes(write(replace(notice, event=event)))) < 60_000


@every_notice
def test_the_mail_is_dated_by_the_event_s_revision(notice: Notice) -> None:
    later = notice.event.revised_at + timedelta(hours=1)
    assert write(replace(notice, event=replace(notice.event, revised_at=later))).date == later
