"""Every measure's DAX twin against its SQL, for the whole and each slice that Power BI offers."""

import dataclasses
import math
from typing import Any

import pytest

from exports.semantics import Measure, read_semantics
from tests.dbt.conftest import Warehouse
from tests.dbt.dax import DaxStar, Slice

MEASURES = read_semantics().measures
SLICES_AT_LEAST = 5


@pytest.fixture(scope="module")
def star(warehouse: Warehouse) -> DaxStar:
    return DaxStar(str(warehouse.file))


def same(by_sql: Any, by_dax: Any) -> bool:
    """To the øre and to nine digits; a blank is DAX's way of writing none, and of writing 0."""
    if by_dax is None or by_sql is None:
        return not by_sql and not by_dax
    return math.isclose(float(by_sql), float(by_dax), rel_tol=1e-9, abs_tol=1e-9)


def differing(
    star: DaxStar, measures: dict[str, Measure], name: str
) -> tuple[int, int, list[tuple[Slice, Any, Any]]]:
    """Slices compared, those with a number other than 0, and those where the twins differ."""
    compared = [
        (chosen, by_sql, star.by_dax(measures, name, chosen))
        for chosen, by_sql in star.by_sql(measures[name])
    ]
    wrong = [row for row in compared if not same(row[1], row[2])]
    return len(compared), sum(1 for row in compared if row[1]), wrong


@pytest.mark.parametrize("name", MEASURES)
def test_dax_is_sql_in_every_slice(star: DaxStar, name: str) -> None:
    compared, telling, wrong = differing(star, dict(MEASURES), name)
    assert not wrong
    assert compared >= SLICES_AT_LEAST
    # Nothing and 0 agree with each other: some slice must show a number.
    assert telling >= 1


def without(star: DaxStar, table: str, other: str) -> DaxStar:
    """The same star with one relationship missing."""
    fewer = object.__new__(DaxStar)
    kept = [
        join
        for join in star.relationships
        if (join["FromTable"], join["ToTable"]) != (table, other)
    ]
    fewer.__dict__.update(star.__dict__, tables=star.tables, relationships=kept)
    return fewer


def test_a_chosen_year_that_is_not_kept_is_seen(star: DaxStar) -> None:
    """A forecast that the calendar does not reach shows the running year's for a past one."""
    deaf = without(star, "fct_outturn", "dim_date")
    _, _, wrong = differing(deaf, dict(MEASURES), "expected_outturn")
    assert {"in_year": 2023} in [dict(chosen.values) for chosen, _, _ in wrong]


@pytest.mark.parametrize(
    "broken",
    [
        "SUMM(fct_cost[amount])",
        "SUM(fct_cost[amounts])",
        "SUM(fct_costs[amount])",
        "CALCULATE(SUM(fct_cost[amount]), fct_cost[is_to_date] = FALSE())",
        "CALCULATE([net_expenditure], ALL(dim_date))",
        "CALCULATE(SUM(fct_cost[amount]), KEEPFILTERS(fct_cost[is_to_date] = TRUE())",
    ],
)
def test_a_wrong_twin_is_seen(star: DaxStar, broken: str) -> None:
    measures = dict(MEASURES)
    measures["actual_to_date"] = dataclasses.replace(measures["actual_to_date"], dax=broken)
    try:
        _, _, wrong = differing(star, measures, "actual_to_date")
    except AssertionError:
        return
    assert wrong
