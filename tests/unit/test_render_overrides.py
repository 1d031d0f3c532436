"""A host's own folder: single files come first, and every fault is told by file and line before a mail goes out."""

from __future__ import annotations

from pathlib import Path

import pytest

from scheduler.content.assets import Assets
from scheduler.content.render import MailTemplates
from scheduler.content.specimen import specimens
from scheduler.domain.errors import ConfigError, Problem
from scheduler.domain.message import MailKind

WELCOME = next(one for one in specimens() if one.kind is MailKind.WELCOME and one.coming)


def override(folder: Path, name: str, text: str) -> Path:
    path = folder / "templates/email" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def problems(folder: Path) -> tuple[Problem, ...]:
    with pytest.raises(ConfigError) as caught:
        MailTemplates(Assets(folder))
    return caught.value.problems


def test_one_replaced_file_is_used_and_the_others_stay(tmp_path: Path) -> None:
    override(tmp_path, "welcome/subject.txt", "Schön, dass du da bist\n")
    message = MailTemplates(Assets(tmp_path)).render(WELCOME, "Calendar", "calendar@example.org", "k1")
    assert message.subject == "Schön, dass du da bist"
    assert "What comes to your calendar" in message.text


def test_a_replaced_shared_file_reaches_every_mail(tmp_path: Path) -> None:
    override(tmp_path, "_shared/foot.txt", "\nWritten by the practice.\n")
    message = MailTemplates(Assets(tmp_path)).render(WELCOME, "Calendar", "calendar@example.org", "k1")
    assert message.text.endswith("\nWritten by the practice.\n")


def test_a_replaced_page_gets_the_style_sheet_too(tmp_path: Path) -> None:
    page = '<!--{% include "_shared/head.html" %}--><p>Hi {{ name }}</p><!--{% include "_shared/foot.html" %}-->'
    override(tmp_path, "welcome/body.html", page)
    message = MailTemplates(Assets(tmp_path)).render(WELCOME, "Calendar", "calendar@example.org", "k1")
    assert '<p style="margin: 0 0 16px 0;">Hi Sam</p>' in message.html


def test_a_syntax_error_is_told_by_file_and_line(tmp_path: Path) -> None:
    path = override(tmp_path, "welcome/body.txt", "Hello\n\n{% if name %}\n{{ name }\n")
    assert {(one.file, one.line) for one in problems(tmp_path)} == {(str(path), 4)}


def test_an_unknown_name_is_told_by_file_and_line(tmp_path: Path) -> None:
    path = override(tmp_path, "digest/body.html", "<p>Hello</p>\n<p>{{ nmae }}</p>")
    (problem,) = problems(tmp_path)
    assert (problem.file, problem.line) == (str(path), 2)
    assert "'nmae' is undefined" in problem.text


def test_a_fault_in_a_shared_file_is_told_where_it_stands(tmp_path: Path) -> None:
    path = override(tmp_path, "_shared/card.txt", "{{ card.prompt }}\n{{ card.promt }}\n")
    assert {(one.file, one.line) for one in problems(tmp_path)} == {(str(path), 2)}


def test_a_fault_that_only_a_discreet_reader_would_meet_is_found(tmp_path: Path) -> None:
    override(tmp_path, "digest/body.txt", "Hello {% if discreet %}{{ nothing }}{% endif %}\n")
    assert [one.line for one in problems(tmp_path)] == [1]


def test_a_bare_block_in_html_is_refused(tmp_path: Path) -> None:
    path = override(tmp_path, "digest/body.html", "<table>\n{% for day in days %}<tr></tr>{% endfor %}</table>")
    (problem,) = problems(tmp_path)
    assert str(problem) == f"{path}:2: write blocks in .html as <!--{{% … %}}-->"


@pytest.mark.parametrize(
    "page",
    [
        "<p <!--{% if name %}-->hidden<!--{% endif %}-->>Hello</p>",
        "<html><head><title><!--{% if name %}-->Hi<!--{% endif %}--></title></head><body>Hello</body></html>",
    ],
)
def test_a_block_where_html_allows_none_is_refused(tmp_path: Path, page: str) -> None:
    override(tmp_path, "digest/body.html", page)
    (problem,) = problems(tmp_path)
    assert "cannot be used as a mail" in problem.text


def test_a_missing_include_is_told(tmp_path: Path) -> None:
    override(tmp_path, "digest/body.txt", 'Hello\n{% include "_shared/nowhere.txt" %}\n')
    (problem,) = problems(tmp_path)
    assert problem.line == 2
    assert "there is no template _shared/nowhere.txt" in problem.text


def test_a_template_that_includes_itself_is_told(tmp_path: Path) -> None:
    override(tmp_path, "digest/body.html", '<!--{% include "digest/body.html" %}-->')
    assert problems(tmp_path)


def test_an_empty_subject_is_told(tmp_path: Path) -> None:
    override(tmp_path, "digest/subject.txt", "{# nothing #}\n")
    (problem,) = problems(tmp_path)
    assert problem.text == "comes out empty"


def test_a_folder_that_no_kind_declares_is_told_with_the_nearest_name(tmp_path: Path) -> None:
    override(tmp_path, "digset/body.txt", "Hello\n")
    (problem,) = problems(tmp_path)
    assert problem.file.endswith("digset")
    assert 'did you mean "digest"?' in problem.text


def test_a_file_that_no_mail_has_is_told(tmp_path: Path) -> None:
    override(tmp_path, "digest/body.htm", "Hello\n")
    (problem,) = problems(tmp_path)
    assert 'did you mean "body.html"?' in problem.text


def test_a_kind_without_its_template_is_told(tmp_path: Path) -> None:
    assets = Assets(tmp_path)
    assets.folders = (tmp_path,)
    override(tmp_path, "digest/body.txt", "Hello\n")
    with pytest.raises(ConfigError) as caught:
        MailTemplates(assets)
    missing = {one.file for one in caught.value.problems if one.text == "is missing"}
    assert missing >= {"templates/email/digest/body.html", "templates/email/welcome/subject.txt"}
    assert "templates/email/digest/body.txt" not in missing
