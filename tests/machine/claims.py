"""What must hold in one run, at any step and once all is quiet. Not here: what happened (ledger)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from scheduler.domain.occurrence import Fate
from scheduler.domain.outbox import OPEN, EffectKind, State
from tests.machine.home import Home, Sight
from tests.machine.ledger import Deletion, Ledger
from tests.machine.partner import Stands


class BrokenClaimError(AssertionError):
    """Says which claim did not hold."""


def claim(holds: bool, words: str) -> None:
    if not holds:
        raise BrokenClaimError(words)


def at_any_step(home: Home, ledger: Ledger) -> None:
    sight = home.sight()
    for name in home.partners:
        standing = _by_occurrence(home, sight, name)
        for key, events in standing.items():
            claim(len(events) == 1, f"two events for {key} on {name}'s calendar")
        _nothing_came_back(home, sight, [one for one in ledger.deletions if one.partner == name], standing)
        claim(home.partners[name].foreign() == ledger.foreign[name], f"a foreign event of {name}'s was touched")


def when_all_is_quiet(home: Home, ledger: Ledger) -> None:
    at_any_step(home, ledger)
    sight = home.sight()
    for name in home.partners:
        _holds_the_plan(home, sight, ledger, name)
    _is_settled(home)
    _people_were_heard(home, sight, ledger)
    renewed = sum(map(len, ledger.calendars_deleted.values()))
    claim(home.log["calendar_renewed"] <= renewed, "a calendar was made anew that nobody had deleted")


def _by_occurrence(home: Home, sight: Sight, name: str) -> dict[str, list[Stands]]:
    names, found = sight.names[name], defaultdict(list)
    for one in home.partners[name].stands():
        claim(one.uid in names, f"an event of ours that was never wanted stands on {name}'s calendar")
        found[names[one.uid][0]].append(one)
    return found


def _nothing_came_back(
    home: Home, sight: Sight, deletions: list[Deletion], standing: Mapping[str, list[Stands]]
) -> None:
    for one in deletions:
        placement = sight.placements[one.occurrence]
        if placement.fate is Fate.WITHDRAWN or placement.ends_at <= home.clock.now():
            one.counts = False  # what we took back ourselves may be placed anew
        if one.counts:
            claim(one.occurrence not in standing, f"{one.occurrence} was deleted by {one.partner} and came back")


def _holds_the_plan(home: Home, sight: Sight, ledger: Ledger, name: str) -> None:
    now, standing = home.clock.now(), _by_occurrence(home, sight, name)
    plan = {key: one for key, one in sight.placements.items() if one.fate is Fate.PLACED and one.ends_at > now}
    for key, one in plan.items():
        claim(key in standing, f"{key} is planned and does not stand on {name}'s calendar")
        (event,) = standing[key]
        times = (event.starts_at, event.ends_at)
        is_theirs = event.starts_at is None and event.uid in ledger.all_day
        claim(
            is_theirs or times == (one.starts_at, one.ends_at),
            f"{key} stands at {times} on {name}'s calendar, not at {one.starts_at}",
        )
        ritual = home.service.couple.ritual(one.ritual)
        title = ledger.titles.get(event.uid) or (ritual and ritual.title)
        claim(event.title == title, f"{key} is called {event.title} on {name}'s calendar, not {title}")
    for key, (event, *_) in standing.items():
        ends_at = event.ends_at or sight.placements[key].ends_at
        claim(ends_at <= now or key in plan, f"{key} stands on {name}'s calendar and is not planned")


def _is_settled(home: Home) -> None:
    for one in home.outbox():
        decided = one.kind is EffectKind.MAIL and one.cut_off  # killed amid a mail: for a person to say
        claim(
            bool(decided) or one.state not in (State.REFUSED, State.UNCERTAIN),
            f"{one.ref} for {one.partner} ended {one.state.value}",
        )
        claim(one.kind is EffectKind.MAIL or one.state not in OPEN, f"{one.ref} for {one.partner} is still open")


def _people_were_heard(home: Home, sight: Sight, ledger: Ledger) -> None:
    """A known event that was deleted is declined; one that was moved was decided on since."""
    placements, now = sight.placements, home.clock.now()
    for one in ledger.deletions:
        placement = placements[one.occurrence]
        if one.counts and placement.ends_at > now:
            claim(placement.fate is Fate.DECLINED, f"{one.partner} deleted {one.occurrence} and was not heard")
            ledger.tally["verdict: deletion heard"] += 1
    for key, move in ledger.moves.items():
        placement = placements[key]
        if placement.fate is Fate.PLACED and placement.ends_at > now:
            claim(placement.decided_at >= move.at, f"{move.partner} moved {key} and was not heard")
            ledger.tally["verdict: move heard"] += 1
