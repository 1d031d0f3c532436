"""What the partners do by hand, each noted in the ledger. Not here: when they do it (life)."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from functools import partial
from random import Random

from tests.machine.home import Home
from tests.machine.ledger import Deletion, Ledger, MoveByHand
from tests.machine.partner import Stands

QUARTER = timedelta(minutes=15)
Act = Callable[[], None]


class Hands:
    """Each method chooses what is done and returns it as an act; None where there is nothing to do it to.

    An act may run at any moment, so it looks again whether its event still stands there.
    """

    def __init__(self, home: Home, ledger: Ledger, chance: Random) -> None:
        self._home, self._ledger, self._chance = home, ledger, chance
        self._aim: frozenset[str] | None = None

    def any_edit(self, name: str) -> Act | None:
        return self._chance.choice((self.move, self.move, self.retitle, self.delete, self.touch, self.all_day))(name)

    def edit_of(self, name: str, uids: Collection[str]) -> Act | None:
        """Any edit, of one of these events."""
        self._aim = frozenset(uids)
        try:
            return self.any_edit(name)
        finally:
            self._aim = None

    def move(self, name: str) -> Act | None:
        one = self._one(name)
        if one is None:
            return None
        first = self._home.clock.now() + timedelta(hours=2)
        starts_at = _quarter(first) + self._chance.randrange(9 * 24 * 4) * QUARTER
        return lambda: self._edit(name, one, "move", lambda: self._moves(name, one, starts_at))

    def retitle(self, name: str) -> Act | None:
        one = self._one(name)
        if one is None:
            return None
        title = f"Pancakes {self._chance.randrange(1000)}"
        return lambda: self._edit(name, one, "retitle", lambda: self._retitles(name, one, title))

    def touch(self, name: str) -> Act | None:
        one = self._one(name)
        if one is None:
            return None
        partner = self._home.partners[name]
        return lambda: self._edit(name, one, "touch", lambda: partner.touches(one.uid))

    def delete(self, name: str) -> Act | None:
        one = self._one(name, whole=False)
        if one is None or not self._leaves_some(name, one):
            return None
        return lambda: self._edit(name, one, "delete", lambda: self._deletes(name, one))

    def _leaves_some(self, name: str, one: Stands) -> bool:
        """An empty folder may be a disk that is not there, so one that a person emptied is a matter for the host."""
        far = self._home.clock.now() + timedelta(days=4)
        stays = [other for other in self._coming(name) if other != one and other.starts_at and other.starts_at > far]
        return bool(stays) or "calendar" in self._home.partners[name].can

    def delete_all(self, name: str) -> Act | None:
        """Every event that stands there, one by one."""
        found = self._coming(name) if "calendar" in self._home.partners[name].can else []

        def act() -> None:
            for one in found:
                self._edit(name, one, "delete one of all", partial(self._deletes, name, one))

        return act if found else None

    def all_day(self, name: str) -> Act | None:
        one = self._one(name)
        if one is None or "all-day" not in self._home.partners[name].can or one.starts_at is None:
            return None
        day = one.starts_at
        return lambda: self._edit(name, one, "make all-day", lambda: self._makes_all_day(name, one, day))

    def _coming(self, name: str, *, whole: bool = True) -> list[Stands]:
        now = self._home.clock.now()
        found = [one for one in self._home.partners[name].stands() if self._aim is None or one.uid in self._aim]
        return [one for one in found if (one.starts_at > now if one.starts_at else not whole)]

    def _one(self, name: str, *, whole: bool = True) -> Stands | None:
        found = self._coming(name, whole=whole)
        return self._chance.choice(found) if found else None

    def _edit(self, name: str, one: Stands, what: str, act: Act) -> None:
        if one not in self._home.partners[name].stands():
            return
        self._ledger.say(self._home.clock.now(), f"{name}: {what} {one.uid[:6]} {self._occurrence(name, one.uid)}")
        self._ledger.tally[f"hand: {what}"] += 1
        act()

    def _occurrence(self, name: str, uid: str) -> str:
        return self._home.names(name).get(uid, ("?", 0))[0]

    def _is_known(self, name: str, uid: str) -> bool:
        """Whether the service knows that the event stands there, and wants it to."""
        entry = self._home.entries(name).get(self._occurrence(name, uid))
        return entry is not None and entry.event.uid == uid and entry.live and entry.written is not None

    def _moves(self, name: str, one: Stands, starts_at: datetime) -> None:
        key = self._occurrence(name, one.uid)
        entry = self._home.entries(name).get(key)
        ours = {entry.event.starts_at, entry.written_starts_at} if entry else set()
        self._ledger.moves.pop(key, None)
        if self._is_known(name, one.uid) and starts_at not in ours:
            self._ledger.moves[key] = MoveByHand(name, one.uid, self._home.clock.now())
        self._home.partners[name].moves(one.uid, starts_at)

    def _retitles(self, name: str, one: Stands, title: str) -> None:
        self._home.partners[name].retitles(one.uid, title)
        self._ledger.titles[one.uid] = title

    def _deletes(self, name: str, one: Stands) -> None:
        key, known = self._occurrence(name, one.uid), self._is_known(name, one.uid)
        self._home.partners[name].deletes(one.uid)
        self._ledger.moves.pop(key, None)
        self._ledger.deletions.append(Deletion(name, key, one.uid, self._home.clock.now(), known))
        self._ledger.tally["deletion known" if known else "deletion of what was in the dark"] += 1

    def _makes_all_day(self, name: str, one: Stands, day: datetime) -> None:
        self._home.partners[name].makes_all_day(one.uid, day)
        self._ledger.all_day.add(one.uid)
        self._ledger.moves.pop(self._occurrence(name, one.uid), None)


def _quarter(at: datetime) -> datetime:
    return at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0)
