"""The control totals of a run, read back from every form in which it leaves the house.

Belongs here: one reader per form, none of which uses the code that wrote it, and what differs from
the facts: original and adjusted budget, actual to date and expected outturn, for the whole area and
for each function. Not here: making a run.
"""

import csv
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import psycopg
import pypdf

from exports.metabase import read_content
from tests.dbt.dax import DaxStar, evaluated

COLUMNS = {
    "original_budget": "Oprindeligt budget",
    "adjusted_budget": "Korrigeret budget",
    "actual_to_date": "Forbrug til dato",
    "mean": "Forventet regnskab",
}
"""The totals and what readers see them called."""

OERE = Decimal("0.01")
TENTH_OF_A_MILLION = Decimal(100_000)
HIDDEN = "diskr."
FOR_ECONOMISTS = {"fct_outturn", "DAX"}
"""Forms of the pseudonymised tables, in which nothing is suppressed."""
_DAX_TABLES = {"Kalender", "Funktioner", "Kørsler", "Udgifter", "Budget", "Forventet regnskab"}
_QUESTION = "Budget og forventet regnskab pr. funktion"


@dataclass(frozen=True)
class Shown:
    """What a form shows; `amount` is None where it is hidden, `step` is worth its last digit."""

    amount: Decimal | None
    step: Decimal = OERE


Totals = dict[tuple[str, str], Shown]
"""By function (or `total`) and column."""


@dataclass(frozen=True)
class Published:
    """A published run, the year it reports on and what its functions are called."""

    current: Path
    year: int
    labels: Mapping[str, str]

    @classmethod
    def of(cls, current: Path) -> "Published":
        with duckdb.connect(str(current / "serving.duckdb"), read_only=True) as connection:
            [[year]] = connection.execute("select current_year from reporting.rpt_run").fetchall()
            labels = connection.execute(
                "select label_da, key from reporting.rpt_outturn"
                f" where level in ('total', 'function') and year = {year}"
            ).fetchall()
        return cls(current, int(year), dict(labels))

    @property
    def pack(self) -> Path:
        """The newest committee pack."""
        return max((self.current / "committee").iterdir())


def facts(run: Published) -> Totals:
    """The totals added up from ledger and budget lines; the expected outturn from what is booked in
    complete months, what is still to be booked of them, and the forecast months."""
    per_function = {
        "original_budget": "select sum(amount) from marts.fct_budget where version = 'original'",
        "adjusted_budget": "select sum(amount) from marts.fct_budget where is_in_force",
        "actual_to_date": "select sum(amount) from marts.fct_cost where is_to_date",
    }
    found: Totals = {}
    with duckdb.connect(str(run.current / "serving.duckdb"), read_only=True) as connection:
        for key in run.labels.values():
            of_node = "" if key == "total" else f" and series_function = '{key}'"
            for column, sql in per_function.items():
                row = connection.execute(f"{sql} and year = {run.year}{of_node}").fetchone()
                found[key, column] = Shown(_kroner(row[0] if row else None))
            found[key, "mean"] = Shown(_kroner(_expected(connection, run, key, of_node)))
    return found


def _expected(
    connection: duckdb.DuckDBPyConnection, run: Published, key: str, of_node: str
) -> Decimal:
    level = "total" if key == "total" else "function"
    series = "total" if key == "total" else f"function={key}"
    parts = (
        "select sum(amount) from marts.fct_cost"
        f" where is_in_complete_month and year = {run.year}{of_node}",
        "select sum(open_amount) from marts.fct_outturn join marts.dim_run using (run_id)"
        f" where is_current and year = {run.year} and level = '{level}' and key = '{key}'",
        "select sum(mean) from marts.fct_forecast join marts.dim_run using (run_id)"
        f" where is_current and scenario = 'base' and measure = 'net_expenditure'"
        f" and series_id = '{series}' and year(target_month) = {run.year}",
    )
    rows = [connection.execute(sql).fetchone() for sql in parts]
    return sum((_kroner(row[0] if row else None) for row in rows), Decimal(0))


def differences(found: Totals, truth: Totals) -> list[str]:
    """What a form shows otherwise than the facts, beyond half of its last digit."""
    return [
        f"{key} {column}: {shown.amount}, not {truth[key, column].amount}"
        for (key, column), shown in found.items()
        if shown.amount is not None
        and abs(shown.amount - (truth[key, column].amount or 0)) > shown.step / 2
    ]


def hidden(found: Totals) -> set[tuple[str, str]]:
    """The functions and columns that a form hides."""
    return {place for place, shown in found.items() if shown.amount is None}


def read_outturn_mart(run: Published) -> Totals:
    """`fct_outturn` in the Parquet folder."""
    return _of_table(
        run,
        f"from '{(run.current / 'parquet' / 'fct_outturn.parquet').as_posix()}'"
        f" where run_id = (select max(run_id) from '{_rpt_run(run)}')",
    )


def read_outturn_report(run: Published) -> Totals:
    """`rpt_outturn` in the Parquet folder."""
    return _of_table(run, f"from '{(run.current / 'parquet' / 'rpt_outturn.parquet').as_posix()}'")


def _rpt_run(run: Published) -> str:
    return (run.current / "parquet" / "rpt_run.parquet").as_posix()


def _of_table(run: Published, source: str) -> Totals:
    joiner = "and" if " where " in source else "where"
    rows = duckdb.execute(
        f"select key, {', '.join(COLUMNS)} {source}"
        f" {joiner} year = {run.year} and level in ('total', 'function')"
    ).fetchall()
    return {
        (key, column): Shown(None if amount is None else _kroner(amount))
        for key, *amounts in rows
        for column, amount in zip(COLUMNS, amounts, strict=True)
    }


class _Tables(HTMLParser):
    """Every table of a page by its caption: rows of cells, a cell being its text and its value."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tables: dict[str, list[list[tuple[str, str | None]]]] = {}
        self._rows: list[list[tuple[str, str | None]]] = []
        self._caption: list[str] | None = None
        self._cell: list[str] | None = None
        self._value: str | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self._rows = []
        elif tag == "caption":
            self._caption = []
        elif tag == "tr":
            self._rows.append([])
        elif tag in ("td", "th"):
            self._cell, self._value = [], dict(attrs).get("data-v")

    def handle_endtag(self, tag: str) -> None:
        if tag == "caption" and self._caption is not None:
            self.tables[_squeezed("".join(self._caption))] = self._rows
            self._caption = None
        elif tag in ("td", "th") and self._cell is not None:
            self._rows[-1].append((_squeezed("".join(self._cell)), self._value))
            self._cell = None

    def handle_data(self, data: str) -> None:
        for part in (self._caption, self._cell):
            if part is not None:
                part.append(data)


def read_report_page(run: Published) -> Totals:
    """The table of functions in the pack's `rapport.html`."""
    page = _Tables((run.pack / "rapport.html").read_text("utf-8"))
    [table] = [rows for name, rows in page.tables.items() if name.endswith("pr. område")]
    written = [[text for text, _ in row] for row in table]
    return _of_rows(run, written, lambda text: _millions(text, TENTH_OF_A_MILLION))


def read_cockpit(run: Published) -> Totals:
    """The year's table of functions in the cockpit: what it shows and what its CSV button gives."""
    page = _Tables((run.current / "cockpit" / "index.html").read_text("utf-8"))
    [table] = [
        rows
        for name, rows in page.tables.items()
        if "Plejefamilier" in [row[0][0] for row in rows] and str(run.year) in name
    ]
    written = [[text for text, _ in row] for row in table]
    given = [[text if value is None else value for text, value in row] for row in table]
    seen = _of_rows(run, written, lambda text: _millions(text, Decimal(10_000)))
    exact = _of_rows(run, given, _plain)
    assert not differences(seen, exact), "the cockpit shows one number and exports another"
    return exact


def read_report_pdf(run: Published) -> Totals:
    """The table of functions in the text of `rapport.pdf`."""
    pages = pypdf.PdfReader(run.pack / "rapport.pdf").pages
    text = _squeezed(" ".join(page.extract_text() for page in pages))
    head = " ".join(["Område", *COLUMNS.values()])
    table = text[text.index(head) :]
    amount = rf"(?:[−+]?[\d.]+,\d|{re.escape(HIDDEN)})"
    rows = [["Område", *COLUMNS.values()]]
    for label in run.labels:
        found = re.search(rf"{re.escape(_squeezed(label))}((?: {amount}){{4}})", table)
        assert found, f"rapport.pdf has no row for {label}"
        rows.append([label, *found[1].split()])
    return _of_rows(run, rows, lambda text: _millions(text, TENTH_OF_A_MILLION))


def read_workbook(run: Published) -> Totals:
    """The sheet of functions in `tal.xlsx`."""
    sheet = openpyxl.load_workbook(run.pack / "tal.xlsx", data_only=True)["Områder"]
    rows = [[str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    rows[0] = [name.removesuffix(" (kr.)") for name in rows[0]]
    return _of_rows(run, rows, _plain)


def read_csv(name: str, encoding: str, delimiter: str, point: str, run: Published) -> Totals:
    """One of the pack's two CSV files."""
    text = (run.pack / name).read_text(encoding)
    return {
        (row["row"], row["column"]): Shown(
            None if row["suppressed"] == "1" else Decimal(row["value"].replace(point, "."))
        )
        for row in csv.DictReader(StringIO(text), delimiter=delimiter)
        if row["table"] == "outturn_function" and row["column"] in COLUMNS
    }


def read_manifest_figures(run: Published) -> Totals:
    """The figures that the pack's manifest keeps for the next pack to compare with."""
    figures = json.loads((run.pack / "manifest.json").read_text("utf-8"))["figures"]
    return {
        (one["key"], "mean"): Shown(None if one["mean"] is None else _kroner(one["mean"]))
        for one in figures
        if one["level"] in ("total", "function")
    }


def read_metabase(execute: Callable[[str], Any], run: Published) -> Totals:
    """What the question in Metabase gives on a connection's database."""
    [question] = [one for one in read_content().questions if one.name == _QUESTION]
    answer = execute(question.unfiltered)
    head = [column[0] for column in answer.description]
    rows = [[HIDDEN if cell is None else str(cell) for cell in row] for row in answer.fetchall()]
    return _of_rows(run, [head, *rows], _plain)


def read_power_bi(run: Published) -> Totals:
    """The measures in the DAX of the published project, on the published tables."""
    definition = run.current / "powerbi" / "Raaderum.SemanticModel" / "definition"
    star = DaxStar(str(run.current / "serving.duckdb"), stirred=())
    # The engine indexes every table anew for each measure: those that the totals rest on suffice.
    tables, measures, joins = star.in_project(definition)
    tables = {name: table for name, table in tables.items() if name in _DAX_TABLES}
    joins = [one for one in joins if {one["FromTable"], one["ToTable"]} <= _DAX_TABLES]
    found: Totals = {}
    for key in run.labels.values():
        chosen: dict[str, list[Any]] = {"Kalender.År": [run.year]}
        if key != "total":
            chosen["Funktioner.Funktion (område)"] = [key]
        for column, name in COLUMNS.items():
            value = evaluated(name, tables, measures, chosen, joins, ("Kalender", "Dato"))
            found[key, column] = Shown(_kroner(value))
    return found


def readers(served: str) -> dict[str, Callable[[Published], Totals]]:
    """The readers by the form that they read; `served` is the URL of the served PostgreSQL."""

    def in_files(run: Published) -> Totals:
        with duckdb.connect(str(run.current / "serving.duckdb"), read_only=True) as connection:
            return read_metabase(connection.execute, run)

    def in_database(run: Published) -> Totals:
        with psycopg.connect(served) as connection:
            return read_metabase(lambda sql: connection.execute(sql.encode()), run)

    return {
        "fct_outturn": read_outturn_mart,
        "rpt_outturn": read_outturn_report,
        "rapport.html": read_report_page,
        "cockpit": read_cockpit,
        "rapport.pdf": read_report_pdf,
        "tal.xlsx": read_workbook,
        "tal.csv": partial(read_csv, "tal.csv", "utf-8", ",", "."),
        "tal_excel.csv": partial(read_csv, "tal_excel.csv", "utf-8-sig", ";", ","),
        "manifest.json": read_manifest_figures,
        "Metabase on DuckDB": in_files,
        "Metabase on PostgreSQL": in_database,
        "DAX": read_power_bi,
    }


def _of_rows(run: Published, rows: Sequence[Sequence[str]], read: Callable[[str], Shown]) -> Totals:
    """A table with headings, whose first column has the functions' names."""
    head, *body = rows
    labels = {_squeezed(label): key for label, key in run.labels.items()}
    places = {column: head.index(name) for column, name in COLUMNS.items() if name in head}
    return {
        (labels[_squeezed(row[0])], column): read(row[place])
        for row in body
        for column, place in places.items()
    }


def _millions(text: str, step: Decimal) -> Shown:
    if text == HIDDEN:
        return Shown(None, step)
    number = text.replace(".", "").replace(",", ".").replace("−", "-")
    return Shown(Decimal(number) * 1_000_000, step)


def _plain(text: str) -> Shown:
    return Shown(None if text == HIDDEN else _kroner(text))


def _kroner(amount: Any) -> Decimal:
    """To the øre; a blank is how DAX and SQL write the sum of nothing."""
    return Decimal(str(amount if amount is not None else 0)).quantize(OERE)


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("\u00ad", "")).strip()


def moved(totals: Totals, place: tuple[str, str], by: Decimal) -> Totals:
    """The totals with one of them moved, to see that what is compared can differ."""
    return totals | {place: Shown((totals[place].amount or 0) + by)}
