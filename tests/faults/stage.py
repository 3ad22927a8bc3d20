"""The stage of the fault campaign: a small municipality one night before a new delivery.

What belongs here: making the stage once, copying it for a trial, running and comparing nights. What
does not: the faults.

A trial starts from a published night on last month's exports, is given this month's, is disturbed,
and is then run plainly. It passes when what is published equals the night that nobody disturbed.
"""

import csv
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import duckdb
import psycopg

from tests.servers.postgresql import PostgreSQL

KEY = "a-secret-for-tests-only-0123456789"
CHILDREN = 300
_NAMES = {"loaded_at", "known_from", "known_to", "load_id", "load_seq", "load_ids"} | {
    "data_quality_key",
    "quality_finding_key",
}
"""Columns that tell when something was done, or number the loads: a load that was stopped has a
number too, so the next one has another than without it."""

HISTORY = {
    *(
        "dim_run",
        "fct_forecast",
        "fct_outturn",
        "fct_outturn_bridge",
        "rpt_outturn_bridge",
        "rpt_load",
    ),
    *("fct_quality_finding", "fct_data_quality", "rpt_data_quality", "rpt_data_quality_month"),
}
"""Tables that tell of earlier runs and loads as well: what they were, forecast and found."""


def raaderum() -> str:
    """The console script of the environment that runs the tests."""
    return str(Path(sys.executable).parent / ("raaderum.exe" if os.name == "nt" else "raaderum"))


@dataclass
class Night:
    """One municipality's folder: configuration, exports, state, and maybe a database."""

    folder: Path
    database: str | None = None
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def home(self) -> Path:
        return self.folder / "var"

    @property
    def current(self) -> Path:
        return self.home / "published" / "current"

    def configure(self, delivery: Path, extra: str = "") -> None:
        """Point the sources at a delivery, whose path is the same for every stage and trial."""
        text = '[municipality]\nname = "Prøve Kommune"\n'
        for name in ("cases", "finance"):
            text += f'[sources.{name}]\nprofile = "canonical"\n'
            text += f'location = "{(delivery / name).as_posix()}"\n'
        text += "[forecast]\nsamples = 100\nworkers = 1\n"
        if self.database:
            text += f'[publish.postgresql]\nurl = "{self.database}"\n'
        (self.folder / "raaderum.toml").write_text(text + extra, encoding="utf-8")

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start `raaderum` as the leader of a process group of its own."""
        return subprocess.Popen(
            [raaderum(), *arguments],
            cwd=self.folder,
            env={
                **os.environ,
                "RAADERUM_HOME": str(self.home),
                "RAADERUM_PSEUDONYM_KEY": KEY,
                **self.environment,
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            start_new_session=True,
        )

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `raaderum` to its end."""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=3000)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)


@dataclass
class Stage:
    """What every trial starts from and is compared with."""

    folder: Path
    server: PostgreSQL | None
    expected: dict[str, str] = field(default_factory=dict)
    durations: list[float] = field(default_factory=list)
    """Seconds of each part of the undisturbed night, as its lines told them."""

    @property
    def before(self) -> Path:
        """The exports of the night that was published."""
        return self.folder / "before"

    @property
    def after(self) -> Path:
        """The exports of the night that is disturbed."""
        return self.folder / "after"

    def trial(self, name: str) -> Night:
        """A copy of the stage with this month's delivery in its folder."""
        folder = self.folder / "trials" / name
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.folder / "warm", folder, symlinks=True)
        night = Night(folder, self._database(name))
        deliver(self.after, folder / "exports")
        night.configure(Path("exports"))
        return night

    def forget(self, night: Night) -> None:
        """Remove a trial that is over."""
        shutil.rmtree(night.folder, ignore_errors=True)
        if self.server and night.database:
            with psycopg.connect(self.server.url, autocommit=True) as server:
                name = night.database.rpartition("/")[2]
                server.execute(f"drop database if exists {name} with (force)")

    def _database(self, name: str, template: str = "warm") -> str | None:
        if self.server is None:
            return None
        safe = "trial_" + re.sub(r"\W", "_", name).lower()
        with psycopg.connect(self.server.url, autocommit=True) as server:
            server.execute(f"drop database if exists {safe} with (force)")
            server.execute(f"create database {safe} template {template}")
        return self.server.url.rpartition("/")[0] + f"/{safe}"


def make_stage(folder: Path, server: PostgreSQL | None) -> Stage:
    """Two deliveries, the published night on the first, and what the second gives undisturbed.

    A folder where that was made before is taken as it is.
    """
    stage, known = Stage(folder, server), folder / "stage.json"
    if known.is_file():
        found = json.loads(known.read_text("utf-8"))
        return Stage(folder, server, found["expected"], found["durations"])
    folder.mkdir(parents=True, exist_ok=True)
    arguments = ("--children", str(CHILDREN), "--from", "2024-01", "--to", "2026-10")
    simulate = [raaderum(), "simulate", "--out", str(stage.after), *arguments]
    subprocess.run(simulate, check=True, stdout=subprocess.DEVNULL)
    _month_before(stage.after, stage.before)
    warm = Night(folder / "warm")
    warm.folder.mkdir()
    if server:
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute("create database warm")
        warm.database = server.url.rpartition("/")[0] + "/warm"
    deliver(stage.before, warm.folder / "exports")
    warm.configure(Path("exports"))
    done = warm.run("run")
    if done.returncode:
        raise RuntimeError(f"the stage cannot be made:\n{done.stdout}{done.stderr}")
    undisturbed = stage.trial("undisturbed")
    process = undisturbed.start("run")
    moments = [time.monotonic(), *(moment for moment, _ in lines(process))]
    if process.wait():
        raise RuntimeError(f"the undisturbed night failed; its log is in {undisturbed.home}/log")
    stage.durations = [later - sooner for sooner, later in pairwise(moments)]
    stage.expected = published(undisturbed)
    stage.forget(undisturbed)
    made = {"expected": stage.expected, "durations": stage.durations}
    known.write_text(json.dumps(made), encoding="utf-8")
    return stage


def _month_before(after: Path, before: Path) -> None:
    """The same exports a month earlier: without what happened in the last month."""
    shutil.copytree(after, before)
    for name, column in (
        ("finance/postings.csv", "posting_date"),
        ("cases/notifications.csv", "received_at"),
    ):
        path = before / name
        with path.open(encoding="utf-8", newline="") as handle:
            rows = list(csv.DictReader(handle))
        with path.open("w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(row for row in rows if row[column] < "2026-10-01")


def lines(process: subprocess.Popen[str]) -> Iterator[tuple[float, str]]:
    """What a process says of its progress, each line with the moment when it came."""
    assert process.stderr is not None
    for line in process.stderr:
        yield time.monotonic(), line.strip()


def deliver(delivery: Path, exports: Path) -> None:
    """Put a delivery where the source looks for it, file by file, each in one step."""
    for path in sorted(delivery.rglob("*.csv")):
        if "truth" in path.parts:
            continue
        target = exports / path.relative_to(delivery)
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_name("." + target.name)
        shutil.copyfile(path, partial)
        partial.replace(target)


def published(night: Night) -> dict[str, str]:
    """A hash of every published table: of the Parquet files, and of PostgreSQL where it is."""
    manifest = json.loads((night.current / "manifest.json").read_text("utf-8"))
    loads = set(manifest["load_ids"])
    found = {
        path.stem: _parquet_hash(path, loads)
        for path in sorted((night.current / "parquet").glob("*.parquet"))
    }
    found["run_id"] = manifest["run_id"]
    if night.database:
        found |= _in_database(night.database, loads)
    return found


def _in_database(url: str, loads: set[str]) -> dict[str, str]:
    with psycopg.connect(url) as connection:
        tables = connection.execute(
            "select schemaname, tablename from pg_tables"
            " where schemaname in ('marts', 'reporting') order by 1, 2"
        ).fetchall()
        found = {}
        for schema, name in tables:
            cursor = connection.execute(f'select * from {schema}."{name}"')
            # The tables themselves are compared: their numbers of rows count those left out below.
            manifest = name == "published_manifest"
            names = [
                "loaded_at" if manifest and item.name == "rows" else item.name
                for item in cursor.description or ()
            ]
            rows = [dict(zip(names, row, strict=True)) for row in cursor]
            found[f"postgresql {schema}.{name}"] = _rows_hash(rows, loads)
    return found


def _parquet_hash(path: Path, loads: set[str]) -> str:
    with duckdb.connect() as connection:
        table = connection.sql(f"select * from '{path.as_posix()}'")
        rows = [dict(zip(table.columns, row, strict=True)) for row in table.fetchall()]
    return _rows_hash(rows, loads)


def _rows_hash(rows: list[Mapping[str, object]], loads: set[str]) -> str:
    """Of a table's content, in whatever order its rows stand.

    What a load was found wrong with that was stopped is kept, and no part of the comparison: only
    rows of `loads`, those in force, and rows of no load are.
    """
    lines = sorted(
        repr([(key, str(value)) for key, value in row.items() if key not in _NAMES])
        for row in rows
        if row.get("load_id") is None or row["load_id"] in loads
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def differences(night: Night, stage: Stage) -> list[str]:
    """The tables in which a trial's result is not the undisturbed one."""
    found = published(night)
    return sorted(
        name
        for name in found.keys() | stage.expected.keys()
        if found.get(name) != stage.expected.get(name)
    )
