"""Each partner's calendar, as far as looking tells: is it there, is access given. Not here: writing to it (hello)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import assert_never

from scheduler.app.checkup.finding import Finding, Level
from scheduler.app.checkup.machine import check_folder
from scheduler.app.checkup.state import Memory
from scheduler.app.routes import next_step
from scheduler.content.ics import uids_in
from scheduler.domain.couple import Partner
from scheduler.engine.plan import UID_HOST
from scheduler.settings import CaldavRoute, FeedRoute, FolderRoute, GoogleRoute, InviteRoute, MaildirOut, Settings

TESTING = timedelta(days=7)  # how long Google lets an app in that was left in testing
_ABOUT = timedelta(hours=12)
_PUBLISH = "in Google's console, under Audience, press Publish app; then connect once more (docs/google.md)"


def check_calendars(settings: Settings, memory: Memory, now: datetime) -> Iterator[Finding]:
    for partner in settings.couple.partners:
        subject, route = f"calendar, {partner.name}", settings.calendars[partner.id]
        if said := memory.notes.get(partner.id):
            yield Finding(subject, Level.BAD, f"at the last look: {said}", next_step(route, partner))
            if isinstance(route, GoogleRoute | CaldavRoute) and not memory.cut.get(partner.id):
                continue  # that it is connected would be no comfort
        match route:
            case FolderRoute(folder):
                yield from check_folder(subject, folder, f"{folder} can be written; {_counted(folder)}")
            case GoogleRoute():
                yield _google(subject, partner, memory, now)
            case CaldavRoute():
                yield _account(subject, "caldav", partner, memory)
            case InviteRoute():
                yield _invitations(subject, settings)
            case FeedRoute():
                told = (
                    f"a private feed; rituals connect feed --partner {partner.id} gives its address (--new another one)"
                )
                yield Finding(subject, Level.OK, told)
            case _ as never:
                assert_never(never)


def _counted(folder: Path) -> str:
    """How many files hold events of ours, and how many are other people's."""
    files = list(folder.glob("*.ics")) if folder.is_dir() else []
    ours = sum(_is_ours(file) for file in files)
    foreign = len(files) - ours
    return f"{ours} events of ours" + (f", {foreign} files of others, which are left alone" if foreign else "")


def _is_ours(file: Path) -> bool:
    try:
        return any(uid.endswith(f"@{UID_HOST}") for uid in uids_in(file.read_bytes()))
    except OSError:
        return False


def _account(subject: str, account: str, partner: Partner, memory: Memory) -> Finding:
    if account not in memory.accounts.get(partner.id, ()):
        do = f"rituals connect {account} --partner {partner.id}"
        return Finding(subject, Level.BAD, f"{account} is not connected yet", do)
    return Finding(subject, Level.OK, f"{account} is connected; rituals doctor --hello writes there and takes it away")


def _google(subject: str, partner: Partner, memory: Memory, now: datetime) -> Finding:
    """Google ends the access of an app that was left in testing after seven days, and says nothing of why."""
    found = _account(subject, "google", partner, memory)
    connected_at, cut_at = memory.connected.get(partner.id), memory.cut.get(partner.id)
    if found.level is not Level.OK or connected_at is None:
        return found
    ends_at = connected_at + TESTING
    if cut_at and abs(cut_at - ends_at) < _ABOUT:
        told = "Google ended the access after seven days, as it does with an app that was left in testing"
        return Finding(subject, Level.BAD, told, f"{_PUBLISH}: rituals connect google --partner {partner.id}")
    if not cut_at and now < ends_at:
        told = f"{found.what}; if the app was left in testing, Google ends the access on {ends_at:%-d %B}"
        return Finding(subject, Level.OK, told)
    return found


def _invitations(subject: str, settings: Settings) -> Finding:
    if isinstance(settings.mail.route, MaildirOut):
        told = "invitations by mail, but mails stay on this machine as long as no mail server is set"
        return Finding(subject, Level.WARN, told, "set mail.smtp.host; docs/invitations.md has the rest")
    return Finding(subject, Level.OK, f"invitations by mail from {settings.mail.sender_address}")
