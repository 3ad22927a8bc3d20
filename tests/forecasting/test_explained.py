"""What is told of why a forecast is as it is."""

import numpy as np
import pandas as pd
import pytest

from forecasting.breaks import KnownBreak, events, joined
from forecasting.explained import COLUMNS, explained
from forecasting.series import ForecastSettings, forecast
from tests.forecasting.conftest import Portfolio
from tests.forecasting.made_series import long_table, named, seasonal


def test_weights_are_whole_and_trend_and_season_cover_history_and_horizon(
    portfolio: Portfolio,
) -> None:
    table = explained(portfolio.paths)
    assert list(table.columns) == COLUMNS
    weights = table[table["part"] == "weight"]
    shares = weights.groupby(["series_id", "month"])["value"].sum()
    assert set(weights["series_id"]) == set(portfolio.paths.series_ids)
    assert shares.to_numpy() == pytest.approx(1.0)
    near, far = shares["s00"].index
    assert (near, far) == (pd.Timestamp("2022-06-01"), pd.Timestamp("2022-12-01"))
    one = table[table["series_id"] == "s00"]
    trend, season = (one[one["part"] == part] for part in ("trend", "season"))
    assert len(trend) == len(season) == 65 + portfolio.settings.horizon
    assert trend["name"].nunique() == 1
    assert np.isfinite(trend["value"]).all()


def test_a_simple_rule_is_its_own_explanation(portfolio: Portfolio) -> None:
    table = explained(portfolio.paths)
    ended = table[table["series_id"] == "ended"]
    assert ended[["part", "name", "value"]].to_numpy().tolist() == [["weight", "ended", 1.0]]


def _followed(history: pd.DataFrame, table: pd.DataFrame, name: str) -> pd.DataFrame:
    """One series by month: booked, event, its name, and trend and season together."""
    one = table[table["series_id"] == name]
    told = {
        part: rows.set_index("month") for part, rows in one[one["part"] != "weight"].groupby("part")
    }
    trend, season = told["trend"]["value"], told["season"]["value"]
    additive = told["trend"]["name"] == "additive"
    booked = history[history["series_id"] == name].set_index("month")["value"]
    wide = {"booked": booked, "event": told["event"]["value"], "kind": told["event"]["name"]}
    return pd.DataFrame({**wide, "usual": (trend + season).where(additive, trend * season)})


def test_booked_can_be_followed_from_trend_and_season_by_the_events() -> None:
    values = seasonal(2, 66, seed=21)
    values[0, 40:] *= 1.5
    values[0, 50] *= 4
    history = long_table(named(values))
    first, second = sorted(named(values))
    months = sorted(history["month"].unique())
    shift, lump = pd.Timestamp(months[40]), pd.Timestamp(months[50])
    breaks = [
        KnownBreak("level_shift", frozenset({first}), shift, shift, 0.5),
        KnownBreak("one_off", frozenset({first}), lump, lump),
    ]
    fitted = joined(history, breaks)
    settings = ForecastSettings(horizon=6, samples=20, origins=1, recent_origins=(3,))
    paths = forecast(fitted, settings, workers=1)
    table = explained(paths, events(history, fitted, breaks))
    told = _followed(history, table, first)
    before, after = told[:shift].iloc[:-1], told[shift:].drop(lump)
    # On today's level a third of each month before the shift is missing.
    assert before["event"].to_numpy() == pytest.approx(-0.5 * before["booked"].to_numpy())
    assert set(before["kind"]) == {"level_shift"}
    assert not after["event"].any()
    assert set(after["kind"]) == {"none"}
    assert told.loc[lump, "kind"] == "one_off"
    assert told.loc[lump, "event"] > 0.6 * told.loc[lump, "booked"]
    known = told.dropna()
    rest = known["booked"] - known["event"] - known["usual"]
    assert rest.abs().mean() < 0.1 * known["booked"].mean()
    assert (known["booked"] - known["usual"]).abs().mean() > 2 * rest.abs().mean()
    other = table[(table["series_id"] == second) & (table["part"] == "event")]
    assert len(other) == 66 + 6
    assert not other["value"].any()


def test_months_that_no_factor_can_join_are_an_event_as_a_whole() -> None:
    values = np.r_[np.zeros(20), np.full(3, -5.0), np.full(20, 30.0) + np.arange(20)]
    history = long_table({"a": values})
    first = pd.Timestamp(sorted(history["month"].unique())[23])
    breaks = [KnownBreak("level_shift", frozenset({"a"}), first, first)]
    found = events(history, joined(history, breaks), breaks)
    assert found["value"].tolist() == [-5.0] * 3
    assert set(found["name"]) == {"level_shift"}
    assert events(history, history, []).empty
