"""The raw layer on disk: immutable Parquet files per load, and the register of loads.

What belongs here: folder layout, the empty files that give every table its columns, what was
loaded before. What does not: how a load is made (load), who reads it (dbt).

Layout: `<entity>/<load_id>.parquet`, `load_files/<load_id>.parquet`, `load_errors/…`,
`run/run.parquet`, `initiatives/initiatives.parquet`, `forecasts/<run_id>.parquet`, and so what else
the forecast makes. A load counts from the moment when its `load_files` entry is there; it is
written last.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from orchestration.intake.column_text import literal
from orchestration.intake.contract import entities

LOAD_FILES = {
    "load_id": "VARCHAR",
    "load_seq": "BIGINT",
    "source": "VARCHAR",
    "profile": "VARCHAR",
    "reading_hash": "VARCHAR",
    "entity": "VARCHAR",
    "file": "VARCHAR",
    "sha256": "VARCHAR",
    "bytes": "BIGINT",
    "delivery": "VARCHAR",
    "state": "VARCHAR",
    "rows_read": "BIGINT",
    "rows_loaded": "BIGINT",
    "rows_rejected": "BIGINT",
    "rows_superseded": "BIGINT",
    "rows_out_of_scope": "BIGINT",
    "rows_vanished": "BIGINT",
    "rows_returned": "BIGINT",
    "loaded_at": "TIMESTAMP",
    "header": "VARCHAR[]",
}
LOAD_ERRORS = {
    "load_id": "VARCHAR",
    "load_seq": "BIGINT",
    "source": "VARCHAR",
    "entity": "VARCHAR",
    "file": "VARCHAR",
    "row_number": "BIGINT",
    "column_name": "VARCHAR",
    "value": "VARCHAR",
    "rule": "VARCHAR",
    "severity": "VARCHAR",
    "message_da": "VARCHAR",
    "message_en": "VARCHAR",
    "remedy_da": "VARCHAR",
    "remedy_en": "VARCHAR",
    "record_id": "VARCHAR",
    "case_id": "VARCHAR",
}
RUN = {
    "run_id": "VARCHAR",
    "as_of": "DATE",
    "municipality_name": "VARCHAR",
    "municipality_code": "VARCHAR",
    "language": "VARCHAR",
    "code_version": "VARCHAR",
    "data_version": "VARCHAR",
    "horizon_months": "INTEGER",
}
_QUANTILES = ("mean", "p05", "p10", "p25", "p50", "p75", "p90", "p95")
FORECASTS = {
    "run_id": "VARCHAR",
    "series_id": "VARCHAR",
    "scenario": "VARCHAR",
    "measure": "VARCHAR",
    "target_month": "DATE",
    **dict.fromkeys(_QUANTILES, "DECIMAL(18,4)"),
    "horizon_months": "INTEGER",
    "model_version": "VARCHAR",
    "data_version": "VARCHAR",
}
OUTTURNS = {
    "run_id": "VARCHAR",
    "year": "INTEGER",
    "level": "VARCHAR",
    "key": "VARCHAR",
    "actual_complete_months": "DECIMAL(18,2)",
    **dict.fromkeys(("mean", "p10", "p50", "p90"), "DECIMAL(18,2)"),
    "probability_over_budget": "DECIMAL(9,4)",
    "months_known": "INTEGER",
    "floor_amount": "DECIMAL(18,2)",
    "open_amount": "DECIMAL(18,2)",
}
OPEN_MONTHS = {
    "run_id": "VARCHAR",
    "function": "VARCHAR",
    "measure_type": "VARCHAR",
    "month": "DATE",
    "to_come": "DECIMAL(18,2)",
}
BACKTESTS = {
    "run_id": "VARCHAR",
    "series_id": "VARCHAR",
    "measure": "VARCHAR",
    "origin_month": "DATE",
    "target_month": "DATE",
    "horizon_months": "INTEGER",
    "mean": "DECIMAL(18,4)",
    "model_version": "VARCHAR",
    "data_version": "VARCHAR",
}
INITIATIVES = {
    "initiative_id": "VARCHAR",
    "label_da": "VARCHAR",
    "label_en": "VARCHAR",
    "scenario": "VARCHAR",
    "starts_on": "DATE",
    "measure_types": "VARCHAR",
    "planned_saving_year": "DECIMAL(18,2)",
}
INITIATIVE_EFFECTS = {
    "run_id": "VARCHAR",
    "initiative_id": "VARCHAR",
    "month": "DATE",
    "actual": "DECIMAL(18,2)",
    "counterfactual": "DECIMAL(18,2)",
    "p05": "DECIMAL(18,2)",
    "p95": "DECIMAL(18,2)",
    "cumulative_p05": "DECIMAL(18,2)",
    "cumulative_p95": "DECIMAL(18,2)",
    "placebos": "INTEGER",
    "placebo_share": "DECIMAL(9,6)",
    "verdict": "VARCHAR",
}
MADE_BY_FORECAST = {
    "forecasts": FORECASTS,
    "outturns": OUTTURNS,
    "open_months": OPEN_MONTHS,
    "backtests": BACKTESTS,
    "initiative_effects": INITIATIVE_EFFECTS,
}
"""The tables that the forecast step writes, one file per run."""


def table_shapes() -> dict[str, dict[str, str]]:
    """Columns and SQL types of every raw table, by name."""
    shapes = {name: entity.stored_columns() for name, entity in entities().items()}
    return shapes | {
        "load_files": LOAD_FILES,
        "load_errors": LOAD_ERRORS,
        "run": RUN,
        "initiatives": INITIATIVES,
        **MADE_BY_FORECAST,
    }


@dataclass(frozen=True)
class LoadedFile:
    """One file of a load that was not stopped."""

    name: str
    sha256: str
    load_seq: int
    reading_hash: str
    state: str
    """`loaded`, or `failed` where it could not be read to its end."""
    header: tuple[str, ...] = ()
    """Every column that it had; empty where an older version did not keep them."""


def newest_header(files: list[LoadedFile]) -> tuple[str, ...]:
    """Every column that the files of the newest load had."""
    newest = [file for file in files if file.load_seq == files[-1].load_seq]
    return tuple(dict.fromkeys(name for file in newest for name in file.header))


class RawStore:
    """The raw layer under one folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, table: str, part: str) -> Path:
        """The Parquet file of one load (or run) of a table."""
        return self.root / table / f"{part}.parquet"

    def glob(self, table: str) -> str:
        """All Parquet files of a table, for DuckDB."""
        return (self.root / table / "*.parquet").as_posix()

    def prepare(self) -> None:
        """Give every table its folder and an empty file, and drop what a killed load left."""
        with duckdb.connect() as connection:
            for table, columns in table_shapes().items():
                schema = self.path(table, "_schema")
                schema.parent.mkdir(parents=True, exist_ok=True)
                fields = ", ".join(f"null::{kind} as {name}" for name, kind in columns.items())
                write(connection, f"select {fields} where false", schema)
        self._sweep()

    def _sweep(self) -> None:
        registered = {path.stem for path in (self.root / "load_files").glob("*.parquet")}
        for table in (*entities(), "load_errors"):
            for path in (self.root / table).iterdir():
                if path.stem not in registered or path.suffix != ".parquet":
                    path.unlink()

    def next_load(self, now: datetime) -> tuple[int, datetime]:
        """Number and time of the next load; later than the last one, whatever the clock says.

        History asks what was known when, so time may not run backwards in the register.
        """
        with duckdb.connect() as connection:
            row = connection.execute(
                "select coalesce(max(load_seq), 0) + 1, max(loaded_at) + interval 1 second"
                " from read_parquet(?, union_by_name = true)",
                [self.glob("load_files")],
            ).fetchone()
        sequence, earliest = row if row else (1, None)
        return int(sequence), max(now, earliest or now)

    def loaded_files(self, source: str, entity: str) -> list[LoadedFile]:
        """Every file of an entity that a source ever delivered, oldest load first.

        A file that could not be read is one of them: it would fail every night anew.
        """
        with duckdb.connect() as connection:
            rows = connection.execute(
                "select file, sha256, load_seq, reading_hash, state, header"
                " from read_parquet(?, union_by_name = true)"
                " where source = ? and entity = ? and state <> 'stopped' order by load_seq, file",
                [self.glob("load_files"), source, entity],
            ).fetchall()
        return [
            LoadedFile(name, sha256, sequence, reading_hash, state, tuple(header or ()))
            for name, sha256, sequence, reading_hash, state, header in rows
        ]


_DICTIONARY = 4_000
"""Distinct values of a column in a row group up to which they are written as a dictionary: one that
grows longer is given up, and what it took is wasted."""


def constant(text: str) -> str:
    """SQL: the same text on every row, written as one word of a dictionary and not row by row."""
    return f"{literal(text)}::enum({literal(text)})"


def write(connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    """Write the result of a query as Parquet (V1 encodings, Snappy); readers see all or nothing."""
    partial = path.with_name(path.name + ".part")
    target = partial.as_posix().replace("'", "''")
    connection.execute(
        f"copy ({query}) to '{target}' (format parquet, compression snappy, parquet_version v1,"
        f" dictionary_size_limit {_DICTIONARY})"
    )
    partial.replace(path)
