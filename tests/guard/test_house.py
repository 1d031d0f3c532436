"""The house is in order: no machine's own paths, a readable changelog, honest make targets, a careful container."""

from __future__ import annotations

import re
import shlex
from datetime import date

import pytest

from tests.guard.source import texts

# Each with a dot too many, so that this file is not its own finding.
MACHINES = ("/wo·rk/", "/ro·ot/", "/fa·rm/", "/opt/py·pi", "/Us·ers/")
REGISTRIES = ("py·pi.org", "python·hosted", "registry.np·mjs", "np·mjs.org", "deb.deb·ian")
KINDS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


@pytest.mark.parametrize("word", MACHINES + REGISTRIES)
def test_no_file_names_one_machine_or_one_registry(word: str) -> None:
    assert [name for name, text in texts().items() if word.replace("·", "") in text] == []


def test_the_changelog_starts_with_unreleased_and_goes_back_in_time() -> None:
    text = texts()["CHANGELOG.md"]
    versions = re.findall(r"^## \[(.+?)\](?: - (\S+))?$", text, re.MULTILINE)
    assert versions[0] == ("Unreleased", "")
    days = [date.fromisoformat(day) for _, day in versions[1:]]
    assert days == sorted(days, reverse=True)
    assert len(re.findall(r"^## ", text, re.MULTILINE)) == len(versions)
    assert set(re.findall(r"^### (.+)$", text, re.MULTILINE)) <= KINDS


def test_every_make_target_that_a_person_types_is_explained() -> None:
    makefile = texts()["Makefile"]
    typed = set(re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)[1].split())  # type: ignore[index]
    explained = set(re.findall(r"^([a-z]+):.*## ", makefile, re.MULTILINE))
    assert typed - explained == {"static", "fast", "tools"}
    assert explained - typed == set()


def instructions() -> list[tuple[str, str]]:
    joined = texts()["Dockerfile"].replace("\\\n", " ")
    lines = [line.strip() for line in joined.splitlines() if line.strip() and not line.startswith("#")]
    return [(line.split()[0].upper(), line.partition(" ")[2].strip()) for line in lines]


def last_stage() -> list[tuple[str, str]]:
    steps = instructions()
    return steps[max(place for place, (word, _) in enumerate(steps) if word == "FROM") :]


def test_the_container_fetches_nothing_by_address() -> None:
    assert [given for word, given in instructions() if word == "ADD" or (word != "LABEL" and "://" in given)] == []


def test_the_container_runs_as_nobody_in_particular() -> None:
    users = [given for word, given in last_stage() if word == "USER"]
    assert users[-1:] == ["10001:10001"]
    assert last_stage()[-2:] == [
        ("ENTRYPOINT", '["rituals"]'),
        ("CMD", '["run", "--config", "/config/scheduler.toml"]'),
    ]


def test_the_container_can_live_on_a_read_only_root() -> None:
    values = dict(pair.split("=", 1) for word, given in last_stage() if word == "ENV" for pair in shlex.split(given))
    assert values["PYTHONDONTWRITEBYTECODE"] == "1"
    assert values["PYTHONTZPATH"] == ""
    assert [given for word, given in last_stage() if word == "VOLUME"] == ['["/state"]', '["/keys"]']
    compose = texts()["compose.yaml"]
    for line in ("read_only: true", "cap_drop: [ALL]", "no-new-privileges:true", "/tmp", "restart: unless-stopped"):
        assert line in compose


def test_the_container_s_builder_sees_every_file_that_it_copies() -> None:
    copied = {
        name.rstrip("/")
        for word, given in instructions()
        if word == "COPY" and not given.startswith("--from")
        for name in given.split()[:-1]
    }
    let_in = {line[1:] for line in texts()[".dockerignore"].splitlines() if line.startswith("!")}
    assert copied == let_in


def test_the_container_installs_only_what_the_lock_names() -> None:
    installs = [given for word, given in instructions() if word == "RUN" and "pip install" in given]
    assert installs
    parts = [part for given in installs for part in given.split("&&") if "pip install" in part]
    assert [part for part in parts if "--require-hashes" not in part and "--no-deps --no-index" not in part] == []
