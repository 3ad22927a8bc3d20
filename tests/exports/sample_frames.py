"""A small municipality as `reporting` frames, for tests of everything that leaves the house.

Belongs here: made-up but coherent `rpt_` tables. They are aggregated from one made-up row per
child, type, sector and month, so that every margin adds up as in a real warehouse, and so that a
test can compare what is published with the persons behind it. Not here: assertions.
"""

from collections.abc import Mapping, Sequence
from statistics import NormalDist

import numpy as np
import pandas as pd

from tests.exports.sample_reference import FUNCTIONS, TYPES, load_tables

AS_OF = pd.Timestamp("2026-10-31")
YEARS = (2024, 2025, 2026, 2027)
QUANTILES = {"p05": 0.05, "p10": 0.1, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p90": 0.9, "p95": 0.95}
LEVELS = ("total", "function", "measure_type")
CONTROL = ["children", "children_month_min", "largest_child_share"]


def sample_frames(seed: int = 7) -> dict[str, pd.DataFrame]:
    """All reporting tables of one run, before disclosure control. Same seed, same frames."""
    return frames_from(sample_persons(seed))


def sample_persons(seed: int = 7, places: Mapping[str, int] | None = None) -> pd.DataFrame:
    """One row per child, type, sector and complete month: cost (DKK), days as full-year persons.

    `places`: children at a time per measure type, instead of the sample's own; others have none.
    """
    rng = np.random.default_rng(seed)
    months = pd.date_range(f"{YEARS[0]}-01-01", AS_OF, freq="MS")
    rows = []
    for key, spec in TYPES.items():
        for slot in range(spec.places if places is None else places.get(key, 0)):
            sector = "external" if rng.random() < spec.external else "internal"
            generation = 0
            for number, month in enumerate(months):
                generation += int(rng.random() < 0.03)
                if rng.random() < 0.05:
                    continue
                share = 1.0 if rng.random() < 0.92 else 0.5
                price = spec.price * 1.032 ** (number / 12) * rng.normal(1, 0.08) / 12
                rows.append(
                    (f"{key}-{slot}-{generation}", key, sector, month, price * share, share)
                )
    columns = ["person", "measure_type", "sector", "month", "cost", "share"]
    persons = pd.DataFrame(rows, columns=columns)
    persons["cost"] = persons["cost"].round(2)
    days = persons["month"].dt.days_in_month * persons.pop("share")
    persons["fyp"] = (days / np.where(persons["month"].dt.is_leap_year, 366, 365)).round(4)
    return persons


def frames_from(
    persons: pd.DataFrame, overheads: Mapping[str, float] | None = None, budgeted: bool = True
) -> dict[str, pd.DataFrame]:
    """The reporting tables over `persons` and yearly overheads without persons per function."""
    shares = {"6.45.58": 8.4e6, "5.22.07": -6.1e6} if overheads is None else dict(overheads)
    months = _expenditure_month(persons, shares, budgeted)
    outturn = _outturn(persons, months, budgeted)
    return {
        "rpt_run": _run(),
        "rpt_outturn": outturn,
        "rpt_expenditure_month": months.drop(columns=["sd"]),
        "rpt_activity_month": _activity_month(persons),
        "rpt_activity_year": _activity_year(persons, outturn),
        "rpt_placement_month": _placement_month(persons),
        "rpt_change": _change(outturn),
        "rpt_order_plan": _order_plan(persons),
        "rpt_variance": _variance(persons),
        **load_tables(),
    }


def _run() -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "run_id": "20261031-a1b2c3d4",
                "as_of": AS_OF,
                "municipality_name": "Eksempel Kommune",
                "municipality_code": "390",
                "language": "da",
                "last_complete_month": pd.Timestamp("2026-10-01"),
                "current_year": 2026,
                "months_known": 34,
                "first_month": pd.Timestamp("2024-01-01"),
                "code_version": "0.1.0",
                "data_version": "d41d8cd9",
            }
        ]
    )


def _bottom(persons: pd.DataFrame, overheads: Mapping[str, float]) -> pd.DataFrame:
    """function x measure_type x month, all 48 months: actual or forecast mean with its sd."""
    costs = persons.groupby(["measure_type", "month"], as_index=False)["cost"].sum()
    costs["function"] = costs["measure_type"].map(lambda key: TYPES[key].function)
    months = pd.date_range(f"{YEARS[0]}-01-01", f"{YEARS[-1]}-12-01", freq="MS")
    series = [
        (group["function"].iloc[0], key, group.set_index("month")["cost"])
        for key, group in costs.groupby("measure_type", sort=False)
    ]
    known = months[months <= AS_OF]
    series += [
        (function, "unknown", pd.Series(round(yearly / 12, 2), index=known))
        for function, yearly in overheads.items()
    ]
    return pd.concat([_extended(*entry, months) for entry in series], ignore_index=True)


def _extended(function: str, key: str, values: pd.Series, months: pd.DatetimeIndex) -> pd.DataFrame:
    known = months <= AS_OF
    actual = values.reindex(months).fillna(0.0).where(known)
    recent = float(actual[known].tail(12).mean())
    ahead = np.maximum(np.arange(len(months)) - int(known.sum()) + 1, 0)
    mean = pd.Series(np.round(recent * 1.032 ** (ahead / 12), 2), index=months)
    frame = pd.DataFrame({"month": months, "function": function, "measure_type": key})
    frame["actual"] = actual.to_numpy()
    frame["mean"] = mean.where(ahead > 0).to_numpy()
    frame["sd"] = np.where(ahead > 0, abs(recent) * 0.11 * np.sqrt(ahead), 0.0)
    best = actual.fillna(mean)
    yearly = best.groupby(best.index.year).transform("sum").to_numpy()
    factor = 0.952 + 0.01 * (sum(map(ord, function + key)) % 9)
    frame["budget_month"] = np.round(yearly * factor, -3) / 12
    return frame


def _summed(frame: pd.DataFrame, group: list[str], columns: list[str]) -> pd.DataFrame:
    """Sums; the spread between that of independent and of fully correlated parts."""
    squared = frame.assign(variance=frame["sd"] ** 2)
    sums = squared.groupby(group, as_index=False)[[*columns, "sd", "variance"]].sum(min_count=1)
    sums["sd"] = np.sqrt(0.5 * sums["variance"] + 0.5 * sums["sd"] ** 2)
    return sums.drop(columns="variance")


def _expenditure_month(
    persons: pd.DataFrame, overheads: Mapping[str, float], budgeted: bool
) -> pd.DataFrame:
    bottom = _bottom(persons, overheads)
    frames = []
    for level in LEVELS:
        keyed = bottom.assign(level=level, key="total" if level == "total" else bottom.get(level))
        frames.append(_summed(keyed, ["month", "level", "key"], ["actual", "mean", "budget_month"]))
    months = pd.concat(frames, ignore_index=True)
    months["is_complete"] = months["month"] <= AS_OF
    for name, probability in QUANTILES.items():
        months[name] = (months["mean"] + NormalDist().inv_cdf(probability) * months["sd"]).round(2)
    months["budget_month"] = months["budget_month"].round(2) if budgeted else np.nan
    order = ["month", "level", "key", "label_da", "label_en", "actual", "budget_month", "mean"]
    return _labelled(months)[[*order, *QUANTILES, "is_complete", "sd"]].reset_index(drop=True)


def _outturn(persons: pd.DataFrame, months: pd.DataFrame, budgeted: bool) -> pd.DataFrame:
    rows = months.assign(year=months["month"].dt.year)
    names = {"budget_month": "adjusted_budget", "actual": "actual_to_date", "mean": "ahead"}
    grouped = _summed(rows, ["year", "level", "key"], list(names)).rename(columns=names)
    grouped = grouped.fillna({"actual_to_date": 0.0, "ahead": 0.0})
    grouped["adjusted_budget"] = grouped["adjusted_budget"].round(0)
    grouped["original_budget"] = grouped["adjusted_budget"] * np.where(
        grouped["year"] == AS_OF.year, 0.985, 1.0
    )
    grouped["mean"] = grouped["actual_to_date"] + grouped["ahead"]
    grouped["committed"] = grouped["actual_to_date"] + 0.9 * grouped["ahead"]
    for name in ("p10", "p50", "p90"):
        grouped[name] = grouped["mean"] + NormalDist().inv_cdf(QUANTILES[name]) * grouped["sd"]
    grouped["deviation"] = grouped["mean"] - grouped["adjusted_budget"]
    grouped["probability_over_budget"] = [
        _over(row.mean, row.sd, row.adjusted_budget) if budgeted else np.nan
        for row in grouped.itertuples()
    ]
    if not persons.empty:
        grouped = grouped.merge(_presence(persons), on=["year", "level", "key"], how="left")
    grouped = grouped.reindex(columns=[*grouped.columns.union(CONTROL, sort=False)])
    grouped["children"] = grouped["children"].fillna(0).astype(int)
    grouped["category"] = [_category(row.level, row.key) for row in grouped.itertuples()]
    grouped["parent_function"] = [_home(row.level, row.key) for row in grouped.itertuples()]
    grouped["suppressed"] = False
    return _labelled(grouped.drop(columns=["ahead", "sd"])).round(2).pipe(_sorted)


def _over(mean: float, sd: float, budget: float) -> float:
    if sd == 0:
        return float(mean > budget)
    return round(1 - NormalDist(mean, sd).cdf(budget), 4)


def _presence(persons: pd.DataFrame) -> pd.DataFrame:
    """Distinct children per year, least in a month, and the largest child's share of the cost."""
    frames = []
    for level in LEVELS:
        key = {
            "total": "total",
            "function": persons["measure_type"].map(lambda name: TYPES[name].function),
            "measure_type": persons["measure_type"],
        }[level]
        keyed = persons.assign(level=level, key=key, year=persons["month"].dt.year)
        group = ["year", "level", "key"]
        per_child = keyed.groupby([*group, "person"])["cost"].sum().groupby(group)
        per_month = keyed.groupby([*group, "month"])["person"].nunique().groupby(group).min()
        frames.append(
            pd.DataFrame(
                {
                    "children": keyed.groupby(group)["person"].nunique(),
                    "children_month_min": per_month,
                    "largest_child_share": (per_child.max() / per_child.sum()).round(4),
                }
            ).reset_index()
        )
    return pd.concat(frames, ignore_index=True)


def _activity_month(persons: pd.DataFrame) -> pd.DataFrame:
    both = pd.concat([persons, persons.assign(sector="total")])
    known = both.groupby(["month", "measure_type", "sector"], as_index=False).agg(
        children=("person", "nunique"), full_year_persons=("fyp", "sum")
    )
    future = pd.date_range("2026-11-01", f"{YEARS[-1]}-12-01", freq="MS")
    recent = known[(known["sector"] == "total") & (known["month"] > "2025-10-31")]
    level = recent.groupby("measure_type")["full_year_persons"].mean()
    ahead = pd.MultiIndex.from_product([future, level.index], names=["month", "measure_type"])
    forecast = ahead.to_frame(index=False).assign(sector="total")
    forecast["mean"] = forecast["measure_type"].map(level).round(4)
    forecast["p10"] = (forecast["mean"] * 0.9).round(4)
    forecast["p90"] = (forecast["mean"] * 1.1).round(4)
    frame = pd.concat([known, forecast], ignore_index=True)
    frame["is_complete"] = frame["month"] <= AS_OF
    frame["category"] = frame["measure_type"].map(lambda key: TYPES[key].category)
    return _labelled(frame.assign(level="measure_type", key=frame["measure_type"])).drop(
        columns=["level", "key", "sort_order"]
    )


def _activity_year(persons: pd.DataFrame, outturn: pd.DataFrame) -> pd.DataFrame:
    rows = persons.assign(year=persons["month"].dt.year)
    frame = rows.groupby(["year", "measure_type"], as_index=False)["fyp"].sum()
    types = outturn[outturn["level"] == "measure_type"].rename(
        columns={"key": "measure_type", "actual_to_date": "net_expenditure"}
    )
    frame = frame.merge(types, on=["year", "measure_type"])
    frame = frame.rename(columns={"fyp": "full_year_persons"})
    frame["unit_price"] = (frame["net_expenditure"] / frame["full_year_persons"]).round(2)
    columns = ["year", "measure_type", "label_da", "label_en", "category", "parent_function"]
    frame["unit_price_fixed"] = (frame["unit_price"] * 1.03 ** (AS_OF.year - frame["year"])).round(
        2
    )
    columns += ["full_year_persons", "children", "net_expenditure", "unit_price"]
    columns += ["unit_price_fixed"]
    return frame[[*columns, "children_month_min", "suppressed"]]


def _placement_month(persons: pd.DataFrame) -> pd.DataFrame:
    placed = persons[persons["measure_type"].map(lambda key: TYPES[key].category) == "placement"]
    by_month = dict(iter(placed.groupby("month")))
    months = sorted(by_month)
    rows = []
    for before, month in zip([None, *months], months, strict=False):
        group = by_month[month].drop_duplicates("person")
        ids = set(group["person"])
        previous = set(by_month[before]["person"]) if before is not None else ids
        foster = group["measure_type"].map(lambda key: TYPES[key].function == "5.28.22").mean()
        rows.append(
            {
                "month": month,
                "children_population": 10_000,
                "children_placed": len(ids),
                "share_placed": round(len(ids) / 10_000, 6),
                "share_foster": round(float(foster), 6),
                "share_network": round(float((group["measure_type"] == "1").mean()), 6),
                "share_internal": round(float((group["sector"] == "internal").mean()), 6),
                "share_own_municipality": round(0.3 + 0.01 * (month.month % 3), 6),
                "share_near": round(0.55 + 0.01 * (month.month % 4), 6),
                "average_age": 12.5,
                "started": len(ids - previous),
                "ended": len(previous - ids),
                "moves": 12 + month.month,
                "moves_up": 5 + month.month % 2,
                "moves_down": 6,
                "breakdowns": month.month % 5,
                "is_complete": True,
            }
        )
    counts = ["children_population", "children_placed", "share_placed"]
    shares = ["share_foster", "share_network", "share_internal"]
    shares += ["share_own_municipality", "share_near", "average_age"]
    flows = ["started", "ended", "moves", "moves_up", "moves_down", "breakdowns"]
    columns = ["month", *counts, *shares, *flows, "is_complete"]
    return pd.DataFrame(rows, columns=columns)


def _change(outturn: pd.DataFrame) -> pd.DataFrame:
    now = outturn[outturn["year"] == AS_OF.year].rename(columns={"mean": "mean_now"})
    factor = now["key"].map(lambda key: 0.985 + 0.001 * (sum(map(ord, key)) % 25))
    types = now["level"] == "measure_type"
    moved = (now["mean_now"] * (1 - factor)).where(types, 0.0).round(2)
    home = {
        **moved.groupby(now["parent_function"]).sum(),
        "total": moved.sum(),
    }
    now["change"] = moved.where(types, now["key"].map(home).fillna(0.0)).round(2)
    now["mean_before"] = (now["mean_now"] - now["change"]).round(2)
    now["run_id_before"] = "20260930-99aabbcc"
    now["as_of_before"] = pd.Timestamp("2026-09-30")
    columns = ["level", "key", "label_da", "label_en", "mean_now", "mean_before", "change"]
    return now[[*columns, "run_id_before", "as_of_before"]].reset_index(drop=True)


def _order_plan(persons: pd.DataFrame) -> pd.DataFrame:
    rows = persons.assign(year=persons["month"].dt.year)
    frame = rows.groupby(["year", "measure_type", "sector"], as_index=False).agg(
        fyp=("fyp", "sum"), months=("month", "nunique")
    )
    frame = frame[frame["year"] == AS_OF.year]
    frame["actual_full_year_persons"] = (frame["fyp"] * 12 / frame["months"]).round(4)
    frame["planned_full_year_persons"] = (frame["actual_full_year_persons"] * 0.96).round(0)
    frame["planned_unit_price"] = frame["measure_type"].map(lambda key: TYPES[key].price)
    frame["label_da"] = frame["measure_type"].map(lambda key: TYPES[key].label_da)
    columns: Sequence[str] = ["year", "measure_type", "label_da", "sector"]
    planned = ["planned_full_year_persons", "planned_unit_price", "actual_full_year_persons"]
    return frame[[*columns, *planned]].reset_index(drop=True)


def _variance(persons: pd.DataFrame) -> pd.DataFrame:
    """Volume, price and mix of the current year; external places were planned a tenth dearer."""
    rows = persons[persons["month"].dt.year == AS_OF.year]
    group = ["measure_type", "sector"]
    frame = rows.groupby(group, as_index=False).agg(
        full_year_persons=("fyp", "sum"),
        actual_amount=("cost", "sum"),
        children=("person", "nunique"),
    )
    external = np.where(frame["sector"] == "external", 1.1, 1.0)
    price = frame["measure_type"].map(lambda key: TYPES[key].price) * external
    planned = np.ceil(frame["full_year_persons"])
    category = frame["measure_type"].map(lambda key: TYPES[key].category)
    growth = frame["full_year_persons"].groupby(category).transform("sum")
    growth = growth / planned.groupby(category).transform("sum") - 1
    frame["planned_full_year_persons"] = planned
    frame["budget_amount"] = planned * price
    frame["deviation"] = frame["actual_amount"] - frame["budget_amount"]
    frame["volume_effect"] = planned * price * growth
    volume_and_mix = (frame["full_year_persons"] - planned) * price
    frame["mix_effect"] = volume_and_mix - frame["volume_effect"]
    frame["price_effect"] = frame["deviation"] - volume_and_mix
    totals = frame.drop(columns=["sector", "children"])
    totals = totals.groupby("measure_type", as_index=False).sum()
    children = rows.groupby("measure_type")["person"].nunique()
    totals = totals.assign(sector="total", children=totals["measure_type"].map(children))
    both = pd.concat([frame, totals], ignore_index=True)
    both["planned_unit_price"] = both["budget_amount"] / both["planned_full_year_persons"]
    both["unit_price"] = both["actual_amount"] / both["full_year_persons"]
    both["category"] = both["measure_type"].map(lambda key: TYPES[key].category)
    both["parent_function"] = both["measure_type"].map(lambda key: TYPES[key].function)
    both = both.assign(year=AS_OF.year, is_complete=False, suppressed=False)
    return _labelled(both.assign(level="measure_type", key=both["measure_type"])).drop(
        columns=["level", "key", "sort_order"]
    )


def _labels(level: str, key: str) -> tuple[str, str, int]:
    if level == "total":
        return "I alt", "Total", 0
    if level == "function":
        return (*FUNCTIONS[key], 10 + list(FUNCTIONS).index(key))
    if key == "unknown":
        return "Ukendt type", "Unknown type", 999
    return TYPES[key].label_da, TYPES[key].label_en, 100 + list(TYPES).index(key)


def _labelled(frame: pd.DataFrame) -> pd.DataFrame:
    labels = [_labels(row.level, row.key) for row in frame[["level", "key"]].itertuples()]
    added = pd.DataFrame(labels, columns=["label_da", "label_en", "sort_order"], index=frame.index)
    return pd.concat([frame, added], axis=1)


def _category(level: str, key: str) -> str | None:
    if level != "measure_type":
        return "service" if level == "function" else None
    return TYPES[key].category if key in TYPES else "unknown"


def _home(level: str, key: str) -> str | None:
    return TYPES[key].function if level == "measure_type" and key in TYPES else None


def _sorted(outturn: pd.DataFrame) -> pd.DataFrame:
    first = ["year", "level", "key", "label_da", "label_en", "category", "sort_order"]
    money = ["original_budget", "adjusted_budget", "actual_to_date", "committed", "mean"]
    odds = ["p10", "p50", "p90", "deviation", "probability_over_budget"]
    ordered = outturn[[*first, *money, *odds, *CONTROL, "parent_function", "suppressed"]]
    return ordered.sort_values(["year", "sort_order"], ignore_index=True)
