"""The three children's warehouse built otherwise: a later run, a missing feed, damaged figures."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import duckdb
import pytest

from tests.dbt.conftest import AFTER_FORECAST, WITHOUT_UNIT_TESTS, Warehouse
from tests.dbt.raw_layer import write_raw, write_table
from tests.dbt.small_forecasts import FORECASTS, forecasts_of, open_months_of, outturns_of
from tests.dbt.small_municipality import BUDGET, CASE_FEED, FEEDS, FINANCE_FEED, POSTINGS, RUN


@pytest.mark.slow
def test_a_later_run_is_compared_with_the_one_before(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    built = Warehouse(tmp_path_factory.mktemp("two_runs"))
    outturns = outturns_of("run_1", 1050000, to_come=5000)
    write_raw(built.raw, {"run": [RUN], "forecasts": FORECASTS, "outturns": outturns, **FEEDS})
    built.build(*WITHOUT_UNIT_TESTS)
    write_table(built.raw, "run", [{**RUN, "run_id": "run_2", "as_of": "2024-10-31"}], file="run")
    (built.raw / "run/load_1.parquet").unlink()
    write_table(built.raw, "forecasts", forecasts_of("run_2", 95000, 8000), file="run_2")
    write_table(built.raw, "outturns", outturns_of("run_2", 1080000, to_come=4000), file="run_2")
    to_come = open_months_of("run_2", {"2024-09-01": 1000, "2024-10-01": 3000})
    write_table(built.raw, "open_months", to_come, file="run_2")
    built.build(*WITHOUT_UNIT_TESTS)
    [total] = built.rows(
        """select mean_now, mean_before, change, run_id_before, as_of_before
        from reporting.rpt_change where level = 'total'"""
    )
    assert total == (1080000, 1050000, 30000, "run_1", date(2024, 9, 30))
    bridge = dict(
        built.rows(
            "select reason, amount from marts.fct_outturn_bridge where level = 'total' order by 1"
        )
    )
    # Of 5,000 that were to come of the months to September, 1,000 are still awaited and none came.
    assert bridge == {"booked": Decimal("-4000.00"), "forecast": Decimal("34000.00")}
    assert built.dbt("test", "--select", "outturn_bridge_adds_up").returncode == 0
    with duckdb.connect(str(built.file)) as connection:
        connection.execute("update marts.fct_outturn_bridge set amount = amount + 0.01")
    assert built.dbt("test", "--select", "outturn_bridge_adds_up").returncode == 1
    actuals = dict(
        built.rows("select run_id, actual_to_date from marts.fct_outturn where level = 'total'")
    )
    assert actuals == {"run_1": Decimal("283756.09"), "run_2": Decimal("376756.09")}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("entities", "costs", "measures"),
    [((), 0, 0), (CASE_FEED, 0, 5), (FINANCE_FEED, len(POSTINGS), 0)],
    ids=["nothing", "cases_only", "finance_only"],
)
def test_a_missing_feed_leaves_its_tables_empty(
    build_with: Callable[..., Warehouse], entities: tuple[str, ...], costs: int, measures: int
) -> None:
    built = build_with(*entities)
    assert built.value("select count(*) from marts.fct_cost") == costs
    assert built.value("select count(*) from marts.fct_measure") == measures
    budget_lines = len(BUDGET) if "budget" in entities else 0
    assert built.value("select count(*) from marts.fct_budget") == budget_lines
    assert built.value("select count(*) from marts.dim_child where child_key = -1") == 1
    assert built.value("select last_complete_month from reporting.rpt_run") == date(2024, 9, 1)


DAMAGE = {
    "ledger_identity": "update marts.fct_cost set amount = amount + 0.01 where posting_id = 'b6'",
    "no_posting_is_lost": "update marts.fct_cost set posting_id = 'x' where posting_id = 'b6'",
    "budget_identity": "update marts.fct_budget set version = 'original'",
    "person_days_identity": "delete from marts.fct_measure_month where month = date '2024-03-01'",
    "refunds_add_up": "update marts.fct_refund_month set booked_refund = 7 where children > 0",
    "forecast_adds_up": "update marts.fct_forecast set mean = mean + 1 where level = 'function'",
    "forecast_parts_add_up": "update marts.fct_forecast set mean = 9 where level = 'measure_type'",
    "forecast_keeps_its_side_of_zero": "update marts.fct_forecast set p05 = -1"
    " where level = 'category'",
    "known_breaks_can_be_used": "insert into reference.ref_known_breaks (kind, valid_from)"
    " values ('level_shift', date '2024-03-02')",
    "every_forecast_is_scored": "update marts.fct_forecast_accuracy set actual = actual + 1",
    "initiative_effects_add_up": "update marts.fct_initiative_effect set actual = actual + 1",
    "outturn_adds_up": "update marts.fct_outturn set open_amount = 9 where level = 'function'",
    "floor_adds_up": "update marts.fct_outturn set floor_amount = 9 where level = 'function'",
    "levels_add_up": "delete from intermediate.int_budget_level where level = 'function'",
    "rows_of_files_add_up": "update staging.stg_intake__load_files set rows_loaded = 9",
    "variance_adds_up": "update marts.fct_variance set mix_effect = mix_effect + 0.01",
    "no_notification_is_lost": "delete from marts.fct_notification where notification_id = 'u1'",
    "deadlines_agree_with_their_days": "update marts.fct_deadline set on_time = true",
    "caseload_counts_every_open_case": "update marts.fct_caseload_month set open_cases = 9",
    "every_open_case_is_reviewed": "delete from marts.fct_case_review where case_id = 'k1'",
    "loaded_rows_are_in_staging": "delete from staging.stg_finance__postings where period = 13",
    "reconciliation_adds_up": "update marts.fct_reconciliation_month set late = late + 0.01",
}
WARNED = {
    "forecast_no_worse_than_rules_of_thumb": "insert into reporting.rpt_forecast_accuracy"
    " (measure, scored, wape, wape_best_rule) values ('net_expenditure', 99, 0.2, 0.1)",
}
"""What is told and stops nothing: each is a warning of the asset's check."""


def test_a_broken_identity_stops_the_build(warehouse: Warehouse) -> None:
    whole = warehouse.file.read_bytes()
    try:
        with duckdb.connect(str(warehouse.file)) as connection:
            for damage in (*DAMAGE.values(), *WARNED.values()):
                connection.execute(damage)
        done = warehouse.dbt("test", "--select", *DAMAGE, *WARNED)
    finally:
        warehouse.file.write_bytes(whole)
    assert done.returncode == 1, done.stdout
    for check in DAMAGE:
        assert f"Failure in test {check}" in done.stdout, check
    for check in WARNED:
        assert f"Warning in test {check}" in done.stdout, check


def test_after_forecast_selection_is_what_rests_on_it(warehouse: Warehouse) -> None:
    listed = warehouse.dbt("ls", "--select", AFTER_FORECAST, "--resource-type", "model", "-q")
    names = {line.rsplit(".", 1)[-1] for line in listed.stdout.split()}
    assert {"fct_forecast", "fct_outturn", "rpt_outturn", "rpt_change"} <= names
    assert not {"int_forecast_series", "int_activity_series", "int_actual_level"} & names
