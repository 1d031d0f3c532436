"""The real service, killed by SIGKILL again and again: nothing is lost, nothing doubled. Judged from outside (checker).

Two couples live through the same story, with the same salt and so the same ids. The service of one is never disturbed.
That of the other is killed several times in every step, then left alone until nothing is due: the two must then have
the same events and the same mails.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.kill.checker import MOST_COPIES, complaints, read_ledger, read_state
from tests.kill.home import PARTNERS, START, Home, Step, story
from tests.kill.rig import GENTLE, End, Life, Rig
from tests.kill.sink import STAGES, Sink

SOURCE = Path(__file__).parents[2] / "scheduler"
BOUNDARIES = sorted(
    {name for file in SOURCE.rglob("*.py") for name in re.findall(r'\.at\("(.+?)"\)', file.read_text())}
)
# These come twice in a short life, whatever there is to do: at the start, and with the first tick.
EVERY_TICK = ("plan about to commit", "plan committed", "mail decided")
CLOSED = ("done", "dropped", "uncertain")
A_STEP = 4
MIN_STEPS = 48
CALLS_A_FILE = 6
FIRST_TICK_S = 2.0
SEED = int(os.environ.get("KILL_SEED", "2026"))


@dataclass
class Storm:
    """What the kills have done so far; ``cut`` counts the kills that fell while a mail was being sent, by its key,
    ``goal`` is how many effects there are when a step's work is done."""

    cut: Counter[str] = field(default_factory=Counter)
    random: int = 0
    aimed: Counter[str] = field(default_factory=Counter)
    at_start: int = 0
    in_hand: int = 0
    with_work_left: int = 0
    goal: int = 0


@dataclass
class Couple:
    """A home, its mail server and its service's lives."""

    home: Home
    rig: Rig
    storm: Storm = field(default_factory=Storm)
    now: datetime = START

    def live(self, step: Step, end: End) -> Life:
        """Each life of a step begins a second later: a mail that was written anew would show it."""
        self.now = max(step.now, self.now + timedelta(seconds=1))
        self.home.sink.now = self.now.isoformat()
        return self.rig.live(self.home.sink, end, config=self.home.config, now=self.now.isoformat())

    def quiet(self, step: Step) -> Life:
        """One undisturbed life: everything that is due is done."""
        life = self.live(step, GENTLE)
        assert life.status == 0, life.said
        return life

    def say(self, word: str, partner: str, step: Step) -> None:
        order = {"config": self.home.config, "now": step.now.isoformat(), "partner": partner}
        assert self.rig.live(self.home.sink, End(), do=word, **order).status == 0

    def begin(self, step: Step) -> None:
        for deed in step.deeds:
            self.home.do(deed, step.now)
            if deed.what in ("join", "leave"):
                self.say(deed.what, deed.partner, step)

    def kill(self, step: Step, end: End) -> Life:
        """One life cut short; what it had in hand is read from outside before the next life takes it up."""
        life = self.live(step, end)
        assert life.status == -9, life.said
        state = read_state(self.home.database)
        self.storm.cut.update(state.keys("sending", kind="mail"))
        self.storm.in_hand += bool(state.keys("claimed", "sending"))
        self.storm.with_work_left += len(state.keys(*CLOSED)) < self.storm.goal
        return life


@pytest.mark.slow
@pytest.mark.timeout(7200)
def test_a_service_that_is_killed_loses_and_doubles_nothing(kills: int, tmp_path: Path) -> None:
    began = time.monotonic()
    print(f"\nKILL_SEED={SEED} --kills {kills}")
    with Rig() as rig, Sink(tmp_path / "calm" / "ledger") as one, Sink(tmp_path / "storm" / "ledger") as other:
        calm, storm = (
            Couple(_furnished(tmp_path / name, sink), rig) for name, sink in (("calm", one), ("storm", other))
        )
        aims = _play(calm, storm, kills)
    _report(storm, time.monotonic() - began)
    assert storm.storm.random == kills
    assert [aim for aim, hits in aims.items() if not hits] == [], "never came to these places"
    assert storm.storm.aimed["in a loop"] > MOST_COPIES
    assert storm.storm.aimed["file call"] >= MIN_STEPS / 2
    assert storm.storm.with_work_left >= kills / 3, "most kills found nothing to interrupt"
    assert storm.storm.goal >= 2 * kills, "hardly any work was done between the kills"


def _furnished(folder: Path, sink: Sink) -> Home:
    folder.mkdir()
    home = Home(folder, sink)
    home.furnish()
    return home


def _play(calm: Couple, storm: Couple, kills: int) -> Counter[tuple[str, int]]:
    """Returns how often each aim was hit."""
    chance = random.Random(SEED)
    aims = Counter({(name, nth): 0 for name in (*BOUNDARIES, *STAGES) for nth in _times(name)})
    steps = list(story(SEED, max(MIN_STEPS, -(-kills // A_STEP))))
    for partner in PARTNERS:
        calm.say("join", partner, Step(START, ()))
    shutil.copytree(calm.home.database.parent, storm.home.database.parent)
    shares = [kills // len(steps) + (number < kills % len(steps)) for number in range(len(steps))]
    for number, (step, share) in enumerate(zip(steps, shares, strict=True)):
        calm.begin(step)
        undisturbed = calm.quiet(step)
        storm.begin(step)
        storm.storm.goal = len(read_state(calm.home.database).keys(*CLOSED))
        if number == 0:  # two mails to each: a welcome and the first times
            _kill_in_a_loop(storm, step)
        _kill_aimed(storm, step, undisturbed, aims)
        _kill_at_a_file(storm, step, chance, undisturbed.passed["calendar changed"])
        for _ in range(share):
            _kill_at_random(storm, step, chance, undisturbed.work_s)
        storm.quiet(step)
        _judge(calm, storm, step, f"seed {SEED}, step {number} at {step.now}")
    return aims


def _times(name: str) -> tuple[int, ...]:
    return (1, 2) if name in (*EVERY_TICK, *STAGES) else (1, 2, 3)


def _kill_aimed(storm: Couple, step: Step, undisturbed: Life, aims: Counter[tuple[str, int]]) -> None:
    """One kill among the mails and one elsewhere, each where this step can be reached and was hit least so far."""
    mails = undisturbed.passed["mail handed over"]
    reached = undisturbed.passed | Counter(dict.fromkeys(STAGES, mails)) | Counter(dict.fromkeys(EVERY_TICK, 2))
    for group in (("mail handed over", *STAGES), [one for one in BOUNDARIES if one != "mail handed over"]):
        possible = [aim for aim in aims if aim[0] in group and aim[1] <= reached[aim[0]]]
        if not possible:
            continue
        name, nth = min(possible, key=lambda aim: (aims[aim], -aim[1]))
        place: dict[str, Any] = {"stage" if name in STAGES else "boundary": name}
        end = End(delay_s=FIRST_TICK_S, nth=nth, **place)
        life = storm.kill(step, end)
        aims[name, nth] += life.hit
        storm.storm.aimed[name] += life.hit


def _kill_at_a_file(storm: Couple, step: Step, chance: random.Random, changes: int) -> None:
    """One kill between two of the calls that make up the writing of a file."""
    life = storm.kill(step, End(file_call=chance.randrange(1, 2 + CALLS_A_FILE * changes)))
    storm.storm.aimed["file call"] += life.counts and life.work_s < 0


def _kill_in_a_loop(storm: Couple, step: Step) -> None:
    """The same mail is taken again and again and never recorded: it must end at the third copy."""
    for _ in range(MOST_COPIES + 2):
        storm.storm.aimed["in a loop"] += storm.kill(step, End(stage=STAGES[-1])).hit


def _kill_at_random(storm: Couple, step: Step, chance: random.Random, work_s: float) -> None:
    """Until one counts: a kill before the service was at work is one more, not one of them."""
    while True:
        early = chance.random() < 0.1
        end = End("started", chance.uniform(0, 0.15)) if early else End("ready", chance.uniform(0, work_s))
        if storm.kill(step, end).counts:
            storm.storm.random += 1
            return
        storm.storm.at_start += 1


def _judge(calm: Couple, storm: Couple, step: Step, where: str) -> None:
    assert complaints(calm.home.facts(step.now, {})) == [], f"undisturbed, {where}"
    assert complaints(storm.home.facts(storm.now, storm.storm.cut)) == [], where
    assert storm.home.events() ^ calm.home.events() == set(), where
    parked = read_state(storm.home.database).keys("uncertain")
    assert {one for one in storm.home.mails() ^ calm.home.mails() if one[0] not in parked} == set(), where


def _report(couple: Couple, seconds: float) -> None:
    storm, outbox = couple.storm, read_state(couple.home.database).outbox
    copies = Counter(Counter(mail.id for mail in read_ledger(couple.home.folder / "ledger")).values())
    again = sum(row["attempts"] - 1 for row in outbox if row["kind"] == "event" and row["attempts"] > 1)
    all_kills = storm.random + sum(storm.aimed.values())
    print(f"kills counted: {storm.random} at random, {sum(storm.aimed.values())} aimed; {storm.at_start} before ready")
    print(f"with work left: {storm.with_work_left}, an effect in hand: {storm.in_hand}; aimed: {dict(storm.aimed)}")
    print(f"effects: {dict(Counter(row['kind'] + ' ' + row['state'] for row in outbox))}")
    print(f"repeated calendar calls absorbed: {again}; mails by copies: {dict(sorted(copies.items()))}")
    print(f"mails by kills while in hand: {dict(sorted(Counter(storm.cut.values()).items()))}")
    print(f"{seconds:.0f} s, {seconds / all_kills:.2f} s a kill, reference and judging included")
