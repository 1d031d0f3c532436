"""One running service for each state folder."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from scheduler.adapters.lock import FILE, only_instance
from scheduler.domain.errors import Unavailable

HOLD = """
import sys
from pathlib import Path
from scheduler.adapters.lock import only_instance
with only_instance(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_instance_is_refused_and_told_which_process_is_first(tmp_path: Path) -> None:
    with (
        only_instance(tmp_path),
        pytest.raises(Unavailable, match=rf"already runs .*\(process {os.getpid()}\)"),
        only_instance(tmp_path),
    ):
        raise AssertionError("two at once")


def test_another_folder_is_another_service(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    with only_instance(tmp_path), only_instance(tmp_path / "b"):
        assert (tmp_path / "b" / FILE).read_text() == f"{os.getpid()}\n"


def test_the_folder_is_free_again_afterwards_even_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(KeyError), only_instance(tmp_path):
        raise KeyError
    with only_instance(tmp_path):
        assert (tmp_path / FILE).exists()


def test_what_an_earlier_process_left_behind_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("1234567890\nand more\n")
    with only_instance(tmp_path):
        assert (tmp_path / FILE).read_text() == f"{os.getpid()}\n"


def test_a_holder_that_left_no_number_is_still_a_holder(tmp_path: Path) -> None:
    with only_instance(tmp_path):
        (tmp_path / FILE).write_bytes(b"\xff what?")
        with pytest.raises(Unavailable, match="another process"), only_instance(tmp_path):
            raise AssertionError("two at once")


def test_a_folder_that_does_not_exist_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="cannot be written"), only_instance(tmp_path / "nowhere"):
        raise AssertionError("no folder, no lock")


@pytest.mark.slow
def test_a_killed_process_holds_nothing(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "held\n"
        with pytest.raises(Unavailable, match=f"process {child.pid}"), only_instance(tmp_path):
            raise AssertionError("two at once")
        child.send_signal(signal.SIGKILL)
        child.wait()
        with only_instance(tmp_path):
            assert (tmp_path / FILE).read_text() == f"{os.getpid()}\n"
