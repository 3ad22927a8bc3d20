"""The published star in memory, and each measure on it twice: by its SQL and by its DAX twin.

Belongs here: filling the star of exports/powerbi from a warehouse's `marts`, and evaluating DAX
with pbix-mcp's engine. Not here: what is compared.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
from pbix_mcp.dax import engine

from exports.powerbi.star import Star, read_star
from exports.semantics import Measure
from tests.exports import tmdl

CALENDAR = "year between 2022 and 2026"
"""The days of the calendar that are read: the test warehouse's facts lie well within them."""

# What the small municipality has no example of, so that no measure is compared on zeros alone.
# The rows need not make sense together: both twins read the same ones.
STIRRED = (
    "update marts.fct_refund_month set booked_refund = 100.10 * extract(month from month)",
    "update marts.fct_refund_month set lost_to_wrong_account = 7.07 where month > '2024-03-01'",
    """update marts.fct_reconciliation_month set double_booked = 1.01, late = 2.02, other = 3.03,
        wrong_account = 4.04 * extract(month from month), wrong_person = -5.05""",
    "update marts.fct_deadline set is_overdue = (on_time is null), due_in_next_30_days = is_open",
    "update marts.fct_forecast_accuracy set in_80 = (forecast_accuracy_key % 2 = 0)",
    # A second team that is gone by the newest month.
    "insert into marts.dim_organisation values (7, 'Ungdom', 'w7')",
    """insert into marts.fct_caseload_month by name
        select * replace (caseload_key + 1 as caseload_key, 7 as organisation_key,
            'Ungdom' as team, open_cases + 4 as open_cases)
        from marts.fct_caseload_month
        where month < (select max(month) from marts.fct_caseload_month)""",
    # Own provision that has ended, and a placement of its own in the newest month.
    """insert into marts.fct_measure_month by name
        select * replace (measure_key + 1 as measure_key, child_key + 1 as child_key,
            'internal' as sector, true as in_own_municipality)
        from marts.fct_measure_month
        where measure_type in ('1', '27') and month < date '2024-08-01'""",
    # An earlier run that knew other years, and forecasts of more years, functions and types.
    """insert into marts.dim_run by name select * replace (8 as run_key, 'run_0' as run_id,
        false as is_current) from marts.dim_run where is_current""",
    """insert into marts.fct_outturn by name select * replace (outturn_key + 1 as outturn_key,
        'run_0' as run_id, year - 1 as year, mean - 1 as mean) from marts.fct_outturn""",
    """insert into marts.fct_outturn by name select * replace (outturn_key + 2 as outturn_key,
        year + 1 as year, mean + 2 as mean, p10 + 3 as p10, p50 + 4 as p50, p90 + 5 as p90,
        0.75 as probability_over_budget) from marts.fct_outturn where run_id = 'run_1'""",
    """insert into marts.fct_outturn by name select * replace (outturn_key + 3 as outturn_key,
        'home_support' as key, (select measure_type_key from marts.dim_measure_type
        where measure_type = 'home_support') as measure_type_key, mean / 2 as mean)
        from marts.fct_outturn where level = 'measure_type'""",
    """insert into marts.fct_outturn by name select * replace (outturn_key + 4 as outturn_key,
        '5.28.21' as key, mean / 3 as mean) from marts.fct_outturn where level = 'function'""",
    """insert into marts.fct_order_plan by name select * replace (
        order_plan_key + 1 as order_plan_key, year + 1 as year,
        planned_amount + 1 as planned_amount)
        from marts.fct_order_plan""",
    """insert into marts.fct_budget by name select * replace (budget_key + 1 as budget_key,
        year - 1 as year, amount + 10 as amount) from marts.fct_budget""",
    # The initiative a month and a year later, and another one beside it.
    *(
        f"""insert into marts.fct_initiative_effect by name select * replace (
            initiative_effect_key + {months} as initiative_effect_key,
            cast(month + interval {months} month as date) as month, actual + {months} as actual,
            effect + {months} as effect, planned_saving + {months} as planned_saving,
            cumulative_planned_saving * {months} as cumulative_planned_saving,
            cumulative_effect * {months} as cumulative_effect,
            cumulative_p05 * {months} as cumulative_p05,
            cumulative_p95 + {months} as cumulative_p95, 'saves' as verdict)
        from marts.fct_initiative_effect where verdict <> 'saves'"""
        for months in (2, 16)
    ),
    """insert into marts.dim_initiative by name select * replace (9 as initiative_key,
        'other' as initiative_id, 'Andet' as label_da) from marts.dim_initiative
        where initiative_id = 'home'""",
    """insert into marts.fct_initiative_effect by name select * replace (
        initiative_effect_key + 1 as initiative_effect_key, 9 as initiative_key,
        'other' as initiative_id, actual - 7 as actual, effect - 7 as effect,
        cumulative_effect - 7 as cumulative_effect, 'costs_more' as verdict)
        from marts.fct_initiative_effect where month >= date '2026-01-01'""",
    """insert into marts.fct_notification by name select * replace (
        notification_key + 1 as notification_key, received_on - interval 400 day as received_on)
        from marts.fct_notification""",
)


@dataclass(frozen=True)
class Slice:
    """A value for each of some dimensions; empty for the whole."""

    values: Mapping[str, Any]


class DaxStar:
    """The star's rows, for SQL and for DAX."""

    def __init__(self, warehouse: str, stirred: Sequence[str] = STIRRED) -> None:
        self.star: Star = read_star()
        self.connection = duckdb.connect()
        self.connection.execute(f"attach '{warehouse}' as built (read_only)")
        self.connection.execute("create schema marts; create schema reporting")
        for schema, name in self.connection.execute(
            "select schema_name, table_name from duckdb_tables() where database_name = 'built'"
            " and schema_name in ('marts', 'reporting')"
        ).fetchall():
            days = f" where {CALENDAR} or date_key = -1" if name == "dim_date" else ""
            self.connection.execute(
                f"create table {schema}.{name} as select * from built.{schema}.{name}{days}"
            )
        for statement in stirred:
            self.connection.execute(statement)

    @cached_property
    def tables(self) -> dict[str, Any]:
        """The star's tables as the engine takes them."""
        tables = {}
        for name, table in self.star.tables.items():
            found = self.connection.execute(table.sql())
            columns = [column[0] for column in found.description or ()]
            rows = [[_plain(value) for value in row] for row in found.fetchall()]
            tables[name] = {"columns": columns, "rows": rows}
        return tables

    @cached_property
    def relationships(self) -> list[dict[str, Any]]:
        """The star's relationships as the engine takes them."""
        return [
            {
                "FromTable": join.table,
                "FromColumn": join.column,
                "ToTable": join.other,
                "ToColumn": join.key,
                "IsActive": True,
            }
            for join in self.star.relationships
        ]

    def chosen_by(self, measure: Measure, dimension: str) -> str | None:
        """`table.column` that a dimension is chosen by in Power BI; None where it is not."""
        if dimension in self.star.slices:
            return ".".join(self.star.slices[dimension])
        tables = {part.table for part in measure.aggregates.values()}
        columns = {part.dimensions.get(dimension) for part in measure.aggregates.values()}
        if len(tables) != 1 or len(columns) != 1:
            return None
        [table], [column] = tables, columns
        return f"{table}.{column}" if column in self.star.tables[table].show else None

    def by_sql(self, measure: Measure) -> Iterator[tuple[Slice, Any]]:
        """The measure for the whole, by each dimension, and by each year and dimension."""
        offered = [name for name in sorted(measure.by()) if self.chosen_by(measure, name)]
        in_year = [["in_year", name] for name in offered if name not in ("in_year", "in_month")]
        for by in [[], *([name] for name in offered), *(in_year if "in_year" in offered else [])]:
            for *values, result in self.connection.execute(measure.sql(by)).fetchall():
                if None not in values:
                    yield Slice(dict(zip(by, values, strict=True))), result

    def by_dax(self, measures: Mapping[str, Measure], name: str, chosen: Slice) -> Any:
        """The DAX twin under a slice. Raises AssertionError where the engine could not evaluate."""
        filters = {
            self.chosen_by(measures[name], dimension) or dimension: [_plain(value)]
            for dimension, value in chosen.values.items()
        }
        expressions = {each.name: each.dax for each in measures.values()}
        return self.evaluate(name, expressions, filters)

    def evaluate(
        self, name: str, expressions: Mapping[str, str], filters: Mapping[str, list[Any]]
    ) -> Any:
        """One of the expressions under filters. Raises AssertionError where it has a fault."""
        return evaluated(
            name, self.tables, expressions, filters, self.relationships, ("dim_date", "date_day")
        )

    def in_project(self, definition: Path) -> tuple[dict[str, Any], dict[str, str], list[Any]]:
        """Tables, measures and relationships as a written project has them, on the star's rows."""
        tables: dict[str, Any] = {}
        measures: dict[str, str] = {}
        sources = {table.label: name for name, table in self.star.tables.items()}
        for item in (each for path in definition.glob("tables/*") for each in tmdl.read(path)):
            measures |= {
                without_commas(one.name): without_commas("\n".join(one.expression))
                for one in item.of("measure")
            }
            if item.name not in sources:
                continue
            found = self.tables[sources[item.name]]
            columns = {one.name: one.properties["sourceColumn"] for one in item.of("column")}
            places = [found["columns"].index(source) for source in columns.values()]
            rows = [[row[place] for place in places] for row in found["rows"]]
            tables[item.name] = {"columns": [*map(without_commas, columns)], "rows": rows}
        joins = []
        for item in tmdl.read(definition / "relationships.tmdl"):
            many = tmdl.column_reference(item.properties["fromColumn"])
            one = tmdl.column_reference(item.properties["toColumn"])
            names = ("FromTable", "FromColumn", "ToTable", "ToColumn")
            joins.append({**dict(zip(names, (*many, *one), strict=True)), "IsActive": True})
        return tables, measures, joins


def without_commas(dax: str) -> str:
    """The engine takes a comma within brackets for the end of an argument; Power BI does not."""
    return re.sub(r"\[[^\]]*\]|^[^\[(]*$", lambda name: name[0].replace(",", ""), dax)


def evaluated(
    name: str,
    tables: Mapping[str, Any],
    expressions: Mapping[str, str],
    filters: Mapping[str, list[Any]],
    relationships: Sequence[Any],
    calendar: tuple[str, str],
) -> Any:
    """One of the expressions under filters. Raises AssertionError where it has a fault."""
    asked = engine.DAXEngine()
    context = engine.DAXContext(
        dict(tables), dict(expressions), *calendar, dict(filters), list(relationships)
    )
    value = asked.evaluate_measure(name, context)
    assert not asked.eval_errors, f"{name}: {asked.eval_errors}"
    assert not asked.unsupported_functions, f"{name}: {asked.unsupported_functions}"
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime.combine(value, time())
    return value
