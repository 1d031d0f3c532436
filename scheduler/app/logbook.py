"""The log: named events with fields from a list, for people or as JSON. Not here: what is worth an event (service).

A field that is not on the list is left out, so that no name, address or word of a partner can slip in by mistake.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from scheduler.app.service import Log
from scheduler.settings import LogStyle

# Libraries that put addresses, tokens or server texts into lines of their own; what matters of it our errors say.
_TALKATIVE = (
    *("uvicorn", "googleapiclient", "google", "google_auth_httplib2", "httplib2", "requests_oauthlib", "oauthlib"),
    *("urllib3", "requests", "caldav", "httpcore"),
)
ALLOWED = frozenset(
    {"event", "level", "timestamp", "kind", "outcome", "key", "occurrence", "partner", "standing", "job", "error"}
    | {"problems", "count", "port", "seconds", "pid"}
)


def open_log(style: LogStyle) -> Log:
    """Events to stderr, one a line."""
    for talkative in _TALKATIVE:
        logging.getLogger(talkative).setLevel(logging.CRITICAL)
    if style is LogStyle.JSON:
        renderer: structlog.typing.Processor = structlog.processors.JSONRenderer()
    else:
        renderer = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    logger: structlog.typing.WrappedLogger = structlog.wrap_logger(
        structlog.PrintLogger(sys.stderr),
        processors=[_only_allowed, structlog.processors.TimeStamper(fmt="iso", utc=True), renderer],
    )
    return logger.msg  # type: ignore[no-any-return]


def _only_allowed(_: Any, __: str, fields: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {name: value for name, value in fields.items() if name in ALLOWED}
