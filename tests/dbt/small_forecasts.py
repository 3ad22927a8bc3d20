"""What the forecast said of the municipality with three children, and of its initiative.

Belongs here: the rows that the forecast writes into the raw layer. What the exports delivered:
`small_municipality.py`.
"""

from typing import Any

from tests.dbt.small_municipality import HOME, PREVENTION, Rows

QUANTILES = ("p05", "p10", "p25", "p50", "p75", "p90", "p95")


def forecast(series_id: str, month: str, mean: float, measure: str, run: str) -> dict[str, Any]:
    """One forecast month whose quantiles all equal its mean."""
    return {
        "run_id": run,
        "series_id": series_id,
        "scenario": "base",
        "measure": measure,
        "target_month": month,
        "mean": mean,
        **dict.fromkeys(QUANTILES, mean),
        "horizon_months": 1,
        "model_version": "m",
        "data_version": "a",
    }


def forecasts_of(run: str, placement: float, support: float, month: str = "2024-10-01") -> Rows:
    """A month's forecast of two bottom series and everything that they add up to."""
    spend = "net_expenditure"
    means = {
        "total": placement + support,
        f"function={HOME}": placement,
        f"function={PREVENTION}": support,
        "measure_type=27": placement,
        "measure_type=home_support": support,
        f"function={HOME}|measure_type=27": placement,
        f"function={PREVENTION}|measure_type=home_support": support,
    }
    money = [forecast(series, month, mean, spend, run) for series, mean in means.items()]
    persons = {"category=placement": 0.17, "measure_type=27": 0.085, "measure_type=1": 0.085}
    activity = [
        forecast(series, month, mean, "full_year_persons", run) for series, mean in persons.items()
    ]
    return money + activity


def open_months_of(run: str, to_come: dict[str, float]) -> Rows:
    """What is still to come of months, all of it on one function and type."""
    series = {"run_id": run, "function": HOME, "measure_type": "27"}
    return [{**series, "month": month, "to_come": amount} for month, amount in to_come.items()]


def outturns_of(run: str, mean: float, to_come: float = 0) -> Rows:
    """The expected outturn of the year, all of it on one function and type."""
    return [
        {
            "run_id": run,
            "year": 2024,
            "level": level,
            "key": key,
            "actual_complete_months": 283756.09,
            "mean": mean,
            "p10": mean - 50000,
            "p50": mean,
            "p90": mean + 50000,
            "probability_over_budget": 0.25,
            "months_known": 9,
            "floor_amount": mean - 100000,
            "open_amount": to_come,
        }
        for level, key in (("total", "total"), ("function", HOME), ("measure_type", "27"))
    ]


FORECASTS = forecasts_of("run_1", 93000, 8000)
EARLIER_FORECASTS = forecasts_of("run_0", 1000, 200, month="2024-09-01")
INITIATIVES: Rows = [
    {
        "initiative_id": "home",
        "label_da": "Intensiv indsats",
        "label_en": "Intensive support",
        "scenario": "",
        "starts_on": "2024-09-01",
        "measure_types": "27,unknown",
        "planned_saving_year": 1200,
    }
]
INITIATIVE_EFFECTS: Rows = [
    {
        "run_id": "run_1",
        "initiative_id": "home",
        "month": "2024-09-01",
        "actual": 1234.56,
        "counterfactual": 2000,
        "p05": 1500,
        "p95": 2500,
        "cumulative_p05": -1265.44,
        "cumulative_p95": -265.44,
        "placebos": 3,
        "placebo_share": 0,
        "verdict": "not_yet_distinguishable",
    }
]
BACKTESTS: Rows = [
    {
        "run_id": "run_1",
        "series_id": "total",
        "measure": "net_expenditure",
        "origin_month": "2024-06-01",
        "target_month": "2024-09-01",
        "horizon_months": 3,
        "mean": 1000,
        "model_version": "m",
        "data_version": "a",
    }
]
OUTTURNS = outturns_of("run_1", 1050000, to_come=1500)
