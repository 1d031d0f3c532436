"""One couple's config file: read whole, or refused with every problem at once. Not here: who uses it (app)."""

from scheduler.settings.load import load
from scheduler.settings.model import (
    FolderRoute,
    IcsSource,
    LogStyle,
    MaildirOut,
    MailOut,
    Rota,
    Security,
    Settings,
    SmtpOut,
    Starter,
    StarterPartner,
    ViewSettings,
)
from scheduler.settings.reference import Setting, reference
from scheduler.settings.starter import starter_text

__all__ = [
    "FolderRoute",
    "IcsSource",
    "LogStyle",
    "MailOut",
    "MaildirOut",
    "Rota",
    "Security",
    "Setting",
    "Settings",
    "SmtpOut",
    "Starter",
    "StarterPartner",
    "ViewSettings",
    "load",
    "reference",
    "starter_text",
]
