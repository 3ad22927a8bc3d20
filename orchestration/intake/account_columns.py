"""The accounts of an entity's rows: translated where a table says so, parsed, each once.

What belongs here: one table of distinct accounts with their parts, or the rule that they break.
What does not: the forms of an account (accounts), mapping tables (mappings), rows (entity_load).
"""

import re
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from orchestration.intake.accounts import AccountError, Chart, parse_account
from orchestration.intake.companions import Companions, used_mappings
from orchestration.intake.contract import ACCOUNT_PARTS
from orchestration.intake.cpr import hide, mask
from orchestration.intake.mappings import (
    MappingError,
    MappingTable,
    UnmappedError,
    no_table,
    read_mapping,
)
from orchestration.intake.problems import Problem, add_problems
from orchestration.intake.profiles import MappingUse, Profile

_PARSED = ("written", "meant", *ACCOUNT_PARTS, "rule", "suggestion")


@dataclass(frozen=True)
class Translation:
    """How an account column is translated."""

    use: MappingUse
    table: MappingTable

    def of(self, text: str) -> str:
        """The account that is meant. Raises UnmappedError."""
        if self.use.only and not re.fullmatch(self.use.only, text):
            return text
        return self.table.find(text)


def translation(
    connection: duckdb.DuckDBPyConnection,
    profile: Profile,
    entity: str,
    column: str,
    companions: Companions,
) -> Translation | None:
    """The table that translates a column's accounts; where it is missing an empty one, reported.

    None where accounts are written out, or may be and no table is there.
    """
    mapped = profile.entities[entity].columns.get(column)
    if mapped is None or mapped.mapping is None:
        return None
    use = mapped.mapping
    mapping = used_mappings(profile, entity)[use.table]
    paths = [file.path for file in companions.mappings.get(use.table, [])]
    if use.only and not paths:
        return None
    try:
        if not paths:
            raise MappingError(no_table(mapping))
        return Translation(use, read_mapping(paths, mapping, profile.form))
    except MappingError as error:
        add_problems(connection, [Problem("", "mapping_missing", entity, detail=hide(str(error)))])
        return Translation(use, MappingTable({}))


def make_accounts(
    connection: duckdb.DuckDBPyConnection,
    target: str,
    rows: str,
    column: str,
    chart: Chart,
    translated: Translation | None,
) -> None:
    """Make the temporary table `target`: every distinct account of `rows`, with what it means."""
    found = connection.execute(
        f"select distinct {column} from {rows} where {column} is not null"
    ).fetchall()
    parsed = [_parsed(text, chart, translated) for (text,) in found]
    values = [pa.array(values, pa.string()) for values in zip(*parsed, strict=True)]
    empty = [pa.array([], pa.string())] * len(_PARSED)
    connection.register("parsed", pa.table(values or empty, names=list(_PARSED)))
    connection.execute(f"create temp table {target} as from parsed")
    connection.unregister("parsed")


def _parsed(text: str, chart: Chart, translated: Translation | None) -> tuple[str | None, ...]:
    """One row: as written, as meant, its parts, or the rule it breaks."""
    nothing = (None,) * len(ACCOUNT_PARTS)
    meant = text
    try:
        meant = translated.of(text) if translated else text
        account = parse_account(meant, chart)
    except UnmappedError as error:
        return (text, mask(text), *nothing, error.rule, error.suggestion)
    except AccountError as error:
        return (text, mask(meant), *nothing, f"account_{error.part}", error.suggestion)
    return (
        text,
        mask(meant),
        "authorised",
        account.function,
        account.dranst,
        account.ownership,
        account.grouping,
        account.art,
        None,
        None,
    )
