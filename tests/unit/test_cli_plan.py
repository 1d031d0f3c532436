"""`rituals plan`: the coming weeks, from a copy of the state."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from scheduler.adapters.memory import MemoryClock
from scheduler.app.forecast import forecast, forecast_document, grouped
from scheduler.cli.drawing import console, times
from scheduler.domain.couple import Couple
from scheduler.domain.occurrence import Occurrence, Placement
from scheduler.domain.planning import Unplaced
from scheduler.domain.slots import Reason
from tests.build import at, make_couple, make_partner, make_ritual
from tests.cli import couple_in, document, rituals, with_yes, write_couple

NOW = MemoryClock(at("2026-11-23 09:00"))


def drawn(couple: Couple, *standing: Placement) -> str:
    screen = console()
    screen.width = 80
    with screen.capture() as shown:
        screen.print(times(couple, list(standing)))
    return shown.get()


def placed(start: str, end: str, **changes: object) -> Placement:
    return replace(Placement("coffee/2026-W48", at(start), at(end), at("2026-11-20 09:00")), **changes)  # type: ignore[arg-type]


def test_planning_ahead_leaves_no_trace(tmp_path: Path) -> None:
    file = write_couple(tmp_path)
    answer = rituals("plan", "-c", file)
    assert answer.exit_code == 0
    assert list(tmp_path.iterdir()) == [file]


def test_before_both_said_yes_it_shows_what_would_come_and_says_so(tmp_path: Path) -> None:
    answer = rituals("plan", "-c", write_couple(tmp_path))
    assert "Coffee date" in answer.stdout
    assert "nothing is planned before Sam and Kim said yes" in answer.stdout


def test_the_document_has_each_one_s_own_time(tmp_path: Path) -> None:
    settings = couple_in(tmp_path)
    found = forecast_document(settings, forecast(settings, NOW))
    coffee = next(one for one in found["occurrences"] if one["title"] == "Coffee date")
    assert coffee["partners"]["sam"]["starts_at"].endswith("+01:00")
    assert coffee["partners"]["kim"]["starts_at"].endswith("+00:00")
    assert coffee["why"]


def test_the_command_prints_that_document_with_every_key_that_its_help_names(tmp_path: Path) -> None:
    found = document("plan", "-c", write_couple(tmp_path))
    named = set(re.findall(r"\w+", rituals("plan", "--help").stdout))
    assert {"occurrences", "unplaced", "seasons", "going"} <= set(found)
    assert set(found) | set(found["occurrences"][0]) | set(found["occurrences"][0]["partners"]["sam"]) <= named


def test_no_answer_but_the_document_reaches_a_pipe(tmp_path: Path) -> None:
    answer = rituals("plan", "--json", "-c", write_couple(tmp_path))
    assert (answer.stderr, answer.stdout[:1]) == ("", "{")


def test_the_list_leaves_out_the_pictures_and_nothing_else(tmp_path: Path) -> None:
    file = write_couple(tmp_path)
    with_pictures, without = (rituals("plan", "-c", file, *words).stdout for words in ((), ("--list",)))
    assert "Mon " in with_pictures
    assert set(without.splitlines()) < set(with_pictures.splitlines())
    assert "◆━" not in without


@pytest.mark.parametrize("weeks", [1, 6])
def test_as_many_weeks_as_asked_for_are_shown(tmp_path: Path, weeks: int) -> None:
    found = forecast(couple_in(tmp_path), NOW, weeks=weeks)
    days = (found.standing[-1].starts_at - NOW.now()).days
    assert weeks * 7 - 3 <= days < weeks * 7


def test_a_source_that_cannot_be_read_is_named_and_nothing_is_placed(tmp_path: Path) -> None:
    found = forecast(with_yes(couple_in(tmp_path, sam='busy = ["gone.ics"]'), "sam", "kim"), NOW)
    assert found.standing == ()
    assert "gone.ics is not there" in next(iter(found.unreadable.values()))
    assert {one.reason for one in found.unplaced} == {Reason.UNKNOWN}


@pytest.mark.parametrize("said_yes", [True, False])
def test_busy_times_are_read_afresh_but_never_before_their_owner_s_yes(tmp_path: Path, *, said_yes: bool) -> None:
    settings = with_yes(couple_in(tmp_path, sam='busy = ["sam.ics"]'), *(["sam"] if said_yes else []), "kim")
    event = "DTSTART:20261123T000000Z\r\nDTEND:20270201T000000Z\r\nUID:1\r\nDTSTAMP:20261101T000000Z"
    (tmp_path / "sam.ics").write_text(
        f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\n{event}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    assert (forecast(settings, NOW).standing == ()) is said_yes


def test_what_found_no_place_is_told_once_for_each_ritual_and_reason() -> None:
    def one(day: int, reason: Reason) -> Unplaced:
        date = at(f"2026-11-{day} 00:00").date()
        return Unplaced(Occurrence("check-in", date.isoformat(), date, date), "Check-in", reason)

    several = [one(23, Reason.TAKEN), one(24, Reason.SOON), one(25, Reason.TAKEN)]
    assert grouped(several) == [(several[0], 2), (several[1], 1)]


def test_two_clocks_make_two_columns_with_their_cities() -> None:
    shown = drawn(make_couple(), placed("2026-11-28 09:00", "2026-11-28 10:00"))
    assert "Sam (Berlin)  Kim (London)" in shown
    assert "10:00–11:00   09:00–10:00" in shown


def test_one_clock_needs_one_column() -> None:
    couple = make_couple(partners=(make_partner("sam"), make_partner("kim")))
    shown = drawn(couple, placed("2026-11-28 09:00", "2026-11-28 10:00"))
    assert shown.count("10:00–11:00") == 1
    assert "both" in shown


def test_another_day_elsewhere_is_named() -> None:
    couple = make_couple()
    assert "Sun 00:30–01:30  23:30–00:30" not in drawn(couple, placed("2026-11-28 23:30", "2026-11-29 00:30"))
    assert "00:30–01:30   Sat 23:30–00:30" in drawn(couple, placed("2026-11-28 23:30", "2026-11-29 00:30"))


def test_a_slot_that_moved_is_marked_whoever_moved_it() -> None:
    times_of = ("2026-11-28 09:00", "2026-11-28 10:00")
    assert "moved" not in drawn(make_couple(), placed(*times_of))
    assert drawn(make_couple(), placed(*times_of, held=True)) == drawn(make_couple(), placed(*times_of, moves=1))
    assert "moved" in drawn(make_couple(), placed(*times_of, moves=1))


def test_a_title_in_square_brackets_stays_a_title() -> None:
    couple = make_couple(rituals=(make_ritual("coffee", title="[bold]Tea[/bold] :cat:"),))
    assert "[bold]Tea[/bold] :cat:" in drawn(couple, placed("2026-11-28 09:00", "2026-11-28 10:00"))
