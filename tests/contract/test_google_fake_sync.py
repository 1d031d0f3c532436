"""Whoever follows the fake's sync tokens ends where a full listing would. Not here: single claims (listing)."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.build import at
from tests.contract.google_driver import Driver, body

pytestmark = pytest.mark.slow

NAMES = st.sampled_from([f"coffee{number}" for number in range(6)])
STEPS = st.lists(st.tuples(st.sampled_from(["add", "move", "retitle", "delete", "restore", "wait", "sync"]), NAMES))


class Follower:
    """Keeps what a client would that lists once, then only asks for changes, a few at a time."""

    def __init__(self, driver: Driver) -> None:
        self._driver, self._token = driver, ""
        self.known: dict[str, Any] = {}

    def sync(self) -> None:
        query = {"syncToken": self._token} if self._token else {}
        page: dict[str, Any] = {}
        while "nextSyncToken" not in page:
            more = {"pageToken": page["nextPageToken"]} if page else {}
            page = self._driver.list(maxResults=2, **query, **more)
            for event in page["items"]:
                self.known.pop(event["id"], None)
                if event["status"] != "cancelled":
                    self.known[event["id"]] = event
        self._token = page["nextSyncToken"]


def act(driver: Driver, step: str, name: str) -> None:
    """By hand nothing happens to an event that was never made."""
    if step == "wait":
        driver.clock.advance(timedelta(seconds=20))
    elif step == "add":
        path = f"calendars/{driver.calendar}/events"
        assert driver.raw("POST", path, json=body(name)).status_code in (200, 409)
    else:
        by_hand = {
            "move": lambda: driver.sam.moves(name, at("2026-11-25 07:00")),
            "retitle": lambda: driver.sam.retitles(name, "Tea"),
            "delete": lambda: driver.sam.deletes(name),
            "restore": lambda: driver.sam.restores(name),
        }
        with suppress(KeyError):
            by_hand[step]()


@settings(max_examples=15)
@given(STEPS)
def test_who_follows_the_tokens_knows_what_stands_there(steps: list[tuple[str, str]]) -> None:
    with Driver() as driver:
        driver.fake.settings.listing_lag = timedelta(seconds=30)
        driver.fake.settings.per_user_a_minute = 10_000
        follower = Follower(driver)
        for step, name in steps:
            follower.sync() if step == "sync" else act(driver, step, name)
        driver.clock.advance(timedelta(seconds=31))
        follower.sync()
        assert follower.known == {one["id"]: one for one in driver.list()["items"]}
