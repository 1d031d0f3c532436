"""What we want, what we wrote, what stands there: every row of the table, and what is noted of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from scheduler.domain.event import CalendarEntry, SeenEvent
from scheduler.domain.reconcile import Absence, Verdict, adopted, noted, verdict
from tests.contract.calendar_contract import make_event

HOUR = timedelta(hours=1)
OLD = make_event(sequence=1)
NEW = make_event(sequence=2, starts_at=OLD.starts_at + HOUR, ends_at=OLD.ends_at + HOUR)


def entry(event: object = OLD, **changes: object) -> CalendarEntry:
    """One that was written as OLD and is wanted as ``event``."""
    written = {"written": 1, "tag": "e1", "written_starts_at": OLD.starts_at, "written_ends_at": OLD.ends_at}
    known = {"live": True, "written_title": OLD.title, **written, **changes}
    return CalendarEntry("sam", "coffee/2026-W48", 0, event, **known)  # type: ignore[arg-type]


def never_written(**changes: object) -> CalendarEntry:
    nothing = dict.fromkeys(("written", "tag", "written_starts_at", "written_ends_at", "written_title"))
    return entry(**{**nothing, **changes})


def seen(by: timedelta = timedelta(0), **changes: object) -> SeenEvent:
    whole = {"sequence": 1, "tag": "e2", "title": OLD.title, **changes}
    return SeenEvent(OLD.uid, starts_at=OLD.starts_at + by, ends_at=OLD.ends_at + by, **whole)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wanted", "standing", "expected"),
    [
        (never_written(), Absence.NOTHING, Verdict.CREATE),
        (never_written(), seen(), Verdict.LEAVE),
        (never_written(), seen(5 * HOUR), Verdict.ADOPT),
        (entry(), seen(), Verdict.LEAVE),
        (entry(), seen(title="Pancakes"), Verdict.LEAVE),
        (entry(), seen(5 * HOUR), Verdict.ADOPT),
        (entry(NEW), seen(), Verdict.UPDATE),
        (entry(replace(OLD, sequence=2, title="Tea")), seen(), Verdict.UPDATE),
        (entry(NEW), seen(HOUR), Verdict.LEAVE),
        (entry(NEW), seen(5 * HOUR), Verdict.ADOPT),
        (entry(), Absence.NOTHING, Verdict.DECLINE),
        (entry(NEW), Absence.NOTHING, Verdict.DECLINE),
        (entry(), seen(cancelled=True), Verdict.DECLINE),
        (entry(), Absence.ILLEGIBLE, Verdict.LEAVE),
        (entry(), Absence.NO_CALENDAR, Verdict.RENEW),
        (never_written(live=False), Absence.NOTHING, Verdict.LEAVE),
        (entry(live=False), Absence.NOTHING, Verdict.REMOVE),
        (entry(live=False), seen(5 * HOUR), Verdict.REMOVE),
        (entry(live=False), Absence.ILLEGIBLE, Verdict.REMOVE),
    ],
)
def test_a_row_of_the_table(wanted: CalendarEntry, standing: SeenEvent | Absence, expected: Verdict) -> None:
    assert verdict(wanted, standing) is expected


def test_a_person_s_title_stays_ours_to_keep() -> None:
    renamed = noted(entry(), seen(title="Pancakes", sequence=4))
    assert (renamed.own_title, renamed.event.title, renamed.tag) == ("Pancakes", "Pancakes", "e2")
    assert (renamed.written, renamed.event.sequence) == (4, 4)


def test_a_person_s_title_outlives_a_newer_write_that_is_under_way() -> None:
    renamed = noted(entry(NEW), seen(title="Pancakes"))
    assert renamed.event == replace(NEW, title="Pancakes")
    assert (renamed.written, renamed.tag) == (1, "e2")


def test_who_takes_their_title_back_gets_ours() -> None:
    renamed = noted(entry(), seen(title="Pancakes"))
    assert noted(renamed, seen()).own_title is None
    assert noted(renamed, seen()).event.title == OLD.title


def test_white_space_is_no_title_of_one_s_own() -> None:
    assert noted(entry(written_title="Coffee  date"), seen()).own_title is None


def test_a_calendar_that_shows_no_title_changes_none() -> None:
    assert noted(entry(), seen(title="")).own_title is None
    assert noted(entry(written_title=None), seen(title="Pancakes")).own_title is None


def test_a_drag_is_what_was_written_from_now_on() -> None:
    moved = adopted(entry(NEW), seen(5 * HOUR, sequence=7, title="Pancakes"))
    assert verdict(moved, seen(5 * HOUR, sequence=7)) is Verdict.LEAVE
    assert (moved.written, moved.event.sequence, moved.event.title) == (7, 7, "Pancakes")


def test_a_write_that_was_cut_off_before_it_was_noted_is_ours_afterwards() -> None:
    known = noted(entry(NEW), seen(HOUR, sequence=2))
    assert (known.written, known.written_starts_at) == (2, NEW.starts_at)
    assert (
        verdict(replace(known, event=replace(NEW, sequence=3, starts_at=OLD.starts_at)), seen(HOUR)) is Verdict.UPDATE
    )
