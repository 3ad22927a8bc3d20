"""Tables that a person hands in and takes away: CSV or Parquet, told by the name's suffix.

What belongs here: reading and writing them for the commands. What does not: what is in them; what
is wrong with a value is for the engine to say.
"""

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pandas as pd

from orchestration.refusal import Refusal
from orchestration.settings import ConfigurationError

SUFFIXES = (".csv", ".parquet")


def require_suffix(*paths: Path) -> None:
    """Raise ConfigurationError for a name that does not tell its form."""
    for path in paths:
        if path.suffix.casefold() not in SUFFIXES:
            raise ConfigurationError(f"{path}: the name must end in .csv or .parquet")


def read_table(source: Path) -> pd.DataFrame:
    """The file as it stands, a CSV's values as text.

    Raises ConfigurationError where there is no such file, Refusal where it is no table.
    """
    if not source.is_file():
        raise ConfigurationError(f"there is no file {source}")
    with duckdb.connect() as connection:
        try:
            if source.suffix.casefold() == ".csv":
                return connection.read_csv(str(source), all_varchar=True, header=True).fetchdf()
            return connection.read_parquet(str(source)).fetchdf()
        except duckdb.Error as error:
            first = str(error).split("\n")[0]
            raise Refusal(f"{source} cannot be read as a table: {first}") from error


def write_table(found: pd.DataFrame, out: Path, months: Sequence[str] = ()) -> None:
    """Write a table, making its folder; the columns `months` become dates."""
    out.parent.mkdir(parents=True, exist_ok=True)
    found = found.assign(**{name: found[name].dt.date for name in months})
    kind = "header" if out.suffix.casefold() == ".csv" else "format parquet, parquet_version v1"
    target = out.as_posix().replace("'", "''")
    with duckdb.connect() as connection:
        connection.register("found", found)
        connection.execute(f"copy (select * from found) to '{target}' ({kind})")
