"""What the service stands on gives way for a while: nothing is lost or done twice, nobody waits for another."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from scheduler.adapters.folder import FolderCalendar
from scheduler.adapters.maildir import MaildirMailer
from scheduler.adapters.sqlstore import SqlStore
from scheduler.domain.errors import Unavailable
from scheduler.domain.freebusy import span_of
from scheduler.domain.outbox import LEASE, EffectKind, State
from scheduler.domain.slots import Reason
from scheduler.engine.collect import EMPTY_IN_DOUBT
from tests.build import at, make_ritual
from tests.contract.test_store_file import no_room_beyond
from tests.world import START, World, usual_couple, world

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
AT_ONCE = timedelta(milliseconds=20)


@contextmanager
def on_disk(folder: Path, patience: timedelta = AT_ONCE) -> Iterator[World]:
    """A world that keeps its state in a file; nothing has happened in it but that both said yes."""
    store = SqlStore.open(folder / "state.db", secret=lambda: b"a secret of thirty-two bytes here", patience=patience)
    with world(joined=False) as empty:
        w = replace(empty.restarted(store=store), store=store)
        w.service.collect()
        for partner in w.service.couple.partners:
            w.service.join(partner.id, shown="the text of a test")
        try:
            yield w
        finally:
            store.close()


@contextmanager
def held(file: Path) -> Iterator[None]:
    """Another program has the state to itself."""
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


def check_all_done(w: World) -> None:
    """Everything wanted was done, once."""
    assert {one.state for one in w.outbox()} == {State.DONE}
    assert len({one.key for one in w.mailer.sent}) == len(w.mailer.sent) > 0
    for who in ("sam", "kim"):
        starts = [event.starts_at for event in w.calendars[who].events]
        assert starts == [one.starts_at for one in w.service.outlook().standing]
        assert len(set(starts)) == len(starts)


# ── the state ──


def test_while_another_program_holds_the_state_nothing_happens_and_afterwards_everything(tmp_path: Path) -> None:
    with on_disk(tmp_path) as w:
        with held(tmp_path / "state.db"):
            for step in (w.service.collect, w.service.plan, w.service.compose, w.service.deliver):
                with pytest.raises(Unavailable, match="held by another program"):
                    step()
        assert w.mailer.sent == []
        assert w.titles("sam") == w.titles("kim") == []
        w.service.tick()
        check_all_done(w)


def test_a_state_that_is_held_at_the_worst_moment_costs_one_more_copy_and_no_mail(tmp_path: Path) -> None:
    with on_disk(tmp_path) as w:
        lock = held(tmp_path / "state.db")

        def at_boundary(name: str) -> None:
            if name == "mail handed over" and len(w.mailer.sent) == 1:
                lock.__enter__()

        w = w.restarted(at=at_boundary)
        with pytest.raises(Unavailable):
            w.service.tick()
        lock.__exit__(None, None, None)
        w.clock.advance(LEASE + MINUTE)
        w.service.tick()
        copies = [one.key for one in w.mailer.sent]
        assert copies.count(copies[0]) == 2
        assert all(copies.count(key) == 1 for key in copies if key != copies[0])
        assert len({one.data for one in w.mailer.sent if one.key == copies[0]}) == 1
        assert {one.state for one in w.outbox()} == {State.DONE}


HOLD = """
import sqlite3, sys, time
other = sqlite3.connect(sys.argv[1], isolation_level=None)
other.execute("BEGIN EXCLUSIVE")
print("held", flush=True)
time.sleep(float(sys.argv[2]))
other.execute("ROLLBACK")
"""


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [1, 10])
def test_a_tick_waits_for_another_process_a_little_while_and_comes_again(tmp_path: Path, seconds: int) -> None:
    with on_disk(tmp_path, patience=timedelta(seconds=5)) as w:
        with subprocess.Popen(
            [sys.executable, "-c", HOLD, str(tmp_path / "state.db"), str(seconds)], stdout=subprocess.PIPE
        ) as other:
            assert other.stdout
            assert other.stdout.readline() == b"held\n"
            if seconds > 5:
                with pytest.raises(Unavailable):
                    w.service.tick()
                other.wait()
            w.service.tick()
        check_all_done(w)


@pytest.mark.parametrize("room", [0, 16, *(pytest.param(kib, marks=pytest.mark.slow) for kib in (4, 8, 12, 20, 24))])
def test_on_a_full_disk_nothing_is_done_that_was_not_written_down_first(tmp_path: Path, room: int) -> None:
    with on_disk(tmp_path) as w:
        file = tmp_path / "state.db"
        with no_room_beyond(file.stat().st_size + room * 1024), pytest.raises(Unavailable, match="disk"):
            w.service.tick()
        begun = {one.key: one for one in w.outbox() if one.attempts}
        assert {one.key for one in w.mailer.sent} <= begun.keys()
        assert sum(len(w.calendars[who].events) for who in ("sam", "kim")) <= len(begun)
        w.clock.advance(LEASE + MINUTE)
        w.service.tick()
        assert {one.state for one in w.outbox()} == {State.DONE}
        assert {one.key for one in w.mailer.sent} == {one.key for one in w.outbox() if one.kind is EffectKind.MAIL}
        starts = [event.starts_at for event in w.calendars["sam"].events]
        assert starts == [one.starts_at for one in w.service.outlook().standing]
        with sqlite3.connect(file) as raw:
            assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        raw.close()


# ── the folders ──


def in_folders(w: World, folder: Path) -> World:
    """The same world with real calendars and Maildirs below the folder."""
    calendars = {
        partner.id: FolderCalendar(folder / partner.id, title="Together", colour="#336699", zone=partner.zone)
        for partner in w.service.couple.partners
    }
    return w.restarted(calendars=calendars, mailer=MaildirMailer(folder / "mail"))


def written(folder: Path) -> int:
    return len(list(folder.glob("*.ics")))


def test_a_calendar_folder_that_cannot_be_written_holds_up_nothing_else(tmp_path: Path) -> None:
    with world() as w:
        w = in_folders(w, tmp_path)
        (tmp_path / "sam").write_text("a file where the folder should be")
        w.until(START + HOUR)
        assert written(tmp_path / "kim") >= 20
        assert len(list(tmp_path.glob("mail/*/new/*"))) >= 2
        (tmp_path / "sam").unlink()
        w.until(START + 8 * HOUR)
        assert written(tmp_path / "sam") == written(tmp_path / "kim")
        assert {one.state for one in w.outbox()} == {State.DONE}


def test_a_maildir_that_was_taken_away_is_made_again_for_the_next_mail(tmp_path: Path) -> None:
    with world() as w:
        w = in_folders(w, tmp_path)
        w.until(START + HOUR)
        shutil.rmtree(tmp_path / "mail")
        w.until(START + timedelta(days=3))
        letters = list(tmp_path.glob("mail/*/new/*"))
        assert {file.parent.parent.name for file in letters} == {"sam", "kim"}
        questions = [one for one in w.outbox("question") if one.state is State.DONE]
        assert len(letters) == len(questions) == 2, "what was read and thrown away does not come again"


def test_a_maildir_that_cannot_be_written_gets_its_mails_later(tmp_path: Path) -> None:
    with world() as w:
        w = in_folders(w, tmp_path)
        (tmp_path / "mail").mkdir()
        (tmp_path / "mail" / "sam").write_text("a file where the folder should be")
        w.until(START + 10 * MINUTE)
        assert list(tmp_path.glob("mail/kim/new/*"))
        (tmp_path / "mail" / "sam").unlink()
        w.until(START + HOUR)
        assert len(list(tmp_path.glob("mail/sam/new/*"))) == len(list(tmp_path.glob("mail/kim/new/*")))


# ── one partner's trouble ──


def mails_with_their_times(*, down: str) -> list[tuple[str, object]]:
    with world() as w:
        if down:
            w.calendars[down].down = True
        w.until(START + timedelta(days=7))
        done = [one for one in w.outbox() if one.kind is EffectKind.MAIL]
        return sorted((one.key, one.done_at) for one in done)


@pytest.mark.slow
def test_a_calendar_that_is_out_of_reach_delays_no_mail_of_either() -> None:
    assert mails_with_their_times(down="sam") == mails_with_their_times(down="")


def test_a_busy_file_that_is_suddenly_empty_is_unknown_for_a_day_and_then_free() -> None:
    coffee = make_ritual("coffee", cadence=usual_couple().rituals[0].cadence, length=3 * HOUR)
    with world(usual_couple(rituals=(coffee,))) as w:
        everything = (span_of(START, START + timedelta(weeks=8)),)
        w.busy["kim"].set(everything)
        w.service.tick()
        assert w.titles("sam") == []
        w.busy["kim"].set(())
        emptied_at = w.clock.now()
        w.until(emptied_at + EMPTY_IN_DOUBT - MINUTE)
        assert w.titles("sam") == []
        assert {one.reason for one in w.service.outlook().unplaced} == {Reason.UNKNOWN}
        w.until(emptied_at + EMPTY_IN_DOUBT + MINUTE)
        assert w.titles("sam") == w.titles("kim") != []


def test_busy_times_that_come_back_within_the_day_end_the_doubt() -> None:
    with world() as w:
        taken = (span_of(at("2026-11-28 08:00"), at("2026-11-28 12:00")),)
        w.busy["kim"].set(taken)
        w.until(START + HOUR)
        w.busy["kim"].set(())
        w.until(START + 3 * HOUR)
        assert w.service.outlook().standing != ()
        w.busy["kim"].set(taken)
        w.until(START + timedelta(days=3))
        assert all(one.reason is not Reason.UNKNOWN for one in w.service.outlook().unplaced)
        w.busy["kim"].set(())
        w.until(START + timedelta(days=3, hours=23))
        assert {one.reason for one in w.service.outlook().unplaced} == {Reason.UNKNOWN}, "a new doubt has a day too"


def test_a_source_in_doubt_moves_nothing_that_stands() -> None:
    with world() as w:
        w.until(START + HOUR)
        before = w.calendars["sam"].events
        w.busy["kim"].down = True
        w.until(START + timedelta(days=4))
        assert [event for event in w.calendars["sam"].events if event in before] == before
        assert len(w.calendars["sam"].events) == len(before), "and nothing new is placed"
