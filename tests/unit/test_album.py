"""The page of both calendars: what stands where, and that nothing on it runs or is fetched."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from scheduler.app.letters import ShownLetter
from scheduler.content.assets import Assets
from scheduler.domain.freebusy import Span, span_of
from scheduler.domain.localtime import to_utc
from scheduler.domain.message import MailKind
from scheduler.domain.occurrence import Fate
from scheduler.domain.season import Season
from scheduler.web.album import Album, Missing, render_album
from scheduler.web.rhythm import draw_rhythm
from scheduler.web.weeks import RitualSlot, Side, Week, cut_weeks, hues_of
from tests.build import at

LISBON, BERLIN = ZoneInfo("Europe/Lisbon"), ZoneInfo("Europe/Berlin")
MONDAY = date(2026, 11, 23)
HOUR = timedelta(hours=1)


def slot(start: str = "2026-11-25 18:00", *, minutes: int = 60, **changes: Any) -> RitualSlot:
    defaults: dict[str, Any] = {"ritual": "coffee", "title": "Coffee date", "why": "both are free"}
    return RitualSlot(starts_at=at(start), ends_at=at(start) + timedelta(minutes=minutes), **{**defaults, **changes})


def both(*slots: RitualSlot, busy: tuple[Span, ...] = ()) -> tuple[Side, Side]:
    return Side("sam", "Sam", LISBON, busy, slots), Side("kim", "Kim", BERLIN, busy, slots)


def one_week(*slots: RitualSlot, busy: tuple[Span, ...] = (), monday: date = MONDAY) -> Week:
    return cut_weeks(both(*slots, busy=busy), monday, monday, None)[0]


def album(**changes: Any) -> Album:
    defaults: dict[str, Any] = {"title": "Sam and Kim", "first": MONDAY, "last": MONDAY, "partners": both(slot())}
    return Album(**{**defaults, **changes})


def mail(**changes: Any) -> ShownLetter:
    defaults: dict[str, Any] = {
        "partner": "sam",
        "kind": MailKind.TIME_SET,
        "sent_at": at("2026-11-25 08:00"),
        "subject": "A time for coffee",
        "html": "<p>Hello</p>",
        "text": "Hello",
    }
    return ShownLetter(**{**defaults, **changes})


def page(shown: Album) -> str:
    return render_album(shown, Assets())


class Elements(HTMLParser):
    """Every element with its attributes, and the text between them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data

    def shape(self) -> list[tuple[str, list[str]]]:
        return [(tag, sorted(attrs)) for tag, attrs in self.found]

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.found if name == tag]


def test_a_ritual_stands_at_each_partners_own_hour() -> None:
    sam, kim = one_week(slot("2026-11-25 18:00")).sides
    assert [(b.start, b.end, b.times) for b in sam.days[2].rituals] == [(1080, 1140, "18:00–19:00")]
    assert [(b.start, b.end, b.times) for b in kim.days[2].rituals] == [(1140, 1200, "19:00–20:00")]


def test_an_hour_past_midnight_for_one_partner_stands_on_two_of_their_days() -> None:
    sam, kim = one_week(slot("2026-11-25 22:30")).sides
    assert [len(day.rituals) for day in sam.days] == [0, 0, 1, 0, 0, 0, 0]
    assert [[(b.start, b.end) for b in day.rituals] for day in kim.days[2:4]] == [[(1410, 1440)], [(0, 30)]]
    assert {b.times for day in kim.days for b in day.rituals} == {"23:30–00:30"}
    assert (sam.count, kim.count) == (1, 1)


def test_an_end_at_midnight_leaves_the_next_day_alone() -> None:
    kim = one_week(slot("2026-11-25 22:00")).sides[1]
    assert [(b.start, b.end) for day in kim.days for b in day.rituals] == [(1380, 1440)]


@pytest.mark.parametrize("monday", [date(2026, 10, 19), date(2027, 3, 22)], ids=["autumn", "spring"])
def test_an_hour_on_the_wall_stays_at_its_hour_through_a_clock_change(monday: date) -> None:
    wall_ten = [to_utc(monday + timedelta(days=day), 600, BERLIN) for day in range(7)]
    slots = [RitualSlot("walk", "Walk", start, start + HOUR) for start in wall_ten]
    sam, kim = one_week(*slots, monday=monday).sides
    assert [[(b.start, b.end) for b in day.rituals] for day in kim.days] == [[(600, 660)]] * 7
    assert [[(b.start, b.end) for b in day.rituals] for day in sam.days] == [[(540, 600)]] * 7


def test_the_day_of_a_clock_change_says_so() -> None:
    autumn, spring = one_week(monday=date(2026, 10, 19)), one_week(monday=date(2027, 3, 22))
    assert [day.shift for day in autumn.sides[1].days] == [0] * 6 + [-60]
    assert [day.shift for day in spring.sides[1].days] == [0] * 6 + [60]
    assert "Clocks go back" in page(album(first=date(2026, 10, 19), last=date(2026, 10, 19)))


def test_a_time_inside_the_doubled_hour_keeps_its_length() -> None:
    kim = one_week(slot("2026-10-25 00:45", minutes=30), monday=date(2026, 10, 19)).sides[1]
    assert [(b.start, b.end, b.times) for b in kim.days[6].rituals] == [(165, 195, "02:45–02:15")]


def test_busy_times_are_merged_and_named_without_why() -> None:
    spans = (
        span_of(at("2026-11-24 10:00"), at("2026-11-24 12:00")),
        span_of(at("2026-11-24 09:00"), at("2026-11-24 11:00")),
    )
    sam = one_week(busy=spans).sides[0]
    assert sam.days[1].busy_words == "09:00–12:00"


def test_a_long_absence_is_all_day_and_does_not_stretch_the_hours() -> None:
    week = one_week(busy=(span_of(at("2026-11-23 12:00"), at("2026-11-26 12:00")),))
    assert week.sides[0].days[1].busy_words == "all day"
    assert (week.opens, week.closes) == (360, 1320)
    assert [(b.start, b.end) for b in [week.drawn(week.sides[0].days[1].busy[0])] if b] == [(360, 1320)]


@pytest.mark.parametrize("minutes", [5, 700])
def test_an_early_ritual_opens_the_day_earlier(minutes: int) -> None:
    assert one_week(slot("2026-11-25 05:30", minutes=minutes)).opens == 240


def test_whole_weeks_are_shown_from_monday_to_sunday() -> None:
    weeks = cut_weeks(both(), date(2026, 11, 25), date(2026, 12, 7), None)
    assert [week.monday for week in weeks] == [MONDAY, date(2026, 11, 30), date(2026, 12, 7)]


def test_a_ritual_has_one_hue_on_both_sides_in_any_order() -> None:
    coffee, walk = slot(), slot(ritual="walk", title="Walk")
    assert hues_of(both(coffee, walk)) == hues_of(both(walk, coffee)) == {"coffee": 0, "walk": 1}


def test_a_withdrawn_ritual_is_gone_and_a_declined_one_is_kept_apart() -> None:
    shown = album(partners=both(slot(fate=Fate.DECLINED), slot(title="Gone", fate=Fate.WITHDRAWN)))
    text = page(shown)
    assert "Gone" not in text
    assert text.count("Not this time.") == 2
    assert one_week(*shown.partners[0].rituals).sides[0].count == 0


def test_the_now_line_stands_at_each_ones_own_time_and_opens_its_week() -> None:
    shown = album(last=date(2026, 12, 6), now=at("2026-12-02 12:30"))
    weeks = cut_weeks(shown.partners, shown.first, shown.last, shown.now)
    assert [[day.now for day in side.days if day.now] for week in weeks for side in week.sides] == [
        [],
        [],
        [750],
        [810],
    ]
    assert "body:not(:has(.week:target)) #w1{display:block}" in page(shown)
    assert "body:not(:has(.week:target)) #w0{display:block}" in page(replace(shown, now=None))
    assert 'class="now"' not in page(replace(shown, now=None))


def test_the_rhythm_has_one_dot_for_what_stands_on_both_calendars() -> None:
    slots = (slot("2026-11-25 18:00"), slot("2026-12-02 18:00"), slot("2026-12-06 18:00", fate=Fate.DECLINED))
    rhythm = draw_rhythm(both(*slots), MONDAY, date(2026, 12, 6))
    (row,) = rhythm.rows
    assert [(dot.weekday, dot.declined) for dot in row.dots] == [(2, False), (2, False), (6, True)]
    assert [dot.x for dot in row.dots] == sorted(dot.x for dot in row.dots)
    assert row.words == "2 times, on Wednesdays"
    assert rhythm.weeks == (0, 50)


def test_the_picture_says_in_words_what_it_shows() -> None:
    elements = Elements(page(album(partners=both(slot(), slot("2026-11-26 18:00"), slot("2026-12-25 18:00")))))
    assert {"title", "desc"} <= {tag for tag, _ in elements.found}
    assert "Coffee date: 2 times: Wednesday 1, Thursday 1." in elements.words


def test_nothing_planned_and_nothing_known_is_said_calmly() -> None:
    note = "One calendar could not be read."
    words = Elements(page(album(partners=both(), notes=(note,), mail_note="Mails are not shown here."))).words
    for said in ("Nothing is planned yet", "no busy times known", "nothing planned", note, "Mails are not shown here."):
        assert said in words
    assert "No mails yet" in Elements(page(album())).words


def test_every_mail_is_readable_under_its_reader_by_date_and_in_their_own_time() -> None:
    later, earlier = mail(subject="Second", sent_at=at("2026-12-01 08:00")), mail(subject="First")
    elements = Elements(page(album(mails=(later, mail(partner="kim", subject="For Kim"), earlier))))
    assert [frame["title"] for frame in elements.all("iframe")] == ["First", "Second", "For Kim"]
    assert "Wed 25 Nov, 08:00 · time set" in elements.words
    assert "Wed 25 Nov, 09:00 · time set" in elements.words


def test_what_else_there_is_to_know_stands_with_a_ritual() -> None:
    words = Elements(page(album(partners=both(slot(words=("15 min", "short", "Kim plans")))))).words
    assert words.count("15 min · short · Kim plans") == 2


def test_an_old_time_is_told_on_each_ones_own_clock_and_names_nobody() -> None:
    words = Elements(page(album(partners=both(slot("2026-11-25 18:00", was=at("2026-11-24 23:30")))))).words
    assert words.count("was Tue 23:30") == 1
    assert words.count("was 00:30") == 1


def test_an_old_time_is_told_once_where_the_ritual_passes_midnight() -> None:
    words = Elements(page(album(partners=both(slot("2026-11-25 23:30", was=at("2026-11-24 18:00")))))).words
    assert words.count("was Tue 18:00") == 1


def test_a_season_is_named_over_its_weeks_only() -> None:
    season = Season("newborn", date(2026, 11, 20), date(2026, 12, 3))
    text = page(album(last=MONDAY + timedelta(weeks=3), seasons=(season,)))
    assert text.count("Newborn until 3 December") == 2


def test_a_day_kept_free_says_so_on_both_calendars_without_a_name() -> None:
    free = MONDAY + timedelta(days=1)
    assert page(album(kept=frozenset({free}))).count("kept free") == 2
    assert "kept free" not in page(album())


def test_what_has_no_place_stands_with_its_reason_and_what_would_help() -> None:
    lack = Missing("Weekly talk", "3 times", "nothing is free", (("30 instead of 60 minutes", at("2026-11-26 18:00")),))
    words = " ".join(Elements(page(album(missing=(lack,)))).words.split())
    assert "Weekly talk 3 times nothing is free 30 instead of 60 minutes gives Thu 26 Nov, 18:00 Lisbon time" in words
    assert "Without a place" not in page(album())


PAYLOADS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</title></style></textarea><svg onload=alert(1)>",
    "{{ 7*7 }}{% for %}{# #}",
    "<!-- --> ]]> &lt;b&gt; &#x3c;b>",
    "javascript:alert(1)",
]


def hostile(text: str) -> Album:
    sides = tuple(
        replace(side, name=text, rituals=(slot(title=text, ritual=text, why=text, words=(text,)),)) for side in both()
    )
    mails = (mail(subject=text, html=text, text=text),)
    lack = Missing(text, text, text, ((text, at("2026-11-26 18:00")),))
    season = Season(text, MONDAY, MONDAY)
    told = {"notes": (text,), "mails": mails, "missing": (lack,), "seasons": (season,)}
    return album(title=text, partners=(sides[0], sides[1]), **told)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_people_wrote_adds_no_element_and_no_attribute(payload: str) -> None:
    tame, wild = Elements(page(hostile("plain"))), Elements(page(hostile(payload)))
    assert wild.shape() == tame.shape()
    assert payload in wild.words


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_mail_is_shown_whole_and_only_in_a_frame_without_any_right(payload: str) -> None:
    (frame,) = Elements(page(hostile(payload))).all("iframe")
    assert frame["srcdoc"] == payload
    assert frame["sandbox"] in (None, "")
    assert "src" not in frame


def test_the_page_runs_nothing_and_fetches_nothing() -> None:
    text = page(album(mails=(mail(),)))
    elements = Elements(text)
    assert not {"script", "link", "img", "form", "base", "object"} & {tag for tag, _ in elements.found}
    assert not re.search(r"https?:|//|url\(|@import|\son\w+=", text.replace("<!doctype", ""))
    assert all((link["href"] or "").startswith("#") for link in elements.all("a"))
    metas = {attrs.get("name") or attrs.get("http-equiv"): attrs.get("content") for attrs in elements.all("meta")}
    assert (metas["Content-Security-Policy"] or "").startswith("default-src 'none'; ")
    assert metas["referrer"] == "no-referrer"
    assert metas["viewport"]
    assert elements.all("html") == [{"lang": "en"}]


def test_every_link_inside_the_page_leads_somewhere() -> None:
    elements = Elements(page(album(last=date(2026, 12, 20))))
    ids = [attrs["id"] for _, attrs in elements.found if "id" in attrs]
    assert {(link["href"] or "")[1:] for link in elements.all("a")} <= set(ids)
    assert len(ids) == len(set(ids))


def test_half_a_year_stays_small() -> None:
    first = datetime(2026, 11, 23, 7, tzinfo=UTC)
    slots = [slot(f"{first + HOUR * 13 * n:%Y-%m-%d %H:%M}", minutes=30) for n in range(26 * 13)]
    busy = tuple(span_of(first + HOUR * 8 * n, first + HOUR * (8 * n + 3)) for n in range(500))
    html = '<td style="margin:0;padding:0 0 16px;font-size:16px">A line of a mail</td>\n' * 200
    mails = tuple(mail(sent_at=first + HOUR * 28 * n, html=html, text="A line\n" * 100) for n in range(150))
    text = page(album(last=MONDAY + timedelta(weeks=26), partners=both(*slots, busy=busy), mails=mails))
    assert len(text.encode()) < 4_000_000


def test_an_album_cannot_end_before_it_begins() -> None:
    with pytest.raises(ValueError, match="after the last"):
        album(last=MONDAY - timedelta(days=1))
