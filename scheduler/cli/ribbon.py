"""A week as a picture: for each day a ribbon of hours for each of the two, who is taken and where rituals stand.

Every mark has a shape of its own, so nothing rests on colour. Not here: the list of what stands (week).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from rich.cells import cell_len
from rich.text import Text

from scheduler.app.days import is_kept_free
from scheduler.cli.drawing import fitted
from scheduler.domain.couple import Partner
from scheduler.domain.localtime import DAY_MINUTES, clock_text, to_utc
from scheduler.domain.occurrence import Placement
from scheduler.domain.planning import Question
from scheduler.web.weeks import Block, Day, RitualSlot, Side, Week

BEGINS, GOES_ON = "◆", "━"
TAKEN = ("▄", "▀")  # upper line, lower line: they meet, and the days keep apart
_HOUR, _FREE = "·", " "
_KEPT = " kept free "
_DAY_WIDTH = 8
_LONGEST_NAME, _SHORTEST_NAME = 12, 4
_FINEST = 6  # cells an hour
HUES = (
    *("red", "yellow", "green", "cyan", "blue"),
    *("magenta", "bright_red", "bright_green", "bright_blue", "bright_magenta"),
)


def sides_of(question: Question, standing: Iterable[Placement]) -> tuple[Side, Side]:
    """Both calendars on the first partner's wall, so that what is one moment stands in one column."""
    couple = question.couple
    slots = tuple(RitualSlot(one.ritual, one.ritual, one.starts_at, one.ends_at) for one in standing)
    first, second = (
        Side(partner.id, partner.name, couple.clock(), view.spans, slots)
        for partner, view in zip(couple.partners, question.busy, strict=True)
    )
    return first, second


@dataclass(frozen=True, slots=True)
class Scale:
    """The hours of a week in cells: ``label`` is the room before them, with ``name`` for a partner's name."""

    opens: int
    hours: int
    fineness: int
    name: int

    @property
    def label(self) -> int:
        return _DAY_WIDTH + self.name + 2

    @property
    def cells(self) -> int:
        return self.hours * self.fineness


def picture(question: Question, week: Week, days: Sequence[int], width: int) -> Text | None:
    """The axis of each clock and the ribbons of the days, by position in the week; None where it does not fit."""
    scale = _scale(question, week, width)
    if scale is None:
        return None
    lines = [*_axes(question, week, scale)]
    for position in days:
        lines += _ribbons(question, week, position, scale)
    return Text("\n").join(lines)


def legend() -> Text:
    return Text(f"{''.join(TAKEN)} taken   {BEGINS}{GOES_ON} a ritual", style="dim")


def _scale(question: Question, week: Week, width: int) -> Scale | None:
    """An hour has as many cells as fit; names give way before the hours do."""
    hours = (week.closes - week.opens) // 60
    longest = max(cell_len(one.name) for one in question.couple.partners)
    for name in (min(longest, _LONGEST_NAME), min(longest, _SHORTEST_NAME)):
        room = width - _DAY_WIDTH - name - 2
        if room >= hours:
            return Scale(week.opens, hours, min(_FINEST, room // hours), name)
    return None


def _axes(question: Question, week: Week, scale: Scale) -> Iterable[Text]:
    """The hours of the first partner's clock, and those of the second's where it goes differently."""
    noon = to_utc(week.monday, 12 * 60, question.couple.clock())
    first, second = question.couple.partners
    ahead = _ahead(second, first, noon)
    yield _axis(first.name if ahead else "", 0, scale)
    if ahead:
        yield _axis(second.name, ahead, scale)


def _ahead(one: Partner, other: Partner, at: datetime) -> int:
    """How many minutes one's clock is ahead of the other's."""
    mine, yours = (at.astimezone(partner.zone).utcoffset() or timedelta(0) for partner in (one, other))
    return (mine - yours) // timedelta(minutes=1)


def _axis(name: str, ahead: int, scale: Scale) -> Text:
    even = ahead % 60 == 0
    step = next(hours for hours in (2, 3, 4, 6) if hours * scale.fineness > (2 if even else 5))
    line = Text(_label("", name, scale), style="dim")
    for hour in range(scale.opens // 60, scale.opens // 60 + scale.hours, step):
        minute = (hour * 60 + ahead) % DAY_MINUTES
        label = f"{minute // 60:02d}" if even else clock_text(minute)
        if line.cell_len + len(label) <= scale.label + scale.cells:
            line.append(label.ljust(step * scale.fineness))
    line.rstrip()
    return line


def _label(day: str, name: str, scale: Scale) -> str:
    return f"{day:<{_DAY_WIDTH}}{fitted(name, scale.name)}  "


def _ribbons(question: Question, week: Week, position: int, scale: Scale) -> Iterable[Text]:
    """One line for each of the two; a day kept free is one line."""
    days = [half.days[position] for half in week.sides]
    name, style = f"{days[0].date:%a} {days[0].date.day:>2}", "bold" if days[0].now is not None else ""
    if not days[0].rituals and is_kept_free(question.couple, question.holidays, days[0].date):
        kept = (_KEPT.center(scale.cells, "─"), "dim")
        yield Text.assemble((_label(name, "", scale), style), kept)
        return
    marks = _ritual_marks(days[0].rituals, scale)
    for line, (partner, day, taken) in enumerate(zip(question.couple.partners, days, TAKEN, strict=True)):
        label = Text.assemble((_label(name if line == 0 else "", partner.name, scale), style))
        yield label.append_text(_ribbon(day, taken, marks, scale))


def _ribbon(day: Day, taken: str, marks: Mapping[int, tuple[str, str]], scale: Scale) -> Text:
    cells = [marks.get(cell) or (_plain(day, cell, taken, scale), "dim") for cell in range(scale.cells)]
    runs = groupby(cells, key=lambda one: one[1])
    return Text.assemble(*(("".join(mark for mark, _ in run), style) for style, run in runs))


def _plain(day: Day, cell: int, taken: str, scale: Scale) -> str:
    if _is_taken(day, cell, scale):
        return taken
    return _HOUR if cell % scale.fineness == 0 else _FREE


def _is_taken(day: Day, cell: int, scale: Scale) -> bool:
    start, end = (scale.opens + one * 60 / scale.fineness for one in (cell, cell + 1))
    return any(block.start < end and start < block.end for block in day.busy)


def _ritual_marks(blocks: Iterable[Block], scale: Scale) -> dict[int, tuple[str, str]]:
    """Cell → (mark, style); a beginning is never hidden behind what goes on."""
    found: dict[int, tuple[str, str]] = {}
    for goes_on in (True, False):
        for block in blocks:
            begin = (block.start - scale.opens) * scale.fineness // 60
            end = max(begin + 1, -((scale.opens - block.end) * scale.fineness // 60))
            cells = range(begin + 1, end) if goes_on else [begin]
            mark = GOES_ON if goes_on or block.continued else BEGINS
            found |= {cell: (mark, HUES[block.hue]) for cell in cells if 0 <= cell < scale.cells}
    return found
