"""Explanations: of anyone's series by `forecast --explain`, of the published run by `explain`."""

import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from forecasting.candidates import THOROUGH
from forecasting.explained import COLUMNS, explained
from forecasting.series import public_paths
from orchestration.cli.app import app
from orchestration.refusal import Refusal
from orchestration.state import State
from orchestration.steps.explanations import keep_explanations, published_explanations
from tests.forecasting.made_series import long_table, named, seasonal

HISTORY = long_table(named(seasonal(1, 36, seed=3)))


def test_the_thorough_forecast_and_its_explanation_are_written(tmp_path: Path) -> None:
    source, out, why = (tmp_path / f"{name}.csv" for name in ("in", "out", "why"))
    HISTORY.to_csv(source, index=False)
    arguments = ["--input", str(source), "--horizon", "6", "--out", str(out)]
    done = CliRunner().invoke(app, ["forecast", *arguments, "--thorough", "--explain", str(why)])
    assert done.exit_code == 0, done.output
    assert len(pd.read_csv(out)) == 6
    table = pd.read_csv(why)
    assert list(table.columns) == COLUMNS
    assert set(table[table["part"] == "weight"]["name"]) >= set(THOROUGH) - {"prophet"}
    assert len(table[table["part"] == "trend"]) == 36 + 6
    event = table[table["part"] == "event"]
    assert len(event) == 36 + 6
    assert set(event["name"]) == {"none"}
    assert not event["value"].any()


def test_the_published_runs_explanations_are_kept_and_no_others(tmp_path: Path) -> None:
    state = State(tmp_path)
    with pytest.raises(Refusal, match="nothing is published yet"):
        published_explanations(state)
    paths = public_paths(HISTORY.tail(5), 3)
    for run_id in ("r1", "r2"):
        keep_explanations(state, run_id, explained(paths))
    state.current.mkdir(parents=True)
    for run_id in ("r2", "r1"):
        identity = {"run_id": run_id, "as_of": "2024-03-31", "load_ids": [], "files": []}
        identity |= {"code_version": "1", "data_version": "a", "published_at": "2024-04-01"}
        (state.current / "manifest.json").write_text(json.dumps(identity), encoding="utf-8")
        if run_id == "r2":
            assert published_explanations(state)["name"].tolist() == ["level"]
        else:
            with pytest.raises(Refusal, match="raaderum run --full"):
                published_explanations(state)
