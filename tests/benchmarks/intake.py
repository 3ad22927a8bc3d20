"""How fast intake reads, beside DuckDB's own reader on the same file in the same minute.

What belongs here: measuring one reading in a process of its own, and the table of ratios. What
does not: the ledgers (ledger). Run as `make benchmark-intake`; nothing here decides pass or fail.

Three readings of one file: `varchar` (DuckDB's read_csv, all columns text, to Parquet), `typed` (the
same with types given), `intake` (our whole load: landing, hashes, encoding, typing, rules, accounts,
pseudonyms, duplicates, Parquet, register). Both have two threads and the same memory limit.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb
import psutil
from rich.console import Console
from rich.table import Table

from orchestration.intake.accounts import Chart
from orchestration.intake.cpr import Pseudonymiser
from orchestration.intake.entity_load import chart_hash
from orchestration.intake.load import Source, Workplace, load_source
from orchestration.intake.profiles import find_profile
from orchestration.intake.raw_store import RawStore
from tests.benchmarks.ledger import FILES, SEEDS, write_ledger

MEMORY_LIMIT = "1GB"
THREADS = 2
READINGS = ("varchar", "typed", "intake")
_SAMPLE_SECONDS = 0.02
_TYPES = (
    "VARCHAR DATE BIGINT BIGINT VARCHAR DECIMAL(18,2) VARCHAR VARCHAR VARCHAR VARCHAR VARCHAR"
).split()
_OPTIONS = {
    "canonical": "delim = ',', dateformat = '%Y-%m-%d'",
    "prisme": "delim = ';', dateformat = '%d-%m-%Y', decimal_separator = ',', thousands = '.'",
}


@dataclass(frozen=True)
class Measured:
    """One reading of one file."""

    rows: int
    seconds: float
    peak: int
    """The most memory that the process held, in bytes."""


def _bare(folder: Path, form: str, typed: bool) -> int:
    """Rows that DuckDB's read_csv takes from the file to a Parquet file."""
    path = folder / FILES[form]
    spill = folder / "spill"
    header = path.open(encoding="utf-8").readline().strip().split(_OPTIONS[form][9])
    types = _TYPES if typed else ["VARCHAR"] * len(_TYPES)
    columns = ", ".join(f"'{n}': '{kind}'" for n, kind in zip(header, types, strict=True))
    with duckdb.connect(
        config={"memory_limit": MEMORY_LIMIT, "threads": THREADS, "temp_directory": str(spill)}
    ) as connection:
        options = _OPTIONS[form] if typed else _OPTIONS[form].split(",  ")[0].split(", dateformat")[0]
        row = connection.execute(
            f"copy (select * from read_csv('{path.as_posix()}', header = true, auto_detect = false,"
            f" quote = '\"', escape = '\"', columns = {{{columns}}}, {options}))"
            f" to '{(folder / 'bare.parquet').as_posix()}' (format parquet)"
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
        report = load_source(Source("ledger", find_profile(form, "finance"), folder), place)
    if report is None or report.stopped_because:
        raise RuntimeError(f"the load did not succeed: {report}")
    return sum(count.rows_loaded for count in report.counts)


def read_here(folder: Path, form: str, reading: str) -> tuple[int, float]:
    """Rows and seconds of one reading, in this process."""
    started = time.perf_counter()
    rows = _ours(folder, form) if reading == "intake" else _bare(folder, form, reading == "typed")
    return rows, time.perf_counter() - started


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
    rows, seconds = output.split()
    return Measured(int(rows), float(seconds), peak)


def measured_table(forms: list[str], megabytes: int, root: Path) -> Table:
    """The table of all readings of each form, one after the other."""
    table = Table(title=f"Intake beside DuckDB's read_csv ({THREADS} threads, {MEMORY_LIMIT})")
    for name in ("ledger", "MB", "rows", "reading", "s", "MB/s", "share of typed", "peak MB"):
        table.add_column(name, justify="left" if name in ("ledger", "reading") else "right")
    for form in forms:
        with tempfile.TemporaryDirectory(dir=root) as home:
            folder = Path(home) / "delivered"
            folder.mkdir()
            size = write_ledger(folder, form, megabytes).stat().st_size / 1e6
            found = {reading: measure(folder, form, reading) for reading in READINGS}
        for reading, one in found.items():
            share = found["typed"].seconds / one.seconds
            table.add_row(
                form,
                f"{size:,.0f}",
                f"{one.rows:,}",
                reading,
                f"{one.seconds:.1f}",
                f"{size / one.seconds:.0f}",
                f"{share:.0%}",
                f"{one.peak / 1e6:,.0f}",
            )
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
        rows, seconds = read_here(given.folder, given.form, given.read)
        sys.stdout.write(f"{rows} {seconds}\n")
        return
    forms = [given.form] if given.form else sorted(FILES)
    Console().print(measured_table(forms, given.mb, given.folder))


if __name__ == "__main__":
    main()
