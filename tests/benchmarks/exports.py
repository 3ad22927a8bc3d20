"""What the exports of one run cost: tables, cockpit, pack, PostgreSQL and the switch.

What belongs here: each export of a published run made anew into a folder of its own, and the table.
What does not: the warehouse (warehouse), the whole night (night). Run as `make benchmark-exports`
after a night, `make demo` for one; nothing here decides pass or fail. Only the shares of one run
say something, since other work may share the machine. PostgreSQL is one of the benchmark's own.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.table import Table

from exports.cockpit import write_cockpit
from exports.committee import make_pack
from exports.disclosure import control
from exports.powerbi import PARAMETERS
from exports.publish import (
    Manifest,
    Target,
    new_run_folder,
    publish_tables,
    publish_to_postgresql,
    read_manifest,
    reporting_frames,
    switch_to,
    write_manifest,
)
from orchestration.manifest import MANIFEST, ensure_manifest
from orchestration.powerbi import powerbi_project
from orchestration.steps.table_keys import table_keys
from tests.servers.postgresql import PostgreSQL, binaries

PUBLISHED = Path("var/published/current")
_MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Spent:
    """The least that a step took in some tries, and what it wrote."""

    seconds: float
    processor_seconds: float
    megabytes: float


class Steps:
    """The exports in the night's order, from the serving file of a published run."""

    def __init__(self, current: Path, home: Path, database: str | None) -> None:
        manifest = read_manifest(current)
        if manifest is None:
            raise FileNotFoundError(f"{current} holds no published run; make one by `make demo`")
        self._serving, self._manifest = current / "serving.duckdb", manifest
        self._published, self._database = home, database
        self._frames: Mapping[str, pd.DataFrame] = reporting_frames(self._serving)
        self.folder = new_run_folder(home, manifest.run_id)

    def named(self) -> dict[str, Callable[[], object]]:
        """The steps by name."""
        steps: dict[str, Callable[[], object]] = {
            "disclosure control": lambda: control(self._frames),
            "serving file and Parquet": self._tables,
            "Power BI project": lambda: powerbi_project(
                self.folder / "powerbi", dict.fromkeys(PARAMETERS, "")
            ),
            "cockpit": lambda: write_cockpit(
                self._frames, "da", self.folder / "cockpit", datetime.now(UTC)
            ),
            "committee pack": lambda: make_pack(
                self._frames, date.fromisoformat(self._manifest.as_of), "da", self.folder / "pack"
            ),
            "manifest and switch": self._switch,
        }
        if self._database:
            steps["PostgreSQL"] = self._to_database
        return steps

    def _tables(self) -> None:
        publish_tables(self._serving, self._frames, self.folder)

    def _switch(self) -> None:
        made = self._manifest
        fresh = Manifest(
            made.run_id, made.as_of, made.load_ids, made.code_version, made.data_version,
            made.published_at,
        )  # fmt: skip
        write_manifest(self.folder, fresh, {})
        switch_to(self.folder, self._published)

    def _to_database(self) -> None:
        keys = table_keys(MANIFEST)
        publish_to_postgresql(self._serving, Target(self._database or ""), self._manifest, keys)


def measured(current: Path, tries: int, database: str | None) -> dict[str, Spent]:
    """Each step at its best of so many tries. Raises FileNotFoundError where there is no run."""
    found: dict[str, list[Spent]] = {}
    ensure_manifest()
    for _ in range(tries):
        with tempfile.TemporaryDirectory(prefix="exports-") as home:
            steps = Steps(current, Path(home), database)
            for name, step in steps.named().items():
                before = _megabytes(steps.folder)
                started, worked = time.perf_counter(), time.process_time()
                step()
                seconds, processor = time.perf_counter() - started, time.process_time() - worked
                written = _megabytes(steps.folder) - before
                found.setdefault(name, []).append(Spent(seconds, processor, written))
    return {
        name: Spent(
            min(one.seconds for one in spent),
            min(one.processor_seconds for one in spent),
            spent[0].megabytes,
        )
        for name, spent in found.items()
    }


def _megabytes(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / _MEGABYTE


def measured_table(spent: Mapping[str, Spent]) -> Table:
    """The steps, each as a share of all."""
    total = sum(one.seconds for one in spent.values())
    table = Table(title=f"Exports of one run: {total:.1f} s")
    for name in ("export", "s", "of all", "CPU s", "MB written"):
        table.add_column(name, justify="left" if name == "export" else "right")
    for name, one in spent.items():
        table.add_row(
            name,
            f"{one.seconds:.2f}",
            f"{one.seconds / total:.0%}",
            f"{one.processor_seconds:.2f}",
            f"{one.megabytes:.1f}",
        )
    return table


@contextmanager
def _database() -> Iterator[str | None]:
    """A PostgreSQL for the length of the block; None where it is not installed."""
    if binaries() is None:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="postgresql-") as folder:
        Path(folder).chmod(0o711)
        server = PostgreSQL.create(Path(folder) / "cluster")
        server.start()
        try:
            yield server.url
        finally:
            server.stop()


def main() -> int:
    """Print the table; 1 where there is no published run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--published", type=Path, default=PUBLISHED, help="a published run")
    parser.add_argument("--tries", type=int, default=3, help="the best of so many counts")
    given = parser.parse_args()
    with _database() as database:
        try:
            spent = measured(given.published, given.tries, database)
        except FileNotFoundError as error:
            sys.stderr.write(f"{error}\n")
            return 1
    Console().print(measured_table(spent))
    return 0


if __name__ == "__main__":
    sys.exit(main())
