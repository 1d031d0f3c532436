"""Finds templates and built-in configuration: a user's folder first, then what came with the package.

Not here: reading or understanding the files.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent
_INSTALLED, _CHECKOUT = _PACKAGE / "_assets", _PACKAGE.parent


class Assets:
    """Names are relative with slashes: "templates/email/digest/body.html", "config/decks/core.toml"."""

    def __init__(self, override: Path | None = None) -> None:
        packaged = _INSTALLED if _INSTALLED.is_dir() else _CHECKOUT
        self.folders: tuple[Path, ...] = (override, packaged) if override else (packaged,)

    def path(self, name: str) -> Path:
        """The first file or folder of that name; Raises FileNotFoundError naming every place looked at."""
        for folder in self.folders:
            if (found := folder / name).exists():
                return found
        raise FileNotFoundError(f"{name} is in none of: {', '.join(map(str, self.folders))}")

    def text(self, name: str) -> str:
        return self.path(name).read_text(encoding="utf-8")
