"""Columns whose values repeat: each distinct text is read once, however many rows hold it.

What belongs here: remembering what SQL made of a text, over the batches of a load. What does not:
the SQL itself (values, row_sql).

A ledger of twenty million rows has some thousand days, accounts and persons, and the pseudonym of
a person costs a hundred times as much as looking it up. Memory is bounded: a column that does not
repeat is forgotten from time to time.
"""

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from orchestration.intake.cpr import Pseudonymiser

_REMEMBERED = 300_000
"""Distinct texts of one column that are remembered."""


def reading_connection(secret: Pseudonymiser) -> duckdb.DuckDBPyConnection:
    """A database of its own for Repeated, which reads while the load's own database is busy."""
    connection = duckdb.connect(config={"threads": 1, "temp_directory": ""})
    secret.bind(connection)
    return connection


class Repeated:
    """What SQL makes of the texts of one column.

    `query` reads the column `x` of `new_texts` and gives one row for each of its rows, in order.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, query: str) -> None:
        self._connection = connection
        self._query = query
        self._texts = pa.array([], pa.string())
        self._read = self._queried(self._texts)

    @property
    def schema(self) -> pa.Schema:
        """Names and types of what `columns` gives."""
        return self._read.schema

    def columns(self, texts: pa.Array) -> list[pa.Array]:
        """The columns of the query for each of `texts`."""
        coded = texts.dictionary_encode()
        places = pc.index_in(coded.dictionary, value_set=self._texts)
        if places.null_count:
            places = self._learn(coded.dictionary, places)
        rows = places.take(coded.indices)
        return [_taken(column, rows) for column in self._read.columns]

    def _learn(self, texts: pa.Array, places: pa.Array) -> pa.Array:
        """Read the texts without a place; the places of all `texts`."""
        unknown = pc.is_null(places)
        new = texts.filter(unknown)
        first, end = len(self._texts), len(self._texts) + len(new)
        if end > _REMEMBERED:
            self._texts, self._read = texts, self._queried(texts)
            return pa.array(np.arange(len(texts)), pa.int32())
        self._texts = pa.concat_arrays([self._texts, new])
        self._read = _one_batch(pa.Table.from_batches([self._read, self._queried(new)]))
        return pc.replace_with_mask(places, unknown, pa.array(np.arange(first, end), pa.int32()))

    def _queried(self, texts: pa.Array) -> pa.RecordBatch:
        self._connection.register("new_texts", pa.table({"x": texts}))
        return _one_batch(self._connection.execute(self._query).to_arrow_table())


def _taken(column: pa.Array, rows: pa.Array) -> pa.Array:
    """The values at `rows`; a column of nothing (as what is wrong mostly is) costs nothing."""
    if column.null_count == len(column):
        return pa.nulls(len(rows), column.type)
    return column.take(rows)


def _one_batch(table: pa.Table) -> pa.RecordBatch:
    columns = [column.combine_chunks() for column in table.columns]
    return pa.RecordBatch.from_arrays(columns, schema=table.schema)
