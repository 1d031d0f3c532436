"""A couple's files on disk, and what happens in their lives: time passes, people edit. Not here: the service itself."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.kill.checker import Facts, Seen, read_calendar, read_ledger
from tests.kill.sink import Sink

# Off the five-minute grid, so that a life some seconds later has the same slots before it.
START = datetime(2026, 11, 23, 9, 2, tzinfo=UTC)
PARTNERS = ("sam", "kim")
_SOON = timedelta(hours=30)
_RITUALS = ("coffee date", "check-in", "hello and goodbye", "walk")
_OPTIONAL = "gratitude"

_CONFIG = """
[[partner]]
name = "Sam"
email = "sam@example.org"
zone = "Europe/Berlin"
busy = ["sam.ics"]
[[partner]]
name = "Kim"
email = "kim@example.org"
zone = "Europe/London"
busy = ["kim.ics"]
{rituals}
[planning]
max_a_day = 6
[mail]
sender = "rituals@example.org"
[mail.smtp]
host = "127.0.0.1"
port = {port}
security = "none"
[mail.question]
day = "sunday"
at = "16:30"
[service]
log = "json"
[view]
on = false
"""


@dataclass(frozen=True)
class Deed:
    """Something that a person does; ``partner`` and ``pick`` say to whom and to which event."""

    what: str
    partner: str
    pick: int
    minutes: int


@dataclass(frozen=True)
class Step:
    """What the couple lives through next."""

    now: datetime
    deeds: tuple[Deed, ...]


def story(seed: int, length: int) -> Iterator[Step]:
    """The same steps for the same seed. One partner leaves in the second third, and joins again."""
    chance, now = random.Random(seed), START
    whole_folder = {length // 2: "leave", length // 2 + 4: "join"}
    for number in range(length):
        deeds = [_deed(chance) for _ in range(chance.choice((0, 1, 1, 2)))] if number else []
        if number in whole_folder:
            deeds.append(Deed(whole_folder[number], "kim", 0, 0))
        yield Step(now, tuple(deeds))
        now = _later(chance, now)


def _deed(chance: random.Random) -> Deed:
    what = chance.choice(("clash", "clash", "clash", "drag", "delete", "config"))
    return Deed(what, chance.choice(PARTNERS), chance.randrange(10_000), chance.choice((-120, -45, 60, 90, 150)))


def _later(chance: random.Random, now: datetime) -> datetime:
    """Often the moment when four mails are due: after Sunday's question and digest, on both clocks."""
    if chance.random() < 0.5:
        return now + timedelta(minutes=5 * chance.randrange(8 * 12, 30 * 12))
    sunday = (now + timedelta(days=6 - now.weekday())).replace(hour=17, minute=22)
    if sunday <= now:
        sunday += timedelta(days=7)
    return min(sunday, now + timedelta(hours=40))


@dataclass
class Home:
    """One couple's folder, with everything that the test did to it."""

    folder: Path
    sink: Sink
    config: str = ""
    rituals: list[str] = field(default_factory=lambda: [*_RITUALS, _OPTIONAL])
    busy: dict[str, list[tuple[datetime, datetime]]] = field(default_factory=lambda: {one: [] for one in PARTNERS})
    removed: set[str] = field(default_factory=set)
    away: list[tuple[str, datetime, datetime | None]] = field(default_factory=list)

    def furnish(self) -> None:
        self.config = str(self.folder / "couple.toml")
        self._write_config()
        for partner in PARTNERS:
            self._write_busy(partner)

    def calendar(self, partner: str) -> Path:
        return self.folder / "calendars" / partner

    @property
    def database(self) -> Path:
        return self.folder / "state" / "rituals.db"

    def do(self, deed: Deed, now: datetime) -> None:
        """A person's edit of a file; joining and leaving are the service's own commands."""
        match deed.what:
            case "config":
                self.rituals.remove(_OPTIONAL) if _OPTIONAL in self.rituals else self.rituals.append(_OPTIONAL)
                self._write_config()
            case "leave":
                self.away.append((f"{deed.partner}@example.org", now, None))
            case "join":
                self.away[:] = [(to, since, until or now) for to, since, until in self.away]
            case _:
                if event := self._choose(deed, now):
                    self._disturb(deed, event)

    def _disturb(self, deed: Deed, event: Seen) -> None:
        match deed.what:
            case "clash":
                self.busy[deed.partner].append((event.starts_at, event.ends_at + timedelta(minutes=30)))
                self._write_busy(deed.partner)
            case "drag":
                _drag(event, timedelta(minutes=deed.minutes))
            case "delete":
                self.removed.add(event.uid)
                event.file.unlink()
            case other:
                raise AssertionError(other)

    def facts(self, now: datetime, cut: dict[str, int]) -> Facts:
        folders = {partner: self.calendar(partner) for partner in PARTNERS}
        ledger, removed = self.folder / "ledger", frozenset(self.removed)
        return Facts(self.database, folders, ledger, now, cut=cut, removed=removed, away=tuple(self.away))

    def events(self) -> set[tuple[str, str, str, datetime, datetime]]:
        """Everything that stands on the calendars."""
        found = ((partner, one) for partner in PARTNERS for one in read_calendar(self.calendar(partner))[0])
        return {(partner, one.uid, one.title, one.starts_at, one.ends_at) for partner, one in found}

    def mails(self) -> set[tuple[str, str, str]]:
        """Every mail that arrived, copies once: its key, to whom, its subject."""
        return {(one.key, one.to, one.subject) for one in read_ledger(self.folder / "ledger")}

    def _choose(self, deed: Deed, now: datetime) -> Seen | None:
        """A coming event, by what it says."""
        events = [one for one in read_calendar(self.calendar(deed.partner))[0] if one.starts_at > now + _SOON]
        events.sort(key=lambda one: (one.starts_at, one.title))
        return events[deed.pick % len(events)] if events else None

    def _write_config(self) -> None:
        rituals = "\n".join(f'[[ritual]]\nkind = "{kind}"' for kind in self.rituals)
        Path(self.config).write_text(_CONFIG.format(rituals=rituals, port=self.sink.port))

    def _write_busy(self, partner: str) -> None:
        events = [
            f"BEGIN:VEVENT\r\nUID:{number}@work\r\nDTSTAMP:20261101T000000Z\r\nDTSTART:{start:%Y%m%dT%H%M%SZ}\r\n"
            f"DTEND:{end:%Y%m%dT%H%M%SZ}\r\nSUMMARY:Taken\r\nEND:VEVENT\r\n"
            for number, (start, end) in enumerate(self.busy[partner])
        ]
        whole = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:test\r\n" + "".join(events) + "END:VCALENDAR\r\n"
        (self.folder / f"{partner}.ics").write_bytes(whole.encode())


def _drag(event: Seen, by: timedelta) -> None:
    """As a calendar program does: a new file with new times in place of the old one."""
    text = event.file.read_bytes().decode()
    for name, moment in (("DTSTART", event.starts_at), ("DTEND", event.ends_at)):
        text = text.replace(f"{name}:{moment:%Y%m%dT%H%M%SZ}", f"{name}:{moment + by:%Y%m%dT%H%M%SZ}")
    fresh = event.file.with_suffix(".new")
    fresh.write_bytes(text.encode())
    fresh.replace(event.file)
