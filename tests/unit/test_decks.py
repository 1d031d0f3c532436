"""Card files: what is read, and that every problem is named with its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from scheduler.content.assets import Assets
from scheduler.content.decks import DECKS, KEYS, load_decks
from scheduler.domain.deck import CardFormat, Theme
from scheduler.domain.errors import ConfigError

HEAD = 'schema = 1\nlang = "en"\n'


def entry(**changes: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "id": "ours-001",
        "deck": "core",
        "theme": "daily",
        "format": "question_pair",
        "depth": 1,
        "minutes": 10,
        "mode": "talk",
        "prompt": "Which tree on your way do you greet?",
        "how": "Take turns.",
        "short": "Name the tree.",
        "share": "spoken",
        "concepts": ["closeness.emotional"],
        "family": "trees",
    }
    return {key: value for key, value in {**values, **changes}.items() if value is not None}


def toml(*entries: dict[str, Any], head: str = HEAD) -> str:
    def line(key: str, value: Any) -> str:
        return f"{key} = {str(value).lower() if isinstance(value, bool) else repr(value)}\n"

    return head + "".join("\n[[card]]\n" + "".join(line(*pair) for pair in one.items()) for one in entries)


def problems(folder: Path, *entries: dict[str, Any]) -> list[str]:
    (folder / "ours.toml").write_text(toml(*entries), encoding="utf-8")
    return refused(folder)


def refused(*folders: Path) -> list[str]:
    with pytest.raises(ConfigError) as err:
        load_decks(folders, Assets())
    return [str(problem) for problem in err.value.problems]


def test_the_built_in_decks_are_read_from_the_package() -> None:
    cards = load_decks((), Assets())
    assert {card.deck for card in cards} == set(DECKS)
    assert len(cards) >= 100


def test_a_couples_own_card_joins_the_built_in_ones(tmp_path: Path) -> None:
    (tmp_path / "ours.toml").write_text(toml(entry(avoid=["grief"], **{"pass": "Point at it."})), encoding="utf-8")
    card = load_decks((tmp_path,), Assets())[-1]
    assert (card.id, card.theme, card.format) == ("ours-001", Theme.DAILY, CardFormat.QUESTION_PAIR)
    assert (card.pass_, card.avoid, card.email, card.trigger) == ("Point at it.", ("grief",), "full", "scheduled")


def test_a_file_in_the_override_folder_stands_for_the_built_in_one_of_its_name(tmp_path: Path) -> None:
    folder = tmp_path / "config" / "decks"
    folder.mkdir(parents=True)
    (folder / "core.toml").write_text(toml(entry()), encoding="utf-8")
    cards = load_decks((), Assets(override=tmp_path))
    assert [card.id for card in cards if card.deck == "core"] == ["ours-001"]
    assert any(card.deck == "long" for card in cards)


def test_all_problems_of_all_cards_and_folders_come_at_once(tmp_path: Path) -> None:
    found = problems(tmp_path, entry(theme="dayly"), entry(id="ours-002", depth=7, share=None, colour="red"))
    assert [one.removeprefix(f"{tmp_path}/") for one in found] == [
        'ours.toml:7: card "ours-001": theme = "dayly" is not a word we know; did you mean "daily"?; allowed: '
        + ", ".join(theme.value for theme in Theme),
        f'ours.toml:32: card "ours-002": unknown key "colour"; allowed: {", ".join(KEYS)}',
        'ours.toml:24: card "ours-002": depth = 7 is not from 1 to 4',
        'ours.toml:19: card "ours-002": share is needed',
    ]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"lisener": "Nod."}, 'unknown key "lisener"; did you mean "listener"?'),
        ({"deck": "parent"}, 'did you mean "parents"?'),
        ({"format": "questions_pair"}, 'did you mean "question_pair"?'),
        ({"avoid": ["grieve"]}, 'avoid = "grieve" is not a word we know; did you mean "grief"?'),
        ({"concepts": ["skill.bid"]}, 'did you mean "skill.bids"?'),
        ({"concepts": "skill.bids"}, "is not a list of words"),
        ({"minutes": "ten"}, 'minutes = "ten" is not a whole number'),
        ({"depth": True}, "depth = true is not a whole number"),
        ({"prompt": "  "}, "prompt is empty"),
        ({"id": "Our Card"}, 'id = "Our Card" is not 3 to 60 small letters'),
        ({"deck": ["core"]}, "deck = ['core'] is not text in quotes"),
        ({"depth": 3}, "pass is needed from depth 3 on"),
        ({"depth": 4, "pass": "Wait."}, 'email = "link" is needed at depth 4'),
        ({"theme": "intimacy", "requires": ["intimacy"]}, 'email = "link" is needed at depth 4 and for intimacy'),
        ({"deck": "faith"}, 'requires = ["faith"] is needed here'),
    ],
)
def test_a_mistake_is_named_with_what_would_be_right(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    found = problems(tmp_path, entry(**changes))
    assert any(said in one for one in found), found
    assert not any("needed" in one for one in found if said not in one)


def test_an_id_used_twice_names_the_place_that_has_it(tmp_path: Path) -> None:
    found = problems(tmp_path, entry(), entry())
    assert found == [
        f'{tmp_path}/ours.toml:20: card "ours-001": this id is taken by {tmp_path}/ours.toml:5; choose another'
    ]


def test_a_couples_card_cannot_take_the_id_of_a_built_in_one(tmp_path: Path) -> None:
    found = problems(tmp_path, entry(id="question_pair-daily-001"))
    assert len(found) == 1
    assert "core.toml:" in found[0]


def test_a_file_that_is_no_toml_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "ours.toml").write_text("schema = 1\nlang = en\n", encoding="utf-8")
    (tmp_path / "zwei.toml").write_bytes(b'schema = 1\nlang = "\xff"\n')
    first, second = refused(tmp_path)
    assert first.startswith(f"{tmp_path}/ours.toml:2: cannot be read as TOML")
    assert second.startswith(f"{tmp_path}/zwei.toml: cannot be read as TOML")


@pytest.mark.parametrize("body", ["", "card = 3\n", "card = [3]\n", '[[cards]]\nid = "x"\n'])
def test_a_file_without_cards_is_a_problem(tmp_path: Path, body: str) -> None:
    (tmp_path / "ours.toml").write_text(HEAD + body, encoding="utf-8")
    assert any("each begins with [[card]]" in one for one in refused(tmp_path))


def test_a_file_of_another_schema_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ours.toml").write_text(toml(entry(), head="schema = 2\n"), encoding="utf-8")
    assert any("schema = 1 is needed" in one for one in refused(tmp_path))


def test_a_folder_that_is_missing_or_empty_is_a_problem(tmp_path: Path) -> None:
    missing, empty = refused(tmp_path / "nowhere", tmp_path)
    assert "is not a folder" in missing
    assert "holds no .toml file" in empty
