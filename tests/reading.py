"""A mail as a person reads it, as text and as html. Not here: any claim about it."""

from __future__ import annotations

from html.parser import HTMLParser


class Reader(HTMLParser):
    """What a person reads: text of the body, without what is hidden from eyes or from screen readers."""

    INLINE = frozenset({"strong", "span", "b"})
    VOID = frozenset({"br", "meta"})

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.tags: list[str] = []
        self._silent: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        found = dict(attrs)
        if tag not in self.VOID:
            silent = tag in ("head", "style") or found.get("class") == "hidden" or "aria-hidden" in found
            self._silent.append(silent or bool(self._silent and self._silent[-1]))
        if tag not in self.INLINE:
            self.said.append(" ")

    def handle_endtag(self, tag: str) -> None:
        self._silent.pop()
        if tag not in self.INLINE:
            self.said.append(" ")

    def handle_data(self, data: str) -> None:
        if not any(self._silent[-1:]):
            self.said.append(data)


def read_aloud(html: str) -> list[str]:
    reader = Reader()
    reader.feed(html)
    return "".join(reader.said).split()


def tags_of(html: str) -> list[str]:
    reader = Reader()
    reader.feed(html)
    return reader.tags


def read_plain(text: str) -> list[str]:
    lines = [line for line in text.splitlines() if not line.startswith("|") and line != "--"]
    return " ".join(line.removeprefix("- ") for line in lines).split()
