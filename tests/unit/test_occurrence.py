"""Which dates each cadence asks for, as a table to read: labels, month ends, ISO weeks, quarters, leap days."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.cadence import Cadence, Daily, Monthly, Quarterly, Weekly, parse_cadence
from scheduler.domain.occurrence import Occurrence, Placement, expand, monday_of, week_label
from tests.build import at, make_ritual


def day(text: str) -> date:
    return date.fromisoformat(text)


def occurrences(cadence: Cadence | str, first: str, last: str) -> list[Occurrence]:
    cadence = parse_cadence(cadence) if isinstance(cadence, str) else cadence
    return expand(make_ritual("r", cadence=cadence), day(first), day(last))


def row(one: Occurrence) -> str:
    """ "label: first" for a single date, "label: first..last (target)" for a span."""
    if one.first == one.last:
        return f"{one.period}: {one.first}"
    return f"{one.period}: {one.first}..{one.last}" + (f" ({one.target})" if one.target else "")


TABLE = [
    # (cadence, first, last, what it asks for)
    ("daily", "2028-02-28", "2028-03-01",
     ["2028-02-28: 2028-02-28", "2028-02-29: 2028-02-29", "2028-03-01: 2028-03-01"]),
    ("weekdays", "2026-11-27", "2026-12-01",
     ["2026-11-27: 2026-11-27", "2026-11-30: 2026-11-30", "2026-12-01: 2026-12-01"]),
    ("weekly", "2026-11-23", "2026-11-29", ["2026-W48: 2026-11-23..2026-11-29"]),
    # a week that has begun still counts; one that ends after the last day comes with a later plan
    ("weekly", "2026-11-25", "2026-12-05", ["2026-W48: 2026-11-23..2026-11-29"]),
    # 2026 has 53 ISO weeks, and the last of them ends in January
    ("weekly", "2026-12-28", "2027-01-10", ["2026-W53: 2026-12-28..2027-01-03", "2027-W01: 2027-01-04..2027-01-10"]),
    ("2 a week", "2026-11-23", "2026-11-29",
     ["2026-W48.1: 2026-11-23..2026-11-29", "2026-W48.2: 2026-11-23..2026-11-29"]),
    ("every 2 weeks", "2026-11-23", "2026-12-13",
     ["2026-W48: 2026-11-23..2026-11-29", "2026-W50: 2026-12-07..2026-12-13"]),
    (Weekly(every=2, anchor=day("2026-11-26")), "2026-11-23", "2026-12-13",
     ["2026-W48: 2026-11-23..2026-11-29", "2026-W50: 2026-12-07..2026-12-13"]),
    # counted on through week 53, not anew with the year
    (Weekly(every=3, anchor=day("2026-12-14")), "2026-12-14", "2027-01-31",
     ["2026-W51: 2026-12-14..2026-12-20", "2027-W01: 2027-01-04..2027-01-10", "2027-W04: 2027-01-25..2027-01-31"]),
    ("monthly on 15", "2026-11-01", "2026-12-31", ["2026-11: 2026-11-15", "2026-12: 2026-12-15"]),
    ("monthly on 31", "2026-01-01", "2026-04-30",
     ["2026-01: 2026-01-31", "2026-02: 2026-02-28", "2026-03: 2026-03-31", "2026-04: 2026-04-30"]),
    ("monthly on 29", "2027-02-01", "2028-02-29",
     [f"{d[:7]}: {d}" for d in ("2027-02-28", "2027-03-29", "2027-04-29", "2027-05-29", "2027-06-29", "2027-07-29",
                                "2027-08-29", "2027-09-29", "2027-10-29", "2027-11-29", "2027-12-29", "2028-01-29",
                                "2028-02-29")]),
    ("monthly on first sunday", "2026-11-01", "2026-12-31", ["2026-11: 2026-11-01", "2026-12: 2026-12-06"]),
    ("monthly on fourth thursday", "2026-11-01", "2026-11-30", ["2026-11: 2026-11-26"]),
    ("monthly on last friday", "2026-10-01", "2026-11-30", ["2026-10: 2026-10-30", "2026-11: 2026-11-27"]),
    ("monthly on last sunday", "2028-02-01", "2028-02-29", ["2028-02: 2028-02-27"]),
    ("monthly", "2028-02-01", "2028-03-31",
     ["2028-02: 2028-02-01..2028-02-29 (2028-02-15)", "2028-03: 2028-03-01..2028-03-31 (2028-03-15)"]),
    # it enters as soon as its middle is in sight
    ("monthly", "2026-11-20", "2026-12-14", ["2026-11: 2026-11-01..2026-11-30 (2026-11-15)"]),
    ("quarterly", "2026-01-01", "2026-12-31",
     ["2026-Q1: 2026-01-01..2026-03-31 (2026-02-15)", "2026-Q2: 2026-04-01..2026-06-30 (2026-05-16)",
      "2026-Q3: 2026-07-01..2026-09-30 (2026-08-15)", "2026-Q4: 2026-10-01..2026-12-31 (2026-11-15)"]),
    ("quarterly", "2028-01-01", "2028-03-31", ["2028-Q1: 2028-01-01..2028-03-31 (2028-02-15)"]),
]  # fmt: skip


@pytest.mark.parametrize(("cadence", "first", "last", "asked"), TABLE, ids=lambda value: str(value)[:40])
def test_a_cadence_asks_for_these_dates(cadence: Cadence | str, first: str, last: str, asked: list[str]) -> None:
    assert [row(one) for one in occurrences(cadence, first, last)] == asked


def test_a_monthly_date_before_the_first_day_is_over() -> None:
    assert occurrences("monthly on 15", "2026-11-16", "2026-12-14") == []


@pytest.mark.parametrize(
    ("when", "label"),
    [
        ("2026-11-23", "2026-W48"),
        ("2027-01-03", "2026-W53"),
        ("2025-12-29", "2026-W01"),
        ("2024-12-30", "2025-W01"),
        ("2021-01-03", "2020-W53"),
    ],
)
def test_a_week_is_named_by_the_year_that_holds_its_thursday(when: str, label: str) -> None:
    assert week_label(day(when)) == label
    assert week_label(monday_of(day(when))) == label


CADENCES: st.SearchStrategy[Any] = st.one_of(
    st.frozensets(st.integers(0, 6), min_size=1).map(Daily),
    st.integers(1, 7).map(lambda times: Weekly(times=times)),
    st.builds(Weekly, every=st.integers(1, 52), anchor=st.dates(date(2000, 1, 1))),
    st.integers(1, 31).map(lambda number: Monthly(day=number)),
    st.builds(Monthly, nth=st.sampled_from((1, 2, 3, 4, -1)), weekday=st.integers(0, 6)),
    st.just(Monthly()),
    st.just(Quarterly()),
)  # fmt: skip


@given(CADENCES, st.dates(date(2020, 1, 1), date(2035, 1, 1)), st.integers(0, 60), st.integers(1, 200))
def test_looking_later_or_further_never_changes_what_an_occurrence_is(
    cadence: Any, first: date, later: int, length: int
) -> None:
    ritual, last = make_ritual("r", cadence=cadence), first + timedelta(days=length)
    here = {one.key: one for one in expand(ritual, first, last)}
    there = {one.key: one for one in expand(ritual, first + timedelta(days=later), last + timedelta(days=30))}
    assert all(there[key] == here[key] for key in here.keys() & there.keys())
    assert here.keys() - there.keys() == {key for key in here if here[key].last < first + timedelta(days=later)}
    assert len(here) == len(expand(ritual, first, last))
    assert all(one.first <= (one.target or one.first) <= one.last for one in here.values())


def test_an_occurrence_is_known_by_ritual_and_period() -> None:
    placement = Placement("coffee/2026-W48.2", at("2026-11-28 09:00"), at("2026-11-28 10:00"), at("2026-11-23 09:00"))
    assert (placement.ritual, placement.period) == ("coffee", "2026-W48.2")


def test_a_slot_that_ends_before_it_starts_cannot_exist() -> None:
    with pytest.raises(ValueError, match="ends after it starts"):
        Placement("coffee/2026-W48", at("2026-11-28 09:00"), at("2026-11-28 09:00"), at("2026-11-23 09:00"))
