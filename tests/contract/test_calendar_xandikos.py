"""A calendar on a real Xandikos keeps every promise of one that is reached over a network."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contract.dav_partner import DavPartner, partner_of
from tests.contract.network_contract import NetworkCalendarContract
from tests.servers.dav import xandikos_server

pytestmark = pytest.mark.slow


class TestCalendarOnXandikos(NetworkCalendarContract):
    @pytest.fixture
    def partner(self) -> Iterator[DavPartner]:
        with xandikos_server() as server, partner_of(server) as partner:
            yield partner
