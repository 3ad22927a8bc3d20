"""From the pseudonyms of one key to those of another.

What belongs here: reading delivered files under both keys at once, and the mapping that this gives.
What does not: where the files come from and where the mapping is used (rekey).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from orchestration.intake.accounts import Chart
from orchestration.intake.companions import Companions
from orchestration.intake.contract import Entity
from orchestration.intake.cpr import Pseudonymiser
from orchestration.intake.deliveries import Batch
from orchestration.intake.entity_load import EntityLoad
from orchestration.intake.erased import KINDS, token
from orchestration.intake.landing import DeliveredFile
from orchestration.intake.problems import create_problems
from orchestration.intake.profiles import Profile

_PAIR = re.compile(r"([0-9a-f]{32}):([0-9a-f]{32})")
_ID_TOKEN = re.compile(r"p[0-9a-f]{32}")


@dataclass(frozen=True)
class BothKeys(Pseudonymiser):
    """Gives `<old>:<new>` where a pseudonymiser gives a token, so that the reading code that made
    the old tokens tells which new ones belong to them."""

    new: Pseudonymiser = field(kw_only=True)

    def sql(self, expression: str) -> str:
        """SQL for both tokens; needs the variables of `bind`."""
        new = self.new.sql(expression).replace("'hmac_", "'new_hmac_")
        return f"({super().sql(expression)} || ':' || {new})"

    def bind(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Give a connection the variables of both keys."""
        super().bind(connection)
        inner, outer = self.new.pads()
        connection.execute("set variable new_hmac_inner = ?::blob", [inner])
        connection.execute("set variable new_hmac_outer = ?::blob", [outer])


def pairs(
    entity: Entity,
    profile: Profile,
    both: BothKeys,
    chart: Chart,
    file: DeliveredFile,
    companions: Companions,
    spill: Path,
) -> dict[str, str]:
    """New token by old one, of every value in the file that has one, cases and measures too."""
    found: dict[str, str] = {}
    with duckdb.connect(config={"temp_directory": str(spill)}) as connection:
        both.bind(connection)
        create_problems(connection)
        connection.execute("create temp table erased (kind VARCHAR, token VARCHAR)")
        load = EntityLoad(connection, entity, profile, both, companions)
        load.read(Batch((file,), (0,)), chart)
        for column in _texts(connection, load.table):
            for (value,) in connection.execute(
                f"select distinct {column} from {load.table} where {column} is not null"
            ).fetchall():
                found.update(_PAIR.findall(value))
                for kind, identifier in KINDS.items():
                    if column == identifier:
                        was, becomes = _identifiers(value)
                        found[token(both, kind, was)] = token(both.new, kind, becomes)
    return found


def _identifiers(value: str) -> tuple[str, str]:
    """An identifier as it stands in the raw layer under the old key, and under the new one."""
    return _PAIR.sub(r"\1", value), _PAIR.sub(r"\2", value)


def _texts(connection: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    rows = connection.execute(f"describe {table}").fetchall()
    return [row[0] for row in rows if row[1] == "VARCHAR"]


def token_columns(entity: Entity) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Columns of the raw table that hold tokens, and those that may hold `p` and a token."""
    whole = tuple(
        entity.stored_name(name)
        for name, column in entity.columns.items()
        if column.type == "cpr" or column.pseudonymise
    )
    partly = tuple(
        entity.stored_name(name)
        for name, column in entity.columns.items()
        if column.type == "string" and not column.values and entity.stored_name(name) not in whole
    )
    return whole, partly


_RECORD_KEY = "record_key"
"""History's key of a row in one text; a child's holds its token."""


def replaced(columns: Iterable[str], entity: Entity) -> str:
    """SQL for `select * replace (…)`: the tokens of these columns through the table `mapping`."""
    whole, partly = token_columns(entity)
    new: dict[str, str] = {}
    present = tuple(columns)
    for name in present:
        if name in whole:
            new[name] = f"(select new from mapping where old = {name})"
        elif name in partly:
            looked = f"(select 'p' || new from mapping where old = substr({name}, 2))"
            is_token = f"regexp_full_match({name}, '{_ID_TOKEN.pattern}')"
            new[name] = f"case when {is_token} then {looked} else {name} end"
    if _RECORD_KEY in present:
        key = _RECORD_KEY
        for name in (name for name in entity.stored_key if name in new):
            key = f"coalesce(replace({key}, {name}, {new[name]}), {key})"
        new[_RECORD_KEY] = key
    return ", ".join(f"{expression} as {name}" for name, expression in new.items())


def needed(
    connection: duckdb.DuckDBPyConnection, relation: str, columns: Iterable[str], entity: Entity
) -> set[str]:
    """Every token that stands in these columns of a relation."""
    whole, partly = token_columns(entity)
    found: set[str] = set()
    for name in columns:
        if name in whole:
            query = f"select distinct {name} from {relation} where {name} is not null"
        elif name in partly:
            query = (
                f"select distinct substr({name}, 2) from {relation}"
                f" where regexp_full_match({name}, '{_ID_TOKEN.pattern}')"
            )
        else:
            continue
        found |= {row[0] for row in connection.execute(query).fetchall()}
    return found
