"""What a week on each route costs: calls and bytes of the example couple, beside a client that lists everything.

Both partners are on the route, with busy times of the same account and 3,000 own events each. The peer asks the same
servers, but for every event of six weeks, every ten minutes: it is measured every 17 hours of the week and counted
1,008 times. Bytes go both ways, headers included, as the tests' servers send them: unpacked. Beside them stands the
peer as it would be where a server packs what it sends. Give the names of routes to see only those.
"""

from __future__ import annotations

import logging
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from statistics import mean

sys.path.insert(0, str(Path(__file__).parents[2]))

from scheduler.adapters.system import use_packaged_zones
from scheduler.content.assets import Assets
from scheduler.domain.couple import Couple
from scheduler.settings import load
from tests.servers.dav import radicale_server, xandikos_server
from tests.servers.proxy import Call
from tests.weeks import roads
from tests.weeks.life import DAY, MONDAY, TICK
from tests.weeks.peer import Listing, listing
from tests.weeks.roads import Road
from tests.weeks.sides import OWN

EXAMPLE = Path(__file__).parents[2] / "config" / "example" / "couple.toml"
LOOKS, MEASURED = 7 * 24 * 6, 17 * 6  # of the peer: how many, and every which one is measured
TARGET_CALLS, TARGET_BYTES, TARGET_QUIET = 4, 20, 60
QUIET = 6  # the Sunday: nobody touches anything
ROUTES: Mapping[str, Callable[[Couple], AbstractContextManager[Road]]] = {
    "google": roads.google,
    "caldav on Radicale": partial(roads.caldav, server=radicale_server),
    "caldav on Xandikos": partial(roads.caldav, server=xandikos_server),
    "invite": roads.invite,
    "feed": roads.subscribed,
    "folder": roads.folder,
}
WORDS = {"invite": "mails", "folder": "files written or taken away", "feed": "fetches of the partners' own programs"}


def main(names: list[str]) -> None:
    use_packaged_zones()
    logging.disable()  # the servers' own
    couple = load(EXAMPLE, Assets()).couple
    for name in ROUTES:
        if not names or any(one in name for one in names):
            with ROUTES[name](couple) as road:
                tell(name, road)


def tell(name: str, road: Road) -> None:
    days, peer = lived(road)
    first, week = days[0], [one for day in days[1:] for one in day.values()]
    total = [call for calls in week for call in calls]
    print(f"{name}: {WORDS.get(name, 'calls')} of both partners in the week")
    print(f"  ours: {_sums(total)}; the first day, when all was placed: {_sums(_all(first))}")
    print(f"    {_kinds(total)}")
    each = [len(calls) for calls in week]
    print(f"    a partner and day: {min(each)} to {max(each)}, {mean(each):.0f} on average")
    if road.remote:
        quiet = {who: Counter(map(_kind, calls)) for who, calls in days[1 + QUIET].items()}
        print(f"    a day in which nobody touched anything (target {TARGET_QUIET}, tokens and writes apart):")
        for number, kinds in enumerate(quiet.values(), 1):
            asked = kinds.total() - kinds["tokens"] - kinds["writes"]
            print(f"      partner {number}: {asked}: {', '.join(f'{kinds[one]} {one}' for one in sorted(kinds))}")
        _compare(total, peer)


def lived(road: Road) -> tuple[list[dict[str, list[Call]]], list[Listing]]:
    """What passed on each day by partner, the day of connecting first; and the peer's looks that were measured."""
    week = road.week
    marks: list[dict[str, int]] = []
    peer: list[Listing] = []

    def passed() -> dict[str, int]:
        return {who: len(road.calls(who)) for who in week.sides}

    def after_tick() -> None:
        now = week.clock.now()
        road.pass_by()
        if now >= MONDAY and (now - MONDAY) % (MEASURED * TICK) == 0 * TICK:
            peer.extend(listing(side, now) for side in road.remote.values())
        if (now + TICK - MONDAY) % DAY == 0 * TICK:
            marks.append(passed())

    week.live(after_tick)
    starts = [dict.fromkeys(week.sides, 0), *marks[:-1]]
    days = [
        {who: list(road.calls(who)[start[who] : end[who]]) for who in week.sides}
        for start, end in zip(starts, marks, strict=True)
    ]
    week.close()
    return days, peer


def _compare(ours: list[Call], peer: list[Listing]) -> None:
    """The peer buys a token every hour, too, where there are tokens."""
    tokens = [one for one in ours if _kind(one) == "tokens"]
    hourly = 2 * 7 * 24 if tokens else 0
    calls = round(2 * LOOKS * mean(one.calls for one in peer)) + hourly
    bought = hourly * mean([one.sent + one.received for one in tokens] or [0])
    plain, packed = (
        2 * LOOKS * mean(sizes) + bought for sizes in ([one.plain for one in peer], [one.packed for one in peer])
    )
    mine = sum(one.sent + one.received for one in ours)
    print(f"  peer: {calls} calls, {plain / 1e6:.1f} MB, packed {packed / 1e6:.1f} MB")
    print(f"  ratio: 1/{calls / len(ours):.1f} of its calls (target 1/{TARGET_CALLS}),")
    print(f"    1/{plain / mine:.0f} of its bytes (target 1/{TARGET_BYTES}), 1/{packed / mine:.0f} of them packed")


def _kind(call: Call) -> str:
    """What the call was for."""
    if call.path.startswith("/token"):
        return "tokens"
    if "/freeBusy" in call.path or f"/{OWN}/" in call.path or call.method == "PROPFIND":
        return "busy times"
    if call.method in ("GET", "REPORT"):
        return "looks"
    return "writes"


def _kinds(calls: Iterable[Call]) -> str:
    spent: dict[str, list[int]] = {}
    for one in calls:
        spent.setdefault(_kind(one), []).append(one.sent + one.received)
    return ", ".join(f"{len(sizes)} {kind} ({sum(sizes) / 1e3:.0f} kB)" for kind, sizes in sorted(spent.items()))


def _sums(calls: list[Call]) -> str:
    sizes = sum(one.sent + one.received for one in calls)
    return f"{len(calls)}, {sizes / 1e3:.0f} kB"


def _all(day: Mapping[str, list[Call]]) -> list[Call]:
    return [call for calls in day.values() for call in calls]


if __name__ == "__main__":
    main(sys.argv[1:])
