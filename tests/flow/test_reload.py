"""An edited file is taken when it has stood still; a bad one is told, and the last good one stays in force."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from scheduler.app.reload import ERROR_NOTE, Reloader
from scheduler.content.assets import Assets
from scheduler.settings import Settings, load
from tests.cli import write_couple
from tests.world import World, world

WALK = '[[ritual]]\nkind = "walk"\n'
BAD = '[[ritual]]\nkind = "wlak"\n'


@dataclass
class Bench:
    """A reloader on a real file; ``told`` are the names of the log events, ``reads`` counts readings of the file."""

    w: World
    file: Path
    told: list[str] = field(default_factory=list)
    reads: int = 0
    before_read: Callable[[], object] = lambda: None

    def __post_init__(self) -> None:
        self.good = self.file.read_text()
        self.w.service.parts = replace(self.w.service.parts, log=self.log)
        self.reloader = Reloader(load(self.file, Assets()), self.w.service, self.read)

    def log(self, event: str, **fields: Any) -> None:
        self.told.append(event)

    def read(self) -> Settings:
        self.before_read()
        self.reads += 1
        return load(self.file, Assets())

    def look(self, times: int = 2) -> None:
        for _ in range(times):
            self.reloader.look()

    @property
    def trouble(self) -> str:
        with self.w.store.transaction() as tx:
            return tx.note("home", ERROR_NOTE) or ""

    @property
    def rituals(self) -> list[str]:
        return [one.id for one in self.w.service.couple.rituals]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with world() as w:
        yield Bench(w, write_couple(tmp_path))


def test_a_file_that_nobody_touches_is_never_read(bench: Bench) -> None:
    bench.look(5)
    assert bench.reads == 0


def test_an_edit_is_taken_at_the_second_look_and_only_once(bench: Bench) -> None:
    bench.file.write_text(bench.good + WALK)
    bench.look(1)
    assert bench.reads == 0
    bench.look(1)
    assert bench.rituals == ["coffee-date", "check-in", "walk"]
    assert "config_taken" in bench.told
    bench.look(5)
    assert bench.reads == 1


def test_what_was_edited_is_planned_at_once(bench: Bench) -> None:
    bench.file.write_text(bench.good + WALK)
    bench.look()
    assert [one for one in bench.w.service.outlook().standing if one.ritual == "walk"]
    with bench.w.store.transaction() as tx:
        assert [one for one in tx.placements("home") if one.ritual == "walk"]


def test_a_file_that_is_still_being_written_is_not_read(bench: Bench) -> None:
    whole = bench.good + WALK
    for end in range(len(bench.good) - 40, len(whole), 12):
        bench.file.write_text(whole[:end])
        bench.look(1)
    assert bench.reads == 0
    bench.file.write_text(whole)
    bench.look()
    assert bench.reads == 1
    assert bench.rituals[-1] == "walk"


def test_half_a_file_that_stands_still_is_told_and_not_taken(bench: Bench) -> None:
    parts = bench.w.service.parts
    bench.file.write_text(bench.good[: len(bench.good) // 3])
    bench.look()
    assert bench.w.service.parts is parts
    assert bench.trouble
    bench.file.write_text(bench.good + WALK)
    bench.look()
    assert bench.rituals[-1] == "walk"
    assert bench.trouble == ""


def test_a_bad_edit_keeps_the_last_good_one_and_says_what_is_wrong_and_where(bench: Bench) -> None:
    parts = bench.w.service.parts
    bench.file.write_text(bench.good + BAD)
    bench.look()
    assert bench.w.service.parts is parts
    assert bench.told == ["config_refused"]
    line = bench.good.count("\n") + 2
    assert f'{bench.file}:{line}: ritual "wlak"' in bench.trouble
    assert 'did you mean "walk"?' in bench.trouble


def test_a_bad_edit_is_told_once_and_not_at_every_look(bench: Bench) -> None:
    bench.file.write_text(bench.good + BAD)
    bench.look(8)
    assert bench.told == ["config_refused"]


def test_taking_the_bad_edit_back_clears_the_trouble(bench: Bench) -> None:
    bench.file.write_text(bench.good + BAD)
    bench.look()
    bench.file.write_text(bench.good)
    bench.look()
    assert bench.trouble == ""


def test_starting_with_a_good_file_clears_what_an_earlier_run_left(bench: Bench) -> None:
    bench.file.write_text(bench.good + BAD)
    bench.look()
    bench.file.write_text(bench.good)
    Reloader(load(bench.file, Assets()), bench.w.service, bench.read)
    assert bench.trouble == ""


def test_a_file_that_is_gone_changes_nothing(bench: Bench) -> None:
    parts = bench.w.service.parts
    bench.file.unlink()
    bench.look(4)
    assert bench.w.service.parts is parts
    assert (bench.told, bench.trouble) == ([], "")
    bench.file.write_text(bench.good + WALK)
    bench.look()
    assert bench.rituals[-1] == "walk"


def test_a_file_that_goes_between_the_look_and_the_reading_keeps_the_last_good_one(bench: Bench) -> None:
    parts = bench.w.service.parts
    bench.file.write_text(bench.good + WALK)
    bench.before_read = lambda: bench.file.unlink(missing_ok=True)
    bench.look()
    assert bench.w.service.parts is parts
    assert "there is no such file" in bench.trouble
    bench.before_read = lambda: None
    bench.file.write_text(bench.good)
    bench.look()
    assert bench.trouble == ""


def test_an_editor_that_renames_a_new_file_into_place_is_understood(bench: Bench) -> None:
    fresh = bench.file.with_suffix(".new")
    fresh.write_text(bench.good + WALK)
    fresh.replace(bench.file)
    bench.look()
    assert bench.rituals[-1] == "walk"


def test_a_broken_template_of_ones_own_is_a_bad_edit_too(bench: Bench, tmp_path: Path) -> None:
    own = tmp_path / "own" / "templates" / "email" / "question"
    own.mkdir(parents=True)
    (own / "subject.txt").write_text("{{ nobody.knows.this }")
    bench.file.write_text(bench.good + '[service]\noverride = "own"\n')
    bench.look()
    assert bench.told == ["config_refused"]
    assert "subject.txt" in bench.trouble


def test_the_state_and_its_store_stay_where_they_are(bench: Bench) -> None:
    store, state = bench.w.service.parts.store, bench.reloader.settings.state
    bench.file.write_text(bench.good + '[service]\nstate = "elsewhere"\n')
    bench.look()
    assert "config_taken" in bench.told
    assert bench.w.service.parts.store is store
    assert bench.reloader.settings.state == state
    assert not (bench.file.parent / "elsewhere").exists()
