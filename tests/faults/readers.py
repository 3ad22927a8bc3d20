"""Readers who look at what is published all the time, and must never see half of it.

What belongs here: looking, as a person's tool does, and noting what did not fit. What does not:
what the night is doing meanwhile.
"""

import hashlib
import json
import threading
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import psycopg

from tests.faults.stage import Night

_PAUSE = 0.2


@dataclass
class Seen:
    """How often which run was seen whole, and what was seen that was not whole."""

    runs: Counter[str] = field(default_factory=Counter)
    halves: list[str] = field(default_factory=list)
    away: int = 0
    """How often the database did not answer: no harm, a reader asks again."""


class Readers:
    """One reader of the files and one of PostgreSQL, for the length of a `with` block."""

    def __init__(self, night: Night) -> None:
        self.files, self.database = Seen(), Seen()
        self._night = night
        self._stop = threading.Event()
        looks = [(look_at_files, self.files, night.current)]
        threads = [threading.Thread(target=self._loop, args=look, daemon=True) for look in looks]
        if night.database:
            arguments = (look_at_database, self.database, night.database)
            threads.append(threading.Thread(target=self._loop, args=arguments, daemon=True))
        self._threads = threads

    def __enter__(self) -> "Readers":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    @property
    def halves(self) -> list[str]:
        """All that was not whole."""
        return [*self.files.halves, *self.database.halves]

    def _loop(self, look, seen: Seen, where) -> None:  # type: ignore[no-untyped-def]
        while not self._stop.wait(_PAUSE):
            try:
                look(where, seen)
            except psycopg.OperationalError:
                seen.away += 1
            except Exception as error:
                seen.halves.append(f"{type(error).__name__}: {error}")


def look_at_files(current: Path, seen: Seen) -> None:
    """Follow `current` once, then hold everything that the manifest lists against it."""
    folder = current.resolve(strict=True)
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    for item in manifest["files"]:
        content = (folder / item["path"]).read_bytes()
        if hashlib.sha256(content).hexdigest() != item["sha256"]:
            seen.halves.append(f"{manifest['run_id']}: {item['path']} is not what is listed")
    with duckdb.connect(str(current / "serving.duckdb"), read_only=True) as connection:
        rows = connection.execute(
            "select run_id, (select count(*) from marts.fct_cost),"
            " (select count(*) from reporting.rpt_outturn) from reporting.rpt_run"
        ).fetchall()
    if len(rows) != 1 or not rows[0][1] or not rows[0][2]:
        seen.halves.append(f"serving.duckdb shows {rows}")
    seen.runs[manifest["run_id"]] += 1


def look_at_database(url: str, seen: Seen) -> None:
    """One statement over every table: all of one run, each with the rows that its list says."""
    with psycopg.connect(url, connect_timeout=5) as connection:
        tables = connection.execute(
            "select schemaname, tablename from pg_tables where schemaname in"
            " ('marts', 'reporting') and tablename <> 'published_manifest' order by 1, 2"
        ).fetchall()
        connection.rollback()
        counts = " union all ".join(
            f"select '{schema}' as s, '{name}' as t, count(*) as n from {schema}.\"{name}\""
            for schema, name in tables
        )
        rows = connection.execute(
            f"with counted as ({counts}), listed as ("
            " select 'marts' as s, * from marts.published_manifest union all"
            " select 'reporting', * from reporting.published_manifest)"
            " select run_id, coalesce(listed.s, counted.s), coalesce(table_name, t), n, rows"
            " from listed full join counted on listed.s = counted.s and table_name = t"
        ).fetchall()
    runs = {row[0] for row in rows}
    if len(runs) != 1 or None in runs:
        seen.halves.append(f"PostgreSQL shows the runs {runs}")
    wrong = [row for row in rows if row[3] != row[4]]
    if wrong:
        seen.halves.append(f"PostgreSQL shows other counts than it lists: {wrong[:3]}")
    seen.runs[str(runs)] += 1
