"""How often each thing occurred over many runs. Not here: any run (life)."""

from __future__ import annotations

from collections import Counter


def table(counts: Counter[str]) -> str:
    """By kind, the most frequent first."""
    rows = sorted(counts.items(), key=lambda row: (row[0].partition(":")[0], -row[1], row[0]))
    return "\n".join(f"{count:7d}  {name}" for name, count in rows)
