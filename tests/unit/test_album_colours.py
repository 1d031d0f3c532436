"""The page's colours keep their contrast, in light and dark (WCAG 2.2: 4.5 for text, 3 for marks)."""

from __future__ import annotations

import re
from colorsys import hls_to_rgb

import pytest

from scheduler.content.assets import Assets
from scheduler.web.weeks import HUES

Colour = tuple[float, float, float]


def luminance(colour: Colour) -> float:
    """Relative luminance. Source: WCAG 2.2."""
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Colour, other: Colour) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def schemes() -> list[dict[str, str]]:
    light, dark = Assets().text("templates/web/colours.css").split("prefers-color-scheme:dark")
    return [dict(re.findall(r"--(\w+):([^;}]+)", part)) for part in (light, dark.split(".h0")[0])]


def channels(value: str) -> Colour:
    return int(value[1:3], 16) / 255, int(value[3:5], 16) / 255, int(value[5:7], 16) / 255


def hues() -> list[float]:
    return [int(hue) / 360 for hue in re.findall(r"--h:(\d+)", Assets().text("templates/web/colours.css"))]


def tones(scheme: dict[str, str], name: str) -> list[Colour]:
    saturation, lightness = (int(part.strip("%")) / 100 for part in scheme[name].split())
    return [hls_to_rgb(hue, lightness, saturation) for hue in hues()]


@pytest.mark.parametrize("scheme", schemes(), ids=["light", "dark"])
def test_all_text_is_legible(scheme: dict[str, str]) -> None:
    papers = [channels(scheme[name]) for name in ("paper", "card", "soft")]
    inks = [channels(scheme[name]) for name in ("ink", "muted", "accent")]
    assert min(contrast(ink, paper) for ink in inks for paper in papers) >= 4.5
    assert min(contrast(channels(scheme["ink"]), tint) for tint in tones(scheme, "tint")) >= 4.5


@pytest.mark.parametrize("scheme", schemes(), ids=["light", "dark"])
def test_every_dot_stands_out_from_its_card(scheme: dict[str, str]) -> None:
    assert min(contrast(dot, channels(scheme["card"])) for dot in tones(scheme, "edge")) >= 3


def test_there_is_a_colour_for_every_hue() -> None:
    assert len(set(hues())) == HUES
