"""What a night with nothing new costs, beside the full night before it on the same exports.

What belongs here: two nights of a simulated municipality, each in a process of its own, and the
table of both. What does not: intake alone (intake). Run as `make benchmark-night`; nothing here
decides pass or fail. Processor time is that of the night and of every process that it starts, dbt's
too; it needs a system that tells it (not Windows).
"""

import argparse
import os
import resource
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.faults.stage import KEY, raaderum

_CONFIGURATION = """
[sources.cases]
profile = "sensum"
location = "demo/cases"
[sources.finance]
profile = "prisme"
location = "demo/finance"
[calendar]
meetings = ["2026-12-09"]
[quality]
silent = ["cpr_replacement"]
"""
"""What `raaderum demo` has embedded."""


@dataclass(frozen=True)
class Spent:
    """What one command took."""

    seconds: float
    processor_seconds: float
    said: str


def spend(folder: Path, *arguments: str) -> Spent:
    """Run `raaderum` in a municipality's folder. Raises CalledProcessError."""
    environment = {
        **os.environ,
        "RAADERUM_HOME": str(folder / "var"),
        "RAADERUM_PSEUDONYM_KEY": KEY,
    }
    started, worked = time.perf_counter(), _processor_seconds()
    done = subprocess.run(
        [raaderum(), *arguments],
        cwd=folder,
        env=environment,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return Spent(time.perf_counter() - started, _processor_seconds() - worked, done.stdout)


def _processor_seconds() -> float:
    """Of all processes that this one has started and seen end, and of theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def nights(folder: Path, children: int) -> tuple[Spent, Spent]:
    """A full night and the one after it, in an empty folder. Raises RuntimeError."""
    shapes = ("--profile", "sensum", "--profile", "prisme")
    spend(folder, "simulate", "--out", "demo", "--children", str(children), *shapes)
    (folder / "raaderum.toml").write_text(_CONFIGURATION, encoding="utf-8")
    full, unchanged = spend(folder, "run"), spend(folder, "run")
    if "Nothing is new" not in unchanged.said:
        raise RuntimeError(f"the second night found something new: {unchanged.said}")
    return full, unchanged


def measured_table(full: Spent, unchanged: Spent) -> Table:
    """Both nights, and the second as a share of the first."""
    table = Table(title="A night with nothing new beside a full one")
    for name in ("night", "s", "of full", "CPU s", "of full"):
        table.add_column(name, justify="left" if name == "night" else "right")
    for name, one in (("full", full), ("nothing new", unchanged)):
        table.add_row(
            name,
            f"{one.seconds:.1f}",
            f"{one.seconds / full.seconds:.0%}",
            f"{one.processor_seconds:.1f}",
            f"{one.processor_seconds / full.processor_seconds:.1%}",
        )
    return table


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--children", type=int, default=10_000, help="the demo has 10,000")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        Console().print(measured_table(*nights(Path(home), given.children)))


if __name__ == "__main__":
    main()
