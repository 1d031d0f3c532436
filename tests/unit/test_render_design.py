"""What every mail looks like: nothing remote, legible in light and dark, kind in every word."""

from __future__ import annotations

import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest

from scheduler.content.assets import Assets
from scheduler.content.render import MailTemplates
from scheduler.content.specimen import notices, specimens
from scheduler.domain.digest import Letter, Notice
from scheduler.domain.message import MailKind, NoticeKind

LETTERS = (*specimens(), *notices())
TEMPLATES = MailTemplates(Assets())
BANNED = re.compile(
    r"miss(ed|ing)?|fail(ed|ure)?|overdue|homework|streaks?|scores?|behind|late|reminders?|forg[eo]t|urgent|hurry|therapy"
    r"|heal|fix|husband|wife|spouse|marriage|boyfriend|girlfriend|toxic|should|must|proven|clinically"
)
FILES = sorted(path for path in Assets().path("templates/email").rglob("*") if path.is_file())


def _is_full(one: Letter | Notice) -> bool:
    return bool(one.coming if isinstance(one, Letter) else one.event.description)


every_letter = pytest.mark.parametrize(
    "letter", LETTERS, ids=lambda one: f"{one.kind.value}-{_is_full(one)}-{one.partner.discreet}"
)
Style = dict[str, str]


@cache
def html_of(letter: Letter | Notice) -> str:
    if isinstance(letter, Notice):
        return TEMPLATES.notice(letter, "Calendar", "calendar@example.org", "k1").html
    return TEMPLATES.render(letter, "Calendar", "calendar@example.org", "k1").html


def style_of(text: str) -> Style:
    pairs = (one.partition(":") for one in text.replace("!important", "").split(";") if ":" in one)
    return {name.strip(): value.strip() for name, _, value in pairs}


def dark_rules(html: str, marker: str) -> dict[str, Style]:
    """By class, from the kept style sheet: the media query, or the rules for clients that mark the page."""
    sheet = re.search(r'<style data-css-inline="keep">(.*?)</style>', html, re.DOTALL)
    assert sheet
    wide, _, rest = sheet[1].partition("@media (prefers-color-scheme: dark) {")
    inside, _, marked = rest.partition("\n}\n")
    assert "max-width: 480px" in wide
    found: dict[str, Style] = {}
    for selectors, body in re.findall(r"([^{}]+)\{([^{}]*)\}", inside if marker == "media" else marked):
        for selector in selectors.replace("[data-ogsc]", "").split(","):
            found.setdefault(selector.strip().lstrip("."), {}).update(style_of(body))
    return found


class Painter(HTMLParser):
    """Every piece of visible text with its colour, its background and its size in pixels."""

    VOID = frozenset({"br", "meta"})

    def __init__(self, dark: dict[str, Style]) -> None:
        super().__init__()
        self._dark = dark
        self._styles: list[Style] = [{"color": "#000000", "background-color": "#ffffff", "font-size": "16px"}]
        self.painted: list[tuple[str, Style]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self.VOID:
            return
        found = dict(attrs)
        style = {**self._styles[-1], **style_of(found.get("style") or "")}
        for name in (found.get("class") or "").split():
            style |= self._dark.get(name, {})
        if tag in ("head", "style") or found.get("class") == "hidden":
            style["display"] = "none"
        self._styles.append(style)

    def handle_endtag(self, tag: str) -> None:
        self._styles.pop()

    def handle_data(self, data: str) -> None:
        if data.strip() and self._styles[-1].get("display") != "none":
            self.painted.append((data.strip(), self._styles[-1]))


def painted(html: str, dark: dict[str, Style]) -> list[tuple[str, Style]]:
    painter = Painter(dark)
    painter.feed(html)
    return painter.painted


def luminance(colour: str) -> float:
    """Source: WCAG 2.2, relative luminance."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(style: Style) -> float:
    low, high = sorted((luminance(style["color"]), luminance(style["background-color"])))
    return (high + 0.05) / (low + 0.05)


def test_the_contrast_formula_gives_the_known_extremes() -> None:
    assert contrast({"color": "#000000", "background-color": "#ffffff"}) == pytest.approx(21)
    assert contrast({"color": "#777777", "background-color": "#ffffff"}) == pytest.approx(4.48, abs=0.01)


@every_letter
@pytest.mark.parametrize("mode", ["light", "media", "marked"])
def test_every_word_has_enough_contrast(letter: Letter | Notice, mode: str) -> None:
    html = html_of(letter)
    words = painted(html, {} if mode == "light" else dark_rules(html, mode))
    assert words
    assert not [(text, style) for text, style in words if contrast(style) < 4.5]


def test_dark_mode_is_dark_everywhere() -> None:
    for letter in LETTERS:
        html = html_of(letter)
        pale = [text for text, style in painted(html, dark_rules(html, "media")) if _is_pale(style) and text != "●"]
        assert not pale


def _is_pale(style: Style) -> bool:
    return luminance(style["background-color"]) > 0.2


@every_letter
def test_body_text_has_sixteen_pixels_or_more(letter: Letter | Notice) -> None:
    html = html_of(letter).partition('class="foot"')[0]
    picture = re.sub(r'<table class="picture".*?</table>', "", html, flags=re.DOTALL)
    sizes = {float(style["font-size"].removesuffix("px")) for _, style in painted(picture, {})}
    assert min(sizes) >= 16


@every_letter
def test_nothing_in_a_mail_is_remote_or_active(letter: Letter | Notice) -> None:
    """But for the one address of ours that a reader may open: as a link, and written out."""
    door = letter.door if isinstance(letter, Letter) else ""
    html = html_of(letter).replace(f'href="{door}"', "").replace(f">{door}<", "><")
    assert not re.search(r"https?:|//|url\(|@import|<img|<script|<link|<form|\son\w+=|src=|href=", html)


@every_letter
def test_a_mail_is_a_proper_document(letter: Letter | Notice) -> None:
    html = html_of(letter)
    assert html.startswith('<!DOCTYPE html><html lang="en">')
    assert re.search(r"<title>[^<{]+</title>", html)
    assert html.count("<table") == html.count('role="presentation"') > 0
    assert html.count("<h1") == 1
    assert 'name="color-scheme" content="light dark"' in html
    assert "{%" not in html
    assert "{{" not in html


def test_the_style_sheet_is_written_into_the_elements() -> None:
    html = html_of(LETTERS[0])
    assert html.count("<style") == 1
    assert len(re.search(r"<style.*?</style>", html, re.DOTALL)[0]) < 8192  # type: ignore[index]
    sheet = re.search(r'<table class="sheet"[^>]*>', html)
    assert sheet
    assert 'width="600"' in sheet[0]
    assert "max-width: 600px" in sheet[0]


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_template_urges_judges_or_assumes(path: Path) -> None:
    words = re.findall(r"[a-z]+", path.read_text(encoding="utf-8").lower())
    assert not list(filter(BANNED.fullmatch, words))


def test_every_kind_has_a_template_that_these_tests_read() -> None:
    assert {path.parent.name for path in FILES} == {kind.value for kind in (*MailKind, *NoticeKind)} | {"_shared"}


def test_no_template_shouts() -> None:
    assert not [path for path in FILES if path.suffix == ".txt" and "!" in path.read_text(encoding="utf-8")]
