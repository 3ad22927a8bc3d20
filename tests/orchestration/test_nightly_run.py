"""A night that does not get far: whose fault it is, and what is said about it."""

import json
from pathlib import Path

import pytest

from orchestration.nightly_run import run_night
from orchestration.progress import Silent
from orchestration.resources import Night
from orchestration.settings import ConfigurationError, Settings
from orchestration.state import State


def night(home: Path, **finance: str) -> Night:
    state = State(home)
    state.prepare()
    settings = Settings.model_validate({"sources": {"finance": finance}})
    return Night(settings, state, b"0123456789abcdef", None, False, Silent())


def test_a_wrong_configuration_is_not_a_failed_night(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no source profile 'nope'"):
        run_night(night(tmp_path, profile="nope", location=str(tmp_path)))
    with pytest.raises(ConfigurationError, match="no known kind of location"):
        run_night(night(tmp_path, location="gopher://host/folder"))


def test_the_reason_is_tonights_and_not_that_of_the_night_before(tmp_path: Path) -> None:
    surroundings = night(tmp_path / "home", location=str(tmp_path / "gone"))
    results = surroundings.state.dbt / "warehouse" / "run_results.json"
    results.parent.mkdir(parents=True)
    failed = {"unique_id": "test.raaderum.old_failure.1", "status": "fail"}
    results.write_text(json.dumps({"results": [failed]}), encoding="utf-8")
    outcome = run_night(surroundings)
    assert not outcome.succeeded
    assert "is not there" in outcome.reason
    assert "old_failure" not in outcome.reason
