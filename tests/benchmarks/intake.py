"""How fast intake reads, beside DuckDB's own reader on the same file in the same minute.

What belongs here: measuring one reading in a process of its own, and the table of ratios. What
does not: the ledgers (ledger). Run as `make benchmark-intake`; nothing here decides pass or fail.

Three readings of one file, each with two threads and the same memory limit: `varchar` is DuckDB's
read_csv to a Parquet file, all columns text; `typed` is the same with the columns' types given;
`intake` is our whole load: landing, hashes, encoding, typing, rules, accounts, pseudonyms,
duplicates, Parquet, register.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import duckdb
import psutil
from rich.console import Console
from rich.table import Table

from orchestration.intake.accounts import Chart
from orchestration.intake.arrivals import Source
from orchestration.intake.cpr import Pseudonymiser
from orchestration.intake.entity_load import chart_hash
from orchestration.intake.load import Workplace, load_source
from orchestration.intake.profiles import find_profile
from orchestration.intake.raw_store import RawStore
from orchestration.intake.sources.folder import FolderOrigin
from tests.benchmarks.ledger import FILES, SEEDS, TYPES, write_ledger

MEMORY_LIMIT = os.environ.get("RAADERUM_BENCHMARK_MEMORY", Workplace.memory_limit)
THREADS = 2
READINGS = ("varchar", "typed", "intake")
_SAMPLE_SECONDS = 0.02
_TEXT_OPTIONS = {"canonical": "delim = ','", "prisme": "delim = ';'"}
_TYPED_OPTIONS = {
    "canonical": "dateformat = '%Y-%m-%d'",
    "prisme": "dateformat = '%d-%m-%Y', decimal_separator = ',', thousands = '.'",
}


@dataclass(frozen=True)
class Measured:
    """One reading of one file."""

    rows: int
    seconds: float
    processor_seconds: float
    """Of all threads: what is compared where other work shares the machine."""
    peak: int
    """The most memory that the process held, in bytes."""


def _bare(folder: Path, form: str, typed: bool) -> int:
    """Rows that DuckDB's read_csv takes from the file to a Parquet file."""
    path = folder / FILES[form]
    types = TYPES if typed else dict.fromkeys(TYPES, "VARCHAR")
    options = _TEXT_OPTIONS[form] + (f", {_TYPED_OPTIONS[form]}" if typed else "")
    config = {
        "memory_limit": MEMORY_LIMIT,
        "threads": THREADS,
        "temp_directory": str(folder.parent / "spill"),
    }
    with duckdb.connect(config=config) as connection:
        row = connection.execute(
            f"copy (select * from read_csv('{path.as_posix()}', header = true, auto_detect = false,"
            f" quote = '\"', escape = '\"', columns = {types}, {options}))"
            f" to '{(folder.parent / 'bare.parquet').as_posix()}' (format parquet)"
        ).fetchone()
    return int(row[0]) if row else 0


def _ours(folder: Path, form: str) -> int:
    """Rows that our load takes from the folder of deliveries to the raw layer."""
    with tempfile.TemporaryDirectory(dir=folder.parent) as home:
        store = RawStore(Path(home) / "raw")
        store.prepare()
        functions = SEEDS / "ref_functions.csv"
        place = Workplace(
            store=store,
            landing=Path(home) / "landing",
            secret=Pseudonymiser(b"a key of the benchmark, 32 bytes"),
            chart=Chart.from_csv(functions),
            chart_hash=chart_hash(functions.read_bytes()),
            memory_limit=MEMORY_LIMIT,
        )
        report = load_source(
            Source("ledger", find_profile(form, "finance"), FolderOrigin(folder)), place
        )
    if report is None or report.stopped_because:
        raise RuntimeError(f"the load did not succeed: {report}")
    return sum(count.rows_loaded for count in report.counts)


def read_here(folder: Path, form: str, reading: str) -> tuple[int, float, float]:
    """Rows, seconds and processor seconds of one reading, in this process."""
    # pyarrow loads it at its first array: a night has done so long before its first file.
    import_module("pandas")
    started, worked = time.perf_counter(), time.process_time()
    rows = _ours(folder, form) if reading == "intake" else _bare(folder, form, reading == "typed")
    return rows, time.perf_counter() - started, time.process_time() - worked


def measure(folder: Path, form: str, reading: str) -> Measured:
    """One reading in a process of its own, whose memory is sampled until it ends."""
    command = [sys.executable, "-m", __spec__.name, "--read", reading, "--form", form]
    with subprocess.Popen(
        [*command, "--folder", str(folder)], stdout=subprocess.PIPE, text=True
    ) as process:
        peak = 0
        watched = psutil.Process(process.pid)
        while process.poll() is None:
            try:
                peak = max(peak, watched.memory_info().rss)
            except psutil.NoSuchProcess:
                break
            time.sleep(_SAMPLE_SECONDS)
        output = process.communicate()[0]
    if process.returncode:
        raise RuntimeError(f"reading {reading} ended with exit code {process.returncode}")
    rows, seconds, worked = output.split()
    return Measured(int(rows), float(seconds), float(worked), peak)


def measured_table(forms: list[str], megabytes: int, root: Path) -> Table:
    """The table of all readings of each form, one after the other."""
    table = Table(title=f"Intake beside DuckDB's read_csv ({THREADS} threads, {MEMORY_LIMIT})")
    names = ("ledger", "MB", "rows", "reading", "s", "MB/s", "of typed", "CPU s", "of typed", "MB")
    for name in names:
        table.add_column(name, justify="left" if name in ("ledger", "reading") else "right")
    for form in forms:
        with tempfile.TemporaryDirectory(dir=root) as home:
            folder = Path(home) / "delivered"
            folder.mkdir()
            size = write_ledger(folder, form, megabytes).stat().st_size / 1e6
            found = {reading: measure(folder, form, reading) for reading in READINGS}
        typed = found["typed"]
        for reading, one in found.items():
            table.add_row(
                form,
                f"{size:,.0f}",
                f"{one.rows:,}",
                reading,
                f"{one.seconds:.1f}",
                f"{size / one.seconds:.0f}",
                f"{typed.seconds / one.seconds:.0%}",
                f"{one.processor_seconds:.1f}",
                f"{typed.processor_seconds / one.processor_seconds:.0%}",
                f"{one.peak / 1e6:,.0f}",
            )
    table.caption = "Shares are speeds: 50 % of typed is half as fast. Last: peak memory in MB."
    return table


def main() -> None:
    """Print the table, or with --read the rows and seconds of one reading."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mb", type=int, default=200, help="size of each ledger (default 200)")
    parser.add_argument("--form", choices=sorted(FILES), help="one form only")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()))
    parser.add_argument("--read", choices=READINGS, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.read:
        found = read_here(given.folder, given.form, given.read)
        sys.stdout.write(" ".join(map(str, found)) + "\n")
        return
    forms = [given.form] if given.form else sorted(FILES)
    Console().print(measured_table(forms, given.mb, given.folder))


if __name__ == "__main__":
    main()
