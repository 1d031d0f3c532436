"""Reads what must not stand in the file itself: from the environment, or from a file of its own. Not here: its use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from scheduler.settings.report import Page


@dataclass(frozen=True, slots=True)
class Hiding:
    """Where a secret called ``name`` is: "<name>_env" names a variable, "<name>_file" a file; both are below ``table``.

    ``owner`` is the key that it belongs to, with an example of it.
    """

    table: tuple[str, ...]
    name: str
    owner: str
    example: str
    env: str
    file: Path | None

    def read(self, page: Page, folder: Path, environment: Mapping[str, str], *, owned: bool) -> str:
        """The secret, or "" after complaining; ``owned`` says whether the key that it belongs to is there."""
        label = ".".join(self.table)
        if self.env and self.file:
            said = f"{label} has {self.name}_env and {self.name}_file; keep one"
            page.complain((*self.table, f"{self.name}_file"), said)
        elif (self.env or self.file) and not owned:
            page.complain(self.table, f"{label}.{self.owner} is missing; write it as {self.owner} = {self.example}")
        elif self.env:
            return self._from_environment(page, label, environment)
        elif self.file:
            return self._from_file(page, label, folder / self.file)
        return ""

    def _from_environment(self, page: Page, label: str, environment: Mapping[str, str]) -> str:
        if not (secret := environment.get(self.env, "")):
            key = f"{self.name}_env"
            page.complain((*self.table, key), f"{label}.{key} names a variable that is not set")
        return secret

    def _from_file(self, page: Page, label: str, path: Path) -> str:
        """The first line of the file, without its line end."""
        key = f"{self.name}_file"
        try:
            secret = next(iter(path.read_text(encoding="utf-8").splitlines()), "")
        except (OSError, ValueError) as err:
            reason = err.strerror if isinstance(err, OSError) else "not UTF-8 text"
            page.complain((*self.table, key), f"{label}.{key} cannot be read: {reason}")
            return ""
        if not secret:
            page.complain((*self.table, key), f"{label}.{key} is empty")
        return secret
