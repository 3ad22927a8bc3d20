"""A delivery beside what held before it: which rows vanish, which return, and how many are lost.

What belongs here: the rows of a source's entity that hold before a load, compared with those of the
load. What does not: reading the load's rows (entity_load), and the rows that hold in the warehouse
(its macro `current_rows`, which follows the same rule).

The rule: a row holds unless a later load of its source delivers its key again, says that it is
deleted, is a snapshot, or is a replacement of the slice that the row lies in.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import duckdb

from orchestration.intake.column_text import literal
from orchestration.intake.contract import Entity
from orchestration.intake.cpr import hide_sql
from orchestration.intake.entity_load import EntityLoad
from orchestration.intake.raw_store import RawStore

VANISHED, RETURNED = "row_vanished", "row_returned"


@dataclass(frozen=True)
class Part:
    """What a load delivers as a whole; `name` is empty where that is the entity itself."""

    name: str
    rows_before: int
    rows_now: int


class Comparison:
    """One entity of one load, compared with what held before it.

    A load that only adds or changes rows sets nothing aside: it has no parts, and nothing vanishes.
    """

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, load: EntityLoad, store: RawStore, source: str
    ) -> None:
        self.connection = connection
        self.load = load
        self.entity = load.entity
        self.store = store
        self.source = source
        self.held = f"held_{load.entity.name}"
        self.kept = f"kept_{load.entity.name}"
        connection.execute(f"create temp table {self.held} as {_held(self.entity, store, source)}")
        connection.execute(
            f"create temp view {self.kept} as select * from {load.judged}"
            f" anti join {load.fates} using (_file_no, _row)"
        )

    def parts(self) -> list[Part]:
        """What is to be delivered as a whole, with its rows before and now.

        A file that failed counts: without it the whole is not there, whatever is held on to.
        """
        if self.load.mapped.delivery == "changes":
            return []
        slice_ = self.load.mapped.replaces
        named = [
            f"{literal(name)} || ' ' || coalesce(kept.{name}::varchar, '-')" for name in slice_
        ]
        name = " || ', ' || ".join(named) or "''"
        columns = "".join(f"{column}, " for column in slice_)
        rows = self.connection.execute(
            f"with kept as (select {columns}count(*) as rows from {self.kept} group by all),"
            f" held as (select {columns}count(*) as rows from {self.held} group by all)"
            f" select {name}, coalesce(held.rows, 0), kept.rows"
            f" from kept left join held on {_same(slice_, 'kept', 'held')} order by all"
        ).fetchall()
        return [Part(*row) for row in rows]

    def tell(self) -> None:
        """Report every row that vanishes by this load, and every one that returns, and count."""
        count = self.load.counts()[0]
        if self.load.delivery != "changes":
            count.rows_vanished = self._report(VANISHED, self._vanished())
        count.rows_returned = self._report(RETURNED, self._returned())

    def _vanished(self) -> str:
        """SQL: rows that held and are not delivered; a rejected row is told as that."""
        slice_ = self.load.mapped.replaces
        replaced = f"semi join {self.kept} as kept on {_same(slice_, 'held', 'kept')}"
        return (
            f"select held.*, held._file as file, held._row as row_number from {self.held} as held"
            f" {replaced if slice_ else ''} anti join {self.load.judged} as judged"
            f" on {_same(self.entity.stored_key, 'held', 'judged')}"
        )

    def _returned(self) -> str:
        """SQL: rows that are delivered, did not hold, and were told as vanished before."""
        errors = literal(self.store.glob("load_errors"))
        return (
            f"select kept.*, {self.load.file_names()}[_file_no + 1] as file, _row as row_number"
            f" from (from {self.kept} where not coalesce(_deleted, false)) as kept"
            f" anti join {self.held} as held on {_same(self.entity.stored_key, 'kept', 'held')}"
            f" semi join (select value from read_parquet({errors}, union_by_name = true)"
            f" where rule = {literal(VANISHED)} and source = {literal(self.source)}"
            f" and entity = {literal(self.entity.name)}) as told"
            f" on told.value = {shown_key(self.entity, 'kept')}"
        )

    def _report(self, rule: str, rows: str) -> int:
        key = ", ".join(self.entity.stored_key)
        shown = shown_key(self.entity, "found")
        (added,) = self.connection.execute(
            "insert into problems by name"
            f" select {literal(rule)} as rule, {literal(self.entity.name)} as entity, file,"
            f" row_number, {literal(key)} as column_name, {shown} as value"
            f" from ({rows}) as found"
        ).fetchall()
        return int(added[0])


def shown_key(entity: Entity, table: str) -> str:
    """SQL: a row's key as the listing shows it; persons stand there by their pseudonym."""
    columns = [f"coalesce({table}.{name}::varchar, '')" for name in entity.stored_key]
    key = " || ' | ' || ".join(columns)
    return hide_sql(f"({key})")


def _held(entity: Entity, store: RawStore, source: str) -> str:
    """SQL: key, slices and place of the rows that hold before this load."""
    sliced = {name for columns in entity.slices for name in columns}
    columns = ", ".join(dict.fromkeys([*entity.stored_key, *sorted(sliced)]))
    of_source = f"_source = {literal(source)}"
    joins, holds = "", "not coalesce(newest._deleted, false)"
    for number, slice_ in enumerate(entity.slices):
        name, by = f"slice_{number}", ", ".join(slice_)
        joins += (
            f" left join (select {by}, max(_load_seq) as seq from delivered"
            f" where _replaces = {literal(','.join(slice_))} group by all) as {name}"
            f" on {_same(slice_, 'newest', name)}"
        )
        holds += f" and newest._load_seq >= coalesce({name}.seq, 0)"
    return (
        "with loads as (select load_seq, max(case when delivery = 'snapshot' and state = 'loaded'"
        " then load_seq end) over () as snapshot_seq"
        f" from read_parquet({literal(store.glob('load_files'))}, union_by_name = true)"
        f" where source = {literal(source)} and entity = {literal(entity.name)}"
        " and state <> 'stopped'),"
        f" delivered as (select {columns}, _load_seq, _deleted, _replaces, _file, _row"
        f" from read_parquet({literal(store.glob(entity.name))}, union_by_name = true)"
        f" where {of_source} and _load_seq in"
        " (select load_seq from loads where load_seq >= coalesce(snapshot_seq, 0))),"
        f" newest as (select * from delivered qualify row_number() over"
        f" (partition by {', '.join(entity.stored_key)} order by _load_seq desc, _row desc) = 1)"
        f" select newest.* from newest{joins} where {holds}"
    )


def _same(columns: Iterable[str], left: str, right: str) -> str:
    """SQL: two rows agree in the columns, where nothing agrees with nothing."""
    pairs = [f"{left}.{name} is not distinct from {right}.{name}" for name in columns]
    return " and ".join(pairs) or "true"
