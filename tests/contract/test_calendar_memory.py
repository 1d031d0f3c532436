"""The calendar that tests use keeps every promise of a calendar."""

from __future__ import annotations

from datetime import datetime

import pytest

from scheduler.adapters.memory import MemoryCalendar
from tests.contract.calendar_contract import CalendarContract, PartnerWithCalendar


class MemoryPartner:
    def __init__(self) -> None:
        self.calendar = MemoryCalendar()

    def moves(self, uid: str, starts_at: datetime) -> None:
        self.calendar.person_moves(uid, starts_at)

    def deletes(self, uid: str) -> None:
        self.calendar.person_deletes(uid)

    def unplugs(self) -> None:
        self.calendar.down = True


class TestMemoryCalendar(CalendarContract):
    @pytest.fixture
    def partner(self) -> PartnerWithCalendar:
        return MemoryPartner()
