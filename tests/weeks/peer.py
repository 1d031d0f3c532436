"""A calendar client of the usual kind: each look lists every event of the coming six weeks. Not here: ours."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx

from tests.servers.dav import PASSWORD, USER
from tests.servers.google import SCOPE
from tests.weeks.sides import DavSide, GoogleSide

AHEAD, PAGE = timedelta(weeks=6), 250
QUERY = """<?xml version="1.0" encoding="utf-8"?>
<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">
<D:prop><D:getetag/><C:calendar-data/></D:prop>
<C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">
<C:time-range start="{:%Y%m%dT%H%M%SZ}" end="{:%Y%m%dT%H%M%SZ}"/>
</C:comp-filter></C:comp-filter></C:filter></C:calendar-query>"""


@dataclass(frozen=True, slots=True)
class Listing:
    """What one look costs; bytes both ways, ``packed`` where the server packs what it sends."""

    calls: int
    plain: int
    packed: int


def listing(side: GoogleSide | DavSide, now: datetime) -> Listing:
    """A look at the partner's own calendar and at the rituals; the proxy forgets it again."""
    before, spared = len(side.proxy.calls), 0

    def pack(answer: httpx.Response) -> None:
        nonlocal spared
        spared += len(answer.read()) - len(gzip.compress(answer.content))

    unpacked = {"Accept-Encoding": "identity"}
    with httpx.Client(trust_env=False, headers=unpacked, event_hooks={"response": [pack]}) as client:
        if isinstance(side, GoogleSide):
            _of_google(client, side, now)
        else:
            _of_dav(client, side, now)
    found = side.proxy.calls[before:]
    del side.proxy.calls[before:]
    assert {one.status for one in found} <= {200, 207}, [one.status for one in found]
    plain = sum(one.sent + one.received for one in found)
    return Listing(len(found), plain, plain - spared)


def _of_google(client: httpx.Client, side: GoogleSide, now: datetime) -> None:
    token = side.person.connects(f"{SCOPE}calendar.readonly").access_token
    for calendar in ("primary", *side.person.app_calendars()):
        for query in _pages(now):
            page = client.get(
                f"{side.proxy.url}/calendar/v3/calendars/{calendar}/events",
                params=query,
                headers={"Authorization": f"Bearer {token}"},
            ).json()
            if "nextPageToken" not in page:
                break
            query["pageToken"] = page["nextPageToken"]


def _pages(now: datetime) -> Iterator[dict[str, Any]]:
    """The same query again and again; whoever reads a page puts its token in."""
    times = {"timeMin": f"{now:%Y-%m-%dT%H:%M:%SZ}", "timeMax": f"{now + AHEAD:%Y-%m-%dT%H:%M:%SZ}"}
    query = {"singleEvents": "true", "maxResults": str(PAGE), **times}
    while True:
        yield query


def _of_dav(client: httpx.Client, side: DavSide, now: datetime) -> None:
    for path in (side.own, side.collection):
        client.request(
            "REPORT",
            side.proxy.url + path,
            content=QUERY.format(now, now + AHEAD),
            headers={"Depth": "1", "Content-Type": "application/xml"},
            auth=(USER, PASSWORD),
        )
