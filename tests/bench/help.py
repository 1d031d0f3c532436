"""How long `rituals --help` takes; the peers are Python that does nothing and Python that only imports click."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from statistics import median
from time import perf_counter

ROUNDS, TARGET_S = 10, 0.3
PEERS = {"python -c pass": "pass", "import click": "import click"}


def main() -> None:
    commands: dict[str, list[str | Path]] = {"rituals --help": [Path(sys.executable).with_name("rituals"), "--help"]}
    commands |= {name: [sys.executable, "-c", code] for name, code in PEERS.items()}
    spent: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(ROUNDS):  # by turns, so that a busy moment of the machine falls on all three
        for name, command in commands.items():
            spent[name].append(_seconds(command))
    found = {name: median(times) for name, times in spent.items()}
    ours = found.pop("rituals --help")
    print(f"rituals --help: {ours:.3f} s, median of {ROUNDS}; target {TARGET_S} s ({ours / TARGET_S:.0%} of it)")
    for name, peer in found.items():
        print(f"  peer: {name}: {peer:.3f} s, ratio {ours / peer:.2f}")


def _seconds(command: list[str | Path]) -> float:
    began = perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return perf_counter() - began


if __name__ == "__main__":
    main()
