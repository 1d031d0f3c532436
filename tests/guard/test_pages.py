"""What the pages say is so: the README's ten lines work, its commands exist, its links lead somewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from scheduler.content.assets import Assets
from scheduler.settings import load
from tests.guard.source import ROOT, texts

README = texts()["README.md"]


def test_the_readme_s_ten_lines_are_a_working_couple(tmp_path: Path) -> None:
    text = re.findall(r"```toml\n(.+?)```", README, re.DOTALL)[0]
    assert len(text.splitlines()) <= 10
    (tmp_path / "scheduler.toml").write_text(text)
    settings = load(tmp_path / "scheduler.toml", Assets())
    assert [partner.name for partner in settings.couple.partners] == ["Sam", "Kim"]
    assert settings.couple.rituals


@pytest.mark.slow
def test_the_readme_s_commands_are_the_commands() -> None:
    helped = subprocess.run(
        [Path(sys.executable).with_name("rituals"), "--help"], capture_output=True, text=True, check=True
    ).stdout
    commands = set(re.findall(r"^  ([a-z]+) ", helped.partition("Commands:")[2], re.MULTILINE))
    assert commands == set(re.findall(r"^\| `rituals ([a-z]+)", README, re.MULTILINE))


def test_every_file_that_a_page_points_to_is_there() -> None:
    lost = [
        f"{page}: {target}"
        for page, text in texts().items()
        if page.endswith(".md")
        for target in re.findall(r"\]\(([^)#:]+)[^):]*\)", text)
        if not (ROOT / page).parent.joinpath(target).exists()
    ]
    assert lost == []
