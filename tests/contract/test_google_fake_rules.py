"""rules.md and the claims agree: each rule has its claim and its source. Not here: whether a source is right."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent
RULES = (HERE.parent / "servers/google/rules.md").read_text(encoding="utf-8")
MARKS = r"(DOC|GUIDE|ISS|SEEN|RFC|ASSUMED|OURS)\b"


def rows() -> list[list[str]]:
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in RULES.splitlines() if line[:1] == "|"]
    return [row for row in cells if len(row) == 3 and row[0] != "rule" and not row[0].startswith("---")]


def claims() -> set[str]:
    texts = [path.read_text(encoding="utf-8") for path in HERE.glob("test_google_fake*.py")]
    return {name for text in texts for name in re.findall(r"^def test_(\w+)", text, re.MULTILINE)}


def test_each_rule_names_claims_that_exist() -> None:
    named = {name for _, claim, _ in rows() for name in claim.split(", ")}
    assert named - claims() == set()
    assert len(rows()) > 60


def test_each_rule_says_where_it_comes_from() -> None:
    assert [rule for rule, _, source in rows() if not all(re.match(MARKS, one) for one in source.split("; ")[:1])] == []
