"""Arithmetic on intervals, against a second opinion that counts minutes one by one."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.freebusy import Span, Spans, contains, instant, intersection, overlaps, span_of, subtract, union
from tests.build import at

# Short ones, or else most unions would be a single span; some are empty, some end before they start.
RAW = st.lists(st.builds(lambda start, length: (start, start + length), st.integers(0, 60), st.integers(-1, 9)))
SPAN = st.builds(lambda start, length: (start, start + length), st.integers(0, 60), st.integers(1, 20))


def minutes(spans: list[Span] | Spans) -> set[int]:
    return {minute for start, end in spans for minute in range(start, end)}


def is_tidy(spans: Spans) -> bool:
    """Sorted, without empty ones, with a gap between any two."""
    return all(start < end for start, end in spans) and all(left[1] < right[0] for left, right in pairwise(spans))


@given(RAW)
def test_a_union_covers_the_same_minutes_and_is_tidy(raw: list[Span]) -> None:
    found = union(raw)
    assert minutes(found) == minutes(raw)
    assert is_tidy(found)


@given(RAW, RAW)
def test_an_intersection_covers_the_minutes_of_both(left: list[Span], right: list[Span]) -> None:
    found = intersection(union(left), union(right))
    assert minutes(found) == minutes(left) & minutes(right)
    assert is_tidy(found)


@given(RAW, RAW)
def test_a_difference_covers_the_minutes_of_the_first_alone(spans: list[Span], taken: list[Span]) -> None:
    found = subtract(union(spans), union(taken))
    assert minutes(found) == minutes(spans) - minutes(taken)
    assert is_tidy(found)


@given(RAW, SPAN)
def test_an_overlap_is_a_minute_in_common(raw: list[Span], span: Span) -> None:
    assert overlaps(union(raw), span) == bool(minutes(raw) & minutes([span]))


@given(RAW, SPAN)
def test_what_is_contained_has_all_its_minutes_there(raw: list[Span], span: Span) -> None:
    assert contains(union(raw), span) == (minutes([span]) <= minutes(raw))


def test_back_to_back_is_no_clash() -> None:
    assert not overlaps(((10, 20),), (20, 30))
    assert not overlaps(((10, 20),), (0, 10))
    assert overlaps(((10, 20),), (19, 30))


def test_a_span_and_its_instants_name_each_other() -> None:
    start, end = span_of(at("2026-11-23 09:00"), at("2026-11-23 10:30"))
    assert end - start == 90 * 60
    assert (instant(start), instant(end)) == (at("2026-11-23 09:00"), at("2026-11-23 10:30"))
