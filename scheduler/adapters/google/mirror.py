"""What stands in our calendar at Google, kept up to date by sync tokens. Not here: what follows from it (calendar).

The first look lists everything; each later one asks only for what changed since. A listing counts when it is whole:
its last page carries the next token. Google's replicas lag: what was heard later by Google's own clock wins, our own
writes among it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from scheduler.adapters.google.answers import Expired, Rejected, unreachable
from scheduler.adapters.google.api import GoogleApi

_PAGE = 2500
_MOST_PAGES = 100
_WORTH_KEEPING = ("id", "status", "etag", "updated", "summary", "sequence", "start", "end")


class Mirror:
    """By event id; deleted events are in it as Google tells of them. One thread at a time."""

    def __init__(self, api: GoogleApi) -> None:
        self._api = api
        self.forget()

    def forget(self) -> None:
        """Begin anew at the next look."""
        self._token: str | None = None
        self._items: dict[str, dict[str, Any]] = {}

    def get(self, id: str) -> dict[str, Any] | None:
        return self._items.get(id)

    def learn(self, item: dict[str, Any]) -> None:
        """Take it, unless something newer is known."""
        known = self._items.get(item["id"], {}).get("updated", "")
        if item.get("updated", known) >= known:
            self._items[item["id"]] = {name: item[name] for name in _WORTH_KEEPING if name in item}

    def drop(self, id: str) -> None:
        self._items.pop(id, None)

    def catch_up(self, calendar: str) -> None:
        """Raises NotThere where the calendar is gone; after any error all is as it was."""
        if self._token is not None:
            try:
                return self._learn_all(*self._listed(calendar, self._token))
            except (Expired, Rejected):
                self._token = None
        items, token = self._listed(calendar, None)
        # A whole listing has no word of what was deleted: whatever it lacks is forgotten here, and asked for by itself.
        listed = {item["id"] for item in items}
        self._items = {name: item for name, item in self._items.items() if name in listed}
        return self._learn_all(items, token)

    def _learn_all(self, items: Iterable[dict[str, Any]], token: str) -> None:
        for item in items:
            self.learn(item)
        self._token = token

    def _listed(self, calendar: str, since: str | None) -> tuple[list[dict[str, Any]], str]:
        """Every page, and the token for next time; a listing that ends without one was cut off."""
        items: list[dict[str, Any]] = []
        page_token: str | None = None
        for _ in range(_MOST_PAGES):
            query = {"calendarId": calendar, "maxResults": _PAGE, "syncToken": since, "pageToken": page_token}
            page = self._api.call(self._api.service.events().list(**query))
            items += _items(page)
            page_token = page.get("nextPageToken")
            if not page_token:
                break
        token = page.get("nextSyncToken")
        if page_token or not isinstance(token, str):
            raise unreachable()
        return items, token


def _items(page: dict[str, Any]) -> list[dict[str, Any]]:
    items = page.get("items", [])
    if not isinstance(items, list) or not all(
        isinstance(one, dict) and isinstance(one.get("id"), str) for one in items
    ):
        raise unreachable()
    return items
