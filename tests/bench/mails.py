"""How long each mail takes from letter to bytes; the peer compiles and inlines its template anew for every message."""

from __future__ import annotations

import re
from collections.abc import Callable
from statistics import mean, median
from time import perf_counter

from css_inline import CSSInliner
from jinja2 import Environment, StrictUndefined

from scheduler.content.assets import Assets
from scheduler.content.mime import to_bytes
from scheduler.content.render import MailTemplates
from scheduler.content.specimen import specimens
from scheduler.content.wording import letter_words
from scheduler.domain.digest import Letter

ROUNDS = 20
INCLUDE = re.compile(r'<!--\{% include "([^"]+)" %\}-->')


def main() -> None:
    assets = Assets()
    began = perf_counter()
    templates = MailTemplates(assets)
    print(f"all templates checked, inlined and compiled at the start: {(perf_counter() - began) * 1000:.0f} ms")
    pairs = [_told(letter, templates, assets) for letter in _full_letters()]
    ours, theirs = (mean(column) for column in zip(*pairs, strict=True))
    print(f"on average {ours:.2f} ms, peer {theirs:.2f} ms, ratio {ours / theirs:.3f}")


def _full_letters() -> list[Letter]:
    """One of each kind, with everything in it."""
    return [one for one in specimens() if one.coming and not one.partner.discreet]


def _told(letter: Letter, templates: MailTemplates, assets: Assets) -> tuple[float, float]:
    """(ours, the peer's), both in milliseconds."""
    message = templates.render(letter, "Rituals", "rituals@example.org", "key")
    written = _ms(lambda: templates.render(letter, "Rituals", "rituals@example.org", "key"))
    built = _ms(lambda: to_bytes(message))
    theirs = _ms(lambda: _inlined_each_time(letter, message.subject, assets))
    size = len(to_bytes(message)) / 1024
    print(
        f"  {letter.kind.value:<11} words {written:.2f} ms, bytes {built:.2f} ms, {size:.1f} KB; "
        f"peer: Jinja2 + css-inline each time {theirs:.2f} ms, ratio {(written + built) / theirs:.3f}"
    )
    return written + built, theirs


def _inlined_each_time(letter: Letter, subject: str, assets: Assets) -> str:
    """The html alone, as many programs make it: fill the template, then inline the finished page."""
    source = _expanded(assets, f"{letter.kind.value}/body.html")
    jinja = Environment(
        block_start_string="<!--{%", block_end_string="%}-->", autoescape=True, undefined=StrictUndefined
    )
    page = jinja.from_string(source).render({**letter_words(letter), "subject": subject})
    return str(CSSInliner(load_remote_stylesheets=False).inline(page))


def _expanded(assets: Assets, name: str) -> str:
    return INCLUDE.sub(lambda found: _expanded(assets, found[1]), assets.text(f"templates/email/{name}"))


def _ms(work: Callable[[], object]) -> float:
    spent = []
    for _ in range(ROUNDS):
        began = perf_counter()
        work()
        spent.append(perf_counter() - began)
    return median(spent) * 1000


if __name__ == "__main__":
    main()
