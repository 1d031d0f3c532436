"""Takes the pictures of README.md and docs/mails.md from the example couple, with headless Chromium (`make pictures`).

The dates are fixed, so a picture changes only when what people see has changed. Not here: any claim (tests).
"""

from __future__ import annotations

import email
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email import policy
from html import escape, unescape
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from scheduler.adapters.memory import MemoryClock
from scheduler.app.forecast import forecast
from scheduler.app.letters import letters_in
from scheduler.app.service import Service
from scheduler.app.wiring import open_service
from scheduler.cli.opening import read_settings
from scheduler.cli.week import Look, draw_weeks
from scheduler.content.specimen import specimens
from scheduler.domain.digest import Notice
from scheduler.domain.message import MailKind, NoticeKind
from tests.build import at

ROOT = Path(__file__).parents[2]
EXAMPLE, PICTURES = ROOT / "config" / "example", ROOT / "docs" / "pictures"
FROM, WEEKS = "2026-11-23", 6
PHONE, SCREEN = 360, 760
COLUMNS = 110
BACKDROP = "#cfc4b4"
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars"),
    *("--disable-quic", "--disable-background-networking", "--disable-sync"),
    *("--force-prefers-reduced-motion", "--blink-settings=preferredColorScheme=1"),
)


@dataclass(frozen=True)
class Screen:
    """A window onto a page: ``top`` is how far it is scrolled, ``tall`` how tall the page is laid out (CSS px)."""

    page: str
    top: int
    tall: int


def main() -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="rituals-pictures-") as name:
        desk = Path(name)
        page = simulated(desk)
        digest = first_digest(desk / "out" / "mail" / "mara")
        tall = heights(desk, {"digest": digest})["digest"]
        show(
            desk,
            "calendar",
            1440,
            1096,
            f'<iframe src="{page.as_uri()}#w0" style="width:1440px;height:1096px"></iframe>',
        )
        show_phones(desk, "digest", mail_screens(digest, tall, count=3))
        show_phones(
            desk, "phone", [Screen(f'src="{page.as_uri()}"', 0, SCREEN), Screen(f'src="{page.as_uri()}#w0"', 0, SCREEN)]
        )
        terminal(desk)
        gallery(desk)
    for picture in sorted(PICTURES.rglob("*.png")):
        print(f"{picture.relative_to(ROOT)}  {picture.stat().st_size // 1024} KB")


def simulated(desk: Path) -> Path:
    """The page that `rituals simulate` writes for the example couple."""
    shutil.copytree(EXAMPLE, desk / "simulated" / "config" / "example")
    couple = desk / "simulated" / "config" / "example" / "couple.toml"
    words = ("--config", couple, "--weeks", str(WEEKS), "--from", FROM, "--out", desk / "out")
    subprocess.run(
        [Path(sys.executable).with_name("rituals"), "simulate", *words], check=True, stdout=subprocess.DEVNULL
    )
    return desk / "out" / "index.html"


def terminal(desk: Path) -> None:
    """What `rituals plan --explain` prints on its first screen, once both have said yes."""
    shutil.copytree(EXAMPLE, desk / "planned" / "config" / "example")
    settings = read_settings(desk / "planned" / "config" / "example" / "couple.toml")
    clock = MemoryClock(at(f"{FROM} 07:00"))
    service = open_service(settings, clock=clock)
    with closing(service.parts.store):
        for partner in settings.couple.partners:
            service.join(partner.id, shown="the text of a picture")
        service.tick()
    found = forecast(settings, clock, weeks=1)
    screen = Console(record=True, width=COLUMNS, markup=False, emoji=False, highlight=False, file=StringIO())
    for part in draw_weeks(found, Look(COLUMNS, explain=True, pictures=True)):
        screen.print(part)
    drawing = screen.export_svg(title="rituals plan --explain")
    show(desk, "plan", 1180, 1062, f'<div style="width:1180px">{drawing}</div>')


def first_digest(maildir: Path) -> str:
    for file in sorted((maildir / "new").iterdir(), key=lambda file: file.name):
        message = email.message_from_bytes(file.read_bytes(), policy=policy.default)
        body = message.get_body(("html",))
        if message["Subject"] == "The week ahead" and body:
            return str(body.get_content())
    raise LookupError("no digest came")


def gallery(desk: Path) -> None:
    """One picture of each kind of mail, whole, as Mara's phone shows it."""
    mails = dict(one_of_each(desk))
    tall = heights(desk, {kind.value: html for kind, html in mails.items()})
    for kind, html in mails.items():
        height = tall[kind.value]
        frame = f'<iframe srcdoc="{escape(html)}" style="width:{PHONE}px;height:{height}px"></iframe>'
        show(desk, f"mail-{kind.value.replace('_', '-')}", PHONE, height, frame)


def one_of_each(desk: Path) -> Iterator[tuple[MailKind | NoticeKind, str]]:
    """Live through three weeks: both say yes, and on the first day Jon is suddenly taken at coffee time."""
    shutil.copytree(EXAMPLE, desk / "lived" / "config" / "example")
    couple = desk / "lived" / "config" / "example" / "couple.toml"
    settings, clock = read_settings(couple), MemoryClock(at("2027-04-19 07:30"))
    service = open_service(settings, clock=clock)
    with closing(service.parts.store):
        live(service, clock, timedelta(minutes=10))
        for partner in settings.couple.partners:
            service.join(partner.id, shown="the text of a picture")
        live(service, clock, timedelta(hours=2))
        coffee = next(one for one in service.outlook().standing if one.ritual == "coffee-date")
        take_time(couple.with_name("jon.ics"), coffee.starts_at, coffee.ends_at)
        live(service, clock, timedelta(days=14))
        letters = letters_in(service, desk / "lived" / "state" / "example" / "mail")
        yield from notices_of(service)
        yield MailKind.RECONNECT, asked_for_access(service)
    for kind in sorted({*MailKind} - {MailKind.RECONNECT}, key=list(MailKind).index):
        yield kind, next(one.html for one in letters if (one.kind, one.partner) == (kind, "mara"))


def asked_for_access(service: Service) -> str:
    """The mail that comes when a partner's account no longer lets the service in."""
    mara, sender = service.couple.partner("mara"), service.parts.sender
    made_up = next(one for one in specimens() if one.kind is MailKind.RECONNECT and one.door)
    letter = replace(made_up, partner=mara, contact=sender.contact)
    return service.parts.templates.render(letter, sender.name, sender.address, "a picture").html


def notices_of(service: Service) -> Iterator[tuple[NoticeKind, str]]:
    """Mara's coffee date as it would come if her calendar were reached by mail."""
    mara, sender = service.couple.partner("mara"), service.parts.sender
    with service.parts.store.transaction() as tx:
        entries = tx.calendar_entries(service.couple.id)
    event = [one.event for one in entries if one.partner == mara.id and one.occurrence.startswith("coffee-date")][-1]
    for kind in NoticeKind:
        notice = Notice(kind, event, mara, sender.contact)
        yield kind, service.parts.templates.notice(notice, sender.name, sender.address, "a picture").html


def live(service: Service, clock: MemoryClock, long: timedelta) -> None:
    end = clock.now() + long
    while clock.now() < end:
        service.tick()
        clock.set(min(service.next_wake(), end))
    service.tick()


def take_time(calendar: Path, start: datetime, end: datetime) -> None:
    """Put one more event into a busy calendar, as its owner would."""
    lines = [
        "BEGIN:VEVENT",
        "UID:suddenly@example.org",
        f"DTSTAMP:{start:%Y%m%dT%H%M%SZ}",
        f"DTSTART:{start:%Y%m%dT%H%M%SZ}",
        f"DTEND:{end:%Y%m%dT%H%M%SZ}",
        "SUMMARY:Suddenly",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    text = calendar.read_text(encoding="utf-8").replace("END:VCALENDAR", "\r\n".join(lines))
    calendar.write_text(text, encoding="utf-8", newline="")


def heights(desk: Path, mails: Mapping[str, str]) -> dict[str, int]:
    """How tall each mail is at phone width, as the browser lays it out."""
    frames = "".join(
        f'<iframe id="{name}" srcdoc="{escape(html)}" style="width:{PHONE}px;height:10px"></iframe>'
        for name, html in mails.items()
    )
    told = "JSON.stringify(Object.fromEntries([...document.querySelectorAll('iframe')].map("
    told += "one => [one.id, one.contentDocument.documentElement.scrollHeight])))"
    script = f"<script>onload = () => document.body.append('HEIGHTS' + {told} + 'END')</script>"
    page = desk / "heights.html"
    page.write_text(f'<!doctype html><meta charset="utf-8"><body>{frames}{script}', encoding="utf-8")
    told = chromium(desk, "--dump-dom", page.as_uri())
    found = re.findall(r"HEIGHTS(\{.*?\})END", unescape(told))
    return {name: int(height) for name, height in json.loads(found[-1]).items()}


def mail_screens(html: str, tall: int, *, count: int) -> list[Screen]:
    """One mail as a phone shows it while it is read, from its top to its end."""
    step = (tall - SCREEN) // (count - 1)
    return [Screen(f'srcdoc="{escape(html)}"', number * step, tall) for number in range(count)]


def show_phones(desk: Path, name: str, screens: list[Screen]) -> None:
    phones = "".join(
        f'<div style="width:{PHONE}px;height:{SCREEN}px;overflow:hidden;border-radius:22px">'
        f'<iframe {one.page} style="width:{PHONE}px;height:{one.tall}px;margin-top:-{one.top}px"></iframe></div>'
        for one in screens
    )
    wide = len(screens) * (PHONE + 24) + 24
    show(desk, name, wide, SCREEN + 48, f'<div style="display:flex;gap:24px;padding:24px">{phones}</div>')


def show(desk: Path, name: str, width: int, height: int, body: str) -> None:
    """Write docs/pictures/NAME.png, width x height pixels; the frame lets a page be narrower than any window."""
    page = desk / f"{name}.html"
    style = f"body{{margin:0;background:{BACKDROP}}}iframe{{border:0;display:block}}"
    page.write_text(f'<!doctype html><meta charset="utf-8"><style>{style}</style><body>{body}', encoding="utf-8")
    picture = PICTURES / f"{name}.png"
    chromium(desk, f"--window-size={width},{height}", f"--screenshot={picture}", page.as_uri())


def chromium(desk: Path, *words: str) -> str:
    command = ["chromium", *FLAGS, f"--user-data-dir={desk / 'browser'}", *words]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout


if __name__ == "__main__":
    main()
