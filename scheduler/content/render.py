"""Turns a letter or a notice into a message with the templates in templates/email/. Not here: the values they show
(wording, notice), header safety and bytes (mime).

Blocks in .html stand inside comments, ``<!--{% for … %}-->``: an HTML parser moves bare ones out of tables and the
loop would run empty. The style sheet is written into the elements once, when the templates are loaded.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from traceback import walk_tb
from typing import Any

from css_inline import CSSInliner
from jinja2 import (
    Environment,
    FunctionLoader,
    StrictUndefined,
    Template,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
)

from scheduler.content.assets import Assets
from scheduler.content.notice import notice_words
from scheduler.content.specimen import notices, specimens
from scheduler.content.wording import letter_words
from scheduler.domain.couple import Partner
from scheduler.domain.digest import Letter, Notice
from scheduler.domain.errors import ConfigError, Problem
from scheduler.domain.message import MailKind, Message, NoticeKind

_FOLDER = "templates/email"
_SHARED = "_shared"
_FOLDERS = tuple(kind.value for kind in (*MailKind, *NoticeKind))
_PARTS = ("subject.txt", "body.txt", "body.html")
_FAULTS = (TemplateError, TypeError, ValueError, LookupError, ArithmeticError, AttributeError, RuntimeError, OSError)
_INCLUDE = re.compile(r'<!--\{% include "([^"]+)" %\}-->')
_BLOCK = re.compile(r"<!--\{%.*?%\}-->", re.DOTALL)
_BARE_BLOCK = re.compile(r"(?<!<!--)\{%")


class MailTemplates:
    """Every mail kind's three templates, checked and ready; a host's own folder may replace single files.

    Raises: ConfigError with every template that is missing, unknown or broken, by file and line.
    """

    def __init__(self, assets: Assets) -> None:
        self._assets = assets
        self._plain = _environment(assets, "{%", "%}")
        self._markup = _environment(assets, "<!--{%", "%}-->")
        if problems := _strangers(assets) or [*self._broken()]:
            raise ConfigError(*dict.fromkeys(problems))
        self._pages = {folder: self._page(folder) for folder in _FOLDERS}

    def render(self, letter: Letter, sender_name: str, sender_address: str, key: str) -> Message:
        """The mail as its one reader gets it; the same letter gives the same message."""
        drawn = self._drawn(letter.kind.value, letter_words(letter))
        return _message(drawn, letter.partner, (sender_name, sender_address), key=key, date=letter.written_at)

    def notice(self, notice: Notice, sender_name: str, sender_address: str, key: str) -> Message:
        """The words around the event, dated by its revision; the same notice gives the same message."""
        drawn = self._drawn(notice.kind.value, notice_words(notice))
        return _message(drawn, notice.partner, (sender_name, sender_address), key=key, date=notice.event.revised_at)

    def _drawn(self, folder: str, seen: dict[str, Any]) -> dict[str, str]:
        seen["subject"] = " ".join(self._plain.get_template(f"{folder}/subject.txt").render(seen).split())
        seen["heading"] = seen["subject"]  # what stands above the words; a template may set its own
        text = self._plain.get_template(f"{folder}/body.txt").render(seen)
        return {"subject": seen["subject"], "text": _wrapped(text), "html": self._pages[folder].render(seen)}

    def _broken(self) -> Iterator[Problem]:
        """Try every template on made-up words, as they stand on disk: only then a fault has its own file and line."""
        words = [(one.kind.value, letter_words(one)) for one in specimens()]
        for folder, seen in words + [(one.kind.value, notice_words(one)) for one in notices()]:
            seen |= dict.fromkeys(("subject", "heading"), "A short note")
            for part in _PARTS:
                name = f"{folder}/{part}"
                try:
                    shown = (self._markup if part.endswith(".html") else self._plain).get_template(name).render(seen)
                except _FAULTS as err:
                    yield _problem(self._assets, name, err)
                else:
                    if not shown.strip():
                        yield Problem(_file(self._assets, name), None, "comes out empty")

    def _page(self, folder: str) -> Template:
        name = f"{folder}/body.html"
        try:
            source = _expanded(self._assets, name)
            inlined = CSSInliner(load_remote_stylesheets=False).inline(source)
            if _BLOCK.findall(inlined) != _BLOCK.findall(source):
                raise ValueError("a block stands where HTML allows none, for example inside a tag")
            return self._markup.from_string(inlined)
        except (ValueError, RecursionError, TemplateSyntaxError) as err:
            raise ConfigError(Problem(_file(self._assets, name), None, f"cannot be used as a mail: {err}")) from err


def _message(drawn: dict[str, str], reader: Partner, sender: tuple[str, str], *, key: str, date: datetime) -> Message:
    name, address = sender
    return Message(
        key=key,
        sender=f"{name} <{address}>",
        sender_address=address,
        recipient_name=reader.name,
        recipient_address=reader.address,
        language=reader.language,
        date=date,
        **drawn,
    )


def _environment(assets: Assets, block_start: str, block_end: str) -> Environment:
    def load(name: str) -> tuple[str, str, None] | None:
        try:
            path = assets.path(f"{_FOLDER}/{name}")
        except FileNotFoundError:
            return None
        source = path.read_text(encoding="utf-8")
        if name.endswith(".html") and (bare := _BARE_BLOCK.search(source)):
            line = source.count("\n", 0, bare.start()) + 1
            raise TemplateSyntaxError("write blocks in .html as <!--{% … %}-->", line, name, str(path))
        return source, str(path), None

    return Environment(
        loader=FunctionLoader(load),
        block_start_string=block_start,
        block_end_string=block_end,
        undefined=StrictUndefined,
        autoescape=_is_markup,  # noqa: S701 - everything but .txt is escaped
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _is_markup(name: str | None) -> bool:
    """Everything is escaped but what is surely plain text; an inlined page has no name."""
    return name is None or not name.endswith(".txt")


def _expanded(assets: Assets, name: str) -> str:
    """The template with its includes written out: a style sheet reaches only what stands in the same document."""
    source = assets.text(f"{_FOLDER}/{name}")
    return _INCLUDE.sub(lambda found: _expanded(assets, found[1]), source)


def _strangers(assets: Assets) -> list[Problem]:
    """Folders and files on disk that no kind declares, and declared ones that are nowhere."""
    problems = []
    for folder in (root / _FOLDER for root in assets.folders if (root / _FOLDER).is_dir()):
        for found in sorted(folder.iterdir()):
            if found.name not in (*_FOLDERS, _SHARED) and not _is_hidden(found):
                problems.append(_stranger(found, _FOLDERS))
            elif found.name in _FOLDERS:
                problems += [_stranger(one, _PARTS) for one in sorted(found.iterdir()) if not _is_declared(one)]
    wanted = [f"{_FOLDER}/{kind}/{part}" for kind in _FOLDERS for part in _PARTS]
    return problems + [Problem(name, None, "is missing") for name in wanted if not _exists(assets, name)]


def _is_hidden(path: Path) -> bool:
    return path.name.startswith(".") or path.name.endswith("~")


def _is_declared(path: Path) -> bool:
    return path.name in _PARTS or _is_hidden(path)


def _stranger(path: Path, allowed: tuple[str, ...]) -> Problem:
    near = get_close_matches(path.name, allowed, 1)
    hint = f'did you mean "{near[0]}"? ' if near else ""
    return Problem(str(path), None, f"belongs to no mail; {hint}allowed: {', '.join(allowed)}")


def _exists(assets: Assets, name: str) -> bool:
    return any((folder / name).is_file() for folder in assets.folders)


def _file(assets: Assets, name: str) -> str:
    return str(assets.path(f"{_FOLDER}/{name}"))


def _problem(assets: Assets, name: str, err: Exception) -> Problem:
    if isinstance(err, TemplateSyntaxError):
        return Problem(err.filename or _file(assets, err.name or name), err.lineno, err.message or "is not a template")
    text = f"there is no template {err}" if isinstance(err, TemplateNotFound) else str(err)
    inside = [(frame.f_code.co_filename, line) for frame, line in walk_tb(err.__traceback__)]
    templates = [(file, line) for file, line in inside if f"/{_FOLDER}/" in Path(file).as_posix()]
    file, line = templates[-1] if templates else (_file(assets, name), None)
    return Problem(file, line, text)


def _wrapped(text: str) -> str:
    """Lines of at most 74 characters, an item's later lines under its first; at most one empty line in a row."""
    lines = [_wrapped_line(line.rstrip()) for line in text.strip().splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)) + "\n"


def _wrapped_line(line: str) -> str:
    margin = line[: len(line) - len(line.lstrip(" -"))]
    return textwrap.fill(line, 74, subsequent_indent=" " * len(margin), break_long_words=False, break_on_hyphens=False)
