"""The log lets through what is on its list, and nothing else."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from scheduler.app.logbook import ALLOWED, open_log
from scheduler.settings import LogStyle

SECRETS: dict[str, Any] = {
    "name": "Zanzibara",
    "address": "zanzibara@example.org",
    "title": "Xylophone supper",
    "text": "Hum the marmalade song.",
    "password": "hunter2",
    "path": "/home/zanzibara",
}


@pytest.mark.parametrize("style", LogStyle)
def test_a_field_that_is_not_on_the_list_is_left_out(style: LogStyle, capsys: pytest.CaptureFixture[str]) -> None:
    open_log(style)("effects", kind="mail", outcome="done", **SECRETS)
    said = capsys.readouterr()
    assert said.out == ""
    assert "effects" in said.err
    assert "mail" in said.err
    assert [value for value in SECRETS.values() if value in said.err] == []


def test_as_json_every_event_is_one_object_on_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    log = open_log(LogStyle.JSON)
    log("running", pid=7)
    log("tick_failed", job="plan", error='a "quoted"\nword')
    lines = capsys.readouterr().err.splitlines()
    first, second = map(json.loads, lines)
    assert first.pop("timestamp").endswith("Z")
    assert first == {"event": "running", "pid": 7}
    assert second.keys() <= ALLOWED
    assert second["error"] == 'a "quoted"\nword'


@pytest.mark.parametrize("library", ["googleapiclient.http", "httpcore.http11", "requests_oauthlib.oauth2_session"])
def test_a_library_s_own_lines_are_never_seen(library: str, caplog: pytest.LogCaptureFixture) -> None:
    open_log(LogStyle.JSON)
    logging.getLogger(library).error("refresh_token=%s", SECRETS["password"])
    assert caplog.text == ""


def test_for_people_an_event_is_one_line_without_colours_where_nobody_looks(
    capsys: pytest.CaptureFixture[str],
) -> None:
    open_log(LogStyle.HUMAN)("running", pid=7)
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "\x1b" not in said
    assert "running" in said
    assert "pid=7" in said


def test_the_list_names_no_field_that_could_hold_a_persons_words() -> None:
    assert ALLOWED.isdisjoint({"name", "address", "email", "title", "subject", "text", "body", "note", "path", "uid"})
