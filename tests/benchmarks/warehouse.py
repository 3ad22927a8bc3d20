"""What building the warehouse costs as the municipality grows: seconds, memory and rows, as ratios.

What belongs here: simulated municipalities of several sizes, one `dbt build` of each with every
data test, and the tables. What does not: intake (intake), the whole night (night). Run as
`make benchmark-warehouse`; nothing here decides pass or fail. Only the ratios of one run say
something, and those of processor time say most, since other work may share the machine.

Beyond what is worth simulating, a municipality is made of copies of a smaller one (copies). With
`--memory 8GB` DuckDB holds no more than that and puts the rest on the disk.

The second table names the models whose time grew faster than the rows that were delivered, among
those that took long enough to tell.
"""

import argparse
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import psutil
import yaml
from rich.console import Console
from rich.table import Table

from orchestration.manifest import PROJECT, dbt_executable
from orchestration.settings import read_settings
from orchestration.state import State
from orchestration.steps.intake import take_in
from tests.benchmarks.copies import multiply
from tests.faults.stage import KEY, raaderum

CONFIGURATION = """
[sources.cases]
profile = "canonical"
location = "demo/cases"
[sources.finance]
profile = "canonical"
location = "demo/finance"
"""
_MOST_SIMULATED = 100_000
_SAMPLE_SECONDS = 0.1
_LEAST_SECONDS = 0.5
"""A model that took less at the largest size is not judged: its time is that of starting it."""


@dataclass(frozen=True)
class Built:
    """One build: what went in, what came out, and what it took."""

    children: int
    delivered: int
    """Rows of the canonical entities in the raw layer."""
    rows: Mapping[str, int]
    """Rows by table of the warehouse, `schema.table`."""
    seconds: float
    processor_seconds: float
    peak: int
    """The most memory that dbt held, in bytes."""
    model_seconds: Mapping[str, float]

    @property
    def produced(self) -> int:
        """Rows of all tables together."""
        return sum(self.rows.values())


def prepare(folder: Path, children: int) -> State:
    """A simulated municipality, taken in: its raw layer is ready for dbt."""
    copies = -(-children // _MOST_SIMULATED)
    subprocess.run(
        [raaderum(), "simulate", "--out", "demo", "--children", str(children // copies)],
        cwd=folder,
        env={**os.environ, "RAADERUM_HOME": str(folder / "var"), "RAADERUM_PSEUDONYM_KEY": KEY},
        check=True,
        stdout=subprocess.DEVNULL,
    )
    (folder / "raaderum.toml").write_text(CONFIGURATION, encoding="utf-8")
    state = State(folder / "var")
    state.prepare()
    take_in(read_settings(folder / "raaderum.toml"), state, KEY.encode(), datetime.now(UTC).date())
    multiply(state.raw, copies)
    return state


def limited_to(memory: str, folder: Path) -> Path:
    """dbt's profiles with a limit on what DuckDB holds, e.g. `8GB`: the folder that they are in."""
    profiles = yaml.safe_load((PROJECT / "profiles.yml").read_text(encoding="utf-8"))
    profiles["raaderum"]["outputs"]["warehouse"]["settings"] = {"memory_limit": memory}
    (folder / "profiles.yml").write_text(yaml.safe_dump(profiles), encoding="utf-8")
    return folder


def build(state: State, children: int, *arguments: str, profiles: Path = PROJECT) -> Built:
    """Build the warehouse from nothing, and measure it. Raises RuntimeError where dbt fails."""
    target = state.home / "target"
    started, used = time.perf_counter(), _Used()
    with (state.home / "dbt.txt").open("w+", encoding="utf-8") as said:
        process = subprocess.Popen(
            [
                *(dbt_executable(), "build", "--exclude-resource-type", "unit_test", *arguments),
                *("--project-dir", str(PROJECT), "--profiles-dir", str(profiles)),
                *("--target-path", str(target), "--log-path", str(state.log)),
            ],
            env={**os.environ, **state.environment()},
            stdout=said,
            stderr=subprocess.STDOUT,
        )
        while process.poll() is None:
            used.look(process.pid)
            time.sleep(_SAMPLE_SECONDS)
        seconds = time.perf_counter() - started
        said.seek(0)
        if process.returncode:
            raise RuntimeError(said.read()[-4000:])
    results = json.loads((target / "run_results.json").read_text("utf-8"))["results"]
    took = {
        item["unique_id"].rsplit(".", 1)[1]: float(item["execution_time"])
        for item in results
        if item["unique_id"].startswith("model.")
    }
    with duckdb.connect(str(state.warehouse), read_only=True) as connection:
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables()"
        ).fetchall()
        rows = {
            f"{schema}.{table}": _count(connection, f'{schema}."{table}"')
            for schema, table in tables
        }
    delivered = sum(
        count for table, count in rows.items() if table.startswith(("staging.stg_cases",
                                                                    "staging.stg_finance"))
    )  # fmt: skip
    return Built(children, delivered, rows, seconds, used.processor, used.peak, took)


@dataclass
class _Used:
    """What a process has used when it was last looked at: it is gone when it has ended."""

    processor: float = 0.0
    peak: int = 0

    def look(self, pid: int) -> None:
        try:
            process = psutil.Process(pid)
            times, memory = process.cpu_times(), process.memory_info()
        except psutil.Error:
            return
        self.processor = times.user + times.system
        self.peak = max(self.peak, int(memory.rss))


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    row = connection.execute(f"select count(*) from {table}").fetchone()
    return int(row[0]) if row else 0


def builds_table(builds: Sequence[Built]) -> Table:
    """Every size, with ratios to the first."""
    table = Table(title="dbt build, every data test included")
    heads = ("children", "rows in", "×", "rows out", "out per in", "s", "×", "processor s", "×",
             "rows in/s", "peak MB", "×")  # fmt: skip
    for head in heads:
        table.add_column(head, justify="right")
    base = builds[0]
    for one in builds:
        table.add_row(
            f"{one.children:,}",
            f"{one.delivered:,}",
            f"{one.delivered / base.delivered:.1f}",
            f"{one.produced:,}",
            f"{one.produced / one.delivered:.2f}",
            f"{one.seconds:.0f}",
            f"{one.seconds / base.seconds:.1f}",
            f"{one.processor_seconds:.0f}",
            f"{one.processor_seconds / base.processor_seconds:.1f}",
            f"{one.delivered / one.seconds:,.0f}",
            f"{one.peak / 1e6:,.0f}",
            f"{one.peak / base.peak:.1f}",
        )
    return table


def models_table(first: Built, last: Built, count: int = 12) -> Table:
    """The models that took longest at the last size: seconds, and growth beside the rows'."""
    grown = last.delivered / first.delivered
    table = Table(title=f"Longest models; the rows delivered grew {grown:.1f} times")
    for head in ("model", "s first", "s last", "×", "faster than rows"):
        table.add_column(head, justify="left" if head == "model" else "right")
    longest = sorted(last.model_seconds.items(), key=lambda item: -item[1])[:count]
    for name, seconds in longest:
        before = max(first.model_seconds.get(name, 0.0), 0.01)
        judged = seconds >= _LEAST_SECONDS
        more = "yes" if judged and seconds / before > 1.25 * grown else ""
        table.add_row(name, f"{before:.2f}", f"{seconds:.2f}", f"{seconds / before:.1f}", more)
    return table


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--children", type=int, default=2_000, help="of size 1; the demo has 10,000"
    )
    parser.add_argument("--sizes", default="1,5", help="multiples of it, from small to large")
    parser.add_argument("--memory", help="the most that DuckDB may hold, e.g. 8GB")
    given = parser.parse_args()
    builds = []
    for size in (int(text) for text in given.sizes.split(",")):
        with tempfile.TemporaryDirectory() as home:
            children = size * given.children
            state = prepare(Path(home), children)
            profiles = limited_to(given.memory, Path(home)) if given.memory else PROJECT
            builds.append(build(state, children, profiles=profiles))
            Console(stderr=True).print(f"{children:,} children: {builds[-1].seconds:.0f} s")
    console = Console(width=max(Console().width, 110))
    console.print(builds_table(builds))
    console.print(models_table(builds[0], builds[-1]))


if __name__ == "__main__":
    main()
