"""How much memory an idle `rituals run` keeps, with its page and without, on the example couple.

The peers are Python that does nothing, and Python that has only imported the same libraries.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import sleep
from urllib.request import urlopen

import psutil

EXAMPLE = Path(__file__).parents[2] / "config" / "example"
RITUALS = Path(sys.executable).with_name("rituals")
TARGET_MB, SETTLE_S = 90, 5
LIBRARIES = "apscheduler.schedulers.background, babel, css_inline, icalendar, jinja2, pydantic, sqlalchemy, structlog"
PEERS = {"python that does nothing": "pass", "only the libraries": f"import click, {LIBRARIES}"}


def main() -> None:
    with TemporaryDirectory(prefix="rituals-bench-") as name:
        couple = _joined_couple(Path(name))
        print(f"target {TARGET_MB} MB resident")
        with _running(couple, page=False) as (process, _):
            _tell("rituals run, no page", process)
        with _running(couple, page=True) as (process, address):
            _tell("rituals run, page on, never opened", process)
            with urlopen(address) as answer:
                size = len(answer.read())
            sleep(SETTLE_S)
            _tell(f"rituals run, page of {size // 1024} KB opened once", process)
    for name, code in PEERS.items():
        with _peer(code) as process:
            _tell(f"peer: {name}", process)


def _joined_couple(desk: Path) -> Path:
    shutil.copytree(EXAMPLE, desk / "config" / "example")
    couple = desk / "config" / "example" / "couple.toml"
    for name in ("mara", "jon"):
        command = (RITUALS, "join", name, "--yes", "--config", couple)
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return couple


@contextmanager
def _running(couple: Path, *, page: bool) -> Iterator[tuple[psutil.Process, str]]:
    """The service as it is after its first round; the address is empty without a page."""
    file = couple if page else couple.with_name("bare.toml")
    text = couple.read_text(encoding="utf-8")
    file.write_text(text if page else re.sub(r"(?m)^\[view\]$", "[view]\non = false", text), encoding="utf-8")
    command = (RITUALS, "run", "--port", "0", "--config", file)
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout is not None
            greeting = ""
            while "Stop with Ctrl-C" not in greeting:
                greeting += process.stdout.readline() or sys.exit("rituals run ended by itself")
            sleep(SETTLE_S)
            found = re.search(r"http://\S+", greeting)
            yield psutil.Process(process.pid), found[0] if found else ""
        finally:
            process.terminate()


@contextmanager
def _peer(code: str) -> Iterator[psutil.Process]:
    command = [sys.executable, "-c", f"{code}\nprint('ready', flush=True)\ninput()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()
            yield psutil.Process(process.pid)
        finally:
            process.terminate()


def _tell(what: str, process: psutil.Process) -> None:
    memory = process.memory_full_info()
    print(f"  {what}: {memory.rss / 2**20:.1f} MB resident, {memory.uss / 2**20:.1f} MB of it not shared")


if __name__ == "__main__":
    main()
