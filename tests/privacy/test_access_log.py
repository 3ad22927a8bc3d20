"""Who ran what, when, and how it ended."""

import json
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from orchestration.privacy import access_log
from tests.end_to_end.conftest import Municipality


def lines(log: Path) -> list[dict]:
    text = (log / access_log.NAME).read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()]


def test_a_command_leaves_two_lines_without_numbers(tmp_path: Path) -> None:
    house = Municipality(tmp_path, {"RAADERUM_USER": "anne"})
    house.run("status")
    house.run("errors", "--load", "010190-1234", code=None)
    house.run("errors", "--nonsense", code=2)
    found = lines(house.home / "log")
    assert [(item["who"], item["command"], item["event"]) for item in found] == [
        ("anne", "status", "began"),
        ("anne", "status", "ended"),
        ("anne", "errors", "began"),
        ("anne", "errors", "ended"),
        ("anne", "errors", "began"),
        ("anne", "errors", "ended"),
    ]
    assert found[3]["arguments"] == ["--load", "[CPR]"]
    assert [item["exit_code"] for item in found] == [None, 0, None, found[3]["exit_code"], None, 2]
    assert len({item["id"] for item in found}) == 3


def test_help_and_simulation_read_no_data(tmp_path: Path) -> None:
    house = Municipality(tmp_path)
    house.run("--help")
    house.run("errors", "--help")
    assert not (house.home / "log").exists()
    assert not access_log.reads_data(["simulate", "--out", "x"])


def test_without_a_log_nothing_is_read(tmp_path: Path) -> None:
    house = Municipality(tmp_path)
    (house.home / "log" / access_log.NAME).mkdir(parents=True)
    done: subprocess.CompletedProcess[str] = house.run("status", code=2)
    assert "access log cannot be written" in done.stderr


def test_old_lines_go_and_the_others_stay_as_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAADERUM_USER", "bo")
    access_log.end(access_log.begin(tmp_path, ["run"]), 0)
    before = (tmp_path / access_log.NAME).read_bytes()
    now = datetime.now(UTC)
    assert access_log.remove_older(tmp_path, 10, now) == 0
    assert (tmp_path / access_log.NAME).read_bytes() == before
    later = now + timedelta(days=11)
    assert access_log.remove_older(tmp_path, 10, later, dry_run=True) == 2
    assert (tmp_path / access_log.NAME).read_bytes() == before
    assert access_log.remove_older(tmp_path, 10, later) == 2
    assert lines(tmp_path) == []
