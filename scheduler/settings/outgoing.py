"""Decides the way out for mails and reads its password. Not here: sending (adapters)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

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
    if smtp.password_env and smtp.password_file:
        page.complain(("mail", "smtp", "password_file"), "mail.smtp has password_env and password_file; keep one")
    elif (smtp.password_env or smtp.password_file) and not smtp.user:
        page.complain(("mail", "smtp"), 'mail.smtp.user is missing; write it as user = "rituals@example.org"')
    elif smtp.password_env:
        return _from_environment(page, smtp.password_env, env)
    elif smtp.password_file:
        return _from_file(page, folder / smtp.password_file)
    return ""


def _from_environment(page: Page, name: str, env: Mapping[str, str]) -> str:
    if not (password := env.get(name, "")):
        page.complain(("mail", "smtp", "password_env"), "mail.smtp.password_env names a variable that is not set")
    return password


def _from_file(page: Page, path: Path) -> str:
    """The first line of the file, without its line end."""
    try:
        password = next(iter(path.read_text(encoding="utf-8").splitlines()), "")
    except (OSError, ValueError) as err:
        reason = err.strerror if isinstance(err, OSError) else "not UTF-8 text"
        page.complain(("mail", "smtp", "password_file"), f"mail.smtp.password_file cannot be read: {reason}")
        return ""
    if not password:
        page.complain(("mail", "smtp", "password_file"), "mail.smtp.password_file is empty")
    return password


def _smtp(table: SmtpTable, password: str) -> SmtpOut:
    return SmtpOut(
        host=table.host,
        port=table.port,
        security=table.security,
        user=table.user,
        password=password,
        timeout_s=table.timeout,
    )
