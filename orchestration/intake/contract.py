"""The canonical entities as Python types, read from `contracts/entities.yml`.

What belongs here: the shape of an entity and of its rows in the raw layer. What does not: how a
system's own files map onto it (profiles) and how values are read (values).
"""

from functools import cache
from importlib.resources import files
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

ColumnType = Literal[
    "string", "text", "date", "timestamp", "integer", "decimal", "boolean", "cpr", "account"
]
Feed = Literal["cases", "finance"]

PERSON_ID = "person_id"
ACCOUNT_PARTS = ("scheme", "function", "dranst", "ownership", "grouping", "art")
METADATA = {
    "_load_id": "VARCHAR",
    "_load_seq": "BIGINT",
    "_source": "VARCHAR",
    "_delivery": "VARCHAR",
    "_replaces": "VARCHAR",
    "_deleted": "BOOLEAN",
    "_file": "VARCHAR",
    "_row": "BIGINT",
}
_SQL_TYPES = {
    "date": "DATE",
    "timestamp": "TIMESTAMP",
    "integer": "BIGINT",
    "boolean": "BOOLEAN",
}


class Column(BaseModel):
    """One column of a canonical entity."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: ColumnType
    required: bool = False
    values: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    scale: int = 2
    stored_as: str | None = None
    pseudonymise: bool = False
    born: str | None = None


class Minimise(BaseModel):
    """Columns emptied for the rows in which the flag `when` is true."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    when: str
    drop: tuple[str, ...]


class Erase(BaseModel):
    """What becomes of an erased person's rows.

    `dated` is the day a row counts from where only what is older than a day goes. With `empty` the
    row stays, because bookkeeping must keep it, and these columns are emptied; else the row goes.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    dated: str | None = None
    empty: tuple[str, ...] = ()


class Entity(BaseModel):
    """One canonical entity: its key, its columns in order, and pairs of dates in order.

    `slices` are the sets of columns by which a part of it can be delivered anew as a whole.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    feed: Feed
    key: tuple[str, ...]
    columns: dict[str, Column]
    order: tuple[tuple[str, str], ...] = ()
    slices: tuple[tuple[str, ...], ...] = ()
    minimise: Minimise | None = None
    erase: Erase | None = None

    @property
    def required(self) -> tuple[str, ...]:
        """The columns without which a row is no row."""
        return tuple(name for name, column in self.columns.items() if column.required)

    @property
    def stored_key(self) -> tuple[str, ...]:
        """The columns of the raw layer that identify a row of a source."""
        return tuple(self.stored_name(column) for column in self.key)

    def stored_name(self, column: str) -> str:
        """The name of a delivered column in the raw layer."""
        declared = self.columns[column]
        if declared.type == "cpr":
            return PERSON_ID
        return declared.stored_as or column

    def stored_columns(self) -> dict[str, str]:
        """Name and SQL type of every column of the entity's raw table, metadata last."""
        stored: dict[str, str] = {}
        for name, column in self.columns.items():
            stored[self.stored_name(name)] = sql_type(column)
            if column.type == "account":
                stored |= {f"{name}_{part}": "VARCHAR" for part in ACCOUNT_PARTS}
        return stored | METADATA


class _Catalogue(BaseModel):
    model_config = ConfigDict(extra="forbid")

    entities: dict[str, dict[str, object]] = Field(min_length=1)


def sql_type(column: Column) -> str:
    """The SQL type under which a column is kept."""
    if column.type == "decimal":
        return f"DECIMAL(18,{column.scale})"
    return _SQL_TYPES.get(column.type, "VARCHAR")


@cache
def entities() -> dict[str, Entity]:
    """All canonical entities by name, in the order of the contract."""
    text = files("orchestration.intake").joinpath("contracts/entities.yml").read_text("utf-8")
    catalogue = _Catalogue.model_validate(yaml.safe_load(text))
    return {
        name: Entity.model_validate({"name": name, **body})
        for name, body in catalogue.entities.items()
    }
