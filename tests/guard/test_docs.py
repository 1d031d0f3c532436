"""What docs/ say can be done as they say it: commands parse, settings load, links lead somewhere, every page is found.

Not here: whether a provider's clicks are still what they were; README and its ten lines (test_pages).
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from posixpath import dirname, join, normpath

import click
import pytest

from scheduler.adapters.google import consent
from scheduler.cli import main
from scheduler.content.assets import Assets
from scheduler.domain.pace import EXTRA_A_DAY, READING
from scheduler.settings import IcsSource, load
from scheduler.settings.addresses import ROUTES
from tests.guard.source import texts

PAGES = {name: text for name, text in texts().items() if re.fullmatch(r"docs/[a-z]+\.md|README\.md", name)}
HOW_TO = {name: text for name, text in PAGES.items() if name != "docs/architecture.md"}
PARTNERS = """\
[[partner]]
name = "Sam"
email = "sam@example.org"
zone = "Europe/Berlin"
{}
[[partner]]
name = "Kim"
email = "kim@example.org"
zone = "Europe/London"
{}
"""
# What a fragment may stand on: without it, a route is refused by itself.
GOOGLE = '[google]\nclient_id = "1234-abc.apps.googleusercontent.com"\nclient_secret_file = "secrets/google"\n'
PUBLIC = '[public]\naddress = "https://rituals.example.org"\n'


def fenced(text: str, kind: str) -> list[str]:
    """Blocks whose kind the pattern fits, without what indents them in a list."""
    found = re.findall(r"^( *)```(\S*)\n(.*?)^ *```$", text, re.DOTALL | re.MULTILINE)
    return [re.sub(f"(?m)^{indent}", "", block) for indent, word, block in found if re.fullmatch(kind, word)]


def commands() -> list[tuple[str, str]]:
    """Every `rituals …` in a line of its own or between backticks, with its page; "NAME" and the like are words."""
    found = []
    for page, text in HOW_TO.items():
        inline = re.findall(r"`(rituals [^`]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
        shown = re.findall(r"^ *(?:\$ )?(?:\.venv/bin/)?(rituals [a-z].*)$", "\n".join(fenced(text, "[a-z]*")), re.M)
        found += [(page, line) for line in dict.fromkeys([*inline, *shown])]
    return found


@pytest.mark.parametrize(("page", "line"), commands())
def test_every_command_is_one_that_the_program_takes(page: str, line: str) -> None:
    words = shlex.split(line.partition(" #")[0])[1:]
    group: click.Command = main
    while isinstance(group, click.Group) and words and not words[0].startswith("-"):
        found = group.get_command(click.Context(group), words[0])
        if found is None and words[0].isupper():  # "rituals connect WHAT": any of them
            return
        assert found, f"{page}: {line}"
        group, words = found, words[1:]
    known = {option for one in group.params for option in (*one.opts, *one.secondary_opts)}
    assert {word.partition("=")[0] for word in words if word.startswith("--")} <= known, f"{page}: {line}"


def settings_blocks() -> list[tuple[str, str]]:
    return [(page, block) for page, text in HOW_TO.items() for block in fenced(text, "toml")]


@pytest.mark.parametrize(("page", "block"), settings_blocks())
def test_every_settings_block_loads_by_itself_or_under_two_partners(page: str, block: str, tmp_path: Path) -> None:
    for name in ("google", "mail", "sam"):
        secret = tmp_path / "secrets" / name
        secret.parent.mkdir(exist_ok=True)
        secret.touch(0o600)
        secret.write_text("a secret\n")
    for text in whole_files(block):
        (tmp_path / "scheduler.toml").write_text(text)
        sources = [one for named in load(tmp_path / "scheduler.toml", Assets()).busy.values() for one in named]
        # A word that is no account would be taken for a file.
        assert [one for one in sources if isinstance(one, IcsSource) and one.path.suffix != ".ics"] == [], page


def whole_files(block: str) -> list[str]:
    """The file that the block stands for; one for each line where it gives the same key several times."""
    if "[[partner]]" in block:
        return [block + (PUBLIC if '"feed"' in block and "[public]" not in block else "") + secret_of(block)]
    if re.search(r"^\[", block, re.MULTILINE):
        return [PARTNERS.format("", "") + block]
    given = re.findall(r"^([a-z_]+) =", block, re.MULTILINE)
    pieces = block.splitlines() if len(set(given)) < len(given) else [block]
    return [PARTNERS.format(piece, "") + GOOGLE + PUBLIC for piece in pieces]


def secret_of(block: str) -> str:
    return '\nclient_secret_file = "secrets/google"\n' if block.rstrip().endswith('googleusercontent.com"') else ""


def links(page: str) -> set[str]:
    """Pages of ours that it leads to, each with its heading or without."""
    found = re.findall(r"\]\(([^)\s]+)\)", PAGES[page])
    return {
        normpath(join(dirname(page), target)) if not target.startswith("#") else page + target
        for target in found
        if not re.match(r"https?:", target) and (".md" in target or target.startswith("#"))
    }


def heading(line: str) -> str:
    """As the place where it is shown names it."""
    return re.sub(r"[^\w -]", "", line.lower()).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_to_a_page_and_to_a_heading_that_is_there(page: str) -> None:
    for target in links(page):
        name, _, anchor = target.partition("#")
        assert name in texts(), f"{page} leads to {name}"
        headings = {heading(one) for one in re.findall(r"^#+ (.+)$", texts()[name], re.MULTILINE)}
        assert not anchor or anchor in headings, f"{page} leads to {target}"


def test_every_page_is_found_from_the_readme() -> None:
    found, to_read = set(), ["README.md"]
    while to_read:
        page = to_read.pop()
        found.add(page)
        to_read += [one.partition("#")[0] for one in links(page) if one.partition("#")[0] in PAGES.keys() - found]
    assert PAGES.keys() - found == set()


def test_each_route_stands_in_the_table_with_a_page_of_its_own() -> None:
    rows = dict(re.findall(r"^\|[^|]+\| \[`([a-z]+)`\]\(([a-z]+\.md)\) \|", PAGES["docs/calendars.md"], re.MULTILINE))
    assert rows.keys() == set(ROUTES)
    assert {f"docs/{page}" for page in rows.values()} <= PAGES.keys()


def test_the_rights_at_google_are_those_that_we_ask_for() -> None:
    assert set(re.findall(r"https://www\.googleapis\.com/auth/\S+", PAGES["docs/google.md"])) == set(consent.SCOPES)


def test_the_calls_of_a_quiet_day_are_those_that_the_pace_allows() -> None:
    calls = 24 + EXTRA_A_DAY + 2 * (24 // (READING.seconds // 3600) + 1)
    assert f"**{calls} calls**" in PAGES["docs/calendars.md"]
