"""Every measure's DAX twin against its SQL, for the whole and each slice that Power BI offers."""

import dataclasses
import math
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from exports.powerbi import NAME, PARAMETERS, write_project
from exports.semantics import Measure, read_semantics
from orchestration.powerbi import column_words
from tests.dbt.conftest import Warehouse
from tests.dbt.dax import DaxStar, Slice, evaluated, without_commas

MEASURES = read_semantics().measures
SLICES_AT_LEAST = 5
SEPTEMBER = datetime.fromisoformat("2024-09-01")


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


def test_the_project_that_is_written_shows_the_same_numbers(
    warehouse: Warehouse, star: DaxStar, tmp_path: Path
) -> None:
    """In Danish names, as read back from its files: for the whole and for each year."""
    words = column_words(warehouse.folder / "target/manifest.json")
    write_project(tmp_path, read_semantics(), words, dict.fromkeys(PARAMETERS, ""))
    definition = tmp_path / f"{NAME}.SemanticModel/definition"
    tables, expressions, joins = star.in_project(definition)
    for name, measure in MEASURES.items():
        for by in ([], ["in_year"]) if "in_year" in measure.by() else ([],):
            for *year, by_sql in star.connection.execute(measure.sql(by)).fetchall():
                chosen = {"Kalender.År": year} if year else {}
                asked = (without_commas(measure.label["da"]), tables, expressions, chosen, joins)
                by_dax = evaluated(*asked, ("Kalender", "Dato"))
                assert same(by_sql, by_dax), (name, year, by_sql, by_dax)


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ({"dim_initiative.initiative_id": ["home"]}, "▼ Sparer"),
        ({"dim_initiative.initiative_id": ["other"]}, "▲ Koster mere"),
        (
            {"dim_initiative.initiative_id": ["home"], "dim_date.month": [SEPTEMBER]},
            "– Kan endnu ikke skelnes fra tilfældige udsving",
        ),
        ({}, None),
    ],
)
def test_the_verdict_is_the_newest_months_and_one_initiatives(
    star: DaxStar, chosen: dict[str, list[Any]], said: str | None
) -> None:
    dax = {item.name: item.dax for item in star.star.texts}
    assert (star.evaluate("Vurdering af initiativet", dax, chosen) or None) == said


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
