"""The running service as a process: what it says, whom it answers, how it stops. Not here: a SIGKILL (tests/kill)."""

from __future__ import annotations

import http.client
import json
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest

from scheduler.app.logbook import ALLOWED
from scheduler.app.reload import ERROR_NOTE
from scheduler.app.wiring import open_store
from scheduler.content.assets import Assets
from scheduler.settings import Settings, load
from tests.cli import rituals, write_couple
from tests.contract.smtp_server import Box, smtp_server
from tests.world import cards

pytestmark = pytest.mark.slow

RITUALS = Path(sys.executable).with_name("rituals")
AWAKE = "quiet = false"
JSON_LOG = '\n[service]\nlog = "json"\n'
WALK = '\n[[ritual]]\nkind = "walk"\n'
PATIENCE_S = 40


class Running:
    """`rituals run` as a process; ``said`` is its stderr so far, ``greeting`` its stdout."""

    def __init__(self, file: Path, *options: str) -> None:
        self.process = subprocess.Popen(
            [RITUALS, "run", "--config", file, *(options or ("--port", "0"))],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.said: list[str] = []
        self.greeting: list[str] = []
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._listeners = [threading.Thread(target=self._listen), threading.Thread(target=self._read_greeting)]
        for one in self._listeners:
            one.start()

    def _listen(self) -> None:
        assert self.process.stderr
        for line in self.process.stderr:
            self._lines.put(line)
        self._lines.put(None)

    def _read_greeting(self) -> None:
        assert self.process.stdout
        self.greeting += self.process.stdout

    def until(self, *words: str) -> str:
        """Read the log up to the first line that holds one of the words."""
        ends_at = time.monotonic() + PATIENCE_S
        while True:
            line = self._lines.get(timeout=max(0.0, ends_at - time.monotonic()))
            assert line is not None, f"it ended before it said {words}: {self.said}"
            self.said.append(line)
            if any(word in line for word in words):
                return line

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, float]:
        """(exit status, seconds it took) after the signal."""
        began = time.monotonic()
        self.process.send_signal(number)
        return self.process.wait(PATIENCE_S), time.monotonic() - began

    def close(self) -> None:
        """The process is gone and all that it said is in ``said`` and ``greeting``."""
        self.process.kill()
        self.process.wait()
        for one in self._listeners:
            one.join()
        while line := self._lines.get():
            self.said.append(line)
        for stream in (self.process.stdout, self.process.stderr):
            assert stream
            stream.close()

    @property
    def address(self) -> str:
        return next(line.split()[-1] for line in self.greeting if line.split()[:1] == ["page"])


@contextmanager
def running(file: Path, *options: str) -> Iterator[Running]:
    """A service that has greeted."""
    found = Running(file, *options)
    try:
        found.until("running")
        yield found
    finally:
        found.close()


def couple(folder: Path, rest: str = JSON_LOG, *, joined: bool = True, sam: str = AWAKE, kim: str = AWAKE) -> Path:
    file = write_couple(folder, sam=sam, kim=kim, rest=rest)
    for name in ("sam", "kim") if joined else ():
        assert rituals("join", name, "--yes", "--config", file).exit_code == 0
    return file


def events(folder: Path, partner: str) -> list[str]:
    return [file.read_text() for file in (folder / "calendars" / partner).glob("*.ics")]


def trouble(settings: Settings) -> str:
    """What `rituals status` would say of the file."""
    with closing(open_store(settings)) as store, store.transaction() as tx:
        return tx.note(settings.couple.id, ERROR_NOTE) or ""


def page(address: str) -> str:
    where = urlsplit(address)
    with closing(http.client.HTTPConnection(where.hostname or "", where.port, timeout=20)) as connection:
        connection.request("GET", "/")
        return connection.getresponse().read().decode()


# ── being there ──


def test_it_plans_four_weeks_and_says_where_everything_is(tmp_path: Path) -> None:
    with running(couple(tmp_path)) as one:
        status, _ = one.stop(signal.SIGINT)
    said = "".join(one.greeting)
    assert status == 0
    for place in ("calendars/sam", "calendars/kim", "mail", "state"):
        assert str(tmp_path / place) in said
        assert (tmp_path / place).is_dir()
    assert "http://127.0.0.1:" in said
    assert f"{len(events(tmp_path, 'sam'))} rituals stand in the coming 4 weeks" in said
    weeks = {text.partition("DTSTART")[2][:20] for text in events(tmp_path, "kim") if "Coffee" in text}
    assert len(weeks) == 4
    assert list((tmp_path / "mail" / "sam" / "new").iterdir())


def test_before_both_said_yes_it_says_for_whom_it_waits(tmp_path: Path) -> None:
    file = couple(tmp_path, joined=False)
    rituals("join", "sam", "--yes", "--config", file)
    with running(file) as one:
        one.stop()
    assert "Kim has not said yes: until then nothing is planned" in "".join(one.greeting)
    assert "Sam has not" not in "".join(one.greeting)
    assert events(tmp_path, "sam") == []


def test_a_second_one_on_the_same_state_says_so_and_ends_at_once(tmp_path: Path) -> None:
    """At once: it takes no longer than loading the program twice, on a machine of whatever speed."""
    file, took, loading = couple(tmp_path), [], []
    with running(file) as first:
        for _ in range(3):  # the fastest counts: other programs may hold up any one of them
            began = time.monotonic()
            subprocess.run([sys.executable, "-c", "import scheduler.cli.run"], check=True)
            loading.append(time.monotonic() - began)
            began = time.monotonic()
            second = subprocess.run([RITUALS, "run", "-c", file, "--port", "0"], capture_output=True, text=True)
            took.append(time.monotonic() - began)
            assert second.returncode == 75
            assert f"already runs on {tmp_path / 'state'} (process {first.process.pid})" in second.stderr
            assert second.stdout == ""
        assert first.stop()[0] == 0
    assert min(took) < 2 * min(loading)


def test_a_port_that_is_taken_costs_the_page_and_nothing_else(tmp_path: Path) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        running(couple(tmp_path), "--port", str(taken.getsockname()[1])) as one,
    ):
        one.stop()
    assert "is taken" in "".join(one.greeting)
    assert [json.loads(line)["event"] for line in one.said][-1] == "stopped"
    assert events(tmp_path, "sam")


def test_the_page_listens_on_this_machine_only(tmp_path: Path) -> None:
    with running(couple(tmp_path)) as one:
        open_sockets = psutil.Process(one.process.pid).net_connections("inet")
        listening = [found.laddr for found in open_sockets if found.status == psutil.CONN_LISTEN]
        assert [where.ip for where in listening] == ["127.0.0.1"]
        assert "Coffee date" in page(f"http://127.0.0.1:{listening[0].port}/")


@pytest.mark.parametrize("shown", [True, False])
def test_mails_are_on_the_page_only_where_the_file_says_so(tmp_path: Path, shown: bool) -> None:
    file = couple(tmp_path, f"\n[view]\nshow_mail = {str(shown).lower()}\n")
    with running(file) as one:
        listening = psutil.Process(one.process.pid).net_connections("inet")
        text = page(f"http://127.0.0.1:{listening[0].laddr.port}/")
    letters = list((tmp_path / "mail").glob("*/new/*"))
    subjects = {line[9:] for file in letters for line in file.read_text().splitlines() if line.startswith("Subject: ")}
    assert subjects
    assert all((subject in text) is shown for subject in subjects)
    assert ("Mails are not shown here" in text) is not shown


# ── an edited file ──


def test_an_edit_is_in_force_within_seconds_and_a_bad_one_never(tmp_path: Path) -> None:
    file = couple(tmp_path)
    settings, good, walk = load(file, Assets()), file.read_text(), file.read_text().replace(JSON_LOG, WALK + JSON_LOG)
    with running(file) as one:
        file.write_text(walk)
        one.until('"config_taken"')
        one.until('"effects"')
        file.write_text(walk.replace('"walk"', '"wlak"'))
        assert json.loads(one.until('"config_refused"'))["problems"] == 1
        assert 'did you mean "walk"?' in trouble(settings)
        file.write_text(good)
        one.until('"config_taken"')
        assert trouble(settings) == ""
        assert one.stop()[0] == 0
    assert any("SUMMARY:" in text for text in events(tmp_path, "sam"))
    assert '"occurrence_placed"' in "".join(one.said)
    assert '"occurrence_withdrawn"' in "".join(one.said)


# ── what the log tells ──


def test_a_json_log_is_one_object_a_line_with_nothing_but_known_fields(tmp_path: Path) -> None:
    with running(couple(tmp_path)) as one:
        one.stop()
    for line in one.said:
        fields = json.loads(line)
        assert {"event", "timestamp"} <= fields.keys() <= ALLOWED
    told = [json.loads(line)["event"] for line in one.said]
    assert "stopping" in told
    assert told[-1] == "stopped"


CANARIES = {
    '"Sam"': '"Zanzibara"',
    '"Kim"': '"Quillonia"',
    "sam@example.org": "zanz.secret@example.org",
    "kim@example.org": "quill.secret@example.org",
    'kind = "check-in"': 'title = "Xylophone supper"\nevery = "daily"\nhow_to = ["Hum the marmalade song."]',
}
WORDS = ("zanzibara", "quillonia", "secret", "xylophone", "marmalade", "coffee", "dentist")


@pytest.mark.parametrize("style", ["json", "human"])
def test_no_name_address_title_or_card_ever_stands_in_the_log(tmp_path: Path, style: str) -> None:
    box = Box()
    box.says["quill.secret@example.org"] = "550 5.1.1 no such box quill.secret@example.org"
    with smtp_server(box) as port:
        mail = f'\n[mail]\nsender = "rituals@example.org"\n[mail.smtp]\nhost = "127.0.0.1"\nport = {port}\n'
        file = couple(tmp_path, mail + f'security = "none"\n[service]\nlog = "{style}"\n', joined=False,
                      kim=AWAKE + '\nbusy = ["dentist.ics"]\n')  # fmt: skip
        text = file.read_text()
        for old, new in CANARIES.items():
            text = text.replace(old, new)
        file.write_text(text)
        (tmp_path / "dentist.ics").write_text("BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Dentist of Quillonia\n")
        for name in ("zanzibara", "quillonia"):
            rituals("join", name, "--yes", "-c", file)
        with running(file) as one:
            (tmp_path / "dentist.ics").write_text("BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\nEND:VCALENDAR\n")
            file.write_text(text + '\n[marmalade]\nname = "Quillonia"\n')
            one.until("config_refused")
            one.stop()
    said = "".join(one.said).lower()
    assert box.mails, "mails with all of it did go out"
    assert "refused" in said
    assert [word for word in WORDS if word in said] == []
    assert [card.id for card in cards() if card.prompt.lower()[:30] in said] == []


# ── stopping ──


class Trickle:
    """A mail server that is quick until ``hang``; then it sends a word of an endless answer now and then."""

    def __init__(self) -> None:
        self.hang = threading.Event()
        self.hanging = threading.Event()
        self._over = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                peer, _ = self._listener.accept()
                threading.Thread(target=self._talk, args=(peer,), daemon=True).start()

    def _talk(self, peer: socket.socket) -> None:
        with suppress(OSError), closing(peer), peer.makefile("rb") as lines:
            self._answer(peer, "220")
            for line in lines:
                if line.startswith(b"DATA"):
                    self._answer(peer, "354")
                    while lines.readline() not in (b".\r\n", b""):
                        pass
                self._answer(peer, "250")

    def _answer(self, peer: socket.socket, code: str) -> None:
        if not self.hang.is_set():
            peer.sendall(f"{code} fine\r\n".encode())
            return
        self.hanging.set()
        while not self._over.wait(0.2):
            peer.sendall(f"{code}-one moment\r\n".encode())

    def close(self) -> None:
        self._over.set()
        self._listener.close()


@pytest.fixture
def trickle() -> Iterator[Trickle]:
    server = Trickle()
    yield server
    server.close()


def by_smtp(folder: Path, server: Trickle, *, joined: bool) -> Path:
    mail = f'\n[mail]\nsender = "rituals@example.org"\n[mail.smtp]\nhost = "127.0.0.1"\nport = {server.port}\n'
    return couple(folder, mail + 'security = "none"' + JSON_LOG, joined=joined)


@contextmanager
def hung_at_start(folder: Path, server: Trickle) -> Iterator[Running]:
    server.hang.set()
    one = Running(by_smtp(folder, server, joined=False))
    try:
        assert server.hanging.wait(PATIENCE_S)
        yield one
    finally:
        one.close()


def test_it_stops_in_time_although_a_mail_server_never_comes_to_an_end(tmp_path: Path, trickle: Trickle) -> None:
    with hung_at_start(tmp_path, trickle) as one:
        status, seconds = one.stop()
    assert status == 0
    assert seconds <= 20


def test_it_stops_in_time_in_the_middle_of_a_tick_too(tmp_path: Path, trickle: Trickle) -> None:
    file = by_smtp(tmp_path, trickle, joined=False)
    with running(file) as one:
        trickle.hang.set()
        rituals("join", "sam", "--yes", "--config", file)
        assert trickle.hanging.wait(PATIENCE_S)
        status, seconds = one.stop()
    assert status == 0
    assert seconds <= 20


def test_a_second_signal_ends_it_at_once_and_what_was_cut_off_is_done_later(tmp_path: Path, trickle: Trickle) -> None:
    with hung_at_start(tmp_path, trickle) as one:
        one.process.send_signal(signal.SIGTERM)
        with pytest.raises(subprocess.TimeoutExpired):
            one.process.wait(1)
        status, seconds = one.stop()
    assert status == 128 + signal.SIGTERM
    assert seconds < 1
    trickle.hang.clear()
    with running(tmp_path / "scheduler.toml") as two:
        two.stop()
    done = [json.loads(line) for line in two.said if '"effects"' in line]
    assert [(one["kind"], one["outcome"], one["count"]) for one in done] == [("mail", "done", 2)]
