"""Bytes of a mail: read back as meant by Python's own parsers, and no header but ours, whatever people typed."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import replace
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.content.mime import to_bytes
from scheduler.domain.errors import Refused
from scheduler.domain.message import Message
from tests.build import at

NAMES = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "MIME-Version",
    "Content-Type",
]
PLAIN = Message(
    key="l4gkggt1",
    sender="Calendar <calendar@example.org>",
    sender_address="calendar@example.org",
    recipient_name="Sam",
    recipient_address="sam@example.com",
    subject="The week ahead",
    text="Hello Sam,\n\n.\nFrom here on – a dash\n",
    html="<!DOCTYPE html><html><body><p>Hello – Sam</p></body></html>",
    language="en",
    date=at("2026-11-22 16:00"),
)

encoded_words = st.builds(
    lambda charset, how, text: f"=?{charset}?{how}?{b64encode(text.encode()).decode()}?=",
    st.sampled_from(["utf-8", "iso-8859-1", "utf-7", "unknown-8bit", "us-ascii"]),
    st.sampled_from("bBqQ"),
    st.sampled_from(["hi\nBcc: evil@example.net", "hi\r\n\r\nbody", "Sam"]),
)
typed = st.lists(
    st.one_of(
        st.text(max_size=40),
        encoded_words,
        st.sampled_from(
            ["\r\nBcc: evil@example.net", "\n", "\x00", "\x85", "\u2028", "\u202e", "<a@b>", '"', "\\", ","]
        ),
    ),
    max_size=4,
).map("".join)


def parsed(data: bytes) -> EmailMessage:
    return BytesParser(policy=policy.default).parsebytes(data)


def body(data: bytes, kind: str) -> str:
    part = parsed(data).get_body((kind,))
    assert part is not None
    return cast(str, part.get_content()).replace("\r\n", "\n")


def test_a_mail_reads_back_as_it_was_meant() -> None:
    data = to_bytes(PLAIN)
    mail = parsed(data)
    assert mail.keys() == NAMES
    assert mail["From"] == "Calendar <calendar@example.org>"
    assert mail["To"] == "Sam <sam@example.com>"
    assert mail["Subject"] == "The week ahead"
    assert mail["Message-ID"] == "<l4gkggt1@example.org>"
    assert mail["Date"] == "Sun, 22 Nov 2026 16:00:00 +0000"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]


def test_both_parts_read_back_unchanged() -> None:
    data = to_bytes(PLAIN)
    assert body(data, "plain") == PLAIN.text
    assert body(data, "html") == PLAIN.html + "\n"


def test_the_bytes_are_seven_bit_lines_of_at_most_78_ending_in_crlf() -> None:
    data = to_bytes(replace(PLAIN, recipient_name="Zoë " * 40, subject="ж" * 200, text="ü" * 3000))
    assert data.isascii()
    assert b"\r\n<!DOCTYPE html><html><body>" in data
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", data)
    assert max(map(len, data.split(b"\r\n"))) <= 78


def test_lines_stay_lines_in_the_source() -> None:
    assert b"\r\n\r\nHello Sam,\r\n\r\n" in to_bytes(PLAIN)


def test_the_same_message_gives_the_same_bytes() -> None:
    assert to_bytes(PLAIN) == to_bytes(replace(PLAIN))


def test_another_key_gives_another_id_and_boundary() -> None:
    first, second = parsed(to_bytes(PLAIN)), parsed(to_bytes(replace(PLAIN, key="other")))
    assert first["Message-ID"] != second["Message-ID"]
    assert first.get_boundary() != second.get_boundary()


def test_the_message_id_takes_the_domain_that_is_given() -> None:
    assert parsed(to_bytes(PLAIN, "mail.example.org"))["Message-ID"] == "<l4gkggt1@mail.example.org>"


@pytest.mark.parametrize(
    "name", ["Zoë", "José María", "李雷", "O'Neil", 'Sam "the" X', "a, b", "Sam <x@y>", "💛" * 9, ""]
)
def test_a_name_reads_back_as_it_was_typed(name: str) -> None:
    mail = parsed(to_bytes(replace(PLAIN, recipient_name=name, subject=name or "-")))
    assert mail["To"].addresses[0].display_name == name
    assert [one.addr_spec for one in mail["To"].addresses] == ["sam@example.com"]
    assert mail["Subject"] == (name or "-")


def test_a_long_subject_reads_back_without_seams() -> None:
    assert parsed(to_bytes(replace(PLAIN, subject="💛ж" * 40)))["Subject"] == "💛ж" * 40


@pytest.mark.parametrize("field", ["recipient_name", "subject", "sender"])
@pytest.mark.parametrize(
    "text",
    [
        "Sam\r\nBcc: evil@example.net",
        "Sam\nBcc: evil@example.net",
        "=?utf-8?b?aGkKQmNjOiBldmlsQGV4YW1wbGUubmV0?=",
        "=?utf-8?q?hi=0ABcc:_evil@example.net?=",
        "Sam\x00",
        "Sam\x85",
        "\u202eknim",
        "Sam\u2029",
    ],
)
def test_what_could_start_another_header_is_refused(field: str, text: str) -> None:
    value = f"{text} <{PLAIN.sender_address}>" if field == "sender" else text
    with pytest.raises(Refused) as caught:
        to_bytes(replace(PLAIN, **{field: value}))  # type: ignore[arg-type]
    assert "evil" not in str(caught.value)


@pytest.mark.parametrize(
    "address",
    [
        "sam",
        "sam@",
        "@example.com",
        "sam@example.com, x@y.net",
        "sam@exa mple.com",
        "a@b>\r\nBcc: <c@d.net",
        "sàm@b.com",
    ],
)
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(Refused):
        to_bytes(replace(PLAIN, recipient_address=address))


@pytest.mark.parametrize("key", ["", "a b", "a>\r\nBcc: x@y.net", "a@b"])
def test_a_key_that_could_leave_the_message_id_is_refused(key: str) -> None:
    with pytest.raises(Refused):
        to_bytes(replace(PLAIN, key=key))


def test_a_sender_that_does_not_fit_its_address_is_refused() -> None:
    with pytest.raises(Refused):
        to_bytes(replace(PLAIN, sender="Calendar <other@example.org>"))


def test_text_that_is_not_unicode_is_refused() -> None:
    with pytest.raises(Refused):
        to_bytes(replace(PLAIN, text="\ud800"))


@settings(max_examples=400)
@given(name=typed, subject=typed, text=typed)
def test_no_typed_words_ever_add_a_header_or_a_reader(name: str, subject: str, text: str) -> None:
    try:
        data = to_bytes(replace(PLAIN, recipient_name=name, subject=subject, text=text, html=f"<p>{text}</p>"))
    except Refused:
        return
    mail = parsed(data)
    assert mail.keys() == NAMES
    assert [one.addr_spec for one in mail["To"].addresses] == ["sam@example.com"]
    assert [one.addr_spec for one in mail["From"].addresses] == ["calendar@example.org"]
    assert re.sub(r"\s", "", mail["To"].addresses[0].display_name) == re.sub(r"\s", "", name)
    assert not mail.defects
    assert len(list(mail.iter_parts())) == 2


def test_words_beyond_ascii_are_packed_tightly_and_read_back_the_same() -> None:
    words = "Доброе утро, вам двоим.\n" * 200
    data = to_bytes(replace(PLAIN, text=words, html=f"<p>{words}</p>"))
    assert data.count(b"Content-Transfer-Encoding: base64") == 2
    assert max(map(len, data.split(b"\r\n"))) <= 76
    parsed = BytesParser(policy=policy.default).parsebytes(data)
    body = parsed.get_body(("plain",))
    assert body
    assert body.get_content().replace("\r\n", "\n") == words
    assert b"base64" not in to_bytes(PLAIN)
