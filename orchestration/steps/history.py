"""History as dbt's snapshots keep it: telling it every load, none twice, none left out.

What belongs here: which loads the snapshots have not seen, and replaying those that the night's own
build would pass over. What does not: the snapshots (dbt_project/snapshots), their time
(macros/history.sql).

The night's build tells history the newest state. That is all there is to tell after an ordinary
night. Where more was loaded since, because nights failed or the warehouse file was lost, the states
in between are told first, in order: each load's time is in the register, so the history that comes
of it is the one that would have been.
"""

import os
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import duckdb

from orchestration.intake.raw_store import RawStore
from orchestration.manifest import PROJECT, dbt_executable
from orchestration.progress import Reporter
from orchestration.state import State

_PREFIX = "hist_"


class HistoryError(RuntimeError):
    """A load could not be told to history."""


@dataclass(frozen=True)
class Load:
    """One entity of one load."""

    load_seq: int
    source: str
    entity: str
    loaded_at: datetime


def entities_with_history() -> frozenset[str]:
    """The entities that have a snapshot."""
    found = (PROJECT / "snapshots").glob(f"{_PREFIX}*.sql")
    return frozenset(path.stem.removeprefix(_PREFIX) for path in found)


def catch_up(state: State, reporter: Reporter) -> int:
    """Tell history of every state but the newest, which the build tells; how many they were.

    Raises HistoryError where dbt fails.
    """
    stops = states_to_replay(_untold(state))
    if stops:
        reporter.step(f"Replaying {len(stops)} earlier states into history", total=len(stops))
    for up_to in stops:
        _replay(state, up_to)
        reporter.advance()
    return len(stops)


def states_to_replay(untold: Iterable[Load]) -> list[int]:
    """The loads after which to stop and tell history, oldest first, without the newest state.

    One state takes in the loads of one day (UTC) that do not follow on each other: a source's
    entity only once.
    """
    stops: list[int] = []
    seen: set[tuple[str, str]] = set()
    last: Load | None = None
    for load in sorted(untold, key=lambda load: (load.load_seq, load.entity)):
        key = (load.source, load.entity)
        new_day = last is not None and last.loaded_at.date() != load.loaded_at.date()
        if last is not None and (key in seen or new_day) and last.load_seq < load.load_seq:
            stops.append(last.load_seq)
            seen = set()
        seen.add(key)
        last = load
    return stops


def _untold(state: State) -> list[Load]:
    """Loads of entities with history that the snapshots have not seen."""
    told = _told(state)
    with duckdb.connect() as connection:
        rows = connection.execute(
            "select distinct load_seq, source, entity, loaded_at"
            " from read_parquet(?, union_by_name = true) where state <> 'stopped'",
            [RawStore(state.raw).glob("load_files")],
        ).fetchall()
    loads = (Load(*row) for row in rows)
    followed = entities_with_history()
    return [
        load
        for load in loads
        if load.entity in followed and load.load_seq > told.get(load.entity, 0)
    ]


def _told(state: State) -> dict[str, int]:
    """The newest load that the history of each entity tells of; empty without a warehouse."""
    if not state.warehouse.is_file():
        return {}
    with duckdb.connect(str(state.warehouse), read_only=True) as connection:
        table = "select 1 from duckdb_tables() where schema_name = 'history' and table_name = ?"
        if not connection.execute(table, ["loads_told"]).fetchone():
            return {}
        return dict(
            connection.execute(
                "select entity, max(load_seq) from history.loads_told group by entity"
            ).fetchall()
        )


def _replay(state: State, up_to: int) -> None:
    """Build staging as it was after a load, and the snapshots on it."""
    arguments = ["build", "--select", "+resource_type:snapshot"]
    arguments += ["--resource-type", "model", "--resource-type", "snapshot"]
    arguments += ["--vars", f"up_to_load: {up_to}"]
    places = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
    places += ["--target-path", str(state.dbt / "history" / "replay")]
    done = subprocess.run(
        [dbt_executable(), "--quiet", "--no-use-colors", *arguments, *places],
        env={**os.environ, **state.environment()},
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode:
        reason = (done.stdout + done.stderr).strip().split("\n")[-1]
        raise HistoryError(
            f"history could not be told of load {up_to}: {reason}; the log under"
            f" {state.log / 'dbt'} says why. Nothing was lost: the next run tells it again"
        )
