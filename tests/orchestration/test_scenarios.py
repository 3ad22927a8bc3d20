"""Scenario files, the paths that they are made on, and the night's rows of the kept ones."""

import json
import logging
from pathlib import Path

import jsonschema
import numpy as np
import pytest
import yaml

from forecasting.series import add_up
from orchestration.refusal import Refusal
from orchestration.scenario_files import (
    SCHEMA,
    forget,
    identity,
    keep,
    kept,
    read_scenario,
    schema_text,
)
from orchestration.settings import ConfigurationError
from orchestration.state import State
from orchestration.steps.scenarios import keep_paths, published_base, scenario_levels
from orchestration.steps.series_names import levels_of, placed_levels
from tests.forecasting.test_scenarios import FOSTER, HOME, Base, paths

EXAMPLES = sorted(SCHEMA.parent.glob("*.yml"), key=lambda path: path.name)
CHANGE = {"kind": "convert", "start": "2027-03", "from": "27", "to": "21", "persons": 1.7}


def written(folder: Path, *changes: dict, name: str = "what_if") -> Path:
    path = folder / f"{name}.yml"
    text = yaml.safe_dump({"name": name, "changes": list(changes)}, allow_unicode=True)
    path.write_text(text, encoding="utf-8")
    return path


def small_base() -> Base:
    money = paths({HOME: 10e6, FOSTER: 10e6}, 2)
    return Base(money, paths({"measure_type=27": 10.0, "measure_type=21": 20.0}, 4), {"27": "f"})


def published(state: State, run_id: str) -> None:
    state.current.mkdir(parents=True)
    (state.current / "manifest.json").write_text(json.dumps({"run_id": run_id}), encoding="utf-8")


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_examples_are_read_and_fit_the_schema(path: Path) -> None:
    assert read_scenario(path).scenario.name == path.stem
    as_json = json.loads(json.dumps(yaml.safe_load(path.read_text("utf-8")), default=str))
    jsonschema.validate(as_json, json.loads(schema_text()))


def test_the_schema_is_current() -> None:
    assert SCHEMA.read_text("utf-8") == schema_text(), "run `make schema`"


def test_the_examples_show_every_kind_of_change() -> None:
    kinds = {change.kind for path in EXAMPLES for change in read_scenario(path).scenario.changes}
    assert kinds == {"convert", "avert", "caseload", "price", "inflow"}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({**CHANGE, "effekt": 1}, r"change 1 \(convert\), effekt is not known"),
        ({**CHANGE, "start": "marts"}, r"change 1 \(convert\), start: must be a month"),
        ({**CHANGE, "effect": 1.5}, "effect: must lie between 0 and 1"),
        ({**CHANGE, "persons": {"low": 3, "expected": 2, "high": 4}}, "must rise"),
        ({"kind": "convert", "start": "2027-01", "from": "27", "to": "21"}, "persons is missing"),
        ({**CHANGE, "kind": "abolish"}, "abolish"),
    ],
)
def test_what_is_wrong_with_a_file_is_one_sentence(
    tmp_path: Path, change: dict, sentence: str
) -> None:
    with pytest.raises(ConfigurationError, match=sentence) as found:
        read_scenario(written(tmp_path, change))
    assert "\n" not in str(found.value)


def test_no_scenario_is_called_base_and_no_file_is_no_scenario(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="name of the forecast itself"):
        read_scenario(written(tmp_path, CHANGE, name="base"))
    with pytest.raises(ConfigurationError, match="there is no file"):
        read_scenario(tmp_path / "gone.yml")
    broken = tmp_path / "broken.yml"
    broken.write_text("name: [", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="cannot be read as YAML"):
        read_scenario(broken)


def test_kept_scenarios_are_part_of_what_a_run_is(tmp_path: Path) -> None:
    state = State(tmp_path / "var")
    assert identity(state) == ""
    path = keep(state, read_scenario(written(tmp_path, CHANGE)))
    first = identity(state)
    assert kept(state) == [path]
    keep(state, read_scenario(written(tmp_path, {**CHANGE, "persons": 2})))
    assert identity(state) not in ("", first)
    forget(state, "what_if")
    assert identity(state) == ""
    with pytest.raises(ConfigurationError, match="no scenario what_if is kept; there are: none"):
        forget(state, "what_if")


def test_the_paths_of_the_published_run_come_back(tmp_path: Path) -> None:
    state, base = State(tmp_path), small_base()
    with pytest.raises(Refusal, match="nothing is published yet"):
        published_base(state)
    published(state, "r1")
    with pytest.raises(Refusal, match="raaderum run --full"):
        published_base(state)
    keep_paths(state, "r0", base)
    keep_paths(state, "r1", base)
    keep_paths(state, "r2", base)
    # The run that is being made, and the one that is served.
    assert {path.name for path in state.paths.iterdir()} == {"r1.npz", "r2.npz"}
    found = published_base(state)
    assert found.homes == base.homes
    for mine, kept_paths in ((base.money, found.money), (base.persons, found.persons)):
        assert kept_paths.series_ids == mine.series_ids
        assert kept_paths.starts == mine.starts
        assert np.array_equal(kept_paths.mean, mine.mean)
        assert np.allclose(kept_paths.samples, mine.samples, rtol=1e-6)
        assert kept_paths.settings.decimals == mine.settings.decimals


def test_a_kept_scenario_adds_up_on_every_level(tmp_path: Path) -> None:
    state, base = State(tmp_path / "var"), small_base()
    keep(state, read_scenario(written(tmp_path, CHANGE)))
    sums = levels_of(base.money.series_ids)[1:]
    money = [base.money, *(add_up(base.money, groups) for groups in sums)]
    placed = placed_levels(base.persons.series_ids)[1]
    persons = [base.persons, add_up(base.persons, placed)]
    found = list(scenario_levels(state, base, money, persons))
    assert {name for name, _, _ in found} == {"what_if"}
    by_measure = {measure: [] for _, measure, _ in found}
    for _, measure, level in found:
        by_measure[measure].append(level.mean.sum(axis=0))
    for measure, decimals in (("net_expenditure", 2), ("full_year_persons", 4)):
        first, *others = by_measure[measure]
        assert all(np.allclose(first, one, atol=10.0**-decimals / 2) for one in others), measure
    total = by_measure["net_expenditure"][-1] - base.money.mean.sum(axis=0)
    # From March, 1.7 children a million each become 1.7 half a million each.
    assert total[:2].tolist() == [0, 0]
    assert total[12:].sum() == pytest.approx(-0.85e6, rel=0.01)


def test_a_scenario_that_no_longer_fits_stops_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    state, base = State(tmp_path / "var"), small_base()
    keep(state, read_scenario(written(tmp_path, {**CHANGE, "from": "9"})))
    with caplog.at_level(logging.WARNING, logger="raaderum.scenarios"):
        assert list(scenario_levels(state, base, [base.money], [base.persons])) == []
    assert "what_if is left out: change 1 (convert): nobody is in" in caplog.text
