"""What a good file gives: defaults, built-in kinds, paths and the way out for mails."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from scheduler.content.assets import Assets
from scheduler.domain.cadence import Daily, Weekly
from scheduler.domain.couple import PlanRules
from scheduler.domain.deck import Taste, Theme
from scheduler.domain.freebusy import AllDay
from scheduler.domain.localtime import parse_window
from scheduler.domain.message import Every, MailKind, MailRule
from scheduler.domain.ritual import Ritual
from scheduler.settings import (
    Account,
    AccountSource,
    CaldavRoute,
    FeedRoute,
    FolderRoute,
    GoogleAccess,
    GoogleRoute,
    IcsSource,
    InviteRoute,
    Look,
    MaildirOut,
    PublicPage,
    Reading,
    Security,
    Settings,
    SmtpOut,
    WebSource,
    load,
)
from tests.build import file_of

TEN_LINES = """\
[[partner]]
name = "Sam"
email = "sam@example.org"
zone = "Europe/Berlin"
busy = ["sam.ics"]

[[partner]]
name = "Kim"
email = "kim@example.org"
zone = "Europe/London"
"""
_SMTP = '[mail.smtp]\nhost = "mail.example.org"\nuser = "us"\n'


@pytest.fixture
def read(tmp_path: Path) -> Reader:
    return Reader(tmp_path)


class Reader:
    """Loads the ten lines with others above or below them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, below: str = "", *, top: str = "", env: dict[str, str] | None = None) -> Settings:
        path = self.folder / "config.toml"
        path.write_text(f"{top}\n{TEN_LINES}{below}", encoding="utf-8")
        return load(path, Assets(), env or {})

    def ritual(self, text: str) -> Ritual:
        return self(f"[[ritual]]\n{text}").couple.rituals[0]


def test_ten_lines_are_enough_for_a_working_couple(read: Reader) -> None:
    couple = read().couple
    assert [(one.id, one.address, one.zone.key) for one in couple.partners] == [
        ("sam", "sam@example.org", "Europe/Berlin"),
        ("kim", "kim@example.org", "Europe/London"),
    ]
    assert [ritual.title for ritual in couple.rituals] == [
        "Coffee date",
        "Five-minute check-in",
        "Gratitude before bed",
    ]
    assert couple.rules == PlanRules()
    assert couple.taste == Taste()


def test_all_that_is_kept_lies_beside_the_file(read: Reader) -> None:
    found = read()
    assert found.state == read.folder / "state"
    assert found.mail.route == MaildirOut(read.folder / "mail")
    assert {partner: file_of(route) for partner, route in found.calendars.items()} == {
        "sam": read.folder / "calendars" / "sam",
        "kim": read.folder / "calendars" / "kim",
    }


def test_mails_have_their_days_and_an_invitation_is_always_on(read: Reader) -> None:
    mail = read("[mail.welcome]\non = false\n").couple.mail
    assert set(MailKind) - set(mail) == {MailKind.RECONNECT}  # which cannot be switched off
    assert mail[MailKind.QUESTION] == MailRule(True, 2, 735, Every.WEEK)
    assert mail[MailKind.DIGEST] == MailRule(True, 6, 1020, Every.WEEK)
    assert mail[MailKind.REFLECTION] == MailRule(True, 5, 600, Every.MONTH)
    assert (mail[MailKind.WELCOME].on, mail[MailKind.INVITATION].on) == (False, True)


def test_a_busy_path_stands_for_a_whole_table(read: Reader) -> None:
    zone = ZoneInfo("Europe/Berlin")
    assert read().busy["sam"] == (
        IcsSource(read.folder / "sam.ics", Reading(AllDay.IF_MARKED, zone, ("sam@example.org",))),
    )


def test_a_busy_table_says_what_to_make_of_the_file(read: Reader) -> None:
    table = '[[partner.busy]]\npath = "/srv/kim.ics"\nall_day = "busy"\nzone = "UTC"\ndeclined_as = ["k@example.org"]\n'
    assert read(table).busy["kim"] == (
        IcsSource(Path("/srv/kim.ics"), Reading(AllDay.BUSY, ZoneInfo("UTC"), ("k@example.org",))),
    )


def test_a_calendar_can_have_a_place_colour_and_title_of_its_own(read: Reader) -> None:
    table = 'calendar = { path = "kims", colour = "#AABBCC", title = "Us" }\n'
    assert read(table).calendars["kim"] == FolderRoute(read.folder / "kims", Look("Us", "#aabbcc"))


CLIENT = '[google]\nclient_id = "1-a"\nclient_secret_env = "SECRET"\n'
PAGE = '[public]\naddress = "https://rituals.example.org/"\n'


@pytest.mark.parametrize(
    ("written", "route"),
    [
        ('"google"', GoogleRoute(Look("Together", "#3f7c85"))),
        ('"caldav"', CaldavRoute(Look("Together", "#3f7c85"))),
        ('"invite"', InviteRoute(Look("Together", "#3f7c85"), timedelta(days=4))),
        ('{ route = "invite", ahead = 2 }', InviteRoute(Look("Together", "#3f7c85"), timedelta(days=2))),
        ('"feed"', FeedRoute(Look("Together", "#3f7c85"))),
    ],
)
def test_a_calendar_goes_by_one_route(read: Reader, written: str, route: object) -> None:
    assert read(f"calendar = {written}\n{CLIENT}{PAGE}", env={"SECRET": "x"}).calendars["kim"] == route


def test_a_busy_source_is_a_file_an_address_or_an_account(read: Reader) -> None:
    how = Reading(AllDay.IF_MARKED, ZoneInfo("Europe/London"), ("kim@example.org",))
    found = read(f'busy = ["k.ics", "webcal://example.org/k.ics", "google", "caldav"]\n{CLIENT}', env={"SECRET": "x"})
    assert found.busy["kim"] == (
        IcsSource(read.folder / "k.ics", how),
        WebSource(how, "https://example.org/k.ics"),
        AccountSource(Account.GOOGLE, (), how),
        AccountSource(Account.CALDAV, (), how),
    )


def test_the_address_of_a_published_calendar_is_not_shown(read: Reader) -> None:
    assert "secret-address" not in repr(read('busy = ["https://example.org/secret-address.ics"]\n'))


def test_the_google_client_s_secret_comes_from_the_environment_and_is_not_shown(read: Reader) -> None:
    found = read(CLIENT, env={"SECRET": "GOCSPX-1"})
    assert found.google == GoogleAccess("1-a", "GOCSPX-1")
    assert "GOCSPX" not in repr(found)


def test_the_public_page_has_an_address_without_a_slash(read: Reader) -> None:
    assert read(PAGE).public == PublicPage("https://rituals.example.org", 8766)
    assert read("").public is None


def test_the_keys_lie_apart_from_the_state(read: Reader) -> None:
    assert read("").keys == read.folder / "keys" / "keys.json"
    assert read('[service]\nkeys = "/srv/keys.json"\n').keys == Path("/srv/keys.json")


def test_a_discreet_partner_gets_a_neutral_calendar_title(read: Reader) -> None:
    found = read("discreet = true\n").calendars
    assert (found["sam"].look.title, found["kim"].look.title) == ("Together", "Calendar")


def test_quiet_hours_can_be_left_out(read: Reader) -> None:
    sam, kim = read("quiet = false\n").couple.partners
    assert (sam.quiet, kim.quiet) == (parse_window("21:30-07:00"), None)


@pytest.mark.parametrize(("name", "id"), [("Zoë", "zoe"), ("Anna-Lena K.", "anna-lena-k"), ("さくら", "さくら")])
def test_an_id_is_made_of_the_name_in_any_script(read: Reader, name: str, id: str) -> None:
    text = TEN_LINES.replace("Kim", name)
    (read.folder / "config.toml").write_text(text, encoding="utf-8")
    assert load(read.folder / "config.toml", Assets()).couple.partners[1].id == id


def test_a_chosen_id_outlives_a_change_of_name(read: Reader) -> None:
    assert read('id = "k"\n').couple.partners[1].id == "k"


def test_a_ritual_of_their_own_needs_only_a_title(read: Reader) -> None:
    ritual = read.ritual('title = "Sunday pancakes"')
    assert (ritual.id, ritual.cadence, ritual.length) == ("sunday-pancakes", Weekly(), timedelta(minutes=30))


def test_a_key_beside_a_kind_goes_before_the_kind(read: Reader) -> None:
    ritual = read.ritual('kind = "Coffee Date"\ntitle = "Tea"\nminutes = 40\nreminder = false')
    assert (ritual.id, ritual.title, ritual.length, ritual.reminder) == (
        "coffee-date",
        "Tea",
        timedelta(minutes=40),
        None,
    )
    assert len(ritual.how_to) == 5


def test_a_built_in_wish_that_no_longer_fits_is_let_go(read: Reader) -> None:
    ritual = read.ritual('kind = "coffee date"\nwindows = ["weekdays 17:00-19:00"]\nevery = "weekdays"')
    assert (ritual.ideal, ritual.ideal_weekday, ritual.spacing) == (None, None, 1)


def test_windows_are_on_the_clock_of_the_partner_who_is_named(read: Reader) -> None:
    assert read.ritual('kind = "walk"\nclock_of = "KIM"').clock_of == "kim"


def test_a_window_past_midnight_holds_an_ideal_after_it(read: Reader) -> None:
    ritual = read.ritual('title = "Stars"\nwindows = ["22:00-02:00"]\nideal = "00:30"\nclock_of = "sam"')
    assert ritual.ideal == 30


def test_a_couple_can_do_without_rituals(read: Reader) -> None:
    assert read(top="ritual = []").couple.rituals == ()


def test_themes_of_weight_one_are_as_built_in(read: Reader) -> None:
    found = read("[themes]\noff = ['intimacy']\ndepth = 2\nweights = { inner = 1, ideas = 2.5 }\n").couple.taste
    assert found == Taste({Theme.IDEAS: 2.5}, frozenset({Theme.INTIMACY}), 2)


def test_a_password_comes_from_the_environment_and_is_never_shown(read: Reader) -> None:
    found = read(_SMTP + 'password_env = "PW"\n', top='mail.sender = "us@example.org"', env={"PW": "hunter2"})
    assert found.mail.route == SmtpOut("mail.example.org", 587, Security.STARTTLS, "us", "hunter2", 30)
    assert "hunter2" not in repr(found)


def test_a_password_comes_from_the_first_line_of_a_file(read: Reader) -> None:
    (read.folder / "secret").write_text("hunter2\n")
    found = read(_SMTP + 'password_file = "secret"\n', top='mail.sender = "us@example.org"').mail.route
    assert isinstance(found, SmtpOut)
    assert found.password == "hunter2"


def test_the_hash_changes_with_the_text_only(read: Reader) -> None:
    first = read().text_hash
    assert read().text_hash == first
    assert read("# a word\n").text_hash != first


def test_line_ends_of_windows_and_a_byte_order_mark_are_fine(read: Reader) -> None:
    path = read.folder / "config.toml"
    path.write_bytes(b"\xef\xbb\xbf" + TEN_LINES.replace("\n", "\r\n").encode())
    assert load(path, Assets()).couple == read().couple


def test_an_override_folder_brings_its_own_kinds(read: Reader) -> None:
    (read.folder / "ours" / "config").mkdir(parents=True)
    kind = '[[kind]]\nname = "tea"\nusual = true\ntitle = "Tea"\nevery = "daily"\nwindows = ["16:00-18:00"]\n'
    (read.folder / "ours" / "config" / "rituals.toml").write_text(kind)
    found = read('[service]\noverride = "ours"\n')
    assert found.override == read.folder / "ours"
    assert [(one.title, one.cadence) for one in found.couple.rituals] == [("Tea", Daily())]
