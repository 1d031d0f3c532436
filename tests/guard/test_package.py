"""What we ship is complete: wheel and sdist carry templates and config, and work where nothing else of ours is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.guard.source import ROOT, texts

pytestmark = pytest.mark.slow

SCRIPTS = Path(sys.executable).parent
ASSETS = {name for name in texts() if name.startswith(("templates/", "config/"))}
KNOWN_PTH = {
    "_couple_rituals.pth": "finds this checkout: no code",
    "distutils-precedence.pth": "setuptools, which comes with every new environment of Python 3.11",
    "_virtualenv.pth": "uv's new environments",
}
FIND_ASSETS = (
    "import scheduler, sys; from scheduler.content.assets import Assets; a = Assets();"
    " print(scheduler.__file__, *[a.path(name) for name in sys.argv[1:]], sep=chr(10))"
)


def run(*command: str | Path, cwd: Path, **env: str) -> str:
    """What the program printed; it sees PATH and what is given, no HOME."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd, env={"PATH": os.defpath, "PYTHONDONTWRITEBYTECODE": "1", **env}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, f"{command[0]}: {done.stdout}\n{done.stderr}"
    return done.stdout


def uv(*command: str | Path, cwd: Path) -> str:
    return run(SCRIPTS / "uv", *command, cwd=cwd, **os.environ)


@pytest.fixture(scope="session")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sdist")
    run(SCRIPTS / "hatchling", "build", "-t", "sdist", "-d", folder, cwd=ROOT)
    return next(folder.glob("*.tar.gz"))


@pytest.fixture(scope="session")
def wheel(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from the unpacked sdist: what it forgets, the wheel lacks."""
    folder = tmp_path_factory.mktemp("wheel")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    source = next(folder.glob("couple_rituals-*"))
    run(SCRIPTS / "hatchling", "build", "-t", "wheel", "-d", folder, cwd=source)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin folder of a new environment with the wheel, beside the packages that this test run uses."""
    folder = tmp_path_factory.mktemp("installed") / "venv"
    uv("venv", "--quiet", "--python", sys.executable, folder, cwd=folder.parent)
    uv(
        "pip",
        "install",
        "--quiet",
        "--offline",
        "--no-deps",
        "--python",
        folder / "bin/python",
        wheel,
        cwd=folder.parent,
    )
    # A path that comes from a .pth file is no site folder: the editable project's own .pth in there is not read.
    packages = Path(
        run(folder / "bin/python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder)
    )
    (Path(str(packages).strip()) / "borrowed.pth").write_text(sysconfig.get_path("purelib"))
    return folder / "bin"


def test_the_wheel_carries_every_template_and_every_config_file(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {f"scheduler/_assets/{name}" for name in ASSETS} - names == set()
    assert [name for name in names if name.startswith(("tests/", "docs/", "templates/", "config/"))] == []


def test_the_sdist_carries_all_that_a_checkout_has(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert ASSETS - names == set()
    assert {
        "Makefile",
        "requirements.lock",
        "requirements-dev.lock",
        ".ci/run",
        "LICENSE",
        "README.md",
    } - names == set()


def test_an_installed_wheel_finds_its_assets(installed: Path, tmp_path: Path) -> None:
    package, *found = run(installed / "python", "-c", FIND_ASSETS, *sorted(ASSETS), cwd=tmp_path).splitlines()
    home = installed.parent
    assert Path(package).is_relative_to(home)
    assert len(found) == len(ASSETS)
    assert [path for path in found if not Path(path).is_relative_to(home)] == []


def test_the_editable_install_finds_the_checkout_s_assets(tmp_path: Path) -> None:
    package, *found = run(sys.executable, "-c", FIND_ASSETS, *sorted(ASSETS), cwd=tmp_path).splitlines()
    assert Path(package) == ROOT / "scheduler" / "__init__.py"
    assert set(map(Path, found)) == {ROOT / name for name in ASSETS}


def test_the_installed_command_simulates_a_week_in_an_empty_directory(installed: Path, tmp_path: Path) -> None:
    printed = run(installed / "rituals", "simulate", "--weeks", "1", "--out", "OUT", "--json", cwd=tmp_path)
    document = json.loads(printed)
    assert document["occurrences"]
    assert document["messages"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["OUT"]
    assert list((tmp_path / "OUT" / "calendars").glob("*/*.ics"))
    assert (tmp_path / "OUT" / "index.html").is_file()


@pytest.fixture(scope="session")
def container(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with venv and state. No container engine is asked for: these are the Dockerfile's steps."""
    folder = tmp_path_factory.mktemp("container")
    python = folder / "venv/bin/python"
    uv("venv", "--quiet", "--python", sys.executable, folder / "venv", cwd=folder)
    install = ("pip", "install", "--quiet", "--python", python, "--no-deps")
    uv(*install, "--require-hashes", "-r", ROOT / "requirements.lock", cwd=folder)
    uv(*install, "--no-index", wheel, cwd=folder)
    (folder / "state").mkdir(mode=0o500)
    return folder


def test_the_container_s_install_steps_give_a_working_command(container: Path) -> None:
    before = set(container.rglob("*"))
    said = run(container / "venv/bin/rituals", "--help", cwd=container / "state", PYTHONTZPATH="")
    assert "simulate" in said
    assert set(container.rglob("*")) == before


def test_the_lock_lacks_nothing_but_what_we_leave_out_on_purpose(container: Path) -> None:
    """caldav says that it needs niquests, and is content with requests: pyproject.toml tells why, under tool.uv."""
    words = [str(SCRIPTS / "uv"), "pip", "check", "--python", str(container / "venv/bin/python")]
    done = subprocess.run(words, cwd=container, env=os.environ, capture_output=True, text=True)
    missing = [line for line in done.stderr.splitlines() if line.startswith("The package")]
    assert missing == ["The package `caldav` requires `niquests`, but it's not installed"]
    assert "Found 1 incompatibility" in done.stderr
    run(container / "venv/bin/python", "-c", "import scheduler.adapters.caldav.calendar", cwd=container)


@pytest.mark.parametrize("of", ["the lock", "the checkout"])
def test_nothing_strange_runs_at_every_start_of_python(of: str, container: Path) -> None:
    """A .pth file may run code; a stolen package that brings one is run without being imported (threat T28)."""
    python = container / "venv/bin/python" if of == "the lock" else Path(sys.executable)
    packages = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=container)
    assert {path.name for path in Path(packages.strip()).glob("*.pth")} - KNOWN_PTH.keys() == set()
