"""`rituals plan` on a terminal: the picture and the list of a week, at every width, and its document."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from rich.cells import cell_len
from rich.console import Console

from scheduler.app.forecast import Forecast, forecast_document, foresee
from scheduler.cli.plan import afterwords
from scheduler.cli.week import Look, draw_weeks
from scheduler.domain.cadence import Daily
from scheduler.domain.couple import Couple, HolidayRule, PlanRules
from scheduler.domain.dates import Dates, Stretch
from scheduler.domain.freebusy import BusyView, Spans, span_of
from scheduler.domain.localtime import EVERY_DAY, parse_window
from scheduler.domain.occurrence import Placement
from scheduler.domain.planning import Question
from scheduler.domain.ritual import Ritual, Version
from scheduler.domain.season import Season
from tests.build import at, make_couple, make_partner, make_ritual

NOW = at("2026-11-23 06:00")  # a Monday
WEEK = timedelta(days=7)
BERLIN = ZoneInfo("Europe/Berlin")


def coffee(**changes: Any) -> Ritual:
    defaults: dict[str, Any] = {"windows": (parse_window("sat 09:00-12:00"),), "ideal": 10 * 60, "title": "Coffee date"}
    return make_ritual(**{**defaults, **changes})


def ask(couple: Couple, *placed: Placement, **changes: Any) -> Question:
    return Question(couple, placed, **{"busy": (BusyView(()), BusyView(())), "now": NOW, **changes})


def busy(sam: Spans = (), kim: Spans = ()) -> dict[str, Any]:
    return {"busy": (BusyView(sam), BusyView(kim))}


def stands(start: str, end: str, **changes: Any) -> Placement:
    return replace(Placement("coffee/2026-W48", at(start), at(end), NOW), **changes)


def shown(found: Forecast, width: int = 80, **look: Any) -> str:
    """What is drawn, as a file would get it."""
    screen = Console(file=io.StringIO(), width=width, markup=False, highlight=False, no_color=True)
    with screen.capture() as drawn:
        for part in draw_weeks(found, Look(width, **look)):
            screen.print(part)
        for line in afterwords(found.question.couple, found, explain=look.get("explain", False)):
            screen.print(line)
    return drawn.get()


def week(couple: Couple, *placed: Placement, **changes: Any) -> Forecast:
    return foresee(ask(couple, *placed, **changes), WEEK)


def lines_with(text: str, drawn: str) -> list[str]:
    return [line for line in drawn.splitlines() if text in line]


def rich_week() -> Forecast:
    """A week with everything: two clocks, a move, a turn, a season, busy times, a day kept free."""
    walk = make_ritual("walk", title="A walk by the river", windows=(parse_window("17:00-21:00"),))
    couple = make_couple(
        rituals=(coffee(takes_turns=True), walk),
        partners=(
            make_partner("sam", away=Dates((Stretch(date(2026, 11, 26), date(2026, 11, 26)),))),
            make_partner("kim", zone=ZoneInfo("Europe/London")),
        ),
        seasons=(Season("newborn", date(2026, 11, 1), date(2027, 2, 28)),),
    )
    sam = (
        span_of(at("2026-11-23 08:00"), at("2026-11-23 12:00")),
        span_of(at("2026-11-28 09:00"), at("2026-11-28 10:00")),
    )
    return week(couple, stands("2026-11-28 09:00", "2026-11-28 10:00"), **busy(sam))


def lacking(weeks: int = 1) -> Forecast:
    """A talk whose windows never meet, after a coffee."""
    talk = make_ritual("talk", title="Weekly talk", windows=(parse_window("wed 18:00-18:30"),))
    return foresee(ask(make_couple(rituals=(coffee(), talk))), weeks * WEEK)


@pytest.mark.parametrize("width", [20, 30, 40, 64, 80, 100, 140])
@pytest.mark.parametrize("explain", [True, False])
def test_no_line_is_wider_than_the_terminal(width: int, *, explain: bool) -> None:
    drawn = shown(rich_week(), width, explain=explain)
    assert max(map(cell_len, drawn.splitlines())) <= width
    assert "Coffee" in drawn
    assert "11:00–12:00" in drawn


def test_both_clocks_stand_under_their_names() -> None:
    drawn = shown(week(make_couple(rituals=(coffee(),))))
    assert "Sam (Berlin)  Kim (London)" in drawn
    assert "Sat 28 Nov  10:00–11:00   09:00–10:00   ◆ Coffee date  60 min" in drawn


def test_one_clock_is_told_once_and_has_one_axis() -> None:
    drawn = shown(week(make_couple(rituals=(coffee(),), partners=(make_partner("sam"), make_partner("kim")))))
    assert drawn.count("10:00–11:00") == 1
    assert lines_with(" 08 ", drawn) == [line for line in drawn.splitlines() if line.startswith(" " * 15 + "06")]


def test_a_clock_half_an_hour_off_has_an_axis_of_its_own() -> None:
    partners = (
        make_partner("sam"),
        make_partner("kim", zone=ZoneInfo("Asia/Kolkata"), free=(parse_window("00:00-24:00"),)),
    )
    drawn = shown(week(make_couple(rituals=(coffee(windows=(parse_window("07:00-23:00"),)),), partners=partners)), 100)
    assert "10:30" in next(line for line in drawn.splitlines() if line.strip().startswith("Kim"))


def test_the_picture_shows_when_each_is_taken_and_where_the_ritual_stands() -> None:
    sam = (span_of(at("2026-11-28 07:00"), at("2026-11-28 08:00")),)
    drawn = shown(week(make_couple(rituals=(coffee(),)), **busy(sam)))
    label = "  Sat 28  Sam  "
    upper = next(line for line in drawn.splitlines() if line.startswith(label))[len(label) :]
    lower = drawn.splitlines()[drawn.splitlines().index(label + upper) + 1][len(label) :]
    hours = next(line for line in drawn.splitlines() if line.startswith("          Sam "))[len(label) :]
    per_hour = (hours.index("08") - hours.index("06")) // 2
    assert upper[hours.index("08") :][:per_hour] == "▄" * per_hour
    assert upper[hours.index("10") :][:per_hour] == lower[hours.index("10") :][:per_hour] == "◆" + "━" * (per_hour - 1)
    assert "▀" not in lower


def test_what_moved_shows_its_old_time_on_each_clock_and_names_nobody() -> None:
    was = at("2026-11-24 18:00")
    ours = stands("2026-11-28 09:00", "2026-11-28 10:00", moves=1, previous=was, why="it is free for you both")
    dragged = replace(ours, moves=0, held=True)
    couple = make_couple(rituals=(coffee(),))
    drawn = shown(week(couple, ours))
    assert "was Tue 19:00  was Tue 18:00  it is free for you both" in drawn
    assert shown(week(couple, dragged)) == drawn


def test_what_this_plan_would_change_is_said_in_words() -> None:
    drawn = shown(rich_week())
    assert lines_with("moves", drawn)
    assert "was 10:00     was 09:00" in drawn
    assert "new" in lines_with("A walk by the river", drawn)[0]
    assert (
        "goes"
        in lines_with(
            "Coffee",
            shown(
                week(make_couple(rituals=(coffee(only_in=("apart",)),)), stands("2026-11-28 09:00", "2026-11-28 10:00"))
            ),
        )[0]
    )


def test_on_the_first_plan_nothing_is_called_new() -> None:
    assert "new" not in shown(week(make_couple(rituals=(coffee(),))))


def test_a_shorter_version_says_so() -> None:
    shorter = (Version(timedelta(minutes=20), ("Stand.",)), Version(timedelta(minutes=5), ("At the door.",)))
    couple = make_couple(rituals=(coffee(shorter=shorter),))
    for length, said in ((60, "60 min"), (20, "20 min · short"), (5, "5 min · tiny")):
        one = Placement(
            "coffee/2026-W48", at("2026-11-28 09:00"), at("2026-11-28 09:00") + timedelta(minutes=length), NOW
        )
        assert lines_with("Coffee date", shown(week(couple, one)))[0].rstrip().endswith(f"Coffee date  {said}")


def test_whose_turn_it_is_alternates_from_one_to_the_next() -> None:
    couple = make_couple(rituals=(coffee(takes_turns=True),))
    drawn = lines_with("plans", shown(foresee(ask(couple), 4 * WEEK)))
    names = ["Sam" if "Sam plans" in line else "Kim" for line in drawn]
    assert names in (["Sam", "Kim"] * 2, ["Kim", "Sam"] * 2)


def test_a_season_is_a_banner_over_its_weeks_only() -> None:
    couple = make_couple(rituals=(coffee(),), seasons=(Season("newborn", date(2026, 12, 2), date(2026, 12, 6)),))
    drawn = shown(foresee(ask(couple), 3 * WEEK))
    assert drawn.count("Newborn from 2 December until 6 December") == 1


def test_days_kept_free_are_told_without_a_name_and_tender_ones_not_at_all() -> None:
    day = Dates((Stretch(date(2026, 11, 25), date(2026, 11, 25)),))
    daily = make_ritual(cadence=Daily(EVERY_DAY), windows=(parse_window("18:00-20:00"),))

    def drawn(**rule: Any) -> str:
        couple = make_couple(rituals=(daily,), partners=(make_partner("sam", **rule), make_partner("kim")))
        return shown(week(couple), explain=True)

    away, tender = drawn(away=day), drawn(tender=day)
    assert len(lines_with("kept free", away)) == 2
    assert lines_with("─ kept free ─", away) == lines_with("Wed 25", away)[:1]
    assert "kept free" not in tender
    assert "Without a place" not in tender
    assert not lines_with("Wed 25 Nov", tender)


def test_a_holiday_on_which_nothing_is_placed_is_kept_free() -> None:
    feast = frozenset({date(2026, 11, 25)})
    partners = (make_partner("sam", on_holidays=HolidayRule.NOTHING), make_partner("kim"))
    couple = make_couple(rituals=(coffee(),), partners=partners)
    assert lines_with("kept free", shown(week(couple, holidays=(feast, frozenset()))))


def test_a_change_of_the_clocks_is_told_on_its_day_with_a_name_where_it_is_one_s_own() -> None:
    now = at("2026-10-19 06:00")
    both = shown(week(make_couple(), now=now))
    assert lines_with("clocks go back", both)[0].split()[:3] == ["Sun", "25", "Oct"]
    partners = (make_partner("sam"), make_partner("kim", zone=ZoneInfo("America/New_York")))
    assert "clocks go back for Sam" in shown(week(make_couple(partners=partners), now=now))


def test_an_empty_week_says_so_kindly() -> None:
    assert "Nothing is planned: these days are yours." in shown(week(make_couple(rituals=())))


def test_why_lines_come_when_asked_for() -> None:
    couple, why = make_couple(rituals=(coffee(),)), "the time you like best, and you are both free"
    assert why not in shown(week(couple))
    assert why in shown(week(couple), 100, explain=True)


def test_what_has_no_place_says_why_and_what_would_help_with_the_time_it_gives() -> None:
    found = lacking()
    said = " ".join(shown(found, 120, explain=True).partition("Without a place")[2].split())
    assert "Weekly talk, Mon 23 Nov to Sun 29 Nov: the windows of the two of you never meet What would help:" in said
    helps = found.helps["talk/2026-W48"]
    assert helps
    for one in helps:
        assert f"→ {one.text}: {one.starts_at.astimezone(BERLIN):%a %d %b, %H:%M}" in said


def test_several_of_a_kind_are_told_once() -> None:
    said = shown(lacking(weeks=3), 100, explain=True)
    assert len(lines_with("Weekly talk", said)) == 1
    assert "Weekly talk, 3 times: the windows" in said


def test_without_explain_the_lack_is_counted_and_what_is_kept_free_is_none() -> None:
    assert "2 more found no place; --explain says why" in shown(lacking(weeks=2))
    away = Dates(weekdays=frozenset({2}))
    resting = make_couple(rituals=(coffee(windows=(parse_window("wed 09:00-12:00"),)),), rules=PlanRules(away=away))
    assert "found no place" not in shown(week(resting))
    assert "these days are kept free of rituals" in shown(week(resting), 100, explain=True)


def test_nothing_rests_on_colour() -> None:
    coloured = Console(file=io.StringIO(), width=80, force_terminal=True, color_system="truecolor", markup=False)
    with coloured.capture() as drawn:
        for part in draw_weeks(rich_week(), Look(80)):
            coloured.print(part)
    assert "\x1b[" in drawn.get()
    plain = shown(rich_week())
    assert "\x1b" not in plain
    assert all(mark in plain for mark in ("▄", "◆━", "─ kept free ─", "moves"))


def test_a_title_in_square_brackets_stays_a_title() -> None:
    drawn = shown(week(make_couple(rituals=(coffee(title="[bold]Tea[/bold] :cat:"),))))
    assert "[bold]Tea[/bold] :cat:" in drawn


class Settings:
    def __init__(self, couple: Couple) -> None:
        self.couple = couple


def test_the_document_has_every_fact_of_an_occurrence() -> None:
    found = rich_week()
    document = forecast_document(Settings(found.question.couple), found)  # type: ignore[arg-type]
    one = next(one for one in document["occurrences"] if one["ritual"] == "coffee")
    facts = {name: one[name] for name in ("period", "version", "minutes", "change", "moved")}
    assert facts == {"period": "2026-W48", "version": "full", "minutes": 60, "change": "move", "moved": True}
    assert one["turn"] in ("sam", "kim")
    assert one["partners"]["sam"]["previous"] == "2026-11-28T10:00:00+01:00"
    assert one["partners"]["kim"]["previous"] == "2026-11-28T09:00:00+00:00"
    assert document["seasons"] == [{"kind": "newborn", "first": "2026-11-01", "last": "2027-02-28"}]
    assert (document["first"], document["last"]) == ("2026-11-23", "2026-11-29")


def test_the_document_has_each_lack_with_what_would_help_the_first_of_a_kind() -> None:
    found = lacking(weeks=3)
    document = forecast_document(Settings(found.question.couple), found)  # type: ignore[arg-type]
    first, *later = document["unplaced"]
    assert set(first["relaxations"][0]) == {"text", "starts_at", "ends_at"}
    assert [(one["reason"], one["relaxations"]) for one in later] == [(first["reason"], None)] * 2


def test_a_tender_date_is_in_no_document() -> None:
    day = Dates((Stretch(date(2026, 11, 25), date(2026, 11, 25)),))
    daily = make_ritual(cadence=Daily(EVERY_DAY))
    couple = make_couple(rituals=(daily,), partners=(make_partner("sam", tender=day), make_partner("kim")))
    document = forecast_document(Settings(couple), week(couple))  # type: ignore[arg-type]
    assert document["occurrences"]
    assert "2026-11-25" not in repr(document)
