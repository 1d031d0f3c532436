"""Writes the first config file of a couple: their answers, and every other setting as a comment. Not here: asking."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import fill

from scheduler.settings.model import Starter, StarterPartner
from scheduler.settings.reference import Setting, reference
from scheduler.settings.report import whole_literal

_HEAD = """\
# Rituals for {names}.
# Relative paths start at this file's folder. A line like #key = value shows what holds without it:
# take away the # to change it. `rituals doctor` checks everything after an edit.
"""

_RITUALS = """\
# ---------------------------------------------------------------- rituals
# By priority. Built-in kinds: coffee date, check-in, gratitude, weekly talk, walk, date night,
# screen-free hour, hello and goodbye, our day. Any key of a kind can be changed.

[[ritual]]
kind = "coffee date"
#every = "weekly"
#windows = ["weekend 09:00-12:30"]

[[ritual]]
kind = "check-in"

[[ritual]]
kind = "gratitude"

# One of your own:
#[[ritual]]
#title = "Sunday pancakes"
#every = "every 2 weeks"
#minutes = 60
#windows = ["sun 09:00-12:00"]
#how_to = ["Whoever is up first makes the batter."]

# A day of the year that is yours (29 february is kept on the 28th in other years):
#[[ritual]]
#kind = "our day"
#every = "yearly on 14 june"

# A time in which much is different, and which ends by itself: newborn, exams, apart, grief, cool-off, holiday.
#[[season]]
#kind = "holiday"
#from = 2027-07-17
#to = 2027-08-01

# ---------------------------------------------------------------- all the rest
"""


def starter_text(answers: Starter) -> str:
    """The file as TOML; `load` accepts it if the answers are sound, and names what is wrong with them if not."""
    head = _HEAD.format(names=" and ".join(_one_line(partner.name) for partner in answers.partners))
    partners = "\n".join(_partner(partner) for partner in answers.partners)
    return f"{head}\n{partners}\n{_RITUALS}\n" + "\n".join(_sections(_answered(answers)))


def _one_line(name: str) -> str:
    return "".join(sign if sign.isprintable() else " " for sign in name)


def _partner(partner: StarterPartner) -> str:
    busy = f"busy = [{whole_literal(partner.busy)}]" if partner.busy else '#busy = ["calendar.ics"]'
    return "\n".join(
        (
            "[[partner]]",
            f"name = {whole_literal(partner.name)}",
            f"email = {whole_literal(partner.email)}",
            f"zone = {whole_literal(partner.zone)}",
            "# .ics files that know when this partner is taken; only the times are read, never the titles.",
            busy,
            *(line for one in reference() if _is_shown(one.key) for line in _commented(one)),
            "",
        )
    )


def _is_shown(key: str) -> bool:
    return key in ("partner.free", "partner.bedtime", "partner.holidays", "partner.quiet", "partner.discreet")


def _answered(answers: Starter) -> dict[str, str]:
    given = {"mail.sender": answers.sender, "mail.contact": answers.contact, "mail.smtp.host": answers.smtp_host}
    return {key: value for key, value in given.items() if value}


def _sections(answered: dict[str, str]) -> Iterator[str]:
    """Every table below the partners and rituals, with its settings."""
    grouped: dict[str, list[Setting]] = {}
    for one in reference():
        table = one.key.rpartition(".")[0]
        if table and table.split(".")[0] not in ("partner", "ritual", "season"):
            grouped.setdefault(table, []).append(one)
    for table, settings in grouped.items():
        yield f"[{table}]"
        told = ""
        for one in settings:
            # twelve themes share one reason: it is told once
            yield from _commented(one, answered.get(one.key))[one.reason == told :]
            told = one.reason
        yield ""


def _commented(one: Setting, answer: str | None = None) -> list[str]:
    """The reason and unit of a setting, then its line: the answer, or the default behind a #."""
    name = one.key.rpartition(".")[2]
    line = f"{name} = {whole_literal(answer)}" if answer else f"#{name} = {one.default}"
    return [fill(f"{one.reason} Unit: {one.unit}.", 110, initial_indent="# ", subsequent_indent="# "), line]
