"""A link opens one thing for one partner, for as long as it was made for, and only its hash is kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from scheduler.adapters.sqlstore import SqlStore
from scheduler.domain.link import Link, Purpose, digest_of, token_from
from tests.build import at

NOW = at("2026-11-23 09:00")
HOUR = timedelta(hours=1)
LINK = Link(digest_of("token"), "sam", Purpose.CONNECT, NOW, NOW + HOUR)


def test_a_link_opens_what_it_was_made_for_until_it_ends() -> None:
    assert LINK.opens(Purpose.CONNECT, NOW + HOUR - timedelta(seconds=1))
    assert not LINK.opens(Purpose.CONNECT, NOW + HOUR)
    assert not LINK.opens(Purpose.FEED, NOW)


def test_a_link_that_was_used_opens_nothing() -> None:
    assert not replace(LINK, used_at=NOW).opens(Purpose.CONNECT, NOW)


def test_a_token_needs_160_bits() -> None:
    assert len(token_from(bytes(range(32)))) == 32
    with pytest.raises(ValueError, match="160"):
        token_from(bytes(19))


def test_a_link_is_used_once_and_dropped_by_purpose() -> None:
    store = SqlStore.open(":memory:", secret=lambda: bytes(32))
    feed = replace(LINK, digest=digest_of("feed"), purpose=Purpose.FEED, expires_at=None)
    with store.transaction() as tx:
        tx.add_link("home", LINK)
        tx.add_link("home", feed)
        assert tx.link("next", LINK.digest) is None
        assert tx.use_link("home", LINK.digest, NOW)
        assert not tx.use_link("home", LINK.digest, NOW + HOUR)
        assert tx.link("home", LINK.digest) == replace(LINK, used_at=NOW)
        tx.drop_links("home", "sam", Purpose.CONNECT)
        assert tx.link("home", LINK.digest) is None
        assert tx.link("home", feed.digest) == feed
    store.close()
