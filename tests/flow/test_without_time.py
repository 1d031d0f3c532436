"""A week too full for a ritual: the digest says so to both, in the same words, whatever either of them did."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from scheduler.domain.couple import Couple
from scheduler.domain.localtime import parse_window
from tests.build import make_pair, make_ritual, taken
from tests.world import START, World, usual_couple, world

SATURDAYS = ("2026-11-28", "2026-12-05", "2026-12-12")
SAID = "Coffee found no time: nothing long enough is free for you both."


def couple() -> Couple:
    coffee = make_ritual(windows=(parse_window("sat 09:00-12:00"),))
    return usual_couple(
        partners=make_pair(), rituals=(coffee, make_ritual("walk", windows=(parse_window("sun 09:00-12:00"),)))
    )


def digest_of(partner: str, *, taken_by: str, act: Callable[[World], object] = lambda _: None) -> bytes:
    """Sunday's digest in a week whose Saturday is taken; ``act`` happens on Thursday."""
    with world(couple()) as w:
        w.busy[taken_by].set(taken(*(f"{day} 07:00-23:00" for day in SATURDAYS)))
        w.until(START + timedelta(days=3))
        act(w)
        w.until(START + timedelta(days=7))
        (found,) = (one.data for one in w.mailer.sent if one.partner == partner and b"The week ahead" in one.data)
        return found


def words(mail: bytes) -> str:
    plain = mail.partition(b"text/plain")[2].partition(b"text/html")[0].decode().replace("=\r\n", "")
    return " ".join(plain.split())


def test_both_read_what_found_no_time_and_what_would_help() -> None:
    for partner in ("sam", "kim"):
        told = words(digest_of(partner, taken_by="kim"))
        assert f"{SAID} What would help: " in told
        assert "Walk found" not in told


def test_whose_calendar_is_full_cannot_be_told() -> None:
    assert digest_of("sam", taken_by="sam") == digest_of("sam", taken_by="kim")


@pytest.mark.parametrize(
    "act",
    [
        lambda w: w.service.pause("kim", until=date(2026, 12, 20)),
        lambda w: setattr(w.calendars["kim"], "down", True),
    ],
    ids=["pauses", "loses the calendar"],
)
def test_whatever_the_other_does_it_reads_the_same(act: Callable[[World], object]) -> None:
    assert digest_of("sam", taken_by="kim", act=act) == digest_of("sam", taken_by="kim")
