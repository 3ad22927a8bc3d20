"""Adopted initiatives: from the configuration to raw tables, and their effect of the night."""

import logging
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from forecasting.series import KeptStudies
from forecasting.settings import ForecastSettings
from orchestration.intake.raw_store import INITIATIVE_EFFECTS, INITIATIVES, RawStore
from orchestration.progress import Silent
from orchestration.settings import ConfigurationError, InitiativeSettings, read_settings
from orchestration.steps.adopted import write_initiatives
from orchestration.steps.initiatives import measured_effects
from tests.forecasting.made_series import long_table, named, seasonal

FEW = ForecastSettings(samples=100, origins=3)


def initiative(start: str, *types: str) -> InitiativeSettings:
    return InitiativeSettings(
        name="Hjemme", starts_on=date.fromisoformat(start), measure_types=types, planned_saving=1e6
    )


def bottoms() -> pd.DataFrame:
    """Six bottom series to June 2021: s00 to s05, each its own measure type."""
    table = long_table(named(seasonal(6, 54, seed=8)))
    return table.assign(function="f", measure_type=table["series_id"])


def test_the_configuration_becomes_a_table(tmp_path: Path) -> None:
    store = RawStore(tmp_path / "raw")
    store.prepare()
    path = store.path("initiatives", "initiatives")
    write_initiatives({"b": initiative("2026-01-01", "27", "21")}, store)
    with duckdb.connect() as connection:
        found = connection.execute(f"from '{path.as_posix()}'")
        assert [column[0] for column in found.description or []] == list(INITIATIVES)
        (row,) = found.fetchall()
    assert row[:6] == ("b", "Hjemme", "Hjemme", "", date(2026, 1, 1), "27,21")
    write_initiatives({}, store)
    with duckdb.connect() as connection:
        assert connection.execute(f"select count(*) from '{path.as_posix()}'").fetchall() == [(0,)]


def test_an_initiative_is_read_from_the_file_and_starts_with_a_month(tmp_path: Path) -> None:
    path = tmp_path / "raaderum.toml"
    text = (
        '[initiatives.home]\nname = "Hjemme"\nstarts_on = 2026-01-{day}\n'
        'measure_types = ["27"]\nplanned_saving = 1500000\n'
    )
    path.write_text(text.format(day="01"), encoding="utf-8")
    assert read_settings(path).initiatives["home"].planned_saving == 1_500_000
    path.write_text(text.format(day="15"), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"home\.starts_on: .*first of a month"):
        read_settings(path)


def test_effects_of_the_night(caplog: pytest.LogCaptureFixture) -> None:
    adopted = {
        "early": initiative("2018-01-01", "s00"),
        "gone": initiative("2021-01-01", "s99"),
        "now": initiative("2021-01-01", "s01", "s02"),
    }
    with caplog.at_level(logging.WARNING, logger="raaderum.initiatives"):
        found = measured_effects(adopted, bottoms(), FEW, 1, Silent(), KeptStudies())
    assert list(found.columns) == [name for name in INITIATIVE_EFFECTS if name != "run_id"]
    assert found["initiative_id"].unique().tolist() == ["now"]
    assert found["month"].tolist() == list(pd.date_range("2021-01-01", periods=6, freq="MS"))
    # Three earlier dates of its own and of the three measure types that no initiative is about,
    # and those types since.
    assert (found["placebos"] == (1 + 3) * 3 + 3).all()
    told = caplog.text
    assert "initiative early is not measured: only 12 months" in told
    assert "initiative gone is not measured: none of its series" in told


def test_no_initiative_costs_nothing() -> None:
    assert measured_effects({}, bottoms().iloc[:0], FEW, 1, Silent(), KeptStudies()).empty
