"""Scenarios on a small forecast whose prices can be reckoned by hand."""

import numpy as np
import pandas as pd
import pytest

from forecasting.changes import Scenario
from forecasting.paths import SamplePaths
from forecasting.scenarios import (
    Base,
    Changed,
    ScenarioError,
    break_even,
    changed,
    month_table,
    with_changes,
    year_table,
)
from forecasting.settings import ForecastSettings

FIRST = pd.Timestamp("2027-01-01")
HORIZON, SAMPLES = 24, 400
HOME, FOSTER = "function=5.28.20|measure_type=27", "function=5.28.22|measure_type=21"
YEARS = np.arange(HORIZON) // 12


def paths(means: dict[str, float], decimals: int, spread: float = 0.1) -> SamplePaths:
    """Series that stay at a yearly amount, each month by its days, with mirrored futures."""
    months = pd.date_range(FIRST, periods=HORIZON, freq="MS")
    share = months.days_in_month / np.where(months.is_leap_year, 366, 365)
    mean = np.array([np.asarray(share) * value for value in means.values()])
    rng = np.random.default_rng(1)
    half = rng.normal(0, spread, (len(means), HORIZON, SAMPLES // 2)) * mean[:, :, None]
    samples = mean[:, :, None] + np.concatenate([half, -half], axis=2)
    return SamplePaths(
        series_ids=tuple(means),
        starts=(FIRST,) * len(means),
        members=tuple((name,) for name in means),
        signs=(1,) * len(means),
        mean=np.round(mean, decimals),
        samples=samples,
        errors=np.full((len(means), 5, 12), np.nan),
        scales=np.ones(len(means)),
        explanation=pd.DataFrame(),
        weights=pd.DataFrame(),
        settings=ForecastSettings(horizon=HORIZON, samples=SAMPLES, decimals=decimals),
    )


@pytest.fixture(scope="module")
def base() -> Base:
    """Ten children at homes for a million each, twenty in foster families for half of that."""
    money = paths({HOME: 10e6, FOSTER: 10e6, "function=6.45.58|measure_type=unknown": 4e6}, 2)
    persons = paths({"measure_type=27": 10.0, "measure_type=21": 20.0}, 4)
    return Base(money, persons, {"intensive_home_based": "5.28.21", "27": "5.28.20"})


def made(base: Base, *changes: dict, name: str = "what_if") -> Changed:
    return changed(Scenario.model_validate({"name": name, "changes": list(changes)}), base, seed=7)


def by_year(change: np.ndarray) -> list[float]:
    return [float(change[year == YEARS].mean(axis=1).sum()) for year in (0, 1)]


def test_converted_children_cost_what_the_others_do(base: Base) -> None:
    change = {"kind": "convert", "start": "2027-01", "from": "27", "to": "21", "persons": 2}
    result = made(base, change)
    assert by_year(result.persons["measure_type=27"]) == pytest.approx([-2, -2], rel=1e-3)
    assert by_year(result.persons["measure_type=21"]) == pytest.approx([2, 2], rel=1e-3)
    assert by_year(result.cost()) == pytest.approx([-1e6, -1e6], rel=1e-3)


def test_help_at_home_costs_from_the_start_and_averts_with_the_ramp(base: Base) -> None:
    change = {
        "kind": "avert", "start": "2027-01", "ramp_months": 12, "measure_type": "27",
        "by": "intensive_home_based", "places": 10, "unit_price": 100_000, "effect": 0.2,
    }  # fmt: skip
    result = made(base, change)
    help_at_home = "function=5.28.21|measure_type=intensive_home_based"
    assert by_year(result.money[help_at_home]) == pytest.approx([1e6, 1e6])
    # Two placements fewer when the ramp is over; over the twelve steps of it 6.5 / 12 of them.
    assert by_year(result.persons["measure_type=27"]) == pytest.approx([-13 / 12, -2], rel=0.02)
    assert by_year(result.cost()) == pytest.approx([1e6 - 13e6 / 12, -1e6], rel=0.25)


def test_more_caseworkers_pay_by_the_case(base: Base) -> None:
    change = {
        "kind": "caseload", "start": "2027-01", "cases_per_fte_before": 25,
        "cases_per_fte_after": 15, "extra_fte": 2, "fte_price": 500_000, "booked_on": "6.45.58",
        "effect": -0.01,
    }  # fmt: skip
    result = made(base, change)
    assert by_year(result.persons["measure_type=27"]) == pytest.approx([-1, -1], rel=1e-3)
    # A tenth of twenty million, less two caseworkers.
    assert by_year(result.cost()) == pytest.approx([-1e6, -1e6], rel=1e-3)


def test_a_price_changes_no_activity(base: Base) -> None:
    result = made(
        base, {"kind": "price", "start": "2028-01", "measure_types": ["27"], "change": 0.1}
    )
    assert by_year(result.cost()) == pytest.approx([0, 1e6], rel=1e-3)
    assert result.persons == {}


def test_those_that_run_follow_the_inflow_slowly(base: Base) -> None:
    change = {
        "kind": "inflow", "start": "2027-01", "measure_types": ["27"], "change": -0.2,
        "duration_months": 12,
    }  # fmt: skip
    result = made(base, change)
    fewer = result.persons["measure_type=27"].mean(axis=1) / base.persons.mean[0]
    assert fewer[11] == pytest.approx(-0.2 * (1 - np.exp(-1)), rel=0.01)
    assert (np.diff(fewer) < 0.002).all()
    assert by_year(result.cost())[1] < by_year(result.cost())[0] < 0


def test_nobody_is_moved_who_is_not_there(base: Base) -> None:
    change = {"kind": "convert", "start": "2027-01", "from": "27", "to": "21", "persons": 50}
    result = made(base, change)
    left = base.persons.samples[0] + result.persons["measure_type=27"]
    assert left.min() >= -1e-9
    assert by_year(result.persons["measure_type=27"]) == pytest.approx([-10, -10], rel=1e-2)
    assert (base.money.samples[0] + result.money[HOME]).min() >= -1e-6


def test_what_is_not_known_of_the_effect_is_in_the_interval(base: Base) -> None:
    change = {"kind": "price", "start": "2027-01", "measure_types": ["27"], "change": 0.1}
    sure = year_table(made(base, change), base).iloc[0]
    doubt = {**change, "change": {"low": 0.0, "expected": 0.1, "high": 0.2}}
    unsure = year_table(made(base, doubt), base).iloc[0]
    assert unsure["difference"] == pytest.approx(sure["difference"], rel=0.1)
    assert unsure["p90"] - unsure["p10"] > 5 * (sure["p90"] - sure["p10"])
    # The triangle's own tenths: 0.045 and 0.155 of ten million.
    assert [unsure["p10"], unsure["p90"]] == pytest.approx([0.447e6, 1.553e6], rel=0.1)


def test_the_same_scenario_gives_the_same(base: Base) -> None:
    doubt = {"low": 0.0, "expected": 0.1, "high": 0.2}
    change = {"kind": "price", "start": "2027-01", "measure_types": ["27"], "change": doubt}
    assert np.array_equal(made(base, change).cost(), made(base, change).cost())
    assert not np.array_equal(made(base, change).cost(), made(base, change, name="b2").cost())


def test_break_even_is_when_all_that_was_spent_has_come_back() -> None:
    months = pd.date_range(FIRST, periods=6, freq="MS")
    futures = np.array([[2.0, 2, 2], [-1, 1, -1], [-1, 1, 0], [0, 1, 0], [0, 1, 0], [0, 1, -1]])
    when = break_even(Changed("x", months, {"a": futures}, {}))
    # It is paid for from the third month in the first future, never and last in the others.
    assert when.probability == pytest.approx(2 / 3)
    assert when.expected is None
    assert when.early == pd.Timestamp("2027-06-01")
    assert when.late is None
    paid = break_even(Changed("x", months, {"a": futures[:, :1]}, {}))
    assert paid.expected == paid.early == paid.late == pd.Timestamp("2027-03-01")
    free = break_even(Changed("x", months, {"a": -np.ones((6, 2))}, {}))
    assert (free.expected, free.probability) == (FIRST, 1.0)


def test_levels_under_a_scenario_add_up_to_the_last_decimal(base: Base) -> None:
    change = {"kind": "convert", "start": "2027-03", "from": "27", "to": "21", "persons": 1.7}
    result = made(base, change)
    names = base.money.series_ids
    bottoms = with_changes(base.money, result.money, {name: [name] for name in names})
    total = with_changes(base.money, result.money, {"total": list(names)})
    assert np.allclose(
        total.mean[0], bottoms.mean.sum(axis=0) - base.money.mean.sum(axis=0), atol=1e-6
    )
    untouched = names.index("function=6.45.58|measure_type=unknown")
    assert np.array_equal(bottoms.samples[untouched], base.money.samples[untouched])


def test_the_tables_hold_base_scenario_and_difference(base: Base) -> None:
    change = {"kind": "convert", "start": "2027-01", "from": "27", "to": "21", "persons": 2}
    result = made(base, change)
    months, years = month_table(result, base), year_table(result, base)
    for table in (months, years):
        assert np.allclose(table["scenario"] - table["base"], table["difference"])
        assert (table["p10"] <= table["p90"]).all()
    total = months[(months["series_id"] == "total")]
    assert total["base"].sum() == pytest.approx(48e6, rel=1e-6)
    assert years["months"].tolist() == [12] * 6


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"kind": "price", "measure_types": ["x"], "change": 0.1}, "measure type 'x'"),
        ({"kind": "price", "measure_types": ["27"], "change": 0.1, "start": "2031-01"}, "2028-12"),
        ({"kind": "convert", "from": "9", "to": "21", "persons": 1}, "nobody is in"),
        (
            {"kind": "avert", "measure_type": "27", "by": "x", "places": 1, "unit_price": 1,
             "effect": 1},
            "no measure type 'x'",
        ),
    ],
)  # fmt: skip
def test_what_does_not_fit_the_forecast_is_told(base: Base, change: dict, reason: str) -> None:
    with pytest.raises(ScenarioError, match=f"change 1 .*{reason}"):
        made(base, {"start": "2027-01", **change})
