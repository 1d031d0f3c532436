"""Public holidays of a place, and what is said about a place that is none."""

from __future__ import annotations

import subprocess
import sys
from datetime import date

import pytest

from scheduler.settings.places import check, holidays_of


@pytest.mark.parametrize("place", ["PT", "DE", "DE-BY", "GB-SCT", "FR-57", "US-CA", "CH-Stadt Zurich"])
def test_a_country_or_a_region_by_its_code_is_known(place: str) -> None:
    assert check(place) == ""
    assert len(holidays_of(place, 2026)) > 5


@pytest.mark.parametrize(
    ("place", "meant"),
    [
        ("de", "DE"),
        ("Germany", "DE"),
        ("Portugall", "PT"),
        ("DEU", "DE"),
        ("de-by", "DE-BY"),
        ("DE-by", "DE-BY"),
        ("DE-Bayern", "DE-BY"),
        ("DE-Bayren", "DE-BY"),
        ("Germany-Bayern", "DE-BY"),
        ("USA-CA", "US-CA"),
        ("PT-Lisboa", "PT-11"),
    ],
)
def test_a_slip_or_a_full_name_is_answered_with_the_code(place: str, meant: str) -> None:
    assert f'; did you mean "{meant}"?; ' in check(place)
    assert check(meant) == ""


def test_a_region_that_is_none_is_answered_with_all_there_are() -> None:
    assert check("PT-99").startswith("is not a region of PT; regions: 01, 02, ")
    assert check("VA-1") == 'names a region, and none of VA is known; write it as "VA"'


@pytest.mark.parametrize("place", ["", "-", "XX", "DE-", "-BY", "DE-BY-", "x" * 10_000, "日本", "\n"])
def test_whatever_is_no_place_is_told_in_one_line(place: str) -> None:
    assert check(place).isprintable()
    assert check(place)


def test_a_region_has_days_that_its_country_has_not() -> None:
    epiphany = date(2026, 1, 6)
    assert epiphany in holidays_of("DE-BY", 2026)
    assert epiphany not in holidays_of("DE", 2026)
    assert epiphany not in holidays_of("DE-BE", 2026)


def test_only_days_off_for_everybody_count() -> None:
    assert date(2026, 8, 15) not in holidays_of("DE-BY", 2026), "in Catholic towns only"
    assert date(2026, 12, 24) not in holidays_of("DE", 2026)
    assert date(2026, 12, 25) in holidays_of("PT", 2026)


def test_holidays_come_by_date_with_a_name_and_are_worked_out_once() -> None:
    found = holidays_of("PT", 2027)
    assert list(found) == sorted(found)
    assert found[date(2027, 4, 25)] == "Freedom Day"
    assert {day.year for day in found} == {2027}
    assert holidays_of("PT", 2027) is found


def test_the_library_stays_out_until_a_place_is_named() -> None:
    read = "settings.load(assets.Assets().path('config/example/couple.toml'), assets.Assets())"
    code = f"import sys; from scheduler import settings; from scheduler.content import assets; {read}"
    assert subprocess.run([sys.executable, "-c", f"{code}; sys.exit('holidays' in sys.modules)"]).returncode == 0
