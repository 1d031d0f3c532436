"""The Maildir mailer keeps every promise of a mailer, and a mail that is sent again finds itself."""

from __future__ import annotations

import mailbox
from pathlib import Path

import pytest

from scheduler.adapters.maildir import MaildirMailer
from scheduler.domain.errors import Refused, Unavailable
from tests.contract.mailer_contract import MAIL, MailerContract, Post, make_envelope


class MaildirPost:
    def __init__(self, path: Path) -> None:
        self._path = path
        self.mailer = MaildirMailer(path)

    def arrived(self, partner: str) -> list[bytes]:
        if not (self._path / partner).exists():
            return []
        box = mailbox.Maildir(self._path / partner, create=False)
        return [box.get_bytes(key).replace(b"\n", b"\r\n") for key in sorted(box.keys())]


class TestMaildirMailer(MailerContract):
    @pytest.fixture
    def post(self, tmp_path: Path) -> Post:
        return MaildirPost(tmp_path / "mail")


@pytest.fixture
def mailer(tmp_path: Path) -> MaildirMailer:
    return MaildirMailer(tmp_path)


def names(path: Path, part: str = "*") -> list[str]:
    return sorted(f"{file.parent.name}/{file.name}" for file in (path / "sam").glob(f"{part}/*"))


def test_the_name_of_a_file_comes_from_the_mail(mailer: MaildirMailer, tmp_path: Path) -> None:
    mailer.send(make_envelope())
    assert names(tmp_path) == ["new/1795424400.l4gkggt1.rituals"]


def test_lines_end_as_maildir_readers_expect(mailer: MaildirMailer, tmp_path: Path) -> None:
    mailer.send(make_envelope())
    assert next((tmp_path / "sam" / "new").iterdir()).read_bytes() == MAIL.replace(b"\r\n", b"\n")


def test_a_mail_that_is_sent_again_is_no_second_copy(mailer: MaildirMailer, tmp_path: Path) -> None:
    mailer.send(make_envelope())
    assert "already" in mailer.send(make_envelope())
    assert names(tmp_path) == ["new/1795424400.l4gkggt1.rituals"]


@pytest.mark.parametrize("flags", ["", ":2,", ":2,RS", ",S=412:2,FS"])
def test_a_mail_that_was_read_is_not_laid_in_again(mailer: MaildirMailer, tmp_path: Path, flags: str) -> None:
    mailer.send(make_envelope())
    read = tmp_path / "sam" / "cur" / f"1795424400.l4gkggt1.rituals{flags}"
    next((tmp_path / "sam" / "new").iterdir()).rename(read)
    mailer.send(make_envelope())
    assert names(tmp_path) == [f"cur/{read.name}"]


def test_what_a_killed_delivery_left_behind_is_in_nobody_s_way(mailer: MaildirMailer, tmp_path: Path) -> None:
    (tmp_path / "sam" / "tmp").mkdir(parents=True)
    (tmp_path / "sam" / "tmp" / "1795424400.l4gkggt1.rituals").write_bytes(MAIL * 2)
    mailer.send(make_envelope())
    assert names(tmp_path) == ["new/1795424400.l4gkggt1.rituals"]
    assert next((tmp_path / "sam" / "new").iterdir()).read_bytes() == MAIL.replace(b"\r\n", b"\n")


@pytest.mark.parametrize("date", [b"", b"Date: soon\r\n", b"Date: \r\n", b"Date: Mon, 99 Nov 2026 09:00:00 +0000\r\n"])
def test_a_mail_without_a_readable_date_still_arrives(mailer: MaildirMailer, tmp_path: Path, date: bytes) -> None:
    mailer.send(make_envelope(data=date + b"Subject: Hello\r\n\r\nHello\r\n"))
    assert names(tmp_path) == ["new/0.l4gkggt1.rituals"]


@pytest.mark.parametrize(
    ("key", "partner"), [("../k", "sam"), ("a:2,S", "sam"), ("k", ".."), ("k", "a/b"), ("", "sam")]
)
def test_a_key_or_partner_never_leads_out_of_the_folder(
    mailer: MaildirMailer, tmp_path: Path, key: str, partner: str
) -> None:
    with pytest.raises(Refused):
        mailer.send(make_envelope(key, partner))
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_is_no_folder_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("a file")
    with pytest.raises(Unavailable) as caught:
        MaildirMailer(tmp_path / "mail").send(make_envelope())
    assert "sam" not in str(caught.value)


def test_nobody_else_on_the_host_may_look_into_a_maildir(mailer: MaildirMailer, tmp_path: Path) -> None:
    mailer.send(make_envelope())
    assert {(tmp_path / "sam" / part).stat().st_mode & 0o077 for part in ("tmp", "new", "cur")} == {0}
