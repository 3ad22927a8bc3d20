"""The declared star: tables, what is added to them, relationships, and where dimensions are chosen.

What belongs here: reading star.yml and the SQL of its tables over `marts`. What does not: words and
pages of the project, TMDL.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

STAR = Path(__file__).with_name("star.yml")


@dataclass(frozen=True)
class Added:
    """A column that the published table has not: its Power BI type, and SQL and M over a row."""

    type: str
    sql: str
    m: str


@dataclass(frozen=True)
class StarTable:
    """A table of the model.

    `source` is the mart that it reads; None where `rows` are written here. `key` is given where it
    is one row per key of that mart, the newest by `newest`. `columns` None means all. `show` are
    the columns of facts that a person chooses by. `label`, `call`, `drill` and `sort` are what
    Power BI shows: names, hierarchies by name, and which column another is sorted by.
    """

    name: str
    source: str | None
    columns: tuple[str, ...] | None
    added: Mapping[str, Added]
    show: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    label: str
    call: Mapping[str, str]
    drill: Mapping[str, tuple[str, ...]]
    sort: Mapping[str, str]
    key: str | None
    newest: str | None
    filter_sql: str | None
    filter_m: str | None

    @property
    def schema(self) -> str:
        """The published schema that it is read from."""
        return "reporting" if self.name.startswith("rpt_") else "marts"

    @property
    def is_fact(self) -> bool:
        """Whether measures are made of it; people choose by the others."""
        return self.name.startswith("fct_")

    def sql(self) -> str:
        """The table's rows over `marts`."""
        if self.columns and self.rows:
            values = ", ".join(f"({', '.join(map(_quoted, row))})" for row in self.rows)
            return f"select * from (values {values}) as written ({', '.join(self.columns)})"
        added = [f"{column.sql} as {name}" for name, column in self.added.items()]
        chosen = ", ".join([*(self.columns or ("*",)), *added])
        where = f" where {self.filter_sql}" if self.filter_sql else ""
        text = f"select {chosen} from {self.schema}.{self.source}{where}"
        if self.key is None:
            return text
        return (
            f"{text} qualify row_number() over"
            f" (partition by {self.key} order by {self.newest} desc nulls last) = 1"
        )


@dataclass(frozen=True)
class Relationship:
    """Many `table`[`column`] to one `other`[`key`]."""

    table: str
    column: str
    other: str
    key: str


@dataclass(frozen=True)
class TextMeasure:
    """A measure that is no number of the layer: its Danish name and folder, DAX over the star."""

    name: str
    description: str
    format: str
    folder: str
    dax: str


@dataclass(frozen=True)
class Role:
    """The role that sees its teams alone; `access` is the table of persons and teams in `file`."""

    name: str
    access: str
    file: str
    team: tuple[str, str]
    denied: tuple[str, ...]


@dataclass(frozen=True)
class Star:
    """The tables by name, their relationships, and `slices`: dimension to (table, column)."""

    tables: Mapping[str, StarTable]
    relationships: tuple[Relationship, ...]
    slices: Mapping[str, tuple[str, str]]
    texts: tuple[TextMeasure, ...]
    role: Role


@cache
def read_star(path: Path = STAR) -> Star:
    """The star that a file declares."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    role = content["role"]
    return Star(
        tables={name: _table(name, item) for name, item in content["tables"].items()},
        relationships=tuple(
            Relationship(*many.split("."), *one.split("."))
            for many, one in content["relationships"]
        ),
        slices={name: _column(text) for name, text in content["slices"].items()},
        texts=tuple(TextMeasure(**item) for item in content["texts"]),
        role=Role(**{**role, "team": _column(role["team"]), "denied": tuple(role["denied"])}),
    )


def _table(name: str, item: Mapping[str, Any]) -> StarTable:
    rows = tuple(tuple(row) for row in item.get("rows", ()))
    filters = item.get("filter", {})
    return StarTable(
        name=name,
        source=None if rows else item.get("from", name),
        columns=tuple(item["columns"]) if "columns" in item else None,
        added={column: Added(**value) for column, value in item.get("add", {}).items()},
        show=tuple(item.get("show", ())),
        rows=rows,
        label=item["label"],
        call=item.get("call", {}),
        drill={title: tuple(columns) for title, columns in item.get("drill", {}).items()},
        sort=item.get("sort", {}),
        key=item.get("key"),
        newest=item.get("newest"),
        filter_sql=filters.get("sql"),
        filter_m=filters.get("m"),
    )


def _column(text: str) -> tuple[str, str]:
    table, column = text.split(".")
    return table, column


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
