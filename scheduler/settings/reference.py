"""Says of every key what it is for, in which unit, and what holds without it. Not here: its check (fields)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic.fields import FieldInfo

from scheduler.domain.deck import Theme
from scheduler.settings.report import table_of, whole_literal
from scheduler.settings.schema import CoupleFile, PartnerTable, RitualTable, SeasonTable, Table


@dataclass(frozen=True, slots=True)
class Setting:
    """One key by its full path; ``default`` as TOML writes it, None where the key is needed."""

    key: str
    default: str | None
    unit: str
    reason: str


NOTES: Mapping[str, tuple[str, str]] = {
    "partner.name": ("text", "How the mails greet this partner."),
    "partner.id": (
        "small letters, digits, hyphens",
        'Names files and folders; "" means made of the name. Set it before you change a name.',
    ),
    "partner.email": ("email address", "Where this partner's mails go."),
    "partner.zone": ("IANA zone name", "All of this partner's times are on this clock."),
    "partner.language": ("language code", "English is the only language of this version."),
    "partner.free": (
        "list of windows in the partner's own zone",
        "Nothing is placed outside them; the early hour is for a goodbye at the door.",
    ),
    "partner.bedtime": (
        'time of day, one before noon being after midnight, or "" for none',
        'What is tied to bedtime holds on to the earlier of both; "" means the end of the evening\'s last free window.',
    ),
    "partner.easy": (
        "hours of every day in the partner's own zone, or false for none",
        "Outside them an hour is awkward: where there is no other, the two take turns with it.",
    ),
    "partner.rest_day": (
        'weekday or weekdays, or "" for none',
        "Nothing is placed on it, week after week, like a Sabbath.",
    ),
    "partner.away": (
        'list of dates, of stretches ("2026-12-20 to 2027-01-03"), or of those of every year ("24 dec to 2 jan")',
        "Nothing is placed on these days; the last one of a stretch belongs to it.",
    ),
    "partner.holidays": (
        'country, or country and region ("DE-BY"), or "" for none',
        "Whose public holidays count for this partner.",
    ),
    "partner.on_holidays": (
        '"as sunday", "nothing" or "as usual"',
        "For most people a public holiday goes by like a Sunday; nothing means that nothing is placed.",
    ),
    "partner.tender": (
        "list of dates, as for away",
        "Nothing is placed or sent on these days, to either of you; nothing that we send or show says whose they are.",
    ),
    "partner.calendar.route": (
        '"folder", "google", "caldav", "invite" or "feed"',
        "How the events reach this partner; docs/calendars.md helps to choose, and each has a page of its own.",
    ),
    "partner.calendar.path": ("path", 'For a folder: where the events are; "" means calendars/<id> beside this file.'),
    "partner.calendar.colour": ("#rrggbb", 'What calendar programs paint it in; "" means one of ours.'),
    "partner.calendar.title": (
        "text",
        'What calendar programs call it; "" means Together, or Calendar where discreet.',
    ),
    "partner.calendar.ahead": (
        "days, 1 to 28",
        "For invitations: each comes so long before its time, so that a mailbox is not flooded with weeks of them.",
    ),
    "partner.busy.path": (
        "path",
        "An .ics file that another program keeps up to date, where url and account do not name another source.",
    ),
    "partner.busy.url": (
        "https or webcal address",
        "A calendar that is published for reading; whoever has the address can read it, so it is shown nowhere.",
    ),
    "partner.busy.account": (
        '"google", "caldav", or "" for none',
        "The account that rituals connect has linked; at Google nothing but free and busy can be read at all.",
    ),
    "partner.busy.calendars": (
        "list of names or ids",
        "Which calendars of the account count; [] means the main one at Google, and all but ours elsewhere.",
    ),
    "partner.busy.all_day": (
        '"ignore", "busy" or "if marked busy"',
        "Birthdays are all-day events too, so the day is taken only where the event says so.",
    ),
    "partner.busy.zone": ("IANA zone name", 'For events that name no zone; "" means the partner\'s own.'),
    "partner.busy.declined_as": (
        "list of email addresses",
        "What these said no to is not busy; [] means the partner's email.",
    ),
    "partner.rota.path": ("path", "An .ics file whose events are shifts; they may go past midnight."),
    "partner.rota.way": ("minutes, 0 to 240", "The way there and back is taken as well, before and after each shift."),
    "partner.rota.sleep": (
        "hours, 0 to 14",
        "Kept free of rituals after a shift that began before 04:00 and ends between midnight and noon.",
    ),
    "partner.rota.zone": ("IANA zone name", 'For shifts that name no zone; "" means the partner\'s own.'),
    "partner.quiet": ("window, or false for none", "No mail goes out in these hours; it waits for their end."),
    "partner.discreet": ("true or false", "Neutral titles and subjects, for calendars and screens that others see."),
    "ritual.kind": (
        "name of a built-in kind",
        'Fills all other keys with what suits it; "" means a ritual of your own.',
    ),
    "ritual.title": ("text", "What stands in the calendar."),
    "ritual.id": (
        "small letters, digits, hyphens",
        'Names the ritual for good; "" means made of kind or title. Set it before you change a title.',
    ),
    "ritual.every": ("cadence", "Weekly is a rhythm that most weeks can keep."),
    "ritual.minutes": ("minutes, 1 to 720", "Half an hour fits into most evenings."),
    "ritual.windows": (
        "list of windows in each partner's own zone",
        "Times when both are likely to be home and awake.",
    ),
    "ritual.ideal": (
        'time of day, or "" for none',
        "Slots near this time are taken first; without it any free time is as good.",
    ),
    "ritual.ideal_day": (
        'weekday, or "" for none',
        "Slots on this day are taken first; without it any day is as good.",
    ),
    "ritual.anchor": (
        '"45 min after work", "30 min before bed", "first free hour", or "" for none',
        "Ties it to the day, from free and busy alone; it goes before ideal, which holds on days without any work.",
    ),
    "ritual.buffer": ("minutes, 0 to 240", "Kept free before and after, so that nobody arrives out of breath."),
    "ritual.spacing": ("days, 0 to 90", "The fewest days from one to the next; 0 leaves it open."),
    "ritual.at_least": (
        "days, 0 to 400",
        "However full it gets, no more than this many days should go by from one to the next; 0 is no such wish.",
    ),
    "ritual.takes_turns": (
        "true or false",
        "The two plan it in turn, and each event says whose turn it is; nobody counts.",
    ),
    "ritual.only_in": ("list of kinds of season", "It takes place in these seasons alone; [] means at any time."),
    "ritual.reminder": ("minutes before the start, or false for none", "Enough to put something down and walk over."),
    "ritual.clock_of": ("name of a partner", 'Whose clock the windows are on; "" means each one\'s own.'),
    "ritual.how_to": (
        "1 to 5 lines of text",
        "Stands in the calendar event, so that nobody has to remember how it goes.",
    ),
    "ritual.with_card": ("true or false", "Puts the week's card into the event."),
    "ritual.discreet_title": ("text", "What stands in a discreet partner's calendar."),
    "ritual.short.minutes": ("minutes, 0 to 720", "The length for a full week, rather than nothing; 0 means none."),
    "ritual.short.how_to": ("0 to 5 lines of text", "How it goes then; [] means the same as in full."),
    "ritual.tiny.minutes": ("minutes, 0 to 720", "Two minutes at the door count; 0 means none."),
    "ritual.tiny.how_to": ("0 to 5 lines of text", "How it goes then; [] means the same as in full."),
    "season.kind": (
        "name of a built-in season, or a word of your own",
        "A built-in one fills all other keys with what suits it.",
    ),
    "season.from": ("date", "The first day, in the zone of the partner who stands first."),
    "season.to": ("date", "The last day, which belongs to it; then all is as before, by itself."),
    "season.keeps": (
        '"all", or a list of rituals by id, title or kind',
        "What goes on; the rest has a rest until the season ends, and [] means that nothing goes on.",
    ),
    "season.size": ('"full", "short" or "tiny"', "The longest version that is placed."),
    "season.depth": (
        "0 as ever, 1 light, 2 warm, 3 open",
        "The deepest cards that come in this time.",
    ),
    "season.without": (
        'list of "time_set", "new_time", "question", "digest", "reflection"',
        "Mails that have a rest, too.",
    ),
    "season.tone": ("text", 'The line that mails open with in this time; "" means none.'),
    "id": ("small letters, digits, hyphens", "Names this couple where one host serves many; do not change it later."),
    "mail.sender": ("email address", "All mails come from this one address; SMTP needs it."),
    "mail.sender_name": ("text", "Stands beside the address, and gives nothing away on a lock screen."),
    "mail.contact": ("text", 'Whom to write to about pausing or leaving; "" means the sender.'),
    "mail.maildir.path": ("path", 'One Maildir for each partner lies below it; "" means mail beside this file.'),
    "mail.smtp.host": ("host name", '"" means no server: mails stay in Maildir folders on this machine.'),
    "mail.smtp.port": ("port", "The port where mail is handed in (RFC 6409)."),
    "mail.smtp.security": (
        '"starttls", "tls" or "none"',
        "STARTTLS goes with port 587, TLS with 465; none is for a server on this machine.",
    ),
    "mail.smtp.user": ("text", '"" means that the server wants no login.'),
    "mail.smtp.password_env": ("name of an environment variable", "The password itself never stands in this file."),
    "mail.smtp.password_file": ("path", "The other way: a file whose first line is the password."),
    "mail.smtp.timeout": (
        "seconds, 1 to 300",
        "A slow server still answers in this time; a silent one holds nobody up for long.",
    ),
    "mail.welcome.on": ("true or false", "Says hello, once, to a partner who joined."),
    "mail.time_set.on": ("true or false", "Tells both, each in their own time, that a time was found."),
    "mail.new_time.on": ("true or false", "Tells both, each in their own time, that a time has changed."),
    "mail.question.on": ("true or false", "One card a week to talk over."),
    "mail.question.day": ("weekday", "In the middle of the week there is time left to talk it over."),
    "mail.question.at": ("time of day in each partner's zone", "A quiet moment in the day."),
    "mail.question.every": ('"weekly", "every 2 weeks" or "monthly"', "Monthly means the first such day of the month."),
    "mail.digest.on": ("true or false", "The coming week and the last one in a single mail."),
    "mail.digest.day": ("weekday", "On Sunday the coming week is still open."),
    "mail.digest.at": ("time of day in each partner's zone", "Before dinner, when two people may look at it together."),
    "mail.digest.every": ('"weekly", "every 2 weeks" or "monthly"', "Monthly means the first such day of the month."),
    "mail.reflection.on": ("true or false", "A longer look back."),
    "mail.reflection.day": ("weekday", "A longer look back wants a free day."),
    "mail.reflection.at": ("time of day in each partner's zone", "After breakfast."),
    "mail.reflection.every": (
        '"weekly", "every 2 weeks" or "monthly"',
        "Once a month there is something to look back on.",
    ),
    "themes.weights": ("times as often, 0.1 to 10", "1 is as built in; 2 comes about twice as often."),
    "themes.off": ("list of themes", "Cards of these themes are never drawn."),
    "themes.depth": (
        "1 light, 2 warm, 3 open",
        "The deepest cards that may come; they start light and go deeper over the weeks.",
    ),
    "decks.folders": ("list of paths", "Folders with card files of your own, beside the built-in ones."),
    "decks.on": ("list of deck names", "The core deck is written for any two people."),
    "planning.horizon_weeks": (
        "weeks, 1 to 12",
        "Far enough ahead to keep a time free, near enough that it still holds.",
    ),
    "planning.notice_hours": ("hours, 0 to 168", "Nothing new starts sooner than this, so that nobody is surprised."),
    "planning.freeze_hours": (
        "hours, 0 to 168",
        "Nothing that starts within this time moves by itself: tonight's plan stays.",
    ),
    "planning.max_a_day": ("rituals a day, 1 to 10", "More in one day is a timetable."),
    "planning.max_a_week": ("rituals a week, 1 to 70", "As many as three a day; fewer leave evenings open."),
    "planning.rest_day": ('weekday or weekdays, or "" for none', "A day a week without any ritual, for both of you."),
    "planning.away": (
        "list of dates, as for a partner's away",
        "Days on which the two of you want nothing placed.",
    ),
    "service.state": ("path", 'The folder of the database; "" means state beside this file.'),
    "service.log": ('"human" or "json"', "Json is for programs that collect logs."),
    "service.keys": (
        "path",
        'The file that opens what is sealed; "" means keys/keys.json beside this file. Keep it apart from backups.',
    ),
    "service.override": ("path", 'A folder whose templates/ and config/ go before the built-in ones; "" means none.'),
    "view.on": (
        "true or false",
        "Both calendars on a read-only page on 127.0.0.1; everybody on this machine can open it.",
    ),
    "view.port": ("port", "Any free port will do."),
    "view.show_mail": (
        "true or false",
        "Shows the mails on that page, for trying out; refused when real mail is configured.",
    ),
    "google.client_id": (
        "text",
        "Google lets programs in by an OAuth client that you make once, for nothing; docs/google.md has the clicks.",
    ),
    "google.client_secret_env": ("name of a variable", "The secret itself never stands in this file."),
    "google.client_secret_file": ("path", "A file whose first line is the secret, instead of a variable."),
    "public.address": (
        "https address",
        'Where partners reach feeds and the page to connect, through a proxy of your own; "" means nowhere.',
    ),
    "public.port": ("port", "Your proxy finds them on 127.0.0.1 at this port."),
}


def reference() -> list[Setting]:
    """Every key of the file, in the order in which it is documented; Raises KeyError for one without a note."""
    parts = (("partner.", PartnerTable), ("ritual.", RitualTable), ("season.", SeasonTable), ("", CoupleFile))
    return [
        Setting(key, default, *NOTES["themes.weights" if key.startswith("themes.weights.") else key])
        for prefix, table in parts
        for key, default in _keys(prefix, table)
    ]


def _keys(prefix: str, table: type[Table]) -> Iterator[tuple[str, str | None]]:
    for name, field in table.model_fields.items():
        key = prefix + (field.alias or name)
        if inner := table_of(field.annotation):
            yield from _keys(f"{key}.", inner)
        elif key == "themes.weights":
            yield from ((f"{key}.{theme.value}", "1.0") for theme in Theme)
        else:
            yield key, _default(field)


def _default(field: FieldInfo) -> str | None:
    return None if field.is_required() else whole_literal(field.default)
