"""Which tables and keys the file has, and the default of each, written as in the file.

Not here: what a value may be (fields), rules between keys (rituals, partners, outgoing), words about keys (reference).
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator

from scheduler.domain.cadence import Cadence
from scheduler.domain.couple import HolidayRule
from scheduler.domain.dates import Stretch
from scheduler.domain.deck import Theme
from scheduler.domain.freebusy import AllDay
from scheduler.domain.localtime import WallSpan
from scheduler.domain.message import Every, MailKind
from scheduler.domain.ritual import Anchor, Size
from scheduler.settings import addresses, days, fields
from scheduler.settings.model import Account, LogStyle, Security


class Table(BaseModel):
    """A table of the file; a key that is a word of Python ("from") has a field of that name with a _ behind it."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, validate_default=True, alias_generator=lambda name: name.rstrip("_")
    )


def _range(low: int, high: int, unit: str) -> AfterValidator:
    return AfterValidator(fields.between(low, high, unit))


def _default(written: object) -> Any:
    """A default as the file would have it; pydantic turns it into the value."""
    return Field(default=written)


Line = Annotated[str, PlainValidator(fields.words(160))]
Name = Annotated[str, PlainValidator(fields.words(60))]
MaybeLine = Annotated[str, PlainValidator(fields.words(160, empty=True))]
OwnId = Annotated[str, PlainValidator(fields.own_id)]
Address = Annotated[str, PlainValidator(fields.address)]
Zone = Annotated[ZoneInfo, PlainValidator(fields.zone)]
Window = Annotated[WallSpan, PlainValidator(fields.window)]
Windows = Annotated[list[Window], AfterValidator(fields.some)]
Clock = Annotated[int, PlainValidator(fields.clock)]
Weekday = Annotated[int, PlainValidator(fields.weekday)]
Rhythm = Annotated[Every, PlainValidator(fields.one_of(Every, "a rhythm for mails"))]
MaybePath = Annotated[Path | None, PlainValidator(fields.own_path)]
NeededPath = Annotated[Path, PlainValidator(fields.needed_path)]
ThemeName = Annotated[Theme, PlainValidator(fields.theme)]
Weight = Annotated[float, AfterValidator(fields.between(0.1, 10, "times as often"))]
Day = Annotated[date, PlainValidator(days.day)]
DateList = list[Annotated[Stretch, PlainValidator(days.stretch)]]
RestDays = Annotated[frozenset[int], PlainValidator(days.rest_days)]
DeckName = Annotated[str, PlainValidator(fields.deck_name)]


class CalendarTable(Table):
    route: Annotated[str, PlainValidator(addresses.route)] = "folder"
    path: MaybePath = _default("")
    colour: Annotated[str, PlainValidator(fields.colour)] = ""
    title: MaybeLine = ""
    ahead: Annotated[int, _range(1, 28, "days")] = 4


class BusyTable(Table):
    path: MaybePath  # needed, but where url or account stands instead
    url: Annotated[str, PlainValidator(addresses.maybe_url)] = ""
    account: Annotated[Account | None, PlainValidator(addresses.account_or_none)] = _default("")
    calendars: list[Line] = _default([])
    all_day: Annotated[AllDay, PlainValidator(fields.one_of(AllDay, "a rule for all-day events"))] = _default(
        "if marked busy"
    )
    zone: Annotated[ZoneInfo | None, PlainValidator(fields.zone_or_none)] = _default("")
    declined_as: list[Address] = _default([])


class RotaTable(Table):
    """A shift plan: a busy file whose events are shifts."""

    path: NeededPath
    way: Annotated[int, _range(0, 240, "minutes")] = 30
    sleep: Annotated[int, _range(0, 14, "hours")] = 8
    zone: Annotated[ZoneInfo | None, PlainValidator(fields.zone_or_none)] = _default("")


class PartnerTable(Table):
    name: Name
    id: OwnId = ""
    email: Address
    zone: Zone
    language: Annotated[str, PlainValidator(fields.language)] = "en"
    free: Windows = _default(["weekdays 06:30-08:30", "weekdays 17:30-22:30", "weekend 08:00-23:00"])
    bedtime: Annotated[int | None, PlainValidator(days.bedtime_or_none)] = _default("")
    easy: Annotated[WallSpan | None, PlainValidator(days.easy_or_none)] = _default("08:00-22:00")
    rest_day: RestDays = _default("")
    away: DateList = _default([])
    holidays: Annotated[str, PlainValidator(days.place)] = ""
    on_holidays: Annotated[HolidayRule, PlainValidator(fields.one_of(HolidayRule, "a rule for holidays"))] = _default(
        "as sunday"
    )
    tender: DateList = _default([])
    calendar: Annotated[CalendarTable, BeforeValidator(addresses.route_table)] = _default("folder")
    busy: list[Annotated[BusyTable, BeforeValidator(addresses.busy_table)]] = _default([])
    rota: list[Annotated[RotaTable, BeforeValidator(addresses.path_table)]] = _default([])
    quiet: Annotated[WallSpan | None, PlainValidator(fields.window_or_none)] = _default("21:30-07:00")
    discreet: bool = False


class LengthTable(Table):
    """A shorter version of a ritual; no minutes means that there is none."""

    minutes: Annotated[int, _range(0, 720, "minutes")] = 0
    how_to: Annotated[list[Line], AfterValidator(fields.none_or_five_at_most)] = _default([])


Length = Annotated[LengthTable, BeforeValidator(fields.length_table)]


class RitualTable(Table):
    """A ritual; the defaults are those of one with a title of its own, a kind fills in all keys."""

    kind: MaybeLine = ""
    title: Name
    id: OwnId = ""
    every: Annotated[Cadence, PlainValidator(fields.cadence)] = _default("weekly")
    minutes: Annotated[int, _range(1, 720, "minutes")] = 30
    windows: Windows = _default(["weekdays 17:30-22:00", "weekend 09:00-22:00"])
    ideal: Annotated[int | None, PlainValidator(fields.clock_or_none)] = _default("")
    ideal_day: Annotated[int | None, PlainValidator(fields.weekday_or_none)] = _default("")
    anchor: Annotated[Anchor | None, PlainValidator(fields.anchor_or_none)] = _default("")
    buffer: Annotated[int, _range(0, 240, "minutes")] = 10
    spacing: Annotated[int, _range(0, 90, "days")] = 0
    at_least: Annotated[int, _range(0, 400, "days")] = 0
    takes_turns: bool = False
    only_in: list[Name] = _default([])
    reminder: Annotated[int | None, PlainValidator(fields.minutes_or_none(0, 10080))] = _default(15)
    clock_of: MaybeLine = ""
    how_to: Annotated[list[Line], AfterValidator(fields.five_at_most)] = _default(
        ["This time is for the two of you. Begin however you like."]
    )
    with_card: bool = False
    discreet_title: Name = "Time together"
    short: Length = _default({})
    tiny: Length = _default({})


class SeasonTable(Table):
    """A season; the defaults are those of a kind of the couple's own, a built-in kind fills in all keys."""

    kind: Name
    from_: Day
    to: Day
    keeps: Annotated[list[str] | None, PlainValidator(fields.everything_or_names)] = _default("all")
    size: Annotated[Size, PlainValidator(fields.size)] = _default("full")
    depth: Annotated[int, _range(0, 3, "0 as ever, 1 light, 2 warm, 3 open")] = 0
    without: list[Annotated[MailKind, PlainValidator(fields.restful_mail)]] = _default([])
    tone: MaybeLine = ""


class SwitchTable(Table):
    """A mail that comes when something happens."""

    on: bool = True


class QuestionTable(Table):
    on: bool = True
    day: Weekday = _default("wednesday")
    at: Clock = _default("12:15")
    every: Rhythm = _default("weekly")


class DigestTable(QuestionTable):
    day: Weekday = _default("sunday")
    at: Clock = _default("17:00")


class ReflectionTable(QuestionTable):
    day: Weekday = _default("saturday")
    at: Clock = _default("10:00")
    every: Rhythm = _default("monthly")


class MaildirTable(Table):
    path: MaybePath = _default("")


class SmtpTable(Table):
    host: Annotated[str, PlainValidator(fields.maybe_host)] = ""
    port: Annotated[int, _range(1, 65535, "a port")] = 587
    security: Annotated[Security, PlainValidator(fields.one_of(Security, "a kind of security"))] = _default("starttls")
    user: MaybeLine = ""
    password_env: MaybeLine = ""
    password_file: MaybePath = _default("")
    timeout: Annotated[int, _range(1, 300, "seconds")] = 30


class MailTable(Table):
    sender: Annotated[str, PlainValidator(fields.maybe_address)] = ""
    sender_name: Name = "Rituals"
    contact: MaybeLine = ""
    maildir: MaildirTable = _default({})
    smtp: SmtpTable = _default({})
    welcome: SwitchTable = _default({})
    time_set: SwitchTable = _default({})
    new_time: SwitchTable = _default({})
    question: QuestionTable = _default({})
    digest: DigestTable = _default({})
    reflection: ReflectionTable = _default({})


class ThemesTable(Table):
    weights: dict[ThemeName, Weight] = _default({})
    off: Annotated[list[ThemeName], AfterValidator(fields.not_all_themes)] = _default([])
    depth: Annotated[int, _range(1, 3, "1 light, 2 warm, 3 open")] = 3


class DecksTable(Table):
    folders: list[NeededPath] = _default([])
    on: list[DeckName] = _default(["core"])


class PlanningTable(Table):
    horizon_weeks: Annotated[int, _range(1, 12, "weeks")] = 4
    notice_hours: Annotated[int, _range(0, 168, "hours")] = 12
    freeze_hours: Annotated[int, _range(0, 168, "hours")] = 20
    max_a_day: Annotated[int, _range(1, 10, "rituals a day")] = 3
    max_a_week: Annotated[int, _range(1, 70, "rituals a week")] = 21
    rest_day: RestDays = _default("")
    away: DateList = _default([])


class ServiceTable(Table):
    state: MaybePath = _default("")
    keys: MaybePath = _default("")
    log: Annotated[LogStyle, PlainValidator(fields.one_of(LogStyle, "a log style"))] = _default("human")
    override: MaybePath = _default("")


class ViewTable(Table):
    on: bool = True
    port: Annotated[int, _range(1, 65535, "a port")] = 8765
    show_mail: bool = False


class GoogleTable(Table):
    """The host's own OAuth client."""

    client_id: MaybeLine = ""
    client_secret_env: MaybeLine = ""
    client_secret_file: MaybePath = _default("")


class PublicTable(Table):
    """The pages that partners reach from outside."""

    address: Annotated[str, PlainValidator(addresses.maybe_origin)] = ""
    port: Annotated[int, _range(1, 65535, "a port")] = 8766


class CoupleFile(Table):
    """The whole file but for its partners, rituals and seasons, which are checked one by one."""

    id: Annotated[str, PlainValidator(fields.needed_id)] = "home"
    mail: MailTable = _default({})
    themes: ThemesTable = _default({})
    decks: DecksTable = _default({})
    planning: PlanningTable = _default({})
    service: ServiceTable = _default({})
    view: ViewTable = _default({})
    google: GoogleTable = _default({})
    public: PublicTable = _default({})
