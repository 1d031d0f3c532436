"""Writes the two busy calendars under config/example; the same bytes at every run. Not here: reading them.

Mara lives in Lisbon and exports from a phone and a web calendar, Jon in Berlin and exports from an office
program; so the files differ as such files do. `python tests/data/make_example_busy.py` rewrites both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

FOLDER = Path(__file__).parent.parent.parent / "config" / "example"
FIRST_MONDAY, WEEKS = date(2026, 8, 31), 70
MO, TU, WE, TH, FR, SA, SU = range(7)

OUTLOOK_ZONE = """BEGIN:VTIMEZONE
TZID:W. Europe Standard Time
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE"""

OFFICE = ("CLASS:PUBLIC", "PRIORITY:5", "TRANSP:OPAQUE", "X-MICROSOFT-CDO-BUSYSTATUS:BUSY")
WEB = ("STATUS:CONFIRMED", "TRANSP:OPAQUE")
PHONE = ("TRANSP:OPAQUE", "X-APPLE-TRAVEL-ADVISORY-BEHAVIOR:AUTOMATIC")
TENTATIVE = ("STATUS:TENTATIVE", "TRANSP:OPAQUE", "X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE")
FREE = ("TRANSP:TRANSPARENT", "X-MICROSOFT-CDO-BUSYSTATUS:FREE")
CANCELLED = ("STATUS:CANCELLED", "TRANSP:OPAQUE")
ALARM = ("BEGIN:VALARM", "ACTION:DISPLAY", "DESCRIPTION:Reminder", "TRIGGER:-PT15M", "END:VALARM")


@dataclass(frozen=True)
class Row:
    """One event every so many weeks, its titles in turn."""

    every: int
    offset: int
    weekday: int
    clock: str
    minutes: int
    titles: Sequence[str]
    style: Sequence[str] = WEB


@dataclass
class Book:
    """The lines of one person's calendar."""

    owner: str
    tzid: str
    lines: list[str] = field(default_factory=list)
    number: int = 0

    def event(self, title: str, times: Sequence[str], *more: str, uid: str = "") -> str:
        self.number += 1
        uid = uid or f"{self.number:04d}-{self.owner}@example.org"
        head = ("BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20260828T120000Z", f"SUMMARY:{title}")
        self.lines += (*head, *times, *more, "END:VEVENT")
        return uid

    def times(self, day: date, clock: str, minutes: int, tzid: str = "") -> tuple[str, str]:
        at = int(clock[:2]) * 60 + int(clock[3:])
        zone = f";TZID={tzid or self.tzid}:"
        return f"DTSTART{zone}{stamp(day, at)}", f"DTEND{zone}{stamp(day, at + minutes)}"

    def days(self, title: str, first: str, last: str, *more: str) -> None:
        begin, end = date.fromisoformat(first), date.fromisoformat(last) + timedelta(days=1)
        self.event(title, (f"DTSTART;VALUE=DATE:{begin:%Y%m%d}", f"DTEND;VALUE=DATE:{end:%Y%m%d}"), *more)

    def birthdays(self, people: str) -> None:
        for number, who in enumerate(people.split()):
            day = date(1984 + number % 9, 1 + number % 12, 3 + 2 * number)
            times = (f"DTSTART;VALUE=DATE:{day:%Y%m%d}",)
            self.event(f"{who}'s birthday", times, "RRULE:FREQ=YEARLY", *FREE)

    def rows(self, rows: Sequence[Row]) -> None:
        for week in range(WEEKS):
            for row in rows:
                if week % row.every == row.offset:
                    day = FIRST_MONDAY + timedelta(weeks=week, days=row.weekday)
                    title = row.titles[week // row.every % len(row.titles)]
                    self.event(title, self.times(day, row.clock, row.minutes), *row.style)

    def change(self, uid: str, title: str, day: str, clock: str, changed: Sequence[str], *more: str) -> None:
        """Replace the instance that would begin then; a clock with "!" means all later ones too."""
        onwards = ";RANGE=THISANDFUTURE" if clock.endswith("!") else ""
        name = f"RECURRENCE-ID{onwards};TZID={self.tzid}:"
        at = int(clock[:2]) * 60 + int(clock[3:5])
        self.event(title, changed, name + stamp(date.fromisoformat(day), at), "SEQUENCE:1", *more, uid=uid)

    def text(self, *head: str) -> bytes:
        lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "CALSCALE:GREGORIAN", *head, *self.lines, "END:VCALENDAR", ""]
        return "\r\n".join(folded(line) for line in lines).encode()


def stamp(day: date, minute: int) -> str:
    day += timedelta(days=minute // 1440)
    return f"{day:%Y%m%d}T{minute // 60 % 24:02d}{minute % 60:02d}00"


def folded(line: str) -> str:
    return line if len(line) <= 74 else line[:74] + "\r\n " + folded(line[74:])


def exceptions(tzid: str, clock: str, days: str) -> str:
    return f"EXDATE;TZID={tzid}:" + ",".join(f"{day}T{clock}00" for day in days.split())


def people(owner: str, answer: str) -> tuple[str, ...]:
    return (
        "ORGANIZER;CN=Office:mailto:office@example.org",
        f'ATTENDEE;CN="{owner.capitalize()}";PARTSTAT={answer};RSVP=TRUE:mailto:{owner}@example.org',
        "ATTENDEE;CN=Sasha;PARTSTAT=ACCEPTED:mailto:sasha@example.org",
    )


def mara() -> bytes:
    book = Book("mara", "Europe/Lisbon")
    zone, start = book.tzid, FIRST_MONDAY
    holidays = "20261005 20261201 20261208 20261225 20270101 20270326 20270610 20271005 20271101 20271201 20271208"
    for clock, minutes in (("09:30", 210), ("14:00", 210)):
        gone = exceptions(zone, clock.replace(":", ""), holidays)
        rule = "RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"
        book.event("Studio", book.times(start, clock, minutes), rule, gone, *WEB)
    book.event("Standup", book.times(start, "09:45", 15), "RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH", *WEB)
    book.event("School run", book.times(start, "08:30", 30), "RRULE:FREQ=WEEKLY;BYDAY=MO,WE,FR", *PHONE, *ALARM)
    yoga = book.event("Yoga", book.times(start + timedelta(3), "18:30", 60), "RRULE:FREQ=WEEKLY;BYDAY=TH", *PHONE)
    book.change(yoga, "Yoga", "2026-11-26", "18:30", book.times(date(2026, 11, 25), "18:30", 60), *PHONE)
    book.change(yoga, "Yoga", "2026-12-10", "18:30", book.times(date(2026, 12, 10), "18:30", 60), *CANCELLED)
    gone = exceptions(zone, "1930", "20261222 20261229 20270803 20270810 20270817 20270824")
    singing = book.times(start + timedelta(1), "19:30", 120)
    choir = book.event("Choir", singing, "RRULE:FREQ=WEEKLY;BYDAY=TU", gone, *PHONE, "LOCATION:Parish hall")
    book.change(choir, "Choir", "2027-01-12", "19:30!", book.times(date(2027, 1, 12), "20:00", 105), *PHONE)
    book.event("Rent", book.times(date(2026, 9, 1), "09:00", 15), "RRULE:FREQ=MONTHLY;BYMONTHDAY=1", *FREE)
    book.event("Book swap", book.times(date(2026, 9, 6), "16:00", 120), "RRULE:FREQ=MONTHLY;BYDAY=1SU", *WEB)
    book.birthdays("Ana Rui Tomas Grandma Jon Joana Leo Bea Nuno Teresa")
    book.rows(MARA)
    mara_away(book)
    return book.text("PRODID:-//example.org//Calendar of Mara//EN", "X-WR-CALNAME:Mara", f"X-WR-TIMEZONE:{zone}")


MARA = (
    Row(1, 0, WE, "15:00", 60, ("Client call", "Design review", "Usability test", "Sprint demo")),
    Row(1, 0, TH, "10:30", 45, ("Coffee with Rui", "Hiring chat", "Mentoring", "Budget")),
    Row(1, 0, FR, "16:00", 60, ("Retro", "Planning", "Show and tell", "Wrap-up")),
    Row(2, 0, FR, "19:30", 150, ("Dinner at Ana's", "Cinema", "Concert", "Board games"), PHONE),
    Row(2, 1, SA, "10:30", 90, ("Farmers' market with Joana", "Swimming", "Flea market", "Brunch"), PHONE),
    Row(4, 2, SU, "10:00", 180, ("Hike in Sintra", "Surf lesson", "Lunch at Grandma's"), PHONE),
    Row(3, 1, MO, "18:00", 60, ("Physiotherapy",), PHONE),
    Row(13, 3, TU, "08:30", 60, ("Dentist", "Eye test", "Blood test"), PHONE),
    Row(5, 0, WE, "20:00", 90, ("Book club", "Quiz night"), TENTATIVE),
    Row(6, 2, WE, "18:30", 90, ("Garden committee",), people("mara", "DECLINED")),
    Row(9, 4, TH, "20:30", 90, ("Theatre",), CANCELLED),
    Row(7, 5, FR, "12:00", 60, ("Lunch with Bea",), FREE),
)


def mara_away(book: Book) -> None:
    away = ("TRANSP:OPAQUE", "X-MICROSOFT-CDO-BUSYSTATUS:OOF")
    book.days("Weekend in Porto", "2026-10-10", "2026-10-11", *away)
    book.days("Visiting Jon", "2026-11-06", "2026-11-08", *FREE)
    book.days("Design conference", "2026-11-18", "2026-11-20", *away)
    book.days("Family Christmas", "2026-12-24", "2026-12-26", *away)
    book.days("Snow week", "2027-02-15", "2027-02-19", *away)
    book.days("Easter in the Alentejo", "2027-03-26", "2027-03-28", *away)
    book.days("Visiting Jon", "2027-05-14", "2027-05-17", *FREE)
    book.days("Holiday by the sea", "2027-08-02", "2027-08-13", *away)
    book.days("Clocks change", "2026-10-25", "2026-10-25", *FREE)
    flight = "DTSTART;TZID=Europe/Lisbon:20261106T181500", "DTEND;TZID=Europe/Berlin:20261106T225500"
    book.event("Flight to Berlin", flight, *PHONE, "LOCATION:Lisbon airport")
    book.event("New Year's call", ("DTSTART:20270101T110000Z", "DURATION:PT1H"), *WEB)
    book.event("Alarm clock off", ("DTSTART:20261231T233000", "DTEND:20270101T013000"), *PHONE)


def jon() -> bytes:
    book = Book("jon", "W. Europe Standard Time")
    zone, start = book.tzid, FIRST_MONDAY
    holidays = "20261225 20270101 20270308 20270326 20270329 20270506 20270517"
    for clock, minutes in (("08:30", 240), ("13:15", 225)):
        gone = exceptions(zone, clock.replace(":", ""), holidays)
        rule = "RRULE:FREQ=WEEKLY;INTERVAL=1;BYDAY=MO,TU,WE,TH,FR;WKST=MO"
        book.event("Workshop", book.times(start, clock, minutes), rule, gone, *OFFICE)
    standup = book.event("Standup", book.times(start, "09:00", 15), "RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", *OFFICE)
    book.change(standup, "Standup", "2026-11-24", "09:00", book.times(date(2026, 11, 24), "11:00", 30), *OFFICE)
    book.change(standup, "Standup", "2026-11-27", "09:00", book.times(date(2026, 11, 27), "09:00", 15), *CANCELLED)
    book.event("Team lunch", book.times(date(2026, 9, 4), "12:30", 45), "RRULE:FREQ=MONTHLY;BYDAY=1FR", *OFFICE)
    running = "RRULE:FREQ=WEEKLY;BYDAY=TU,TH"
    book.event("School run", book.times(start + timedelta(1), "07:40", 35, "Europe/Berlin"), running, *PHONE, *ALARM)
    gone = exceptions("Europe/Berlin", "1900", "20261223 20261230 20270804 20270811")
    ball = book.times(start + timedelta(2), "19:00", 120, "Europe/Berlin")
    book.event("Football", ball, "RRULE:FREQ=WEEKLY;BYDAY=WE", gone, *PHONE)
    band = "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO"
    book.event("Band practice", book.times(start, "20:00", 120, "Europe/Berlin"), band, *PHONE)
    book.event("Call with Dad", book.times(date(2026, 9, 6), "18:00", 45), "RRULE:FREQ=WEEKLY;BYDAY=SU", *PHONE)
    closing = "RRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"
    book.event("Month closing", book.times(date(2026, 9, 30), "17:00", 60), closing, *OFFICE)
    book.birthdays("Mum Dad Mara Lena Paul Kim Noor Emil Aunt-Gerda")
    book.rows(JON)
    jon_away(book)
    head = "PRODID:-//example.org//Office calendar of Jon//EN", "METHOD:PUBLISH", *OUTLOOK_ZONE.split("\n")
    return book.text(*head)


JON = (
    Row(1, 0, MO, "14:00", 60, ("Supplier call", "Safety briefing", "Tool review", "Order planning"), OFFICE),
    Row(1, 0, WE, "10:00", 90, ("Customer visit", "Site meeting", "Quote review", "Training"), OFFICE),
    Row(1, 0, TH, "15:30", 45, ("One-to-one with Kim", "Apprentice talk"), OFFICE),
    Row(2, 1, FR, "19:00", 180, ("Pub with Paul", "Cinema", "Concert", "Dinner at Lena's"), PHONE),
    Row(2, 0, SA, "10:00", 120, ("Climbing", "Allotment", "Bike repair", "Brunch"), PHONE),
    Row(3, 2, SU, "14:00", 180, ("Home match", "Lake", "Museum"), PHONE),
    Row(3, 0, TH, "18:00", 60, ("Physiotherapy",), PHONE),
    Row(12, 5, FR, "07:30", 45, ("Dentist", "Check-up"), PHONE),
    Row(4, 1, TU, "18:30", 90, ("Tenants' meeting", "Parents' evening"), TENTATIVE),
    Row(6, 3, TH, "17:00", 120, ("Works outing",), (*OFFICE, *people("jon", "DECLINED"))),
    Row(8, 2, TU, "20:00", 120, ("Concert",), CANCELLED),
    Row(5, 3, FR, "13:00", 60, ("Gym",), FREE),
)


def jon_away(book: Book) -> None:
    away = ("TRANSP:OPAQUE", "X-MICROSOFT-CDO-ALLDAYEVENT:TRUE", "X-MICROSOFT-CDO-BUSYSTATUS:OOF")
    book.days("Weekend at the Baltic", "2026-09-19", "2026-09-20", *away)
    book.days("Trade fair", "2026-10-13", "2026-10-15", *away)
    book.days("Visiting Mara", "2026-12-04", "2026-12-06", *FREE)
    book.days("Christmas with Mum and Dad", "2026-12-24", "2026-12-26", *away)
    book.days("Visiting Mara", "2027-01-29", "2027-01-31", *FREE)
    book.days("Course in Leipzig", "2027-04-12", "2027-04-14", *away)
    book.days("Holiday by the sea", "2027-08-02", "2027-08-13", *away)
    book.days("Payday", "2026-11-30", "2026-11-30", *FREE)
    for month, day in ((11, 12), (1, 21), (5, 20)):
        when = date(2026 if month > 8 else 2027, month, day)
        after = when + timedelta(days=1)
        zones = "DTSTART;TZID=Europe/Berlin:", "DTEND;TZID=Europe/Zurich:"
        book.event("Night train to Zurich", (zones[0] + stamp(when, 1270), zones[1] + stamp(after, 500)), *PHONE)
    book.event("Webinar", ("DTSTART:20261203T140000Z", "DTEND:20261203T153000Z"), *OFFICE)


if __name__ == "__main__":
    (FOLDER / "mara.ics").write_bytes(mara())
    (FOLDER / "jon.ics").write_bytes(jon())
