"""Which files of the Maildirs are letters of ours, and what is shown of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from scheduler.adapters.maildir import MaildirMailer
from scheduler.app.letters import letters_in
from scheduler.domain.message import MailKind
from tests.world import START, World, world


@pytest.fixture
def lived(tmp_path: Path) -> Iterator[World]:
    """Three days with mails in Maildirs."""
    with world() as w:
        w = w.restarted(mailer=MaildirMailer(tmp_path))
        w.until(START + timedelta(days=3))
        yield w


def test_every_mail_is_shown_with_its_words_oldest_first(lived: World, tmp_path: Path) -> None:
    letters = letters_in(lived.service, tmp_path)
    kinds = [(one.partner, one.kind) for one in letters]
    assert len(kinds) == len(set(kinds)) == 6
    assert {kind for _, kind in kinds} == {MailKind.WELCOME, MailKind.TIME_SET, MailKind.QUESTION}
    assert [one.sent_at for one in letters] == sorted(one.sent_at for one in letters)
    for one in letters:
        assert one.subject
        assert one.html.lstrip().lower().startswith("<!doctype html")
        assert "<" not in one.text.partition("\n")[0]
    question = next(one for one in letters if one.kind is MailKind.QUESTION)
    assert question.sent_at == next(one.done_at for one in lived.outbox("question") if one.partner == question.partner)


def test_a_letter_that_was_read_is_still_there(lived: World, tmp_path: Path) -> None:
    before = letters_in(lived.service, tmp_path)
    file = next((tmp_path / "sam" / "new").iterdir())
    file.rename(tmp_path / "sam" / "cur" / f"{file.name}:2,S")
    assert letters_in(lived.service, tmp_path) == before


def test_what_others_put_into_the_box_is_not_shown(lived: World, tmp_path: Path) -> None:
    before = letters_in(lived.service, tmp_path)
    new = tmp_path / "sam" / "new"
    (new / "1.aunt").write_bytes(b"From: aunt@example.org\nSubject: Hello\nMessage-ID: <abc@example.org>\n\nHello")
    (new / "2.nothing").write_bytes(b"")
    (new / "3.noise").write_bytes(bytes(range(256)))
    assert letters_in(lived.service, tmp_path) == before


def test_what_has_not_been_moved_into_place_is_no_letter_yet(lived: World, tmp_path: Path) -> None:
    file = next((tmp_path / "kim" / "new").iterdir())
    before = letters_in(lived.service, tmp_path)
    file.rename(tmp_path / "kim" / "tmp" / file.name)
    assert len(letters_in(lived.service, tmp_path)) == len(before) - 1


def test_where_no_box_is_there_are_no_letters(lived: World, tmp_path: Path) -> None:
    assert letters_in(lived.service, tmp_path / "elsewhere") == ()
