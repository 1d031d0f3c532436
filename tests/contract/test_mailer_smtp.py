"""The SMTP mailer keeps every promise of a mailer against a real server, in the clear and under TLS."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from scheduler.adapters.smtp import MAX_MAILS_A_CONNECTION, Security, SmtpMailer, SmtpServer
from scheduler.domain.errors import Refused, Unavailable
from tests.contract.mailer_contract import MAIL, MailerContract, Post, make_envelope
from tests.contract.smtp_server import Box, make_certificate, smtp_server, tls_of


@contextmanager
def mailer_to(port: int, security: Security = "none", **settings: Any) -> Iterator[SmtpMailer]:
    mailer = SmtpMailer(SmtpServer("localhost", port, security, **{"timeout_s": 5.0, **settings}))
    try:
        yield mailer
    finally:
        mailer.close()


class SmtpPost:
    def __init__(self, mailer: SmtpMailer, box: Box) -> None:
        self.mailer, self.arrived = mailer, box.arrived


class TestSmtpMailer(MailerContract):
    @pytest.fixture
    def post(self) -> Iterator[Post]:
        box = Box()
        with smtp_server(box) as port, mailer_to(port) as mailer:
            yield SmtpPost(mailer, box)


@pytest.fixture
def box() -> Box:
    return Box()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    return certificate


def test_many_mails_go_over_one_connection(box: Box) -> None:
    with smtp_server(box) as port, mailer_to(port) as mailer:
        for number in range(30):
            mailer.send(make_envelope(f"k{number}"))
    assert (len(box.mails), len(box.peers)) == (30, 1)


def test_a_connection_carries_a_hundred_mails_and_no_more(box: Box) -> None:
    with smtp_server(box) as port, mailer_to(port) as mailer:
        for number in range(MAX_MAILS_A_CONNECTION + 5):
            mailer.send(make_envelope(f"k{number}"))
    assert (len(box.mails), len(box.peers)) == (MAX_MAILS_A_CONNECTION + 5, 2)


def test_after_close_a_mail_still_finds_its_way(box: Box) -> None:
    with smtp_server(box) as port, mailer_to(port) as mailer:
        mailer.send(make_envelope())
        mailer.close()
        mailer.send(make_envelope())
    assert (len(box.mails), len(box.peers)) == (2, 2)


def test_threads_share_the_connection_and_never_mix_mails(box: Box) -> None:
    mails = [MAIL.replace(b"This week", b"Week %d" % number) for number in range(40)]
    with smtp_server(box) as port, mailer_to(port) as mailer, ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda data: mailer.send(make_envelope(data=data)), mails))
    assert sorted(data for _, data in box.mails) == sorted(mails)
    assert len(box.peers) == 1


def test_a_bare_line_end_never_ends_a_mail(box: Box) -> None:
    with smtp_server(box) as port, mailer_to(port) as mailer:
        mailer.send(make_envelope(data=b"Subject: x\r\n\r\na\n.\nMAIL FROM:<x@example.org>\r.\rb"))
    assert box.arrived("sam") == [b"Subject: x\r\n\r\na\r\n.\r\nMAIL FROM:<x@example.org>\r\n.\r\nb\r\n"]


@pytest.mark.parametrize(
    "address",
    ["", "sam", "sam@", "a b@example.org", "a@b\r\nRCPT TO:<x@example.org>", "<a@example.org>", "jörg@example.org"],
)
def test_an_address_that_could_be_a_command_is_refused(box: Box, address: str) -> None:
    with smtp_server(box) as port, mailer_to(port) as mailer:
        with pytest.raises(Refused):
            mailer.send(make_envelope(recipient=address))
        with pytest.raises(Refused):
            mailer.send(make_envelope(sender=address))
    assert box.mails == []


@pytest.mark.parametrize(
    ("verb", "answer", "error"),
    [
        ("MAIL", "451 4.3.0 sam@example.org later", Unavailable),
        ("MAIL", "550 5.7.1 rituals@example.org is nobody", Refused),
        ("MAIL", "530 5.7.0 log in first", Unavailable),
        ("RCPT", "450 4.2.1 sam@example.org is full", Unavailable),
        ("RCPT", "550 5.1.1 sam@example.org is nobody", Refused),
        ("DATA", "452 4.3.1 no room for sam@example.org", Unavailable),
        ("DATA", "554 5.6.0 sam@example.org dislikes it", Refused),
    ],
)
def test_what_the_server_says_decides_and_is_told_as_a_code(
    box: Box, verb: str, answer: str, error: type[Refused] | type[Unavailable]
) -> None:
    box.says[verb] = answer
    with smtp_server(box) as port, mailer_to(port) as mailer:
        with pytest.raises(error) as caught:
            mailer.send(make_envelope())
        assert answer[:9] in str(caught.value)
        assert "example" not in str(caught.value)
        assert caught.value.__cause__ is None
        box.says.clear()
        mailer.send(make_envelope())
    assert (len(box.mails), len(box.peers)) == (1, 1)


def test_one_refused_address_does_not_hold_up_the_other(box: Box) -> None:
    box.says["sam@example.org"] = "550 5.1.1 nobody"
    with smtp_server(box) as port, mailer_to(port) as mailer:
        with pytest.raises(Refused):
            mailer.send(make_envelope())
        mailer.send(make_envelope(partner="kim"))
    assert (box.arrived("sam"), box.arrived("kim")) == ([], [MAIL])


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
def test_a_login_opens_the_server(box: Box) -> None:
    with (
        smtp_server(box, auth_required=True) as port,
        mailer_to(port, user="rituals", password="pass word") as mailer,
    ):
        mailer.send(make_envelope())
    assert (box.users, len(box.mails)) == (["rituals"], 1)


@pytest.mark.parametrize("password", ["wrong", "grün"])
def test_a_wrong_login_is_the_hosts_to_mend_and_no_mail_is_lost_for_it(box: Box, password: str) -> None:
    with smtp_server(box) as port, mailer_to(port, user="rituals", password=password) as mailer:
        with pytest.raises(Unavailable) as caught:
            mailer.send(make_envelope())
        assert password not in str(caught.value)
        with pytest.raises(Unavailable):
            mailer.check()
    assert box.mails == []


def test_the_login_never_shows_in_a_repr() -> None:
    server = SmtpServer("localhost", 25, user="rituals-user", password="pass word")
    assert "pass word" not in repr(server)
    assert "rituals-user" not in repr(server)


def test_starttls_encrypts_login_and_mail(box: Box, trusted: Path) -> None:
    with (
        smtp_server(box, tls_context=tls_of(trusted), require_starttls=True) as port,
        mailer_to(port, "starttls", user="rituals", password="pass word") as mailer,
    ):
        mailer.check()
        mailer.send(make_envelope())
        mailer.send(make_envelope())
    assert (box.encrypted, box.users, len(box.mails)) == ({True}, ["rituals"], 2)


def test_tls_from_the_first_byte(box: Box, trusted: Path) -> None:
    with smtp_server(box, ssl_context=tls_of(trusted)) as port, mailer_to(port, "tls") as mailer:
        mailer.send(make_envelope())
    assert len(box.mails) == 1


def test_where_starttls_was_stripped_nothing_is_sent(box: Box) -> None:
    with (
        smtp_server(box) as port,
        mailer_to(port, "starttls", user="rituals", password="pass word") as mailer,
        pytest.raises(Unavailable, match="STARTTLS"),
    ):
        mailer.send(make_envelope())
    assert (box.mails, box.users) == ([], [])


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_that_nobody_vouches_for_is_no_server_of_ours(
    box: Box, certificate: Path, security: Security
) -> None:
    kind = {"starttls": "tls_context", "tls": "ssl_context"}[security]
    with (
        smtp_server(box, **{kind: tls_of(certificate)}) as port,
        mailer_to(port, security) as mailer,
        pytest.raises(Unavailable, match="certificate"),
    ):
        mailer.send(make_envelope())
    assert box.mails == []
