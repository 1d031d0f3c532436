"""`rituals status`: one screen, and an exit code that says whether somebody is needed."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from scheduler.adapters.lock import Runner, only_instance, runner_of
from scheduler.adapters.sqlstore import SqlStore
from scheduler.app.calendars import source_names
from scheduler.app.reload import ERROR_NOTE
from scheduler.app.report import Overview, overview, standing_words
from scheduler.domain.couple import Membership, Standing
from scheduler.domain.message import MailKind
from scheduler.domain.occurrence import Placement
from scheduler.domain.outbox import EffectKind, OutboxEntry, State
from scheduler.ports import BusyRecord, Transaction
from scheduler.settings import Settings
from tests.build import at
from tests.cli import couple_in, document, rituals, write_couple

NOW = at("2026-11-23 09:00")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "state").mkdir()
    return couple_in(tmp_path, sam='busy = ["sam.ics"]')


@pytest.fixture
def tx() -> Iterator[Transaction]:
    store = SqlStore.open(":memory:", secret=lambda: b"a secret of thirty-two bytes here")
    with store.transaction() as tx:
        for who in ("sam", "kim"):
            tx.save_membership("home", Membership(who, Standing.JOINED, NOW - timedelta(days=9), "text"))
        yield tx
    store.close()


def seen(settings: Settings, tx: Transaction) -> Overview:
    """What a running service's host sees."""
    with only_instance(settings.state):
        return overview(settings, tx, NOW)


def entry(state: State, **changes: object) -> OutboxEntry:
    mail = OutboxEntry("k" * 32, "home", "sam", EffectKind.MAIL, "digest/2026-W47", NOW, NOW, state=state)
    return replace(mail, **changes)  # type: ignore[arg-type]


def test_a_running_service_in_order_needs_nobody(settings: Settings, tx: Transaction) -> None:
    assert seen(settings, tx).troubles == ()


def test_a_service_that_does_not_run_needs_somebody(settings: Settings, tx: Transaction) -> None:
    assert [one.do for one in overview(settings, tx, NOW).troubles] == ["start it: rituals run"]


def test_the_runner_is_told_by_the_lock_not_by_the_file(tmp_path: Path) -> None:
    assert runner_of(tmp_path) is None
    with only_instance(tmp_path):
        runner = runner_of(tmp_path)
        assert runner is not None
        assert runner.pid
    assert (tmp_path / "running.pid").exists()
    assert runner_of(tmp_path) is None


def test_looking_leaves_the_lock_file_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "running.pid").write_text("4711\n")
    assert runner_of(tmp_path) is None
    assert (tmp_path / "running.pid").read_text() == "4711\n"
    assert Runner(None) != Runner(4711)


def test_an_unreadable_source_is_told_with_its_error_and_since_when(settings: Settings, tx: Transaction) -> None:
    (name,) = source_names(settings)["sam"]
    tx.save_busy("home", BusyRecord(name, "sam", good_at=at("2026-11-21 17:00"), error="sam.ics is not there"))
    (trouble,) = seen(settings, tx).troubles
    assert trouble.what == "Sam's busy times are in doubt (last read: Sat 21 Nov 18:00): sam.ics is not there"


def test_a_source_that_the_file_no_longer_names_is_no_trouble(settings: Settings, tx: Transaction) -> None:
    tx.save_busy("home", BusyRecord("an old file", "sam", error="it is gone"))
    assert seen(settings, tx).troubles == ()


def test_what_was_wrong_for_somebody_who_left_is_no_trouble(settings: Settings, tx: Transaction) -> None:
    (name,) = source_names(settings)["sam"]
    tx.save_busy("home", BusyRecord(name, "sam", error="sam.ics is not there"))
    tx.set_note("home", "calendar sam", "the folder is empty")
    assert len(seen(settings, tx).troubles) == 2
    tx.save_membership("home", Membership("sam", Standing.LEFT, NOW, "text"))
    assert seen(settings, tx).troubles == ()


@pytest.mark.parametrize("note", [ERROR_NOTE, "calendar kim"])
def test_what_the_service_noted_is_told(settings: Settings, tx: Transaction, note: str) -> None:
    tx.set_note("home", note, "the words of the note")
    (trouble,) = seen(settings, tx).troubles
    assert "the words of the note" in trouble.what


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (entry(State.REFUSED, note="RCPT was answered with 550"), "was refused: RCPT was answered with 550"),
        (entry(State.UNCERTAIN, note="cut off"), "may or may not have arrived: cut off"),
        (entry(State.WAITING, attempts=5, note="no answer"), "was tried 5 times: no answer"),
    ],
)
def test_an_effect_in_trouble_is_told_with_its_key(
    settings: Settings, tx: Transaction, one: OutboxEntry, said: str
) -> None:
    tx.want(one)
    (trouble,) = seen(settings, tx).troubles
    assert said in trouble.what
    assert "kkkkkkkk" in trouble.what


@pytest.mark.parametrize("state", [State.DONE, State.DROPPED, State.WAITING])
def test_an_ordinary_entry_is_only_counted(settings: Settings, tx: Transaction, state: State) -> None:
    tx.want(entry(state))
    found = seen(settings, tx)
    assert found.troubles == ()
    assert found.counts == {state: 1}


def test_the_next_seven_days_and_no_more(settings: Settings, tx: Transaction) -> None:
    for day in (24, 29, 30):
        start = at(f"2026-11-{day} 18:00")
        tx.save_placement("home", Placement(f"check-in/2026-11-{day}", start, start + timedelta(minutes=5), NOW))
    assert [one.period for one in seen(settings, tx).coming] == ["2026-11-24", "2026-11-29"]


def test_the_next_mails_are_those_of_whoever_takes_part_then(settings: Settings, tx: Transaction) -> None:
    tx.save_membership(
        "home", Membership("kim", Standing.JOINED, NOW, "text", paused_until=at("2026-11-27 00:00").date())
    )
    found = [(one.partner, one.kind) for one in seen(settings, tx).mails]
    assert found == [("sam", MailKind.QUESTION), ("sam", MailKind.DIGEST), ("kim", MailKind.DIGEST)]


def test_a_mail_that_waits_for_somebody_who_left_is_not_coming(settings: Settings, tx: Transaction) -> None:
    tx.want(entry(State.WAITING))
    tx.save_membership("home", Membership("sam", Standing.LEFT, NOW, "text"))
    assert {one.partner for one in seen(settings, tx).mails} == {"kim"}


@pytest.mark.parametrize(
    ("member", "words"),
    [
        (Membership("sam"), "has not said yes"),
        (Membership("sam", Standing.LEFT, NOW), "has left"),
        (Membership("sam", Standing.JOINED, NOW), "joined 23 Nov 2026"),
        (
            Membership("sam", Standing.JOINED, NOW, paused_until=at("2026-12-24 00:00").date()),
            "joined 23 Nov 2026, paused until 24 Dec 2026",
        ),
        (Membership("sam", Standing.JOINED, NOW, paused_until=NOW.date()), "joined 23 Nov 2026"),
    ],
)
def test_where_a_partner_stands_in_words(settings: Settings, member: Membership, words: str) -> None:
    assert standing_words(settings.couple, member, NOW) == words


def test_the_screen_says_what_to_do_and_the_exit_code_that_somebody_is_needed(tmp_path: Path) -> None:
    answer = rituals("status", "-c", write_couple(tmp_path))
    assert answer.exit_code == 1
    assert "start it: rituals run" in answer.stdout
    assert "has not said yes" in answer.stdout
    assert not (tmp_path / "state").exists()


def test_with_a_running_service_and_nobody_s_yes_nothing_is_wrong(tmp_path: Path) -> None:
    file = write_couple(tmp_path)
    (tmp_path / "state").mkdir()
    with only_instance(tmp_path / "state"):
        answer = rituals("status", "-c", file)
    assert answer.exit_code == 0
    assert "Nothing needs you." in answer.stdout


def test_the_document_tells_the_same(tmp_path: Path) -> None:
    found = document("status", "-c", write_couple(tmp_path))
    assert found["service"] == {"running": False, "pid": None}
    assert [one["standing"] for one in found["partners"]] == ["invited", "invited"]
    assert found["outbox"] == {"due": 0, "sent": 0, "failed": 0, "uncertain": 0, "dropped": 0}
    assert [one["do"] for one in found["troubles"]] == ["start it: rituals run"]
