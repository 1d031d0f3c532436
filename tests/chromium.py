"""A real browser without a window, told what to do through pipes: for what only a browser can tell. Not here: claims.

Source: the DevTools protocol; messages are JSON, each ended by a zero byte, on file descriptors 3 and 4.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

PROGRAM = shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--remote-debugging-pipe"),
    *("--disable-background-networking", "--disable-sync", "--disable-component-update"),
)

# Puts the pipes where the browser looks for them, and becomes the browser.
LAUNCH = """import os, sys
to, back = map(int, sys.argv[1:3])
assert min(to, back) > 4
os.dup2(to, 3)
os.dup2(back, 4)
os.execv(sys.argv[3], sys.argv[3:])
"""


class Chromium:
    """A context manager with one page; ``complaints`` is what the browser put on its console."""

    def __init__(self, folder: Path) -> None:
        assert PROGRAM
        ours_in, self._to = os.pipe()
        self._from, ours_out = os.pipe()
        launch = [sys.executable, "-c", LAUNCH, str(ours_in), str(ours_out)]
        self._process = subprocess.Popen(
            [*launch, PROGRAM, *FLAGS, f"--user-data-dir={folder}", "about:blank"],
            pass_fds=(ours_in, ours_out),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(ours_in)
        os.close(ours_out)
        self._heard, self._session = b"", ""
        self._count = self._loads = 0
        self.complaints: list[str] = []

    def __enter__(self) -> Chromium:
        page = next(one for one in self._ask("Target.getTargets")["targetInfos"] if one["type"] == "page")
        self._session = self._ask("Target.attachToTarget", targetId=page["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Log"):
            self._ask(f"{domain}.enable")
        return self

    def __exit__(self, *_: object) -> None:
        self._session = ""
        self._say("Browser.close", {})
        self._process.wait(10)
        os.close(self._to)
        os.close(self._from)

    def open(self, address: str) -> str:
        """Returns the title of the page, once it is loaded."""
        loads = self._loads
        self._ask("Page.navigate", url=address)
        return self._title_after(loads)

    def press(self, selector: str) -> str:
        """Click what the selector finds; returns the title of the page that it leads to."""
        loads = self._loads
        self._evaluate(f"document.querySelector({json.dumps(selector)}).click()")
        return self._title_after(loads)

    def press_in_vain(self, selector: str) -> str:
        """Click what leads nowhere; returns the browser's complaint."""
        self._evaluate(f"document.querySelector({json.dumps(selector)}).click()")
        while not self.complaints:
            self._hear()
        return self.complaints[0]

    def _title_after(self, loads: int) -> str:
        while self._loads == loads:
            self._hear()
        return str(self._evaluate("document.title"))

    def _evaluate(self, script: str) -> Any:
        return self._ask("Runtime.evaluate", expression=script)["result"].get("value")

    def _ask(self, method: str, **given: object) -> dict[str, Any]:
        number = self._say(method, given)
        while (answer := self._hear()).get("id") != number:
            pass
        return dict(answer["result"])

    def _say(self, method: str, given: dict[str, object]) -> int:
        self._count += 1
        session = {"sessionId": self._session} if self._session else {}
        message = {"id": self._count, "method": method, "params": given, **session}
        os.write(self._to, json.dumps(message).encode() + b"\0")
        return self._count

    def _hear(self) -> dict[str, Any]:
        while b"\0" not in self._heard:
            more = os.read(self._from, 65536)
            if not more:
                raise EOFError("the browser ended")
            self._heard += more
        text, _, self._heard = self._heard.partition(b"\0")
        message: dict[str, Any] = json.loads(text)
        self._loads += message.get("method") == "Page.loadEventFired"
        if message.get("method") == "Log.entryAdded":
            self.complaints.append(message["params"]["entry"]["text"])
        return message
