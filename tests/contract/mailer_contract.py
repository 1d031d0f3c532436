"""What every Mailer promises, as one class of claims. Not here: the adapters, each brings its own ``post``."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Protocol

import pytest

from scheduler.ports import Envelope, Mailer

MAIL = (
    b"From: Rituals <rituals@example.org>\r\n"
    b"To: Sam <sam@example.org>\r\n"
    b"Subject: This week\r\n"
    b"Date: Mon, 23 Nov 2026 09:00:00 +0000\r\n"
    b"Message-ID: <l4gkggt1@example.org>\r\n"
    b"\r\n"
    b"Hello Sam,\r\n"
    b".\r\n"
    b"..two dots\r\n"
    b"\r\n"
    b"=C3=A9 and the end\r\n"
)


class Post(Protocol):
    """A mailer, and what has arrived through it."""

    @property
    def mailer(self) -> Mailer: ...

    def arrived(self, partner: str) -> list[bytes]:
        """The partner's mails in the order of arrival, with CRLF."""


def make_envelope(key: str = "l4gkggt1", partner: str = "sam", **changes: Any) -> Envelope:
    defaults: dict[str, Any] = {
        "sender": "rituals@example.org",
        "recipient": f"{partner}@example.org",
        "data": MAIL,
    }
    return Envelope(key, partner, **{**defaults, **changes})


class MailerContract:
    def test_a_mail_arrives_byte_for_byte(self, post: Post) -> None:
        post.mailer.send(make_envelope())
        assert post.arrived("sam") == [MAIL]

    @pytest.mark.parametrize(
        "body", [b".", b".\r\n.\r\n", b"a\r\n.\r\nQUIT\r\n", b"\r\n", b"x" * 900 + b"\r\n" + b".y\r\n" * 9000]
    )
    def test_no_body_ends_a_mail_early(self, post: Post, body: bytes) -> None:
        data = b"Subject: dots\r\n\r\n" + body + b"\r\nthe end\r\n"
        post.mailer.send(make_envelope(data=data))
        assert post.arrived("sam") == [data]

    def test_each_partner_gets_their_own_mail(self, post: Post) -> None:
        other = MAIL.replace(b"Hello Sam", b"Hello Kim")
        post.mailer.send(make_envelope())
        post.mailer.send(make_envelope("k2", "kim", data=other))
        assert (post.arrived("sam"), post.arrived("kim")) == ([MAIL], [other])

    def test_many_mails_arrive_once_each(self, post: Post) -> None:
        mails = [MAIL.replace(b"This week", b"Week %d" % number) for number in range(12)]
        for number, data in enumerate(mails):
            post.mailer.send(make_envelope(f"k{number}", data=data))
        assert sorted(post.arrived("sam")) == sorted(mails)

    def test_the_answer_says_little_and_no_address(self, post: Post) -> None:
        answer = post.mailer.send(make_envelope())
        assert 0 < len(answer) < 80
        assert not re.search(r"@|sam|example", answer)

    def test_the_envelope_decides_where_a_mail_goes(self, post: Post) -> None:
        post.mailer.send(replace(make_envelope(partner="kim"), data=MAIL))
        assert (post.arrived("sam"), post.arrived("kim")) == ([], [MAIL])
