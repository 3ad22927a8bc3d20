"""One semantic layer: every measure's SQL against what the reports publish for the same number."""

import re
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from exports.semantics import (
    PACKAGED,
    Measure,
    SemanticLayer,
    SemanticsError,
    read_semantics,
)
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
    "open_amount": "open_amount",
    "expected_outturn_p10": "p10",
    "expected_outturn_p50": "p50",
    "expected_outturn_p90": "p90",
    "deviation": "deviation",
    "probability_over_budget": "probability_over_budget",
}
YEAR_TYPE = {"in_year": "year", "measure_type": "measure_type"}
PLAN = {**YEAR_TYPE, "sector": "sector"}
MONTH = {"in_month": "month"}
MONTH_TEAM = {**MONTH, "team": "team"}
QUALITY = {name: name for name in ("entity", "rule", "severity", "team")}
RECONCILED = {
    "reconciled_committed": "committed",
    "reconciled_booked": "booked",
    "reconciliation_difference": "difference",
    "reconciliation_unmatched": "unmatched",
}
REASONS = ("double_booked", "late", "not_yet_invoiced", "other", "price", "quantity")
# What no report shows as such, and what it is a part of; DAX and SQL are compared all the same.
NOT_REPORTED = {
    "actual_of_past_years": "expected_outturn of past years",
    "forecast_outturn": "expected_outturn",
    "forecast_p10_now": "expected_outturn_p10",
    "forecast_p50_now": "expected_outturn_p50",
    "forecast_p90_now": "expected_outturn_p90",
    **{
        f"reconciliation_{reason}": "the report tells a reason of few children under another one"
        for reason in (*REASONS, "wrong_account", "wrong_person")
    },
    "budget_remaining": "adjusted_budget less actual_to_date",
    "consumption_rate": "actual_to_date by adjusted_budget",
    "committed_remaining": "committed of months to come",
    "expected_not_granted": "measures that are not granted are told of nowhere else",
    "notifications_assessed": "notifications_on_time_share",
    "notifications_assessed_on_time": "notifications_on_time_share",
    "notifications_followed_up": "notifications_led_to_measure_share",
    "notifications_led_to_measure": "notifications_led_to_measure_share",
    "notifications_repeat": "notifications_repeat_share",
    "forecasts_scored": "the small municipality has too few forecasts for a report",
    "forecasts_in_80": "as forecasts_scored",
    "forecast_coverage_80": "as forecasts_scored",
    "refund_lost_to_wrong_account": "the small municipality has lost none",
    **{
        f"initiative_{part}": "effects stand in the mart alone: economists see them as they are"
        for part in (
            *("actual", "counterfactual", "planned_saving", "saving"),
            *("planned_so_far", "saving_so_far", "saving_so_far_low", "saving_so_far_high"),
        )
    },
}
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
    ("planned_amount", "rpt_order_plan", "planned_amount", PLAN, "true"),
    ("order_plan_deviation", "rpt_order_plan", "full_year_persons_deviation", PLAN, "true"),
    ("share_near", "rpt_placement_month", "share_own_municipality", MONTH, "true"),
    ("open_cases", "rpt_caseload_month", "open_cases", MONTH_TEAM, "true"),
    ("caseworker_fte", "rpt_caseload_month", "fte", MONTH_TEAM, "true"),
    *[
        (name, "rpt_deadline_month", column, {**MONTH_TEAM, "duty": "duty"}, "true")
        for name, column in (
            ("deadlines_due", "due"),
            ("deadlines_on_time", "met_on_time"),
            ("deadlines_on_time_share", "share_on_time"),
        )
    ],
    *[
        (name, "rpt_deadline_next", column, {"duty": "duty", "team": "team"}, "true")
        for name, column in (
            ("deadlines_overdue", "overdue"),
            ("deadlines_next_30_days", "due_in_next_30_days"),
        )
    ],
    *[
        (name, report, column, slices, "true")
        for name, column in (
            ("notifications", "notifications"),
            ("notifications_on_time_share", "share_assessed_on_time"),
            ("notifications_repeat_share", "share_repeated"),
            ("notifications_led_to_measure_share", "share_led_to_measure"),
        )
        for report, slices in (
            ("rpt_notification_month", MONTH),
            ("rpt_notification_source", {"in_year": "year", "reporter": "reporter"}),
        )
    ],
    *[
        (name, "rpt_data_quality_month", column, QUALITY, "team = 'Familie'")
        for name, column in (
            ("rows_checked", "rows_checked"),
            ("rows_failing", "rows_failing"),
            ("data_quality_share", "share_failing"),
        )
    ],
    *[
        (name, "rpt_reconciliation_month", column, slices, rows)
        for name, column in RECONCILED.items()
        for slices, rows in (
            (MONTH, "level = 'total'"),
            ({**MONTH, "function": "key"}, "level = 'function'"),
        )
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


def test_every_measure_is_compared_or_said_why_not() -> None:
    compared = {name for name, *_ in REPORTED} | set(OUTTURN)
    assert not compared & set(NOT_REPORTED)
    assert compared | set(NOT_REPORTED) == set(read_semantics().measures)


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
