"""The mailer that tests use keeps every promise of a mailer."""

from __future__ import annotations

import pytest

from scheduler.adapters.memory import MemoryMailer
from tests.contract.mailer_contract import MailerContract, Post


class MemoryPost:
    def __init__(self) -> None:
        self.mailer = MemoryMailer()

    def arrived(self, partner: str) -> list[bytes]:
        return [one.data for one in self.mailer.sent if one.partner == partner]


class TestMemoryMailer(MailerContract):
    @pytest.fixture
    def post(self) -> Post:
        return MemoryPost()
