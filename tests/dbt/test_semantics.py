"""One semantic layer: every measure's SQL against what the reports publish for the same number."""

import re
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from exports.semantics import PACKAGED, Measure, SemanticLayer, SemanticsError
from orchestration.semantic_layer import semantic_layer
from tests.dbt.conftest import Warehouse

# measure -> (report, its column, dimensions by the report's columns, rows looked at)
LEVELS: dict[str, tuple[str, ...]] = {
    "total": ("in_year",),
    "function": ("in_year", "function"),
    "measure_type": ("in_year", "measure_type"),
}
OUTTURN = {
    "original_budget": "original_budget",
    "adjusted_budget": "adjusted_budget",
    "actual_to_date": "actual_to_date",
    "committed": "committed",
    "expected_outturn": "mean",
    "expected_outturn_p10": "p10",
    "expected_outturn_p50": "p50",
    "expected_outturn_p90": "p90",
    "deviation": "deviation",
    "probability_over_budget": "probability_over_budget",
}
YEAR_TYPE = {"in_year": "year", "measure_type": "measure_type"}
PLAN = {**YEAR_TYPE, "sector": "sector"}
MONTH = {"in_month": "month"}
REPORTED: list[tuple[str, str, str, dict[str, str], str]] = [
    *[
        (name, "rpt_activity_year", name, YEAR_TYPE, "true")
        for name in ("net_expenditure", "full_year_persons", "children", "unit_price")
    ],
    (
        "children_at_month_end",
        "rpt_activity_month",
        "children",
        {"in_month": "month", "measure_type": "measure_type", "sector": "sector"},
        "is_complete and sector <> 'total'",
    ),
    *[
        (name, "rpt_placement_month", name, MONTH, "true")
        for name in ("children_placed", "share_foster", "share_network", "share_internal")
    ],
    (
        "cases_per_fte",
        "rpt_caseload_month",
        "cases_per_fte",
        {"in_month": "month", "team": "team"},
        "fte > 0",
    ),
    ("planned_persons", "rpt_order_plan", "planned_full_year_persons", PLAN, "true"),
    (
        "planned_price",
        "rpt_order_plan",
        "planned_unit_price",
        PLAN,
        "planned_full_year_persons > 0",
    ),
    ("actual_persons", "rpt_order_plan", "actual_full_year_persons", PLAN, "true"),
    *[
        (name, "rpt_variance", column, slices, rows)
        for name, column in (
            ("deviation_to_date", "deviation"),
            ("volume_effect", "volume_effect"),
            ("price_effect", "price_effect"),
            ("mix_effect", "mix_effect"),
        )
        for slices, rows in ((PLAN, "sector <> 'total'"), (YEAR_TYPE, "sector = 'total'"))
    ],
    *[
        (name, report, name, slices, "true")
        for name in ("expected_refund", "booked_refund", "unclaimed_refund")
        for report, slices in (
            ("rpt_refund_month", MONTH),
            ("rpt_refund_year", {"in_year": "year"}),
        )
    ],
]


@pytest.fixture(scope="module")
def layer(warehouse: Warehouse) -> SemanticLayer:
    return semantic_layer(warehouse.folder / "target/manifest.json")


def differing(
    warehouse: Warehouse,
    measure: Measure,
    report: str,
    column: str,
    slices: dict[str, str],
    rows: str,
) -> tuple[int, list[tuple[Any, ...]]]:
    """Rows compared, and those where the measure is not what the report shows (to its decimals)."""
    condition = " and ".join(
        f"shown.{shown} is not distinct from measured.{name}" for name, shown in slices.items()
    )
    found = warehouse.rows(
        f"""select {", ".join(f"shown.{name}" for name in slices.values())}, shown.{column},
            measured.{measure.name}
        from (select * from reporting.{report} where {rows}) as shown
        left join ({measure.sql(list(slices))}) as measured on {condition}"""
    )
    wrong = [row for row in found if not _same(row[-2], row[-1])]
    return len(found), wrong


def _same(shown: Any, measured: Any) -> bool:
    if shown is None or measured is None:
        return not shown and not measured
    # Reports are rounded to their column's decimals; full-year persons are kept to eight.
    decimals = -shown.as_tuple().exponent if hasattr(shown, "as_tuple") else 0
    size = abs(float(shown))
    return abs(float(shown) - float(measured)) <= 0.51 * 10**-decimals + 1e-7 * size


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", OUTTURN)
def test_a_measure_is_what_the_outturn_report_shows(
    warehouse: Warehouse, layer: SemanticLayer, name: str, level: str
) -> None:
    slices = {dimension: "year" if dimension == "in_year" else "key" for dimension in LEVELS[level]}
    compared, wrong = differing(
        warehouse,
        layer.measures[name],
        "rpt_outturn",
        OUTTURN[name],
        slices,
        f"level = '{level}'",
    )
    assert compared
    assert not wrong


@pytest.mark.parametrize(("name", "report", "column", "slices", "rows"), REPORTED)
def test_a_measure_is_what_its_report_shows(
    warehouse: Warehouse,
    layer: SemanticLayer,
    name: str,
    report: str,
    column: str,
    slices: dict[str, str],
    rows: str,
) -> None:
    compared, wrong = differing(warehouse, layer.measures[name], report, column, slices, rows)
    assert compared
    assert not wrong


def test_every_measure_can_be_sliced_by_all_that_it_says(
    warehouse: Warehouse, layer: SemanticLayer
) -> None:
    with duckdb.connect(str(warehouse.file), read_only=True) as connection:
        for measure in layer.measures.values():
            assert len(connection.execute(measure.sql()).fetchall()) == 1, measure.name
            for dimension in sorted(measure.by()):
                # Binding names and types is what could fail; the values are held to the reports.
                connection.execute(f"explain {measure.sql([dimension])}")


def test_the_copy_that_exports_read_is_the_projects(layer: SemanticLayer, tmp_path: Any) -> None:
    layer.write(tmp_path / "fresh.json")
    fresh = (tmp_path / "fresh.json").read_text(encoding="utf-8")
    assert PACKAGED.read_text(encoding="utf-8") == fresh, "make semantics"


def test_a_measure_refuses_a_dimension_that_it_has_not(layer: SemanticLayer) -> None:
    with pytest.raises(SemanticsError, match="in_month"):
        layer.measures["adjusted_budget"].sql(["in_month"])


def references(dax: str) -> Iterator[tuple[str, str]]:
    """Every Table[Column] of a DAX expression; a measure has an empty table."""
    for table, column in re.findall(r"([\w']*)\[([^\]]+)\]", re.sub(r'"[^"]*"', "", dax)):
        yield table.strip("'"), column


def test_dax_names_what_there_is_and_closes_what_it_opens(
    warehouse: Warehouse, layer: SemanticLayer
) -> None:
    columns = set(
        warehouse.rows(
            "select table_name, column_name from duckdb_columns() where schema_name = 'marts'"
        )
    )
    for measure in layer.measures.values():
        text = re.sub(r'"[^"]*"', "", measure.dax)
        assert text.count("(") == text.count(")"), measure.name
        assert text.count("[") == text.count("]"), measure.name
        tables = {table for table, _ in columns}
        named = set(re.findall(r"\b(?:fct|dim)_\w+", text))
        assert named <= tables, f"{measure.name}: {named - tables}"
        assert named or list(references(measure.dax)), measure.name
        for table, column in references(measure.dax):
            if table:
                assert (table, column) in columns, f"{measure.name}: {table}[{column}]"
            else:
                assert column in layer.measures, f"{measure.name}: [{column}]"


def test_measures_say_all_that_readers_need(layer: SemanticLayer) -> None:
    for measure in layer.measures.values():
        assert measure.description, measure.name
        for words in (measure.label, measure.folder):
            assert set(words) == {"da", "en"}, measure.name
            assert all(words.values()), measure.name
    labels = [measure.label["da"] for measure in layer.measures.values()]
    assert len(labels) == len(set(labels))
