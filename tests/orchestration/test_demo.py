"""What the demo has beside its data: an initiative and a scenario, by the ordinary ways."""

from datetime import date
from pathlib import Path

import pytest
import yaml

from orchestration.cli.nightly import demo_settings, keep_demo_scenario
from orchestration.intake.simulation import parameters
from orchestration.scenario_files import kept, read_scenario
from orchestration.settings import ROOT, read_settings
from orchestration.state import State


def test_a_run_after_the_demo_has_the_demos_initiatives() -> None:
    written = read_settings(ROOT / "raaderum.toml")
    assert written.initiatives == demo_settings(10_000).initiatives


def test_the_initiative_began_when_the_simulated_one_did() -> None:
    text = Path(parameters.__file__).with_name("parameters.yml").read_text("utf-8")
    simulated = {one["name"]: one["starts"] for one in yaml.safe_load(text)["initiatives"]}
    for name, one in demo_settings(1000).initiatives.items():
        assert date.fromisoformat(str(simulated[name])) == one.starts_on


def test_the_scenario_is_kept_as_the_command_keeps_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAADERUM_HOME", str(tmp_path))
    keep_demo_scenario()
    [path] = kept(State(tmp_path))
    assert read_scenario(path).scenario.name == path.stem == "sverigesmodel"
