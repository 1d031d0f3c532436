"""Two readers of calendars that owe nothing to Python: ical.js and libical. Not here: any claim (tests/contract)."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.guard.source import ROOT

READY = ROOT / ".venv" / "tools"
SOURCES = ROOT / "tests" / "tools"


@dataclass(frozen=True)
class Component:
    """As ical.js read it: ``properties`` are (name in small letters, value, parameters), a value per entry."""

    name: str
    properties: tuple[tuple[str, str, Mapping[str, str]], ...]
    inside: tuple[Component, ...]

    def values(self, name: str) -> list[str]:
        return [value for found, value, _ in self.properties if found == name]

    def parameters(self, name: str) -> list[Mapping[str, str]]:
        return [parameters for found, _, parameters in self.properties if found == name]

    def walk(self) -> Iterator[Component]:
        yield self
        for one in self.inside:
            yield from one.walk()


def read_by_ical_js(*texts: bytes) -> list[Component]:
    """Every text, read strictly; one that it cannot read fails the test."""
    said = _run(["node", str(SOURCES / "read.cjs")], json.dumps([text.decode() for text in texts]).encode())
    found = json.loads(said)
    assert [one["error"] for one in found if "error" in one] == []
    return [_component(one) for one in found]


def complaints_of_libical(text: bytes) -> list[str]:
    """What its parser and its table of RFC 5546 restrictions do not like."""
    return _run([str(READY / "judge")], text).decode().splitlines()


def _run(command: list[str], given: bytes) -> bytes:
    assert (READY / "judge").exists(), "the tests' own tools are not there yet: run tests/tools/install"
    paths = {"PATH": os.environ["PATH"], "NODE_PATH": str(READY / "node_modules")}
    done = subprocess.run(command, input=given, capture_output=True, env=paths, timeout=60)
    assert done.returncode == 0, f"{command[0]}: {done.returncode} {done.stderr.decode()}"
    return done.stdout


def _component(found: dict[str, Any]) -> Component:
    properties = tuple(
        (name, value, parameters) for name, values, parameters in found["properties"] for value in values
    )
    return Component(found["name"], properties, tuple(map(_component, found["inside"])))
