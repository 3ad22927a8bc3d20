"""Writes a small raw layer for dbt tests: Parquet by hand, typed from entities.yml.

Belongs here: the raw layer's columns and types as the warehouse expects them, and writing rows.
Does not: what the rows are (each test says that), and anything about intake's own reading.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

ROOT = Path(__file__).resolve().parents[2]
ENTITIES: dict[str, Any] = yaml.safe_load(
    (ROOT / "orchestration/intake/contracts/entities.yml").read_text(encoding="utf-8")
)["entities"]
MONEY = pa.decimal128(18, 2)
QUANTITY = pa.decimal128(18, 4)
QUANTITIES = {"units", "fte", "full_year_persons"}
ACCOUNT_PARTS = ("function", "dranst", "ownership", "grouping", "art")
TYPES = {
    "string": pa.string(),
    "text": pa.string(),
    "cpr": pa.string(),
    "account": pa.string(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "integer": pa.int64(),
    "decimal": MONEY,
    "boolean": pa.bool_(),
}
METADATA = [
    ("_load_id", pa.string()),
    ("_load_seq", pa.int64()),
    ("_source", pa.string()),
    ("_delivery", pa.string()),
    ("_replaces", pa.string()),
    ("_deleted", pa.bool_()),
    ("_file", pa.string()),
    ("_row", pa.int64()),
]
SET_ASIDE = ("vanished", "returned")
QUANTILES = ("p05", "p10", "p25", "p50", "p75", "p90", "p95")
BESIDE_ENTITIES = {
    "load_files": pa.schema(
        [(name, pa.string()) for name in ("load_id", "source", "profile", "entity", "file")]
        + [("sha256", pa.string()), ("delivery", pa.string()), ("state", pa.string())]
        + [("load_seq", pa.int64()), ("bytes", pa.int64())]
        + [
            (f"rows_{what}", pa.int64())
            for what in ("read", "loaded", "rejected", "superseded", "out_of_scope", *SET_ASIDE)
        ]
        + [("loaded_at", pa.timestamp("us"))]
    ),
    "load_errors": pa.schema(
        [("load_id", pa.string()), ("load_seq", pa.int64()), ("row_number", pa.int64())]
        + [
            (name, pa.string())
            for name in ("source", "entity", "file", "column_name", "value", "rule", "severity")
        ]
        + [(name, pa.string()) for name in ("message_da", "message_en", "remedy_da", "remedy_en")]
        + [(name, pa.string()) for name in ("record_id", "case_id")]
    ),
    "run": pa.schema(
        [("run_id", pa.string()), ("as_of", pa.date32()), ("municipality_name", pa.string())]
        + [
            (name, pa.string())
            for name in ("municipality_code", "language", "code_version", "data_version")
        ]
        + [("horizon_months", pa.int32())]
    ),
    "forecasts": pa.schema(
        [(name, pa.string()) for name in ("run_id", "series_id", "scenario", "measure")]
        + [("target_month", pa.date32()), ("mean", QUANTITY)]
        + [(name, QUANTITY) for name in QUANTILES]
        + [("horizon_months", pa.int32())]
        + [("model_version", pa.string()), ("data_version", pa.string())]
    ),
    "backtests": pa.schema(
        [(name, pa.string()) for name in ("run_id", "series_id", "measure")]
        + [("origin_month", pa.date32()), ("target_month", pa.date32())]
        + [("horizon_months", pa.int32()), ("mean", QUANTITY)]
        + [("model_version", pa.string()), ("data_version", pa.string())]
    ),
    "initiatives": pa.schema(
        [(name, pa.string()) for name in ("initiative_id", "label_da", "label_en", "scenario")]
        + [("starts_on", pa.date32()), ("measure_types", pa.string())]
        + [("planned_saving_year", MONEY)]
    ),
    "initiative_effects": pa.schema(
        [("run_id", pa.string()), ("initiative_id", pa.string()), ("month", pa.date32())]
        + [(name, MONEY) for name in ("actual", "counterfactual", "p05", "p95")]
        + [(name, MONEY) for name in ("cumulative_p05", "cumulative_p95")]
        + [("placebos", pa.int32()), ("placebo_share", pa.decimal128(9, 6))]
        + [("verdict", pa.string())]
    ),
    "outturns": pa.schema(
        [("run_id", pa.string()), ("year", pa.int32()), ("level", pa.string())]
        + [("key", pa.string())]
        + [(name, MONEY) for name in ("actual_complete_months", "mean", "p10", "p50", "p90")]
        + [
            ("probability_over_budget", pa.decimal128(9, 4)),
            ("months_known", pa.int32()),
            ("floor_amount", MONEY),
            ("open_amount", MONEY),
        ]
    ),
    "open_months": pa.schema(
        [(name, pa.string()) for name in ("run_id", "function", "measure_type")]
        + [("month", pa.date32()), ("to_come", MONEY)]
    ),
}


def entity_schema(entity: str) -> pa.Schema:
    """The raw columns of a canonical entity, as intake writes them."""
    fields: list[tuple[str, pa.DataType]] = []
    for name, spec in ENTITIES[entity]["columns"].items():
        kind = spec["type"]
        if kind == "cpr":
            fields.append(("person_id", pa.string()))
        elif name == "birth_date":
            fields.append(("birth_month", pa.date32()))
        else:
            fields.append((name, QUANTITY if name in QUANTITIES else TYPES[kind]))
        if kind == "account":
            fields += [(f"account_{part}", pa.string()) for part in ACCOUNT_PARTS]
    return pa.schema(fields + METADATA)


def schema_of(table: str) -> pa.Schema:
    """The schema of any raw table."""
    return BESIDE_ENTITIES.get(table) or entity_schema(table)


def tables() -> list[str]:
    """Every raw table: the entities and what lies beside them."""
    return [*ENTITIES, *BESIDE_ENTITIES]


def _cell(value: Any, kind: pa.DataType) -> Any:
    if value is None:
        return None
    if pa.types.is_decimal(kind):
        return Decimal(str(value)).quantize(Decimal(1).scaleb(-kind.scale))
    if pa.types.is_date(kind) and isinstance(value, str):
        return date.fromisoformat(value)
    if pa.types.is_timestamp(kind) and isinstance(value, str):
        return datetime.fromisoformat(value)
    return value


def write_table(
    raw: Path, table: str, rows: Sequence[Mapping[str, Any]], file: str = "load_1"
) -> None:
    """Writes rows (missing columns null) as one Parquet file beside the table's empty schema.

    Entity rows get the metadata of a first snapshot load unless they say otherwise.
    """
    schema = schema_of(table)
    folder = raw / table
    folder.mkdir(parents=True, exist_ok=True)
    if table != "run":
        pq.write_table(schema.empty_table(), folder / "_schema.parquet")
    if not rows:
        return
    loaded = [_with_metadata(table, number, row) for number, row in enumerate(rows, start=1)]
    unknown = {name for row in loaded for name in row} - set(schema.names)
    if unknown:
        raise ValueError(f"{table}: no such columns: {sorted(unknown)}")
    columns = {
        field.name: pa.array(
            [_cell(row.get(field.name), field.type) for row in loaded], type=field.type
        )
        for field in schema
    }
    pq.write_table(pa.table(columns, schema=schema), folder / f"{file}.parquet")


def _with_metadata(table: str, number: int, row: Mapping[str, Any]) -> dict[str, Any]:
    if table in BESIDE_ENTITIES:
        return dict(row)
    feed = ENTITIES[table]["feed"]
    first_load = {
        "_load_id": "load_1",
        "_load_seq": 1,
        "_source": feed,
        "_delivery": "snapshot",
        "_file": f"{table}.csv",
        "_row": number,
    }
    return {**first_load, **row}


def write_raw(raw: Path, rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Writes every raw table, empty where no rows are given."""
    for table in tables():
        write_table(raw, table, rows.get(table, []))
