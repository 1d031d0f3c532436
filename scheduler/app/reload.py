"""An edited file is picked up while the service runs; an invalid edit is reported and the last good one stays.

Not here: reading the file (settings).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace

from scheduler.app.service import Service
from scheduler.app.wiring import load_words, parts_of
from scheduler.domain.errors import ConfigError
from scheduler.settings import Settings

ERROR_NOTE = "config_error"


class Reloader:
    """Looks at the file now and then; takes an edit once its text has stood still for two looks."""

    def __init__(self, settings: Settings, service: Service, read: Callable[[], Settings]) -> None:
        self.settings = settings
        self._service = service
        self._read = read
        self._seen = ""
        self._settled = self._seen = self._text()
        self._tell("")

    def look(self) -> None:
        """One look; an editor that is still writing is left to finish."""
        text = self._text()
        if text == self._seen != self._settled:
            self._take()
            self._settled = text
        self._seen = text

    def _text(self) -> str:
        try:
            return hashlib.sha256(self.settings.source.read_bytes()).hexdigest()
        except OSError:
            return self._seen

    def _take(self) -> None:
        service = self._service
        try:
            fresh = self._read()
            words = load_words(fresh)
        except ConfigError as err:
            self._tell(str(err))
            service.parts.log("config_refused", problems=len(err.problems))
            return
        with service.turn:
            old = service.parts
            service.parts = replace(parts_of(fresh, words, old.store, old.clock), log=old.log, at=old.at)
            old.mailer.close()
            self.settings = replace(fresh, state=self.settings.state)
            self._tell("")
        service.parts.log("config_taken")
        service.collect()  # a source that is new is unknown until it has been read
        service.plan()

    def _tell(self, trouble: str) -> None:
        """Leave word for `rituals status`."""
        with self._service.parts.store.transaction() as tx:
            if (tx.note(self._service.couple.id, ERROR_NOTE) or "") != trouble:
                tx.set_note(self._service.couple.id, ERROR_NOTE, trouble)
