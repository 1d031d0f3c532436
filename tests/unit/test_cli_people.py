"""A partner's own word on the host: join, pause, leave."""

from pathlib import Path

import pytest

from scheduler.adapters.lock import only_instance
from scheduler.app.at_once import By, Effect, carry_out
from scheduler.app.wiring import open_store
from scheduler.content.consent import consent_text
from scheduler.domain.couple import Membership, Standing
from scheduler.domain.outbox import LEASE
from tests.build import at
from tests.cli import couple_in, rituals, write_couple
from tests.world import world


def member(folder: Path, who: str) -> Membership:
    settings = couple_in(folder)
    store = open_store(settings)
    with store.transaction() as tx:
        found = tx.memberships(settings.couple.id)
    store.close()
    return found.get(who) or Membership(who)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write_couple(tmp_path)


def test_a_yes_is_kept_with_its_date_and_the_very_text_that_was_shown(file: Path) -> None:
    answer = rituals("join", "Sam", "--config", file, said="y\n")
    kept = member(file.parent, "sam")
    assert answer.exit_code == 0
    assert kept.standing is Standing.JOINED
    assert kept.joined_at is not None
    assert kept.shown in answer.stdout
    assert "Whoever runs that" in kept.shown


@pytest.mark.parametrize("said", ["n\n", "\n", ""])
def test_whoever_does_not_say_yes_has_not_joined(file: Path, said: str) -> None:
    assert rituals("join", "sam", "-c", file, said=said).exit_code == 1
    assert member(file.parent, "sam").standing is Standing.INVITED


def test_a_name_that_is_not_in_the_file_is_told_which_are(file: Path) -> None:
    answer = rituals("join", "Robin", "--yes", "-c", file)
    assert answer.exit_code == 2
    assert "Sam or Kim" in answer.stderr


def test_joining_again_changes_neither_date_nor_pause(file: Path) -> None:
    rituals("join", "sam", "--yes", "-c", file)
    rituals("pause", "sam", "--until", "2199-12-24", "-c", file)
    before = member(file.parent, "sam")
    answer = rituals("join", "sam", "--yes", "-c", file)
    assert "Paused until Tuesday 24 December 2199" in answer.stdout
    assert member(file.parent, "sam") == before


def test_a_pause_has_an_end_and_can_be_ended(file: Path) -> None:
    rituals("join", "sam", "--yes", "-c", file)
    assert rituals("pause", "sam", "--weeks", "2", "-c", file).exit_code == 0
    assert member(file.parent, "sam").paused_until is not None
    assert rituals("pause", "sam", "--off", "-c", file).exit_code == 0
    assert member(file.parent, "sam").paused_until is None


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "one of the three"),
        (("--weeks", "2", "--off"), "one of the three"),
        (("--until", "2020-01-01"), "not in the future"),
        (("--until", "soon"), "does not match"),
    ],
)
def test_a_pause_without_one_good_end_is_refused(file: Path, options: tuple[str, ...], said: str) -> None:
    rituals("join", "sam", "--yes", "-c", file)
    answer = rituals("pause", "sam", *options, "-c", file)
    assert answer.exit_code == 2
    assert said in answer.stderr
    assert member(file.parent, "sam").paused_until is None


def test_both_can_pause_in_one_step_and_come_back_in_one(file: Path) -> None:
    for name in ("sam", "kim"):
        rituals("join", name, "--yes", "-c", file)
    assert rituals("pause", "both", "--weeks", "2", "-c", file).exit_code == 0
    assert all(member(file.parent, name).paused_until for name in ("sam", "kim"))
    assert rituals("pause", "both", "--off", "-c", file).exit_code == 0
    assert not any(member(file.parent, name).paused_until for name in ("sam", "kim"))


def test_a_pause_of_both_holds_for_neither_where_one_never_said_yes(file: Path) -> None:
    rituals("join", "sam", "--yes", "-c", file)
    answer = rituals("pause", "both", "--weeks", "2", "-c", file)
    assert answer.exit_code != 0
    assert "Kim" in answer.output
    assert member(file.parent, "sam").paused_until is None


def test_who_has_not_said_yes_has_nothing_to_pause(file: Path) -> None:
    answer = rituals("pause", "sam", "--weeks", "1", "-c", file)
    assert answer.exit_code == 1
    assert "a yes comes first" in answer.stderr


@pytest.mark.slow
def test_leaving_takes_the_events_away_at_once_when_no_service_runs(file: Path) -> None:
    for name in ("sam", "kim"):
        rituals("join", name, "--yes", "-c", file)
    assert rituals("tick", "-c", file).exit_code == 0
    assert list(file.parent.glob("calendars/sam/*.ics"))
    answer = rituals("leave", "Sam", "--yes", "-c", file)
    assert "gone from the calendar" in answer.stdout
    assert list(file.parent.glob("calendars/sam/*.ics")) == []
    assert list(file.parent.glob("calendars/kim/*.ics"))
    assert member(file.parent, "sam").standing is Standing.LEFT


def test_leaving_is_left_to_the_service_that_runs(file: Path) -> None:
    rituals("join", "sam", "--yes", "-c", file)
    with only_instance(file.parent / "state"):
        answer = rituals("leave", "sam", "--yes", "-c", file)
    assert answer.exit_code == 0
    assert "within a minute" in answer.stdout


def test_what_a_killed_service_had_in_hand_holds_nobody_up(tmp_path: Path) -> None:
    with world() as w:
        w.service.tick()
        w.service.leave("sam")
        with w.store.transaction() as tx:
            assert tx.hand_out(w.clock.now(), LEASE, 1)
            assert tx.hand_out(w.clock.now(), LEASE, 1) == []
        assert carry_out(w.service, tmp_path, "sam") == Effect(By.US, 0)
        assert w.titles("sam") == []


def test_events_that_cannot_go_yet_are_counted(tmp_path: Path) -> None:
    with world(start=at("2026-11-23 09:00")) as w:
        w.service.tick()
        number = len(w.titles("sam"))
        w.calendars["sam"].down = True
        w.service.leave("sam")
        assert carry_out(w.service, tmp_path, "sam") == Effect(By.US, number)


@pytest.mark.parametrize("word", ["stored", "never with what", "Whoever runs", "pause", "Leaving", "not therapy"])
def test_the_text_says_what_a_partner_must_know(word: str) -> None:
    assert word in consent_text(("Sam", "Kim"), sender="rituals@example.org", contact="host@example.org")


def test_the_text_names_every_ritual_with_its_rhythm() -> None:
    rhythm = [("Coffee date", "weekly"), ("Walk", "every 2 weeks")]
    text = consent_text(("Sam", "Kim"), sender="rituals@example.org", contact="host@example.org", rhythm=rhythm)
    assert "- Coffee date: weekly\n- Walk: every 2 weeks\n" in text


def test_the_text_fits_a_terminal() -> None:
    text = consent_text(("Sam", "Kim"), sender="rituals@example.org", contact="host@example.org")
    assert max(map(len, text.splitlines())) <= 80
