"""The tables of a committee pack, built from the reporting tables.

Belongs here: which columns and rows each table has. Values stay raw (DKK, persons, shares); how
they are written is `model.cell`. Not here: sentences (`story`) and layout.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from exports.committee.model import Column, Kind, Row, Table, is_missing
from exports.language import Language
from exports.status import status_of, status_text

Record = dict[str, Any]


def records(frame: pd.DataFrame | None, **equal: Any) -> list[Record]:
    """The rows of a frame whose columns have the given values, as dictionaries."""
    if frame is None or frame.empty:
        return []
    mask = pd.Series(True, index=frame.index)
    for column, value in equal.items():
        mask &= frame[column] == value
    return [{str(key): value for key, value in row.items()} for row in _dicts(frame[mask])]


def _dicts(frame: pd.DataFrame) -> Iterator[Mapping[Any, Any]]:
    yield from frame.to_dict("records")


def _outturn_columns(lang: Language, first: str, decimals: int, is_open: bool) -> list[Column]:
    def amount(name: str, label: str, kind: Kind = "millions", **where: bool) -> Column:
        return Column(name, lang.text(label), kind, decimals, **where)

    odds = lang.text("committee.column.probability")
    return [
        Column("label", lang.text(first), "text"),
        amount("original_budget", "measure.original_budget", public=True),
        amount("adjusted_budget", "measure.adjusted_budget", public=True),
        amount("actual_to_date", "measure.actual_to_date"),
        *([amount("open_amount", "measure.open_amount", page=False)] if is_open else []),
        amount("mean", "measure.expected_outturn"),
        amount("interval", "term.interval_80", "interval", sheet=False),
        amount("p10", "committee.column.low", page=False),
        amount("p90", "committee.column.high", page=False),
        amount("deviation", "measure.deviation", "signed"),
        Column("probability_over_budget", odds, "percent", page=False),
        Column("status", lang.text("term.status"), "text"),
    ]


def _outturn_row(record: Record, lang: Language) -> Row:
    values = record | {
        "label": record[lang.column("label")],
        "status": status_text(status_of(record), lang),
    }
    return Row(
        str(record["key"]),
        values,
        suppressed=bool(record["suppressed"]),
        strong=record["level"] == "total",
    )


def outturn_table(outturn: pd.DataFrame | None, year: int, level: str, lang: Language) -> Table:
    """Budget, actual, expected outturn, interval, deviation and status per node of a level; in the
    workbook also what of the outturn is still to be booked of complete months, where anything is.
    """
    rows = sorted(records(outturn, year=year, level=level), key=lambda row: row["sort_order"])
    rows += records(outturn, year=year, level="total")
    return Table(
        name=f"outturn_{level}",
        title=lang.text(f"committee.table.{level}", year=year),
        # Types are small: with one decimal most deviations would read 0,0.
        columns=_outturn_columns(
            lang,
            f"committee.column.{level}",
            decimals=2 if level == "measure_type" else 1,
            is_open=any(still_open(row) for row in rows),
        ),
        rows=[_outturn_row(row, lang) for row in rows],
        note=lang.text("committee.note.millions"),
    )


def still_open(row: Mapping[str, Any]) -> float:
    """What of a row's expected outturn is still to be booked of complete months; 0 where nothing
    or not known."""
    amount = row.get("open_amount")
    return 0.0 if is_missing(amount) else float(amount or 0)


def activity_table(activity: pd.DataFrame | None, year: int, lang: Language) -> Table:
    """Full-year persons, children and unit price per measure type, beside the year before."""
    now = {row["measure_type"]: row for row in records(activity, year=year)}
    before = {row["measure_type"]: row for row in records(activity, year=year - 1)}
    rows = [
        _activity_row(row, before.get(key), lang)
        for key, row in sorted(now.items(), key=lambda item: _by_category(item[1], lang))
    ]
    columns = [
        Column("label", lang.text("committee.column.measure_type"), "text"),
        Column("category", lang.text("committee.column.category"), "text"),
        Column("children", lang.text("measure.children"), "count"),
        Column("persons", lang.text("committee.column.persons", year=year), "persons"),
        Column("persons_before", lang.text("committee.column.persons", year=year - 1), "persons"),
        Column("price", lang.text("committee.column.price", year=year), "kroner"),
        Column("price_before", lang.text("committee.column.price", year=year - 1), "kroner"),
        Column("price_change", lang.text("committee.column.price_change"), "signed_percent"),
        Column("net", lang.text("committee.column.net", year=year), "millions", page=False),
    ]
    title = lang.text("committee.table.activity")
    note = lang.text("committee.note.activity", year=year)
    return Table("activity", title, columns, rows, note)


def _by_category(row: Record, lang: Language) -> tuple[int, str]:
    order = ("placement", "prevention", "support")
    category = row["category"]
    return (order.index(category) if category in order else len(order), row[lang.column("label")])


def _activity_row(now: Record, before: Record | None, lang: Language) -> Row:
    earlier = before or {}
    price, price_before = now["unit_price"], earlier.get("unit_price")
    change = None
    if not (is_missing(price) or is_missing(price_before)) and float(price_before or 0) != 0:
        change = float(price) / float(price_before or 1) - 1
    category = now["category"] if lang.has(f"category.{now['category']}") else "unknown"
    values = {
        "label": now[lang.column("label")],
        "category": lang.text(f"category.{category}"),
        "children": now["children"],
        "persons": now["full_year_persons"],
        "persons_before": earlier.get("full_year_persons"),
        "price": price,
        "price_before": price_before,
        "price_change": change,
        "net": now["net_expenditure"],
    }
    hidden = bool(now["suppressed"]) or bool(earlier.get("suppressed", False))
    return Row(str(now["measure_type"]), values, suppressed=hidden)


def order_plan_table(plan: pd.DataFrame | None, year: int, lang: Language) -> Table:
    """What was planned to be bought in the year, and what is bought so far at a yearly rate."""
    rows = []
    for row in records(plan, year=year):
        sector = str(row["sector"])
        values = row | {
            "label": row.get(lang.column("label"), row["label_da"]),
            "sector_label": lang.text(f"sector.{sector}"),
            "difference": row["actual_full_year_persons"] - row["planned_full_year_persons"],
        }
        key = f"{row['measure_type']}|{sector}"
        rows.append(Row(key, values, suppressed=bool(row.get("suppressed", False))))
    columns = [
        Column("label", lang.text("committee.column.measure_type"), "text"),
        Column("sector_label", lang.text("committee.column.sector"), "text"),
        Column(
            "planned_full_year_persons",
            lang.text("committee.column.planned"),
            "persons",
            public=True,
        ),
        Column("actual_full_year_persons", lang.text("committee.column.ordered"), "persons"),
        Column("difference", lang.text("committee.column.difference"), "signed_persons"),
        Column(
            "planned_unit_price",
            lang.text("committee.column.planned_price"),
            "kroner",
            public=True,
        ),
    ]
    title = lang.text("committee.table.order_plan", year=year)
    note = lang.text("committee.note.order_plan")
    return Table("order_plan", title, columns, sorted(rows, key=_plan_order), note)


def _plan_order(row: Row) -> tuple[str, str]:
    return str(row.values["label"]), str(row.values["sector_label"])


def month_table(months: pd.DataFrame | None, first_year: int, lang: Language) -> Table:
    """The total by month: actual, budget, forecast with interval. For the workbook's chart."""
    rows = [
        Row(f"{row['month']:%Y-%m}", row, suppressed=bool(row.get("suppressed", False)))
        for row in sorted(records(months, level="total"), key=lambda row: row["month"])
        if row["month"].year >= first_year
    ]
    columns = [
        Column("month", lang.text("committee.column.month"), "date"),
        Column("actual", lang.text("committee.column.actual"), "millions"),
        Column("budget_month", lang.text("committee.column.budget_month"), "millions", public=True),
        Column("mean", lang.text("committee.column.forecast"), "millions"),
        Column("p10", lang.text("committee.column.low"), "millions"),
        Column("p90", lang.text("committee.column.high"), "millions"),
    ]
    return Table("months", lang.text("committee.table.months"), columns, rows)


def change_table(changes: Sequence[Mapping[str, Any]], lang: Language) -> Table:
    """How the expected outturn moved since the last report, per function."""
    rows = [
        Row(str(row["key"]), row, bool(row.get("suppressed", False)), row["level"] == "total")
        for row in changes
        if row["level"] in ("function", "total")
    ]
    columns = [
        Column("label", lang.text("committee.column.function"), "text"),
        Column("mean_before", lang.text("committee.column.before"), "millions"),
        Column("mean_now", lang.text("committee.column.now"), "millions"),
        Column("change", lang.text("committee.column.change"), "signed"),
    ]
    title = lang.text("committee.table.change")
    ordered = sorted(rows, key=lambda row: row.strong)
    return Table("change", title, columns, ordered, lang.text("committee.note.change"))


def load_table(load: pd.DataFrame | None, lang: Language) -> Table:
    """What the numbers rest on: rows read, loaded and rejected per file of the newest load."""
    rows = [Row(f"{row['source']}/{row['file']}", row) for row in records(load)]
    names = ["rows_read", "rows_loaded", "rows_rejected", "rows_superseded", "rows_out_of_scope"]
    columns = [
        Column("source", lang.text("committee.column.source"), "text"),
        Column("file", lang.text("committee.column.file"), "text"),
        *(Column(name, lang.text(f"committee.column.{name}"), "count") for name in names),
    ]
    return Table("load", lang.text("committee.table.load"), columns, rows)
