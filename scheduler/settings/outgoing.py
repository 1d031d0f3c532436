"""Decides the way out for mails and reads its password. Not here: sending (adapters)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from scheduler.settings.hidden import Hiding
from scheduler.settings.model import MaildirOut, MailOut, Security, SmtpOut
from scheduler.settings.report import Page
from scheduler.settings.schema import MailTable, SmtpTable

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_NO_SENDER = "rituals@localhost"


def mail_out(page: Page, table: MailTable, folder: Path, env: Mapping[str, str]) -> MailOut:
    """The way out; complains where it could not work or would be unsafe."""
    route: MaildirOut | SmtpOut = MaildirOut(folder / (table.maildir.path or "mail"))
    if table.smtp.host:
        _check_smtp(page, table)
        password = _password(page, table.smtp, folder, env)
        route = _smtp(table.smtp, password)
    elif table.smtp.user:
        page.complain(("mail", "smtp"), 'mail.smtp.host is missing; write it as host = "mail.example.org"')
    return MailOut(
        sender_name=table.sender_name,
        sender_address=table.sender or _NO_SENDER,
        contact=table.contact or table.sender or "the person who set this up",
        route=route,
    )


def _check_smtp(page: Page, table: MailTable) -> None:
    smtp = table.smtp
    if not table.sender:
        page.complain(("mail", "smtp", "host"), 'mail.sender is missing; write it as sender = "rituals@example.org"')
    if table.maildir.path:
        page.complain(("mail", "maildir", "path"), "mail.maildir.path and mail.smtp.host exclude each other; keep one")
    if smtp.user and smtp.security is Security.NONE and smtp.host not in _LOOPBACK:
        said = 'would send the password in the clear; use "starttls" or "tls"'
        page.complain(("mail", "smtp", "security"), f'mail.smtp.security = "none" {said}')
    if smtp.user and not (smtp.password_env or smtp.password_file):
        page.complain(("mail", "smtp", "user"), "mail.smtp.user needs password_env or password_file")


def _password(page: Page, smtp: SmtpTable, folder: Path, env: Mapping[str, str]) -> str:
    hiding = Hiding(
        ("mail", "smtp"), "password", "user", '"rituals@example.org"', env=smtp.password_env, file=smtp.password_file
    )
    return hiding.read(page, folder, env, owned=bool(smtp.user))


def _smtp(table: SmtpTable, password: str) -> SmtpOut:
    return SmtpOut(
        host=table.host,
        port=table.port,
        security=table.security,
        user=table.user,
        password=password,
        timeout_s=table.timeout,
    )
