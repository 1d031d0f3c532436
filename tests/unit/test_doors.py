"""An address opens one thing for one partner; making another feed ends the one before, and nothing lists them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest

from scheduler.adapters.sqlstore import SqlStore
from scheduler.app.doors import CONNECT_LASTS, Doors
from scheduler.domain.link import Link, Purpose, digest_of
from scheduler.ports import Store, Transaction
from scheduler.settings import FeedRoute, FolderRoute, GoogleRoute, Route
from scheduler.settings.model import Look
from tests.build import at

NOW = at("2026-11-23 09:00")
LOOK = Look("Together", "#c2603f")
ROUTES: dict[str, Route] = {"sam": GoogleRoute(LOOK), "lee": FeedRoute(LOOK), "ann": FeedRoute(LOOK)}


def counting() -> Callable[[], bytes]:
    numbers = count(1)
    return lambda: next(numbers).to_bytes(20) + bytes(12)


@pytest.fixture
def store() -> Iterator[Store]:
    with closing(SqlStore.open(":memory:", secret=lambda: bytes(32))) as made:
        yield made


@pytest.fixture
def tx(store: Store) -> Iterator[Transaction]:
    with store.transaction() as one:
        yield one


@pytest.fixture
def doors() -> Doors:
    return Doors("home", ROUTES, "https://rituals.example.org", counting())


def token_of(address: str) -> str:
    return address.rpartition("/")[2].removesuffix(".ics")


def test_a_feed_s_address_is_whole_and_opens_its_partner_s_feed_for_ever(doors: Doors, tx: Transaction) -> None:
    address = doors.feed(tx, "lee", NOW)
    assert address == "https://rituals.example.org/feed/00000000000000000000000000000001.ics"
    found = doors.partner_for(tx, token_of(address), Purpose.FEED, NOW + timedelta(days=3650))
    assert found
    assert found.partner == "lee"


def test_only_the_hash_of_a_token_is_kept(doors: Doors, tx: Transaction) -> None:
    token = token_of(doors.feed(tx, "lee", NOW))
    assert tx.link("home", token) is None
    assert tx.link("home", digest_of(token)) == Link(digest_of(token), "lee", Purpose.FEED, NOW)


def test_a_new_feed_s_address_ends_the_old_one_and_no_other_partner_s(doors: Doors, tx: Transaction) -> None:
    old, other, new = doors.feed(tx, "lee", NOW), doors.feed(tx, "ann", NOW), doors.feed(tx, "lee", NOW)
    opened = [doors.partner_for(tx, token_of(one), Purpose.FEED, NOW) for one in (old, other, new)]
    assert [one.partner if one else None for one in opened] == [None, "ann", "lee"]


def test_that_a_feed_s_address_was_made_is_remembered_and_nothing_else_of_it(doors: Doors, tx: Transaction) -> None:
    assert not doors.has_feed(tx, "lee")
    doors.feed(tx, "lee", NOW)
    assert doors.has_feed(tx, "lee")
    assert not doors.has_feed(tx, "ann")


def test_a_link_to_connect_lasts_two_weeks_and_opens_no_feed(doors: Doors, tx: Transaction) -> None:
    address = doors.connect(tx, "sam", NOW)
    token = token_of(address)
    assert address.startswith("https://rituals.example.org/connect/")
    assert doors.partner_for(tx, token, Purpose.CONNECT, NOW + CONNECT_LASTS - timedelta(seconds=1))
    assert doors.partner_for(tx, token, Purpose.CONNECT, NOW + CONNECT_LASTS) is None
    assert doors.partner_for(tx, token, Purpose.FEED, NOW) is None


def test_a_mail_that_is_sent_again_leaves_the_first_one_s_link_alone(doors: Doors, tx: Transaction) -> None:
    first, second = (token_of(doors.connect(tx, "sam", NOW)) for _ in range(2))
    assert first != second
    assert doors.partner_for(tx, first, Purpose.CONNECT, NOW)


def test_a_link_that_was_used_opens_nothing(doors: Doors, tx: Transaction) -> None:
    token = token_of(doors.connect(tx, "sam", NOW))
    tx.use_link("home", digest_of(token), NOW)
    assert doors.partner_for(tx, token, Purpose.CONNECT, NOW) is None


def test_nothing_is_made_for_a_partner_who_has_no_such_route(doors: Doors, tx: Transaction) -> None:
    assert doors.connect(tx, "lee", NOW) == doors.feed(tx, "sam", NOW) == ""
    assert not doors.has_feed(tx, "sam")


def test_nothing_is_made_where_partners_reach_nothing(doors: Doors, tx: Transaction) -> None:
    inside = replace(doors, address="")
    assert inside.connect(tx, "sam", NOW) == inside.feed(tx, "lee", NOW) == ""


def test_whoever_changes_to_another_route_has_nothing_behind_the_old_address(doors: Doors, tx: Transaction) -> None:
    token = token_of(doors.feed(tx, "lee", NOW))
    elsewhere = replace(doors, routes={**ROUTES, "lee": FolderRoute(Path("lee"), LOOK)})
    gone = replace(doors, routes={"sam": ROUTES["sam"]})
    assert elsewhere.partner_for(tx, token, Purpose.FEED, NOW) is None
    assert gone.partner_for(tx, token, Purpose.FEED, NOW) is None


def test_an_address_is_there_only_if_the_transaction_is(doors: Doors, store: Store) -> None:
    made: list[str] = []
    with suppress(LookupError), store.transaction() as tx:
        made.append(token_of(doors.feed(tx, "lee", NOW)))
        raise LookupError
    with store.transaction() as tx:
        assert doors.partner_for(tx, made[0], Purpose.FEED, NOW) is None


def test_rallly_2025_47781_code_bruteforce(doors: Doors, tx: Transaction) -> None:
    token = token_of(doors.feed(tx, "lee", NOW))
    near = {
        token[:place] + other + token[place + 1 :]
        for place in range(32)
        for other in "0123456789abcdefghijklmnopqrstuv"
    }
    near |= {token.upper() + " ", f"{token} ", token[:-1], f"{token}0", digest_of(token)}
    assert [one for one in near if doors.partner_for(tx, one, Purpose.FEED, NOW)] == [token]


@pytest.mark.parametrize("token", ["", "x" * 5000, "\ud800", "\x00", "../../etc/passwd", "0" * 32])
def test_what_is_no_token_opens_nothing(doors: Doors, tx: Transaction, token: str) -> None:
    assert doors.partner_for(tx, token, Purpose.FEED, NOW) is None


def test_an_address_does_not_show_the_secrets_maker() -> None:
    assert "secret" not in repr(Doors("home", ROUTES, "", counting()))
