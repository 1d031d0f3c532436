"""Two people, what they agreed to repeat, and the rules that are theirs. Not here: where data lives (settings)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

from scheduler.domain.dates import NO_DATES, Dates
from scheduler.domain.deck import Taste
from scheduler.domain.localtime import ANY_TIME, WallSpan, Windows
from scheduler.domain.message import MailKind, MailRule
from scheduler.domain.ritual import Ritual, Version
from scheduler.domain.season import Season


class HolidayRule(Enum):
    """What a public holiday means for a partner's day."""

    AS_SUNDAY = "as sunday"
    NOTHING = "nothing"
    AS_USUAL = "as usual"


@dataclass(frozen=True, slots=True)
class Partner:
    """One of the two. ``id`` is a slug that never changes; ``free`` are windows in the partner's own zone.

    ``bedtime`` is minutes after midnight and may pass 1440, None for the end of ``free``. Outside ``easy`` an hour is
    awkward, and the two take turns. ``holidays`` names a country and region ("DE-BY"), "" for none. Nothing is
    placed on the dates of ``away``; nothing is placed or sent on those of ``tender``.
    """

    id: str
    name: str
    address: str
    zone: ZoneInfo
    language: str = "en"
    free: Windows = ANY_TIME
    quiet: WallSpan | None = None
    discreet: bool = False
    bedtime: int | None = None
    easy: WallSpan | None = None
    holidays: str = ""
    on_holidays: HolidayRule = HolidayRule.AS_SUNDAY
    away: Dates = NO_DATES
    tender: Dates = field(default=NO_DATES, repr=False)


@dataclass(frozen=True, slots=True)
class PlanRules:
    """How placing behaves: nothing starts sooner than ``notice``, nothing moves by itself inside ``freeze``.

    ``away`` are dates on which the couple wants nothing placed.
    """

    horizon: timedelta = timedelta(weeks=4)
    notice: timedelta = timedelta(hours=12)
    freeze: timedelta = timedelta(hours=20)
    max_moves: int = 2
    max_a_day: int = 3
    max_a_week: int = 21
    away: Dates = NO_DATES


@dataclass(frozen=True, slots=True)
class Couple:
    """The unit of everything: every query, lock, error and log line is one couple's. Rituals are by priority."""

    id: str
    partners: tuple[Partner, Partner]
    rituals: tuple[Ritual, ...]
    mail: Mapping[MailKind, MailRule] = field(default_factory=dict)
    taste: Taste = field(default_factory=Taste)
    rules: PlanRules = field(default_factory=PlanRules)
    seasons: tuple[Season, ...] = ()

    def __post_init__(self) -> None:
        if self.partners[0].id == self.partners[1].id:
            raise ValueError("two partners need two names")
        ids = [ritual.id for ritual in self.rituals]
        if len(set(ids)) != len(ids):
            raise ValueError("every ritual needs an id of its own")

    def partner(self, id: str) -> Partner:
        """The partner of that id; Raises KeyError."""
        return next((one for one in self.partners if one.id == id), None) or _unknown(id)

    def other(self, id: str) -> Partner:
        return self.partners[1] if self.partners[0].id == id else self.partners[0]

    def ritual(self, id: str) -> Ritual | None:
        return next((one for one in self.rituals if one.id == id), None)

    @property
    def tender(self) -> Dates:
        """The dates of either; which of the two named one is nobody's business."""
        return self.partners[0].tender | self.partners[1].tender

    def season_on(self, day: date) -> Season | None:
        return next((one for one in self.seasons if day in one), None)

    def versions_on(self, ritual: Ritual, day: date) -> tuple[Version, ...]:
        """The lengths that the ritual may have on that date, longest first; none where its season rests it."""
        season = self.season_on(day)
        if season is None:
            return () if ritual.only_in else ritual.versions
        versions = ritual.versions
        return versions[min(season.size, len(versions) - 1) :] if season.has(ritual) else ()

    def clock(self, ritual: Ritual | None = None) -> ZoneInfo:
        """The zone that dates are counted in: that of the ritual's ``clock_of``, else the first partner's."""
        return self.partner(ritual.clock_of).zone if ritual and ritual.clock_of else self.partners[0].zone


def _unknown(id: str) -> Partner:
    raise KeyError(id)


class Standing(Enum):
    """Where a partner stands with the service."""

    INVITED = "invited"
    JOINED = "joined"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Membership:
    """One partner's consent: ``shown`` is the text they said yes to, ``paused_until`` the first local date back."""

    partner: str
    standing: Standing = Standing.INVITED
    joined_at: datetime | None = None
    shown: str = ""
    paused_until: date | None = None

    def takes_part(self, today: date) -> bool:
        """Whether mail and events may go to this partner on that local date."""
        return self.standing is Standing.JOINED and (self.paused_until is None or self.paused_until <= today)
