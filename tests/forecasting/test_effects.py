"""Effects whose truth is known: made series with and without a change put into them."""

import numpy as np
import pandas as pd
import pytest

from forecasting.effects import COLUMNS, COSTS, SAVES, UNKNOWN, Before, EffectError, before, effect
from forecasting.settings import ForecastSettings
from tests.forecasting.made_series import long_table, named, seasonal

START = pd.Timestamp("2021-07-01")
MONTHS, KNOWN = 66, 54
SETTINGS = ForecastSettings(samples=200)


def municipality(change: float) -> pd.DataFrame:
    """Eight groups of spending; the first changes by a share of itself from the start."""
    series = named(seasonal(8, MONTHS, seed=31))
    series["s00"][KNOWN:] *= 1 + change
    return long_table(series)


@pytest.fixture(scope="module")
def untouched() -> Before:
    return before(municipality(0.0), START, SETTINGS, workers=1)


def measured(known: Before, change: float) -> pd.DataFrame:
    """What came is changed; the forecast from before the start cannot know of it."""
    came = {**known.came, "s00": known.came["s00"] * (1 + change)}
    others = {f"s{n:02d}": [f"s{n:02d}"] for n in range(1, 8)}
    return effect(Before(known.paths, came, known.months), ["s00"], others)


def test_nothing_after_the_start_reaches_the_counterfactual(untouched: Before) -> None:
    again = before(municipality(-0.5), START, SETTINGS, workers=1)
    assert np.array_equal(again.paths.samples, untouched.paths.samples)
    assert again.came["s00"] == pytest.approx(0.5 * untouched.came["s00"])


def test_a_large_saving_is_seen_and_measured(untouched: Before) -> None:
    table = measured(untouched, -0.5)
    assert list(table.columns) == COLUMNS
    assert len(table) == MONTHS - KNOWN
    last = table.iloc[-1]
    true = -0.5 * untouched.came["s00"].sum()
    assert last["verdict"] == SAVES
    assert last["cumulative_effect"] == pytest.approx(true, rel=0.35)
    assert last["cumulative_p05"] < true < last["cumulative_p95"]
    # Five earlier dates of each of eight groups, and seven that nothing was done about since.
    assert last["placebos"] == 8 * 5 + 7


def test_a_large_increase_costs_more(untouched: Before) -> None:
    assert measured(untouched, 0.6).iloc[-1]["verdict"] == COSTS


def test_where_nothing_was_done_nothing_is_claimed(untouched: Before) -> None:
    assert set(measured(untouched, 0.0)["verdict"]) == {UNKNOWN}


def test_a_small_effect_is_not_yet_told_from_nothing(untouched: Before) -> None:
    table = measured(untouched, -0.02)
    assert table.iloc[-1]["verdict"] == UNKNOWN
    assert table["cumulative_effect"].to_numpy() == pytest.approx(table["effect"].cumsum())
    assert (table["effect"] == table["actual"] - table["counterfactual"]).all()


def test_the_same_share_elsewhere_makes_it_common(untouched: Before) -> None:
    """Where every group fell as much, it was not the initiative."""
    came = {name: one * 0.5 for name, one in untouched.came.items()}
    others = {name: [name] for name in came if name != "s00"}
    table = effect(Before(untouched.paths, came, untouched.months), ["s00"], others)
    assert table.iloc[-1]["placebo_share"] > 0.1
    assert table.iloc[-1]["verdict"] == UNKNOWN


def test_a_series_that_begins_with_the_initiative_counts_as_its_cost(untouched: Before) -> None:
    came = {**untouched.came, "new": np.full(len(untouched.months), 10.0)}
    known = Before(untouched.paths, came, untouched.months)
    with_new, without = effect(known, ["s00", "new"], {}), effect(known, ["s00"], {})
    assert (with_new["effect"] - without["effect"]).to_numpy() == pytest.approx(10.0)
    # Without other groups, its own earlier dates are left.
    assert (with_new["placebos"] == 5).all()


@pytest.mark.parametrize(
    ("start", "reason"),
    [("2022-07-01", "nothing is known after 2022-06"), ("2018-12-01", "only 23 months")],
)
def test_too_early_or_too_late_is_told(start: str, reason: str) -> None:
    with pytest.raises(EffectError, match=reason):
        before(municipality(0.0), pd.Timestamp(start), SETTINGS, workers=1)


def test_an_initiative_about_nothing_is_told(untouched: Before) -> None:
    with pytest.raises(EffectError, match="history before the start"):
        effect(untouched, ["x"], {})
