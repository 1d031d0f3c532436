"""A calendar far away: looked at sparingly, taken away, out of reach, renamed by its owner, told by mail."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from scheduler.adapters.memory import MemoryCalendar
from scheduler.domain.errors import Unavailable, Uncertain
from scheduler.domain.event import Event
from scheduler.domain.notes import PLANNED_NOTE, cut_note, trouble_note
from scheduler.domain.occurrence import Fate
from scheduler.domain.outbox import EffectKind, State
from scheduler.domain.pace import Pace
from tests.build import at, taken, wall
from tests.world import START, World, world

pytestmark = pytest.mark.slow

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def home() -> Iterator[World]:
    """Both calendars stand far away, and the first plan has been carried out."""
    with world() as made:
        for calendar in made.calendars.values():
            calendar.pace = Pace.SPARING
        made.until(START + HOUR)
        yield made


class Mailbox(MemoryCalendar):
    """Remembers what it was asked to take back."""

    def __init__(self, pace: Pace) -> None:
        super().__init__(pace)
        self.removed: list[str | None] = []

    def remove(self, event: Event, tag: str | None, /) -> None:
        self.removed.append(tag)
        super().remove(event, tag)


def ticks(home: World, span: timedelta, every: timedelta = 10 * MINUTE) -> None:
    end = home.clock.now() + span
    while home.clock.now() < end:
        home.clock.advance(every)
        home.service.tick()


def note(home: World, name: str) -> str:
    with home.store.transaction() as tx:
        return tx.note("home", name) or ""


def coming(calendar: MemoryCalendar, title: str = "Coffee") -> Event:
    return next(event for event in calendar.events if event.title == title and event.starts_at > START + DAY)


def test_a_day_without_changes_costs_few_looks(home: World) -> None:
    ticks(home, DAY)
    before = home.calendars["sam"].looks
    ticks(home, DAY)
    assert 24 <= home.calendars["sam"].looks - before <= 50


def test_a_person_s_move_shortly_before_reaches_the_other_within_ten_minutes(home: World) -> None:
    event = coming(home.calendars["sam"])
    home.clock.set(event.starts_at - HOUR)
    home.service.tick()
    home.calendars["sam"].person_moves(event.uid, event.starts_at + 3 * HOUR)
    ticks(home, 10 * MINUTE, every=MINUTE)
    assert event.starts_at + 3 * HOUR in [one.starts_at for one in home.calendars["kim"].events]


def test_a_person_s_title_stays_when_the_ritual_moves(home: World) -> None:
    sam, kim = home.calendars["sam"], home.calendars["kim"]
    mine = coming(sam)
    theirs = next(one for one in kim.events if one.starts_at == mine.starts_at)
    sam.person_retitles(mine.uid, "Pancakes")
    kim.person_moves(theirs.uid, theirs.starts_at + HOUR)
    ticks(home, 2 * HOUR)
    stands = next(one for one in sam.events if one.uid == mine.uid)
    assert (stands.title, stands.starts_at) == ("Pancakes", mine.starts_at + HOUR)
    assert "Pancakes" not in home.titles("kim")


def test_a_title_that_was_changed_since_the_last_look_does_not_stop_a_move(home: World) -> None:
    """The move finds another tag, and nobody would try again."""
    sam, mine = home.calendars["sam"], coming(home.calendars["sam"])
    home.clock.advance(65 * MINUTE)
    home.service.collect()
    sam.person_retitles(mine.uid, "Pancakes")
    home.busy["kim"].set(taken("2026-11-28 08:00-09:30", zone="Europe/London"))
    home.service.collect()
    home.service.plan()
    home.service.deliver()
    stands = next(one for one in sam.events if one.uid == mine.uid)
    assert stands.starts_at != mine.starts_at
    assert stands.title == "Pancakes"
    assert home.calendars["kim"].events[0].starts_at in [one.starts_at for one in sam.events]


def test_a_calendar_that_was_deleted_is_made_anew_once(home: World) -> None:
    sam = home.calendars["sam"]
    before = {(one.title, one.starts_at) for one in sam.events}
    sam.person_deletes_calendar()
    ticks(home, 2 * HOUR)
    after = {(one.title, one.starts_at) for one in sam.events}
    assert after == {one for one in before if one[1] > home.clock.now() - HOUR}
    sam.person_deletes_calendar()
    ticks(home, 3 * HOUR)
    assert sam.events == []
    assert "second time" in note(home, trouble_note("sam"))


def test_a_calendar_that_was_deleted_twice_takes_no_new_event_either(home: World) -> None:
    sam = home.calendars["sam"]
    for _ in range(2):
        sam.person_deletes_calendar()
        ticks(home, 2 * HOUR)
    ticks(home, DAY)
    assert sam.events == []
    assert home.calendars["kim"].events


def test_nothing_of_a_deleted_calendar_counts_as_declined(home: World) -> None:
    home.calendars["sam"].person_deletes_calendar()
    ticks(home, 2 * HOUR)
    assert {(one.title, one.starts_at) for one in home.calendars["sam"].events} == {
        (one.title, one.starts_at) for one in home.calendars["kim"].events if one.ends_at > home.clock.now()
    }


def test_when_access_ends_the_other_carries_on_and_all_is_mended_on_return(home: World) -> None:
    sam = home.calendars["sam"]
    sam.cut = True
    ticks(home, 2 * DAY)
    assert note(home, cut_note("sam"))
    assert not note(home, cut_note("kim"))
    sam.cut = False
    with home.store.transaction() as tx:
        tx.hurry("home", "sam", EffectKind.EVENT, home.clock.now())
    ticks(home, 2 * HOUR)
    assert not note(home, cut_note("sam"))
    upcoming = {(e.title, e.starts_at) for e in home.calendars["kim"].events if e.starts_at > home.clock.now()}
    assert upcoming <= {(e.title, e.starts_at) for e in sam.events}


def test_what_was_called_off_goes_even_after_its_time(home: World) -> None:
    """A person may have moved it meanwhile, and then it would stand for ever."""
    sam, kim = home.calendars["sam"], home.calendars["kim"]
    mine = coming(sam)
    theirs = next(one for one in kim.events if one.starts_at == mine.starts_at)
    ticks(home, HOUR)
    sam.person_deletes(mine.uid)
    kim.down = True
    ticks(home, 70 * MINUTE)
    kim.person_moves(theirs.uid, mine.starts_at + 4 * DAY)
    home.clock.set(mine.ends_at + DAY)
    kim.down = False
    ticks(home, HOUR)
    assert theirs.uid not in {one.uid for one in kim.events}


def test_a_move_that_is_heard_only_after_the_old_time_still_counts_for_both(home: World) -> None:
    """The service, or the calendar, was not there for a while."""
    sam, kim = home.calendars["sam"], home.calendars["kim"]
    mine = coming(sam)
    home.clock.set(mine.starts_at - HOUR)
    home.service.tick()
    new = mine.starts_at + 2 * DAY + HOUR
    sam.person_moves(mine.uid, new)
    home.clock.set(mine.ends_at + HOUR)
    ticks(home, HOUR)
    (theirs,) = [one for one in kim.events if one.starts_at == new]
    assert [one.starts_at for one in sam.events if one.uid == mine.uid] == [new]
    assert mine.starts_at not in [one.starts_at for one in kim.events]
    assert theirs.title == "Coffee"


def test_what_a_person_clears_away_after_its_time_is_not_declined(home: World) -> None:
    sam = home.calendars["sam"]
    mine = coming(sam)
    home.clock.set(mine.ends_at + HOUR)
    home.service.tick()
    sam.person_deletes(mine.uid)
    ticks(home, 2 * HOUR)
    with home.store.transaction() as tx:
        assert [one.fate for one in tx.placements("home") if one.starts_at == mine.starts_at] == [Fate.PLACED]


def test_what_went_with_a_calendar_is_not_asked_for_again(home: World) -> None:
    """Otherwise a calendar whose coming events a person deletes would look as if all had been lost."""
    sam = home.calendars["sam"]
    home.clock.set(START + 4 * DAY)
    home.service.tick()
    sam.person_deletes_calendar()
    ticks(home, 2 * HOUR)
    assert sam.events
    for event in sam.events:
        sam.person_deletes(event.uid)
    ticks(home, 2 * HOUR)
    assert note(home, trouble_note("sam")) == ""


def test_what_is_placed_anew_after_its_old_time_is_another_event(home: World) -> None:
    """An id that Google knew once is taken for ever."""
    sam = home.calendars["sam"]
    mine = coming(sam)
    with home.store.transaction() as tx:
        (old,) = [one for one in tx.placements("home") if one.starts_at == mine.starts_at]
        tx.save_placement("home", replace(old, fate=Fate.WITHDRAWN))
        tx.set_note("home", PLANNED_NOTE, "")
    home.service.collect()
    home.busy["sam"].set(taken("2026-11-28 00:00-23:59"))
    ticks(home, HOUR)
    assert mine.uid not in {one.uid for one in sam.events}
    home.clock.set(mine.ends_at + HOUR)
    with home.store.transaction() as tx:
        later = (mine.starts_at + DAY + HOUR, mine.ends_at + DAY + HOUR)
        tx.save_placement("home", replace(old, starts_at=later[0], ends_at=later[1], held=True))
    ticks(home, HOUR)
    (again,) = [one for one in sam.events if one.starts_at == later[0]]
    assert again.uid != mine.uid


class Stuck(MemoryCalendar):
    """Takes nothing away while it is stuck."""

    stuck = False

    def remove(self, event: Event, tag: str | None, /) -> None:
        if self.stuck:
            raise Unavailable("not now")
        super().remove(event, tag)


def test_nothing_stands_anew_before_what_was_called_off_is_gone() -> None:
    with world() as home:
        sam = Stuck()
        home.service.parts = replace(home.service.parts, calendars={**home.service.parts.calendars, "sam": sam})
        home.service.tick()
        wanted = [(one.title, one.starts_at) for one in sam.events]
        sam.stuck = True
        home.service.pause("sam", until=(START + 14 * DAY).date())
        home.service.deliver()
        home.service.join("sam", shown="the text of a test")
        for stuck in (True, False):
            sam.stuck = stuck
            ticks(home, 20 * MINUTE)
            assert [(one.title, one.starts_at) for one in sam.events] == wanted
        assert {one.state for one in home.outbox()} <= {State.DONE, State.WAITING}


def test_a_put_in_doubt_whose_time_is_over_is_nobody_s_decision() -> None:
    class Dark(MemoryCalendar):
        def put(self, event: Event, tag: str | None) -> str:
            super().put(event, tag)
            raise Uncertain("cut off")

    with world() as home:
        home.service.parts = replace(home.service.parts, calendars={**home.service.parts.calendars, "sam": Dark()})
        home.service.tick()
        home.clock.advance(60 * DAY)
        home.service.tick()
        assert State.UNCERTAIN not in {one.state for one in home.outbox() if one.kind is EffectKind.EVENT}


def test_an_event_that_was_to_move_to_a_time_now_past_does_not_stay_where_it_was(home: World) -> None:
    sam, kim = home.calendars["sam"], home.calendars["kim"]
    mine = coming(sam)
    theirs = next(one for one in kim.events if one.starts_at == mine.starts_at)
    ticks(home, HOUR)
    kim.down = True
    sam.person_moves(mine.uid, mine.starts_at - DAY)
    ticks(home, 70 * MINUTE)
    home.clock.set(mine.ends_at - DAY + HOUR)
    kim.down = False
    ticks(home, HOUR)
    assert [one.starts_at for one in kim.events if one.uid == theirs.uid] == [mine.starts_at - DAY]


def test_a_put_in_doubt_is_not_repeated_over_a_person_s_newer_move() -> None:
    """Not every program raises the SEQUENCE of what is dragged."""

    class Dark(MemoryCalendar):
        dark = False

        def put(self, event: Event, tag: str | None) -> str:
            put = super().put(event, tag)
            if self.dark:
                raise Uncertain("cut off")
            return put

    with world() as home:
        sam = Dark()
        home.service.parts = replace(home.service.parts, calendars={**home.service.parts.calendars, "sam": sam})
        home.service.tick()
        mine = coming(sam)
        theirs = next(one for one in home.calendars["kim"].events if one.starts_at == mine.starts_at)
        sam.dark = True
        home.calendars["kim"].person_moves(theirs.uid, mine.starts_at + HOUR)
        home.service.tick()
        sam.dark = False
        sam.person_moves(mine.uid, mine.starts_at + DAY)
        ticks(home, HOUR)
        for calendar in (sam, home.calendars["kim"]):
            assert mine.starts_at + HOUR not in {one.starts_at for one in calendar.events}
            assert mine.starts_at + DAY in {one.starts_at for one in calendar.events}


def test_busy_times_that_cost_something_are_read_seldom_and_before_placing(home: World) -> None:
    source = home.busy["kim"]
    source.pace = Pace.SPARING
    ticks(home, DAY)
    assert 4 <= source.readings <= 8  # by the clock, and before what found its first time in this day
    before = source.readings
    source.set(taken("2026-11-28 00:00-23:59"))
    home.busy["sam"].set(taken("2026-11-25 17:30-18:30"))  # a clash: something must find another time
    ticks(home, MINUTE, every=MINUTE)
    assert source.readings == before + 1


def test_events_by_mail_come_shortly_before_their_time_and_not_at_night() -> None:
    with world() as home:
        calendar = MemoryCalendar(Pace.NEVER)
        parts = home.service.parts
        home.service.parts = replace(
            parts, calendars={**parts.calendars, "sam": calendar}, ahead={"sam": timedelta(days=3)}
        )
        home.service.tick()
        assert calendar.events
        assert max(one.starts_at for one in calendar.events) <= START + 3 * DAY
        seen = len(calendar.events)
        night = wall("2026-11-23 23:00")
        home.until(night)
        seen = len(calendar.events)
        home.until(night + 7 * HOUR)
        assert len(calendar.events) == seen
        home.until(night + 20 * HOUR)
        assert len(calendar.events) > seen


def test_an_invitation_that_was_never_sent_is_never_cancelled() -> None:
    with world() as home:
        calendar = Mailbox(Pace.NEVER)
        parts = home.service.parts
        home.service.parts = replace(parts, calendars={**parts.calendars, "sam": calendar}, ahead={"sam": DAY})
        home.service.tick()
        sent = len(calendar.events)
        home.service.leave("sam")
        home.service.deliver()
        assert calendar.events == []
        assert len([tag for tag in calendar.removed if tag is not None]) == sent
        assert all(one.state is not State.SENDING for one in home.outbox())


def test_a_pause_that_a_calendar_asks_for_is_kept(home: World) -> None:
    sam = home.calendars["sam"]
    sam.pause = timedelta(hours=5)
    home.clock.advance(HOUR)
    home.service.collect()
    before = sam.looks
    ticks(home, timedelta(hours=4, minutes=50))
    assert sam.looks == before
    sam.pause = None
    ticks(home, HOUR)
    assert sam.looks > before


def test_the_world_of_these_tests_places_coffee(home: World) -> None:
    assert coming(home.calendars["sam"]).starts_at == at("2026-11-28 09:00")


def test_whoever_deletes_every_event_is_still_given_the_next_ones(home: World) -> None:
    sam = home.calendars["sam"]
    gone = {event.starts_at for event in sam.events}
    for event in sam.events:
        sam.person_deletes(event.uid)
    ticks(home, 3 * DAY)
    assert sam.events
    assert not gone & {event.starts_at for event in sam.events}
