"""Readers in processes of their own, who look as tools do, again and again, and keep count.

Belongs here: one way of looking per kind of tool, and what was seen. Not here: publishing.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.context import SpawnContext
from multiprocessing.queues import Queue
from pathlib import Path
from typing import Any

import duckdb
import psycopg

from tests.readers.versions import ASKED, is_whole

Answer = tuple[Any, ...]
_IN_TABLES = ASKED.format(
    run="marts.dim_run", cost="marts.fct_cost", outturn="reporting.rpt_outturn"
)


@dataclass
class Seen:
    """How often which version was seen whole, what was not, and the longest wait in seconds."""

    versions: Counter[int] = field(default_factory=Counter)
    halves: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    worst: float = 0.0

    @property
    def reads(self) -> int:
        """Every look that was answered."""
        return sum(self.versions.values()) + len(self.halves)


@contextmanager
def serving_file(current: str) -> Iterator[Callable[[], Answer]]:
    """An economist who opens `current/serving.duckdb`, asks, and closes it."""

    def look() -> Answer:
        path = str(Path(current) / "serving.duckdb")
        with duckdb.connect(path, read_only=True) as connection:
            return connection.execute(_IN_TABLES).fetchall()[0]

    yield look


@contextmanager
def parquet_files(current: str) -> Iterator[Callable[[], Answer]]:
    """A program that follows `current` once and reads the run's Parquet files there."""
    with duckdb.connect() as connection:

        def look() -> Answer:
            folder = Path(current).resolve(strict=True) / "parquet"
            names = {"run": "dim_run", "cost": "fct_cost", "outturn": "rpt_outturn"}
            asked = ASKED.format(
                **{name: f"'{(folder / file).as_posix()}.parquet'" for name, file in names.items()}
            )
            return connection.execute(asked).fetchall()[0]

        yield look


@contextmanager
def open_connection(url: str) -> Iterator[Callable[[], Answer]]:
    """A tool with a pool: one connection, the statement prepared on the server."""
    with psycopg.connect(url, autocommit=True) as connection:
        yield lambda: connection.execute(_IN_TABLES, prepare=True).fetchall()[0]


@contextmanager
def new_connection(url: str) -> Iterator[Callable[[], Answer]]:
    """A tool that connects for each question."""

    def look() -> Answer:
        with psycopg.connect(url) as connection:
            return connection.execute(_IN_TABLES).fetchall()[0]

    yield look


@contextmanager
def one_transaction(url: str) -> Iterator[Callable[[], Answer]]:
    """A report of several statements, in one transaction that sees one moment."""
    with psycopg.connect(url) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ

        def look() -> Answer:
            with connection.transaction():
                found = [
                    connection.execute(sql).fetchall()[0]
                    for sql in (
                        "select run_key from marts.dim_run",
                        "select count(*), sum(amount) from marts.fct_cost",
                        "select mean from reporting.rpt_outturn",
                    )
                ]
            return tuple(value for row in found for value in row)

        yield look


FILES = {"serving.duckdb": serving_file, "Parquet": parquet_files}
DATABASE = {
    "PostgreSQL, pool": open_connection,
    "PostgreSQL, connecting anew": new_connection,
    "PostgreSQL, transaction": one_transaction,
}


def read_on(kind: str, where: str, count: Any, stop: Any, told: "Queue[tuple[str, Seen]]") -> None:
    """Look until told to stop; `count` is what all readers of the place share."""
    seen = Seen()
    with {**FILES, **DATABASE}[kind](where) as look:
        while not stop.is_set():
            started = time.perf_counter()
            try:
                answer = look()
            except Exception as error:
                seen.errors.append(f"{type(error).__name__}: {error}")
            else:
                if is_whole(*answer):
                    seen.versions[answer[0]] += 1
                else:
                    seen.halves.append(str(answer))
            seen.worst = max(seen.worst, time.perf_counter() - started)
            with count.get_lock():
                count.value += 1
    told.put((kind, seen))


class Readers:
    """A process per kind, for the length of a `with` block; `seen` is there afterwards."""

    def __init__(self, context: SpawnContext, kinds: list[str], where: str) -> None:
        self.seen: dict[str, Seen] = {}
        self._count = context.Value("q", 0)
        self._stop = context.Event()
        self._told: Queue[tuple[str, Seen]] = context.Queue()
        arguments = (where, self._count, self._stop, self._told)
        self._processes = [
            context.Process(target=read_on, args=(kind, *arguments), daemon=True) for kind in kinds
        ]

    def __enter__(self) -> "Readers":
        for process in self._processes:
            process.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self.seen = dict(self._told.get(timeout=60) for _ in self._processes)
        for process in self._processes:
            process.join()

    @property
    def reads(self) -> int:
        """How often they have looked so far."""
        return int(self._count.value)
