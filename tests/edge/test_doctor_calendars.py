"""`rituals doctor` on calendars far away, and the hello that it writes and takes away again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes
from pathlib import Path

import pytest

from scheduler.adapters.memory import MemoryCalendar, MemoryMailer
from scheduler.app.checkup import Finding, Level, checkup
from scheduler.app.checkup.hello import say_hello
from scheduler.app.service import Service
from scheduler.app.vaults import vault_of
from scheduler.app.wiring import open_service, open_store
from scheduler.content.assets import Assets
from scheduler.domain.notes import connected_note, cut_note
from scheduler.ports import Calendar
from scheduler.settings import Settings, load
from tests.build import at
from tests.cli import rituals, with_yes, write_couple

NOW = at("2026-11-23 09:00")
DAY = timedelta(days=1)
GOOGLE = '[google]\nclient_id = "1-a"\nclient_secret_env = "SECRET"\n'
PUBLIC = '[public]\naddress = "https://rituals.example.org"\n'


def settings_with(folder: Path, sam: str, rest: str = "") -> Settings:
    return load(write_couple(folder, sam=sam, rest=rest), Assets(), {"SECRET": "x"})


def about(settings: Settings, subject: str) -> Finding:
    found = checkup(lambda: settings, NOW, offline=True)
    return next(each for each in found if each.subject == subject)


def connected(settings: Settings, at_: datetime, cut_at: datetime | None = None) -> Settings:
    with closing(open_store(settings)) as store:
        vault_of(settings, store, "sam").put("google", "{}")
        with store.transaction() as tx:
            tx.set_note("home", connected_note("sam"), at_.isoformat())
            tx.set_note("home", cut_note("sam"), cut_at.isoformat() if cut_at else "")
    return settings


def test_an_account_that_is_not_connected_is_named_with_the_command(tmp_path: Path) -> None:
    finding = about(settings_with(tmp_path, 'calendar = "google"', GOOGLE), "calendar, Sam")
    assert (finding.level, finding.do) == (Level.BAD, "rituals connect google --partner sam")


def test_the_seven_days_of_an_app_in_testing_are_told_before_they_are_over(tmp_path: Path) -> None:
    settings = connected(settings_with(tmp_path, 'calendar = "google"', GOOGLE), NOW - 2 * DAY)
    finding = about(settings, "calendar, Sam")
    assert finding.level is Level.OK
    assert "left in testing, Google ends the access on 28 November" in finding.what


def test_access_that_ended_after_seven_days_is_recognised(tmp_path: Path) -> None:
    settings = settings_with(tmp_path, 'calendar = "google"', GOOGLE)
    finding = about(connected(settings, NOW - 9 * DAY, NOW - 2 * DAY), "calendar, Sam")
    assert finding.level is Level.BAD
    assert "after seven days" in finding.what
    assert "Publish app" in finding.do


def test_access_that_ended_at_another_time_is_not_blamed_on_testing(tmp_path: Path) -> None:
    settings = settings_with(tmp_path, 'calendar = "google"', GOOGLE)
    finding = about(connected(settings, NOW - 30 * DAY, NOW - 2 * DAY), "calendar, Sam")
    assert "seven days" not in finding.what


def test_invitations_that_stay_on_this_machine_are_a_warning(tmp_path: Path) -> None:
    assert about(settings_with(tmp_path, 'calendar = "invite"'), "calendar, Sam").level is Level.WARN


def test_a_feed_says_how_its_address_is_had(tmp_path: Path) -> None:
    finding = about(settings_with(tmp_path, 'calendar = "feed"', PUBLIC), "calendar, Sam")
    assert "rituals connect feed --partner sam" in finding.what


def test_a_published_calendar_shows_its_host_alone(tmp_path: Path) -> None:
    settings = with_yes(settings_with(tmp_path, 'busy = ["https://cal.example.org/secret/k.ics"]'), "sam")
    finding = about(settings, "busy, Sam")
    assert "cal.example.org" in finding.what
    assert "secret" not in finding.what


def test_a_key_file_that_others_may_read_is_bad(tmp_path: Path) -> None:
    settings = connected(settings_with(tmp_path, 'calendar = "google"', GOOGLE), NOW)
    assert about(settings, "keys").level is Level.OK
    settings.keys.chmod(0o644)
    assert about(settings, "keys").level is Level.BAD


@contextmanager
def at_home(folder: Path, sam: str = "") -> Iterator[tuple[Settings, Service]]:
    settings = with_yes(settings_with(folder, sam, PUBLIC), "sam", "kim")
    service = open_service(settings)
    try:
        yield settings, service
    finally:
        service.parts.store.close()


def with_calendar(service: Service, calendar: Calendar) -> Service:
    return Service(replace(service.parts, calendars={**service.parts.calendars, "sam": calendar}))


def test_a_hello_is_written_seen_and_taken_away(tmp_path: Path) -> None:
    with at_home(tmp_path) as (settings, service):
        calendar, titles = MemoryCalendar(), list[str]()
        service = with_calendar(service, calendar)
        found = list(
            say_hello(settings, service, wait=lambda *_: titles.extend(event.title for event in calendar.events))
        )
        assert titles[0] == "Hello from Rituals"
        assert calendar.events == []
        assert {one.level for one in found} == {Level.OK}
        assert list((tmp_path / "calendars" / "kim").glob("*.ics")) == []


def test_a_hello_that_cannot_be_written_says_what_to_do(tmp_path: Path) -> None:
    with at_home(tmp_path) as (settings, service):
        calendar = MemoryCalendar()
        calendar.down = True
        first = next(say_hello(settings, with_calendar(service, calendar)))
        assert (first.level, first.what) == (Level.BAD, "the calendar does not answer")


def test_a_hello_by_mail_is_an_invitation_and_its_cancellation(tmp_path: Path) -> None:
    with at_home(tmp_path, 'calendar = "invite"') as (settings, service):
        calendar = service.parts.calendars["sam"]
        post = MemoryMailer()
        calendar._mailer = post  # type: ignore[attr-defined] # the one seam between this calendar and the world
        next(say_hello(settings, service))
        methods = [
            part.get_param("method")
            for one in post.sent
            for part in message_from_bytes(one.data).walk()
            if part.get_content_type() == "text/calendar"
        ]
        assert methods == ["REQUEST", "CANCEL"]


def test_nothing_is_written_to_who_has_not_said_yes(tmp_path: Path) -> None:
    file = write_couple(tmp_path)
    answer = rituals("doctor", "-c", file, "--hello", "--yes")
    assert "nothing is written before Sam has said yes" in " ".join(answer.output.split())
    assert not (tmp_path / "calendars").exists()


def test_without_hello_the_doctor_writes_nothing(tmp_path: Path) -> None:
    with_yes(settings_with(tmp_path, ""), "sam", "kim")
    rituals("doctor", "-c", tmp_path / "scheduler.toml")
    assert not (tmp_path / "calendars").exists()


@pytest.mark.parametrize("discreet", ["", "discreet = true"])
def test_a_hello_keeps_to_discreet_words(tmp_path: Path, discreet: str) -> None:
    with at_home(tmp_path, discreet) as (settings, service):
        calendar, titles = MemoryCalendar(), list[str]()
        service = with_calendar(service, calendar)
        list(say_hello(settings, service, wait=lambda *_: titles.extend(event.title for event in calendar.events)))
        assert titles[0] == ("Hello" if discreet else "Hello from Rituals")
