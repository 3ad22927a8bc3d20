"""Charts of the cockpit with all their variants: what the browser draws when a filter changes.

Belongs here: for each chart one spec, and per filter choice its rows, sentence and alternative
text, all worded here so that the page's script knows no language. Not here: HTML and tables.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from exports import charts
from exports.charts import Spec
from exports.charts.activity import activity_rows, price_rows
from exports.charts.expenditure import cumulative_rows, fan_rows
from exports.charts.outturn import bridge_rows, outturn_rows
from exports.cockpit.tables import heading
from exports.language import Language

Rows = list[dict[str, Any]]
LEVELS = ("function", "measure_type")


@dataclass(frozen=True)
class Figure:
    """One chart. `filters`: the names of the filters whose values, joined by |, pick a variant.

    `none` is the sentence for a choice without a variant. A variant has its own rows, or names a
    pool and which of its rows (`at`: ranges from, to, from, to ...). `forms`: how a column's
    numbers are written, where its name does not say. `series`: what a plain chart draws.
    """

    id: str
    spec: Spec
    filters: tuple[str, ...]
    columns: dict[str, str]
    none: str
    variants: dict[str, dict[str, Any]] = field(default_factory=dict)
    small_multiples: bool = False
    pools: dict[str, dict[str, Any]] = field(default_factory=dict)
    forms: dict[str, str] = field(default_factory=dict)
    series: tuple[str, ...] = ()

    def first(self, state: dict[str, str]) -> dict[str, Any]:
        """The variant that `state` (filter -> value) picks."""
        key = "|".join(state.get(name, "") for name in self.filters)
        return self.variants.get(key) or variant([], self.none, ())


def variant(values: Rows, finding: str, shown: Iterable[str]) -> dict[str, Any]:
    """Rows column by column, the sentence, and whether there is anything to draw."""
    names = list(values[0]) if values else []
    empty = not any(row[name] is not None for row in values for name in shown)
    return {
        "finding": finding,
        "empty": empty,
        "columns": names,
        "rows": [] if empty else [[short(row[name]) for name in names] for row in values],
    }


def ranges(numbers: Iterable[int]) -> list[int]:
    """Ascending row numbers as from, to, from, to ... (the end is not part of it)."""
    result: list[int] = []
    for number in numbers:
        if result and result[-1] == number:
            result[-1] = number + 1
        else:
            result += [number, number + 1]
    return result


def short(value: Any) -> Any:
    """Amounts to the krone: a tenth of the page's size for nothing that can be seen."""
    if isinstance(value, float) and abs(value) >= 1000:
        return round(value)
    if isinstance(value, float):
        return round(value, 4)
    return value[:10] if isinstance(value, str) and value.endswith("T00:00:00") else value


def _figure(
    name: str, spec: Spec, filters: tuple[str, ...], columns: Iterable[str], lang: Language
) -> Figure:
    kind = name.split("_", maxsplit=1)[0]
    none = lang.text(f"cockpit.none.{kind}")
    labels = {}
    for column in columns:
        key = f"charts.column.{column}"
        labels[column] = lang.text(key) if lang.has(key) else heading(lang, column)
    empty = charts.for_screen({**spec, "data": {"values": []}})
    return Figure(name, empty, filters, labels, none, small_multiples="facet" in spec)


def fan(months: pd.DataFrame, lang: Language) -> Figure:
    """Months and forecast of every level and key; filter `area`."""
    names = ("month", "actual", "budget_month", "mean", "p05", "p10", "p25", "p50", "p75",
             "p90", "p95")  # fmt: skip
    spec = charts.fan_chart(months.head(0), lang)
    figure = _figure("fan", spec, ("area",), names, lang)
    for (level, key), group in months.groupby(["level", "key"], sort=False):
        label = str(group[lang.column("label")].iloc[0])
        finding = charts.finding_fan(group, lang, label)
        figure.variants[f"{level}:{key}"] = variant(fan_rows(group), finding, ("actual", "mean"))
    return figure


def cumulative(months: pd.DataFrame, outturn: pd.DataFrame, lang: Language) -> Figure:
    """The year added up, per year and area; filters `year` and `area`."""
    spec = charts.cumulative_chart(months.head(0), outturn.head(0), lang)
    names = ("month", "budget", "actual", "expected", "low", "high")
    figure = _figure("cumulative", spec, ("year", "area"), names, lang)
    dated = months.assign(year=pd.to_datetime(months["month"]).dt.year)
    by_area = dict(iter(dated.groupby(["year", "level", "key"])))
    for place, group in outturn.groupby(["year", "level", "key"], sort=False):
        _, level, key = place
        year = int(group["year"].iloc[0])
        label = str(group[lang.column("label")].iloc[0])
        finding = charts.finding_cumulative(group, lang, label, year)
        values = cumulative_rows(by_area.get(place, dated.head(0)), group)
        shown = variant(values, finding, ("actual", "expected"))
        figure.variants[f"{year}|{level}:{key}"] = shown
    return figure


def outturns(outturn: pd.DataFrame, level: str, lang: Language) -> Figure:
    """Deviation bars of one level; filter `year`."""
    names = ("name", "deviation", "low", "high", "status")
    spec = charts.outturn_bars(outturn.head(0), lang)
    figure = _figure(f"outturn_{level}", spec, ("year",), names, lang)
    rows = outturn[outturn["level"] == level]
    for year, group in rows.groupby("year", sort=False):
        values = outturn_rows(group, lang)
        shown = variant(values, charts.finding_outturn(group, lang), ("deviation",))
        shown["height"] = charts.outturn_bars(group, lang)["height"]
        figure.variants[str(year)] = shown
    return figure


def bridge(change: pd.DataFrame, lang: Language) -> Figure:
    """What moved the forecast since the last run, per function; no filter."""
    rows = change[change["level"].isin(["total", "function"])]
    spec = charts.bridge(rows, lang)
    figure = _figure("bridge", spec, (), ("name", "change"), lang)
    shown = variant(bridge_rows(rows, lang), charts.finding_bridge(rows, lang), ("change",))
    figure.variants[""] = {**shown, "height": spec["height"]}
    return figure


def activity(months: pd.DataFrame, outturn: pd.DataFrame, lang: Language) -> Figure:
    """Persons per type and month, a small chart each; filters `category`, `sector` and `area`.

    An area keeps the types that are booked in it. Forecasts exist for all providers together.
    """
    names = ("name", "month", "persons", "expected", "low", "high")
    spec = charts.activity_lines(months.head(0), lang)
    figure = _figure("activity", spec, ("category", "sector", "area"), names, lang)
    types = outturn[outturn["level"] == "measure_type"].drop_duplicates("key", keep="last")
    home = dict(zip(types["key"], types["parent_function"], strict=True))
    for (category, sector), group in months.groupby(["category", "sector"], sort=False):
        data = group.assign(sector="total", home=group["measure_type"].map(home))
        rows = activity_rows(data, lang)
        if not rows:
            continue
        pool = f"{category}|{sector}"
        figure.pools[pool] = {
            "columns": list(names),
            "rows": [[short(row[name]) for name in names] for row in rows],
        }
        for area, part in _parts(data):
            shown = set(part[lang.column("label")])
            at = [number for number, row in enumerate(rows) if row["name"] in shown]
            figure.variants[f"{pool}|{area}"] = {
                "finding": charts.finding_activity(part, lang),
                "empty": not any(rows[number]["persons"] is not None for number in at),
                "pool": pool,
                "at": ranges(at),
            }
    return figure


def _parts(data: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """All rows, then those of each function and of each type."""
    yield "total:total", data
    for level, column in (("function", "home"), ("measure_type", "measure_type")):
        for key, part in data.groupby(column, sort=False):
            yield f"{level}:{key}", part


def price(years: pd.DataFrame, lang: Language) -> Figure:
    """Unit price per type and year, a small chart each; filter `category`."""
    spec = charts.price_lines(years.head(0), lang)
    figure = _figure("price", spec, ("category",), ("name", "year", "unit_price"), lang)
    for category, group in years.groupby("category", sort=False):
        rows = price_rows(group, lang)
        kept = [{k: v for k, v in row.items() if k != "category"} for row in rows]
        figure.variants[str(category)] = variant(
            kept, charts.finding_price(group, lang), ("unit_price",)
        )
    return figure


def placed(months: pd.DataFrame, lang: Language) -> Figure:
    """Share of the municipality's children that is placed; no filter."""
    spec = charts.placed_line(months, lang)
    figure = _figure("placed", spec, (), ("month", "share_placed"), lang)
    finding = charts.finding_placed(months, lang)
    figure.variants[""] = variant(spec["data"]["values"], finding, ("share_placed",))
    return figure


def placement(months: pd.DataFrame, lang: Language) -> Figure:
    """Shares of the placed in foster care, network care and own providers; no filter."""
    spec = charts.placement_lines(months, lang)
    names = ("month", "share_foster", "share_network", "share_internal")
    figure = _figure("placement", spec, (), names, lang)
    finding = charts.finding_placement(months, lang)
    figure.variants[""] = variant(spec["data"]["values"], finding, names[1:])
    return figure
